"""What can go wrong while a PDF is reserved, filled or signed.

Each error carries its facts as attributes and its words in Vietnamese and English: what
happened, and what to do next. `str(error)` is English; `reason_for` gives both.
"""

from datetime import datetime
from typing import ClassVar

from chauban_pki.reasons import Reason


class PAdESError(Exception):
    """Root of everything this package raises on purpose; `clause` is the rule behind it."""

    code: ClassVar[str]
    words_vi: ClassVar[str]
    words_en: ClassVar[str]
    clause: ClassVar[str] = ""

    def __init__(self, **facts: object) -> None:
        self.vi = self.words_vi.format(**facts)
        self.en = self.words_en.format(**facts)
        super().__init__(self.en)


def reason_for(error: PAdESError) -> Reason:
    """The error as a reason, in words with its facts filled in."""
    return Reason(error.code, error.vi, error.en, error.clause)


class NotAPDF(PAdESError):
    """The bytes are not a PDF, or one whose structure cannot be read without guessing."""

    code = "not-a-pdf"
    clause = "ISO 32000-1 clause 7.5"
    words_vi = "Tệp không phải là PDF hoặc bị hỏng ({detail}). Hãy xuất lại tệp từ bản gốc."
    words_en = "The file is not a PDF or is damaged ({detail}). Export it again from the source."

    def __init__(self, detail: str) -> None:
        super().__init__(detail=detail)
        self.detail = detail


class EncryptedPDF(PAdESError):
    """The PDF is encrypted; nobody can check in future what was signed."""

    code = "encrypted-pdf"
    clause = "ISO 32000-1 clause 7.6"
    words_vi = "Tệp PDF được đặt mật khẩu hoặc mã hóa. Hãy gỡ bảo vệ rồi thực hiện lại."
    words_en = "The PDF is encrypted. Remove the protection and try again."

    def __init__(self) -> None:
        super().__init__()


class HybridPDF(PAdESError):
    """The PDF has hybrid cross-references: two readers may see two documents."""

    code = "hybrid-pdf"
    clause = "ISO 32000-1 clause 7.5.8.4"
    words_vi = (
        "Tệp PDF có bảng tham chiếu lai (thường do Word tạo) nên không ký trực tiếp được. "
        "Hãy chuẩn hóa tệp khi tải lên rồi ký."
    )
    words_en = "The PDF has hybrid cross-references. Normalise it on upload, then sign."

    def __init__(self) -> None:
        super().__init__()


class AlreadySigned(PAdESError):
    """Fields cannot be reserved any more, as the document carries a signature."""

    code = "already-signed"
    words_vi = "Văn bản đã có chữ ký số nên không thể đặt thêm ô. Hãy lập văn bản mới."
    words_en = "The document is signed already, so no field can be reserved. Make a new document."

    def __init__(self) -> None:
        super().__init__()


class UnknownField(PAdESError):
    """A place is marked with a name outside the reserved ones."""

    code = "unknown-field"
    words_vi = "Mẫu văn bản đánh dấu ô “{field}” không thuộc các ô được đặt trước. Hãy sửa mẫu."
    words_en = "The template marks a place {field!r}, which is no reserved name. Correct it."

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class DuplicateField(PAdESError):
    """Two places carry one name, or the form has a field of that name already."""

    code = "duplicate-field"
    words_vi = "Ô “{field}” xuất hiện nhiều lần. Mỗi ô chỉ được đặt một lần; hãy sửa mẫu."
    words_en = "The field {field!r} appears more than once. Correct the template."

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class MissingField(PAdESError):
    """Places are numbered with a gap, or no place is marked for a signature."""

    code = "missing-field"
    words_vi = "Mẫu văn bản thiếu ô “{field}”. Hãy bổ sung ô này vào mẫu."
    words_en = "The template has no place {field!r}. Add it."

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class PlaceNotUsable(PAdESError):
    """A marked place has no area, lies on no page or holds content of its own."""

    code = "place-not-usable"
    words_vi = "Vị trí của ô “{field}” không dùng được: {detail_vi}. Hãy sửa mẫu."
    words_en = "The place of field {field!r} cannot be used: {detail_en}. Correct the template."

    def __init__(self, field: str, *, detail_vi: str, detail_en: str) -> None:
        super().__init__(field=field, detail_vi=detail_vi, detail_en=detail_en)
        self.field = field


class FieldNotReserved(PAdESError):
    """The PDF has no field of that name and kind."""

    code = "field-not-reserved"
    clause = "ISO 32000-1 clause 12.7.4.5"
    words_vi = "Văn bản không có ô “{field}” được đặt trước. Hãy đặt ô trước khi ký."
    words_en = "The document has no reserved field {field!r}. Reserve it before signing."

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class FieldAlreadySigned(PAdESError):
    """The signature field holds a signature already."""

    code = "field-already-signed"
    words_vi = "Ô “{field}” đã được ký. Không ký lại; hãy kiểm tra trạng thái văn bản."
    words_en = "The field {field!r} is signed already. Check the state of the document."

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class FieldNotSigned(PAdESError):
    """The signature field holds no signature that a time-stamp could complete."""

    code = "field-not-signed"
    words_vi = "Ô “{field}” chưa được ký nên không gắn dấu thời gian được. Hãy ký trước."
    words_en = "The field {field!r} is not signed, so it takes no time-stamp. Sign it first."

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class NotSigned(PAdESError):
    """The document carries no signature that validation data could belong to."""

    code = "not-signed"
    words_vi = "Văn bản chưa có chữ ký số nên không có gì để lưu dữ liệu kiểm tra. Hãy ký trước."
    words_en = "The document carries no signature to keep validation data for. Sign it first."

    def __init__(self) -> None:
        super().__init__()


class SignedOutOfOrder(PAdESError):
    """Another field must be signed first (its lock would be broken by this order)."""

    code = "signed-out-of-order"
    clause = "ISO 32000-1 clause 12.8.2.4"
    words_vi = "Chưa thể ký ô “{field}”. Hãy ký ô “{before}” trước."
    words_en = "The field {field!r} cannot be signed yet. Sign {before!r} first."

    def __init__(self, field: str, before: str) -> None:
        super().__init__(field=field, before=before)
        self.field, self.before = field, before


class NotASeal(PAdESError):
    """Number and date are filled with the agency's signature only."""

    code = "not-a-seal"
    clause = "Nghị định 30/2020/NĐ-CP Điều 15"
    words_vi = (
        "Ô “{field}” không phải ô chữ ký số của cơ quan. "
        "Hãy điền số và ngày, tháng, năm cùng chữ ký số của cơ quan."
    )
    words_en = "{field!r} is not a seal field. Fill number and date together with a seal."

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class FieldNotFilled(PAdESError):
    """A reserved text field would stay empty under the seal."""

    code = "field-not-filled"
    clause = "Nghị định 30/2020/NĐ-CP Điều 15"
    words_vi = "Ô “{field}” chưa có giá trị. Hãy điền đủ số và ngày, tháng, năm khi đóng dấu."
    words_en = "The field {field!r} has no value. Fill number and date with the seal."

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class FieldAlreadyFilled(PAdESError):
    """The text field has its value already; a number is never changed."""

    code = "field-already-filled"
    clause = "Nghị định 30/2020/NĐ-CP Điều 15"
    words_vi = "Ô “{field}” đã có giá trị và không được thay đổi. Hãy kiểm tra sổ đăng ký."
    words_en = "The field {field!r} is filled already and never changes. Check the register."

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class ValueNotFitting(PAdESError):
    """The value does not follow the field's grammar, or is too wide for its box."""

    code = "value-not-fitting"
    clause = "Nghị định 30/2020/NĐ-CP PL I II.3, II.4"
    words_vi = "Giá trị “{value}” không hợp lệ cho ô “{field}”: {detail_vi}. Hãy sửa lại."
    words_en = "The value {value!r} does not fit the field {field!r}: {detail_en}. Correct it."

    def __init__(self, field: str, value: str, *, detail_vi: str, detail_en: str) -> None:
        super().__init__(field=field, value=value, detail_vi=detail_vi, detail_en=detail_en)
        self.field, self.value = field, value


class CertificateNotValid(PAdESError):
    """The certificate is outside its validity period at the moment of signing."""

    code = "certificate-not-valid"
    clause = "RFC 5280 section 4.1.2.5"
    words_vi = (
        "Chứng thư số “{subject}” không còn hoặc chưa có hiệu lực tại {at}. "
        "Hãy dùng chứng thư còn hiệu lực hoặc liên hệ cơ quan cấp chứng thư."
    )
    words_en = "The certificate {subject!r} is not valid at {at}. Use one that is."

    def __init__(self, subject: str, at: datetime) -> None:
        super().__init__(subject=subject, at=at.isoformat())
        self.subject, self.at = subject, at


class AlreadyTimestamped(PAdESError):
    """The signature carries its time-stamp already."""

    code = "already-timestamped"
    words_vi = "Chữ ký ở ô “{field}” đã có dấu thời gian. Không cần làm gì thêm."
    words_en = "The signature in {field!r} carries a time-stamp already. Nothing is left to do."

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class CoveredByLaterRevision(PAdESError):
    """Something was appended after the signature: its bytes must not change any more."""

    code = "covered-by-later-revision"
    clause = "ISO 32000-1 clause 12.8.1"
    words_vi = (
        "Văn bản đã được ghi thêm sau chữ ký ở ô “{field}” nên không thể gắn dấu thời gian nữa. "
        "Hãy lập lại bản ký."
    )
    words_en = (
        "The file grew after the signature in {field!r}; its time-stamp came too late. "
        "Sign a new copy."
    )

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class NoRoom(PAdESError):
    """The signature or its time-stamp is larger than the room reserved for it."""

    code = "no-room"
    clause = "ISO 32000-1 clause 12.8.1"
    words_vi = "Không đủ chỗ cho chữ ký: cần {needed} byte, chỉ có {room} byte. Hãy báo quản trị."
    words_en = "The signature needs {needed} bytes and has room for {room}. Tell the operator."

    def __init__(self, *, needed: int, room: int) -> None:
        super().__init__(needed=needed, room=room)
        self.needed, self.room = needed, room


class ImageNotUsable(PAdESError):
    """The picture of a signature or seal is not what PL I asks for."""

    code = "image-not-usable"
    clause = "Nghị định 30/2020/NĐ-CP PL I II.7, II.8"
    words_vi = "Hình ảnh chữ ký hoặc dấu không dùng được: {detail_vi}. Hãy chọn hình khác."
    words_en = (
        "The picture of the signature or seal cannot be used: {detail_en}. Choose another picture."
    )

    def __init__(self, *, detail_vi: str, detail_en: str) -> None:
        super().__init__(detail_vi=detail_vi, detail_en=detail_en)


class SealDoesNotFit(PAdESError):
    """The place reserved for the seal is smaller than the seal's real size."""

    code = "seal-does-not-fit"
    clause = "Nghị định 30/2020/NĐ-CP PL I II.8"
    words_vi = "Ô “{field}” nhỏ hơn kích thước thực của con dấu ({size_mm:.1f} mm). Hãy sửa mẫu."
    words_en = (
        "The field {field!r} is smaller than the seal's real size ({size_mm:.1f} mm). "
        "Correct the template."
    )

    def __init__(self, field: str, *, size_mm: float) -> None:
        super().__init__(field=field, size_mm=size_mm)
        self.field, self.size_mm = field, size_mm


class ChangesForbidden(PAdESError):
    """A signature in the document locks it; signing inside would break that signature."""

    code = "changes-forbidden"
    clause = "ISO 32000-1 clause 12.8.2"
    words_vi = (
        "Tệp đã có chữ ký số ở ô “{field}” không cho phép thay đổi; ký vào tệp sẽ làm hỏng chữ ký "
        "đó. Hãy ký rời (.p7s) đối với tệp này."
    )
    words_en = (
        "The signature in {field!r} locks the document and would break. "
        "Give this file a detached signature (.p7s)."
    )

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class TextNotPrintable(PAdESError):
    """A line to print has a letter that the embedded font lacks, or is too long."""

    code = "text-not-printable"
    clause = "Nghị định 30/2020/NĐ-CP PL I II.8"
    words_vi = "Không in được dòng “{line}” lên tệp đính kèm: {detail_vi}. Hãy sửa dòng đó."
    words_en = (
        "The line {line!r} cannot be printed on the attachment: {detail_en}. Correct that line."
    )

    def __init__(self, line: str, *, detail_vi: str, detail_en: str) -> None:
        super().__init__(line=line, detail_vi=detail_vi, detail_en=detail_en)
        self.line = line


class PreparedStateInvalid(PAdESError):
    """What was stored of a prepared signature does not read."""

    code = "prepared-state-invalid"
    words_vi = "Dữ liệu chờ ký không đọc được ({detail}). Hãy chuẩn bị ký lại từ đầu."
    words_en = "What was stored of the prepared signature does not read ({detail}). Prepare again."

    def __init__(self, detail: str) -> None:
        super().__init__(detail=detail)
        self.detail = detail


class PreparedForOtherDocument(PAdESError):
    """The document is not, byte for byte, the one that was prepared for signing."""

    code = "prepared-for-other-document"
    clause = "ISO 32000-1 clause 12.8.1"
    words_vi = (
        "Tệp không phải là tệp đã chuẩn bị để ký ở ô “{field}”. "
        "Hãy dùng đúng tệp đó hoặc chuẩn bị lại."
    )
    words_en = (
        "This is not the file that was prepared for {field!r}. Use that file, or prepare again."
    )

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class SignedByAnotherCertificate(PAdESError):
    """The signature made elsewhere is by another certificate than the one prepared for."""

    code = "signed-by-another-certificate"
    clause = "ETSI EN 319 142-1 clause 6.3"
    words_vi = "Chữ ký trả về không phải của {expected}. Hãy chọn đúng chứng thư số và ký lại."
    words_en = "The signature is not by {expected}. Choose that certificate and sign again."

    def __init__(self, expected: str) -> None:
        super().__init__(expected=expected)
        self.expected = expected


class SignatureNotPAdES(PAdESError):
    """A CMS signature made elsewhere breaks the profile that a PDF asks for."""

    code = "signature-not-pades"
    clause = "ETSI EN 319 142-1 clause 6.3"
    words_vi = (
        "Chữ ký trả về không đúng chuẩn PAdES ({detail}). Hãy báo đơn vị cung cấp dịch vụ ký."
    )
    words_en = "The signature breaks the PAdES profile ({detail}). Tell the signing service."

    def __init__(self, detail: str) -> None:
        super().__init__(detail=detail)
        self.detail = detail
