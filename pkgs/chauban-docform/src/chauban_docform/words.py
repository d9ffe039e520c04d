"""What each error says to a person, in Vietnamese and English: what happened, what to do next."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from chauban_docform import errors

Language = Literal["vi", "en"]

WORDS: Mapping[type[errors.DocformError], Mapping[Language, str]] = MappingProxyType(
    {
        errors.DocformError: {
            "vi": "Văn bản chưa đúng thể thức. Hãy kiểm tra lại nội dung vừa nhập.",
            "en": "The document's form is not right. Check what was entered.",
        },
        errors.UnknownKind: {
            "vi": "Không có loại văn bản “{code}” trong Phụ lục III. Hãy chọn một loại trong "
            "danh mục.",
            "en": "Appendix III has no kind of document “{code}”. Choose one from the list.",
        },
        errors.NoRuleSet: {
            "vi": "Chưa có bộ quy định thể thức áp dụng cho ngày {day:%d/%m/%Y}. Hãy kiểm tra lại "
            "ngày của văn bản.",
            "en": "No rules on form are held for {day:%d/%m/%Y}. Check the document's date.",
        },
        errors.KindNotTypeset: {
            "vi": "Chưa có mẫu trình bày cho loại văn bản “{kind_name}”. Hãy soạn ở ngoài rồi tải "
            "lên tệp PDF.",
            "en": "There is no template for “{kind_name}”. Write it elsewhere and upload the PDF.",
        },
        errors.NumberOutOfRange: {
            "vi": "Số văn bản phải từ 01 trở lên, không thể là {number}. Hãy nhập lại số.",
            "en": "A document's number starts at 01 and cannot be {number}. Enter it again.",
        },
        errors.SymbolMalformed: {
            "vi": "“{symbol}” không dùng được làm chữ viết tắt trong ký hiệu: không để trống, "
            "không có dấu cách, dấu “/” hoặc dấu “-”. Hãy sửa chữ viết tắt.",
            "en": "“{symbol}” cannot be an abbreviation in a symbol: it must not be empty nor hold "
            "a space, “/” or “-”. Correct the abbreviation.",
        },
        errors.CodeMalformed: {
            "vi": "“{text}” không phải là số, ký hiệu văn bản. Hãy ghi như 05/QĐ-UBND, hoặc "
            "01-NQ/TU đối với văn bản của Đảng.",
            "en": "“{text}” is not a number and symbol. Write it like 05/QĐ-UBND, or 01-NQ/TU for "
            "a document of the Party.",
        },
        errors.NotationDoesNotFit: {
            "vi": "Ký hiệu “{notation}” không phù hợp với loại văn bản “{kind_name}” của cơ quan "
            "có ký hiệu {body_symbol}; ký hiệu đúng là “{expected}”. Hãy sửa ký hiệu hoặc chọn lại "
            "cơ quan ban hành, loại văn bản.",
            "en": "The symbol “{notation}” does not fit a “{kind_name}” of the body {body_symbol}; "
            "it should be “{expected}”. Correct the symbol, or choose the issuer or kind again.",
        },
        errors.MissingElement: {
            "vi": "Văn bản còn thiếu {element_vi} (Điều 8 Nghị định 30/2020/NĐ-CP). Hãy nhập bổ "
            "sung.",
            "en": "The document lacks: {element} (Decree 30/2020, Article 8). Add it.",
        },
        errors.SubjectTooLong: {
            "vi": "Trích yếu nội dung dài {length} ký tự, tối đa là {limit}. Hãy rút gọn.",
            "en": "The subject has {length} characters, at most {limit} are allowed. Shorten it.",
        },
        errors.UnsupportedCharacters: {
            "vi": "Phông chữ của văn bản không hiện được ký tự {code_points} trong đoạn "
            "“{excerpt}”. Hãy xóa hoặc thay ký tự đó.",
            "en": "The document's typeface cannot show the character {code_points} in "
            "“{excerpt}”. Remove or replace it.",
        },
        errors.RowDoesNotFit: {
            "vi": "Dòng {row} của sổ có {texts} ô, trong khi sổ có {columns} cột. Hãy báo người "
            "quản trị hệ thống.",
            "en": "Row {row} of the register has {texts} cells for {columns} columns. Tell the "
            "administrator.",
        },
        errors.NotAPDF: {
            "vi": "Tệp tải lên không phải là tệp PDF đọc được. Hãy xuất lại từ phần mềm soạn thảo "
            "sang PDF rồi tải lên.",
            "en": "The file is not a readable PDF. Export it to PDF again and upload that.",
        },
        errors.EncryptedPDF: {
            "vi": "Tệp PDF bị mã hóa hoặc đặt mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại.",
            "en": "The PDF is encrypted or locked. Remove the password and upload it again.",
        },
        errors.TooLarge: {
            "vi": "Tệp có dung lượng {size_mb} MB, tối đa là {limit_mb} MB. Hãy giảm dung lượng "
            "hoặc tách tệp rồi tải lên lại.",
            "en": "The file has {size_mb} MB, at most {limit_mb} MB are allowed. Make it smaller "
            "or split it.",
        },
        errors.AlreadySigned: {
            "vi": "Tệp PDF đã có chữ ký số; nếu xử lý tiếp thì chữ ký sẽ mất hiệu lực. Hãy tải lên "
            "bản chưa ký.",
            "en": "The PDF is signed already, and rewriting would break the signature. Upload the "
            "unsigned version.",
        },
        errors.NoPages: {
            "vi": "Tệp PDF không có trang nào. Hãy xuất lại tệp rồi tải lên.",
            "en": "The PDF has no page. Export it again and upload that.",
        },
        errors.PlaceUnknown: {
            "vi": "“{name}” không phải là tên một vị trí ký, số, ngày tháng, hoặc bị đặt hai lần. "
            "Hãy đánh dấu lại các vị trí.",
            "en": "“{name}” is not the name of a place, or it is set twice. Mark the places again.",
        },
        errors.PlaceOutsidePage: {
            "vi": "Vị trí “{name}” nằm ngoài trang {page_number}. Hãy đánh dấu lại vị trí.",
            "en": "The place “{name}” lies outside page {page_number}. Mark it again.",
        },
    }
)


def describe(error: errors.DocformError, language: Language = "vi") -> str:
    """Return what the error says to a person, with the facts it carries filled in."""
    words = next(WORDS[cls] for cls in type(error).__mro__ if cls in WORDS)
    return words[language].format(**facts(error))


def facts(error: errors.DocformError) -> dict[str, object]:
    found: dict[str, object] = dict(vars(error))
    if isinstance(error, errors.UnsupportedCharacters):
        found["code_points"] = ", ".join(map(code_point, error.characters))
        found["excerpt"] = error.text if len(error.text) <= 60 else error.text[:60] + "…"
    if isinstance(error, errors.TooLarge):
        found["size_mb"] = megabytes(error.size_bytes)
        found["limit_mb"] = megabytes(error.limit_bytes)
    return found


def code_point(character: str) -> str:
    """Return a character with its number, or the number alone where it cannot be seen."""
    number = f"U+{ord(character):04X}"
    return f"{character} ({number})" if character.isprintable() else number


def megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1024 / 1024:.1f}"
