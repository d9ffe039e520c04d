"""The façade of Lạng Sơn before the national axis, "LTVB" (edxml.md 12.2)."""

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

from chauban.directory.rules import legal_day
from chauban.directory.synchronising import Listed
from chauban.exchange.adapters.accounts import Account
from chauban.exchange.adapters.error_numbers import refusal
from chauban.exchange.adapters.http import (
    listed_in,
    objects_in,
    parsed_object,
    require_answered,
)
from chauban.exchange.adapters.http_gateway import AccountsGateway
from chauban.exchange.adapters.sent import addressed
from chauban.exchange.ports import (
    Acknowledgement,
    Envelope,
    GatewayUnavailable,
    NotOffered,
    Outcome,
    PackageDamaged,
    PackageTooLarge,
    Waiting,
)
from chauban_edxml.rendering import escaped
from chauban_edxml.values import clean_text

LISTED_FOR = timedelta(days=30)
TAKEN = ("0", "200")


class LangSonGateway(AccountsGateway):
    """Accounts are `X-SystemId` and `X-SecretKey`: each agency is a system of its own there.

    The façade lists no agencies and does not tell what became of what was sent.
    """

    def send_one(self, envelope: Envelope, *, now: datetime) -> Acknowledgement:
        account = self.accounts.of(envelope.from_organ_id)
        with addressed(envelope) as body:
            boundary = f"chauban-{body.sha256[:60]}"  # which no message can have in it
            before, after = _form(envelope.type, boundary)
            headers = {
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Content-Length": str(len(before) + body.size_bytes + len(after)),
            }
            pieces = chain((before,), body.pieces(), (after,))
            answer = self._call("sendEdoc", "POST", account, headers=headers, body=pieces)
        inner = answer.get("data")
        found = answer.get("docId") or (inner.get("docId") if isinstance(inner, dict) else "")
        if str(found or "0") == "0":
            raise GatewayUnavailable("sendEdoc: no docId in the answer")
        return Acknowledgement(str(found)[:60])

    def waiting(self, type: str, *, now: datetime) -> Sequence[Waiting]:
        return self.accounts.waiting(partial(self._listed, type=type, now=now))

    def _listed(self, account: Account, type: str, now: datetime) -> Iterator[Waiting]:
        fields = {
            "messageType": type,
            "fromDate": f"{legal_day(now - LISTED_FOR):%Y/%m/%d}",
            "toDate": f"{legal_day(now):%Y/%m/%d}",
        }
        answer = self._call("syncReceivedEdocList", "GET", account, fields=fields)
        for one in listed_in("syncReceivedEdocList", answer):
            if str(one.get("status", "")).lower() in ("initial", "processing"):
                yield Waiting(
                    self.accounts.package_id(account, str(one.get("docId") or "")),
                    type,
                    str(one.get("from") or ""),
                    str(one.get("to") or ""),
                )

    def fetch_one(self, package_id: str, *, now: datetime) -> bytes:
        account, doc_id = self.accounts.of_package(package_id)
        call = self._open("getEdoc", "GET", account, fields={"docId": doc_id})
        with call as answer:
            require_answered(answer, judged)
            text = b"".join(answer.base64(self.limit_bytes))
        found = judged("getEdoc", text).get("data")
        if not isinstance(found, dict):
            raise PackageDamaged("getEdoc: the answer has no message")
        raw = _message(found)
        if len(raw) > self.limit_bytes:
            raise PackageTooLarge(self.limit_bytes)
        return raw

    def confirm_one(self, outcome: Outcome, *, now: datetime) -> None:
        account, doc_id = self.accounts.of_package(outcome.package_id)
        body = json.dumps({"docId": doc_id, "status": outcome.state}).encode()
        headers = {"Content-Type": "application/json"}
        self._call("updateStatus", "POST", account, headers=headers, body=body)

    def organisations(self, *, now: datetime) -> Iterator[Listed]:
        raise NotOffered("the façade lists no agencies")

    def _call(self, operation: str, method: str, account: Account, **given: Any) -> dict[str, Any]:
        with self._open(operation, method, account, **given) as answer:
            require_answered(answer, judged)
            return judged(operation, answer.read())

    def _open(
        self,
        operation: str,
        method: str,
        account: Account,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] = b"",
        fields: Mapping[str, str] | None = None,
    ) -> Any:
        named = {"X-SystemId": account.organ_id, "X-SecretKey": account.secret}
        return self.connection.call(
            operation,
            method,
            f"v1/{operation}",
            headers={**named, **(headers or {})},
            body=body,
            fields=fields,
        )


def _form(type: str, boundary: str) -> tuple[bytes, bytes]:
    """What stands before and after the message in the form that carries it (RFC 7578)."""
    named = f'--{boundary}\r\nContent-Disposition: form-data; name="messageType"\r\n\r\n{type}\r\n'
    file = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="edocFile"; '
        f'filename="{boundary}.edxml"\r\nContent-Type: application/xml\r\n\r\n'
    )
    return (named + file).encode(), f"\r\n--{boundary}--\r\n".encode()


def _message(found: Mapping[str, Any]) -> bytes:
    """The edXML in an answer: as text or in base64, its files in it or beside it.

    Raises: PackageDamaged.
    """
    text = found.get("edxml") or found.get("data")
    if not isinstance(text, str):
        raise PackageDamaged("getEdoc: the answer has no message")
    raw = (
        text.encode("utf-8", "replace")
        if text.lstrip("\ufeff \r\n\t").startswith("<")
        else _decoded(text)
    )
    beside = objects_in(found.get("attachments"))
    if beside and b"AttachmentEncoded" not in raw:
        return _with_files(raw, beside)
    return raw


def _with_files(raw: bytes, files: Sequence[Mapping[str, Any]]) -> bytes:
    """The edXML with what is listed beside it in its place, all else as it came.

    Raises: PackageDamaged: it has no end to put them before.
    """
    end = raw.rfind(b"</edXML>")
    if end < 0:
        raise PackageDamaged("getEdoc: files without a message")
    listed = "".join(map(_attachment, files))
    added = f"<AttachmentEncoded>{listed}</AttachmentEncoded>\n".encode("utf-8", "replace")
    return raw[:end] + added + raw[end:]


def _attachment(file: Mapping[str, Any]) -> str:
    name = escaped(clean_text(str(file.get("fileName") or "")))
    content = escaped(str(file.get("fileContent") or ""))
    return (
        f"<Attachment><AttachmentName>{name}</AttachmentName>"
        f"<ContentTransferEncoded>{content}</ContentTransferEncoded></Attachment>"
    )


def _decoded(text: str) -> bytes:
    try:
        return b64decode(re.sub(r"\s", "", text), validate=True)
    except (binascii.Error, ValueError) as error:
        raise PackageDamaged("getEdoc: the message is no base64") from error


def judged(operation: str, body: bytes) -> dict[str, Any]:
    """The answer, where it says success: by `success`, or by `code` without errorDetail.

    Raises: GatewayUnavailable, RefusedByAxis.
    """
    answer = parsed_object(operation, body)
    inner = answer.get("data")
    inner = inner if isinstance(inner, dict) else {}
    code = str(inner.get("errorCode") or answer.get("errorCode") or answer.get("code") or "")
    success = answer.get("success")
    if success is None:
        success = code in TAKEN and not answer.get("errorDetail")
    if success is True:
        return answer
    if "success" not in answer and not code:
        raise GatewayUnavailable(f"{operation}: the answer does not tell")
    raise refusal(operation, code, str(inner.get("errorDesc") or answer.get("message") or ""))
