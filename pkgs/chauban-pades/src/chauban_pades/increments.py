"""Append to a PDF without touching a byte of it (ISO 32000-1 clause 7.5.6).

The changed objects and their cross-reference section are written here, because a signature
must know where each byte will stand. The section is of the same type as the last one: a table
or a stream.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from .dictionaries import Reference, first_string, parse_reference
from .errors import NotAPDF
from .originals import Original, pieces

_IDENTIFYING_BYTES = 4096
"""Of each object, its end tells revisions apart; a signature's gap need not be hashed for it."""


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
        if self.original.is_in_use(number):
            raise NotAPDF(f"object {number} lies beyond /Size")
        self.next_number += 1
        self.bodies[number] = body
        return number

    def replace(self, changed: Reference, body: bytes) -> None:
        """Give an indirect object of the original a new body.

        Raises:
            NotAPDF: it is no indirect object, so nothing could take its place.
        """
        if changed.number == 0:
            raise NotAPDF("an object that cannot be replaced on its own")
        self.bodies[changed.number] = body
        self.generations[changed.number] = changed.generation

    def written(self) -> "Revision":
        """The bytes to append to the document."""
        original = self.original
        start = len(original.data)
        out = bytearray(b"" if original.data[-1:] in (b"\n", b"\r") else b"\n")
        digest = sha256()
        offsets: dict[int, int] = {}
        for number, body in sorted(self.bodies.items()):
            offsets[number] = start + len(out)
            out += b"%d %d obj\n%b\nendobj\n" % (number, self.generations.get(number, 0), body)
            digest.update(body[-_IDENTIFYING_BYTES:])
        startxref = start + len(out)
        trailer = self._trailer_entries(digest.digest()[:16])
        if original.has_xref_stream:
            offsets[self.next_number] = startxref
            out += _xref_stream(self.next_number, offsets, self.generations, trailer)
        else:
            out += _xref_table(self.next_number, offsets, self.generations, trailer)
        out += b"startxref\n%d\n%%%%EOF\n" % startxref
        return Revision(start, out, offsets)

    def document(self) -> bytes:
        """The document in memory with this revision appended."""
        return b"".join((*pieces(self.original.data), self.written().data))

    def _trailer_entries(self, update_id: bytes) -> bytes:
        """Root, Info and Prev as they were; the second half of ID tells this update's content."""
        trailer = self.original.trailer
        if parse_reference(trailer[b"/Root"]) is None:
            raise NotAPDF("/Root is no indirect object")
        entries = b"/Root " + trailer[b"/Root"]
        if b"/Info" in trailer:
            entries += b" /Info " + trailer[b"/Info"]
        latest = b"<%b>" % update_id.hex().encode("ascii")
        first = first_string(trailer[b"/ID"]) if b"/ID" in trailer else latest
        return entries + b" /ID [%b %b] /Prev %d" % (first, latest, self.original.startxref)


@dataclass(frozen=True)
class Revision:
    """What is appended at `start`, and where in the file its new objects begin."""

    start: int
    data: bytearray
    offsets: Mapping[int, int]


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
