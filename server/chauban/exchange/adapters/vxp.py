"""An axis over HTTP, spoken to as the national axis's own SDK does (edxml.md 11)."""

import codecs
import json
import re
import ssl
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import urllib3

from chauban.directory.rules import superior_code
from chauban.directory.synchronising import Listed
from chauban.exchange.ports import (
    Acknowledgement,
    Carried,
    Envelope,
    GatewayError,
    GatewayUnavailable,
    Outcome,
    PackageTooLarge,
    Refusal,
    RefusedByAxis,
    Sent,
    Waiting,
    one_by_one,
)
from chauban.exchange.receipts import Receipt, ReceiptInvalid
from chauban_edxml.vxp import hash_file, sign_headers, vxp_timestamp

PIECE_BYTES = 1 << 16
LONGEST_OBJECT = 1 << 18
_DATA = re.compile(r'"data"\s*:\s*\[')
_OBJECT = re.compile(r"[\s,]*\{")
_DECODER = json.JSONDecoder()
# Silence of half a lease (exchange.sending.LEASE) is taken for no answer.
TIMEOUT = urllib3.Timeout(connect=5, read=30)


class NotOffered(GatewayUnavailable):
    """The axis knows no such operation."""


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
        self.url = url.rstrip("/")
        self.name = (urlsplit(url).hostname or url)[:35]
        self.system_id, self.secret, self.limit_bytes = system_id, secret, limit_bytes
        self.poll_every = poll_every
        # No retries below us: whether a call may be made again is the outbox's decision.
        self.pool = urllib3.PoolManager(timeout=TIMEOUT, retries=False, maxsize=2, ssl_context=tls)

    def send(self, envelopes: Sequence[Envelope], *, now: datetime) -> Sequence[Sent]:
        return list(one_by_one(partial(self.send_one, now=now), envelopes))

    def fetch(self, package_ids: Sequence[str], *, now: datetime) -> Iterator[bytes | GatewayError]:
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
                "hash-file": hash_file(envelope.raw),
                "to": json.dumps(list(envelope.to_organ_ids), separators=(",", ":")),
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

    def fetch_one(self, package_id: str, *, now: datetime) -> bytes:
        """Raises: GatewayUnavailable, RefusedByAxis, PackageTooLarge."""
        headers = self._headers({"docId": package_id}, now=now, content_type="application/json")
        try:
            response = self.pool.request(
                "GET", f"{self.url}/downloadEdoc", headers=headers, preload_content=False
            )
            try:
                if response.status >= 400:
                    raise self._failure("downloadEdoc", response.status, response.read(4096))
                return self._read(response)
            finally:
                response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise GatewayUnavailable(f"downloadEdoc: {error}") from error

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
        try:
            response = self.pool.request(
                "POST", f"{self.url}/{operation}", headers=headers, preload_content=False
            )
            try:
                if response.status not in (200, 201):
                    raise self._failure(operation, response.status, response.read(4096))
                yield from listed_objects(operation, response.stream(PIECE_BYTES))
            finally:
                response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise GatewayUnavailable(f"{operation}: {error}") from error

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
        body: bytes = b"",
    ) -> dict[str, Any]:
        headers = self._headers(parameters, now=now, content_type=content_type)
        try:
            response = self.pool.request(
                "POST", f"{self.url}/{operation}", headers=headers, body=body
            )
        except urllib3.exceptions.HTTPError as error:
            raise GatewayUnavailable(f"{operation}: {error}") from error
        if response.status not in (200, 201):
            raise self._failure(operation, response.status, response.data)
        return _answer(operation, response.data)

    def _headers(
        self, parameters: dict[str, str], *, now: datetime, content_type: str
    ) -> dict[str, str]:
        fixed = {
            "systemid": self.system_id,
            "timestamp": vxp_timestamp(now),
            "Content-Type": content_type,
        }
        return sign_headers({**parameters, **fixed}, self.secret)

    def _read(self, response: urllib3.BaseHTTPResponse) -> bytes:
        body = bytearray()
        for piece in response.stream(PIECE_BYTES):
            body += piece
            if len(body) > self.limit_bytes:
                raise PackageTooLarge(self.limit_bytes)
        return bytes(body)

    def _failure(self, operation: str, status: int, body: bytes) -> Exception:
        """4xx with the axis's own words is its refusal; everything else may pass."""
        if 400 <= status < 500:
            try:
                _answer(operation, body)
            except RefusedByAxis as refusal:
                return refusal
            except GatewayUnavailable:
                pass
        if status == 404:
            return NotOffered(f"{operation}: HTTP 404")
        return GatewayUnavailable(f"{operation}: HTTP {status}")


def listed_objects(operation: str, pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The objects of an answer's `data`, one at a time, as its bytes come in.

    Raises: GatewayUnavailable, RefusedByAxis, after the objects: what counts is the whole answer.
    """
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    text, around, in_data = "", "", False
    for piece in pieces:
        text += decode(piece)
        if not in_data:
            if not (found := _DATA.search(text)):
                text = _short(operation, text)
                continue
            around, text, in_data = text[: found.end()], text[found.end() :], True
        text = yield from _objects(operation, text)
    if not in_data:
        _answer(operation, text.encode())
        raise GatewayUnavailable(f"{operation}: the answer has no list")
    _answer(operation, (around + text).encode())


def _short(operation: str, text: str) -> str:
    if len(text) > LONGEST_OBJECT:
        raise GatewayUnavailable(f"{operation}: the answer has no list")
    return text


def _objects(operation: str, text: str) -> Generator[dict[str, Any], None, str]:
    """The whole objects at the head of text, which stands inside a list; what is left of it."""
    at = 0
    while found := _OBJECT.match(text, at):
        try:
            one, at = _DECODER.raw_decode(text, found.end() - 1)
        except (ValueError, RecursionError) as error:  # it may go on in the next piece
            if len(text) - at > LONGEST_OBJECT:
                raise GatewayUnavailable(f"{operation}: an object that does not end") from error
            break
        yield one
    return text[at:]


def tls_context(*, ca: str = "", certificate: str = "", key: str = "") -> ssl.SSLContext:
    """TLS with the axis: whom we believe, and what we show (mutual TLS between our own nodes).

    ca, certificate and key are PEM files; an empty ca stands for the system's authorities.

    Raises: OSError, ssl.SSLError: a file is missing, or the key is not the certificate's.
    """
    context = ssl.create_default_context(cafile=ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(certificate, key or None)
    return context


def _answer(operation: str, body: bytes) -> dict[str, Any]:
    """Raises: GatewayUnavailable, RefusedByAxis."""
    try:
        answer = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise GatewayUnavailable(f"{operation}: the answer is no JSON") from error
    if not isinstance(answer, dict):
        raise GatewayUnavailable(f"{operation}: the answer is no object")
    code = str(answer.get("ErrorCode", ""))
    if code == "0" and str(answer.get("status", "")).upper() != "FAIL":
        return answer
    if not code:
        raise GatewayUnavailable(f"{operation}: the answer has no ErrorCode")
    raise RefusedByAxis(code, vi=str(answer.get("ErrorDesc") or f"{operation}: {code}")[:300])
