"""Tools of those who attack: read a PDF, append a revision to it, set a byte range."""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Callable, Mapping

import pikepdf

# qpdf's objects die with their reader; the tools below hand out objects alone.
_readers: deque[pikepdf.Pdf] = deque(maxlen=32)


def opened(pdf: bytes) -> pikepdf.Pdf:
    """The PDF as qpdf reads it."""
    reader = pikepdf.open(io.BytesIO(pdf), inherit_page_attributes=False)
    _readers.append(reader)
    return reader


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """The body of a stream object."""
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(content), content)


def appended(
    pdf: bytes,
    objects: Mapping[int, bytes],
    *,
    places: Mapping[int, int] | None = None,
    trailer: bytes | None = None,
) -> bytes:
    """The PDF with one more revision: bodies by object number; places point at old bytes."""
    reader = opened(pdf)
    out = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    offsets = dict(places or {})
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    startxref = len(out)
    out += b"xref\n"
    for number in sorted(offsets):
        out += b"%d 1\n%010d 00000 n \n" % (number, offsets[number])
    size = max([int(reader.trailer.Size), *(number + 1 for number in offsets)])
    previous = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", pdf)[-1])
    own = trailer_entries(pdf) if trailer is None else trailer
    out += b"trailer\n<< /Size %d %b /Prev %d >>\n" % (size, own, previous)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % startxref)


def trailer_entries(pdf: bytes) -> bytes:
    """What a later revision's trailer says again of the document."""
    trailer = opened(pdf).trailer
    named = ("/Root", "/Info", "/ID")
    return b" ".join(b"%b %b" % (key.encode(), trailer[key].unparse()) for key in named)


def free_number(pdf: bytes) -> int:
    """An object number that nothing uses."""
    return int(opened(pdf).trailer.Size)


def page(pdf: bytes, index: int = 0) -> pikepdf.Object:
    """The dictionary of a page, counted from 0."""
    return opened(pdf).pages[index].obj


def contents_number(pdf: bytes) -> int:
    """The object number of the first page's content stream."""
    contents = page(pdf).Contents
    return int((contents[0] if isinstance(contents, pikepdf.Array) else contents).objgen[0])


def with_entry(dictionary: pikepdf.Object, key: str, value: bytes) -> bytes:
    """The dictionary's text with one entry set."""
    if key in dictionary:
        del dictionary[key]
    text = bytes(dictionary.unparse(resolved=True)).rstrip()
    return text.removesuffix(b">>") + b" %b %b >>" % (key.encode(), value)


def field(pdf: bytes, name: str) -> pikepdf.Object:
    """The dictionary of a form field."""
    return next(each for each in opened(pdf).Root.AcroForm.Fields if str(each["/T"]) == name)


def replaced_once(data: bytes, old: bytes, new: bytes, *, last: bool = True) -> bytes:
    """The data with one occurrence of old replaced by as many bytes."""
    assert len(old) == len(new)
    at = data.rindex(old) if last else data.index(old)
    return data[:at] + new + data[at + len(old) :]


def saved(pdf: pikepdf.Pdf) -> bytes:
    """A document written anew, before anybody signs it."""
    written = io.BytesIO()
    pdf.save(
        written,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        compress_streams=False,
        deterministic_id=True,
    )
    return written.getvalue()


DRAWN = b"q 1 0 0 RG 72 72 200 200 re S Q"


def last_gap(pdf: bytes) -> tuple[int, int]:
    _, start, end, _ = map(int, re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]", pdf)[-1])
    return start, end


def with_byte_range(
    pdf: bytes, change: Callable[[int, int, int, int], tuple[int, int, int, int]]
) -> bytes:
    found = list(re.finditer(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\] *", pdf))[-1]
    given = change(*map(int, found.groups()))
    text = b"/ByteRange [%d %d %d %d]" % given
    return pdf[: found.start()] + text.ljust(len(found[0])) + pdf[found.end() :]
