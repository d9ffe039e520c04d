"""The two message kinds of edXML as values (QCVN 102:2016/BTTTT, Sửa đổi 1:2022).

Fields are the elements in snake case. A text that is absent is the empty string, because the
wire does not tell an empty element from a missing one. A date or number that is absent, or
cannot be read, is None; what stood there is kept in the message's warnings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, IntEnum, StrEnum
from hashlib import sha256

from chauban_edxml.findings import Finding
from chauban_edxml.media_types import media_type


class BussinessDocType(IntEnum):
    """What a document message does (the misspelling is the element's name)."""

    NEW = 0
    RECALL = 1
    UPDATE = 2
    REPLACEMENT = 3

    @property
    def vi(self) -> str:
        return _DOC_TYPE_WORDS[self.value]

    @property
    def en(self) -> str:
        return ("new document", "recall", "update", "replacement")[self.value]


_DOC_TYPE_WORDS = ("văn bản mới", "thu hồi", "cập nhật", "thay thế")


class Priority(IntEnum):
    """Độ khẩn."""

    NORMAL = 0
    URGENT = 1
    VERY_URGENT = 2
    EXPRESS = 3
    EXPRESS_AT_HOUR = 4

    @property
    def vi(self) -> str:
        return _PRIORITY_WORDS[self.value]

    @property
    def en(self) -> str:
        return ("normal", "urgent", "very urgent", "express", "express at an hour")[self.value]


_PRIORITY_WORDS = ("thường", "khẩn", "thượng khẩn", "hỏa tốc", "hỏa tốc hẹn giờ")


class StatusCode(StrEnum):
    """What became of a document. 07 to 12 and 14 have no known meaning and stay plain text."""

    ARRIVED = "01"
    REFUSED = "02"
    ACCEPTED = "03"
    ASSIGNED = "04"
    IN_PROGRESS = "05"
    FINISHED = "06"
    TAKE_BACK = "13"
    CHANGE_AGREED = "15"
    CHANGE_REFUSED = "16"

    @property
    def vi(self) -> str:
        return _STATUS_WORDS[self.value]

    @property
    def en(self) -> str:
        return _STATUS_WORDS_EN[self.value]


_STATUS_WORDS = {
    "01": "Đã đến",
    "02": "Từ chối tiếp nhận",
    "03": "Đã tiếp nhận",
    "04": "Phân công",
    "05": "Đang xử lý",
    "06": "Hoàn thành",
    "13": "Lấy lại",
    "15": "Đồng ý cập nhật/lấy lại",
    "16": "Từ chối cập nhật/lấy lại",
}
_STATUS_WORDS_EN = {
    "01": "arrived",
    "02": "refused",
    "03": "accepted",
    "04": "assigned",
    "05": "in progress",
    "06": "finished",
    "13": "take back",
    "15": "update or recall agreed",
    "16": "update or recall refused",
}


@dataclass(frozen=True)
class Organization:
    """An agency as sender or recipient. Only organ_id routes."""

    organ_id: str
    organization_in_charge: str = ""
    organ_name: str = ""
    organ_add: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""
    website: str = ""


@dataclass(frozen=True)
class Code:
    """Số và ký hiệu. The number is text: leading zeros and letters occur."""

    number: str
    notation: str

    def __str__(self) -> str:
        """Return the displayed form, such as `05/QĐ-UBND`."""
        return f"{self.number}/{self.notation}" if self.notation else self.number

    @classmethod
    def parse(cls, text: str) -> Code:
        """Return the code written as `number/notation`, split at the first slash."""
        number, _, notation = text.partition("/")
        return cls(number.strip(), notation.strip())


@dataclass(frozen=True)
class PromulgationInfo:
    promulgation_date: date | None
    place: str = ""


@dataclass(frozen=True)
class DocumentType:
    """Loại văn bản. The numbers have no agreed list; type_name is the value to trust."""

    type_name: str
    type: int | None = 1
    type_detail: int = 0


@dataclass(frozen=True)
class SignerInfo:
    full_name: str
    position: str = ""
    competence: str = ""


@dataclass(frozen=True)
class OtherInfo:
    """promulgation_amount is số bản phát hành, page_amount is số trang."""

    priority: Priority = Priority.NORMAL
    sphere_of_promulgation: str = ""
    typer_notation: str = ""
    promulgation_amount: int | None = 1
    page_amount: int | None = 1
    reply_fors: tuple[str, ...] = ()
    direction: bool = False
    reference_codes: tuple[str, ...] = ()
    appendixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResponseFor:
    """The document that is answered or reported on; code is one text `number/notation`."""

    organ_id: str
    code: str = ""
    document_id: str = ""
    promulgation_date: date | None = None


@dataclass(frozen=True)
class StaffInfo:
    staff: str = ""
    department: str = ""
    email: str = ""
    mobile: str = ""
    department_id: str = ""
    staff_id: str = ""


@dataclass(frozen=True)
class TraceHeader:
    """One hop. The wire has Việt Nam time to the second; here it is a UTC moment."""

    organ_id: str
    timestamp: datetime | None


class ReceiverType(IntEnum):
    REMOVED = 0
    ADDED = 1


@dataclass(frozen=True)
class Receiver:
    organ_id: str
    receiver_type: ReceiverType


@dataclass(frozen=True)
class BussinessDocumentInfo:
    """What an update changes: the document's data, its recipients, or both."""

    document_info: bool = False
    document_receiver: bool = False
    receiver_list: tuple[Receiver, ...] = ()


@dataclass(frozen=True)
class ReplacementInfo:
    """An older document that this one replaces, and the agencies for which it does."""

    document_id: str
    organ_ids: tuple[str, ...]


@dataclass(frozen=True)
class Bussiness:
    """The operation. paper tells whether a paper original follows."""

    bussiness_doc_type: BussinessDocType = BussinessDocType.NEW
    bussiness_doc_reason: str = ""
    document_id: str = ""
    paper: bool = False
    bussiness_document_info: BussinessDocumentInfo | None = None
    replacement_info_list: tuple[ReplacementInfo, ...] = ()
    staff_info: StaffInfo | None = None


class Fault(Enum):
    """Why the file in an attachment cannot be used as it is."""

    MISSING = "missing"
    NOT_BASE64 = "not-base64"
    DAMAGED_ARCHIVE = "damaged-archive"
    ENCRYPTED_ARCHIVE = "encrypted-archive"
    TOO_LARGE = "too-large"
    CORRUPT_PDF = "corrupt-pdf"
    ARCHIVE_BOMB = "archive-bomb"
    UNSAFE_ENTRY_NAME = "unsafe-entry-name"


@dataclass(frozen=True)
class Attachment:
    """A file: its own name and bytes, taken out of the archive it travelled in.

    With a fault, content is what could be had (for a damaged archive the archive itself) and
    must not pass for the document. content_type and content_id are those of a received
    message: the type describes the bytes as carried, often wrongly.
    """

    name: str
    content: bytes = field(repr=False)
    description: str = ""
    fault: Fault | None = None
    content_type: str = field(default="", compare=False)
    content_id: str = field(default="", compare=False)

    @property
    def media_type(self) -> str:
        """The type to offer the file under, from the extension of its name."""
        return media_type(self.name)


@dataclass(frozen=True)
class Extra:
    """An element or attribute that the model does not know, kept to be shown and written back.

    path leads to it from the root, the second of a name as `To[2]`, an attribute after `@`. text
    is the element's own, trimmed; attributes of a namespace go by `{namespace}name`.
    """

    path: str
    text: str
    namespace: str = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Extra, ...] = ()


class Dialect(StrEnum):
    """The form in which a message came."""

    QCVN_102 = "qcvn-102"
    E_DOC_V1 = "e-doc-v1"
    PROVINCIAL_SOAP = "provincial-soap"
    JSON = "json"


@dataclass(frozen=True)
class Source:
    """The bytes that a message was read from; raw is None where they were read from a stream.

    digest may be empty where raw is there.
    """

    size_bytes: int
    digest: str = ""
    raw: bytes | None = field(default=None, repr=False)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes, in hexadecimal."""
        return self.digest or sha256(self.raw or b"").hexdigest()


@dataclass(frozen=True)
class DocumentMessage:
    """A document, or the recall, update or replacement of one (`messagetype` edoc).

    extra is what the model does not know; it is written back. warnings are for the clerk, repairs
    for the programmer of the sending system. The envelope's signature proves nothing (edxml.md
    section 8): it is kept as read, never written. source is the evidence.
    """

    from_: Organization
    to: tuple[Organization, ...]
    document_id: str
    code: Code | None
    subject: str
    promulgation_info: PromulgationInfo | None
    document_type: DocumentType | None
    content: str = ""
    signer_info: SignerInfo | None = None
    due_date: date | None = None
    other_info: OtherInfo = OtherInfo()
    response_for: tuple[ResponseFor, ...] = ()
    steering_type: int = 0
    task_codes: tuple[str, ...] = ()
    application_type: str = ""
    to_places: tuple[str, ...] = ()
    bussiness: Bussiness = Bussiness()
    trace: tuple[TraceHeader, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    extra: tuple[Extra, ...] = ()
    warnings: tuple[Finding, ...] = field(default=(), compare=False)
    repairs: tuple[Finding, ...] = field(default=(), compare=False)
    envelope_signature: tuple[Extra, ...] = field(default=(), compare=False, repr=False)
    dialect: Dialect = field(default=Dialect.QCVN_102, compare=False)
    source: Source | None = field(default=None, compare=False)


@dataclass(frozen=True)
class StatusMessage:
    """A report on a document (`messagetype` status).

    from_ reports, and response_for names the agency the report goes to: the document's sender.
    With TAKE_BACK the roles are swapped: the sender of the document asks a receiver.
    status_code is two digits: a StatusCode where its meaning is known.
    """

    from_: Organization
    response_for: ResponseFor
    status_code: StatusCode | str
    timestamp: datetime | None
    description: str = ""
    staff_info: StaffInfo | None = None
    extra: tuple[Extra, ...] = ()
    warnings: tuple[Finding, ...] = field(default=(), compare=False)
    repairs: tuple[Finding, ...] = field(default=(), compare=False)
    envelope_signature: tuple[Extra, ...] = field(default=(), compare=False, repr=False)
    dialect: Dialect = field(default=Dialect.QCVN_102, compare=False)
    source: Source | None = field(default=None, compare=False)

    @property
    def issuer_organ_id(self) -> str:
        """The agency whose document this is about."""
        if self.status_code == StatusCode.TAKE_BACK:
            return self.from_.organ_id
        return self.response_for.organ_id

    @property
    def recipient_organ_id(self) -> str:
        """The agency that received the document this is about."""
        if self.status_code == StatusCode.TAKE_BACK:
            return self.response_for.organ_id
        return self.from_.organ_id
