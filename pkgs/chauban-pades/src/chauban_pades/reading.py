"""Reads a PDF as the row of revisions it is, strictly, and finds the signatures in it.

qpdf (pikepdf) reads the objects of each revision by itself, without repair; the row of revisions,
the byte ranges and the hexadecimal signature contents are read here, from the bytes. What does
not read plainly is refused: a reader that repairs can be made to show what nobody signed.

ISO 32000-1 clauses 7.5 (file structure) and 12.8 (digital signatures); ETSI EN 319 142-1.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pikepdf
from pikepdf import settings as qpdf_settings

from .errors import PAdESError

MAX_SIZE_BYTES = 256 * 1024 * 1024
MAX_REVISIONS = 256
MAX_OBJECTS = 500_000
MAX_INFLATED_BYTES = 64 * 1024 * 1024

# qpdf's limits are process-wide and may be set only before other threads use it: at import.
# They bound decompression bombs in object and cross-reference streams.
qpdf_settings.set_qpdf_limits(
    doc_max_warnings=20,
    parser_max_container_size=2_000_000,
    flate_max_memory=MAX_INFLATED_BYTES,
    png_max_memory=MAX_INFLATED_BYTES,
    run_length_max_memory=MAX_INFLATED_BYTES,
    tiff_max_memory=MAX_INFLATED_BYTES,
)

_END_OF_REVISION = re.compile(rb"startxref[ \t\r\n]+(\d{1,12})[ \t\r\n]+%%EOF[ \t\r\n\0]*\Z")
_TAIL_BYTES = 2048
_REFERENCE = re.compile(rb"(?<![0-9])(\d{1,10}) \d{1,5} R(?![A-Za-z0-9])")


class Unreadable(PAdESError):
    """The file is not one plain row of revisions; `why` is the reason's code in words.py."""

    code = "unreadable"
    words_vi = "Không đọc được tệp PDF ({detail}). Hãy xin lại tệp gốc đã ký số."
    words_en = "The PDF cannot be read ({detail}). Ask for the original signed file."

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(detail=detail or why)
        self.why = why


@dataclass(frozen=True)
class Revision:
    """One saved state of the file: its bytes from 0 to end (ISO 32000-1 clause 7.5.6)."""

    number: int
    end: int
    xref_at: int
    is_hybrid: bool


@dataclass(frozen=True)
class Place:
    """Where the cross-reference table says that an object stands."""

    generation: int
    kind: int
    where: tuple[int, int]


class View:
    """The objects of one revision, as qpdf reads the bytes up to its end."""

    def __init__(self, pdf: bytes, end: int, *, ignore_xref_streams: bool = False) -> None:
        data = pdf if end == len(pdf) else pdf[:end]
        self.pdf = _open(data, ignore_xref_streams=ignore_xref_streams)
        self._dumps: dict[int, bytes] = {}

    @cached_property
    def places(self) -> Mapping[int, Place]:
        """Every object in use, by number."""
        table = self.pdf.get_xref_table()
        if len(table) > MAX_OBJECTS:
            raise Unreadable("too-many-objects")
        places: dict[int, Place] = {}
        for (number, generation), entry in table.items():
            if entry.type == 1:
                places[number] = Place(generation, 1, (entry.offset or 0, 0))
            elif entry.type == 2:
                where = (entry.obj_stream_number or 0, entry.obj_stream_index or 0)
                places[number] = Place(generation, 2, where)
        return places

    def object(self, number: int) -> Any:
        """The object of that number, null where there is none."""
        place = self.places.get(number)
        if place is None:
            return None
        try:
            return self.pdf.get_object(number, place.generation)
        except (pikepdf.PdfError, ValueError, RuntimeError) as error:
            raise Unreadable("damaged", f"object {number}") from error

    def dump(self, number: int) -> bytes:
        """The object in qpdf's own writing, a stream's raw bytes after its dictionary."""
        known = self._dumps.get(number)
        if known is None:
            known = self._dumps[number] = _dump(self.object(number))
        return known

    def references(self, number: int) -> frozenset[int]:
        """The numbers that an object points at."""
        value = self.object(number)
        if isinstance(value, pikepdf.Stream):
            value = value.stream_dict
        return referenced(value.unparse(resolved=True)) if is_pdf_object(value) else frozenset()

    @cached_property
    def pages(self) -> Mapping[int, int]:
        """The place of each page, counted from 1, by object number."""
        return {page.obj.objgen[0]: at for at, page in enumerate(self.pdf.pages, start=1)}

    @property
    def warned(self) -> bool:
        """Whether qpdf met anything it would have had to repair."""
        return bool(self.pdf.get_warnings())


def _open(data: bytes, *, ignore_xref_streams: bool = False) -> pikepdf.Pdf:
    try:
        return pikepdf.open(
            io.BytesIO(data),
            attempt_recovery=False,
            inherit_page_attributes=False,
            suppress_warnings=True,
            ignore_xref_streams=ignore_xref_streams,
        )
    except pikepdf.PasswordError as error:
        raise Unreadable("encrypted") from error
    except (pikepdf.PdfError, ValueError, RuntimeError, MemoryError) as error:
        raise Unreadable("damaged", str(error)[:200]) from error


def is_pdf_object(value: Any) -> bool:
    """Whether pikepdf gives the value as an object of its own, not as a Python scalar."""
    return isinstance(value, pikepdf.Object)


def referenced(text: bytes) -> frozenset[int]:
    """The object numbers that a value, as qpdf writes it, points at."""
    return frozenset(int(match) for match in _REFERENCE.findall(text))


def written(value: Any) -> bytes:
    """A value as it is written where it stands: a reference stays a reference."""
    return value.unparse() if is_pdf_object(value) else repr(value).encode()


def kind(value: Any) -> str:
    """The /Type of a dictionary or stream, else nothing."""
    if isinstance(value, pikepdf.Stream):
        value = value.stream_dict
    return str(value.get("/Type", "")) if isinstance(value, pikepdf.Dictionary) else ""


def shown_on(view: View, page: int) -> frozenset[int]:
    """The objects that a page of that object number shows or needs, itself left out."""
    dictionary = view.object(page)
    parts = [value for key, value in dictionary.items() if key not in ("/Parent", "/Tabs")]
    return reached(view, *parts)


def reached(view: View, *values: Any) -> frozenset[int]:
    """What the values lead to, not through pages, the page tree or the structure tree."""
    found: set[int] = set()
    todo = {number for value in values for number in referenced(written(value))}
    while todo:
        number = todo.pop()
        if number in found or number in view.pages:
            continue
        found.add(number)
        if kind(view.object(number)) not in ("/Pages", "/StructElem", "/StructTreeRoot"):
            todo |= view.references(number) - found
    return frozenset(found)


def _dump(value: Any) -> bytes:
    try:
        if isinstance(value, pikepdf.Stream):
            head: bytes = value.stream_dict.unparse(resolved=True)
            return head + b"\nstream\n" + bytes(value.read_raw_bytes())
        if isinstance(value, pikepdf.Object):
            return bytes(value.unparse(resolved=True))
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise Unreadable("damaged", "an object does not read") from error
    return repr(value).encode()


def read_revisions(pdf: bytes) -> tuple[tuple[Revision, ...], View]:
    """The revisions of a PDF, oldest first, and the view of the newest.

    Each revision must be appended to the one before: its cross-reference section stands after
    the end of the revision that its /Prev names. A linearised file counts as one revision.

    Raises:
        Unreadable: no PDF, encrypted, damaged, too large, too many revisions.
    """
    if len(pdf) > MAX_SIZE_BYTES:
        raise Unreadable("too-large")
    if not pdf.startswith(b"%PDF-"):
        raise Unreadable("not-a-pdf")
    newest = View(pdf, len(pdf))
    if newest.pdf.is_encrypted:
        raise Unreadable("encrypted")
    found: list[tuple[int, int, bool]] = []
    end, view = len(pdf), newest
    while True:
        xref_at = _xref_at(pdf, end)
        found.append((end, xref_at, "/XRefStm" in view.pdf.trailer))
        if len(found) > MAX_REVISIONS:
            raise Unreadable("too-many-revisions")
        previous = _previous(view)
        if previous is None or _is_linearised_pair(pdf, view, xref_at, previous):
            break
        if previous >= xref_at:
            raise Unreadable("broken-history", "a later section is named as the earlier")
        end = _end_of_section(pdf, previous, before=xref_at)
        view = View(pdf, end)
    found.reverse()
    revisions = tuple(Revision(number, *each) for number, each in enumerate(found, start=1))
    return revisions, newest


def ends_revision(pdf: bytes, end: int) -> bool:
    """Whether the bytes up to end finish with startxref and the end-of-file mark."""
    return _END_OF_REVISION.search(pdf, max(0, end - _TAIL_BYTES), end) is not None


def _xref_at(pdf: bytes, end: int) -> int:
    match = _END_OF_REVISION.search(pdf, max(0, end - _TAIL_BYTES), end)
    if match is None:
        raise Unreadable("damaged", "no startxref at the end")
    return int(match[1])


def _previous(view: View) -> int | None:
    previous = view.pdf.trailer.get("/Prev")
    if previous is None:
        return None
    try:
        return int(previous)
    except (TypeError, ValueError) as error:
        raise Unreadable("broken-history", "/Prev is no number") from error


def _is_linearised_pair(pdf: bytes, view: View, xref_at: int, previous: int) -> bool:
    return previous > xref_at and view.pdf.is_linearized and b"/Linearized" in pdf[:1024]


def _end_of_section(pdf: bytes, xref_at: int, *, before: int) -> int:
    pattern = rb"startxref[ \t\r\n]+0*%d[ \t\r\n]+%%%%EOF(?:\r\n|\n|\r)?" % xref_at
    match = re.compile(pattern).search(pdf, xref_at, before)
    if match is None:
        raise Unreadable("broken-history", f"no end for the section at {xref_at}")
    return match.end()
