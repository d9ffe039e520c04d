"""The chain of cross-reference sections, walked before qpdf sees the file.

The walk finds where each revision ends and bounds what opening the file will inflate. It reads
only what is written plainly; qpdf then reads the same sections for itself. ISO 32000-1 clauses
7.5.4 to 7.5.8.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

from .views import MAX_INFLATED_BYTES, Unreadable

MAX_SECTIONS = 256
MAX_INFLATED_SECTION_BYTES = 16 * 1024 * 1024
MAX_DICTIONARY_BYTES = 64 * 1024
MAX_TABLE_BYTES = 16 * 1024 * 1024
MAX_SPACE_BYTES = 8
"""Some programs name the line break before the section; qpdf takes that too."""

_END = re.compile(rb"startxref[ \t\r\n]+(\d{1,12})[ \t\r\n]+%%EOF[ \t\r\n\0]*\Z")
_TAIL_BYTES = 2048
_STREAM_OBJECT = re.compile(rb"\d{1,10}\s+\d{1,5}\s+obj(?=[\s<])")
_STREAM_DATA = re.compile(rb"stream\r?\n")
_REFERENCE = re.compile(rb"\b\d{1,10}\s+\d{1,5}\s+R\b")


@dataclass(frozen=True)
class Section:
    """One cross-reference section: where it stands, the earlier one, and a hidden one beside."""

    at: int
    previous: int | None
    hidden: int | None


def ends_revision(pdf: bytes, end: int) -> bool:
    """Whether the bytes up to end finish with startxref and the end-of-file mark."""
    return _END.search(pdf, max(0, end - _TAIL_BYTES), end) is not None


def read_sections(pdf: bytes) -> Iterator[Section]:
    """The sections that the file's last startxref leads to, newest first.

    Raises:
        Unreadable: a section that is not written plainly, too many, or too much in them.
    """
    found = _END.search(pdf, max(0, len(pdf) - _TAIL_BYTES))
    if found is None:
        raise Unreadable("damaged", "no startxref at the end")
    at: int | None = int(found[1])
    inflated, count = 0, 0
    while at is not None:
        count += 1
        if count > MAX_SECTIONS:
            raise Unreadable("too-many-revisions")
        section, size = _read_section(pdf, at)
        inflated += size
        if section.hidden is not None:
            inflated += _read_section(pdf, section.hidden)[1]
        if inflated > MAX_INFLATED_SECTION_BYTES:
            raise Unreadable("too-many-objects", "cross-reference streams")
        yield section
        at = section.previous


def _read_section(pdf: bytes, named_at: int) -> tuple[Section, int]:
    """The section at that offset, and how many bytes of rows its stream holds."""
    at = named_at
    while pdf[at : at + 1].isspace() and at < named_at + MAX_SPACE_BYTES:
        at += 1
    if pdf.startswith(b"xref", at):
        start = pdf.find(b"trailer", at, at + MAX_TABLE_BYTES)
        end = pdf.find(b"startxref", start, start + MAX_DICTIONARY_BYTES)
        if start < 0 or end < 0:
            raise Unreadable("damaged", f"no trailer after the table at {at}")
        return _section(named_at, _dictionary(pdf[start + 7 : end])), 0
    header = _STREAM_OBJECT.match(pdf, at)
    data = _STREAM_DATA.search(pdf, at, at + MAX_DICTIONARY_BYTES)
    if header is None or data is None:
        raise Unreadable("damaged", f"no cross-reference section at {at}")
    dictionary = _dictionary(pdf[header.end() : data.start()])
    return _section(named_at, dictionary), _inflated_size(pdf, data.end(), dictionary)


def _dictionary(text: bytes) -> Any:
    """A dictionary of which only plain numbers and names are asked for."""
    try:
        parsed = pikepdf.Object.parse(_REFERENCE.sub(b"null", text))
    except (pikepdf.PdfError, RuntimeError, ValueError) as error:
        raise Unreadable("damaged", "a trailer does not read") from error
    if not isinstance(parsed, pikepdf.Dictionary):
        raise Unreadable("damaged", "a trailer is no dictionary")
    return parsed


def _section(at: int, dictionary: Any) -> Section:
    return Section(at, _number(dictionary, "/Prev"), _number(dictionary, "/XRefStm"))


def _number(dictionary: Any, key: str) -> int | None:
    value = dictionary.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or not 0 <= value < 10**12:
        raise Unreadable("broken-history", f"{key} is no offset")
    return value


def _inflated_size(pdf: bytes, start: int, dictionary: Any) -> int:
    length = dictionary.get("/Length")
    if not isinstance(length, int) or not 0 <= length <= len(pdf) - start:
        raise Unreadable("damaged", "a cross-reference stream without length")
    return _size_inflated(pdf[start : start + length], dictionary.get("/Filter"))


def inflated_size_of(stream: Any) -> int:
    """How many bytes an object stream holds when inflated, as far as that is allowed.

    Raises:
        Unreadable: it is no stream, has an unusual filter or does not inflate.
    """
    if not isinstance(stream, pikepdf.Stream):
        raise Unreadable("damaged", "an object stream that is none")
    return _size_inflated(bytes(stream.read_raw_bytes()), stream.stream_dict.get("/Filter"))


def _size_inflated(data: bytes, filters: Any) -> int:
    if isinstance(filters, pikepdf.Array) and len(filters) == 1:
        filters = filters[0]
    if filters is None:
        return len(data)
    if filters != "/FlateDecode":
        raise Unreadable("damaged", "objects behind an unusual filter")
    try:
        return len(zlib.decompressobj().decompress(data, MAX_INFLATED_BYTES + 1))
    except zlib.error as error:
        raise Unreadable("damaged", "a stream does not inflate") from error
