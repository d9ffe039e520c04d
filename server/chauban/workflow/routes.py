"""Whom an incoming document was routed to, and by whom: a tree of tasks (Điều 23)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chauban.workflow.models import Task


@dataclass(frozen=True)
class Branch:
    """A task, whether its last day has passed, and what its holder has given to others."""

    task: Task
    is_overdue: bool
    branches: tuple["Branch", ...]


def route_of(tasks: Sequence[Task], today: date) -> list[Branch]:
    """The tasks of one document, in the order in which they were given, each below its giver's.

    A task stands below one that its giver was given before; else it is a root: a leader's or the
    clerk's own.
    """
    given = sorted(tasks, key=lambda it: it.pk)
    holds = {task.assignee_id: task for task in given}

    def is_below(task: Task, other: Task | None) -> bool:
        above = holds.get(task.assigned_by_id)
        above = above if above and above.pk < task.pk else None
        return above is other

    def branches(other: Task | None) -> tuple[Branch, ...]:
        found = (task for task in given if is_below(task, other))
        return tuple(Branch(it, _is_overdue(it, today), branches(it)) for it in found)

    return list(branches(None))


def _is_overdue(task: Task, today: date) -> bool:
    is_open = task.state in (Task.State.ASSIGNED, Task.State.IN_PROGRESS)
    return is_open and task.due_on is not None and task.due_on < today
