"""What can be wrong with issuing, receiving and answering; `words.explain` puts it in words."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chauban.directory.models import IssuingBody
    from chauban.exchange.models import Delivery, IncomingMessage, ReceivedRecall, Recipient
    from chauban.registers.models import IncomingDocument, OutgoingDocument


class ExchangeError(Exception):
    """Root of what the exchange raises on purpose."""


class NotSealed(ExchangeError):
    """Only a document with number, date and the organisation's signature is issued."""

    def __init__(self, document: "OutgoingDocument") -> None:
        super().__init__(f"{document.code} is {document.state}")
        self.code, self.state = document.code, document.get_state_display()


class AlreadyIssued(ExchangeError):
    def __init__(self, document: "OutgoingDocument") -> None:
        super().__init__(f"{document.code} has been issued")
        self.code = document.code


class NoRecipients(ExchangeError):
    def __init__(self, document: "OutgoingDocument") -> None:
        super().__init__(f"{document.code} has no recipients")
        self.code = document.code


class NotReadyToDecide(ExchangeError):
    """The signatures of a delivery are still being checked."""

    def __init__(self, delivery: "Delivery") -> None:
        super().__init__(f"delivery {delivery.pk} is {delivery.state}")
        self.delivery = delivery


class AlreadyDecided(ExchangeError):
    def __init__(self, delivery: "Delivery") -> None:
        super().__init__(f"delivery {delivery.pk} is {delivery.state}")
        self.delivery, self.state = delivery, delivery.get_state_display()


class AcceptanceNotAllowed(ExchangeError):
    """Registered as more than its signatures are worth (QĐ 28/2018/QĐ-TTg Điều 5)."""

    def __init__(self, delivery: "Delivery", acceptance: str) -> None:
        super().__init__(f"{delivery.proposal} does not allow {acceptance}")
        self.proposal, self.acceptance = delivery.get_proposal_display(), acceptance


class ReturnWithoutReason(ExchangeError):
    pass


class NothingToResend(ExchangeError):
    """The recipient has answered, or its copy is still on its way."""

    def __init__(self, recipient: "Recipient") -> None:
        super().__init__(f"{recipient.name}: nothing to send again")
        self.name = recipient.name


class ChannelNotPossible(ExchangeError):
    """The recipient cannot get the document by this channel, or gets it so already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: not by this channel")
        self.name = name


class DispatchNotOpen(ExchangeError):
    """It has been dealt with, or is on its way."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: not in a state for this")
        self.name = name


class NobodySigned(ExchangeError):
    """What is brought by hand is signed for (PL IV.I, "ký nhận")."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: nobody is named who signed for it")
        self.name = name


class DayNotPossible(ExchangeError):
    """A day before the document was owed or sent, or a day to come."""

    def __init__(self, first: date, last: date) -> None:
        super().__init__(f"not within {first} and {last}")
        self.first, self.last = first, last


class SeveralHeirs(ExchangeError):
    """The code is retired, and several bodies took over from the one that had it."""

    def __init__(
        self, code: str, predecessor: "IssuingBody", heirs: "Sequence[IssuingBody]"
    ) -> None:
        super().__init__(f"{code} of {predecessor.key}: {len(heirs)} successors")
        self.code, self.predecessor, self.heirs = code, predecessor, heirs


class NotSetAsideForSuccessor(ExchangeError):
    """The package does not wait to be handed to a successor, or not to this one."""

    def __init__(self, message: "IncomingMessage") -> None:
        super().__init__(f"package {message.package_id} is {message.state} ({message.refusal})")
        self.message = message


class NothingToAsk(ExchangeError):
    """The recipient has agreed, or cannot be asked on the axis."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: nothing to ask")
        self.name = name


class RecallAnswered(ExchangeError):
    """The recall was answered otherwise already."""

    def __init__(self, recall: "ReceivedRecall") -> None:
        super().__init__(f"recall {recall.pk} is {recall.state}")
        self.state = recall.get_state_display()


class RefusalWithoutReason(ExchangeError):
    pass


class RecallNotRefusable(ExchangeError):
    """A document that is not registered is not kept against its sender's will."""


class NotToPassOn(ExchangeError):
    """It is recalled, or its sender asks for it back, or there is no file to pass on."""

    def __init__(self, document: "IncomingDocument") -> None:
        super().__init__(f"incoming {document.arrival_number} is {document.state}")
        self.arrival_number = document.arrival_number


class NobodyToPassOnTo(ExchangeError):
    pass


class AlreadyPassedOn(ExchangeError):
    """The agency has the document already: from us, or because it sent it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has it")
        self.name = name


class Refused(ExchangeError):
    """The machine's own refusal of a package; detail is the fact that the words need."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail
