"""A hub of e-Doc v1, over SOAP with attachments (edxml.md 12.4)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from chauban.directory.rules import superior_code
from chauban.directory.synchronising import Listed
from chauban.exchange.adapters.accounts import Account
from chauban.exchange.adapters.http import DIRECTORY_BYTES, Answer, NotNow
from chauban.exchange.adapters.http_gateway import AccountsGateway
from chauban.exchange.adapters.keeping import HandedOut, forget, keep_handed_out, kept, kept_bytes
from chauban.exchange.adapters.sent import as_files, is_new, message_of, narrowed
from chauban.exchange.arriving import limits
from chauban.exchange.ports import (
    Acknowledgement,
    Envelope,
    GatewayError,
    GatewayUnavailable,
    Outcome,
    RefusedByAxis,
    Waiting,
)
from chauban_edxml.e_doc_v1 import (
    Reply,
    document_ids,
    organizations,
    read_reply,
    refusal_of_document,
    request,
    traces,
)
from chauban_edxml.errors import NotReadable
from chauban_edxml.model import StatusMessage
from chauban_edxml.parsing import Limits
from chauban_edxml.soap import is_soap
from chauban_edxml.soap_writing import soap_package, soap_status, unchecked_soap_status

START = 4096
STATUS = "status:"
SOAP = "text/xml; charset=utf-8"
THERE_ALREADY = "M.Exist"
# Not for what is sent or asked, but for want of a right or of the hub: it is tried again.
PASSING = ("M.Token", "M.Permission", "Permission", "M.GetTraces")
LARGE = Limits(size_bytes=DIRECTORY_BYTES, header_bytes=DIRECTORY_BYTES, elements=2_000_000)


class EDocV1Gateway(AccountsGateway):
    """Accounts are codes and tokens.

    The hub hands out a status but once, and some hand out a document but once, whether or not it
    is confirmed. It tells the sender nothing of a package's way.
    """

    def send_one(self, envelope: Envelope, *, now: datetime) -> Acknowledgement:
        account = self.accounts.of(envelope.from_organ_id)
        with message_of(envelope) as (message, files):
            if isinstance(message, StatusMessage):
                status = soap_status(message, token=account.secret)
                _require_reported("UpdateTraces", self._call("UpdateTraces", SOAP, status))
                return Acknowledgement(message.response_for.document_id[:60])
            package = soap_package(
                narrowed(message, envelope), as_files(files), token=account.secret, limits=limits()
            )
            try:
                reply = self._call("SendDocument", package.content_type, package.pieces())
            except RefusedByAxis as refusal:
                # It compares number, date, sender, recipients and files, but not the operation.
                if refusal.code == THERE_ALREADY and is_new(message):
                    return Acknowledgement(message.document_id[:60])
                raise
        sent = reply.within("DocumentId")
        if sent is None or sent.text in ("", "0"):
            raise GatewayUnavailable("SendDocument: no DocumentId in the answer")
        return Acknowledgement(sent.text[:60])

    def waiting(self, type: str, *, now: datetime) -> Sequence[Waiting]:
        if type == "edoc":
            return self.accounts.waiting(self._pending)
        listed = partial(self._keep_traces, now=now)
        self.accounts.waiting(listed)
        return kept(self.name, type)

    def _pending(self, account: Account) -> Iterator[Waiting]:
        listed = document_ids(self._ask("GetPendingDocumentIds", account))
        if listed is None:
            raise GatewayUnavailable("GetPendingDocumentIds: the answer has no list")
        for document_id in listed:
            package_id = self.accounts.package_id(account, document_id)
            yield Waiting(package_id, "edoc", "", account.organ_id)

    def _keep_traces(self, account: Account, *, now: datetime) -> tuple[Waiting, ...]:
        """Take the statuses, which the hub has forgotten then, and keep them at once."""
        listed = traces(self._ask("GetTraces", account))
        if listed is None:
            raise GatewayUnavailable("GetTraces: the answer has no list")
        packages = [
            HandedOut("status", account.organ_id, unchecked_soap_status(one)) for one in listed
        ]
        keep_handed_out(self.name, packages, now=now)
        return ()

    def fetch_one(self, package_id: str, *, now: datetime) -> bytes:
        raw = kept_bytes(self.name, package_id)
        if raw is not None:
            return raw
        account, document_id = self.accounts.of_package(package_id)
        body = _request("GetDocument", account, document_id)
        with self._open("GetDocument", SOAP, body) as answer:
            raw = b"".join(answer.base64(self.limit_bytes))
            content_type = answer.content_type
        try:
            refusal = refusal_of_document(raw, content_type=content_type, limits=limits())
        except NotReadable as error:
            if not is_soap(raw[:START]):
                raise GatewayUnavailable("GetDocument: the answer is no envelope") from error
            return raw  # the inbox says what is wrong with it, and whether it may be kept
        if refusal is not None:
            raise _refused("GetDocument", refusal)
        handed_out = HandedOut("edoc", account.organ_id, raw, package_id)
        keep_handed_out(self.name, [handed_out], now=now)
        return raw

    def confirm_one(self, outcome: Outcome, *, now: datetime) -> None:
        """The hub knows no failure; what is confirmed is not offered again."""
        if not outcome.package_id.startswith(STATUS):
            account, document_id = self.accounts.of_package(outcome.package_id)
            reply = self._ask("ConfirmReceived", account, document_id)
            _require_reported("ConfirmReceived", reply)
        forget(self.name, outcome.package_id)

    def organisations(self, *, now: datetime) -> Iterator[Listed]:
        listed = organizations(self._ask("GetOrganizations", self.accounts.all[0]))
        if listed is None:
            raise GatewayUnavailable("GetOrganizations: the answer has no list")
        for one in listed:
            if 0 < len(one.organ_id) <= 35:
                name, superior = one.organ_name or one.organ_id, superior_code(one.organ_id)
                yield Listed(one.organ_id, name, superior, "", one.email)

    def _ask(self, action: str, account: Account, document_id: str = "") -> Reply:
        return self._call(action, SOAP, _request(action, account, document_id))

    def _call(self, action: str, content_type: str, body: bytes | Iterable[bytes]) -> Reply:
        """Raises: GatewayUnavailable, RefusedByAxis."""
        with self._open(action, content_type, body) as answer:
            data = b"".join(answer.text(DIRECTORY_BYTES))
        try:
            reply = read_reply(data, action, content_type=answer.content_type, limits=LARGE)
        except NotReadable as error:
            raise GatewayUnavailable(f"{action}: {error.en}") from error
        if reply.is_success is False:
            raise _refused(action, reply)
        return reply

    @contextmanager
    def _open(
        self, action: str, content_type: str, body: bytes | Iterable[bytes]
    ) -> Iterator[Answer]:
        headers = {"SOAPAction": action, "Content-Type": content_type}
        call = self.connection.call(action, "POST", "", headers=headers, body=body)
        with call as answer:
            if answer.status != 200:  # a SOAP fault comes with 500
                raise GatewayUnavailable(f"{action}: HTTP {answer.status}")
            yield answer


def _request(action: str, account: Account, document_id: str) -> bytes:
    return request(action, token=account.secret, organ_id=account.organ_id, document_id=document_id)


def _require_reported(action: str, reply: Reply) -> None:
    """Raises: GatewayUnavailable: the answer does not say that it was done."""
    if reply.is_success is None:
        raise GatewayUnavailable(f"{action}: the answer has no report")


def _refused(action: str, reply: Reply) -> GatewayError:
    """The refusal that a report is, by the first of its errors."""
    code = reply.faults[0].code if reply.faults else ""
    said = reply.faults[0].description[:200] if reply.faults else ""
    if code in PASSING:
        return NotNow(f"{action}: {code} {said}".rstrip())
    vi = f"Trục e-Doc từ chối ({code or action}). {said}".strip()
    en = f"The e-Doc hub refuses ({code or action}). {said}".strip()
    return RefusedByAxis(code or "refused", vi=vi, en=en)
