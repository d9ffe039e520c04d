"""Remarks on a message that was read all the same, in words for the clerk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A departure at path; raw is the text as it stood there, for bad values."""

    code: str
    path: str
    raw: str = ""

    @property
    def vi(self) -> str:
        return _WORDS[self.code][0].format(path=self.path, raw=self.raw)

    @property
    def en(self) -> str:
        return _WORDS[self.code][1].format(path=self.path, raw=self.raw)


_WORDS = {
    "bad-date": (
        "{path}: “{raw}” không phải là ngày hợp lệ; coi như không có, hãy xem tệp văn bản",
        "{path}: “{raw}” is not a valid date; treated as absent, see the document itself",
    ),
    "bad-number": (
        "{path}: “{raw}” không phải là số; đã dùng giá trị mặc định",
        "{path}: “{raw}” is not a number; the default was used",
    ),
    "bad-flag": (
        "{path}: “{raw}” không phải là true hoặc false; coi là false",
        "{path}: “{raw}” is neither true nor false; read as false",
    ),
    "unknown-priority": (
        "{path}: độ khẩn “{raw}” không có trong danh mục; coi là thường, hãy xem văn bản",
        "{path}: priority “{raw}” is not in the list; read as normal, see the document itself",
    ),
    "unknown-status": (
        "{path}: mã trạng thái “{raw}” không có trong danh mục; chỉ lưu, không đổi trạng thái",
        "{path}: status code “{raw}” is not in the list; kept, but it changes no state",
    ),
    "undeclared-prefix": (
        "{path}: tiền tố “{raw}” chưa được khai báo; đã tự khai báo để đọc",
        "{path}: prefix “{raw}” was not declared; it was declared for reading",
    ),
    "declared-encoding": (
        "{path}: khai báo mã hóa “{raw}”, nhưng nội dung được đọc theo UTF-8",
        "{path}: declares the encoding “{raw}”, but was read as UTF-8",
    ),
    "repeated": (
        "{path}: xuất hiện nhiều lần; chỉ dùng lần đầu",
        "{path}: occurs more than once; only the first is used",
    ),
    "missing": (
        "{path}: không có; hãy đối chiếu với tệp văn bản",
        "{path}: missing; compare with the document itself",
    ),
    "secret-words": (
        "{path}: có chữ chỉ độ mật (“{raw}”); văn thư phải kiểm tra trước khi tiếp nhận",
        "{path}: words of secrecy (“{raw}”); the clerk must check before accepting",
    ),
    "no-attachment-list": (
        "{path}: không có danh sách tệp đính kèm dùng được; hãy yêu cầu bên gửi gửi lại",
        "{path}: no usable attachment list; ask the sender to send again",
    ),
    "missing-attachment": (
        "{path}: tệp “{raw}” có trong danh mục nhưng không có nội dung; yêu cầu bên gửi gửi lại",
        "{path}: file “{raw}” is listed without content; ask the sender to send again",
    ),
    "not-base64": (
        "{path}: nội dung tệp “{raw}” không giải mã được; yêu cầu bên gửi gửi lại",
        "{path}: the content of “{raw}” cannot be decoded; ask the sender to send again",
    ),
    "damaged-archive": (
        "{path}: gói nén của tệp “{raw}” bị hỏng; yêu cầu bên gửi gửi lại",
        "{path}: the archive around “{raw}” is damaged; ask the sender to send again",
    ),
    "mended-archive": (
        "{path}: gói nén của tệp “{raw}” bị cắt cuối nhưng vẫn lấy ra được tệp",
        "{path}: the archive around “{raw}” is cut off, but the file could be taken out",
    ),
    "encrypted-archive": (
        "{path}: gói nén của tệp “{raw}” có mật khẩu; yêu cầu bên gửi gửi tệp không có mật khẩu",
        "{path}: the archive around “{raw}” needs a password; ask for one without",
    ),
    "too-large": (
        "{path}: tệp “{raw}” giải nén vượt giới hạn; yêu cầu bên gửi gửi tệp nhỏ hơn",
        "{path}: file “{raw}” unpacks beyond the limit; ask the sender for a smaller one",
    ),
    "corrupt-pdf": (
        "{path}: tệp PDF “{raw}” bị bên gửi làm hỏng khi chuyển sang văn bản; "
        "trả lại với trạng thái 02 và yêu cầu gửi lại",
        "{path}: PDF “{raw}” was destroyed by the sender's conversion to text; "
        "return it with status 02 and ask for it again",
    ),
    "not-as-named": (
        "{path}: nội dung tệp “{raw}” không đúng với phần mở rộng của tên tệp; mở tệp thận trọng",
        "{path}: the content of “{raw}” is not what its extension says; open it with care",
    ),
    "longer-than-usual": (
        "{path}: dài hơn mức thông dụng ({raw} ký tự); một số hệ thống có thể từ chối",
        "{path}: longer than usual ({raw} characters); some systems may refuse it",
    ),
}
