"""Bkav eDoc 2.0's `/EdocService` (edxml.md 12.3), with the hub's habits."""

import json
from base64 import b64encode
from hashlib import sha256
from itertools import count

from chauban_edxml.errors import NotReadable
from chauban_edxml.model import BussinessDocType, StatusMessage
from chauban_edxml.reading import read_without_attachments
from tests.exchange.stand_ins.serving import Answer, StandIn


class BkavHub(StandIn):
    """Documents and statuses are numbered apart, so the same number stands for either."""

    def __init__(self, tokens, organisations=()):
        super().__init__()
        self.tokens, self.organisations = tokens, organisations
        self.documents: dict[int, bytes] = {}
        self.statuses: dict[int, bytes] = {}
        self.pending: dict[str, list[int]] = {}
        self.unread: dict[int, str] = {}  # statuses by whom they are for
        self._document_ids, self._status_ids = count(101), count(101)

    def answer(self, request):
        organ_id = request.headers.get("organId")
        if not organ_id or self.tokens.get(organ_id) != request.headers.get("Authorization"):
            return fail("Permission", "Organ don't have permission on EdocService")
        operations = {
            ("POST", "sendDocument"): self._send,
            ("GET", "getPendingDocIds"): self._pending,
            ("POST", "getDocument"): self._document,
            ("POST", "confirmReceived"): self._confirm,
            ("POST", "checkExistDocument"): self._exists,
            ("GET", "getOrganizations"): self._organisations,
        }
        act = operations.get((request.method, request.path.removeprefix("/EdocService/")))
        return act(request, organ_id) if act else Answer(b"", 404)

    def _send(self, request, organ_id):
        kind = request.headers.get("type")
        if kind not in ("EDOC", "STATUS"):
            return fail("BadRequest", "UnSupport Message Type")
        if request.headers.get("hash-edoc") != sha256(request.body).hexdigest():
            return fail("M.HashEdoc", "Hash")
        if request.headers.get("Content-Type") != "application/octet-stream":
            return Answer(b"", 415)
        try:
            message = read_without_attachments(request.body)
        except NotReadable as error:
            return fail("InternalServer", str(error), status="Error")
        if isinstance(message, StatusMessage):
            if not message.response_for.code:
                return fail("N.ResponseFor.Code", "")
            if self.is_deaf_to_statuses:
                return gson(docId=0, status="Error", code="0", errors=[])
            return gson(docId=self.put_status(request.body), status="Success", code="0", errors=[])
        lacking = [
            path
            for path, value in (
                ("From.OrganId", message.from_.organ_id),
                ("To", message.to),
                ("Code", message.code),
                ("PromulgationInfo.PromulgationDate", message.promulgation_info),
                ("DocumentType", message.document_type),
                ("Subject", message.subject),
            )
            if not value
        ]
        if lacking:
            return fail(f"N.{lacking[0]}", "")
        is_new = message.bussiness.bussiness_doc_type is BussinessDocType.NEW
        if is_new and self._known(message.document_id):
            return fail("ExistDoc", "Document is exist", docId=0)
        doc_id = self.put_document(request.body)
        return gson(docId=doc_id, status="Success", code="0", errors=[])

    is_deaf_to_statuses = False

    def put_document(self, raw):
        """A document comes in from anybody; every recipient has it pending."""
        doc_id = next(self._document_ids)
        self.documents[doc_id] = raw
        for one in read_without_attachments(raw).to:
            self.pending.setdefault(one.organ_id, []).append(doc_id)
        return doc_id

    def put_status(self, raw):
        status_id = next(self._status_ids)
        self.statuses[status_id] = raw
        self.unread[status_id] = read_without_attachments(raw).response_for.organ_id
        return status_id

    def _known(self, document_id):
        return any(
            read_without_attachments(raw).document_id == document_id
            for raw in self.documents.values()
        )

    def _pending(self, request, organ_id):
        if request.headers.get("type") == "STATUS":
            unread = [one for one, whose in self.unread.items() if whose == organ_id]
            return gson(
                data=[{"docId": one, "organId": organ_id} for one in unread],
                status="Success",
                code="0",
                errors=[],
            )
        listed = [
            {"docId": one, "organId": to.organ_id}
            for one in self.pending.get(organ_id, ())
            for to in read_without_attachments(self.documents[one]).to
        ]
        return gson(data=listed, status="Success", code="0", errors=[])

    def _document(self, request, organ_id):
        kept = self.documents if request.headers.get("type") == "EDOC" else self.statuses
        raw = kept.get(int(request.headers["docId"]))
        if raw is None:
            return fail("File Not Found", "", status="Error")
        return gson(data=b64encode(raw).decode(), status="Success", code="0", errors=[])

    def _confirm(self, request, organ_id):
        doc_id = int(request.headers["docId"])
        pending = self.pending.get(organ_id, [])
        if doc_id in pending:
            pending.remove(doc_id)
        # Whatever is confirmed, all statuses of the agency count as read.
        for one in [one for one, whose in self.unread.items() if whose == organ_id]:
            del self.unread[one]
        return gson(status="Success", code="0", errors=[])

    def _exists(self, request, organ_id):
        asked = json.loads(request.body)
        found = any(
            message.from_.organ_id == asked["fromOrgan"]
            and asked["toOrgan"] in {one.organ_id for one in message.to}
            and str(message.code) == asked["docCode"]
            for message in map(read_without_attachments, self.documents.values())
        )
        return gson(isExist=found, status="Success", code="200", errors=[])

    def _organisations(self, request, organ_id):
        assert request.query == {"organId": organ_id}
        listed = [{"organId": code, "organName": name} for code, name in self.organisations]
        return gson(organizations=listed, status="Success", code="0", errors=[])


def gson(**values):
    """JSON as Gson writes it: what might matter in HTML is escaped, the padding of base64 too."""
    text = json.dumps(values, ensure_ascii=False)
    return Answer(text.replace("=", "\\u003d").replace("'", "\\u0027").encode())


def fail(code, description, *, status="Fail", **more):
    errors = [{"errorCode": code, "errorDescription": description}]
    return gson(status=status, code="9999", errors=errors, **more)
