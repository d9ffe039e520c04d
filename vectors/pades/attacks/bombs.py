"""Small files that would take much time or memory.

The twin of each has a little of what the attack has too much of.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from chauban_pades import add_validation_data
from chauban_pki.certificates import encoded
from chauban_pki.revocation import ValidationData

from .declaring import Workshop, attack
from .minting import Minted, mint_ca, mint_seal, name, sealed_by
from .revising import (
    appended,
    field,
    free_number,
    opened,
    page,
    stream,
    trailer_entries,
    with_entry,
)

MEGABYTE = 1024 * 1024


def deflated(size: int) -> bytes:
    """That many zeros, deflated in pieces."""
    packer, piece = zlib.compressobj(9), bytes(MEGABYTE)
    whole, rest = divmod(size, MEGABYTE)
    return (
        b"".join((*(packer.compress(piece) for _ in range(whole)), packer.compress(bytes(rest))))
        + packer.flush()
    )


# Revisions and cross-references


def _with_revisions(pdf: bytes, count: int) -> bytes:
    """Each revision touches one object that no page shows."""
    out, number, entries = bytearray(pdf), free_number(pdf), trailer_entries(pdf)
    previous = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", pdf)[-1])
    for _ in range(count):
        at = len(out)
        out += b"%d 0 obj\nnull\nendobj\n" % number
        startxref = len(out)
        out += b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d %b /Prev %d >>\n" % (
            number, at, number + 1, entries, previous
        )  # fmt: skip
        out += b"startxref\n%d\n%%%%EOF\n" % startxref
        previous = startxref
    return bytes(out)


@attack(
    "own",
    "unreadable",
    "too-many-revisions",
    twin=lambda shop: _with_revisions(shop.complete(), 20),
)
def ten_thousand_revisions(shop: Workshop) -> bytes:
    return _with_revisions(shop.complete(), 10_000)


def _large(shop: Workshop, objects: int, revisions: int) -> bytes:
    first = free_number(shop.reserved)
    bodies = {first + index: b"[ %d ]" % index for index in range(objects)}
    large = replace(shop, reserved=appended(shop.reserved, bodies))
    return _with_revisions(large.complete(), revisions)


@attack("own", "unreadable", "too-many-objects", twin=lambda shop: _large(shop, 1500, 20))
def many_objects_in_many_revisions(shop: Workshop) -> bytes:
    """Fifteen thousand objects, each of which stands in 240 revisions."""
    return _large(shop, 15_000, 240)


@attack("own", "unreadable", "too-many-revisions")
def section_that_names_itself(shop: Workshop) -> bytes:
    """/Prev leads back to the section that it stands in."""
    grown = appended(shop.complete(), {})
    at = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", grown)[-1])
    start = grown.rindex(b"/Prev ")
    end = grown.index(b" >>", start)
    return grown[:start] + b"/Prev %d" % at + grown[end:]


def _with_cross_reference_stream(pdf: bytes, entries: bytes, data: bytes) -> bytes:
    """The PDF with a revision of one cross-reference stream, which gives itself a place."""
    out = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    previous = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", pdf)[-1])
    head = b"/Type /XRef /W [1 4 1] %b /Prev %d %b" % (trailer_entries(pdf), previous, entries)
    body = b"%d 0 obj\n%b\nendobj\n" % (free_number(pdf), stream(data, head))
    return out + body + b"startxref\n%d\n%%%%EOF\n" % len(out)


def _packed_cross_references(shop: Workshop, size: int) -> bytes:
    pdf = shop.complete()
    number = free_number(pdf)
    at = len(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    packer, row = zlib.compressobj(9), b"\x01" + at.to_bytes(4, "big") + b"\x00"
    data = packer.compress(row)
    data += b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(size // MEGABYTE))
    entries = b"/Size %d /Index [%d 1] /Filter /FlateDecode" % (number + 1, number)
    return _with_cross_reference_stream(pdf, entries, data + packer.flush())


@attack(
    "own",
    "unreadable",
    "too-many-objects",
    twin=lambda shop: _packed_cross_references(shop, 0),
)
def cross_reference_stream_that_inflates(shop: Workshop) -> bytes:
    """300 kB of cross-references inflate to 300 MB."""
    return _packed_cross_references(shop, 300 * MEGABYTE)


@attack(
    "own",
    "unreadable",
    "damaged",
    twin=lambda shop: _packed_cross_references(shop, 0),
)
def two_thousand_million_objects_announced(shop: Workshop) -> bytes:
    pdf = shop.complete()
    entries = b"/Size 2000000000 /Index [%d 1999000000]" % free_number(pdf)
    return _with_cross_reference_stream(pdf, entries, bytes(60))


def _packed_objects(shop: Workshop, size: int) -> bytes:
    """With an object in an object stream that inflates to that size."""
    pdf = shop.complete()
    number = free_number(pdf)
    out = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    head = b"%d 0 " % (number + 1)
    packer = zlib.compressobj(9)
    data = packer.compress(head + b"<< /Kept true >> ")
    data += b"".join(packer.compress(b" " * MEGABYTE) for _ in range(size // MEGABYTE))
    data += packer.flush()
    entries = b"/Type /ObjStm /N 1 /First %d /Filter /FlateDecode" % len(head)
    stream_at = len(out)
    out += b"%d 0 obj\n%b\nendobj\n" % (number, stream(data, entries))
    xref_at = len(out)
    rows = [(1, stream_at, 0), (2, number, 0), (1, xref_at, 0)]
    table = b"".join(
        kind.to_bytes(1, "big") + place.to_bytes(4, "big") + index.to_bytes(1, "big")
        for kind, place, index in rows
    )
    previous = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", pdf)[-1])
    own = b"/Type /XRef /W [1 4 1] /Size %d /Index [%d 3] %b /Prev %d" % (
        number + 3,
        number,
        trailer_entries(pdf),
        previous,
    )
    out += b"%d 0 obj\n%b\nendobj\n" % (number + 2, stream(table, own))
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % xref_at)


@attack("own", "unreadable", "too-many-objects", twin=lambda shop: _packed_objects(shop, 0))
def object_stream_that_inflates(shop: Workshop) -> bytes:
    """300 kB of objects inflate to 300 MB."""
    return _packed_objects(shop, 300 * MEGABYTE)


# Objects


def _nested(shop: Workshop, depth: int) -> bytes:
    pdf = shop.complete()
    body = b"[" * depth + b"]" * depth
    root, number = opened(pdf).Root, free_number(pdf)
    extensions = with_entry(root, "/Extensions", b"%d 0 R" % number)
    return appended(pdf, {root.objgen[0]: extensions, number: body})


@attack("own", "not-enough-evidence", "structure-doubtful", twin=lambda shop: _nested(shop, 10))
def array_in_a_hundred_thousand_arrays(shop: Workshop) -> bytes:
    return _nested(shop, 100_000)


@attack("own", "unreadable", "damaged")
def page_tree_that_holds_itself(shop: Workshop) -> bytes:
    pdf = shop.complete()
    pages = opened(pdf).Root.Pages
    number = pages.objgen[0]
    kids = bytes(pages.Kids.unparse()).rstrip().removesuffix(b"]") + b" %d 0 R ]" % number
    return appended(pdf, {number: with_entry(pages, "/Kids", kids)})


@attack("own", "unreadable", "damaged")
def field_that_holds_itself(shop: Workshop) -> bytes:
    pdf = shop.complete()
    widget = field(pdf, "number")
    number = widget.objgen[0]
    return appended(pdf, {number: with_entry(widget, "/Kids", b"[ %d 0 R ]" % number)})


@attack("own", "unreadable", "too-many-objects")
def five_thousand_fields(shop: Workshop) -> bytes:
    pdf = shop.complete()
    form, number = opened(pdf).Root.AcroForm, free_number(pdf)
    numbers = range(number, number + 5000)
    listed = bytes(form.Fields.unparse(resolved=True)).rstrip().removesuffix(b"]")
    listed += b" ".join(b"%d 0 R" % each for each in numbers) + b" ]"
    fields = {each: b"<< /FT /Tx /T (f%d) >>" % each for each in numbers}
    return appended(pdf, {form.objgen[0]: with_entry(form, "/Fields", listed), **fields})


@attack("own", "altered", "field-changed")
def appearance_that_inflates(shop: Workshop) -> bytes:
    """What a field shows inflates to 300 MB."""
    pdf = shop.complete()
    form = field(pdf, "number").AP.N
    entries = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Filter /FlateDecode"
    return appended(pdf, {form.objgen[0]: stream(deflated(300 * MEGABYTE), entries)})


@attack("own", "altered", "page-content-changed")
def page_content_that_inflates(shop: Workshop) -> bytes:
    """What a page shows inflates to 300 MB, by two filters one after the other."""
    pdf = shop.complete()
    contents = page(pdf).Contents
    number = (contents[0] if type(contents).__name__ == "Array" else contents).objgen[0]
    packed = zlib.compress(deflated(300 * MEGABYTE), 9)
    entries = b"/Filter [/FlateDecode /FlateDecode]"
    return appended(pdf, {number: stream(packed, entries)})


# Validation data


def _with_store(shop: Workshop, *, count: int, size: int) -> bytes:
    """With so many certificates of zeros, each that long when inflated."""
    pdf = shop.complete()
    store, number = opened(pdf).Root.DSS, free_number(pdf)
    listed = bytes(store.Certs.unparse(resolved=True)).rstrip().removesuffix(b"]")
    packed = stream(deflated(size), b"/Filter /FlateDecode")
    added = {number + index: packed for index in range(count)}
    listed += b"".join(b" %d 0 R" % each for each in added) + b" ]"
    root = opened(pdf).Root
    if store.is_indirect:
        changed = {store.objgen[0]: with_entry(store, "/Certs", listed)}
    else:
        body = with_entry(store, "/Certs", listed)
        changed = {root.objgen[0]: with_entry(root, "/DSS", body)}
    return appended(pdf, {**changed, **added})


@attack(
    "own",
    "unreadable",
    "too-large",
    twin=lambda shop: _with_store(shop, count=1, size=100),
)
def certificate_that_inflates(shop: Workshop) -> bytes:
    """A certificate in the security store inflates to 300 MB."""
    return _with_store(shop, count=1, size=300 * MEGABYTE)


@attack(
    "own",
    "unreadable",
    "too-large",
    twin=lambda shop: _with_store(shop, count=3, size=100),
)
def certificates_that_inflate(shop: Workshop) -> bytes:
    """Four hundred, each of which inflates to 20 MB."""
    return _with_store(shop, count=400, size=20 * MEGABYTE)


@attack("own", "not-enough-evidence", "untrusted-anchor")
def heap_of_namesakes(shop: Workshop) -> bytes:
    """Four hundred authorities of one name, each of which might have issued each other."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), name("Nơi cấp trùng tên")
    period = {"valid_from": shop.now - timedelta(days=9), "valid_to": shop.now + timedelta(days=9)}
    heap = [mint_ca(shop, None, subject=subject, key=key, **period) for _ in range(400)]
    sealer: Minted = mint_seal(shop, heap[0])
    sealed = sealed_by(shop, sealer)
    certificates = tuple(encoded(one.certificate) for one in heap)
    return add_validation_data(sealed, data=ValidationData(certificates=certificates))
