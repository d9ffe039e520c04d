"""The header of a message as values, whichever dialect it came in (edxml.md section 4)."""

from __future__ import annotations

from chauban_edxml.blocks import Block
from chauban_edxml.errors import MissingIdentity, UnsupportedDocType
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
from chauban_edxml.secrecy import words_of_secrecy


def read_status(header: Block) -> StatusMessage:
    """Return the status in header, whose children may stand in any order (edxml.md section 9).

    Raises:
        MissingIdentity
    """
    sender = _organization(header.block("From"))
    response_for = _response_for(header.block("ResponseFor"))
    if not (sender.organ_id or response_for.document_id or response_for.code):
        raise MissingIdentity
    if header.has("To"):
        header.repaired("status-with-recipients", "To")
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
        timestamp=header.moment("Timestamp"),
    )


def _status_code(header: Block) -> StatusCode | str:
    text = header.text("StatusCode")
    code = text.zfill(2) if text.isdecimal() else text
    if code != text:
        header.repaired("status-form", "StatusCode", text)
    if code in StatusCode.__members__.values():
        return StatusCode(code)
    header.remark("unknown-status", "StatusCode", text)
    return code


def read_document(header: Block, trace_list: Block) -> DocumentMessage:
    """Return the document in header, without attachments (edxml.md sections 4.1 to 4.6).

    Raises:
        MissingIdentity, UnsupportedDocType
    """
    sender = _organization(header.block("From"))
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
        document_type=_document_type(header),
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
        organization_in_charge=block.text("OrganizationInCharge"),
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
    if code == Code("", "") and block.own_text():
        block.notes.repaired("code-as-text", block.path, block.own_text())
        code = Code.parse(block.own_text())
    return None if code == Code("", "") else code


def _promulgation_info(block: Block) -> PromulgationInfo | None:
    info = PromulgationInfo(block.date("PromulgationDate"), block.text("Place"))
    block.leave()
    return None if info == PromulgationInfo(None) else info


def _document_type(header: Block) -> DocumentType | None:
    if header.has("type") and not header.has("DocumentType"):
        return _older_type(header)
    block = header.block("DocumentType")
    found = DocumentType(
        type_name=block.text("TypeName"),
        type=block.number("Type"),
        type_detail=block.number("TypeDetail") or 0,
    )
    block.leave()
    return None if found == DocumentType("", type=None) else found


def _older_type(header: Block) -> DocumentType:
    """Return the type of an export of 2013: a block `type` of `value` and `description`."""
    header.repaired("older-name", "DocumentType", "type")
    block = header.block("type")
    found = DocumentType(block.text("description"), type=block.number("value"))
    block.leave()
    return found


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


_PRIORITY_WORDS = {priority.vi.casefold(): priority for priority in Priority}


def _priority(block: Block) -> Priority:
    text = block.text("Priority")
    if text.casefold() in _PRIORITY_WORDS:
        block.repaired("priority-as-word", "Priority", text)
        return _PRIORITY_WORDS[text.casefold()]
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
    if text and number is None:
        block.remark("bad-number", "Priority", text)
    number = number or 0
    if number in Priority.__members__.values():
        return Priority(number)
    block.remark("unknown-priority", "Priority", str(number))
    return Priority.NORMAL


def _responses_for(header: Block) -> tuple[ResponseFor, ...]:
    """Return the documents answered; an empty `ResponseFor` means none (edxml.md 4.3)."""
    found = (_response_for(block) for block in header.blocks("ResponseFor"))
    return tuple(response for response in found if response != ResponseFor(""))


def _response_for(block: Block) -> ResponseFor:
    code_block = block.block("Code")
    response = ResponseFor(
        organ_id=block.text("OrganId"),
        code=_code_text(code_block),
        document_id=block.text("DocumentId"),
        promulgation_date=block.date("PromulgationDate"),
    )
    block.leave()
    return response


def _code_text(block: Block) -> str:
    """Return the code, here one text `number/notation`, though some write a block."""
    if block.own_text() or block.element is None or not block.element.children:
        block.leave()
        return block.own_text()
    block.notes.repaired("code-as-block", block.path)
    return str(_code(block) or "")


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
    """Return one hop; in exports of 2013 its agency stands in `Sender`."""
    holder = block.block("Sender") if block.has("Sender") else block
    header = TraceHeader(holder.text("OrganId"), block.moment("Timestamp"))
    if holder is not block:
        holder.leave()
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
        paper=any((_paper(block), _older_paper(trace_list))),
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


def _older_paper(trace_list: Block) -> bool:
    """Return what stood directly in `TraceHeaderList` in older messages (edxml.md 4.4)."""
    if trace_list.has("Paper"):
        trace_list.repaired("older-place", "Paper")
    return _paper(trace_list)


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
