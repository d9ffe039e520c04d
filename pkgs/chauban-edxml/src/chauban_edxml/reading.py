"""Reading messages: tolerant of every dialect seen, strict about what could do harm."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from chauban_edxml.attachment_list import read_attachments
from chauban_edxml.blocks import ACCEPTED_NAMESPACES, Block, Notes
from chauban_edxml.errors import MissingIdentity, NoMessageHeader, NotEdXML, UnsupportedDocType
from chauban_edxml.model import (
    Bussiness,
    BussinessDocType,
    BussinessDocumentInfo,
    Code,
    DocumentMessage,
    DocumentType,
    Organization,
    OtherInfo,
    Priority,
    PromulgationInfo,
    Receiver,
    ReceiverType,
    ReplacementInfo,
    ResponseFor,
    SignerInfo,
    StaffInfo,
    StatusCode,
    StatusMessage,
    TraceHeader,
)
from chauban_edxml.parsing import DEFAULT, Limits, Parsed, parse
from chauban_edxml.secrecy import require_no_secret_marking, words_of_secrecy


def read(data: bytes, *, limits: Limits = DEFAULT) -> DocumentMessage | StatusMessage:
    """Return the message in data; its content decides which kind it is.

    A damaged value becomes a warning, a damaged file an attachment with a fault; the caller
    keeps data as evidence. Order of elements, dialect and unknown elements do not matter.

    Raises:
        TooLarge: a limit is exceeded.
        JunkBeforeDeclaration, Malformed, HasDTD: not XML that we accept.
        NotEdXML, NoMessageHeader: XML with another root, or without the header.
        SecretMarking: a field marks a state secret; no content was decoded.
        MissingIdentity: no sender, no DocumentId and no Code.
        UnsupportedDocType: an operation other than 0 to 3.
    """
    opened = _open(parse(data, limits))
    message = _message(opened)
    if isinstance(message, DocumentMessage):
        attachments = read_attachments(opened.root, opened.envelope, limits)
        message = replace(message, attachments=attachments)
    return _with_notes(message, opened)


def read_without_attachments(
    data: bytes, *, limits: Limits = DEFAULT
) -> DocumentMessage | StatusMessage:
    """Return the message in data with its attachments left undecoded; errors as for `read`."""
    opened = _open(parse(data, limits))
    message = _message(opened)
    opened.root.block("AttachmentEncoded")
    opened.envelope.block("edXMLBody")
    return _with_notes(message, opened)


class _Opened(NamedTuple):
    root: Block
    envelope: Block
    header: Block
    message_header: Block
    notes: Notes


def _open(parsed: Parsed) -> _Opened:
    if parsed.root.name != "edXML" or parsed.root.namespace not in ACCEPTED_NAMESPACES:
        raise NotEdXML(parsed.root.name)
    notes = Notes()
    for prefix in parsed.undeclared_prefixes:
        notes.remark("undeclared-prefix", "edXML", prefix)
    if parsed.declared_encoding.lower() not in ("", "utf-8", "utf8", "us-ascii"):
        notes.remark("declared-encoding", "edXML", parsed.declared_encoding)
    root = Block(parsed.root, "", notes)
    envelope = root.block("edXMLEnvelope")
    header = envelope.block("edXMLHeader")
    message_header = header.block("MessageHeader")
    if message_header.element is None:
        raise NoMessageHeader
    return _Opened(root, envelope, header, message_header, notes)


def _message(opened: _Opened) -> DocumentMessage | StatusMessage:
    header = opened.message_header
    sender = _organization(header.block("From"))
    require_no_secret_marking(opened.root.require(), organ_id=sender.organ_id or "?")
    if header.has("StatusCode"):
        message: DocumentMessage | StatusMessage = _status(sender, header)
    else:
        message = _document(sender, header, opened.header.block("TraceHeaderList"))
    header.leave()
    return message


def _with_notes(
    message: DocumentMessage | StatusMessage, opened: _Opened
) -> DocumentMessage | StatusMessage:
    for block in (opened.header, opened.envelope, opened.root):
        block.leave()
    notes = opened.notes
    return replace(message, extra=tuple(notes.extra), warnings=tuple(notes.findings))


def _status(sender: Organization, header: Block) -> StatusMessage:
    response_for = _response_for(header.block("ResponseFor"))
    if not (sender.organ_id or response_for.document_id or response_for.code):
        raise MissingIdentity
    for path, value in (
        ("From/OrganId", sender.organ_id),
        ("ResponseFor/OrganId", response_for.organ_id),
        ("ResponseFor/DocumentId", response_for.document_id),
    ):
        if not value:
            header.remark("missing", path)
    return StatusMessage(
        from_=sender,
        response_for=response_for,
        staff_info=_staff_info(header.block("StaffInfo")),
        status_code=_status_code(header),
        description=header.text("Description"),
        timestamp=header.moment("Timestamp" if header.has("Timestamp") else "TimeStamp"),
    )


def _status_code(header: Block) -> StatusCode | str:
    text = header.text("StatusCode")
    code = text.zfill(2) if text.isdecimal() else text
    if code in StatusCode.__members__.values():
        return StatusCode(code)
    header.remark("unknown-status", "StatusCode", text)
    return code


def _document(sender: Organization, header: Block, trace_list: Block) -> DocumentMessage:
    document_id, code = header.text("DocumentId"), _code(header.block("Code"))
    if not (sender.organ_id or document_id or code):
        raise MissingIdentity
    bussiness = _bussiness(trace_list)
    message = DocumentMessage(
        from_=sender,
        to=tuple(_organization(block) for block in header.blocks("To")),
        document_id=document_id,
        code=code,
        promulgation_info=_promulgation_info(header.block("PromulgationInfo")),
        document_type=_document_type(header.block("DocumentType")),
        subject=header.text("Subject"),
        content=header.text("Content"),
        signer_info=_signer_info(header.block("SignerInfo")),
        due_date=header.date("DueDate"),
        other_info=_other_info(header.block("OtherInfo")),
        response_for=_responses_for(header),
        steering_type=header.number("SteeringType") or 0,
        task_codes=_texts_within(header, "ResponseForTask", "TaskCode"),
        application_type=header.text("ApplicationType"),
        to_places=_texts_within(header, "ToPlaces", "Place"),
        bussiness=bussiness,
        trace=tuple(_trace_header(block) for block in trace_list.blocks("TraceHeader")),
    )
    trace_list.leave()
    _remark_on_document(message, header)
    return message


def _remark_on_document(message: DocumentMessage, header: Block) -> None:
    """Remark on what every message should have, and on words of secrecy."""
    for path, value in (
        ("From/OrganId", message.from_.organ_id),
        ("To", message.to),
        ("DocumentId", message.document_id),
        ("Code", message.code),
        ("Subject", message.subject),
    ):
        if not value:
            header.remark("missing", path)
    for path, text in (
        ("Subject", message.subject),
        ("Content", message.content if message.content != message.subject else ""),
        ("OtherInfo/SphereOfPromulgation", message.other_info.sphere_of_promulgation),
        ("OtherInfo/Appendixes", "; ".join(message.other_info.appendixes)),
    ):
        if words := words_of_secrecy(text):
            header.remark("secret-words", path, words)


def _organization(block: Block) -> Organization:
    organization = Organization(
        organ_id=block.text("OrganId"),
        organization_in_charge=block.text("OrganizationInCharge") or block.text("OrganInCharge"),
        organ_name=block.text("OrganName"),
        organ_add=block.text("OrganAdd"),
        email=block.text("Email"),
        telephone=block.text("Telephone"),
        fax=block.text("Fax"),
        website=block.text("Website"),
    )
    block.leave()
    return organization


def _code(block: Block) -> Code | None:
    """Return số và ký hiệu, whether as a block or, wrongly, as one text."""
    code = Code(block.text("CodeNumber"), block.text("CodeNotation"))
    block.leave()
    if code == Code("", ""):
        code = Code.parse(block.own_text())
    return None if code == Code("", "") else code


def _promulgation_info(block: Block) -> PromulgationInfo | None:
    info = PromulgationInfo(block.date("PromulgationDate"), block.text("Place"))
    block.leave()
    return None if info == PromulgationInfo(None) else info


def _document_type(block: Block) -> DocumentType | None:
    found = DocumentType(
        type_name=block.text("TypeName"),
        type=block.number("Type"),
        type_detail=block.number("TypeDetail") or 0,
    )
    block.leave()
    return None if found == DocumentType("", type=None) else found


def _signer_info(block: Block) -> SignerInfo | None:
    info = SignerInfo(
        full_name=block.text("FullName"),
        position=block.text("Position"),
        competence=block.text("Competence"),
    )
    block.leave()
    return None if info == SignerInfo("") else info


def _other_info(block: Block) -> OtherInfo:
    info = OtherInfo(
        priority=_priority(block),
        sphere_of_promulgation=block.text("SphereOfPromulgation"),
        typer_notation=block.text("TyperNotation"),
        promulgation_amount=block.number("PromulgationAmount"),
        page_amount=block.number("PageAmount"),
        reply_fors=_texts_or_within(block, "ReplyFors", "ReplyFor"),
        direction=block.flag("Direction"),
        reference_codes=_texts_or_within(block, "ReferenceCodes", "ReferenceCode"),
        appendixes=_texts_within(block, "Appendixes", "Appendix"),
    )
    block.leave()
    return info


def _priority(block: Block) -> Priority:
    number = block.number("Priority") or 0
    if number in Priority.__members__.values():
        return Priority(number)
    block.remark("unknown-priority", "Priority", str(number))
    return Priority.NORMAL


def _responses_for(header: Block) -> tuple[ResponseFor, ...]:
    """Return the documents answered; an empty `ResponseFor` means none."""
    found = (_response_for(block) for block in header.blocks("ResponseFor"))
    return tuple(response for response in found if response != ResponseFor(""))


def _response_for(block: Block) -> ResponseFor:
    code_block = block.block("Code")
    response = ResponseFor(
        organ_id=block.text("OrganId"),
        code=code_block.own_text() or str(_code(code_block) or ""),
        document_id=block.text("DocumentId"),
        promulgation_date=block.date("PromulgationDate"),
    )
    block.leave()
    return response


def _staff_info(block: Block) -> StaffInfo | None:
    info = StaffInfo(
        staff=block.text("Staff"),
        department=block.text("Department"),
        email=block.text("Email"),
        mobile=block.text("Mobile"),
        department_id=block.text("DepartmentId"),
        staff_id=block.text("StaffId"),
    )
    block.leave()
    return None if info == StaffInfo() else info


def _trace_header(block: Block) -> TraceHeader:
    header = TraceHeader(block.text("OrganId"), block.moment("Timestamp"))
    block.leave()
    return header


def _bussiness(trace_list: Block) -> Bussiness:
    """Return the operation; without one, the message is a new document.

    A new document's own `DocumentId` here is a constant left over from an example.
    """
    block = trace_list.block("Bussiness")
    doc_type = _doc_type(block)
    bussiness = Bussiness(
        bussiness_doc_type=doc_type,
        bussiness_doc_reason=block.text("BussinessDocReason"),
        document_id="" if doc_type is BussinessDocType.NEW else block.text("DocumentId"),
        paper=_paper(block) or _paper(trace_list),
        bussiness_document_info=_bussiness_document_info(block),
        replacement_info_list=_replacement_infos(block),
        staff_info=_staff_info(block.block("StaffInfo")),
    )
    block.leave()
    return bussiness


def _doc_type(block: Block) -> BussinessDocType:
    number = block.number("BussinessDocType") or 0
    if number not in BussinessDocType.__members__.values():
        raise UnsupportedDocType(number)
    return BussinessDocType(number)


def _paper(block: Block) -> bool:
    return bool(block.number("Paper"))


def _bussiness_document_info(block: Block) -> BussinessDocumentInfo | None:
    if not block.has("BussinessDocumentInfo"):
        return None
    inner = block.block("BussinessDocumentInfo")
    receivers = inner.block("ReceiverList")
    info = BussinessDocumentInfo(
        document_info=inner.flag("DocumentInfo"),
        document_receiver=inner.flag("DocumentReceiver"),
        receiver_list=tuple(_receiver(receiver) for receiver in receivers.blocks("Receiver")),
    )
    receivers.leave()
    inner.leave()
    return info


def _receiver(block: Block) -> Receiver:
    receiver = Receiver(block.text("OrganId"), ReceiverType(block.flag("ReceiverType")))
    block.leave()
    return receiver


def _replacement_infos(block: Block) -> tuple[ReplacementInfo, ...]:
    list_block = block.block("ReplacementInfoList")
    infos = []
    for inner in list_block.blocks("ReplacementInfo"):
        organ_ids = _texts_within(inner, "OrganIdList", "OrganId")
        infos.append(ReplacementInfo(inner.text("DocumentId"), organ_ids))
        inner.leave()
    list_block.leave()
    return tuple(infos)


def _texts_within(block: Block, container: str, name: str) -> tuple[str, ...]:
    inner = block.block(container)
    texts = inner.texts(name)
    inner.leave()
    return texts


def _texts_or_within(block: Block, container: str, name: str) -> tuple[str, ...]:
    """Return the texts as for `_texts_within`, or the container's own text."""
    inner = block.block(container)
    texts = inner.texts(name)
    inner.leave()
    own = inner.own_text()
    return texts or ((own,) if own else ())
