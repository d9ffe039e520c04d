"""Taking back one's own last act, for a while, where the law allows.

An act is taken back by an act of its own; the journal keeps both (PL VI III.5.a). Never taken back:
a signature, a number, a seal, an issue, a registration, what closes a document (its sender has been
told), and whatever somebody has acted on since.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import models, transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotFound
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.journal.recording import record
from chauban.registers.models import IncomingDocument
from chauban.workflow.errors import ActedOnMeanwhile, UndoTooLate
from chauban.workflow.models import Check, Draft, Task
from chauban.workflow.rules import UNDO_TIME

State = Draft.State
# Kind of act → where it left the draft, and where the draft stood before.
_STEPS: Mapping[str, tuple[str, str]] = {
    ActKind.SUBMITTED: (State.CONTENT_CHECK, State.DRAFTING),
    ActKind.CONTENT_CHECKED: (State.LAYOUT_CHECK, State.CONTENT_CHECK),
    ActKind.LAYOUT_CHECKED: (State.APPROVAL, State.LAYOUT_CHECK),
}
# Where a returned draft may go back to; what was signed and returned is signed anew.
_RETURNED_FROM = (State.CONTENT_CHECK, State.LAYOUT_CHECK, State.APPROVAL, State.SIGNING)


def undoable(subject: models.Model, *, officer: Officer, now: datetime) -> Act | None:
    """The newest act of a person on the subject, where this officer did it and may take it back."""
    act = _newest(subject)
    if act is None or act.post_id != officer.post_id or now - act.at > UNDO_TIME:
        return None
    return act if act.kind in _UNDONE_BY and _may_be_undone(act) else None


@transaction.atomic
def undo(act_id: int, *, officer: Officer, now: datetime) -> models.Model:
    """Take back the officer's act; return the draft or document that it was on.

    Raises:
        NotFound: no such act of this officer's, or none that can be taken back.
        UndoTooLate: longer than `UNDO_TIME` ago.
        ActedOnMeanwhile: somebody has gone on from there.
    """
    act = Act.objects.filter(pk=act_id, post_id=officer.post_id, kind__in=_UNDONE_BY).first()
    if act is None or not _may_be_undone(act):
        raise NotFound
    if now - act.at > UNDO_TIME:
        raise UndoTooLate(act.at)
    subject = _subject_of(act)
    newest = _newest(subject)
    if newest is None or (newest.kind, newest.at, newest.post_id) != (
        act.kind,
        act.at,
        act.post_id,
    ):
        raise ActedOnMeanwhile
    if not _UNDONE_BY[act.kind](act, now):
        raise ActedOnMeanwhile
    record(ActKind.UNDONE, on=subject, by=officer, at=now, act=act.pk, undone=act.kind)
    return subject


def _newest(subject: models.Model) -> Act | None:
    """The newest act of a person; what the system did of itself is no going on."""
    return Act.objects.on(subject).filter(post_id__isnull=False).order_by("-id").first()


def _subject_of(act: Act) -> models.Model:
    model: type[models.Model] = Draft if act.kind in (*_STEPS, ActKind.RETURNED) else _INCOMING
    return model._default_manager.get(pk=act.subject_id)


def _may_be_undone(act: Act) -> bool:
    """Whether the act left everything as it can be restored from what is there."""
    match act.kind:
        case ActKind.RETURNED:
            return act.facts.get("was") in _RETURNED_FROM
        case ActKind.TASK_DONE:
            return Task.objects.filter(
                pk=act.facts.get("task"), part=Task.Part.COOPERATE, done_at=act.at
            ).exists()
    return True


def _step_back(act: Act, now: datetime) -> bool:
    if act.kind == ActKind.RETURNED:
        after, before = State.DRAFTING, act.facts["was"]
    else:
        after, before = _STEPS[act.kind]
    unchanged = Draft.objects.filter(pk=act.subject_id, state=after, changed_at=act.at)
    if not unchanged.update(state=before, changed_at=now):
        return False
    Check.objects.filter(version__draft=act.subject_id, by=act.post_id, at=act.at).delete()
    return True


def _call_back(act: Act, now: datetime) -> bool:
    """Take away the tasks of one routing, as long as nobody has begun any."""
    # The first write takes the row: routing and closing take it likewise.
    document = IncomingDocument.objects.filter(pk=act.subject_id, state=_INCOMING.State.ROUTED)
    if not document.update(state=_INCOMING.State.ROUTED):
        return False
    given = Task.objects.filter(
        document=act.subject_id, assigned_by=act.post_id, assigned_at=act.at
    )
    untouched = given.filter(started_at=None).exclude(state=Task.State.IN_PROGRESS)
    informed = models.Q(part=Task.Part.INFORM)
    untouched = untouched.filter(informed | models.Q(state=Task.State.ASSIGNED))
    amount = given.count()
    if not amount or untouched.count() != amount:
        return False
    untouched.delete()
    left = Task.objects.filter(document=act.subject_id).order_by("pk")
    names = left.values_list("assignee__person__full_name", flat=True)
    values: dict[str, object] = {"to_places": "; ".join(names)[:1000]}
    if not names:
        values |= {"state": _INCOMING.State.REGISTERED, "handed_over_on": None}
    document.update(**values)
    return True


def _open_again(act: Act, now: datetime) -> bool:
    done = Task.objects.filter(pk=act.facts["task"], state=Task.State.DONE, done_at=act.at)
    was = models.Case(
        models.When(started_at=None, then=models.Value(Task.State.ASSIGNED)),
        default=models.Value(Task.State.IN_PROGRESS),
    )
    return bool(done.update(state=was, done_at=None, result=""))


_INCOMING = IncomingDocument
_UNDONE_BY: Mapping[str, Callable[[Act, datetime], bool]] = {
    **dict.fromkeys(_STEPS, _step_back),
    ActKind.RETURNED: _step_back,
    ActKind.ROUTED: _call_back,
    ActKind.TASK_DONE: _open_again,
}
