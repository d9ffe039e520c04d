"""Append to a PDF without touching a byte of it (ISO 32000-1 clause 7.5.6).

pikepdf reads the document; the changed objects and their cross-reference section are
written here, because a signature must know where each byte will stand. The section is of
the same type as the last one: a table or a stream.
"""

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

import pikepdf

from .errors import EncryptedPDF, HybridPDF, NotAPDF

TRAILER_TAIL_BYTES = 1024
_WRONG_SHAPE = (
    pikepdf.PdfError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,  # so does QPDF itself, and a C++ cast that fails
    TypeError,
    ValueError,
)
_STARTXREF = re.compile(rb"startxref[\r\n\t ]+(\d{1,10})[\r\n\t ]+%%EOF[\r\n\t ]*\Z")


@dataclass(frozen=True)
class Original:
    """A PDF opened for appending: its bytes, its objects and its last cross-reference section."""

    data: bytes
    reader: pikepdf.Pdf
    startxref: int
    has_xref_stream: bool
    size: int
    """One more than the highest object number (ISO 32000-1 Table 15)."""


def open_original(data: bytes) -> Original:
    """The PDF, opened strictly: what a reader would have to guess is refused.

    Raises:
        NotAPDF: no PDF header at byte 0, a broken cross-reference, or text after the end.
        EncryptedPDF: the document is encrypted.
        HybridPDF: a section names a second, hidden cross-reference stream.
    """
    found = _STARTXREF.search(data, max(0, len(data) - TRAILER_TAIL_BYTES))
    if not data.startswith(b"%PDF-") or found is None:
        raise NotAPDF("no header or no startxref")
    try:
        with reading():
            reader = pikepdf.open(
                io.BytesIO(data), attempt_recovery=False, inherit_page_attributes=False
            )
            trailer = reader.trailer
            size = int(trailer["/Size"])
            reader.Root.keys()
    except pikepdf.PasswordError:
        raise EncryptedPDF from None
    if "/Encrypt" in trailer:
        raise EncryptedPDF
    if b"/XRefStm" in data:  # of any revision: a false alarm costs a normalisation, no more
        raise HybridPDF
    startxref = int(found[1])
    return Original(
        data=data,
        reader=reader,
        startxref=startxref,
        has_xref_stream=not data[startxref : startxref + 16].lstrip().startswith(b"xref"),
        size=size,
    )


@contextmanager
def reading() -> Iterator[None]:
    """Turn whatever a document of the wrong shape makes pikepdf raise into NotAPDF.

    For code that only reads documents; no key, no network, no clock belongs inside.
    """
    try:
        yield
    except pikepdf.PasswordError:
        raise
    except _WRONG_SHAPE as reason:
        raise NotAPDF(str(reason)) from reason


@dataclass
class Increment:
    """The objects that one revision adds or replaces, by object number."""

    original: Original
    bodies: dict[int, bytes] = field(default_factory=dict)
    generations: dict[int, int] = field(default_factory=dict)
    """Of replaced objects; new ones have generation 0."""
    next_number: int = field(init=False)

    def __post_init__(self) -> None:
        self.next_number = self.original.size

    def add(self, body: bytes) -> int:
        """Take the next object number for body and return it.

        Raises:
            NotAPDF: the number is in use, against the trailer's /Size.
        """
        number = self.next_number
        if self.original.reader.get_object(number, 0) is not None:
            raise NotAPDF(f"object {number} lies beyond /Size")
        self.next_number += 1
        self.bodies[number] = body
        return number

    def replace(self, changed: pikepdf.Object, body: bytes) -> None:
        """Give an indirect object of the original a new body.

        Raises:
            NotAPDF: it is no indirect object, so nothing could take its place.
        """
        number, generation = changed.objgen
        if number == 0:
            raise NotAPDF("an object that cannot be replaced on its own")
        self.bodies[number] = body
        self.generations[number] = generation

    def written(self) -> "Revision":
        """The document with this revision appended."""
        original = self.original
        out = bytearray(original.data)
        if not out.endswith((b"\n", b"\r")):
            out += b"\n"
        digest = sha256()
        offsets: dict[int, int] = {}
        for number, body in sorted(self.bodies.items()):
            offsets[number] = len(out)
            out += b"%d %d obj\n%b\nendobj\n" % (number, self.generations.get(number, 0), body)
            digest.update(body)
        startxref = len(out)
        trailer = self._trailer_entries(digest.digest()[:16])
        if original.has_xref_stream:
            offsets[self.next_number] = startxref
            out += _xref_stream(self.next_number, offsets, self.generations, trailer)
        else:
            out += _xref_table(self.next_number, offsets, self.generations, trailer)
        out += b"startxref\n%d\n%%%%EOF\n" % startxref
        return Revision(data=out, offsets=offsets)

    def _trailer_entries(self, update_id: bytes) -> bytes:
        """Root, Info and Prev as they were; the second half of ID tells this update's content."""
        trailer = self.original.reader.trailer
        entries = b"/Root " + reference(trailer.Root)
        if "/Info" in trailer:
            entries += b" /Info " + trailer.Info.unparse()
        first = bytes(trailer["/ID"][0]) if "/ID" in trailer else update_id
        entries += b" /ID [<%b> <%b>]" % (first.hex().encode(), update_id.hex().encode())
        return entries + b" /Prev %d" % self.original.startxref


@dataclass(frozen=True)
class Revision:
    """A written document, still mutable in place, and where its new objects begin."""

    data: bytearray
    offsets: Mapping[int, int]


def reference(target: pikepdf.Object) -> bytes:
    """``12 0 R`` for an indirect object."""
    return b"%d %d R" % target.objgen


def with_entries(dictionary: pikepdf.Object, entries: Mapping[str, bytes]) -> bytes:
    """The dictionary's text with some entries set to the given text."""
    for key in entries:
        if key in dictionary:
            del dictionary[key]
    text: bytes = dictionary.unparse(resolved=True)
    added = b"".join(b" %b %b" % (key.encode(), value) for key, value in entries.items())
    return text.rstrip().removesuffix(b">>") + added + b" >>"


def with_items(array: pikepdf.Object | None, items: bytes) -> bytes:
    """The array's text (none counts as empty) with further items at its end."""
    if array is None:
        return b"[ " + items + b" ]"
    text: bytes = array.unparse(resolved=True)
    return text.rstrip().removesuffix(b"]") + items + b" ]"


def stream(entries: bytes, content: bytes) -> bytes:
    """The body of a stream object; entries is the inside of its dictionary without /Length."""
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(content), content)


def _sections(offsets: Mapping[int, int]) -> Iterator[list[int]]:
    """Runs of consecutive object numbers, ascending."""
    run: list[int] = []
    for number in sorted(offsets):
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    yield run


def _xref_table(
    size: int, offsets: Mapping[int, int], generations: Mapping[int, int], trailer: bytes
) -> bytes:
    """ISO 32000-1 clause 7.5.4: every entry is exactly 20 bytes."""
    lines = [b"xref\n"]
    for run in _sections(offsets):
        lines.append(b"%d %d\n" % (run[0], len(run)))
        lines.extend(
            b"%010d %05d n \n" % (offsets[number], generations.get(number, 0)) for number in run
        )
    return b"".join(lines) + b"trailer\n<< /Size %d %b >>\n" % (size, trailer)


def _xref_stream(
    number: int, offsets: Mapping[int, int], generations: Mapping[int, int], trailer: bytes
) -> bytes:
    """ISO 32000-1 clause 7.5.8: type 1, four bytes of offset (files below 4 GiB), generation."""
    index = b" ".join(b"%d %d" % (run[0], len(run)) for run in _sections(offsets))
    rows = b"".join(
        b"\x01" + offsets[each].to_bytes(4, "big") + generations.get(each, 0).to_bytes(2, "big")
        for each in sorted(offsets)
    )
    entries = b"/Type /XRef /W [1 4 2] /Index [%b] /Size %d %b" % (index, number + 1, trailer)
    return b"%d 0 obj\n%b\nendobj\n" % (number, stream(entries, rows))
