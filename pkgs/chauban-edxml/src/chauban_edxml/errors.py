"""Refusals, each with words for the clerk: what happened and what to do next."""

from __future__ import annotations


class EdXMLError(Exception):
    """Root of everything this package raises on purpose."""

    section = "14"
    """The section of docs/edxml.md that has the rule."""

    _vi = "Không xử lý được gói tin edXML. Hãy báo quản trị hệ thống."
    _en = "The edXML message cannot be processed. Tell the system administrator."

    @property
    def vi(self) -> str:
        return self._vi.format(**vars(self))

    @property
    def en(self) -> str:
        return self._en.format(**vars(self))

    @property
    def next_vi(self) -> str:
        """What to do next, in Vietnamese."""
        return self.vi.rpartition(". ")[2]

    @property
    def next_en(self) -> str:
        """What to do next, in English."""
        return self.en.rpartition(". ")[2]

    def __str__(self) -> str:
        return self.en


class NotReadable(EdXMLError):
    """Root of the refusals to read."""


class NotEdXML(NotReadable):
    """The root is another element than `edXML` of QCVN 102:2016/BTTTT."""

    section = "3"
    _vi = (
        "Tệp không phải gói tin edXML (phần tử gốc: {root}). "
        "Hãy yêu cầu bên gửi gửi lại theo QCVN 102:2016/BTTTT."
    )
    _en = (
        "The file is not an edXML message (root element: {root}). "
        "Ask the sender to send it again as QCVN 102:2016/BTTTT has it."
    )

    def __init__(self, root: str) -> None:
        self.root = root
        super().__init__(root)


class NoMessageHeader(NotReadable):
    """No `edXMLEnvelope/edXMLHeader/MessageHeader`."""

    section = "3"
    _vi = (
        "Gói tin edXML không có phần đầu (MessageHeader) nên không xử lý được. "
        "Hãy yêu cầu bên gửi gửi lại theo QCVN 102:2016/BTTTT."
    )
    _en = (
        "The edXML message has no MessageHeader. "
        "Ask the sender to send it again as QCVN 102:2016/BTTTT has it."
    )


class Malformed(NotReadable):
    """Not well-formed XML 1.0 in UTF-8; line and column count from 1."""

    _vi = (
        "Gói tin bị lỗi XML tại dòng {line}, cột {column}: {reason}. "
        "Hãy yêu cầu bên gửi sửa phần mềm và gửi lại."
    )
    _en = (
        "The message is not well-formed XML at line {line}, column {column}: {reason}. "
        "Ask the sender to mend it and send it again."
    )

    def __init__(self, reason: str, *, line: int, column: int) -> None:
        self.reason, self.line, self.column = reason, line, column
        super().__init__(reason, line, column)


class JunkBeforeDeclaration(Malformed):
    """Other characters than white space stand before the first `<`."""

    _vi = (
        "Gói tin có ký tự lạ ở đầu tệp, trước khai báo XML (“{junk}”). "
        "Hãy yêu cầu bên gửi gửi lại tệp không có các ký tự này."
    )
    _en = (
        "The message has foreign characters before its XML declaration (“{junk}”). "
        "Ask the sender to send it again without them."
    )

    def __init__(self, junk: str) -> None:
        self.junk = junk
        super().__init__("foreign characters before the XML declaration", line=1, column=1)


class HasDTD(NotReadable):
    """A document type declaration, hence possibly entities: never part of edXML."""

    _vi = (
        "Gói tin có khai báo DOCTYPE nên bị từ chối vì lý do an toàn. "
        "Hãy báo quản trị hệ thống và yêu cầu bên gửi gửi lại gói tin không có DOCTYPE."
    )
    _en = (
        "The message has a DOCTYPE declaration and is refused for safety. "
        "Tell the system administrator; ask the sender for one without."
    )


class TooLarge(NotReadable):
    """A limit is exceeded; limited_to is counted in bytes, levels or pieces."""

    _vi = (
        "Gói tin vượt giới hạn ({words_vi}: tối đa {limited_to}). "
        "Hãy yêu cầu bên gửi chia nhỏ hoặc giảm dung lượng."
    )
    _en = (
        "The message exceeds a limit ({what}: at most {limited_to}). "
        "Ask the sender to split it or make it smaller."
    )

    def __init__(self, what: str, *, limited_to: int) -> None:
        self.what, self.limited_to = what, limited_to
        self.words_vi = _LIMIT_WORDS[what]
        super().__init__(what, limited_to)


_LIMIT_WORDS = {
    "size in bytes": "dung lượng tính bằng byte",
    "depth": "số cấp lồng nhau",
    "elements": "số phần tử",
    "attachments": "số tệp đính kèm",
    "size without files": "dung lượng ngoài phần tệp, tính bằng byte",
    "length of a name": "độ dài tên phần tử, tính bằng ký tự",
    "length of a tag": "độ dài một thẻ hoặc chú thích tính bằng byte",
    "namespaces": "số không gian tên",
    "size of a file": "dung lượng một tệp đính kèm, tính bằng byte",
    "size before the header": "dung lượng đứng trước phần đầu gói tin, tính bằng byte",
    "headers of a part": "độ dài phần đầu của một phần MIME, tính bằng byte",
}


class SecretMarking(NotReadable):
    """A field marks the document as a state secret; nothing of its content was decoded.

    Luật Bảo vệ bí mật nhà nước số 117/2025/QH15 Điều 5.
    """

    _vi = (
        "Gói tin từ {organ_id} có đánh dấu độ mật ({path}) nên không được tiếp nhận trên "
        "hệ thống này; nội dung không được giải mã. Hãy báo ngay người phụ trách bảo vệ bí mật "
        "nhà nước và bên gửi."
    )
    _en = (
        "The message from {organ_id} carries a mark of secrecy ({path}) and must not enter this "
        "system; its content was not decoded. Tell the officer in charge of state secrets and "
        "the sender at once."
    )

    def __init__(self, path: str, *, organ_id: str) -> None:
        self.path, self.organ_id = path, organ_id
        super().__init__(path, organ_id)


class MissingIdentity(NotReadable):
    """Sender, DocumentId and Code are all missing: nothing can be matched or answered."""

    _vi = (
        "Gói tin không có mã cơ quan gửi, mã định danh văn bản và số, ký hiệu. "
        "Không thể xác định văn bản; hãy báo quản trị hệ thống."
    )
    _en = (
        "The message has no sender, document identifier or code. "
        "The document cannot be told; inform the system administrator."
    )


class UnsupportedDocType(NotReadable):
    """A BussinessDocType other than 0 to 3."""

    section = "5.1"
    _vi = (
        "Loại nghiệp vụ {value} không được hỗ trợ (chỉ có 0 mới, 1 thu hồi, 2 cập nhật, "
        "3 thay thế). Hãy yêu cầu bên gửi gửi lại."
    )
    _en = (
        "Operation type {value} is not supported (0 new, 1 recall, 2 update, 3 replacement). "
        "Ask the sender to send it again."
    )

    def __init__(self, value: int) -> None:
        self.value = value
        super().__init__(value)


class BadPart(NotReadable):
    """A package whose parts cannot be told, or a header in it that is wrong or stands twice."""

    section = "12.4"
    _vi = (
        "Gói MIME của thông điệp sai tại “{where}” nên không tách được các phần. "
        "Hãy yêu cầu bên gửi sửa phần mềm và gửi lại."
    )
    _en = (
        "The MIME package is wrong at “{where}”, its parts cannot be told. "
        "Ask the sender to mend it and send it again."
    )

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(where)


class BadJson(NotReadable):
    """Not the JSON form of a message (edxml.md section 14, JSON mapping)."""

    section = "12.7"
    _vi = "Thông điệp JSON sai tại “{path}”. Hãy yêu cầu bên gửi sửa phần mềm và gửi lại."
    _en = "The JSON message is wrong at “{path}”. Ask the sender to mend it and send it again."

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


class FaultyAttachment(NotReadable):
    """A file that cannot be used as it is was asked for; fault is the value of a `Fault`."""

    section = "7"
    _vi = "Tệp đính kèm “{name}” không dùng được ({fault}). Hãy yêu cầu bên gửi gửi lại."
    _en = "Attachment “{name}” cannot be used ({fault}). Ask the sender to send it again."

    def __init__(self, name: str, *, fault: str) -> None:
        self.name, self.fault = name, fault
        super().__init__(name, fault)


class NotWritable(EdXMLError):
    """Root of the refusals to write."""


class MissingElement(NotWritable):
    """What every message of ours must have is absent."""

    section = "4.1"
    _vi = "Chưa có {path}, là thông tin bắt buộc của gói tin. Hãy bổ sung rồi gửi lại."
    _en = "{path} is missing and a message must have it. Fill it in and send again."

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


class BadOrganId(NotWritable):
    """Not an agency code as QĐ 20/2020/QĐ-TTg or QCVN 102:2016/BTTTT has them."""

    section = "10"
    _vi = "“{organ_id}” ({path}) không phải là mã định danh cơ quan hợp lệ. Hãy sửa trong danh bạ."
    _en = "“{organ_id}” ({path}) is not a valid agency code. Correct it in the directory."

    def __init__(self, organ_id: str, *, path: str) -> None:
        self.organ_id, self.path = organ_id, path
        super().__init__(organ_id, path)


class DuplicateRecipient(NotWritable):
    """The same agency stands in `To` twice."""

    section = "4.1"
    _vi = "Cơ quan nhận {organ_id} bị lặp trong danh sách nơi nhận. Hãy bỏ bớt một dòng."
    _en = "Recipient {organ_id} is listed twice. Remove one of the lines."

    def __init__(self, organ_id: str) -> None:
        self.organ_id, self.path = organ_id, "To/OrganId"
        super().__init__(organ_id)


class DoesNotFitDocType(NotWritable):
    """An element that this operation must have is absent, or one it must not have is there."""

    section = "4.5"
    _vi = "{path} không phù hợp với loại nghiệp vụ “{doc_type_vi}”. Hãy kiểm tra lại nội dung gửi."
    _en = "{path} does not fit the operation {doc_type}. Check what is to be sent."

    def __init__(self, path: str, *, doc_type: str, doc_type_vi: str) -> None:
        self.path, self.doc_type, self.doc_type_vi = path, doc_type, doc_type_vi
        super().__init__(path, doc_type)


class UnusableAttachment(NotWritable):
    """An attachment without name or content, or one that was received with a fault."""

    section = "7"
    _vi = "Tệp đính kèm “{name}” không gửi được: thiếu tên, rỗng hoặc bị hỏng. Hãy đính kèm lại."
    _en = "Attachment “{name}” cannot be sent: unnamed, empty or damaged. Attach it again."

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class ValueOutOfRange(NotWritable):
    """A value that the wire form cannot carry."""

    section = "4.8"
    _vi = "Giá trị “{value}” của {path} không ghi được vào gói tin. Hãy sửa lại."
    _en = "The value “{value}” of {path} cannot be written. Correct it."

    def __init__(self, path: str, *, value: str) -> None:
        self.path, self.value = path, value
        super().__init__(path, value)


class NotFaithful(NotWritable):
    """Reading what was written does not give the message back: a fault of this package."""

    _vi = "Gói tin vừa lập không đọc lại được như cũ ({path}). Hãy báo quản trị hệ thống."
    _en = "The message just made does not read back the same ({path}). Tell the administrator."

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)
