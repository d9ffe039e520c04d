"""An axis over HTTP, spoken to as the national axis's own SDK does (edxml.md 11)."""

import json
import ssl
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.directory.rules import superior_code
from chauban.directory.synchronising import Listed
from chauban.exchange.adapters.http import (
    Answer,
    Connection,
    as_it_comes,
    parsed_object,
    tls_context,  # noqa: F401
)
from chauban.exchange.adapters.lists import listed_objects
from chauban.exchange.ports import (
    Acknowledgement,
    Carried,
    Coming,
    Envelope,
    Fetched,
    GatewayError,
    GatewayUnavailable,
    NotOffered,
    Outcome,
    Refusal,
    RefusedByAxis,
    Sent,
    Waiting,
    one_by_one,
)
from chauban.exchange.receipts import Receipt, ReceiptInvalid
from chauban_edxml.vxp import NotHeaderText, hash_file, sdk_form, sign_headers, vxp_timestamp

DIRECTORY_BYTES = 1 << 28


class VXPGateway:
    """exchange.ports.Gateway over HTTP; an answer that cannot be read is no answer."""

    at_once = 10

    def __init__(
        self,
        url: str,
        *,
        system_id: str,
        secret: str,
        limit_bytes: int,
        tls: ssl.SSLContext | None = None,
        poll_every: timedelta = timedelta(minutes=1),
    ) -> None:
        self.connection = Connection(url, tls=tls)
        self.name = self.connection.name
        self.system_id, self.secret, self.limit_bytes = system_id, secret, limit_bytes
        self.poll_every = poll_every

    def send(self, envelopes: Sequence[Envelope], *, now: datetime) -> Sequence[Sent]:
        return list(one_by_one(partial(self.send_one, now=now), envelopes))

    def fetch(self, package_ids: Sequence[str], *, now: datetime) -> Iterator[Fetched]:
        return one_by_one(partial(self.fetch_one, now=now), package_ids)

    def confirm(
        self, outcomes: Sequence[Outcome], *, now: datetime
    ) -> Sequence[GatewayError | None]:
        return list(one_by_one(partial(self.confirm_one, now=now), outcomes))

    def send_one(self, envelope: Envelope, *, now: datetime) -> Acknowledgement:
        """Raises: GatewayUnavailable, RefusedByAxis."""
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
        """Raises: GatewayUnavailable, RefusedByAxis, PackageTooLarge."""
        return as_it_comes(self._package(package_id, now=now))

    def _package(self, package_id: str, *, now: datetime) -> Generator[bytes, None, None]:
        headers = self._headers({"docId": package_id}, now=now, content_type="application/json")
        with self.connection.call("downloadEdoc", "GET", "downloadEdoc", headers=headers) as answer:
            _require_taken(answer)
            yield from answer.pieces(self.limit_bytes)

    def confirm_one(self, outcome: Outcome, *, now: datetime) -> None:
        """Raises: GatewayUnavailable, RefusedByAxis."""
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
            _require_taken(answer)
            yield from listed_objects(operation, answer.text(DIRECTORY_BYTES), judged)

    def receipts(self, package_id: str, *, now: datetime) -> Sequence[Receipt]:
        """By an operation of our own nodes; another axis does not know it and gives none."""
        try:
            listed = self._list("getReceipts", {"docId": package_id}, now=now)
            return [Receipt.of(one) for one in listed]
        except (RefusedByAxis, NotOffered, ReceiptInvalid):
            return ()

    def _list(
        self, operation: str, parameters: dict[str, str], *, now: datetime
    ) -> list[dict[str, Any]]:
        """An unparsable or shapeless list is an error: else an outage looks like silence."""
        listed = self._call(operation, parameters, now=now).get("data")
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise GatewayUnavailable(f"{operation}: the answer has no list")
        return listed

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
            _require_taken(answer)
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


def _require_taken(answer: Answer) -> None:
    """4xx with the axis's own words is its refusal; everything else may pass.

    Raises: GatewayUnavailable, RefusedByAxis.
    """
    if answer.status in (200, 201):
        return
    if 400 <= answer.status < 500:
        with suppress(GatewayUnavailable):
            judged(answer.operation, answer.beginning())
    if answer.status == 404:
        raise NotOffered(f"{answer.operation}: HTTP 404")
    raise GatewayUnavailable(f"{answer.operation}: HTTP {answer.status}")


def judged(operation: str, body: bytes) -> dict[str, Any]:
    """The answer, where it is none of refusal.

    Raises: GatewayUnavailable, RefusedByAxis.
    """
    answer = parsed_object(operation, body)
    code = str(answer.get("ErrorCode", ""))
    if code == "0" and str(answer.get("status", "")).upper() != "FAIL":
        return answer
    if not code:
        raise GatewayUnavailable(f"{operation}: the answer has no ErrorCode")
    raise RefusedByAxis(code, vi=str(answer.get("ErrorDesc") or f"{operation}: {code}")[:300])
