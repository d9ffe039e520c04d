"""The officer's tasks: begun, done, with their result (Điều 24)."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.api.asking import acts, reads
from chauban.api.once import once
from chauban.api.resources.incoming import TaskShape, task_shape
from chauban.api.scopes import Scope
from chauban.api.shapes import WORD, Cursor, Given, Limit, Page, PathId, Text, page_of
from chauban.workflow import routing
from chauban.workflow.access import access_task
from chauban.workflow.models import Task

router = Router(tags=["tasks"])


class ResultIn(Given):
    result: Text = ""


@reads(router, "/tasks", Scope.TASKS_READ, Page[TaskShape])
def list_tasks(
    request: HttpRequest,
    state: str = Query("", max_length=12, pattern=WORD),
    due_before: date | None = None,
    cursor: int | None = Cursor,
    limit: int = Limit,
) -> Page[TaskShape]:
    officer = require(request.auth.officer, Permission.HANDLE_TASK)
    rows = Task.objects.of(officer).select_related("assignee__person", "assigned_by__person")
    exact = {"state": state, "due_on__lt": due_before}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    shown, following = page_of(request, rows, cursor=cursor, limit=limit)
    return Page[TaskShape](items=[task_shape(one) for one in shown], next=following)


@reads(router, "/tasks/{pk}", Scope.TASKS_READ, TaskShape)
def one_task(request: HttpRequest, pk: int = PathId) -> TaskShape:
    return _show(request.auth.officer, pk)


@acts(router, "/tasks/{pk}/start", Scope.TASKS_WRITE, TaskShape)
def start(request: HttpRequest, pk: int = PathId) -> HttpResponse:
    """Begin it; the document's sender is told of the first (status 05)."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        routing.start_task(access_task(officer, pk), officer=officer, now=now)
        return pk

    return once(request, do, _show, about=pk)


@acts(router, "/tasks/{pk}/finish", Scope.TASKS_WRITE, TaskShape)
def finish(request: HttpRequest, given: ResultIn, pk: int = PathId) -> HttpResponse:
    """Have it done; when the lead has, the document is closed (status 06)."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        task = access_task(officer, pk)
        routing.finish_task(task, result=given.result, officer=officer, now=now)
        return pk

    return once(request, do, _show, about=pk)


def _show(officer: Officer, pk: int) -> TaskShape:
    return task_shape(access_task(officer, pk))
