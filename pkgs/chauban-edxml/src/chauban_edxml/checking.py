"""What a message must satisfy before it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, TypeVar

from chauban_edxml.attachments import clean_name
from chauban_edxml.blocks import ordered
from chauban_edxml.errors import (
    BadOrganId,
    DoesNotFitDocType,
    DuplicateRecipient,
    MissingElement,
    NotFaithful,
    NotWritable,
    ValueOutOfRange,
)
from chauban_edxml.findings import Finding
from chauban_edxml.identifiers import is_organ_id, normal_organ_id
from chauban_edxml.model import (
    Attachment,
    BussinessDocType,
    DocumentMessage,
    Extra,
    Organization,
    Source,
    StaffInfo,
    StatusMessage,
)
from chauban_edxml.values import clean_text

_Value = TypeVar("_Value")
_NAME = re.compile(r"[^\W\d][\w.\-]*")
_GREATEST = 999_999_999
_REASONS = {
    BussinessDocType.NEW: "Văn bản điện tử mới",
    BussinessDocType.RECALL: "Thu hồi văn bản điện tử",
    BussinessDocType.UPDATE: "Cập nhật văn bản điện tử",
    BussinessDocType.REPLACEMENT: "Thay thế văn bản điện tử",
}
# Soft limits of an older hub: characters.
_USUAL_LENGTHS = {
    "code.number": 11,
    "code.notation": 30,
    "promulgation_info.place": 50,
    "document_type.type_name": 100,
    "subject": 500,
    "content": 500,
    "signer_info.competence": 100,
    "signer_info.position": 100,
    "signer_info.full_name": 50,
    "other_info.sphere_of_promulgation": 100,
    "other_info.typer_notation": 10,
}


def cleaned(message: DocumentMessage) -> DocumentMessage:
    """Return message as a reader will have it, with what may be filled in filled in.

    Texts are NFC and trimmed, moments whole seconds. Content is the subject where there is
    none, the reason is the operation's usual one, OrganizationInCharge the agency's own name.

    Raises:
        ValueOutOfRange: a date, moment or number that the wire cannot carry.
    """
    message = _cleaned(message, "")
    bussiness = message.bussiness
    reason = bussiness.bussiness_doc_reason or _REASONS[bussiness.bussiness_doc_type]
    return replace(
        message,
        from_=_in_charge(message.from_),
        to=tuple(_in_charge(recipient) for recipient in message.to),
        content=message.content or message.subject,
        bussiness=replace(
            bussiness,
            bussiness_doc_reason=reason,
            staff_info=_staff_or_none(bussiness.staff_info),
        ),
        extra=ordered(message.extra),
        warnings=(),
        repairs=(),
    )


def cleaned_status(status: StatusMessage) -> StatusMessage:
    """Return status as a reader will have it; see `cleaned`."""
    status = _cleaned(status, "")
    return replace(
        status,
        from_=_in_charge(status.from_),
        staff_info=_staff_or_none(status.staff_info),
        extra=ordered(status.extra),
        warnings=(),
        repairs=(),
    )


def require_complete(message: DocumentMessage) -> None:
    """Refuse a cleaned message that lacks what every document message must have.

    Raises:
        MissingElement, BadOrganId, DuplicateRecipient, DoesNotFitDocType, ValueOutOfRange
    """
    for violation in document_violations(message):
        raise violation


def require_complete_status(status: StatusMessage) -> None:
    """Refuse a cleaned status that lacks what hubs ask of every one.

    Raises:
        MissingElement, BadOrganId, ValueOutOfRange
    """
    for violation in status_violations(status):
        raise violation


def violations(message: DocumentMessage | StatusMessage) -> tuple[NotWritable, ...]:
    """Return all reasons why a received message is not one that we would send."""
    try:
        if isinstance(message, StatusMessage):
            return tuple(status_violations(cleaned_status(message)))
        return tuple(document_violations(cleaned(message)))
    except ValueOutOfRange as violation:
        return (violation,)


def document_violations(message: DocumentMessage) -> Iterator[NotWritable]:
    """Yield what a cleaned document message lacks or has in excess."""
    for path, value in _required(message):
        if value in ("", None, ()):
            yield MissingElement(path)
    for path, organization in [("From", message.from_), *(("To", to) for to in message.to)]:
        if organization.organ_id and not is_organ_id(organization.organ_id):
            yield BadOrganId(organization.organ_id, path=f"{path}/OrganId")
    seen = set()
    for recipient in message.to:
        organ_id = normal_organ_id(recipient.organ_id)
        if organ_id in seen:
            yield DuplicateRecipient(recipient.organ_id)
        seen.add(organ_id)
    yield from _misfits(message)
    yield from _bad_names(message.extra)


def status_violations(status: StatusMessage) -> Iterator[NotWritable]:
    """Yield what a cleaned status lacks."""
    response_for = status.response_for
    for path, value in (
        ("From/OrganId", status.from_.organ_id),
        ("From/OrganName", status.from_.organ_name),
        ("ResponseFor/OrganId", response_for.organ_id),
        ("ResponseFor/Code", response_for.code),
        ("ResponseFor/DocumentId", response_for.document_id),
        ("StatusCode", status.status_code),
        ("Timestamp", status.timestamp),
    ):
        if not value:
            yield MissingElement(path)
    for path, organ_id in (("From", status.from_.organ_id), ("ResponseFor", response_for.organ_id)):
        if organ_id and not is_organ_id(organ_id):
            yield BadOrganId(organ_id, path=f"{path}/OrganId")
    yield from _bad_names(status.extra)


def require_same(
    message: DocumentMessage | StatusMessage, written: DocumentMessage | StatusMessage
) -> None:
    """Refuse what was written unless reading it, without its files, gives message.

    Raises:
        NotFaithful: some field differs.
    """
    if written != message:
        raise NotFaithful(_first_difference(message, written))


def soft_limit_findings(message: DocumentMessage) -> tuple[Finding, ...]:
    """Return the texts that are longer than some hubs expect; no ground to refuse."""
    found = []
    for path, longest in _USUAL_LENGTHS.items():
        value: object = message
        for name in path.split("."):
            value = getattr(value, name, "")
        if isinstance(value, str) and len(value) > longest:
            found.append(Finding("longer-than-usual", path, str(len(value))))
    return tuple(found)


def _required(message: DocumentMessage) -> Iterator[tuple[str, object]]:
    code, kind = message.code, message.document_type
    promulgated, signer = message.promulgation_info, message.signer_info
    yield "From/OrganId", message.from_.organ_id
    yield "From/OrganName", message.from_.organ_name
    yield "To", message.to
    for recipient in message.to:
        yield "To/OrganId", recipient.organ_id
        yield "To/OrganName", recipient.organ_name
    yield "DocumentId", message.document_id
    yield "Code/CodeNumber", code and code.number
    yield "Code/CodeNotation", code and code.notation
    yield "PromulgationInfo/PromulgationDate", promulgated and promulgated.promulgation_date
    yield "DocumentType/Type", kind and kind.type
    yield "DocumentType/TypeName", kind and kind.type_name
    yield "Subject", message.subject
    yield "SignerInfo/FullName", signer and signer.full_name
    yield "OtherInfo/PromulgationAmount", message.other_info.promulgation_amount
    yield "OtherInfo/PageAmount", message.other_info.page_amount
    yield "TraceHeaderList/TraceHeader", message.trace
    for header in message.trace[:1]:
        yield "TraceHeader/OrganId", header.organ_id
    for header in message.trace:
        yield "TraceHeader/Timestamp", header.timestamp
    for response in message.response_for:
        yield "ResponseFor/DocumentId", response.document_id or response.code
    for info in message.bussiness.replacement_info_list:
        yield "ReplacementInfo/DocumentId", info.document_id
        yield "ReplacementInfo/OrganIdList", info.organ_ids
    document_info = message.bussiness.bussiness_document_info
    for receiver in document_info.receiver_list if document_info else ():
        yield "Receiver/OrganId", receiver.organ_id


def _bad_names(extra: Iterable[Extra]) -> Iterator[NotWritable]:
    """Yield unknown elements whose names XML cannot carry; a parser gives no such."""
    for each in extra:
        path, _, attribute = each.path.partition("@")
        own = attribute or path.rpartition("/")[2].partition("[")[0]
        for name in (own, *(name for name, _ in each.attributes)):
            if not _NAME.fullmatch(name.rpartition("}")[2]):
                yield ValueOutOfRange("extra", value=name)
        yield from _bad_names(each.children)


def _misfits(message: DocumentMessage) -> Iterator[NotWritable]:
    bussiness = message.bussiness
    doc_type = bussiness.bussiness_doc_type
    is_new = doc_type is BussinessDocType.NEW
    is_update = doc_type is BussinessDocType.UPDATE
    is_replacement = doc_type is BussinessDocType.REPLACEMENT
    has_id = bool(bussiness.document_id)
    has_info = bussiness.bussiness_document_info is not None
    has_replaced = bool(bussiness.replacement_info_list)
    misfits = {
        "Bussiness/DocumentId": (is_update and not has_id) or (is_new and has_id),
        "Bussiness/BussinessDocumentInfo": has_info != is_update,
        "Bussiness/ReplacementInfoList": has_replaced != is_replacement,
    }
    for path, is_misfit in misfits.items():
        if is_misfit:
            yield DoesNotFitDocType(path, doc_type=doc_type.name, doc_type_vi=doc_type.vi)


def _in_charge(organization: Organization) -> Organization:
    name = organization.organization_in_charge or organization.organ_name
    return replace(organization, organization_in_charge=name)


def _staff_or_none(staff: StaffInfo | None) -> StaffInfo | None:
    return None if staff == StaffInfo() else staff


def _cleaned(value: _Value, path: str) -> _Value:
    """Return value, a model's dataclass or something in one, as reading it back gives it."""
    result: Any = value
    if isinstance(value, str) and not isinstance(value, Enum):
        result = clean_text(value)
    elif isinstance(value, datetime):
        result = _cleaned_moment(value, path)
    elif isinstance(value, date):
        if not date(1900, 1, 1) < value < date(9998, 12, 31):
            raise ValueOutOfRange(path, value=value.isoformat())
    elif isinstance(value, int) and not isinstance(value, Enum):
        if not 0 <= value <= _GREATEST:
            raise ValueOutOfRange(path, value=str(value))
    elif isinstance(value, tuple):
        items = (_cleaned(item, path) for item in value)
        result = tuple(item for item in items if item != "")
    elif isinstance(value, Extra | Finding | Source):
        pass
    elif isinstance(value, Attachment):
        name = clean_name(clean_text(value.name))
        result = replace(value, name=name, description=clean_text(value.description))
    elif is_dataclass(value) and not isinstance(value, type):
        changes = {}
        for each in fields(value):
            before = getattr(value, each.name)
            after = _cleaned(before, f"{path}.{each.name}".lstrip("."))
            if after is not before:
                changes[each.name] = after
        result = replace(value, **changes) if changes else value
    return result  # type: ignore[no-any-return]


def _cleaned_moment(moment: datetime, path: str) -> datetime:
    if moment.tzinfo is None or not 1901 <= moment.year <= 9997:
        raise ValueOutOfRange(path, value=moment.isoformat())
    return moment.astimezone(UTC).replace(microsecond=0)


def _first_difference(one: object, other: object) -> str:
    if type(one) is not type(other) or not is_dataclass(one) or isinstance(one, type):
        return type(one).__name__
    differing = (
        each.name
        for each in fields(one)
        if each.compare and getattr(one, each.name) != getattr(other, each.name)
    )
    return next(differing, type(one).__name__)
