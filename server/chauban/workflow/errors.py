"""What can be wrong with a draft, a signature, a seal or a task."""

from datetime import datetime


class WorkflowError(Exception):
    """Root of what the workflow raises on purpose; `words.explain` puts it in words."""


class StepNotAllowed(WorkflowError):
    """The step is not this officer's to take, or the draft does not stand there."""

    def __init__(self, step: str, state: str, state_label: str) -> None:
        super().__init__(f"{step} is not open to this officer while the draft is {state}")
        self.step, self.state, self.state_label = step, state, state_label


class ChangedMeanwhile(WorkflowError):
    """Someone else has acted on the draft since this page was shown; nothing was written."""

    def __init__(self, changed_at: datetime, state_label: str) -> None:
        super().__init__(f"changed at {changed_at.isoformat()}, now {state_label}")
        self.changed_at, self.state_label = changed_at, state_label


class UndoTooLate(WorkflowError):
    """An act may be taken back for a while only."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"done at {at.isoformat()}")
        self.at = at


class ActedOnMeanwhile(WorkflowError):
    """Somebody has gone on from an act that was to be taken back."""


class TemplateReplaced(WorkflowError):
    """Another text stands in the template's place already, or it is offered no more."""


class CommentMissing(WorkflowError):
    """A draft is sent back with a reason."""


class NothingChosen(WorkflowError):
    """A batch in which nothing is signed and nothing returned."""


class SecretMarking(WorkflowError):
    """Something bears a mark of secrecy (độ mật); it was not stored."""

    def __init__(self, mark: str, place: str) -> None:
        super().__init__(f"{mark!r} in {place}")
        self.mark, self.place = mark, place


class FileTooLarge(WorkflowError):
    def __init__(self, name: str, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(f"{name} has {size_bytes} bytes, at most {limit_bytes} are allowed")
        self.name, self.size_bytes, self.limit_bytes = name, size_bytes, limit_bytes


class FileEmpty(WorkflowError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is empty")
        self.name = name


class FileTooComplex(WorkflowError):
    """Reading a PDF ran out of time or memory, or broke; `reason` is "time" or the break."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} gave no pages: {reason}")
        self.name, self.reason = name, reason


class PagesUnreadable(WorkflowError):
    """The pages of a PDF cannot be drawn; its detail is the renderer's."""


class FileNameTaken(WorkflowError):
    def __init__(self, name: str) -> None:
        super().__init__(f"the draft has an attachment {name} already")
        self.name = name


class PagesChanged(WorkflowError):
    """What was shown to the person is not what would be signed."""


class KeyInUse(WorkflowError):
    """The same key is being used on the same document at this moment."""

    def __init__(self, lease_until: datetime) -> None:
        super().__init__(f"claimed until {lease_until.isoformat()}")
        self.lease_until = lease_until


class ClaimLost(WorkflowError):
    """The confirmation took longer than its lease and another took its place."""


class AttachmentNotForProgram(WorkflowError):
    """The holder's own program signs PDF files only."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is no PDF")
        self.name = name


class ReturnedUnreadable(WorkflowError):
    """Reading a file that came back ran out of time or memory, or broke."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TimestampPending(WorkflowError):
    """The signature still waits for its time-stamp; the next step needs it."""

    def __init__(self, since: datetime, last_problem: str) -> None:
        super().__init__(f"pending since {since.isoformat()}: {last_problem}")
        self.since, self.last_problem = since, last_problem


class SealHeld(WorkflowError):
    """Sealed already, and held until time-stamp and validation data have come."""

    def __init__(self, since: datetime, last_problem: str) -> None:
        super().__init__(f"held since {since.isoformat()}: {last_problem}")
        self.since, self.last_problem = since, last_problem


class ResultNotValid(WorkflowError):
    """Our own signature did not verify when read back; it is not shown as done."""

    def __init__(self, name: str, verdict: str, reasons: tuple[str, ...]) -> None:
        super().__init__(f"{name}: {verdict} ({', '.join(reasons)})")
        self.name, self.verdict, self.reasons = name, verdict, reasons


class CameToNothing(WorkflowError):
    """A key elsewhere was asked, and nothing came of it; `problem` as the use has kept it."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class TaskError(WorkflowError):
    """Root of what is wrong with routing and tasks."""


class NoAssignment(TaskError):
    """Routing names at least one person."""


class RecipientRetired(WorkflowError):
    """A recipient, or the code it is named by, is no more."""

    def __init__(self, name: str, code: str, heirs: tuple[str, ...]) -> None:
        super().__init__(f"{name} ({code}) is no more; successors: {', '.join(heirs)}")
        self.name, self.code, self.heirs = name, code, heirs


class LeadMissing(TaskError):
    """Where several handle a document, one of them leads (Điều 23.3)."""


class LeadNamedTwice(TaskError):
    """A document has one lead."""


class AssigneeNamedTwice(TaskError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is named twice")
        self.name = name


class AssigneeOutsideAgency(TaskError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has no post in the agency that received the document")
        self.name = name


class DeadlinePast(TaskError):
    """A deadline lies before the day on which it is set."""


class TaskNotOpen(TaskError):
    """The task is not in a state, or not of a person, for this act."""

    def __init__(self, state_label: str) -> None:
        super().__init__(f"the task is {state_label}")
        self.state_label = state_label


class DocumentClosed(TaskError):
    """The incoming document has been dealt with."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code} is closed")
        self.code = code
