"""Incoming documents: who handles them, until when, and when they are dealt with (Điều 22-24)."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from chauban.accounts.officers import Officer
from chauban.api.asking import acts, hands_out, reads
from chauban.api.once import once
from chauban.api.resources.outgoing import FileShape, shown_files
from chauban.api.scopes import Scope
from chauban.api.shapes import (
    WORD,
    Cursor,
    Given,
    Id,
    Life,
    Limit,
    Page,
    PathId,
    Text,
    Who,
    life_of,
    named_by_digest,
    page_of,
    require_form,
)
from chauban.blobs.serving import download
from chauban.directory.rules import legal_day
from chauban.registers.access import visible_incoming
from chauban.registers.models import IncomingDocument
from chauban.workflow import routing
from chauban.workflow.access import access_incoming, access_incoming_file, may_open_files
from chauban.workflow.forms import RouteForm
from chauban.workflow.models import Task

router = Router(tags=["incoming"])
_Posts = Annotated[list[Id], Field(max_length=200)]


class IncomingLine(Schema):
    id: Id
    body: str
    year: int
    arrival_number: int
    arrived_at: datetime
    registered_at: datetime
    code: str
    promulgated_on: date | None
    kind_name: str
    subject: str
    sender: str
    sender_organ_id: str
    document_id: str
    priority: int
    due_on: date | None
    acceptance: str
    state: str


class TaskShape(Schema):
    id: Id
    document: Id
    part: str
    assignee: Who
    instruction: str
    due_on: date | None
    state: str
    assigned_by: Who
    assigned_at: datetime
    started_at: datetime | None
    done_at: datetime | None
    result: str


class IncomingShape(IncomingLine):
    signer_name: str
    signer_position: str
    to_places: str
    handed_over_on: date | None
    recall_asked_at: datetime | None
    recalled_at: datetime | None
    recall_reason: str
    replaced_by: Id | None
    remark: str
    files: list[FileShape]  # none of a withdrawn document, but for its registry
    tasks: list[TaskShape]
    replies: list[Id]  # outgoing documents that answer it


class RouteIn(Given):
    """Who leads, cooperates, is informed: ids of posts; the leader's words; the last day."""

    lead: Id | None = None
    cooperate: _Posts = []
    inform: _Posts = []
    instruction: Text = ""
    due_on: date | None = None


@reads(router, "/incoming", Scope.INCOMING_READ, Page[IncomingLine])
def list_incoming(
    request: HttpRequest,
    state: str = Query("", max_length=12, pattern=WORD),
    year: int | None = Query(None, ge=1945, le=9999),
    due_before: date | None = None,
    q: str = Query("", max_length=100),
    cursor: int | None = Cursor,
    limit: int = Limit,
) -> Page[IncomingLine]:
    rows = visible_incoming(request.auth.officer).select_related("body")
    exact = {"state": state, "year": year, "due_on__lt": due_before}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if text := q.replace("\x00", "").strip():
        rows = rows.matching(text)
    shown, following = page_of(request, rows, cursor=cursor, limit=limit)
    return Page[IncomingLine](
        items=[IncomingLine(**incoming_line(one)) for one in shown], next=following
    )


@reads(router, "/incoming/{pk}", Scope.INCOMING_READ, IncomingShape)
def one_incoming(request: HttpRequest, pk: int = PathId) -> IncomingShape:
    return _show(request.auth.officer, pk)


@reads(router, "/incoming/{pk}/life", Scope.INCOMING_READ, Life)
def incoming_life(request: HttpRequest, pk: int = PathId) -> Life:
    return life_of(access_incoming(request.auth.officer, pk))


@hands_out(
    router, "/incoming/{pk}/files/{ordinal}", Scope.INCOMING_READ, "application/octet-stream"
)
def incoming_file(request: HttpRequest, pk: int = PathId, ordinal: int = PathId) -> FileResponse:
    file = access_incoming_file(request.auth.officer, pk, ordinal)
    return named_by_digest(download(file.blob, file.name), file.blob)


@acts(router, "/incoming/{pk}/route", Scope.INCOMING_ROUTE, IncomingShape)
def route(request: HttpRequest, given: RouteIn, pk: int = PathId) -> HttpResponse:
    """Name who handles it; again for further people (Điều 23.3)."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        document = access_incoming(officer, pk)
        form = RouteForm(given.dict(), document=document, day=legal_day(now))
        require_form(form)
        routing.route(document, form.assignments(), officer=officer, now=now)
        return pk

    return once(request, do, _show, about=pk)


@acts(router, "/incoming/{pk}/close", Scope.INCOMING_ROUTE, IncomingShape)
def close(request: HttpRequest, pk: int = PathId) -> HttpResponse:
    """Close it on a head's or the clerk's word, with the tasks still open on it."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        routing.close_incoming(access_incoming(officer, pk), officer=officer, now=now)
        return pk

    return once(request, do, _show, about=pk)


def incoming_line(one: IncomingDocument) -> dict[str, Any]:
    return {
        "id": one.pk,
        "body": one.body.key,
        "year": one.year,
        "arrival_number": one.arrival_number,
        "arrived_at": one.arrived_at,
        "registered_at": one.registered_at,
        "code": one.code,
        "promulgated_on": one.promulgated_on,
        "kind_name": one.kind_name,
        "subject": one.subject,
        "sender": one.sender_name,
        "sender_organ_id": one.sender_organ_id,
        "document_id": one.document_id,
        "priority": one.priority,
        "due_on": one.due_on,
        "acceptance": one.acceptance,
        "state": one.state,
    }


def task_shape(task: Task) -> TaskShape:
    return TaskShape(
        id=task.pk,
        document=task.document_id,
        part=task.part,
        assignee=Who.of(task.assignee),
        instruction=task.instruction,
        due_on=task.due_on,
        state=task.state,
        assigned_by=Who.of(task.assigned_by),
        assigned_at=task.assigned_at,
        started_at=task.started_at,
        done_at=task.done_at,
        result=task.result,
    )


def _show(officer: Officer, pk: int) -> IncomingShape:
    one = access_incoming(officer, pk)
    files = one.files.select_related("blob") if may_open_files(one, officer) else ()
    tasks = one.tasks.select_related("assignee__person", "assigned_by__person").order_by("pk")
    return IncomingShape(
        **incoming_line(one),
        signer_name=one.signer_name,
        signer_position=one.signer_position,
        to_places=one.to_places,
        handed_over_on=one.handed_over_on,
        recall_asked_at=one.recall_asked_at,
        recalled_at=one.recalled_at,
        recall_reason=one.recall_reason,
        replaced_by=one.replaced_by_id,
        remark=one.remark,
        files=shown_files(files),
        tasks=[task_shape(each) for each in tasks],
        replies=list(one.replies.values_list("outgoing", flat=True)),
    )
