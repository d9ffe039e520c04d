"""Outgoing documents: issued, recalled, and what became of them at each recipient (Điều 15-18)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.api.asking import acts, hands_out, reads
from chauban.api.once import once
from chauban.api.scopes import Scope
from chauban.api.shapes import (
    WORD,
    Cursor,
    Given,
    Id,
    Life,
    Limit,
    Line,
    Page,
    PathId,
    life_of,
    named_by_digest,
    page_of,
    require_form,
)
from chauban.blobs.serving import download
from chauban.exchange import actions
from chauban.exchange.access import access_issued, access_recipient, access_request
from chauban.exchange.forms import RecallForm
from chauban.exchange.models import ChangeRequest, Recipient
from chauban.exchange.recalling import ask_again, note_given_back, recall
from chauban.registers.access import access_outgoing, access_outgoing_file, visible_outgoing
from chauban.registers.models import OutgoingDocument
from chauban.workflow.models import Draft

router = Router(tags=["outgoing"])


class OutgoingLine(Schema):
    id: Id
    code: str
    number: int
    notation: str
    issued_on: date
    kind: str
    subject: str
    body: str
    signer: str
    state: str
    document_id: str  # edXML DocumentId
    numbered_at: datetime
    issued_at: datetime | None


class FileShape(Schema):
    ordinal: int
    name: str
    media_type: str
    sha256: str
    size_bytes: int
    part: str
    report: dict[str, Any] | None  # chauban verify --json, made when it was sealed or came


class OutgoingShape(OutgoingLine):
    priority: int
    due_on: date | None
    to_places: list[str]
    page_amount: int
    sealed_at: datetime | None
    cancelled_at: datetime | None
    cancellation_reason: str
    recalled_at: datetime | None
    recall_reason: str
    draft: Id | None
    files: list[FileShape]
    answers: list[Id]  # the incoming documents that it answers


class StatusShape(Schema):
    code: str
    description: str
    stated_at: datetime | None
    received_at: datetime


class AskedBack(Schema):
    """What a recipient is asked for: to give the document back, or to take another for it."""

    id: Id
    kind: int
    state: str
    answer: str
    asked_at: datetime
    answered_at: datetime | None


class RecipientShape(Schema):
    id: Id
    name: str
    organ_id: str
    channel: str
    transport: str
    status_code: str
    status_at: datetime | None
    refusal: str
    statuses: list[StatusShape]
    asked_back: list[AskedBack]


class Recipients(Schema):
    document: Id
    items: list[RecipientShape]


class RecallIn(Given):
    reason: Line
    announced_by: Annotated[Line, Field(max_length=60)] = ""


@reads(router, "/outgoing", Scope.OUTGOING_READ, Page[OutgoingLine])
def list_outgoing(
    request: HttpRequest,
    state: str = Query("", max_length=10, pattern=WORD),
    kind: str = Query("", max_length=20, pattern=WORD),
    issued_from: date | None = None,
    issued_to: date | None = None,
    q: str = Query("", max_length=100),
    cursor: int | None = Cursor,
    limit: int = Limit,
) -> Page[OutgoingLine]:
    officer = require(request.auth.officer, Permission.VIEW_REGISTERS)
    rows = visible_outgoing(officer).select_related("body")
    exact = {"state": state, "kind": kind, "issued_on__gte": issued_from}
    exact["issued_on__lte"] = issued_to
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if text := q.replace("\x00", "").strip():
        rows = rows.matching(text)
    shown, following = page_of(request, rows, cursor=cursor, limit=limit)
    return Page[OutgoingLine](
        items=[OutgoingLine(**outgoing_line(one)) for one in shown], next=following
    )


@reads(router, "/outgoing/{pk}", Scope.OUTGOING_READ, OutgoingShape)
def one_outgoing(request: HttpRequest, pk: int = PathId) -> OutgoingShape:
    return _show(request.auth.officer, pk)


@reads(router, "/outgoing/{pk}/life", Scope.OUTGOING_READ, Life)
def outgoing_life(request: HttpRequest, pk: int = PathId) -> Life:
    document = access_outgoing(request.auth.officer, pk)
    return life_of(Draft.objects.filter(outgoing=document).first(), document)


@hands_out(
    router, "/outgoing/{pk}/files/{ordinal}", Scope.OUTGOING_READ, "application/octet-stream"
)
def outgoing_file(request: HttpRequest, pk: int = PathId, ordinal: int = PathId) -> FileResponse:
    file = access_outgoing_file(request.auth.officer, pk, ordinal)
    return named_by_digest(download(file.blob, file.name), file.blob)


@reads(router, "/outgoing/{pk}/recipients", Scope.OUTGOING_READ, Recipients)
def recipients(request: HttpRequest, pk: int = PathId) -> Recipients:
    """Who got it, by which channel, and what each has answered (03 to 06, 02, 15, 16)."""
    return _recipients(request.auth.officer, pk)


@acts(router, "/outgoing/{pk}/issue", Scope.OUTGOING_ISSUE, OutgoingShape)
def issue(request: HttpRequest, pk: int = PathId) -> HttpResponse:
    """Issue a sealed document: its recipients are fixed, and the messages owed (Điều 18)."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        document = access_issued(officer, pk, Permission.ISSUE)
        actions.issue(document, officer=officer, now=now)
        return pk

    return once(request, do, _show, about=pk)


@acts(router, "/outgoing/{pk}/recall", Scope.OUTGOING_ISSUE, Recipients)
def recall_document(request: HttpRequest, given: RecallIn, pk: int = PathId) -> HttpResponse:
    """Recall an issued document: nothing more is sent, every recipient is asked (Điều 18.4)."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        document = access_issued(officer, pk, Permission.ISSUE)
        stated = require_form(RecallForm(given.dict()))
        recall(document, **stated, officer=officer, now=now)
        return pk

    return once(request, do, _recipients, about=pk)


@acts(router, "/recipients/{pk}/resend", Scope.OUTGOING_ISSUE, Recipients)
def resend(request: HttpRequest, pk: int = PathId) -> HttpResponse:
    """Send again to a recipient that refused, failed or lost it."""
    now, document = request.auth.now, access_recipient(request.auth.officer, pk).document_id

    def do(officer: Officer) -> int:
        actions.resend(access_recipient(officer, pk), officer=officer, now=now)
        return int(document)

    return once(request, do, _recipients, about=document)


@acts(router, "/requests/{pk}/ask-again", Scope.OUTGOING_ISSUE, Recipients)
def ask_recipient_again(request: HttpRequest, pk: int = PathId) -> HttpResponse:
    """Ask a recipient once more for a recalled document."""
    return _about_request(request, pk, ask_again)


@acts(router, "/requests/{pk}/given-back", Scope.OUTGOING_ISSUE, Recipients)
def given_back(request: HttpRequest, pk: int = PathId) -> HttpResponse:
    """Note that a recipient off the axis has given a recalled document back."""
    return _about_request(request, pk, note_given_back)


def _about_request(request: HttpRequest, pk: int, act: Any) -> HttpResponse:
    now = request.auth.now
    document = access_request(request.auth.officer, pk).recipient.document_id

    def do(officer: Officer) -> int:
        act(access_request(officer, pk), officer=officer, now=now)
        return int(document)

    return once(request, do, _recipients, about=document)


def shown_files(files: Sequence[Any]) -> list[FileShape]:
    """Files that were stored with a document; those that could not be had are left out."""
    return [
        FileShape(
            ordinal=one.ordinal,
            name=one.name,
            media_type=one.media_type,
            sha256=one.blob_id,
            size_bytes=one.blob.size_bytes,
            part=getattr(one, "part", ""),
            report=one.report,
        )
        for one in files
        if one.blob_id
    ]


def outgoing_line(document: OutgoingDocument) -> dict[str, Any]:
    return {
        "id": document.pk,
        "code": document.code,
        "number": document.number,
        "notation": document.notation,
        "issued_on": document.issued_on,
        "kind": document.kind,
        "subject": document.subject,
        "body": document.body.key,
        "signer": document.signer_name,
        "state": document.state,
        "document_id": document.document_id,
        "numbered_at": document.numbered_at,
        "issued_at": document.issued_at,
    }


def _show(officer: Officer, pk: int) -> OutgoingShape:
    document = access_outgoing(officer, pk)
    draft = Draft.objects.visible_to(officer).filter(outgoing=document).only("pk").first()
    return OutgoingShape(
        **outgoing_line(document),
        priority=document.priority,
        due_on=document.due_on,
        to_places=document.to_places,
        page_amount=document.page_amount,
        sealed_at=document.sealed_at,
        cancelled_at=document.cancelled_at,
        cancellation_reason=document.cancellation_reason,
        recalled_at=document.recalled_at,
        recall_reason=document.recall_reason,
        draft=draft.pk if draft else None,
        files=shown_files(document.files.select_related("blob")),
        answers=list(document.answers.values_list("incoming", flat=True)),
    )


def _recipients(officer: Officer, pk: int) -> Recipients:
    document = access_issued(officer, pk)
    rows = document.recipients.prefetch_related("statuses", "requests").order_by("pk")
    return Recipients(document=pk, items=[_recipient(one) for one in rows])


def _recipient(one: Recipient) -> RecipientShape:
    return RecipientShape(
        id=one.pk,
        name=one.name,
        organ_id=one.organ_id,
        channel=one.channel,
        transport=one.transport,
        status_code=one.status_code,
        status_at=one.status_at,
        refusal=one.refusal,
        statuses=[
            StatusShape(
                code=each.code,
                description=each.description,
                stated_at=each.stated_at,
                received_at=each.received_at,
            )
            for each in one.statuses.all()
        ],
        asked_back=[_asked_back(each) for each in one.requests.all()],
    )


def _asked_back(asked: ChangeRequest) -> AskedBack:
    return AskedBack(
        id=asked.pk,
        kind=asked.kind,
        state=asked.state,
        answer=asked.answer,
        asked_at=asked.asked_at,
        answered_at=asked.answered_at,
    )
