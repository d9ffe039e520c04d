"""What can be wrong when the directory is asked."""

from datetime import date
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from chauban.directory.models import IssuingBody


class DirectoryError(Exception):
    """Root of what the directory raises on purpose."""


class UnknownOrganCode(DirectoryError):
    def __init__(self, code: str) -> None:
        super().__init__(f"{code}: no body has or had this code")
        self.code = code


class OrganCodeRetired(DirectoryError):
    """The code was a body's, and is no longer: codes are never given to another body."""

    def __init__(self, code: str, body: "IssuingBody", day: date) -> None:
        super().__init__(f"{code}: not in force on {day}; it was the code of {body.key}")
        self.code, self.body, self.day = code, body, day


class ListingTooShort(DirectoryError):
    """An axis lists so few organisations that its answer is not believed."""

    def __init__(self, gateway: str, listed: int, known: int) -> None:
        super().__init__(f"{gateway} lists {listed} organisations; {known} are known")
        self.gateway, self.listed, self.known = gateway, listed, known


class BodyHasNoCode(DirectoryError):
    def __init__(self, body: "IssuingBody", day: date) -> None:
        super().__init__(f"{body.key} has no code for exchange on {day}")
        self.body, self.day = body, day


# --- A change of the directory that a rule forbids -------------------------------------------


class ChangeRefused(DirectoryError):
    """Root of what an administrator may not change; `rule` names the rule."""

    rule: ClassVar[str]

    def __init__(self, what: str, day: date | None = None) -> None:
        super().__init__(f"{self.rule}: {what}" + (f" ({day})" if day else ""))
        self.what, self.day = what, day


class NotInForce(ChangeRefused):
    """What is to be changed from a day on has not begun by then, or has ended."""

    rule = "in-force-on-that-day"


class EndsBeforeItBegins(ChangeRefused):
    rule = "ends-after-it-begins"


class OutsideItsWhole(ChangeRefused):
    """A post, unit or body lies within the time of its agency, a stand-in within the post's."""

    rule = "within-its-whole"


class NameUnchanged(ChangeRefused):
    rule = "another-name"


class NameChangedLater(ChangeRefused):
    """Names follow one another: the newest stands from a later day already."""

    rule = "names-in-order"


class SymbolTaken(ChangeRefused):
    """Two units of an agency, or bodies of one registry, would sign with one abbreviation."""

    rule = "one-symbol-each"


class CodeMalformed(ChangeRefused):
    rule = "form-of-the-code"


class CodeTaken(ChangeRefused):
    """Codes are never reused (QĐ 20/2020/QĐ-TTg)."""

    rule = "a-code-once"


class PostsStand(ChangeRefused):
    """A unit does not end under people who hold posts in it."""

    rule = "no-posts-in-it"


class AgenciesStandBelow(ChangeRefused):
    rule = "no-agencies-below"


class NobodyTakesOver(ChangeRefused):
    """Holdings, tasks and late messages of an agency that ends need an heir (Công văn 414)."""

    rule = "somebody-takes-over"


class SucceedsItself(ChangeRefused):
    rule = "another-takes-over"


class HeldAlready(ChangeRefused):
    """The person holds the same post there already."""

    rule = "a-post-once"


class KeysApart(ChangeRefused):
    """Who administers neither signs nor seals, and the reverse (Điều 32, 33; QCVN 12 Q6)."""

    rule = "administrators-hold-no-keys"


class OwnPost(ChangeRefused):
    """Nobody gives a post to himself, nor ends the one he administers by."""

    rule = "nobody-appoints-himself"


class StandInWithoutEnd(ChangeRefused):
    rule = "a-stand-in-ends"


class EmailTaken(ChangeRefused):
    rule = "one-person-per-address"


class DayDecidedAlready(ChangeRefused):
    rule = "a-day-decided-once"


class DayAsItIs(ChangeRefused):
    """The calendar says so already: nothing to decide."""

    rule = "a-decision-changes-the-day"


class AlreadyBegun(ChangeRefused):
    """The first agency and its administrator are entered once; then they enter the others."""

    rule = "an-installation-begins-once"
