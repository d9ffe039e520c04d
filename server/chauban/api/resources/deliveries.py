"""What the axis delivered: read, registered under an arrival number, or returned (Điều 21, 22)."""

from datetime import datetime
from typing import Any, Literal

from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.api.asking import acts, hands_out, reads
from chauban.api.once import once
from chauban.api.resources.outgoing import FileShape
from chauban.api.scopes import Scope
from chauban.api.shapes import (
    WORD,
    Cursor,
    Given,
    Id,
    Limit,
    Line,
    Page,
    PathId,
    named_by_digest,
    page_of,
    require_form,
)
from chauban.blobs.serving import download
from chauban.exchange import actions
from chauban.exchange.access import (
    access_delivered_file,
    access_delivery,
    access_received_recall,
)
from chauban.exchange.forms import RefuseRecallForm, ReturnForm
from chauban.exchange.models import Delivery, ReceivedRecall
from chauban.exchange.withdrawing import answer_recall

router = Router(tags=["deliveries"])


class DeliveryLine(Schema):
    id: Id
    code: str
    subject: str
    sender: str
    from_organ_id: str
    body: str
    document_id: str
    state: str
    proposal: str  # what the check of its signatures proposes; empty while it is being checked
    arrived_at: datetime
    decided_at: datetime | None
    incoming: Id | None  # the line of the register that it became


class DeliveredFileShape(FileShape):
    id: Id


class ReasonShape(Schema):
    code: str
    vi: str
    en: str
    clause: str = ""


class DeliveryShape(DeliveryLine):
    header: dict[str, Any]
    reasons: list[ReasonShape]
    return_reason: str
    files: list[DeliveredFileShape]
    arrival_number: int | None


class RegisterIn(Given):
    """As what it is registered, by the worth of its signatures or less."""

    acceptance: Literal["original", "copy", "information"]
    is_another: bool = False  # another document, though number, symbol and issuer repeat


class ReasonIn(Given):
    reason: Line


class RecallShape(Schema):
    """The sender of a document asks for it back (Điều 18.4)."""

    id: Id
    delivery: Id | None
    body: str
    sender: str
    code: str
    reason: str
    state: str
    asked_at: datetime
    answered_at: datetime | None


@reads(router, "/deliveries", Scope.DELIVERIES_READ, Page[DeliveryLine])
def list_deliveries(
    request: HttpRequest,
    state: str = Query("", max_length=10, pattern=WORD),
    cursor: int | None = Cursor,
    limit: int = Limit,
) -> Page[DeliveryLine]:
    officer = require(request.auth.officer, Permission.VIEW_DELIVERIES)
    rows = Delivery.objects.filter(body__agency=officer.agency_id).select_related("body")
    if state:
        rows = rows.filter(state=state)
    shown, following = page_of(request, rows, cursor=cursor, limit=limit)
    return Page[DeliveryLine](items=[DeliveryLine(**_line(one)) for one in shown], next=following)


@reads(router, "/deliveries/{pk}", Scope.DELIVERIES_READ, DeliveryShape)
def one_delivery(request: HttpRequest, pk: int = PathId) -> DeliveryShape:
    return _show(request.auth.officer, pk)


@hands_out(router, "/deliveries/files/{pk}", Scope.DELIVERIES_READ, "application/octet-stream")
def delivered_file(request: HttpRequest, pk: int = PathId) -> FileResponse:
    file = access_delivered_file(request.auth.officer, pk)
    return named_by_digest(download(file.blob, file.name), file.blob)


@acts(router, "/deliveries/{pk}/register", Scope.DELIVERIES_DECIDE, DeliveryShape)
def register(request: HttpRequest, given: RegisterIn, pk: int = PathId) -> HttpResponse:
    """Register it under the next arrival number; its sender is owed status 03."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        found = access_delivery(officer, pk, Permission.REGISTER_INCOMING)
        actions.accept_delivery(found, **given.dict(), officer=officer, now=now)
        return pk

    return once(request, do, _show, about=pk)


@acts(router, "/deliveries/{pk}/return", Scope.DELIVERIES_DECIDE, DeliveryShape)
def return_delivery(request: HttpRequest, given: ReasonIn, pk: int = PathId) -> HttpResponse:
    """Return it to its sender with the reason: status 02 (Điều 21.2.b)."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        found = access_delivery(officer, pk, Permission.RETURN_DELIVERY)
        stated = require_form(ReturnForm(given.dict()))
        actions.return_delivery(found, reason=stated["reason"], officer=officer, now=now)
        return pk

    return once(request, do, _show, about=pk)


@reads(router, "/recalls", Scope.DELIVERIES_READ, Page[RecallShape])
def list_recalls(
    request: HttpRequest,
    state: str = Query("", max_length=7, pattern=WORD),
    cursor: int | None = Cursor,
    limit: int = Limit,
) -> Page[RecallShape]:
    officer = require(request.auth.officer, Permission.VIEW_DELIVERIES)
    rows = ReceivedRecall.objects.filter(body__agency=officer.agency_id).select_related("body")
    if state:
        rows = rows.filter(state=state)
    shown, following = page_of(request, rows, cursor=cursor, limit=limit)
    return Page[RecallShape](items=[_recall(one) for one in shown], next=following)


@acts(router, "/recalls/{pk}/agree", Scope.DELIVERIES_DECIDE, RecallShape)
def agree(request: HttpRequest, pk: int = PathId) -> HttpResponse:
    """Agree to a recall: 15, and the document is withdrawn from everybody."""
    return _answer(request, pk, agrees=True)


@acts(router, "/recalls/{pk}/refuse", Scope.DELIVERIES_DECIDE, RecallShape)
def refuse(request: HttpRequest, given: ReasonIn, pk: int = PathId) -> HttpResponse:
    """Refuse a recall with the reason: 16."""
    return _answer(request, pk, agrees=False, given=given)


def _answer(
    request: HttpRequest, pk: int, *, agrees: bool, given: ReasonIn | None = None
) -> HttpResponse:
    now = request.auth.now

    def do(officer: Officer) -> int:
        recall = access_received_recall(officer, pk, Permission.REGISTER_INCOMING)
        stated = require_form(RefuseRecallForm(given.dict())) if given else {}
        answer_recall(recall, agrees=agrees, officer=officer, now=now, **stated)
        return pk

    return once(
        request, do, lambda officer, pk: _recall(access_received_recall(officer, pk)), about=pk
    )


def _line(one: Delivery) -> dict[str, Any]:
    header = one.header
    return {
        "id": one.pk,
        "code": f"{header['code_number']}/{header['code_notation']}",
        "subject": header["subject"],
        "sender": header["sender_name"],
        "from_organ_id": one.from_organ_id,
        "body": one.body.key,
        "document_id": one.document_id,
        "state": one.state,
        "proposal": one.proposal,
        "arrived_at": one.arrived_at,
        "decided_at": one.decided_at,
        "incoming": one.incoming_id or one.updated_id,
    }


def _show(officer: Officer, pk: int) -> DeliveryShape:
    one = access_delivery(officer, pk)
    line = one.incoming
    return DeliveryShape(
        **_line(one),
        header=one.header,
        reasons=[ReasonShape(**_reason(each)) for each in one.proposal_reasons],
        return_reason=one.return_reason,
        files=[
            DeliveredFileShape(
                id=each.pk,
                ordinal=each.ordinal,
                name=each.name,
                media_type=each.media_type,
                sha256=each.blob_id,
                size_bytes=each.blob.size_bytes,
                part="",
                report=each.report,
            )
            for each in one.files.select_related("blob")
            if each.blob
        ],
        arrival_number=line.arrival_number if line else None,
    )


def _reason(reason: dict[str, Any]) -> dict[str, str]:
    return {name: str(reason.get(name, "")) for name in ("code", "vi", "en", "clause")}


def _recall(one: ReceivedRecall) -> RecallShape:
    return RecallShape(
        id=one.pk,
        delivery=one.delivery_id,
        body=one.body.key,
        sender=one.sender_name,
        code=one.code,
        reason=one.reason,
        state=one.state,
        asked_at=one.asked_at,
        answered_at=one.answered_at,
    )
