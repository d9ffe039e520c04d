"""An axis over HTTP, spoken to as the national axis's own SDK does (edxml.md 11)."""

import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from functools import partial
from typing import Any, Unpack

from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.directory.rules import superior_code
from chauban.directory.synchronising import Listed
from chauban.exchange.adapters.http import (
    DIRECTORY_BYTES,
    NotNow,
    as_it_comes,
    listed_in,
    parsed_object,
    require_answered,
)
from chauban.exchange.adapters.http_gateway import HTTPGateway, HTTPSettings
from chauban.exchange.adapters.lists import listed_objects
from chauban.exchange.ports import (
    Acknowledgement,
    Carried,
    Coming,
    Envelope,
    GatewayUnavailable,
    NotOffered,
    Outcome,
    Refusal,
    RefusedByAxis,
    Waiting,
)
from chauban.exchange.receipts import Receipt, ReceiptInvalid
from chauban_edxml.vxp import NotHeaderText, hash_file, sdk_form, sign_headers, vxp_timestamp

# Wrong secret, wrong clock, locked, too many calls (axis.errors): no fault of any message.
ABOUT_US = ("15", "16", "27", "28")
UNKNOWN_PACKAGE = "17"


class VXPGateway(HTTPGateway):
    """`lists_only_new`: packages noted as being fetched are not listed again."""

    def __init__(
        self,
        url: str,
        *,
        system_id: str,
        secret: str,
        lists_only_new: bool = False,
        **settings: Unpack[HTTPSettings],
    ) -> None:
        super().__init__(url, **settings)
        self.system_id, self.secret = system_id, secret
        self.lists_only_new = lists_only_new

    def send_one(self, envelope: Envelope, *, now: datetime) -> Acknowledgement:
        answer = self._call(
            "sendEdoc",
            {
                "from": envelope.from_organ_id,
                "servicetype": "eDoc",
                "messagetype": envelope.type,
                "hash-file": _hash_file(envelope.raw),
                "to": json.dumps(list(envelope.to_organ_ids), separators=(",", ":")),
                # Ours, between axes; whoever does not know a parameter ignores it (edxml.md 11.1).
                **({"hops": str(envelope.hops)} if envelope.hops else {}),
            },
            now=now,
            content_type="application/octet-stream",
            body=envelope.raw,
        )
        package_id = str(answer.get("DocId") or "")
        if package_id in ("", "0"):
            raise GatewayUnavailable("sendEdoc: no DocId in the answer")
        refused = answer.get("Refused") or []
        return Acknowledgement(
            package_id,
            {one["to"]: Refusal(one["ErrorCode"], one["ErrorDesc"]) for one in refused},
        )

    def waiting(self, type: str, *, now: datetime) -> Sequence[Waiting]:
        parameters = {"servicetype": "eDoc", "messagetype": type}
        if self.lists_only_new:
            parameters["status"] = "initial"
        return [
            Waiting(
                package_id=str(one["docId"]),
                type=type,
                from_organ_id=str(one.get("from") or ""),
                to_organ_id=str(one.get("to") or ""),
            )
            for one in self._list("getReceivedEdocList", parameters, now=now)
            if str(one.get("status", "")).lower() in ("initial", "processing")
        ]

    def fetch_one(self, package_id: str, *, now: datetime) -> bytes | Coming:
        return as_it_comes(self._package(package_id, now=now))

    def _package(self, package_id: str, *, now: datetime) -> Generator[bytes, None, None]:
        headers = self._headers({"docId": package_id}, now=now, content_type="application/json")
        with self.connection.call("downloadEdoc", "GET", "downloadEdoc", headers=headers) as answer:
            require_answered(answer, judged)
            yield from answer.pieces(self.limit_bytes)

    def confirm_one(self, outcome: Outcome, *, now: datetime) -> None:
        parameters = {"docId": outcome.package_id, "status": outcome.state}
        if outcome.description:
            # Headers carry ASCII only; the words stand in our own journal.
            parameters["description"] = outcome.description.encode("ascii", "ignore").decode()[:200]
        self._call("updateStatus", parameters, now=now, body=b"{}")

    def track(self, package_id: str, *, now: datetime) -> Sequence[Carried]:
        parameters = {"servicetype": "eDoc", "messagetype": "edoc", "docId": package_id}
        return [
            Carried(
                to_organ_id=str(one["toCode"]),
                state=str(one.get("receiveStatus") or "initial").lower(),
                description=str(one.get("receiveStatusDesc") or ""),
            )
            for one in self._list("getSentEdocList", parameters, now=now)
        ]

    def organisations(self, *, now: datetime) -> Iterator[Listed]:
        """Read as they come: the national axis lists 125,000."""
        for operation, old in (("getAgenciesListQD20", "code102"), ("getAgenciesList", "oldCode")):
            for one in self._walk(operation, now=now):
                code = str(one.get("code") or "").strip()
                if 0 < len(code) <= 35:
                    yield Listed(
                        code,
                        str(one.get("name") or code).strip(),
                        superior_code(code),
                        str(one.get(old) or "").strip()[:35],
                        str(one.get("mail") or "").strip(),
                    )

    def _walk(self, operation: str, *, now: datetime) -> Iterator[dict[str, Any]]:
        headers = self._headers({}, now=now, content_type="application/json")
        with self.connection.call(operation, "POST", operation, headers=headers) as answer:
            require_answered(answer, judged)
            yield from listed_objects(operation, answer.text(DIRECTORY_BYTES), judged)

    def receipts(self, package_id: str, *, now: datetime) -> Sequence[Receipt]:
        """By an operation of our own nodes, which no other axis knows (ADR 27).

        What is no receipt is left out: another may still come.
        """
        try:
            answer = self._call("getReceipts", {"docId": package_id}, now=now)
        except RefusedByAxis as error:
            kind = GatewayUnavailable if error.code == UNKNOWN_PACKAGE else NotOffered
            raise kind(f"getReceipts: {error}") from error
        found = []
        for one in answered_receipts(answer):
            with suppress(ReceiptInvalid):
                found.append(Receipt.of(one))
        return found

    def _list(
        self, operation: str, parameters: dict[str, str], *, now: datetime
    ) -> list[dict[str, Any]]:
        return listed_in(operation, self._call(operation, parameters, now=now))

    def _call(
        self,
        operation: str,
        parameters: dict[str, str],
        *,
        now: datetime,
        content_type: str = "application/json",
        body: bytes | Blob = b"",
    ) -> dict[str, Any]:
        headers = self._headers(parameters, now=now, content_type=content_type)
        call = partial(self.connection.call, operation, "POST", operation)
        with ExitStack() as stack:
            if isinstance(body, Blob):
                headers["Content-Length"] = str(body.size_bytes)
                file = stack.enter_context(store.open_blob(body))
                answer = stack.enter_context(call(headers=headers, body=file))
            else:
                answer = stack.enter_context(call(headers=headers, body=body))
            require_answered(answer, judged)
            return judged(operation, answer.read())

    def _headers(
        self, parameters: dict[str, str], *, now: datetime, content_type: str
    ) -> dict[str, str]:
        fixed = {
            "systemid": self.system_id,
            "timestamp": vxp_timestamp(now),
            "Content-Type": content_type,
        }
        try:
            return sign_headers({**parameters, **fixed}, self.secret)
        except NotHeaderText as error:  # such as a code or an id with a line end in it
            raise RefusedByAxis("not-header-text", vi=error.vi, en=error.en) from error


def _hash_file(raw: bytes | Blob) -> str:
    return sdk_form(bytes.fromhex(raw.sha256)) if isinstance(raw, Blob) else hash_file(raw)


def judged(operation: str, body: bytes) -> dict[str, Any]:
    """The answer, where it is none of refusal.

    Raises: GatewayUnavailable, which is NotNow where the refusal is of us; RefusedByAxis.
    """
    answer = parsed_object(operation, body)
    code = str(answer.get("ErrorCode", ""))
    if code == "0" and str(answer.get("status", "")).upper() != "FAIL":
        return answer
    if not code:
        raise GatewayUnavailable(f"{operation}: the answer has no ErrorCode")
    said = str(answer.get("ErrorDesc") or "")
    if code in ABOUT_US:
        raise NotNow(f"{operation}: {code} {said}"[:300].rstrip())
    raise RefusedByAxis(code, vi=said[:300] or f"{operation}: {code}")


def answered_receipts(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The receipts of a getReceipts answer; many share a statement, which stands there once."""
    entries, statements = answer.get("data"), answer.get("statements")
    if not isinstance(entries, list) or not isinstance(statements, list):
        raise GatewayUnavailable("getReceipts: the answer has no list")
    for one in entries:
        if not isinstance(one, dict) or one.get("statement") not in range(len(statements)):
            continue
        statement = statements[one["statement"]]
        if isinstance(statement, dict):
            yield {"entry": one.get("entry"), **statement}
