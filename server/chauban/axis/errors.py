"""The axis's typed refusals. `code` is the ErrorCode on the wire.

The national axis's numbers are not published; these follow the façades that are known to pass
them on (edxml.md 12.2), and continue them.
"""

from typing import ClassVar


class AxisRefusal(Exception):
    """Root of what the axis refuses on purpose; detail is the fact that the words need."""

    code: ClassVar[str]

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidFile(AxisRefusal):
    """No file, or its bytes are not those that `hash-file` names."""

    code = "10"


class UnknownSystem(AxisRefusal):
    """Unknown system or wrong secret: which of the two is not told."""

    code = "15"


class RequestTooOld(AxisRefusal):
    """The signed time of the request is not within the window: a replay, or a wrong clock."""

    code = "16"


class UnknownPackage(AxisRefusal):
    """No package of that id that this system sent or may fetch."""

    code = "17"


class UnknownAddressee(AxisRefusal):
    code = "18"


class SenderNotRegistered(AxisRefusal):
    """The sending agency is not one of the calling system's."""

    code = "19"


class RecipientLocked(AxisRefusal):
    """The system that fetches for the recipient is locked: nothing would be fetched."""

    code = "23"


class MissingParameter(AxisRefusal):
    code = "21"


class MalformedMessage(AxisRefusal):
    code = "22"


class MessageTooLarge(AxisRefusal):
    """detail is the limit in MB."""

    code = "24"


class AttachmentTooLarge(AxisRefusal):
    """One file of the message is over its own limit; detail is that limit in MB."""

    code = "33"


class SecretMessage(AxisRefusal):
    """Marked as a state secret: refused before content is decoded or stored."""

    code = "25"


class HasDTD(AxisRefusal):
    code = "26"


class SystemLocked(AxisRefusal):
    """The calling system, known by its secret, was switched off by the axis's operator."""

    code = "27"


class TooManyCalls(AxisRefusal):
    """detail is the limit per minute."""

    code = "28"


class DuplicateDocument(AxisRefusal):
    """The recipient has this new document in other bytes already (edxml.md 6.7)."""

    code = "29"


class Replayed(AxisRefusal):
    """A call that changes something came twice with one signature."""

    code = "30"


class WrongWay(AxisRefusal):
    """The recipient is beyond the very axis that hands the message over: none goes back."""

    code = "31"


class TooManyHops(AxisRefusal):
    """The message passed more axes than there can be on a way; detail is the limit."""

    code = "32"


class OperatingError(Exception):
    """Root of what the operator's acts refuse."""


class SystemExists(OperatingError):
    def __init__(self, system_id: str) -> None:
        super().__init__(system_id)
        self.system_id = system_id


class MemberElsewhere(OperatingError):
    """Another system fetches for that code; it is removed there first."""

    def __init__(self, organ_id: str, name: str) -> None:
        super().__init__(f"{organ_id}: {name}")
        self.organ_id, self.name = organ_id, name


class NoNeighbour(OperatingError):
    """The system has no address of its own."""

    def __init__(self, system_id: str) -> None:
        super().__init__(system_id)
        self.system_id = system_id


class NothingToOffer(OperatingError):
    """The copy did not fail, or its agency or system is not on the axis now."""
