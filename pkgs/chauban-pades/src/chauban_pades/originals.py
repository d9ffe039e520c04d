"""The document that a revision is appended to.

Where its cross-references are plain tables, objects are found and read here, from the bytes: a
signature needs ten of them, and reading the whole document would cost more than signing it. Any
other document, and any object written in an unusual way, is left to pikepdf (qpdf), opened
strictly. Both give the same text of the same objects.

Standard: ISO 32000-1 clauses 7.5.4 to 7.5.8.
"""

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, Protocol, cast

import pikepdf

from .dictionaries import (
    Dictionary,
    NotPlain,
    Reference,
    parse_entries,
    parse_reference,
    parse_references,
)
from .errors import EncryptedPDF, HybridPDF, NotAPDF

TRAILER_TAIL_BYTES = 1024
MAX_SECTIONS = 256
CHUNK_BYTES = 1024 * 1024
_WINDOW_BYTES = 2048
_MAX_OBJECT_BYTES = 1024 * 1024
ENTRY_BYTES = 20

_STARTXREF = re.compile(rb"startxref[\r\n\t ]+(\d{1,10})[\r\n\t ]+%%EOF[\r\n\t ]*\Z")
_TABLE = re.compile(rb"xref *(?:\r\n|\r|\n)")
_SUBSECTION = re.compile(rb"([0-9]{1,10}) ([0-9]{1,10}) *(?:\r\n|\r|\n)")
_ENTRIES = re.compile(rb"(?:[0-9]{10} [0-9]{5} [nf](?: \r| \n|\r\n))*+")
_TRAILER = re.compile(rb"trailer[\x00\t\n\x0c\r ]*+")
_OBJECT = re.compile(rb"([0-9]{1,10}) ([0-9]{1,5}) obj[\x00\t\n\x0c\r ]*+")
_END_OF_OBJECT = re.compile(rb"[\x00\t\n\x0c\r ]*+(?:endobj|stream\r?\n)")
_WRONG_SHAPE = (
    pikepdf.PdfError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,  # so does QPDF itself, and a C++ cast that fails
    TypeError,
    ValueError,
)


class Source(Protocol):
    """The bytes of a document: in memory, or read from a file piece by piece."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...


@dataclass(frozen=True)
class FileSource:
    """A document in an open file; only what is asked for is in memory."""

    file: BinaryIO
    size_bytes: int

    def __len__(self) -> int:
        return self.size_bytes

    def __getitem__(self, part: slice, /) -> bytes:
        start, stop, _ = part.indices(self.size_bytes)
        self.file.seek(start)
        return self.file.read(stop - start)


@dataclass(frozen=True)
class Subsection:
    """Consecutive entries of a table: their first object number, how many, and where."""

    first: int
    count: int
    at: int


@dataclass
class Original:
    """A PDF opened for appending: its bytes, its objects and its last cross-reference section."""

    data: Source
    startxref: int

    @cached_property
    def reader(self) -> pikepdf.Pdf:
        """pikepdf's view of the document.

        Raises:
            NotAPDF, EncryptedPDF: as `open_original`.
        """
        data = self.data
        stream = io.BytesIO(data) if isinstance(data, bytes) else cast(FileSource, data).file
        try:
            with reading():
                reader = pikepdf.open(stream, attempt_recovery=False, inherit_page_attributes=False)
                reader.Root.keys()
        except pikepdf.PasswordError:
            raise EncryptedPDF from None
        return reader

    @cached_property
    def tables(self) -> tuple[tuple[Subsection, ...], ...] | None:
        """The cross-reference tables, newest first; None where pikepdf must read them."""
        return None if self._read is None else self._read[1]

    @cached_property
    def trailer(self) -> Dictionary:
        """The last trailer, or the dictionary of the last cross-reference stream."""
        if self._read is not None:
            return self._read[0]
        return Dictionary.parse(self.reader.trailer.unparse())

    @cached_property
    def _read(self) -> tuple[Dictionary, tuple[tuple[Subsection, ...], ...]] | None:
        try:
            return _read_tables(self.data, self.startxref)
        except NotPlain:
            return None

    @property
    def has_xref_stream(self) -> bool:
        """Whether the last section is a stream and not a table."""
        return not self.data[self.startxref : self.startxref + 16].lstrip().startswith(b"xref")

    @cached_property
    def size(self) -> int:
        """One more than the highest object number (ISO 32000-1 Table 15)."""
        return int(self.trailer[b"/Size"])

    @cached_property
    def root(self) -> Dictionary:
        """The document catalogue."""
        return self.dictionary(self.trailer[b"/Root"])

    def is_in_use(self, number: int) -> bool:
        """Whether there is an object of that number."""
        if self.tables is not None:
            return number < self.size and self._place(number) is not None
        return self.reader.get_object(number, 0) is not None

    def dictionary(self, value: bytes) -> Dictionary:
        """The dictionary that a value is or refers to; of a stream, its dictionary.

        Raises:
            NotPlain: it is none.
        """
        reference = parse_reference(value)
        return Dictionary.parse(value) if reference is None else self.indirect(reference)

    def indirect(self, reference: Reference) -> Dictionary:
        """The dictionary that is the object of that number; of a stream, its dictionary.

        Raises:
            NotPlain: it is none.
        """
        if self.tables is not None:
            try:
                return Dictionary(self._plain_entries(reference), reference)
            except NotPlain:
                pass
        return Dictionary.parse(self._text(reference), reference)

    def reference(self, value: bytes | None) -> Reference | None:
        """The reference that a value is; None where it stands in its place."""
        return None if value is None else parse_reference(value)

    def references(self, value: bytes) -> list[Reference]:
        """The references in the array that a value is or refers to.

        Raises:
            NotPlain: it is no array, or holds something else.
        """
        return parse_references(self.value(value))

    def value(self, value: bytes) -> bytes:
        """The text of what a value is or refers to; of a stream, of its dictionary."""
        reference = parse_reference(value)
        return value if reference is None else self._text(reference)

    def _text(self, reference: Reference) -> bytes:
        found = self.reader.get_object(*reference)
        if isinstance(found, pikepdf.Stream):
            found = found.stream_dict
        text: bytes = found.unparse(resolved=True)
        return text

    def _place(self, number: int) -> bytes | None:
        """The table's newest entry for an object in use."""
        for subsections in self.tables or ():
            for each in subsections:
                if each.first <= number < each.first + each.count:
                    at = each.at + (number - each.first) * ENTRY_BYTES
                    entry = self.data[at : at + ENTRY_BYTES]
                    return entry if entry[17:18] == b"n" else None
        return None

    def _plain_entries(self, reference: Reference) -> dict[bytes, bytes]:
        """The entries of a dictionary or stream, read where its table says.

        Raises:
            NotPlain: it does not stand there, or must be left to pikepdf.
        """
        place = self._place(reference.number)
        if place is None or int(place[11:16]) != reference.generation:
            raise NotPlain("no such object")
        offset, window = int(place[:10]), _WINDOW_BYTES
        while True:
            text = self.data[offset : offset + window]
            found = _OBJECT.match(text)
            if found is None or (int(found[1]), int(found[2])) != reference:
                raise NotPlain("another object, or none")
            try:
                entries, end = parse_entries(text, found.end())
            except NotPlain:
                if len(text) < window or window >= _MAX_OBJECT_BYTES:
                    raise
            else:
                if _END_OF_OBJECT.match(text, end):
                    return entries
                if len(text) < window or end + 16 < window:
                    raise NotPlain("no end of the object")
            window *= 8


def open_original(data: Source) -> Original:
    """The PDF, opened strictly: what a reader would have to guess is refused.

    Raises:
        NotAPDF: no PDF header at byte 0, a broken cross-reference, or text after the end.
        EncryptedPDF: the document is encrypted.
        HybridPDF: a section names a second, hidden cross-reference stream.
    """
    found = _STARTXREF.search(data[-TRAILER_TAIL_BYTES:])
    if data[:5] != b"%PDF-" or found is None:
        raise NotAPDF("no header or no startxref")
    original = Original(data, int(found[1]))
    with reading():
        if original.tables is None and contains(data, b"/XRefStm"):
            original.reader.trailer.keys()  # an encrypted document is refused as that
            raise HybridPDF  # of any revision: a false alarm costs a normalisation, no more
        if b"/Encrypt" in original.trailer:
            raise EncryptedPDF
        if original.size < 1:
            raise NotAPDF("no /Size")
        original.root  # noqa: B018
    return original


def pieces(source: Source) -> Iterable[bytes]:
    """The bytes of a document in order; in memory they are one piece."""
    if isinstance(source, bytes):
        return (source,)
    size = len(source)
    return (source[at : at + CHUNK_BYTES] for at in range(0, size, CHUNK_BYTES))


@contextmanager
def reading() -> Iterator[None]:
    """Turn whatever a document of the wrong shape makes a reader raise into NotAPDF.

    For code that only reads documents; no key, no network, no clock belongs inside.
    """
    try:
        yield
    except pikepdf.PasswordError:
        raise
    except _WRONG_SHAPE as reason:
        raise NotAPDF(str(reason)) from reason


def contains(data: Source, text: bytes) -> bool:
    """Whether a text occurs in the document."""
    if isinstance(data, bytes):
        return text in data
    overlap = len(text) - 1
    return any(
        text in data[max(0, at - overlap) : at + CHUNK_BYTES]
        for at in range(0, len(data), CHUNK_BYTES)
    )


def _read_tables(
    data: Source, startxref: int
) -> tuple[Dictionary, tuple[tuple[Subsection, ...], ...]]:
    """The last trailer, and all tables, newest first.

    Raises:
        NotPlain: a section is no table, or one that would have to be guessed at.
        EncryptedPDF, HybridPDF: a trailer says so.
    """
    tables: list[tuple[Subsection, ...]] = []
    newest: Dictionary | None = None
    at: int | None = startxref
    seen: set[int] = set()
    while at is not None:
        if at in seen or len(tables) == MAX_SECTIONS:
            raise NotPlain("sections name each other, or are too many")
        seen.add(at)
        subsections, trailer = read_table(data, at)
        newest = newest or trailer
        if b"/Encrypt" in trailer:
            raise EncryptedPDF
        if b"/XRefStm" in trailer:
            raise HybridPDF
        if any(each.first + each.count > _number(newest, b"/Size") for each in subsections):
            raise NotPlain("an object lies beyond /Size")
        tables.append(subsections)
        at = _number(trailer, b"/Prev") if b"/Prev" in trailer else None
    assert newest is not None
    return newest, tuple(tables)


def read_table(data: Source, at: int) -> tuple[tuple[Subsection, ...], Dictionary]:
    """One table and its trailer (clauses 7.5.4, 7.5.5); its subsections ascend.

    Raises:
        NotPlain: it is no table, or one that would have to be guessed at.
    """
    head = _TABLE.match(data[at : at + 16])
    if head is None:
        raise NotPlain("no table")
    at += head.end()
    subsections: list[Subsection] = []
    free_from = 0
    while found := _SUBSECTION.match(data[at : at + 32]):
        each = Subsection(int(found[1]), int(found[2]), at + found.end())
        length = each.count * ENTRY_BYTES
        at = each.at + length
        if each.first < free_from or at > len(data):
            raise NotPlain("subsections overlap")
        free_from = each.first + each.count
        if not _ENTRIES.fullmatch(data[each.at : at]):
            raise NotPlain("an entry is not of 20 bytes")
        subsections.append(each)
    text = data[at : at + 2 * _WINDOW_BYTES]
    trailer = _TRAILER.match(text)
    if trailer is None:
        raise NotPlain("no trailer")
    return tuple(subsections), Dictionary(parse_entries(text, trailer.end())[0])


def _number(trailer: Dictionary, key: bytes) -> int:
    value = trailer.get(key) or b""
    if not value.isdigit():
        raise NotPlain(f"{key!r} is no number")
    return int(value)
