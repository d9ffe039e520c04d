"""Incremental saving and signature wrapping: a new document around the signed bytes."""

from __future__ import annotations

import re

from .declaring import Workshop, attack
from .revising import (
    DRAWN,
    appended,
    contents_number,
    field,
    free_number,
    last_gap,
    opened,
    stream,
    trailer_entries,
    with_entry,
)


@attack("ISA", "altered", "page-content-changed")
def page_content_after_the_seal(shop: Workshop) -> bytes:
    pdf = shop.complete()
    return appended(pdf, {contents_number(pdf): stream(DRAWN)})


@attack("ISA", "altered", "page-content-changed")
def page_content_between_signature_and_seal(shop: Workshop) -> bytes:
    """In a letter of ours not even the sealing agency may add to the page."""
    pdf = shop.sign(shop.reserved)
    return shop.keep(shop.seal(appended(pdf, {contents_number(pdf): stream(DRAWN)})))


@attack("ISA", "altered", "page-added")
def page_added(shop: Workshop) -> bytes:
    pdf = shop.complete()
    number, pages = free_number(pdf), opened(pdf).Root.Pages
    kids = bytes(pages.Kids.unparse()).rstrip().removesuffix(b"]") + b" %d 0 R ]" % number
    parent = pages.objgen[0]
    tree = with_entry(pages, "/Kids", kids)
    new = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] >>" % parent
    return appended(pdf, {parent: tree, number: new})


@attack("ISA", "altered", "catalog-changed")
def another_catalogue(shop: Workshop) -> bytes:
    pdf = shop.complete()
    number, root = free_number(pdf), opened(pdf).Root
    body = bytes(root.unparse(resolved=True))
    entries = re.sub(rb"/Root \d+ 0 R", b"/Root %d 0 R" % number, trailer_entries(pdf))
    return appended(pdf, {number: body}, trailer=entries)


@attack("ISA", "altered", "action-changed")
def script_on_opening(shop: Workshop) -> bytes:
    pdf = shop.complete()
    root = opened(pdf).Root
    action = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    return appended(pdf, {root.objgen[0]: with_entry(root, "/OpenAction", action)})


@attack("ISA", "invalid", "byte-range-short")
def history_replaced(shop: Workshop) -> bytes:
    """A revision without /Prev: what was signed is no longer part of the document's history."""
    pdf = shop.complete()
    whole = opened(pdf)
    numbers = sorted(number for number, _ in whole.get_xref_table())
    places = {number: whole.get_xref_table()[number, 0].offset for number in numbers}
    content = contents_number(pdf)
    grown = appended(pdf, {content: stream(DRAWN)}, places=places)
    return re.sub(
        rb"/Prev \d+ >>\nstartxref\n(\d+)\n%%EOF\n\Z", rb">>\nstartxref\n\1\n%%EOF\n", grown
    )


@attack("ISA", "unreadable", "damaged")
def body_without_cross_reference(shop: Workshop) -> bytes:
    pdf = shop.complete()
    return pdf + b"%d 0 obj\n%b\nendobj\n" % (contents_number(pdf), stream(DRAWN))


@attack("ISA", "unreadable", "damaged")
def trailer_only(shop: Workshop) -> bytes:
    """A trailer with another catalogue and no section that startxref leads to."""
    pdf = shop.complete()
    return pdf + b"trailer\n<< /Root 1 0 R /Size 9 >>\n%%EOF\n"


@attack("ISA", "invalid", "byte-range-wrong")
def signature_dictionary_replaced(shop: Workshop) -> bytes:
    """The sealed number stays; the signatory's signature gets other words beside it."""
    pdf = shop.complete()
    value = field(pdf, "signatory-1").V
    number = value.objgen[0]
    return appended(pdf, {number: with_entry(value, "/Name", b"(Ai khac)")})


@attack("ISA", "altered", "signature-replaced")
def signature_removed(shop: Workshop) -> bytes:
    """The signatory's field is unsigned again after the seal."""
    pdf = shop.complete()
    widget = field(pdf, "signatory-1")
    number = widget.objgen[0]
    del widget["/V"]
    return appended(pdf, {number: bytes(widget.unparse(resolved=True))})


@attack("ISA", "invalid", "signature-shared")
def one_signature_in_two_fields(shop: Workshop) -> bytes:
    """The seal's field points at the signatory's signature."""
    pdf = shop.sign(shop.reserved)
    seal, value = field(pdf, "seal-1"), field(pdf, "signatory-1").V
    body = with_entry(seal, "/V", b"%d 0 R" % value.objgen[0])
    return appended(pdf, {seal.objgen[0]: body})


@attack("SWA", "invalid", "byte-range-wrong")
def wrapped(shop: Workshop) -> bytes:
    """The second signed part moves to the end; between the parts a new document is built."""
    pdf = shop.sign(shop.reserved)
    start, end = last_gap(pdf)
    part1, contents, part2 = pdf[:start], pdf[start:end], pdf[end:]
    xref_at = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", pdf)[-1])
    reader = opened(pdf)
    value, root = field(pdf, "signatory-1").V, reader.Root
    shift = 60_000
    moved = end + shift
    byte_range = b"[0 %d %d %d]" % (start, moved, len(part2))
    signature = (
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange %b "
        b"/Contents %b >>" % (byte_range, contents)
    )
    inside = bytearray(contents)
    places: dict[int, int] = {}

    def put(number: int, body: bytes) -> None:
        places[number] = start + len(inside)
        inside.extend(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    inside += b"\n" * max(0, xref_at - start - len(inside))
    table_at = len(inside)
    assert start + table_at == xref_at
    inside += b" " * 8000
    put(value.objgen[0], signature)
    put(contents_number(pdf), stream(DRAWN))
    for (number, _), entry in sorted(reader.get_xref_table().items()):
        if number not in places:
            places[number] = entry.offset if entry.offset < start else entry.offset + shift
    table = b"xref\n0 1\n0000000000 65535 f \n"
    for number in sorted(places):
        table += b"%d 1\n%010d 00000 n \n" % (number, places[number])
    table += b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (max(places) + 1, root.objgen[0])
    table += b"startxref\n%d\n%%%%EOF\n" % xref_at
    assert len(table) < 8000
    inside[table_at : table_at + len(table)] = table
    assert len(inside) < shift + end - start
    inside += b" " * (shift + end - start - len(inside))
    return part1 + bytes(inside) + part2
