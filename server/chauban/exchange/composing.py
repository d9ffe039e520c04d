"""Rows of ours as edXML messages."""

from collections.abc import Sequence
from datetime import date, datetime

from chauban.blobs import store
from chauban.directory.models import IssuingBody
from chauban.directory.rules import legal_day
from chauban.exchange.models import OutgoingMessage, Recipient
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban_docform.kinds import kind
from chauban_edxml.model import (
    Attachment,
    Bussiness,
    Code,
    DocumentMessage,
    DocumentType,
    Organization,
    OtherInfo,
    Priority,
    PromulgationInfo,
    ResponseFor,
    SignerInfo,
    StatusCode,
    StatusMessage,
    TraceHeader,
)


def compose(
    document: OutgoingDocument,
    *,
    recipients: Sequence[Recipient],
    answers: Sequence[IncomingDocument],
    now: datetime,
) -> DocumentMessage:
    """The message that carries a sealed document to recipients, with all its files."""
    sender = organization(document.body, legal_day(now))
    return DocumentMessage(
        from_=sender,
        to=tuple(_recipient(recipient) for recipient in recipients),
        document_id=document.document_id,
        code=Code.parse(document.code),
        subject=document.subject,
        promulgation_info=PromulgationInfo(document.issued_on, document.body.agency.place),
        document_type=DocumentType(kind(document.kind).name),
        signer_info=SignerInfo(document.signer_name, document.signer_position, document.competence),
        due_date=document.due_on,
        other_info=OtherInfo(
            priority=Priority(document.priority),
            promulgation_amount=document.issued_amount,
            page_amount=document.page_amount,
        ),
        response_for=tuple(map(_response_for, answers)),
        to_places=tuple(document.to_places),
        bussiness=Bussiness(bussiness_doc_reason="Văn bản mới"),
        trace=(TraceHeader(sender.organ_id, now),),
        attachments=tuple(
            Attachment(name=file.name, content=store.read(file.blob))
            for file in document.files.select_related("blob")
        ),
    )


def compose_status(message: OutgoingMessage) -> StatusMessage:
    """A status owed on a delivery, to the code that its sender used (edxml.md 10.4).

    It is stated as of the moment since which it is owed, however late it is sent.
    """
    delivery, code = message.delivery, StatusCode(message.status_code)
    header = delivery.header
    promulgated = header.get("promulgated_on")
    return StatusMessage(
        from_=organization(delivery.body, legal_day(message.created_at)),
        response_for=ResponseFor(
            delivery.from_organ_id,
            code=str(Code(header["code_number"], header["code_notation"])),
            document_id=delivery.document_id,
            promulgation_date=date.fromisoformat(promulgated) if promulgated else None,
        ),
        status_code=code,
        timestamp=message.created_at,
        description=(code == StatusCode.REFUSED and delivery.return_reason) or code.vi,
    )


def organization(body: IssuingBody, day: date) -> Organization:
    """A body of ours under its current code."""
    superior = body.agency.parent
    return Organization(
        body.organ_id(day),
        organization_in_charge=superior.name if superior else body.name,
        organ_name=body.name,
    )


def _recipient(recipient: Recipient) -> Organization:
    superior = recipient.body.agency.parent if recipient.body else None
    return Organization(
        recipient.organ_id,
        organization_in_charge=superior.name if superior else recipient.name,
        organ_name=recipient.name,
    )


def _response_for(answered: IncomingDocument) -> ResponseFor:
    return ResponseFor(
        answered.sender_organ_id,
        code=str(Code(answered.code_number, answered.code_notation)),
        document_id=answered.document_id,
        promulgation_date=answered.promulgated_on,
    )
