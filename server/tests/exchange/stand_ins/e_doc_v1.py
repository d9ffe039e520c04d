"""A hub of e-Doc v1 over SOAP with attachments (edxml.md 12.4), with the hub's habits."""

import re
from dataclasses import replace
from io import BytesIO
from itertools import count

from chauban_edxml.errors import NotReadable
from chauban_edxml.model import StatusMessage
from chauban_edxml.multipart import parts_of, root_part
from chauban_edxml.parsing import DEFAULT, parse
from chauban_edxml.soap import read_soap
from chauban_edxml.soap_writing import unchecked_soap_status
from tests.exchange.stand_ins.serving import Answer, StandIn

V1, SOAP = "http://www.e-doc.vn/Schema/", "http://schemas.xmlsoap.org/soap/envelope/"
ROOTS = {
    "GetPendingDocumentIdsRequest": "GetPendingDocumentIds",
    "GetDocumentRequest": "GetDocument",
    "GetTraces": "GetTraces",
    "ConfirmReceived": "ConfirmReceived",
    "GetOrganizations": "GetOrganizations",
}


class EDocV1Hub(StandIn):
    """Every answer is a package, the envelope its only part unless it carries files."""

    forgets_when_fetched = False

    def __init__(self, tokens, organisations=()):
        super().__init__()
        self.tokens, self.organisations = tokens, organisations
        self.documents: dict[int, tuple[bytes, str]] = {}  # package and its content type
        self.pending: dict[str, list[int]] = {}
        self.statuses: list[StatusMessage] = []
        self.traces: dict[str, list[StatusMessage]] = {}
        self._ids = count(10421)

    def answer(self, request):
        action = request.headers.get("SOAPAction")
        content_type = request.headers.get("Content-Type", "")
        try:
            envelope = parse(root_of(request.body, content_type), DEFAULT).root
        except NotReadable as error:
            return reported(action, False, "M.Envelope", str(error))
        token = envelope.child("Header").child("Token")
        if token is None or token.namespace != "http://e-doc.vn/xsd":
            return reported(action, False, "M.Token", "Token is required")
        if token.text not in self.tokens.values():
            return reported(action, False, "M.Permission", "")
        if action == "SendDocument":
            return self._send(request.body, content_type, token.text)
        if action == "UpdateTraces":
            return self._update_traces(request.body, token.text)
        (asked,) = envelope.child("Body").children
        if ROOTS.get(asked.name) != action or asked.namespace != V1:
            return Answer(b"", 500)
        organ_id = asked.child("OrganId").text
        if self.tokens.get(organ_id) != token.text:
            return reported(action, False, "M.OrganId", "OrganId is required.")
        named = asked.child("DocumentId")
        act = getattr(self, f"_{action}")
        return act(organ_id, int(named.text)) if named is not None else act(organ_id)

    def _send(self, body, content_type, token):
        message = read_soap(body, content_type=content_type)
        root = root_of(body, content_type)
        if self.tokens.get(message.from_.organ_id) != token:
            return reported("SendDocument", False, "M.Permission", "")
        header = parse(root, DEFAULT).root.child("Header").child("MessageHeader")
        names = [one.name for one in header.children]
        if names[-1] not in ("DocumentId", "ResponseFor") or names.index("Code") < names.index(
            "To"
        ):
            return reported("SendDocument", False, "M.Order", "")
        if header.child("From").child("OrganizationInCharge") is None:
            return reported("SendDocument", False, "M.From.OrganizationInCharge", "")
        dates = [
            header.child("DueDate").text,
            header.child("PromulgationInfo").child("PromulgationDate").text,
        ]
        if not all(re.fullmatch(r"\d\d/\d\d/\d{4}", one) for one in dates):
            return reported("SendDocument", False, "M.Date", " ".join(dates))
        if any(identity(message) == identity(one) for one in self.messages().values()):
            return reported("SendDocument", False, "M.Exist", "Document is exist on ESB !!!!")
        return reported("SendDocument", True, document_id=self.put_document(body, content_type))

    def messages(self):
        return {
            number: read_soap(body, content_type=content_type)
            for number, (body, content_type) in self.documents.items()
        }

    def put_document(self, body, content_type):
        """A package comes in from anybody; every recipient has it pending."""
        document_id = next(self._ids)
        self.documents[document_id] = (body, content_type)
        for one in read_soap(body, content_type=content_type).to:
            self.pending.setdefault(one.organ_id, []).append(document_id)
        return document_id

    def _update_traces(self, body, token):
        status = replace(read_soap(body), extra=())  # the token is no part of it
        if self.tokens.get(status.from_.organ_id) != token:
            return reported("UpdateTraces", False, "M.Permission", "")
        self.put_status(status)
        return reported("UpdateTraces", True)

    def put_status(self, status):
        self.statuses.append(status)
        self.traces.setdefault(status.response_for.organ_id, []).append(status)

    def _GetPendingDocumentIds(self, organ_id):  # noqa: N802
        listed = "".join(
            f"<edXML:DocumentId>{one}</edXML:DocumentId>" for one in self.pending.get(organ_id, ())
        )
        return answered("GetPendingDocumentIds", f"<edXML:DocumentIds>{listed}</edXML:DocumentIds>")

    def _GetDocument(self, organ_id, document_id):  # noqa: N802
        if document_id not in self.pending.get(organ_id, ()):
            return reported("GetDocument", False, "Error", "Document does not exist !!!!")
        body, content_type = self.documents[document_id]
        if self.forgets_when_fetched:
            self.pending[organ_id].remove(document_id)
        # Its own objects have other names than what it checks.
        body = body.replace(b"OrganizationInCharge>", b"OrganInCharge>")
        return Answer(body, content_type=content_type)

    def _ConfirmReceived(self, organ_id, document_id):  # noqa: N802
        pending = self.pending.get(organ_id, [])
        if document_id in pending:
            pending.remove(document_id)
        return reported("ConfirmReceived", True)

    def _GetTraces(self, organ_id):  # noqa: N802
        """They are handed out once."""
        listed = "".join(map(element_of, self.traces.pop(organ_id, ())))
        return answered("GetTraces", f"<edXML:Traces>{listed}</edXML:Traces>")

    def _GetOrganizations(self, organ_id):  # noqa: N802
        listed = "".join(
            f"<edXML:Organization><edXML:OrganId>{code}</edXML:OrganId>"
            f"<edXML:OrganName>{name}</edXML:OrganName></edXML:Organization>"
            for code, name in self.organisations
        )
        return answered("GetOrganizations", f"<edXML:Organizations>{listed}</edXML:Organizations>")


def root_of(body, content_type):
    if not content_type.startswith("multipart/related"):
        return body
    parts = parts_of(BytesIO(body), content_type=content_type, limits=DEFAULT)
    return b"".join(root_part(parts, content_type=content_type).pieces()())


def identity(message):
    return (
        message.subject,
        message.code,
        message.promulgation_info,
        message.from_.organ_id,
        tuple(one.organ_id for one in message.to),
        tuple(one.name for one in message.attachments),
        message.bussiness.bussiness_doc_type,
    )


def element_of(status):
    text = unchecked_soap_status(status).decode()
    return text[text.index("<edXML:Status>") : text.index("</SOAP-ENV:Header>")]


def answered(action, content):
    envelope = (
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:edXML="{V1}"><soapenv:Body>'
        f"<edXML:{action}Response>{content}</edXML:{action}Response>"
        "</soapenv:Body></soapenv:Envelope>"
    )
    part = "Content-Type: text/xml; charset=UTF-8\r\nContent-ID: <0.urn:uuid:1@apache.org>"
    body = f"--MIMEBoundary_1\r\n{part}\r\n\r\n{envelope}\r\n--MIMEBoundary_1--\r\n"
    start = 'start="<0.urn:uuid:1@apache.org>"'
    return Answer(
        body.encode(),
        content_type=f'multipart/related; boundary=MIMEBoundary_1; type="text/xml"; {start}',
    )


def reported(action, is_success, code="", description="", *, document_id=None):
    errors = (
        f"<edXML:Error><edXML:Code>{code}</edXML:Code>"
        f"<edXML:Description>{description}</edXML:Description></edXML:Error>"
        if code
        else ""
    )
    report = (
        f"<edXML:Report><edXML:IsSuccess>{str(is_success).lower()}</edXML:IsSuccess>"
        f"<edXML:ErrorList>{errors}</edXML:ErrorList></edXML:Report>"
    )
    sent = f"<edXML:DocumentId>{document_id}</edXML:DocumentId>" if document_id else ""
    return answered(action, report + sent)
