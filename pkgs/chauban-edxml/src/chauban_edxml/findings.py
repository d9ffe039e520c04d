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

    @property
    def next_vi(self) -> str:
        """What to do next, in Vietnamese."""
        return self.vi.rpartition("; ")[2]

    @property
    def next_en(self) -> str:
        """What to do next, in English."""
        return self.en.rpartition("; ")[2]

    @property
    def section(self) -> str:
        """The section of docs/edxml.md that has the rule."""
        return _SECTIONS[self.code]


_WORDS = {
    "bad-date": (
        "{path}: “{raw}” không phải là ngày hợp lệ; coi như không có, hãy xem tệp văn bản",
        "{path}: “{raw}” is not a valid date; treated as absent, see the document itself",
    ),
    "bad-number": (
        "{path}: “{raw}” không phải là số, đã dùng giá trị mặc định; đối chiếu với văn bản",
        "{path}: “{raw}” is not a number, the default was used; compare with the document",
    ),
    "bad-flag": (
        "{path}: “{raw}” không phải là true hoặc false; coi là false; đối chiếu với văn bản",
        "{path}: “{raw}” is neither true nor false, read as false; compare with the document",
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
        "{path}: tiền tố “{raw}” chưa khai báo, đã tự khai báo để đọc; báo bên gửi sửa phần mềm",
        "{path}: prefix “{raw}” was not declared, reading declared it; have the sender mend it",
    ),
    "declared-encoding": (
        "{path}: khai báo mã hóa “{raw}” nhưng được đọc theo UTF-8; báo bên gửi sửa phần mềm",
        "{path}: declares the encoding “{raw}” but was read as UTF-8; have the sender mend it",
    ),
    "repeated": (
        "{path}: xuất hiện nhiều lần, chỉ dùng lần đầu; hãy đối chiếu với tệp văn bản",
        "{path}: occurs more than once, only the first is used; compare with the document itself",
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
        "{path}: gói nén của tệp “{raw}” bị cắt cuối nhưng vẫn lấy ra được tệp; đối chiếu tệp với "
        "văn bản",
        "{path}: the archive around “{raw}” is cut off, but the file could be taken out; "
        "compare it with the document",
    ),
    "encrypted-archive": (
        "{path}: gói nén của tệp “{raw}” có mật khẩu; yêu cầu bên gửi gửi tệp không có mật khẩu",
        "{path}: the archive around “{raw}” needs a password; ask for one without",
    ),
    "too-large": (
        "{path}: tệp “{raw}” giải nén vượt giới hạn; yêu cầu bên gửi gửi tệp nhỏ hơn",
        "{path}: file “{raw}” unpacks beyond the limit; ask the sender for a smaller one",
    ),
    "archive-bomb": (
        "{path}: gói nén của tệp “{raw}” bung ra lớn bất thường (bom nén) nên không được mở; "
        "báo quản trị hệ thống và bên gửi",
        "{path}: the archive around “{raw}” unpacks to an unlikely size (a bomb) and was not "
        "opened; tell the administrator and the sender",
    ),
    "unsafe-entry-name": (
        "{path}: gói nén của tệp “{raw}” chứa tên có đường dẫn nguy hiểm nên không được mở; "
        "báo quản trị hệ thống và bên gửi",
        "{path}: the archive around “{raw}” holds a name that leads out of its folder and was not "
        "opened; tell the administrator and the sender",
    ),
    "older-name": (
        "{path}: đọc từ phần tử “{raw}” của phiên bản cũ; hãy dùng tên theo QCVN 102:2016/BTTTT",
        "{path}: read from the older element “{raw}”; use the name of QCVN 102:2016/BTTTT",
    ),
    "older-place": (
        "{path}: đứng ở vị trí của phiên bản cũ; hãy đặt theo QCVN 102:2016/BTTTT",
        "{path}: stands where older messages had it; put it where QCVN 102:2016/BTTTT has it",
    ),
    "date-form": (
        "{path}: “{raw}” không viết theo yyyy/MM/dd; đã hiểu được, hãy sửa phần mềm gửi",
        "{path}: “{raw}” is not written as yyyy/MM/dd; it was understood, mend the sender",
    ),
    "prefix-dropped": (
        "{path}: các phần tử trong phong bì thiếu tiền tố edXML:; nhiều hệ thống sẽ từ chối, "
        "hãy viết tiền tố",
        "{path}: the elements of the envelope lack the prefix edXML:; many systems refuse that, "
        "write the prefix",
    ),
    "code-as-text": (
        "{path}: số, ký hiệu “{raw}” viết thành một chuỗi; hãy tách CodeNumber và CodeNotation",
        "{path}: the code “{raw}” is one text; split it into CodeNumber and CodeNotation",
    ),
    "code-as-block": (
        "{path}: số, ký hiệu viết thành hai phần tử; ở đây hãy viết một chuỗi số/ký hiệu",
        "{path}: the code is two elements; here write one text number/notation",
    ),
    "priority-as-word": (
        "{path}: độ khẩn viết bằng chữ “{raw}”; hãy viết số từ 0 đến 4",
        "{path}: the priority is the word “{raw}”; write a number from 0 to 4",
    ),
    "status-form": (
        "{path}: mã trạng thái “{raw}” không đủ hai chữ số; hãy viết hai chữ số",
        "{path}: the status code “{raw}” is not two digits; write two",
    ),
    "status-with-recipients": (
        "{path}: gói tin trạng thái không có phần tử này; hãy bỏ",
        "{path}: a status message has no such element; leave it out",
    ),
    "leading-space": (
        "{path}: có {raw} byte trước khai báo XML; hãy bỏ",
        "{path}: {raw} bytes stand before the XML declaration; leave them out",
    ),
    "joined-without-id": (
        "{path}: mã tệp “{raw}” không có trong danh mục, đã ghép theo tên hoặc thứ tự; "
        "hãy ghi cùng một ContentId",
        "{path}: the id “{raw}” is not in the manifest, joined by name or place; "
        "write the same ContentId in both",
    ),
    "file-renamed": (
        "{path}: tên tệp không an toàn hoặc không chuẩn, đã đổi thành “{raw}”; "
        "hãy sửa phần mềm gửi",
        "{path}: the file's name was unsafe or not normal, now “{raw}”; mend the sender",
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
        "{path}: dài hơn mức thông dụng ({raw} ký tự), một số hệ thống có thể từ chối; "
        "nên rút ngắn",
        "{path}: longer than usual ({raw} characters), some systems may refuse it; shorten it",
    ),
}

# Where docs/edxml.md has the rule.
_SECTIONS = {
    "bad-date": "4.8",
    "bad-number": "4.8",
    "bad-flag": "4.8",
    "unknown-priority": "5.3",
    "unknown-status": "5.5",
    "undeclared-prefix": "3",
    "declared-encoding": "14",
    "repeated": "4",
    "missing": "4.1",
    "secret-words": "14",
    "no-attachment-list": "7",
    "missing-attachment": "4.7",
    "not-base64": "7",
    "damaged-archive": "7",
    "mended-archive": "7",
    "encrypted-archive": "7",
    "too-large": "7",
    "archive-bomb": "7",
    "unsafe-entry-name": "7",
    "older-name": "12.4",
    "older-place": "4",
    "date-form": "4.8",
    "prefix-dropped": "3",
    "code-as-text": "4.1",
    "code-as-block": "4.3",
    "priority-as-word": "5.3",
    "status-form": "5.5",
    "status-with-recipients": "9",
    "leading-space": "14",
    "joined-without-id": "7",
    "file-renamed": "7",
    "corrupt-pdf": "7",
    "not-as-named": "7",
    "longer-than-usual": "4",
}
