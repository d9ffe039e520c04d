"""What can be wrong with asking for opinions, giving one and taking it in."""

from datetime import datetime

from chauban.workflow.errors import WorkflowError


class OpinionError(WorkflowError):
    """Root of what is wrong with opinions."""


class NobodyAsked(OpinionError):
    """A round names at least one person or unit."""


class AskedHimself(OpinionError):
    """Who asks is not asked."""


class AskedOutsideAgency(OpinionError):
    """Another agency is asked by a document, not on a draft."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not of the drafting agency")
        self.name = name


class AskedAlready(OpinionError):
    """He has been asked about this version, or is named twice."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is asked about this version already")
        self.name = name


class UnitWithoutHead(OpinionError):
    """Nobody could answer for the unit."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has no head")
        self.name = name


class DeadlineBeforeToday(OpinionError):
    """The last day for answers lies before the day on which it is set."""


class OpinionGiven(OpinionError):
    """An opinion is given once, on the version that was asked about."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"given at {at.isoformat()}")
        self.at = at


class OpinionNotAwaited(OpinionError):
    """The question was withdrawn, or the draft has gone on without the answer."""


class OpinionWithoutWords(OpinionError):
    """Who disagrees or comments says what and why."""


class NothingToSettle(OpinionError):
    """The opinion has not been given, or agrees without a word."""


class NothingAwaited(OpinionError):
    """Everybody has answered; there is no question to withdraw."""


class NoNewerVersion(OpinionError):
    """What was taken in stands in a later version than the one asked about."""

    def __init__(self, number: int) -> None:
        super().__init__(f"version {number} is the one that was asked about")
        self.number = number


class ExplanationMissing(OpinionError):
    """What is not taken in, or in part, is explained."""
