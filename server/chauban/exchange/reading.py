"""What the inbox takes from a message: plain values that fit the register's columns."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.exchange.models import DeliveredFile, Delivery
from chauban.exchange.passing_rules import issuer_of
from chauban_edxml import changes
from chauban_edxml.model import Attachment, DocumentMessage, ReceiverType
from chauban_edxml.streams import StreamedAttachment

Warning = dict[str, str]


@dataclass(frozen=True)
class TakenFile:
    name: str
    media_type: str
    blob: Blob | None
    fault: str = ""


@dataclass(frozen=True)
class Taken:
    """A document message as the inbox keeps it."""

    from_organ_id: str
    to_organ_ids: tuple[str, ...]
    document_id: str
    business_type: int
    header: dict[str, Any]
    files: Sequence[TakenFile]
    warnings: list[Warning] = field(default_factory=list)


# Columns of the incoming register; longer texts are cut there, the raw message keeps all.
_WIDTHS = {
    "sender_name": 200,
    "code_number": 20,
    "code_notation": 30,
    "kind_name": 100,
    "subject": 500,
    "signer_name": 50,
    "signer_position": 100,
}


# Warnings about how one package came, not about the message that it carries.
_OF_THE_CARRIAGE = ("sender-differs", "addressee-succeeded")


def take_in(
    message: DocumentMessage,
    files: Sequence[StreamedAttachment] | None = None,
    *,
    from_organ_id: str,
    now: datetime,
) -> Taken:
    """Keep what the register needs of a message, its files stored first.

    files are those of a message that was opened, else it has them itself.

    from_organ_id is the transport's word, used where the message does not name its sender.
    """
    header = header_of(message)
    found = [*message.warnings, *(each for file in files or () for each in file.findings())]
    warnings = [{"code": one.code, "vi": one.vi, "en": one.en} for one in found]
    for name, width in _WIDTHS.items():
        if len(header[name]) > width:
            header[name] = header[name][: width - 1] + "…"
            warnings.append(_cut(name, width))
    return Taken(
        from_organ_id=message.from_.organ_id or from_organ_id,
        to_organ_ids=tuple(one.organ_id for one in message.to),
        document_id=message.document_id or str(message.code or ""),
        business_type=message.bussiness.bussiness_doc_type,
        header=header,
        files=[
            _taken_file(one, now=now) for one in (message.attachments if files is None else files)
        ],
        warnings=warnings,
    )


def _taken_file(file: Attachment | StreamedAttachment, *, now: datetime) -> TakenFile:
    if isinstance(file, Attachment):
        fault, content = file.fault, file.content
    else:
        fault, content = file.assessed.fault, file.pieces()
    return TakenFile(
        name=file.name[:200],
        media_type=file.media_type[:100],
        blob=None if fault else store.put(content, now=now),
        fault=fault.value if fault else "",
    )


def take_again(delivery: Delivery) -> Taken:
    """The same values from a delivery that the same bytes led to before."""
    files: Sequence[DeliveredFile] = delivery.files.select_related("blob")
    return Taken(
        from_organ_id=delivery.from_organ_id,
        to_organ_ids=(),
        document_id=delivery.document_id,
        business_type=delivery.business_type,
        header=delivery.header,
        files=[TakenFile(one.name, one.media_type, one.blob, one.fault) for one in files],
        warnings=[one for one in delivery.message.warnings if one["code"] not in _OF_THE_CARRIAGE],
    )


def header_of(message: DocumentMessage) -> dict[str, Any]:
    promulgated = message.promulgation_info.promulgation_date if message.promulgation_info else None
    signer = message.signer_info
    info = message.bussiness.bussiness_document_info
    reason = message.bussiness.bussiness_doc_reason[:500]
    issuer = issuer_of(
        reason,
        hops=[one.organ_id for one in message.trace if one.organ_id],
        from_organ_id=message.from_.organ_id,
        document_id=message.document_id,
    )
    return {
        "sender_name": message.from_.organ_name or message.from_.organ_id,
        "code_number": message.code.number if message.code else "",
        "code_notation": message.code.notation if message.code else "",
        "promulgated_on": promulgated.isoformat() if promulgated else None,
        "kind_name": message.document_type.type_name if message.document_type else "",
        "subject": message.subject,
        "signer_name": signer.full_name if signer else "",
        "signer_position": signer.position if signer else "",
        "priority": int(message.other_info.priority),
        "due_on": _due_on(message.due_date, promulgated),
        "page_amount": message.other_info.page_amount,
        "to_places": list(message.to_places),
        "response_for": [
            {"organ_id": one.organ_id, "code": one.code, "document_id": one.document_id}
            for one in message.response_for
        ],
        "concerns": [
            {
                "document_id": one.concerned.document_id,
                "code": one.concerned.code,
                "organ_ids": list(one.organ_ids),
            }
            for one in changes.changes_asked(message)
        ],
        "removed": [
            one.organ_id
            for one in (info.receiver_list if info else ())
            if one.receiver_type is ReceiverType.REMOVED
        ],
        "reason": reason,
        **({"issuer": asdict(issuer)} if issuer else {}),
    }


def _due_on(due: date | None, promulgated: date | None) -> str | None:
    """Many senders fill in the day of promulgation: that is no deadline (edxml.md 4.1)."""
    if due is None or (promulgated and due <= promulgated):
        return None
    return due.isoformat()


def sender_warning(said: str, written: str) -> Warning:
    return {
        "code": "sender-differs",
        "vi": f"Trục báo nơi gửi là {said}, gói tin ghi {written}. Hãy kiểm tra nơi gửi.",
        "en": f"The axis names {said} as the sender, the message {written}. Check the sender.",
    }


def _cut(name: str, width: int) -> Warning:
    return {
        "code": "cut",
        "vi": f"{name}: dài hơn {width} ký tự; sổ văn bản đến chỉ giữ phần đầu.",
        "en": f"{name}: longer than {width} characters; the register keeps its beginning.",
    }
