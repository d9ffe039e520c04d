"""Marks of secrecy: state secrets must not enter a networked system.

Luật Bảo vệ bí mật nhà nước số 117/2025/QH15 Điều 5. QCVN 102:2016/BTTTT has no element for the
degree of secrecy (độ mật); older exports have `OtherInfo/Secret`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from chauban_edxml.errors import SecretMarking
from chauban_edxml.parsing import Element

_MARK = re.compile(
    r"(is_?)?(secret(?!ar)|secrecy|confidential)\w*|security_?(level|type|class)\w*|(do|muc_?do)_?mat",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(
    "0*|-1|false|no|none|null|n/a|normal|public|không|không mật|thường|bình thường|công khai"
    "|khong|khong mat|thuong|binh thuong|cong khai"
)
_LEVEL = re.compile("mật|tối mật|tuyệt mật|toi mat|tuyet mat")
_WORDS = re.compile(
    r"\b(?:tuyệt mật|tối mật|độ mật|bí mật nhà nước"
    r"|(?<!bảo )(?<!bí )mật(?! độ| khẩu| ong| mã| thiết))\b"
)


def require_no_secret_marking(root: Element, *, organ_id: str) -> None:
    """Refuse a message in which a field marks the document as secret.

    A field is a mark by its name, with any value other than "none"; or by its whole text being
    a degree of secrecy.

    Raises:
        SecretMarking
    """
    for path, name, text in _fields(root, root.name, root.name):
        value = _folded(text)
        is_marked = _MARK.fullmatch(name) and not _NO_SECRET.fullmatch(value)
        if is_marked or _LEVEL.fullmatch(value):
            raise SecretMarking(path, organ_id=organ_id)


def words_of_secrecy(text: str) -> str:
    """Return the first word in text that hints at secrecy, or nothing."""
    match = _WORDS.search(_folded(text))
    return match.group() if match else ""


def _fields(element: Element, path: str, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield path, name and text of each leaf and attribute; a mark's name covers all inside."""
    for qname, value in element.attributes.items():
        attribute = qname.rpartition(":")[2]
        yield f"{path}@{attribute}", name if _MARK.fullmatch(name) else attribute, value
    if not element.children and element.name != "ContentTransferEncoded":
        yield path, name, "".join(element.chunks)
    for child in element.children:
        inherited = name if _MARK.fullmatch(name) else child.name
        yield from _fields(child, f"{path}/{child.name}", inherited)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
