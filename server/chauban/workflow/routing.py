"""Routing incoming documents, and the tasks that come of it (Điều 23, 24)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, Permission, may
from chauban.directory.models import Post, Role
from chauban.directory.rules import legal_day
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.models import IncomingDocument
from chauban.registers.recalling import withdraw_incoming
from chauban.workflow.errors import (
    AssigneeNamedTwice,
    AssigneeOutsideAgency,
    DeadlinePast,
    DocumentClosed,
    LeadMissing,
    LeadNamedTwice,
    NoAssignment,
    TaskNotOpen,
)
from chauban.workflow.models import Task

Part = Task.Part
State = IncomingDocument.State
CLOSED = (State.DONE, State.RECALLED)


@dataclass(frozen=True)
class Assignment:
    """One person's part in handling a document, with the leader's words and the last day."""

    part: str
    assignee: Post
    instruction: str = ""
    due_on: date | None = None


@transaction.atomic
def route(
    document: IncomingDocument,
    assignments: Sequence[Assignment],
    *,
    officer: Officer,
    now: datetime,
) -> list[Task]:
    """Name who leads, who cooperates and who is informed, until when (Điều 23.3).

    A document may be routed again, to further people. "For information" asks nothing of
    anybody: such a task is done when given, and a document routed to nobody else is closed.

    Raises:
        NotAllowed: the officer routes nothing in that agency.
        NoAssignment, LeadMissing, LeadNamedTwice, AssigneeNamedTwice, AssigneeOutsideAgency,
        DeadlinePast: what is wrong with the instruction; nothing was routed.
        DocumentClosed: it has been dealt with.
    """
    _require_may_route(document, officer)
    # The first write takes the row, so that two people cannot route at once.
    is_open = (
        IncomingDocument.objects.filter(pk=document.pk)
        .exclude(state__in=CLOSED)
        .update(state=State.ROUTED if document.state == State.REGISTERED else document.state)
    )
    if not is_open:
        raise DocumentClosed(document.code)
    _require_sound(document, assignments, legal_day(now))
    tasks = [_assign(document, each, officer=officer, now=now) for each in assignments]
    for task in tasks:
        record(
            ActKind.ROUTED, on=document, by=officer, at=now, task=task.pk, part=task.part,
            assignee=task.assignee_id,
        )  # fmt: skip
    _enter_receivers(document, legal_day(now))
    if not document.tasks.exclude(part=Part.INFORM).exists():
        _close(document, officer=officer, now=now)
    document.refresh_from_db()
    return tasks


@transaction.atomic
def start_task(task: Task, *, officer: Officer, now: datetime) -> Task:
    """Record that the assignee has begun; the sender learns of the first (status 05).

    Raises:
        TaskNotOpen: it is another person's, or begun already.
    """
    _move(task, officer, [Task.State.ASSIGNED], state=Task.State.IN_PROGRESS, started_at=now)
    IncomingDocument.objects.filter(pk=task.document_id, state=State.ROUTED).update(
        state=State.IN_PROGRESS
    )
    record(ActKind.TASK_STARTED, on=task.document, by=officer, at=now, task=task.pk)
    task.document.refresh_from_db()
    return task


@transaction.atomic
def finish_task(task: Task, *, officer: Officer, now: datetime, result: str = "") -> Task:
    """Record that the assignee has done his part; when the lead has, the document is closed.

    Raises:
        TaskNotOpen: it is another person's, or done already.
    """
    _move(
        task, officer, [Task.State.ASSIGNED, Task.State.IN_PROGRESS],
        state=Task.State.DONE, done_at=now, result=result.strip(),
    )  # fmt: skip
    record(ActKind.TASK_DONE, on=task.document, by=officer, at=now, task=task.pk)
    if task.part == Part.LEAD:
        _close(task.document, officer=officer, now=now)
    task.document.refresh_from_db()
    return task


@transaction.atomic
def close_incoming(document: IncomingDocument, *, officer: Officer, now: datetime) -> None:
    """Close a document on a head's or the clerk's word, with the tasks still open on it.

    Raises:
        NotAllowed: the officer routes nothing in that agency.
        DocumentClosed: it was closed before.
    """
    _require_may_route(document, officer)
    _close(document, officer=officer, now=now)
    document.refresh_from_db()


@transaction.atomic
def withdraw(document: IncomingDocument, *, reason: str, officer: Officer, now: datetime) -> None:
    """Withdraw a document that its sender recalls, from everybody it was routed to (F8.b).

    Tasks still open on it stop; what was done on it stays to be read.

    Raises: NotAllowed: the officer does not keep the register.
    """
    if withdraw_incoming(document, reason=reason, officer=officer, now=now):
        document.tasks.unfinished().update(state=Task.State.STOPPED)


def may_route(document: IncomingDocument, officer: Officer) -> bool:
    """Whether officer may route and close: leaders and the clerk all, a unit head his own."""
    if not may(officer, Permission.ROUTE, document.body):
        return False
    is_unit_head = officer.post.role == Role.UNIT_HEAD
    return not is_unit_head or document.tasks.filter(assignee=officer.post).exists()


def _require_may_route(document: IncomingDocument, officer: Officer) -> None:
    if not may_route(document, officer):
        raise NotAllowed(officer, Permission.ROUTE, document.body.agency)


def _enter_receivers(document: IncomingDocument, today: date) -> None:
    """Write receivers and day of hand-over into the register's line (PL IV.VI)."""
    names = document.tasks.order_by("pk").values_list("assignee__person__full_name", flat=True)
    IncomingDocument.objects.filter(pk=document.pk).update(
        to_places="; ".join(names)[:1000], handed_over_on=document.handed_over_on or today
    )


def _require_sound(
    document: IncomingDocument, assignments: Sequence[Assignment], today: date
) -> None:
    if not assignments:
        raise NoAssignment
    standing = list(document.tasks.values_list("assignee_id", "part"))
    named = {assignee for assignee, _ in standing}
    leads = sum(part == Part.LEAD for _, part in standing)
    for each in assignments:
        if each.assignee.agency_id != document.body.agency_id:
            raise AssigneeOutsideAgency(each.assignee.person.full_name)
        if each.assignee.pk in named:
            raise AssigneeNamedTwice(each.assignee.person.full_name)
        if each.due_on is not None and each.due_on < today:
            raise DeadlinePast
        named.add(each.assignee.pk)
        leads += each.part == Part.LEAD
    if leads > 1:
        raise LeadNamedTwice
    if not leads and any(each.part == Part.COOPERATE for each in assignments):
        raise LeadMissing


def _assign(
    document: IncomingDocument, assignment: Assignment, *, officer: Officer, now: datetime
) -> Task:
    is_information = assignment.part == Part.INFORM
    return Task.objects.create(
        document=document,
        part=assignment.part,
        assignee=assignment.assignee,
        instruction=assignment.instruction.strip(),
        due_on=assignment.due_on,
        state=Task.State.DONE if is_information else Task.State.ASSIGNED,
        assigned_by=officer.post,
        assigned_at=now,
        done_at=now if is_information else None,
    )


def _move(task: Task, officer: Officer, states: list[str], **values: object) -> None:
    is_moved = Task.objects.of(officer).filter(pk=task.pk, state__in=states).update(**values)
    task.refresh_from_db()
    if not is_moved:
        raise TaskNotOpen(task.get_state_display())


def _close(document: IncomingDocument, *, officer: Officer, now: datetime) -> None:
    is_closed = (
        IncomingDocument.objects.filter(pk=document.pk)
        .exclude(state__in=CLOSED)
        .update(state=State.DONE)
    )
    if not is_closed:
        raise DocumentClosed(document.code)
    document.tasks.unfinished().update(state=Task.State.DONE, done_at=now)
    record(ActKind.INCOMING_DONE, on=document, by=officer, at=now)
