"""Recall, update and replacement: asked for, read and answered (edxml.md sections 6.3 to 6.5).

A recall is asked for in two ways: A, a status 13 to one recipient, which production systems send;
B, a document message of type 1 to all. Both are read alike, and both answered by 15 or 16. What
comes of them is for people: nothing here changes a document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from chauban_edxml.identifiers import Canonical, normal_organ_id
from chauban_edxml.model import (
    Attachment,
    Bussiness,
    BussinessDocType,
    BussinessDocumentInfo,
    Code,
    DocumentMessage,
    Organization,
    Receiver,
    ReceiverType,
    ReplacementInfo,
    ResponseFor,
    StaffInfo,
    StatusCode,
    StatusMessage,
    TraceHeader,
)


@dataclass(frozen=True)
class ChangeAsked:
    """What the sender of a document asks of its recipients.

    concerned names the document, with its issuer as organ_id, as `find_documents` takes it.
    organ_ids are the recipients asked; none means all in `To`.
    """

    kind: BussinessDocType
    concerned: ResponseFor
    reason: str
    organ_ids: tuple[str, ...] = ()


def changes_asked(message: DocumentMessage | StatusMessage) -> tuple[ChangeAsked, ...]:
    """Return what message asks for: none for a new document and other statuses.

    A replacement may concern several documents.
    """
    if isinstance(message, StatusMessage):
        return (_taken_back(message),) if message.status_code == StatusCode.TAKE_BACK else ()
    bussiness = message.bussiness
    reason, kind = bussiness.bussiness_doc_reason, bussiness.bussiness_doc_type
    if kind is BussinessDocType.REPLACEMENT:
        issuer = message.from_.organ_id
        return tuple(
            ChangeAsked(kind, ResponseFor(issuer, "", info.document_id), reason, info.organ_ids)
            for info in bussiness.replacement_info_list
        )
    if kind is BussinessDocType.NEW:
        return ()
    return (ChangeAsked(kind, _concerned(message), reason),)


def take_back(
    document: DocumentMessage,
    recipient: str,
    *,
    reason: str,
    at: datetime,
    staff_info: StaffInfo | None = None,
) -> StatusMessage:
    """Return dialect A of a recall: the status 13 that asks recipient, an organ_id."""
    return StatusMessage(
        from_=document.from_,
        response_for=replace(_response_for(document), organ_id=recipient),
        status_code=StatusCode.TAKE_BACK,
        timestamp=at,
        description=reason,
        staff_info=staff_info,
    )


def recall(
    document: DocumentMessage,
    *,
    reason: str,
    at: datetime,
    staff_info: StaffInfo | None = None,
) -> DocumentMessage:
    """Return dialect B of a recall: the document's header again, as type 1, without its files."""
    bussiness = Bussiness(
        BussinessDocType.RECALL,
        reason,
        document_id=document.document_id,
        staff_info=staff_info,
    )
    return _sent_as(document, bussiness, at=at, attachments=())


def update(
    document: DocumentMessage,
    *,
    updated: str,
    reason: str,
    at: datetime,
    is_data_changed: bool = True,
    removed: Iterable[str] = (),
    added: Iterable[str] = (),
    staff_info: StaffInfo | None = None,
) -> DocumentMessage:
    """Return document, the new state with its files, as an update (type 2).

    updated is the DocumentId of what it updates, often its own; removed and added are organ_ids.
    """
    receivers = (
        *(Receiver(organ_id, ReceiverType.REMOVED) for organ_id in removed),
        *(Receiver(organ_id, ReceiverType.ADDED) for organ_id in added),
    )
    bussiness = Bussiness(
        BussinessDocType.UPDATE,
        reason,
        document_id=updated,
        bussiness_document_info=BussinessDocumentInfo(is_data_changed, bool(receivers), receivers),
        staff_info=staff_info,
    )
    return _sent_as(document, bussiness, at=at, attachments=document.attachments)


def replacement(
    document: DocumentMessage,
    *,
    replaced: Iterable[ReplacementInfo],
    reason: str,
    at: datetime,
    staff_info: StaffInfo | None = None,
) -> DocumentMessage:
    """Return document, new with its own DocumentId, as one that replaces others (type 3)."""
    bussiness = Bussiness(
        BussinessDocType.REPLACEMENT,
        reason,
        replacement_info_list=tuple(replaced),
        staff_info=staff_info,
    )
    return _sent_as(document, bussiness, at=at, attachments=document.attachments)


def answer(
    asked: ChangeAsked,
    *,
    by: Organization,
    agrees: bool,
    at: datetime,
    description: str = "",
    staff_info: StaffInfo | None = None,
) -> StatusMessage:
    """Return the recipient's answer: 15 or 16, to the agency that asked."""
    return StatusMessage(
        from_=by,
        response_for=asked.concerned,
        status_code=StatusCode.CHANGE_AGREED if agrees else StatusCode.CHANGE_REFUSED,
        timestamp=at,
        description=description,
        staff_info=staff_info,
    )


def answering_organ_id(
    status: StatusMessage,
    *,
    listed_from: str,
    asked_by: str,
    canonical: Canonical = normal_organ_id,
) -> str:
    """Return the agency that gave an answer 15 or 16.

    Some fill in `From` with asked_by, the agency that asked; then it is listed_from, the sender
    in the list of the axis (section 6.3).
    """
    if listed_from and canonical(status.from_.organ_id) == canonical(asked_by):
        return listed_from
    return status.from_.organ_id


def part_in_update(
    message: DocumentMessage, organ_id: str, *, canonical: Canonical = normal_organ_id
) -> ReceiverType | None:
    """Return whether an update removes or adds a recipient; None: it stays one (section 6.4)."""
    info = message.bussiness.bussiness_document_info
    for receiver in info.receiver_list if info else ():
        if canonical(receiver.organ_id) == canonical(organ_id):
            return receiver.receiver_type
    return None


def _taken_back(status: StatusMessage) -> ChangeAsked:
    """Return what a status 13 asks: its `ResponseFor/OrganId` is the recipient, not the issuer."""
    concerned = replace(status.response_for, organ_id=status.from_.organ_id)
    recipient = status.response_for.organ_id
    return ChangeAsked(
        BussinessDocType.RECALL,
        concerned,
        status.description,
        (recipient,) if recipient else (),
    )


def _concerned(message: DocumentMessage) -> ResponseFor:
    """Return the document that a recall or update names, or repeats the header of."""
    own, named = _response_for(message), message.bussiness.document_id
    if named in ("", message.document_id):
        return own
    return ResponseFor(own.organ_id, "", named)


def _response_for(document: DocumentMessage) -> ResponseFor:
    code: Code | None = document.code
    promulgated = document.promulgation_info
    return ResponseFor(
        document.from_.organ_id,
        str(code or ""),
        document.document_id,
        promulgated.promulgation_date if promulgated else None,
    )


def _sent_as(
    document: DocumentMessage,
    bussiness: Bussiness,
    *,
    at: datetime,
    attachments: tuple[Attachment, ...],
) -> DocumentMessage:
    trace = (TraceHeader(document.from_.organ_id, at),)
    return replace(document, bussiness=bussiness, trace=trace, attachments=attachments)
