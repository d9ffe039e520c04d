"""What can be wrong with a number, a date or an entry in a register."""

from datetime import date

from chauban.registers.models import IncomingDocument, OutgoingDocument


class RegisterError(Exception):
    """Root of what the registers raise on purpose; `words.explain` puts it in words."""


class ClockBehindSeries(RegisterError):
    """A number would get a date before the date of the number before it."""

    def __init__(self, series_name: str, *, last_date: date, today: date) -> None:
        super().__init__(f"{series_name}: last dated {last_date}, the clock says {today}")
        self.series_name, self.last_date, self.today = series_name, last_date, today


class KindWithoutSeries(RegisterError):
    """The head of this body has decided on series, and none numbers this kind."""

    def __init__(self, kind: str, body_name: str) -> None:
        super().__init__(f"{body_name} numbers no {kind}")
        self.kind, self.body_name = kind, body_name


class KindInTwoSeries(RegisterError):
    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind} stands in two groups")
        self.kind = kind


class SeriesHasBegun(RegisterError):
    """A first number can be set only before the first number is given."""

    def __init__(self, series_name: str, year: int) -> None:
        super().__init__(f"{series_name} {year} has begun")
        self.series_name, self.year = series_name, year


class NotCancellable(RegisterError):
    def __init__(self, document: OutgoingDocument) -> None:
        super().__init__(f"{document.code} is {document.state}")
        self.code, self.state = document.code, document.get_state_display()


class CancellationWithoutReason(RegisterError):
    def __init__(self, code: str) -> None:
        super().__init__(f"{code}: no reason given")
        self.code = code


class NotRecallable(RegisterError):
    """Only an issued document is recalled; an earlier number is cancelled."""

    def __init__(self, document: OutgoingDocument) -> None:
        super().__init__(f"{document.code} is {document.state}")
        self.code, self.state = document.code, document.get_state_display()


class RecallWithoutReason(RegisterError):
    pass


class NotAnnounced(RegisterError):
    """The document said to announce the recall is none that the body has issued."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code} announces nothing")
        self.code = code


class NotReplaceable(RegisterError):
    """Only an issued document of the same body, not replaced yet, is replaced or amended."""

    def __init__(self, document: OutgoingDocument) -> None:
        super().__init__(f"{document.code} is {document.state}, or replaced")
        self.code, self.state = document.code, document.get_state_display()


class DocumentMoved(RegisterError):
    """The document is no longer in the state that the act begins with."""

    def __init__(self, document: OutgoingDocument) -> None:
        super().__init__(f"{document.code} is {document.state}")
        self.code, self.state = document.code, document.get_state_display()


class AlreadyRegistered(RegisterError):
    """The sender's document is in this register already: its identifier repeats (F1.h)."""

    def __init__(self, earlier: IncomingDocument) -> None:
        super().__init__(
            f"{earlier.document_id or earlier.code} has number {earlier.arrival_number}"
        )
        self.earlier = earlier


class CodeRepeats(AlreadyRegistered):
    """Number, symbol and issuer all repeat (F1.h): the clerk must say that it is another."""
