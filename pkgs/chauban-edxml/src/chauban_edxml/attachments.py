"""Files by their names, first bytes and places in the message."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from chauban_edxml.archives import LOCAL_HEADER
from chauban_edxml.findings import Finding
from chauban_edxml.model import Fault

# Families of files that are ZIP archives themselves.
_ZIP_FAMILY = re.compile(
    "zip|doc[xm]|dotx|xls[xm]|xltx|ppt[xm]|ppsx|vsdx|od[tspg]|ott|jar|apk|epub|kmz|asic[es]"
)
_ZIP_MAGIC = (LOCAL_HEADER, b"PK\x05\x06")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LONGEST_NAME = 200
_UNSAFE = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control, format, surrogate, line and paragraph
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC = {
    "doc": (_OLE, b"{\\rtf", LOCAL_HEADER),
    "xls": (_OLE, LOCAL_HEADER),
    "ppt": (_OLE, LOCAL_HEADER),
    "rtf": (b"{\\rtf",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "tif": (b"II*\x00", b"MM\x00*"),
    "tiff": (b"II*\x00", b"MM\x00*"),
    "gif": (b"GIF8",),
    "rar": (b"Rar!\x1a\x07",),
    "7z": (b"7z\xbc\xaf'\x1c",),
}


def extension(name: str) -> str:
    """Return what follows the last dot of name, case kept, or nothing."""
    stem, dot, last = name.rpartition(".")
    return last if dot and stem else ""


def clean_name(name: str) -> str:
    """Return a received or given file name made safe to show and store.

    The path, control and formatting characters (which can disguise an extension) and the
    trailing `>` of a known writer's fault are taken off. It may come out empty.
    """
    name = "".join(c for c in name if unicodedata.category(c) not in _UNSAFE)
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = name.rstrip("> .").strip(" .")
    if len(name) > _LONGEST_NAME:
        last = extension(name)[:20]
        stem = name[: _LONGEST_NAME - len(last) - 1].strip("> .")
        name = f"{stem}.{last}" if last else stem
    return name


def is_archive_name(name: str) -> bool:
    """Tell whether a file of that name is an archive itself, as docx and ods are."""
    return _ZIP_FAMILY.fullmatch(extension(name).casefold()) is not None


def is_wrapping(entry: str, name: str) -> bool:
    """Tell whether an archive with that entry is the wrapping of the file of that name."""
    stem, _, entry_last = entry.rpartition(".")
    same = entry_last.casefold() == extension(name).casefold()
    return same and _UUID.fullmatch(stem) is not None


def is_as_named(name: str, content: bytes) -> bool:
    """Tell whether content, or its first 1024 bytes, begins as files of that extension do."""
    last = extension(name).casefold()
    if last == "pdf":
        return b"%PDF-" in content[:1024]
    expected = _ZIP_MAGIC if _ZIP_FAMILY.fullmatch(last) else _MAGIC.get(last)
    return expected is None or content.startswith(expected)


def normal_content_id(content_id: str) -> str:
    """Return content_id without `cid:` and angle brackets (RFC 2392)."""
    content_id = content_id.strip().strip("<>")
    return content_id[4:] if content_id[:4].lower() == "cid:" else content_id


def fault_finding(fault: Fault, *, path: str, name: str) -> Finding:
    code = "missing-attachment" if fault is Fault.MISSING else fault.value
    return Finding(code, path, name)


def join(
    references: Iterable[tuple[str, str]], attachments: Iterable[tuple[str, str]]
) -> tuple[dict[int, int], list[int]]:
    """Return which reference belongs to which attachment, and the references left over.

    Both are (content id, name) in order. Ids are compared first, then names; what is left is
    joined by position where the counts are equal.
    """
    waiting = dict(enumerate(references))
    unmatched = dict(enumerate(attachments))
    same_count = len(waiting) == len(unmatched)
    joined: dict[int, int] = {}
    for part, normal in ((0, normal_content_id), (1, clean_name)):
        by_value: dict[str, list[int]] = {}
        for number, reference in reversed(waiting.items()):
            by_value.setdefault(normal(reference[part]), []).append(number)
        for number, attachment in list(unmatched.items()):
            value = normal(attachment[part])
            if value and by_value.get(value):
                joined[number] = by_value[value].pop()
                del waiting[joined[number]], unmatched[number]
    if same_count:
        joined.update(zip(unmatched, waiting, strict=True))
        waiting.clear()
    return joined, list(waiting)
