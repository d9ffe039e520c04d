"""The words of an assessment: each code with Vietnamese, English and the clause it rests on.

Both texts tell what was found and, in their last sentence, what to do next. Reasons that
concern certificates, revocation and time-stamps come from chauban_pki.
"""

from __future__ import annotations

from collections.abc import Mapping

from chauban_pki.reasons import Reason

from .names import TEXT_FIELDS, signature_name
from .report import Change, PlaceOnPage

_ISO_BYTE_RANGE = "ISO 32000-1 clause 12.8.1"
_ISO_STRUCTURE = "ISO 32000-1 clause 7.5"
_PADES = "ETSI EN 319 142-1 clause 6.3"
_ND30_SIGNATURES = "Nghị định 30/2020/NĐ-CP Điều 5"
_INTEGRITY = "Nghị định 30/2020/NĐ-CP Điều 5; ETSI EN 319 102-1 clause 5.2"

_ASK_SENDER_VI = "Đề nghị nơi gửi gửi lại tệp gốc đã ký số."
_ASK_SENDER_EN = "Ask the sender for the original signed file."
_DO_NOT_USE_VI = "Không sử dụng văn bản này; trả lại nơi gửi kèm lý do."
_DO_NOT_USE_EN = "Do not use this document; return it to the sender with the reason."

REASONS: dict[str, tuple[str, str, str]] = {
    "not-a-pdf": (
        f"Tệp không phải là PDF. {_ASK_SENDER_VI}",
        f"The file is not a PDF. {_ASK_SENDER_EN}",
        _ISO_STRUCTURE,
    ),
    "damaged": (
        f"Tệp PDF bị hỏng, không đọc được trọn vẹn nếu không phỏng đoán. {_ASK_SENDER_VI}",
        f"The PDF is damaged and cannot be read without guessing. {_ASK_SENDER_EN}",
        _ISO_STRUCTURE,
    ),
    "reader-failed": (
        f"Không đọc được cấu trúc của tệp PDF. {_ASK_SENDER_VI}",
        f"The structure of the PDF cannot be read. {_ASK_SENDER_EN}",
        _ISO_STRUCTURE,
    ),
    "encrypted": (
        "Tệp PDF được đặt mật khẩu hoặc mã hóa nên không kiểm tra được. "
        "Đề nghị nơi gửi gửi bản không mã hóa.",
        "The PDF is encrypted, so nothing in it can be checked. Ask for one that is not.",
        "ISO 32000-1 clause 7.6",
    ),
    "too-large": (
        "Tệp PDF vượt quá dung lượng được kiểm tra. Đề nghị nơi gửi giảm dung lượng tệp.",
        "The PDF is larger than what is checked. Ask the sender for a smaller file.",
        _ISO_STRUCTURE,
    ),
    "too-many-revisions": (
        f"Tệp PDF đã được ghi thêm quá nhiều lần nên không kiểm tra hết được. {_ASK_SENDER_VI}",
        f"The PDF has more revisions than are checked. {_ASK_SENDER_EN}",
        "ISO 32000-1 clause 7.5.6",
    ),
    "too-many-objects": (
        f"Tệp PDF có quá nhiều đối tượng nên không kiểm tra hết được. {_ASK_SENDER_VI}",
        f"The PDF has more objects or fields than are checked. {_ASK_SENDER_EN}",
        _ISO_STRUCTURE,
    ),
    "broken-history": (
        "Các lần ghi của tệp PDF không nối tiếp nhau: lịch sử của tệp đã bị thay. "
        f"{_DO_NOT_USE_VI}",
        f"The revisions of the PDF do not follow one another. {_DO_NOT_USE_EN}",
        "ISO 32000-1 clause 7.5.6",
    ),
    "hybrid-differs": (
        "Tệp PDF có hai bảng tham chiếu cho thấy hai nội dung khác nhau tùy phần mềm đọc. "
        f"{_DO_NOT_USE_VI}",
        "The PDF has two cross-references that show two documents, depending on the reader. "
        f"{_DO_NOT_USE_EN}",
        "ISO 32000-1 clause 7.5.8.4",
    ),
    "structure-doubtful": (
        "Tệp PDF có chỗ viết sai chuẩn, các phần mềm có thể đọc khác nhau. "
        "Kiểm tra lại bằng phần mềm khác hoặc đề nghị nơi gửi gửi lại.",
        "Parts of the PDF break the standard, so that readers may differ. "
        "Check with another program, or ask the sender for a new file.",
        _ISO_STRUCTURE,
    ),
    "unsigned": (
        "Tệp không có chữ ký số nào; chỉ có giá trị để biết. "
        "Đề nghị nơi gửi ký số nếu cần bản có giá trị pháp lý.",
        "The file bears no digital signature: it is for information only. "
        "Ask the sender to sign it where legal value is needed.",
        _ND30_SIGNATURES,
    ),
    "signature-dictionary-missing": (
        f"Ô chữ ký có giá trị nhưng không phải là chữ ký số. {_DO_NOT_USE_VI}",
        f"A signature field holds something that is no signature. {_DO_NOT_USE_EN}",
        _ISO_BYTE_RANGE,
    ),
    "signature-shared": (
        f"Hai ô chữ ký dùng chung một chữ ký số. {_DO_NOT_USE_VI}",
        f"Two signature fields share one signature. {_DO_NOT_USE_EN}",
        _ISO_BYTE_RANGE,
    ),
    "byte-range-missing": (
        f"Chữ ký số không cho biết phần dữ liệu được ký. {_DO_NOT_USE_VI}",
        f"The signature does not say which bytes it covers. {_DO_NOT_USE_EN}",
        _ISO_BYTE_RANGE,
    ),
    "byte-range-wrong": (
        "Phần dữ liệu được ký không phủ đúng toàn bộ tệp trừ chính chữ ký: có chỗ bị bỏ ra ngoài. "
        f"{_DO_NOT_USE_VI}",
        f"The signed bytes are not the whole revision save the signature itself. {_DO_NOT_USE_EN}",
        _ISO_BYTE_RANGE,
    ),
    "byte-range-short": (
        f"Chữ ký số không phủ đến hết lần ghi của nó. {_DO_NOT_USE_VI}",
        f"The signed bytes do not reach the end of their revision. {_DO_NOT_USE_EN}",
        _ISO_BYTE_RANGE,
    ),
    "contents-missing": (
        f"Ô chữ ký rỗng, không có dữ liệu chữ ký số. {_DO_NOT_USE_VI}",
        f"The signature has no contents. {_DO_NOT_USE_EN}",
        _ISO_BYTE_RANGE,
    ),
    "lock-malformed": (
        f"Chữ ký số khóa các ô của văn bản theo cách không đọc được. {_DO_NOT_USE_VI}",
        f"The signature locks fields in a way that cannot be read. {_DO_NOT_USE_EN}",
        "ISO 32000-1 clause 12.8.2.4",
    ),
    "sub-filter-unknown": (
        "Chữ ký số có định dạng không được hỗ trợ ({detail}). "
        "Kiểm tra bằng phần mềm của nơi cấp chứng thư số.",
        "The signature has a format that is not supported ({detail}). "
        "Check it with the provider's own program.",
        "ETSI EN 319 142-1 clause 5.2; ISO 32000-1 table 252",
    ),
    "content-type-wrong": (
        f"Chữ ký số không phải là chữ ký tách rời trên dữ liệu của tệp. {_DO_NOT_USE_VI}",
        f"The signature is not a detached one over data. {_DO_NOT_USE_EN}",
        "ETSI EN 319 142-1 clause 6.3; RFC 5652 section 5.2",
    ),
    "changed-after-signing": (
        f"Văn bản đã bị thay đổi sau chữ ký này: {{detail_vi}}. {_DO_NOT_USE_VI}",
        f"The document was changed after this signature: {{detail_en}}. {_DO_NOT_USE_EN}",
        _INTEGRITY,
    ),
    "stamped-by-issuer": (
        "Nội dung được cơ quan ban hành ghi thêm sau khi người có thẩm quyền ký ({detail_vi}), "
        "và chữ ký số của cơ quan xác nhận. Văn thư xem bản trước và bản sau rồi quyết định.",
        "The issuing agency added to the document after the person signed ({detail_en}), and its "
        "valid seal covers it. The clerk compares both versions and decides.",
        "Nghị định 30/2020/NĐ-CP Điều 15, Điều 21",
    ),
    "stamp-not-proved": (
        "Văn bản được ghi thêm sau khi người có thẩm quyền ký ({detail_vi}); chưa đủ căn cứ để "
        "kết luận cơ quan ban hành đã xác nhận. Xác minh chứng thư số của cơ quan, rồi thử lại.",
        "The document was added to after the person signed ({detail_en}); nothing yet proves that "
        "the issuing agency stands for it. Check the agency's certificate, then check again.",
        "Nghị định 30/2020/NĐ-CP Điều 15, Điều 21",
    ),
    "altered": (
        f"Văn bản không còn toàn vẹn: nội dung khác với nội dung đã ký. {_DO_NOT_USE_VI}",
        f"The document is not what was signed. {_DO_NOT_USE_EN}",
        _INTEGRITY,
    ),
    "signature-missing": (
        "Thiếu chữ ký số của người có thẩm quyền ({detail}); văn bản chỉ có giá trị để biết. "
        "Đề nghị nơi gửi bổ sung.",
        "The signature of the competent person is missing ({detail}): for information only. "
        "Ask the sender for it.",
        _ND30_SIGNATURES,
    ),
    "seal-missing": (
        "Thiếu chữ ký số của cơ quan, tổ chức ({detail}); văn bản chỉ có giá trị để biết. "
        "Đề nghị nơi gửi bổ sung.",
        "The signature of the agency is missing ({detail}): for information only. "
        "Ask the sender for it.",
        _ND30_SIGNATURES,
    ),
    "role-mismatch": (
        "Ô {field} được ký bằng chứng thư số không đúng vai trò: ô của {expected_vi}. "
        f"{_DO_NOT_USE_VI}",
        "The field {field} was signed with a certificate of another role: it is for "
        f"{{expected_en}}. {_DO_NOT_USE_EN}",
        "Nghị định 30/2020/NĐ-CP Điều 13, Phụ lục I mục II.7, II.8",
    ),
    "role-unknown": (
        "Chứng thư số ở ô {field} không cho biết là của người ký hay của cơ quan. "
        "Văn thư đối chiếu tên trên chứng thư số với văn bản.",
        "The certificate in field {field} does not tell whether it is a person's or an "
        "agency's. The clerk compares its name with the document.",
        "Nghị định 30/2020/NĐ-CP Phụ lục I mục II.7, II.8",
    ),
    "field-empty": (
        f"Ô {{field}} chưa được điền khi đóng dấu. {_DO_NOT_USE_VI}",
        f"The field {{field}} was empty when the document was sealed. {_DO_NOT_USE_EN}",
        "Nghị định 30/2020/NĐ-CP Điều 15, Phụ lục I mục II.3, II.4",
    ),
    "value-invalid": (
        f"Giá trị ở ô {{field}} không đúng thể thức số, ngày, tháng, năm. {_DO_NOT_USE_VI}",
        f"The value in field {{field}} does not follow the form of number or date. "
        f"{_DO_NOT_USE_EN}",
        "Nghị định 30/2020/NĐ-CP Phụ lục I mục II.3, II.4",
    ),
    "appearance-differs": (
        f"Ô {{field}} hiển thị khác với giá trị của nó. {_DO_NOT_USE_VI}",
        f"What the field {{field}} shows is not its value. {_DO_NOT_USE_EN}",
        "Nghị định 30/2020/NĐ-CP Điều 5; ISO 32000-1 clause 12.7.3.3",
    ),
    "no-trust": (
        "Chưa chỉ định chứng thư số gốc tin cậy nên chưa kết luận được ai đã ký. "
        "Chọn chứng thư số gốc rồi kiểm tra lại.",
        "No trust anchor was given, so nothing shows who signed. Give one and check again.",
        "ETSI EN 319 102-1 clause 5.2.6",
    ),
    "weak-then": (
        "Chữ ký số hợp lệ vào lúc ký, nhưng thuật toán nay đã yếu ({detail}). "
        "Đề nghị nơi gửi ký lại nếu cần dùng lâu dài; giữ tệp này cùng dấu thời gian của nó.",
        "Valid when it was made, but by an algorithm that is weak now ({detail}). "
        "Ask the sender to sign again if it is to last; keep this file with its time-stamp.",
        "Thông tư 15/2025/TT-BKHCN; ETSI TS 119 312",
    ),
    "legs-disagree": (
        "Hai phép kiểm tra độc lập cho kết quả khác nhau ({detail}); lấy kết quả xấu hơn. "
        "Văn thư xem xét trước khi đăng ký.",
        "Two independent checks disagree ({detail}); the worse one counts. "
        "The clerk looks at the document before registering it.",
        "ETSI EN 319 102-1 clause 5.1.3",
    ),
    "second-leg-refused": (
        "Phép kiểm tra thứ hai không chấp nhận chữ ký số này ({detail}). "
        "Văn thư xem xét trước khi đăng ký.",
        "The second check refuses this signature ({detail}). "
        "The clerk looks at it before registering.",
        "ETSI EN 319 102-1 clause 5.1.3",
    ),
    "second-leg-not-trusted": (
        "Phép kiểm tra thứ hai chưa đủ căn cứ tin cậy chứng thư số hoặc dấu thời gian ({detail}). "
        "Văn thư xem xét trước khi đăng ký.",
        "The second check cannot trust the certificate or time-stamp ({detail}). "
        "The clerk looks at it before registering.",
        "ETSI EN 319 102-1 clause 5.1.3",
    ),
    "second-leg-failed": (
        "Phép kiểm tra thứ hai không đọc được tệp. Văn thư xem xét trước khi đăng ký.",
        "The second check could not read the file. The clerk looks at it before registering.",
        "ETSI EN 319 102-1 clause 5.1.3",
    ),
}

CHANGES: dict[str, tuple[str, str]] = {
    "field-filled": ("điền ô {field}", "the field {field} was filled"),
    "field-signed": ("ký vào ô {field}", "the field {field} was signed"),
    "signature-added": ("thêm ô chữ ký {field}", "a signature field {field} was added"),
    "invisible-signature-added": (
        "thêm chữ ký không hiển thị {field}",
        "a signature {field} that shows nothing was added",
    ),
    "timestamp-added": ("thêm dấu thời gian {field}", "a document time-stamp was added"),
    "validation-data-added": ("thêm dữ liệu xác thực", "validation data were added"),
    "field-added": ("thêm ô {field} vào biểu mẫu", "a form field {field} was added"),
    "field-changed": ("sửa ô {field}", "the field {field} was changed"),
    "signature-replaced": (
        "thay chữ ký ở ô {field}",
        "the signature in field {field} was replaced or removed",
    ),
    "value-invalid": (
        "điền ô {field} sai thể thức",
        "the field {field} was filled with a value of the wrong form",
    ),
    "appearance-differs": (
        "ô {field} hiển thị khác giá trị",
        "the field {field} shows something else than its value",
    ),
    "filled-without-seal": (
        "điền ô {field} mà không đóng dấu cùng lần",
        "the field {field} was filled without a seal in the same revision",
    ),
    "page-content-changed": (
        "sửa nội dung trang {pages}",
        "the content of page {pages} was changed",
    ),
    "page-changed": ("sửa trang {pages} ({detail})", "page {pages} was changed ({detail})"),
    "font-changed": (
        "thay phông chữ dùng ở trang {pages}",
        "a font used on page {pages} was replaced",
    ),
    "image-changed": (
        "thay hình ảnh ở trang {pages}",
        "an image on page {pages} was replaced",
    ),
    "page-added": ("thêm trang {pages}", "page {pages} was added"),
    "page-removed": (
        "bỏ trang {pages} của bản trước đó",
        "page {pages} of the revision before was removed",
    ),
    "pages-reordered": ("đổi thứ tự các trang", "the order of the pages was changed"),
    "pages-changed": ("sửa danh sách trang của tệp", "the list of pages was changed"),
    "annotation-added": (
        "thêm chú thích vào trang {pages} ({detail})",
        "an annotation was added on page {pages} ({detail})",
    ),
    "annotation-removed": (
        "bỏ chú thích ở trang {pages}",
        "an annotation was removed from page {pages}",
    ),
    "annotation-moved": (
        "đổi thứ tự chú thích ở trang {pages}",
        "the order of annotations on page {pages} was changed",
    ),
    "annotation-changed": (
        "sửa chú thích ở trang {pages}",
        "an annotation on page {pages} was changed",
    ),
    "form-changed": ("sửa biểu mẫu của tệp", "the form of the file was changed"),
    "catalog-changed": (
        "sửa mục lục gốc của tệp ({detail})",
        "the catalogue of the file was changed ({detail})",
    ),
    "action-changed": (
        "sửa hành động tự chạy của tệp ({detail})",
        "what the file does by itself was changed ({detail})",
    ),
    "attachments-changed": (
        "thêm, bớt hoặc sửa tệp đính kèm bên trong tệp",
        "files embedded in the file were added, removed or changed",
    ),
    "layers-changed": (
        "sửa cách ẩn, hiện các lớp nội dung",
        "which layers of content are shown was changed",
    ),
    "structure-changed": (
        "sửa cấu trúc thẻ dùng cho trình đọc màn hình",
        "the tags that screen readers use were changed",
    ),
    "information-changed": (
        "sửa thông tin mô tả của tệp",
        "the descriptive information of the file was changed",
    ),
    "many-changes": (
        "sửa quá nhiều đối tượng trong tệp",
        "more objects of the file were changed than are listed",
    ),
    "second-leg-changed": (
        "phép kiểm tra thứ hai thấy thay đổi sau chữ ký ở ô {field}",
        "the second check sees a change after the signature in field {field}",
    ),
    "object-changed": (
        "sửa đối tượng {detail} trong tệp",
        "the object {detail} of the file was changed",
    ),
}


# What a key of the file is called by people; another stays as the standard spells it.
DETAILS: dict[str, tuple[str, str]] = {
    "/Circle": ("hình tròn", "circle"),
    "/FileAttachment": ("tệp đính kèm", "attached file"),
    "/FreeText": ("dòng chữ", "text"),
    "/Highlight": ("tô sáng", "highlight"),
    "/Ink": ("nét vẽ", "ink"),
    "/Line": ("đường kẻ", "line"),
    "/Link": ("liên kết", "link"),
    "/Redact": ("bôi che", "redaction"),
    "/Square": ("hình chữ nhật", "rectangle"),
    "/Stamp": ("con dấu", "stamp"),
    "/Text": ("ghi chú", "note"),
    "/Widget": ("ô biểu mẫu", "form field"),
    "/CropBox": ("vùng hiển thị", "visible area"),
    "/MediaBox": ("khổ trang", "size"),
    "/Resources": ("phông chữ, hình ảnh", "fonts and images"),
    "/Rotate": ("xoay trang", "rotation"),
    "/AA": ("theo sự kiện", "on events"),
    "/Names/JavaScript": ("tập lệnh", "script"),
    "/OpenAction": ("khi mở tệp", "on opening"),
}
_FIELD_WORDS = {"number": "số", "day": "ngày", "month": "tháng", "year": "năm"}


def reason(code: str, **facts: str) -> Reason:
    """The reason of that code; facts fill its texts."""
    vi, en, clause = REASONS[code]
    return Reason(code, _filled(vi, _in_vietnamese(facts)), _filled(en, facts), clause)


def change(
    what: str,
    *,
    revision: int,
    page: int | None,
    field: str | None,
    detail: str = "",
    places: tuple[PlaceOnPage, ...] = (),
) -> Change:
    """The change of that code, in words; page counts only where places tell none."""
    pages = sorted({place.page for place in places}) or ([page] if page is not None else [])
    facts = {"pages": ", ".join(map(str, pages)), "field": field}
    detail_vi, detail_en = DETAILS.get(detail, (detail, detail))
    vi, en = CHANGES[what]
    return Change(
        what,
        pages[0] if pages else None,
        revision,
        field,
        _filled(vi, _in_vietnamese({**facts, "detail": detail_vi})),
        _filled(en, {**facts, "detail": detail_en}),
        places,
    )


def field_word(field: str) -> str:
    """What Vietnamese readers call a reserved field; another field by its own name."""
    if field in TEXT_FIELDS:
        return _FIELD_WORDS[field]
    name = signature_name(field)
    if name is None:
        return field
    holder = "chữ ký số của cơ quan" if name.is_seal else "chữ ký số của người có thẩm quyền"
    return holder if name.index == 1 else f"{holder} thứ {name.index}"


def _in_vietnamese(facts: Mapping[str, object]) -> Mapping[str, object]:
    field = facts.get("field")
    return {**facts, "field": field_word(field)} if isinstance(field, str) else facts


def _filled(text: str, facts: Mapping[str, object]) -> str:
    """The text with its facts; parentheses around a fact that is empty are dropped."""
    return text.format(**facts).replace(" ()", "")
