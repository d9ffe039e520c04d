"""Every operation of the API: with which scope, for whom, at which of the province's rows.

`who` may use it; `other` is an officer of another agency who has the scope and not the row.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chauban.api.interface import interface
from chauban.api.models import Announcement, Subscription
from tests.security.addresses import dispatch_of, recall_of, recipient_of, request_of
from tests.ui.conftest import Province

CITY = "van-thu.vp-ubnd"
AUTHOR = "chuyen-vien.vp-ubnd"
SIGNATORY = "pho-chu-tich.vp-ubnd"
FINANCE = "van-thu.so-tai-chinh"
HANDLER = "chuyen-vien.so-tai-chinh"
HEAD = "giam-doc.so-tai-chinh"
ELSEWHERE_CLERK = "van-thu.so-noi-vu"
ELSEWHERE_HEAD = "giam-doc.so-noi-vu"

NO_FILE = b"khong phai PDF"
SEEN = {"seen_at": "2020-01-01T00:00:00Z"}


@dataclass(frozen=True)
class Operation:
    """`of` gives the values of the address; `mine` operations have no row of anybody else."""

    who: str
    of: Callable[[Province], dict[str, Any]] = lambda it: {}
    given: Any = None
    query: str = ""
    other: str = ELSEWHERE_CLERK
    mine: bool = False
    file: bytes = field(default=b"", repr=False)


def _draft(it: Province) -> dict[str, Any]:
    return {"pk": it.drafting.pk}


def _attachment(it: Province) -> dict[str, Any]:
    return {**_draft(it), "attachment": it.drafting.attachments.first().pk}


def _signing(it: Province) -> dict[str, Any]:
    return {"pk": it.signing.pk}


def _issued(it: Province) -> dict[str, Any]:
    return {"pk": it.issued.outgoing_id}


def _waiting(it: Province) -> dict[str, Any]:
    return {"pk": it.waiting.pk}


def _incoming(it: Province) -> dict[str, Any]:
    return {"pk": it.incoming.pk}


def _task(it: Province) -> dict[str, Any]:
    return {"pk": it.task.pk}


def _webhook(it: Province) -> dict[str, Any]:
    return {"pk": Subscription.objects.latest("pk").pk}


def _dispatch(it: Province) -> dict[str, Any]:
    return {"pk": dispatch_of(it)[0]}


def _sent(it: Province) -> dict[str, Any]:
    return {"pk": Announcement.objects.latest("pk").pk}


REASON = {"reason": "Nhầm nơi nhận"}
DRAFT = {
    "mandate": 10**9,
    "kind": "cong_van",
    "subject": "Thử",
    "body_text": "Thử.",
    "to_places": ["Như trên"],
}
OPERATIONS = {
    "me": Operation(CITY, mine=True),
    "desk": Operation(CITY, mine=True),
    "bodies": Operation(CITY, mine=True),
    "outside": Operation(CITY, mine=True),
    "posts": Operation(CITY, mine=True),
    "mandates": Operation(CITY, mine=True),
    "choices": Operation(CITY, mine=True),
    "list_drafts": Operation(AUTHOR, mine=True),
    "create_draft": Operation(AUTHOR, given=DRAFT, mine=True),
    "one_draft": Operation(AUTHOR, _draft),
    "revise_draft": Operation(AUTHOR, _draft, {**DRAFT, **SEEN}),
    "take_step": Operation(AUTHOR, lambda it: {**_draft(it), "step": "submit"}, SEEN),
    "draft_pages": Operation(AUTHOR, _draft),
    "draft_life": Operation(AUTHOR, _draft),
    "attach": Operation(AUTHOR, _draft, query="?name=a.txt", file=b"a"),
    "attachment": Operation(AUTHOR, _attachment),
    "remove_attachment": Operation(AUTHOR, _attachment),
    "ask": Operation(SIGNATORY, _signing, {"shown": "x"}),
    "asked": Operation(SIGNATORY, _signing),
    "take_back": Operation(SIGNATORY, _signing),
    "list_outgoing": Operation(CITY, mine=True),
    "one_outgoing": Operation(CITY, _issued),
    "outgoing_life": Operation(CITY, _issued),
    "outgoing_file": Operation(CITY, lambda it: {**_issued(it), "ordinal": 1}),
    "recipients": Operation(CITY, _issued),
    "issue": Operation(CITY, _issued),
    "recall_document": Operation(CITY, _issued, REASON),
    "resend": Operation(CITY, lambda it: {"pk": recipient_of(it)[0]}),
    "ask_recipient_again": Operation(CITY, lambda it: {"pk": request_of(it)[0]}),
    "given_back": Operation(CITY, lambda it: {"pk": request_of(it)[0]}),
    "list_deliveries": Operation(FINANCE, mine=True),
    "one_delivery": Operation(FINANCE, _waiting),
    "delivered_file": Operation(FINANCE, lambda it: {"pk": it.waiting.files.first().pk}),
    "register": Operation(FINANCE, _waiting, {"acceptance": "information"}),
    "return_delivery": Operation(FINANCE, _waiting, REASON),
    "list_recalls": Operation(FINANCE, mine=True),
    "agree": Operation(FINANCE, lambda it: {"pk": recall_of(it)[0]}),
    "refuse": Operation(FINANCE, lambda it: {"pk": recall_of(it)[0]}, REASON),
    "list_incoming": Operation(HANDLER, mine=True),
    "one_incoming": Operation(HANDLER, _incoming),
    "incoming_life": Operation(HANDLER, _incoming),
    "incoming_file": Operation(HANDLER, lambda it: {**_incoming(it), "ordinal": 1}),
    "route": Operation(HEAD, _incoming, {}, other=ELSEWHERE_HEAD),
    "close": Operation(HEAD, _incoming, other=ELSEWHERE_HEAD),
    "list_dispatches": Operation(CITY, mine=True),
    "note_sent": Operation(CITY, _dispatch, {"sent_on": "2020-01-01"}),
    "note_received": Operation(CITY, _dispatch, {"received_on": "2020-01-01"}),
    "note_returned": Operation(CITY, _dispatch, {"note": "Sai địa chỉ"}),
    "holders": Operation(FINANCE, _incoming),
    "pass_on_incoming": Operation(FINANCE, _incoming, {"bodies": []}),
    "list_tasks": Operation(HANDLER, mine=True),
    "one_task": Operation(HANDLER, _task),
    "start": Operation(HANDLER, _task),
    "finish": Operation(HANDLER, _task, {}),
    "list_registers": Operation(CITY, mine=True),
    "outgoing_register": Operation(CITY, lambda it: {"body": "ubnd-tp"}),
    "incoming_register": Operation(CITY, lambda it: {"body": "ubnd-tp"}),
    "outgoing_csv": Operation(CITY, lambda it: {"body": "ubnd-tp"}),
    "incoming_csv": Operation(CITY, lambda it: {"body": "ubnd-tp"}),
    "verify": Operation(CITY, file=NO_FILE, mine=True),
    "list_webhooks": Operation(CITY, mine=True),
    "add_webhook": Operation(
        CITY, given={"url": "https://a.example/", "events": ["draft.signed", "x"]}, mine=True
    ),
    "remove_webhook": Operation(CITY, _webhook),
    "renew_secret": Operation(CITY, _webhook, {}),
    "try_webhook": Operation(CITY, _webhook),
    "announcements": Operation(CITY, _webhook),
    "send_again": Operation(CITY, _sent),
}


@dataclass(frozen=True)
class Declared:
    """An operation as the schema declares it."""

    name: str
    method: str
    path: str
    scope: str | None

    def call(self, client: Any, of: dict[str, Any], operation: Operation) -> Any:
        path = self.path.format(**of) + operation.query
        kind = "application/octet-stream" if operation.file else "application/json"
        given = operation.given
        body = operation.file or (b"" if given is None else _json(given))
        return client.generic(self.method, path, body, content_type=kind)


def declared() -> Iterator[Declared]:
    for path, methods in interface.get_openapi_schema()["paths"].items():
        for method, one in methods.items():
            yield Declared(one["operationId"], method.upper(), path, one["x-scope"])


def _json(given: Any) -> bytes:
    return json.dumps(given).encode()
