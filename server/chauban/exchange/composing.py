"""Rows of ours as edXML messages."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import BinaryIO, cast

from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.directory.models import IssuingBody
from chauban.directory.rules import legal_day
from chauban.exchange.arriving import limits
from chauban.exchange.models import MessageType, OutgoingMessage, PassedOn, Recipient
from chauban.exchange.passing_rules import passing_reason
from chauban.exchange.ports import WHOLE_BYTES
from chauban.registers.models import (
    IncomingDocument,
    IncomingFile,
    OutgoingDocument,
    OutgoingFile,
)
from chauban_docform.kinds import kind
from chauban_edxml import changes
from chauban_edxml.model import (
    Attachment,
    Bussiness,
    BussinessDocType,
    Code,
    DocumentMessage,
    DocumentType,
    Organization,
    OtherInfo,
    Priority,
    PromulgationInfo,
    ReplacementInfo,
    ResponseFor,
    SignerInfo,
    StatusCode,
    StatusMessage,
    TraceHeader,
)
from chauban_edxml.streams import FileAttachment
from chauban_edxml.writing import write, write_to

Filed = OutgoingFile | IncomingFile


def compose_header(
    document: OutgoingDocument,
    *,
    recipients: Sequence[Recipient],
    answers: Sequence[IncomingDocument] = (),
    now: datetime,
) -> DocumentMessage:
    """The message that carries a sealed document to recipients, without its files."""
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
    )


def compose_passed_on(passed_on: Sequence[PassedOn], *, at: datetime) -> DocumentMessage:
    """The message that passes an incoming document on, without its files.

    Number, date, signer and identifier are the issuer's; From is who passes it on.
    """
    first = passed_on[0]
    document, earlier = first.incoming, first.earlier
    sender = organization(document.body, legal_day(at))
    reason = passing_reason(document.sender_name, first.words)
    message = DocumentMessage(
        from_=sender,
        to=tuple(Organization(one.organ_id, one.name, one.name) for one in passed_on),
        document_id=document.document_id,
        code=Code(document.code_number, document.code_notation),
        subject=document.subject,
        promulgation_info=PromulgationInfo(document.promulgated_on)
        if document.promulgated_on
        else None,
        document_type=DocumentType(document.kind_name),
        signer_info=SignerInfo(document.signer_name, document.signer_position),
        due_date=document.due_on,
        other_info=OtherInfo(priority=Priority(document.priority)),
        bussiness=Bussiness(bussiness_doc_reason=reason),
    )
    if earlier and document.replaces.filter(pk=earlier.pk).exists():
        everyone = tuple(one.organ_id for one in passed_on)
        replaced = ReplacementInfo(earlier.document_id, everyone)
        message = changes.replacement(message, replaced=[replaced], reason=reason, at=at)
    elif earlier:
        message = changes.update(message, updated=earlier.document_id, reason=reason, at=at)
    hops = (TraceHeader(document.sender_organ_id, document.arrived_at),)
    return replace(message, trace=(*hops, TraceHeader(sender.organ_id, at)))


def write_document(header: DocumentMessage, files: Iterable[Filed], *, now: datetime) -> Blob:
    """Write a document's message with all its files, durably; return its row, which is there.

    Raises: chauban_edxml.errors.EdXMLError; StorageFull, BlobMissing, BlobDamaged.
    """
    files = list(files)
    if sum(file.blob.size_bytes for file in files) <= WHOLE_BYTES:
        read = tuple(Attachment(file.name, store.read(file.blob)) for file in files)
        return store.put(write(replace(header, attachments=read), limits=limits()), now=now)
    streamed = [
        FileAttachment(file.name, partial(store.checked_pieces, file.blob)) for file in files
    ]
    with store.incoming() as out:
        write_to(cast(BinaryIO, out), header, streamed, limits=limits())
        blob = out.keep(now=now)
    store.enter([blob])
    return blob


def compose_owed(message: OutgoingMessage) -> DocumentMessage | StatusMessage:
    """A message that was owed without being written: a status, or a recall of ours."""
    if message.document:
        return _recall(message)
    if message.recall:
        return _answer(message)
    return compose_status(message) if message.delivery else _passed_on(message)


_REFUSING = (StatusCode.REFUSED, StatusCode.CHANGE_REFUSED)


def compose_status(message: OutgoingMessage) -> StatusMessage:
    """A status owed on a delivery, to the code that its sender used (edxml.md 10.4).

    It is stated as of the moment since which it is owed, however late it is sent.
    """
    delivery, code = message.delivery, StatusCode(message.status_code)
    header = delivery.header
    promulgated = header.get("promulgated_on")
    document_id, named = delivery.document_id, ""
    if code in (StatusCode.CHANGE_AGREED, StatusCode.CHANGE_REFUSED):  # on what it updates
        (concerned, *_) = header["concerns"]
        document_id, named = concerned["document_id"], concerned["code"]
    return StatusMessage(
        from_=organization(delivery.body, legal_day(message.created_at)),
        response_for=ResponseFor(
            delivery.from_organ_id,
            code=named or str(Code(header["code_number"], header["code_notation"])),
            document_id=document_id,
            promulgation_date=date.fromisoformat(promulgated) if promulgated else None,
        ),
        status_code=code,
        timestamp=message.created_at,
        description=(code in _REFUSING and delivery.return_reason) or code.vi,
    )


def _recall(message: OutgoingMessage) -> DocumentMessage | StatusMessage:
    """The recall of a document, in the dialect that it was owed in (edxml.md 6.3)."""
    document, asked_at = message.document, message.created_at
    asked = document.recipients.filter(organ_id__in=message.to_organ_ids).order_by("pk")
    recipients = asked.select_related("body__agency__parent")
    header = compose_header(document, recipients=recipients, now=asked_at)
    reason = document.recall_reason
    if message.type == MessageType.STATUS:
        (organ_id,) = message.to_organ_ids
        return changes.take_back(header, organ_id, reason=reason, at=asked_at)
    return changes.recall(header, reason=reason, at=asked_at)


def _passed_on(message: OutgoingMessage) -> DocumentMessage | StatusMessage:
    """A document that is passed on, or the request to give it back (edxml.md 6.3 A)."""
    rows = list(PassedOn.objects.of(message))
    header = compose_passed_on(rows, at=message.created_at)
    if message.type == MessageType.EDOC:
        return header
    reason = rows[0].incoming.recall_reason
    return changes.take_back(header, rows[0].organ_id, reason=reason, at=message.created_at)


def _answer(message: OutgoingMessage) -> StatusMessage:
    """15 or 16 to who recalls a document, naming it as the recall did."""
    recall, code = message.recall, StatusCode(message.status_code)
    concerned = ResponseFor(
        recall.from_organ_id,
        code=recall.code,
        document_id=recall.document_id,
        promulgation_date=recall.promulgated_on,
    )
    asked = changes.ChangeAsked(BussinessDocType.RECALL, concerned, recall.reason)
    agrees = code == StatusCode.CHANGE_AGREED
    return changes.answer(
        asked,
        by=organization(recall.body, legal_day(message.created_at)),
        agrees=agrees,
        at=message.created_at,
        description=code.vi if agrees else recall.refusal_reason,
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
