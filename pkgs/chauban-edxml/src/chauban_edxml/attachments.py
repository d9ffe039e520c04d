"""How files travel: base64, the ZIP habit of the axis's libraries, and names."""

from __future__ import annotations

import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chauban_edxml.archives import (
    LOCAL_HEADER,
    DamagedArchive,
    EncryptedArchive,
    EntryTooLarge,
    NotOneEntry,
    entry_name,
    one_entry_archive,
    only_entry,
)
from chauban_edxml.findings import Finding
from chauban_edxml.model import Attachment, Fault

# Families of files that are ZIP archives themselves.
_ZIP_FAMILY = re.compile(
    "zip|doc[xm]|dotx|xls[xm]|xltx|ppt[xm]|ppsx|vsdx|od[tspg]|ott|jar|apk|epub|kmz|asic[es]"
)
_ZIP_MAGIC = (LOCAL_HEADER, b"PK\x05\x06")
_RAW_TYPES = {"pdf": "application/pdf", "zip": "application/zip"}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_WHITE_SPACE = {ord(character): None for character in " \t\r\n"}
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


def decode_base64(chunks: list[str]) -> bytes | None:
    """Return the bytes of base64 text and empty chunks, or None where it is not base64.

    White space is ignored, all else is strict (RFC 4648 section 4). The text is consumed piece
    by piece, so that text and bytes never stand in memory whole at once.
    """
    chunks.reverse()
    decoded, rest, ended = bytearray(), "", False
    while chunks:
        text = rest + chunks.pop().translate(_WHITE_SPACE)
        usable = len(text) - len(text) % 4
        rest = text[usable:]
        if not usable:
            continue
        if ended:
            return None
        try:
            decoded += binascii.a2b_base64(text[:usable], strict_mode=True)
        except ValueError:  # binascii.Error, or letters outside ASCII
            return None
        ended = text[usable - 1] == "="
    return None if rest else bytes(decoded)


def encode_base64(content: bytes) -> Iterator[bytes]:
    """Yield the base64 text of content on one line, padded, piece by piece."""
    view, piece = memoryview(content), 3 << 18
    for at in range(0, len(content), piece):
        yield binascii.b2a_base64(view[at : at + piece], newline=False)


class Carried(NamedTuple):
    """A file as the message carries it: content and content_type are of the carried bytes."""

    uuid: str
    name: str
    description: str
    content: bytes
    content_type: str


def carry(attachment: Attachment, *, uuid: str) -> Carried:
    """Return the attachment as every observed reader can open it.

    A PDF or ZIP goes raw, all else in an archive with the one entry `<uuid>.<extension>`. Like
    the axis's libraries, only small letters count: `.PDF` is wrapped. So is a raw file that a
    reader would mistake for a wrapping.
    """
    name, content = attachment.name, attachment.content
    last = extension(name)
    raw_type = _RAW_TYPES.get(last)
    # A small bound will do: what unpacks to more is not taken for the raw file either.
    if raw_type and unwrap(name, content, limit_bytes=0)[:2] == (content, None):
        return Carried(uuid, name, attachment.description, content, raw_type)
    entry = f"{uuid}.{last}" if last else uuid
    archive = one_entry_archive(entry, content)
    return Carried(uuid, name, attachment.description, archive, "application/zip")


def unwrap(name: str, carried: bytes, *, limit_bytes: int) -> tuple[bytes, Fault | None, bool]:
    """Return the file out of the bytes carried under name, its fault, and whether it was mended.

    The bytes decide, not the type declared: an archive with one entry is opened unless the
    name says that the file is itself an archive; then only one that holds `<uuid>.<same
    extension>` is. limit_bytes bounds what an archive may unpack to.
    """
    if not carried.startswith(LOCAL_HEADER):
        return carried, pdf_fault(carried), False
    last = extension(name).casefold()
    is_archive = _ZIP_FAMILY.fullmatch(last) is not None
    try:
        if is_archive and not _is_wrapping(entry_name(carried), last):
            return carried, None, False
        entry = only_entry(carried, limit_bytes=limit_bytes)
    except NotOneEntry:
        return carried, None, False
    except DamagedArchive:
        return carried, Fault.DAMAGED_ARCHIVE, False
    except EncryptedArchive:
        return carried, Fault.ENCRYPTED_ARCHIVE, False
    except EntryTooLarge:
        return carried, Fault.TOO_LARGE, False
    return entry.content, pdf_fault(entry.content), not entry.whole


def _is_wrapping(entry: str, last: str) -> bool:
    stem, _, entry_last = entry.rpartition(".")
    return entry_last.casefold() == last and _UUID.fullmatch(stem) is not None


def pdf_fault(content: bytes) -> Fault | None:
    """Return CORRUPT_PDF for a PDF that went through a text decoder.

    Its bytes above 0x7F then became U+FFFD (EF BF BD), so the whole file is valid UTF-8, which
    no PDF with a compressed stream or a signature is.
    """
    if not content.startswith(b"%PDF") or b"\xef\xbf\xbd" not in content:
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(content), 1 << 16):
            decoder.decode(content[at : at + (1 << 16)])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return Fault.CORRUPT_PDF


def is_as_named(name: str, content: bytes) -> bool:
    """Tell whether content begins as files with the extension of name do, where that is known."""
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
