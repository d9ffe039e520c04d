"""A message as a clerk reads it: the summary that `chauban edxml show` prints."""

from collections.abc import Iterator, Sequence

from chauban_edxml.model import DocumentMessage, StatusCode, StatusMessage
from chauban_edxml.streams import StreamedAttachment
from chauban_edxml.values import VIETNAM

LABELS = {
    "operation": ("Nghiệp vụ", "Operation"),
    "document_id": ("Mã định danh văn bản", "Document identifier"),
    "code": ("Số, ký hiệu", "Number, notation"),
    "promulgated": ("Ngày ban hành", "Promulgated on"),
    "type": ("Loại văn bản", "Type"),
    "subject": ("Trích yếu nội dung", "Subject"),
    "priority": ("Độ khẩn", "Priority"),
    "signer": ("Người ký", "Signed by"),
    "from": ("Cơ quan gửi", "From"),
    "to": ("Cơ quan nhận", "To"),
    "replaces": ("Thay thế văn bản", "Replaces"),
    "concerns": ("Văn bản liên quan", "Concerns"),
    "attachment": ("Tệp đính kèm", "Attachment"),
    "status": ("Trạng thái", "Status"),
    "document": ("Văn bản", "Document"),
    "issuer": ("Cơ quan ban hành", "Issuer"),
    "recipient": ("Cơ quan nhận văn bản", "Recipient"),
    "moment": ("Thời điểm", "Time"),
    "description": ("Nội dung", "Description"),
    "note": ("Lưu ý", "Note"),
}


def summary(
    message: DocumentMessage | StatusMessage,
    attachments: Sequence[StreamedAttachment],
    *,
    lang: str,
) -> Iterator[str]:
    """Yield the message's lines in the decree's words, or in English."""
    is_status = isinstance(message, StatusMessage)
    facts = _status(message, lang) if is_status else _document(message, lang)
    for name, text in facts:
        yield f"{label(name, lang)}: {text}"
    for attachment in attachments:
        fault, size = attachment.assessed.fault, attachment.assessed.size_bytes
        words = f" — {fault.value}" if fault else ""
        yield f"{label('attachment', lang)}: {attachment.name} ({size} byte){words}"


def label(name: str, lang: str) -> str:
    return LABELS[name][0 if lang == "vi" else 1]


def _document(message: DocumentMessage, lang: str) -> Iterator[tuple[str, str]]:
    promulgated, kind, signer = (
        message.promulgation_info,
        message.document_type,
        message.signer_info,
    )
    bussiness = message.bussiness
    yield "operation", getattr(bussiness.bussiness_doc_type, lang)
    yield "document_id", message.document_id
    yield "code", str(message.code or "")
    if bussiness.document_id:
        yield "concerns", bussiness.document_id
    for info in bussiness.replacement_info_list:
        yield "replaces", f"{info.document_id} ({', '.join(info.organ_ids)})"
    if promulgated and promulgated.promulgation_date:
        yield "promulgated", f"{promulgated.promulgation_date:%d/%m/%Y}"
    yield "type", kind.type_name if kind else ""
    yield "subject", message.subject
    yield "priority", getattr(message.other_info.priority, lang)
    if signer:
        words = (signer.competence, signer.position, signer.full_name)
        yield "signer", " ".join(word for word in words if word)
    yield "from", f"{message.from_.organ_id} {message.from_.organ_name}"
    for recipient in message.to:
        yield "to", f"{recipient.organ_id} {recipient.organ_name}"


def _status(status: StatusMessage, lang: str) -> Iterator[tuple[str, str]]:
    code = status.status_code
    words = getattr(code, lang) if isinstance(code, StatusCode) else ""
    yield "status", f"{code} {words}"
    yield "document", f"{status.response_for.code} ({status.response_for.document_id})"
    yield "issuer", status.issuer_organ_id
    yield "recipient", status.recipient_organ_id
    if status.timestamp:
        yield "moment", f"{status.timestamp.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
    if status.description:
        yield "description", status.description
