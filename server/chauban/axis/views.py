"""The axis over HTTP, as the national one speaks (edxml.md 11): every parameter is a header."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from chauban.axis import actions
from chauban.axis.errors import AxisRefusal, MissingParameter
from chauban.axis.models import Carriage, Member
from chauban.axis.querysets import WAITING
from chauban.axis.receipting import answer_of
from chauban.axis.requests import (
    PIECE_BYTES,
    Body,
    Call,
    is_announced_small,
    take_signature,
    verify_call,
)
from chauban.axis.taking import take
from chauban.axis.words import explain, refusal_words
from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.blobs.serving import hand_out
from chauban.directory.rules import HANOI, is_qd20_code
from chauban.exchange.ports import WHOLE_BYTES
from chauban_edxml.carrying import encoded

Answer = dict[str, Any]
PAGE = 100
LARGEST_PAGE = 500
_TAKEN = {"status": "OK", "ErrorCode": "0", "ErrorDesc": "Thanh cong"}
_NOT_LET_IN = ("15", "16", "27")


def endpoint(
    view: Callable[[HttpRequest, Call], Answer | HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """A path of the axis: verified call in, envelope out, refusals in the envelope too."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponseBase:
        try:
            call = verify_call(request, now=timezone.now())
            given = view(request, call)
            return given if isinstance(given, HttpResponseBase) else _envelope(given)
        except AxisRefusal as refusal:
            return _refusal(refusal)
        finally:
            # What is left unread of a small body would make the server cut the connection, and
            # our answer with it.
            if is_announced_small(request):
                request.read(PIECE_BYTES)

    return answer


@endpoint
def send_edoc(request: HttpRequest, call: Call) -> Answer:
    receipt = take(
        Body(request, call),
        system=call.system,
        to=_codes(call.get("to")),
        hops=_number(call, "hops", 0),  # ours, between axes; nobody else sends it
        now=timezone.now(),
    )
    answer: Answer = {"DocId": str(receipt.package.pk)}
    if receipt.refusals:
        # Not known to the SDK, which ignores it; getSentEdocList shows the same as FAIL.
        answer["Refused"] = [
            {"to": code, "ErrorCode": refusal.code, "ErrorDesc": explain(refusal).vi}
            for code, refusal in receipt.refusals.items()
        ]
    return answer


@endpoint
def get_received_edoc_list(request: HttpRequest, call: Call) -> Answer:
    type = _message_type(call)
    carriages = Carriage.objects.for_system(call.system.system_id)
    state = call.get("status").lower()
    if state and state not in Carriage.State:
        raise MissingParameter("status")
    if state and state not in WAITING:
        carriages = carriages.filter(type=type, state=state).order_by("offered_at", "pk")
    else:
        carriages = carriages.waiting(type)
        carriages = carriages.filter(state=state) if state else carriages
    if call.get("to"):
        carriages = carriages.filter(to__organ_id=call.get("to"))
    size = min(_number(call, "pageSize", PAGE), LARGEST_PAGE)
    start = (max(_number(call, "pageIndex", 1), 1) - 1) * size
    return {
        "data": [
            {
                "docId": str(one.pk),
                "serviceType": "eDoc",
                "messageType": one.type,
                "created_time": _moment(one.offered_at),
                "updated_time": _moment(one.updated_at),
                "from": one.package.from_organ_id,
                "to": one.to.organ_id,
                "status": one.state.upper(),
                "status_desc": one.description,
            }
            for one in carriages.select_related("package", "to")[start : start + size]
        ]
    }


@endpoint
def get_sent_edoc_list(request: HttpRequest, call: Call) -> Answer:
    package = actions.require_sent(call.system.system_id, call.required("docId"))
    common = {
        "serviceType": "eDoc",
        "messageType": package.type,
        "senderDocId": str(package.pk),
        "fromCode": package.from_organ_id,
        "sendStatus": "DONE",
        "sendStatusDesc": "",
        "title": package.title,
        "notation": package.notation,
        "sentTime": _moment(package.received_at),
    }
    carried = [
        {
            **common,
            "receiverDocId": str(one.pk),
            "toCode": one.to.organ_id,
            "receiveStatus": one.state.upper(),
            "receiveStatusDesc": one.description,
            "receivedTime": _moment(one.updated_at) if one.state == "done" else "",
        }
        for one in package.carriages.select_related("to").order_by("offered_at", "pk")
    ]
    undeliverable = [
        {
            **common,
            "receiverDocId": "",
            "toCode": one.organ_id,
            "receiveStatus": "FAIL",
            "receiveStatusDesc": refusal_words(one.error_code, one.organ_id).vi,
            "receivedTime": "",
        }
        for one in package.undeliverables.order_by("pk")
    ]
    return {"data": carried + undeliverable}


@endpoint
def get_edoc(request: HttpRequest, call: Call) -> Answer | HttpResponseBase:
    carriage = actions.require_carriage(call.system.system_id, call.required("docId"))
    raw = carriage.package.raw
    if raw.size_bytes > WHOLE_BYTES:
        return _streamed(raw)
    return {"data": base64.b64encode(store.read(raw)).decode()}


@csrf_exempt
@require_GET
def download_edoc(request: HttpRequest) -> HttpResponseBase:
    """The package's bytes, streamed; HTTP status 404 stands for any refusal."""
    try:
        call = verify_call(request, now=timezone.now())
        carriage = actions.require_carriage(call.system.system_id, call.required("docId"))
    except AxisRefusal as refusal:
        response = _refusal(refusal)
        response.status_code = 401 if refusal.code in _NOT_LET_IN else 404
        return response
    return hand_out(carriage.package.raw)


@endpoint
def update_status(request: HttpRequest, call: Call) -> Answer:
    doc_id = call.get("docId") or call.required("docid")
    state = call.required("status").lower()
    if state not in ("processing", "done", "fail"):
        raise MissingParameter("status")
    description = call.get("description") or call.get("statusDesc")
    actions.require_carriage(call.system.system_id, doc_id)
    take_signature(call, now=timezone.now())
    actions.update_state(
        call.system.system_id,
        doc_id,
        state=state,
        description=description,
        now=timezone.now(),
    )
    return {}


@endpoint
def get_receipts(request: HttpRequest, call: Call) -> Answer:
    """Our own extension, between our nodes: the signed receipts of a package that it sent."""
    package = actions.require_sent(call.system.system_id, call.required("docId"))
    return answer_of(package)


@endpoint
def count_receive_edoc(request: HttpRequest, call: Call) -> Answer:
    return {"count": Carriage.objects.for_system(call.system.system_id).waiting("edoc").count()}


@endpoint
def count_receive_status(request: HttpRequest, call: Call) -> Answer:
    return {"count": Carriage.objects.for_system(call.system.system_id).waiting("status").count()}


@endpoint
def get_agencies_list(request: HttpRequest, call: Call) -> Answer:
    return {
        "data": [
            {
                "id": str(one.pk),
                "pid": "",
                "code": one.organ_id,
                "name": one.name,
                "mail": "",
                "oldCode": one.old_organ_id,
            }
            for one in Member.objects.on_axis().order_by("pk")
        ]
    }


@endpoint
def get_agencies_list_qd20(request: HttpRequest, call: Call) -> Answer:
    level = call.get("level")
    listed = [
        one
        for one in Member.objects.on_axis().order_by("pk")
        if is_qd20_code(one.organ_id)
        and (not level.isdecimal() or len(one.organ_id.split(".")) == int(level))
    ]
    return {
        "data": [
            {"id": str(one.pk), "code": one.organ_id, "name": one.name, "mail": ""}
            | ({"code102": one.old_organ_id} if one.old_organ_id else {})
            for one in listed
        ]
    }


def _envelope(answer: Answer) -> HttpResponse:
    # ASCII only: the SDK reads answers as US-ASCII (edxml.md 11.3).
    return JsonResponse(_TAKEN | answer)


def _streamed(raw: Blob) -> HttpResponseBase:
    """The envelope with the package in base64, in pieces; of a damaged file it has no end."""
    before, after = json.dumps(_TAKEN | {"data": ""}).encode().rsplit(b'""', 1)

    def pieces() -> Iterator[bytes]:
        yield before + b'"'
        yield from encoded(store.checked_pieces(raw))
        yield b'"' + after

    response = StreamingHttpResponse(pieces(), content_type="application/json")
    letters = 4 * -(-raw.size_bytes // 3)
    response["Content-Length"] = str(len(before) + len(after) + 2 + letters)
    return response


def _refusal(refusal: AxisRefusal) -> HttpResponse:
    return JsonResponse(
        {
            "status": "FAIL",
            "ErrorCode": refusal.code,
            "ErrorDesc": explain(refusal).vi,
            "DocId": "",
        }
    )


def _message_type(call: Call) -> str:
    type = call.required("messagetype").lower()
    if type not in ("edoc", "status"):
        raise MissingParameter("messagetype")
    return type


def _codes(text: str) -> list[str]:
    """The codes of a `to` header, which is the text of a JSON list.

    Raises: MissingParameter.
    """
    if not text:
        return []
    try:
        codes = json.loads(text)
    except ValueError as error:
        raise MissingParameter("to") from error
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise MissingParameter("to")
    return [code.strip() for code in codes if code.strip()]


def _number(call: Call, name: str, default: int) -> int:
    text = call.get(name)
    if not text:
        return default
    if not text.isdecimal() or len(text) > 6:
        raise MissingParameter(name)
    return int(text)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(HANOI):%Y-%m-%d %H:%M:%S}"
