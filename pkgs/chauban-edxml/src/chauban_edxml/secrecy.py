"""Marks of secrecy: state secrets must not enter a networked system.

Luật Bảo vệ bí mật nhà nước số 117/2025/QH15 Điều 5. QCVN 102:2016/BTTTT has no element for the
degree of secrecy (độ mật); older exports have `OtherInfo/Secret`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARK = re.compile(
    r"(is_?)?(secret(?!ar)|secrecy|confidential)\w*|security_?(level|type|class)\w*|(do|muc_?do)_?mat",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(
    "0*|-1|false|no|none|null|n/a|normal|public|không|không mật|thường|bình thường|công khai"
    "|khong|khong mat|thuong|binh thuong|cong khai"
)
_LEVEL = re.compile("mật|tối mật|tuyệt mật|toi mat|tuyet mat")
_LONGEST_LEVEL = 40
_WORDS = re.compile(
    r"\b(?:tuyệt mật|tối mật|độ mật|bí mật nhà nước"
    r"|(?<!bảo )(?<!bí )mật(?! độ| khẩu| ong| mã| thiết))\b"
)


@lru_cache(maxsize=4096)
def is_mark_name(name: str) -> bool:
    """Tell whether a field of that name tells the degree of secrecy; so do all fields in it."""
    return _MARK.fullmatch(name) is not None


def is_secret(name: str, text: str) -> bool:
    """Tell whether a field marks a state secret.

    It does by its name, with any value other than "none"; or by its whole text being a degree
    of secrecy.
    """
    if is_mark_name(name):
        return _NO_SECRET.fullmatch(_folded(text)) is None
    return len(text) <= _LONGEST_LEVEL and _LEVEL.fullmatch(_folded(text)) is not None


def words_of_secrecy(text: str) -> str:
    """Return the first word in text that hints at secrecy, or nothing."""
    match = _WORDS.search(_folded(text))
    return match.group() if match else ""


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
