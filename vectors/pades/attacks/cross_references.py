"""Cross-references that readers may follow to different documents."""

from __future__ import annotations

import re

from .declaring import Workshop, attack
from .revising import contents_number, free_number, page, trailer_entries, with_entry


def _hybrid(pdf: bytes, *, shown: bool, alike: bool = True) -> bytes:
    """The PDF with a revision whose object only newer readers find; shown: page 1 shows it.

    As Word writes it, one section says that the object is free and the hidden part of the next
    gives it; not alike: both stand in one section, and readers differ on which counts.
    """
    target, number = page(pdf), free_number(pdf)
    page_number = target.objgen[0]
    body = bytes(target.unparse(resolved=True))
    if shown:
        contents = b"[ %d 0 R %d 0 R ]" % (number, contents_number(pdf))
        body = with_entry(target, "/Contents", contents)
    out = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    previous = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", pdf)[-1])
    trailer = b"/Size %d %b" % (number + 2, trailer_entries(pdf))
    hidden_at = len(out)
    out += b"%d 0 obj\n<< /Length 3 >>\nstream\nq Q\nendstream\nendobj\n" % number
    page_at = len(out)
    out += b"%d 0 obj\n%b\nendobj\n" % (page_number, body)
    stream_at = len(out)
    rows = b"".join(b"\x01" + at.to_bytes(4, "big") + b"\x00" for at in (hidden_at, stream_at))
    out += b"%d 0 obj\n<< /Type /XRef /W [1 4 1] /Index [%d 2] /Size %d /Length %d >>\n" % (
        number + 1,
        number,
        number + 2,
        len(rows),
    )
    out += b"stream\n%b\nendstream\nendobj\n" % rows
    table_at = len(out)
    out += b"xref\n%d 1\n%010d 00000 n \n" % (page_number, page_at)
    out += b"%d 2\n" % number + b"0000000000 65535 f \n" * 2
    if alike:
        out += b"trailer\n<< %b /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
            trailer,
            previous,
            table_at,
        )
        previous, table_at = table_at, len(out)
        out += b"xref\n0 0\n"
    out += b"trailer\n<< %b /Prev %d /XRefStm %d >>\n" % (trailer, previous, stream_at)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table_at)


@attack(
    "ISO 32000-1 clause 7.5.8.4",
    "unreadable",
    "hybrid-differs",
    twin=lambda shop: _hybrid(shop.complete(), shown=False),
)
def hybrid_page_content(shop: Workshop) -> bytes:
    """Older readers show the page without what newer ones show on it."""
    return _hybrid(shop.complete(), shown=True)


@attack(
    "ISO 32000-1 clause 7.5.8.4",
    "unreadable",
    "hybrid-differs",
    twin=lambda shop: _hybrid(shop.complete(), shown=False),
)
def hybrid_section_that_frees_and_gives(shop: Workshop) -> bytes:
    return _hybrid(shop.complete(), shown=False, alike=False)


@attack("ISO 32000-1 clause 7.5.6", "unreadable", "broken-history")
def earlier_section_that_stands_later(shop: Workshop) -> bytes:
    """/Prev leads forward, to a section behind the one that names it."""
    pdf = shop.complete()
    last = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", pdf)[-1])
    section = b"xref\n0 0\ntrailer\n<< /Size %d %b /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    size, entries = free_number(pdf), trailer_entries(pdf)
    first_at, second_at = len(pdf), len(pdf) + 1000
    first = (section % (size, entries, second_at, first_at)).ljust(1000)
    return pdf + first + section % (size, entries, last, first_at)
