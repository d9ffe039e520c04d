"""The provincial hub of Bkav eDoc 2.0, over its REST interface (edxml.md 12.3)."""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from chauban.directory.rules import superior_code
from chauban.directory.synchronising import Listed
from chauban.exchange.adapters.accounts import Account
from chauban.exchange.adapters.http import (
    DIRECTORY_BYTES,
    NotNow,
    as_it_comes,
    listed_in,
    objects_in,
    parsed_object,
    require_answered,
)
from chauban.exchange.adapters.http_gateway import AccountsGateway
from chauban.exchange.adapters.keeping import forget, keep_named, kept
from chauban.exchange.adapters.lists import listed_objects
from chauban.exchange.adapters.payloads import payload
from chauban.exchange.adapters.sent import addressed, is_new, message_of
from chauban.exchange.ports import (
    Acknowledgement,
    Coming,
    Envelope,
    GatewayUnavailable,
    Outcome,
    Refusal,
    RefusedByAxis,
    Waiting,
)
from chauban_edxml.model import DocumentMessage

TYPES = {"edoc": "EDOC", "status": "STATUS"}
THERE_ALREADY = ("ExistDoc", "M.Exist")
# Not for what is sent or asked, but for want of a right or of the hub: it is tried again.
PASSING = ("InternalServer", "E.Server", "GetPending", "H.OrganId", "H.Token", "Permission")


class BkavGateway(AccountsGateway):
    """Accounts are `organId` and token.

    The hub tells the sender nothing of a package's way but the recipients' own statuses.
    """

    def send_one(self, envelope: Envelope, *, now: datetime) -> Acknowledgement:
        account = self.accounts.of(envelope.from_organ_id)
        with addressed(envelope) as body:
            headers = {
                **_headers(account, envelope.type),
                "hash-edoc": body.sha256,
                "Content-Type": "application/octet-stream",
                "Content-Length": str(body.size_bytes),
            }
            try:
                answer = self._call("sendDocument", "POST", headers, body=body.pieces())
            except RefusedByAxis as refusal:
                if refusal.code in THERE_ALREADY:
                    return self._there_already(envelope, account, refusal)
                raise
        package_id = str(answer.get("docId") or "")
        if package_id in ("", "0"):
            raise GatewayUnavailable("sendDocument: no docId in the answer")
        return Acknowledgement(package_id[:60])

    def _there_already(
        self, envelope: Envelope, account: Account, refusal: RefusedByAxis
    ) -> Acknowledgement:
        """The hub knows the document by its DocumentId: whom has it for?

        An answer that was lost is found again so; asking first would not do: the hub is asked by
        number and notation, which come again every year.
        """
        with message_of(envelope) as (message, _):
            if not is_new(message):
                raise refusal
            assert isinstance(message, DocumentMessage)
            code, document_id = str(message.code or ""), message.document_id
        sender = envelope.from_organ_id
        lacking = [
            one for one in envelope.to_organ_ids if not self._is_there(account, sender, one, code)
        ]
        if len(lacking) == len(envelope.to_organ_ids):
            raise refusal
        return Acknowledgement(
            document_id[:60], {one: Refusal(refusal.code, refusal.vi) for one in lacking}
        )

    def _is_there(self, account: Account, sender: str, recipient: str, code: str) -> bool:
        asked = {"fromOrgan": sender, "toOrgan": recipient, "docCode": code}
        headers = {**_headers(account, "edoc"), "Content-Type": "application/json"}
        body = json.dumps(asked, ensure_ascii=False).encode()
        found = self._call("checkExistDocument", "POST", headers, body=body).get("isExist")
        if not isinstance(found, bool):
            raise GatewayUnavailable("checkExistDocument: the answer does not tell")
        return found

    def waiting(self, type: str, *, now: datetime) -> Sequence[Waiting]:
        listed = self.accounts.waiting(partial(self._listed, type=type))
        known = {one.package_id for one in listed}
        return [*listed, *(one for one in kept(self.name, type) if one.package_id not in known)]

    def _listed(self, account: Account, type: str) -> Iterator[Waiting]:
        answer = self._call("getPendingDocIds", "GET", _headers(account, type))
        recipients: dict[str, set[str]] = {}
        for one in listed_in("getPendingDocIds", answer):
            doc_id = str(one.get("docId") or "")
            recipients.setdefault(doc_id, set()).add(str(one.get("organId") or ""))
        for doc_id, organ_ids in recipients.items():
            # A hub may list a package once for each of its recipients.
            ours = account.organ_id if account.organ_id in organ_ids else ""
            only = next(iter(organ_ids)) if len(organ_ids) == 1 else ""
            # Documents and statuses are counted apart.
            package_id = f"{type}:{self.accounts.package_id(account, doc_id)}"
            yield Waiting(package_id, type, "", ours or only)

    def fetch_one(self, package_id: str, *, now: datetime) -> bytes | Coming:
        return as_it_comes(self._document(package_id))

    def _document(self, package_id: str) -> Generator[bytes, None, None]:
        headers = self._about(package_id)
        with self.connection.call("getDocument", "POST", "getDocument", headers=headers) as answer:
            require_answered(answer, judged)
            yield from payload("getDocument", answer.base64(self.limit_bytes), judged)

    def confirm_one(self, outcome: Outcome, *, now: datetime) -> None:
        """The hub knows no failure; what is confirmed is not offered again.

        Confirming anything for an agency, it also forgets that agency's statuses: whichever are
        still to be fetched are noted first. They can be fetched all the same.
        """
        type, account, _ = self._parts(outcome.package_id)
        waiting = self._listed(account, "status")
        others = [one for one in waiting if one.package_id != outcome.package_id]
        keep_named(self.name, others, now=now)
        self._call("confirmReceived", "POST", self._about(outcome.package_id))
        if type == "status":
            forget(self.name, outcome.package_id)

    def organisations(self, *, now: datetime) -> Iterator[Listed]:
        account = self.accounts.all[0]
        call = self.connection.call(
            "getOrganizations",
            "GET",
            "getOrganizations",
            headers=_headers(account, "edoc"),
            fields={"organId": account.organ_id},
        )
        with call as answer:
            require_answered(answer, judged)
            pieces = answer.text(DIRECTORY_BYTES)
            for one in listed_objects("getOrganizations", pieces, judged, key="organizations"):
                code = str(one.get("organId") or "").strip()
                if 0 < len(code) <= 35:
                    name = str(one.get("organName") or code).strip()
                    mail = str(one.get("email") or "").strip()
                    yield Listed(code, name, superior_code(code), "", mail)

    def _parts(self, package_id: str) -> tuple[str, Account, str]:
        """Type, account and docId of a package that we named.

        Raises: RefusedByAxis: the account is ours no longer.
        """
        type, _, named = package_id.partition(":")
        return type, *self.accounts.of_package(named)

    def _about(self, package_id: str) -> dict[str, str]:
        type, account, doc_id = self._parts(package_id)
        return {**_headers(account, type), "docId": doc_id}

    def _call(
        self,
        operation: str,
        method: str,
        headers: Mapping[str, str],
        *,
        body: Any = b"",
    ) -> dict[str, Any]:
        call = self.connection.call(operation, method, operation, headers=headers, body=body)
        with call as answer:
            require_answered(answer, judged)
            return judged(operation, answer.read())


def _headers(account: Account, type: str) -> dict[str, str]:
    return {"organId": account.organ_id, "Authorization": account.secret, "type": TYPES[type]}


def judged(operation: str, body: bytes) -> dict[str, Any]:
    """The answer, where its `status` is Success; `code` says nothing: "0" stands beside errors.

    Raises: GatewayUnavailable, RefusedByAxis.
    """
    answer = parsed_object(operation, body)
    status = str(answer.get("status") or "")
    if status == "Success":
        return answer
    if status not in ("Fail", "Error"):
        raise GatewayUnavailable(f"{operation}: the answer has no status")
    errors = objects_in(answer.get("errors"))
    first = errors[0] if errors else {}
    code = str(first.get("errorCode") or status)
    said = str(first.get("errorDescription") or "")[:200]
    if code in PASSING:
        raise NotNow(f"{operation}: {code} {said}".rstrip())
    raise RefusedByAxis(code, vi=_words(code, said, _VI), en=_words(code, said, _EN))


_VI = {
    "ExistDoc": "Trục đã có văn bản này và không nhận lần nữa.",
    "M.Exist": "Trục đã có văn bản này và không nhận lần nữa.",
    "SendDocument": "Trục không lưu được văn bản.",
    "File Not Found": "Trục không còn tệp của gói tin này.",
    "N": "Trục báo gói tin thiếu {}.",
    "R": "Trục báo {} vượt giới hạn cho phép.",
    "M": "Trục báo {} không hợp lệ.",
    "": "Trục từ chối ({}).",
}
_EN = {
    "ExistDoc": "The hub has this document already and takes it no second time.",
    "M.Exist": "The hub has this document already and takes it no second time.",
    "SendDocument": "The hub could not store the document.",
    "File Not Found": "The hub no longer has the file of this package.",
    "N": "The hub says that the message lacks {}.",
    "R": "The hub says that {} is out of range.",
    "M": "The hub says that {} is invalid.",
    "": "The hub refuses ({}).",
}


def _words(code: str, said: str, table: Mapping[str, str]) -> str:
    if code in table:
        words = table[code]
    else:
        kind, _, path = code.partition(".")
        known = kind in ("N", "R", "M") and path
        words = table[kind].format(path) if known else table[""].format(code)
    return f"{words} {said}".strip()
