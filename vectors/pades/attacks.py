"""Files that attack a signed letter, each made when asked for; see README.md."""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pikepdf


@dataclass(frozen=True)
class Workshop:
    """What a vector is made with: a letter with reserved fields, and those who sign it.

    `sign` is the signatory's, `seal` fills number and date and seals, both B-T; `keep` adds the
    validation data of both. `seal_with` seals over objects changed in the same revision.
    """

    reserved: bytes
    sign: Callable[[bytes], bytes]
    seal: Callable[[bytes], bytes]
    keep: Callable[[bytes], bytes]
    seal_with: Callable[[bytes, Mapping[str, tuple[str, str]]], bytes]

    def complete(self) -> bytes:
        """The letter signed, sealed and with validation data: a complete document."""
        return self.keep(self.seal(self.sign(self.reserved)))


@dataclass(frozen=True)
class Attack:
    """One vector: `document` is the status it must get, `code` one that must be reported."""

    name: str
    source: str
    document: str
    code: str
    make: Callable[[Workshop], bytes]


ATTACKS: dict[str, Attack] = {}

# qpdf's objects die with their reader; the tools below hand out objects alone.
_readers: deque[pikepdf.Pdf] = deque(maxlen=32)


def attack(source: str, document: str, code: str) -> Callable[[Callable[[Workshop], bytes]], None]:
    """Declare the decorated maker as a vector; its name is the function's."""

    def declare(make: Callable[[Workshop], bytes]) -> None:
        name = make.__name__.replace("_", "-")
        ATTACKS[name] = Attack(name, source, document, code, make)

    return declare


# Tools


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
    own = b"/Root %d 0 R" % reader.Root.objgen[0] if trailer is None else trailer
    out += b"trailer\n<< /Size %d %b /Prev %d >>\n" % (size, own, previous)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % startxref)


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


# One changed byte


@attack("own", "altered", "digest-mismatch")
def one_changed_byte(shop: Workshop) -> bytes:
    """A byte of a stream in the first revision differs."""
    pdf = bytearray(shop.complete())
    at = pdf.index(b"stream\n") + 40
    pdf[at] ^= 1
    return bytes(pdf)


@attack("own", "altered", "digest-mismatch")
def one_changed_byte_of_the_number(shop: Workshop) -> bytes:
    """The number under the seal is another."""
    pdf = shop.complete()
    return replaced_once(pdf, b"/V (05)", b"/V (06)")


# Universal signature forgery


@attack("USF", "invalid", "byte-range-missing")
def byte_range_renamed(shop: Workshop) -> bytes:
    return replaced_once(shop.complete(), b"/ByteRange", b"/ByteRanga")


@attack("USF", "invalid", "byte-range-wrong")
def byte_range_negative(shop: Workshop) -> bytes:
    return _with_byte_range(shop.complete(), lambda a, b, c, d: (-1, b, c, d))


@attack("USF", "invalid", "byte-range-missing")
def byte_range_null(shop: Workshop) -> bytes:
    pdf = shop.complete()
    at = pdf.rindex(b"/ByteRange [") + len(b"/ByteRange ")
    end = pdf.index(b"]", at) + 1
    return pdf[:at] + b"null".ljust(end - at) + pdf[end:]


@attack("USF", "invalid", "byte-range-missing")
def byte_range_of_two_numbers(shop: Workshop) -> bytes:
    pdf = shop.complete()
    at = pdf.rindex(b"/ByteRange [") + len(b"/ByteRange ")
    end = pdf.index(b"]", at) + 1
    return pdf[:at] + (b"[0 %d]" % len(pdf)).ljust(end - at) + pdf[end:]


@attack("USF", "invalid", "byte-range-wrong")
def byte_range_overlapping(shop: Workshop) -> bytes:
    """The second part begins before the first ends."""
    return _with_byte_range(shop.complete(), lambda a, b, c, d: (a, b, b - 100, c + d - b + 100))


@attack("USF", "invalid", "byte-range-wrong")
def byte_range_with_a_wider_gap(shop: Workshop) -> bytes:
    """What stands beside the contents is left out too."""
    return _with_byte_range(shop.complete(), lambda a, b, c, d: (a, b - 40, c, d))


@attack("USF", "invalid", "byte-range-short")
def byte_range_short_of_its_revision(shop: Workshop) -> bytes:
    return _with_byte_range(shop.complete(), lambda a, b, c, d: (a, b, c, d - 30))


@attack("USF", "invalid", "contents-missing")
def contents_renamed(shop: Workshop) -> bytes:
    return replaced_once(shop.complete(), b"/Contents <", b"/Contenta <")


@attack("USF", "invalid", "contents-missing")
def contents_empty(shop: Workshop) -> bytes:
    pdf = shop.complete()
    start, end = _last_gap(pdf)
    return pdf[:start] + b"<>".ljust(end - start) + pdf[end:]


@attack("USF", "invalid", "contents-missing")
def contents_null(shop: Workshop) -> bytes:
    pdf = shop.complete()
    start, end = _last_gap(pdf)
    return pdf[:start] + b"null".ljust(end - start) + pdf[end:]


@attack("USF", "invalid", "signed-data-malformed")
def contents_zero(shop: Workshop) -> bytes:
    pdf = shop.complete()
    start, end = _last_gap(pdf)
    return pdf[:start] + b"<" + b"0" * (end - start - 2) + b">" + pdf[end:]


@attack("USF", "invalid", "signed-data-malformed")
def bytes_behind_the_signature(shop: Workshop) -> bytes:
    """Something is hidden in the padding that no signature covers."""
    pdf = shop.complete()
    _, end = _last_gap(pdf)
    return pdf[: end - 9] + b"DEADBEEF" + pdf[end - 1 :]


def _last_gap(pdf: bytes) -> tuple[int, int]:
    _, start, end, _ = map(int, re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]", pdf)[-1])
    return start, end


def _with_byte_range(
    pdf: bytes, change: Callable[[int, int, int, int], tuple[int, int, int, int]]
) -> bytes:
    found = list(re.finditer(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\] *", pdf))[-1]
    given = change(*map(int, found.groups()))
    text = b"/ByteRange [%d %d %d %d]" % given
    return pdf[: found.start()] + text.ljust(len(found[0])) + pdf[found.end() :]


# Incremental saving attacks


@attack("ISA", "altered", "page-content-changed")
def page_content_after_the_seal(shop: Workshop) -> bytes:
    pdf = shop.complete()
    return appended(pdf, {contents_number(pdf): stream(DRAWN)})


@attack("ISA", "altered", "page-content-changed")
def page_content_between_signature_and_seal(shop: Workshop) -> bytes:
    """In a letter of ours not even the sealing agency may add to the page."""
    pdf = shop.sign(shop.reserved)
    return shop.keep(shop.seal(appended(pdf, {contents_number(pdf): stream(DRAWN)})))


@attack("ISA", "altered", "pages-changed")
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
    return appended(pdf, {number: body}, trailer=b"/Root %d 0 R" % number)


@attack("ISA", "altered", "catalog-changed")
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


# Signature wrapping


@attack("SWA", "invalid", "byte-range-wrong")
def wrapped(shop: Workshop) -> bytes:
    """The second signed part moves to the end; between the parts a new document is built."""
    pdf = shop.sign(shop.reserved)
    start, end = _last_gap(pdf)
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


# Shadow attacks: the author prepares, others sign, the author changes


@attack("Shadow hide", "altered", "page-content-changed")
def overlay_removed(shop: Workshop) -> bytes:
    """A picture that hid text under it is replaced by an empty one."""
    prepared, number = _with_overlay(shop.reserved)
    pdf = shop.keep(shop.seal(shop.sign(prepared)))
    return appended(pdf, {number: stream(b"", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")})


def _with_overlay(reserved: bytes) -> tuple[bytes, int]:
    pdf = opened(reserved)
    overlay = pdf.make_stream(b"1 g 0 0 595 842 re f")
    overlay.Type, overlay.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    overlay.BBox = pikepdf.Array([0, 0, 595, 842])
    target = pdf.pages[0]
    name = target.add_resource(overlay, pikepdf.Name.XObject)
    target.contents_add(b"q %b Do Q" % bytes(name.unparse()))
    written = saved(pdf)
    for obj in opened(written).objects:
        if isinstance(obj, pikepdf.Stream) and obj.read_bytes() == b"1 g 0 0 595 842 re f":
            return written, int(obj.objgen[0])
    raise AssertionError("the overlay is not in the file")


@attack("Shadow replace", "altered", "page-content-changed")
def font_redefined(shop: Workshop) -> bytes:
    """The same characters show other letters."""
    pdf = shop.complete()
    fonts = page(pdf).Resources.Font
    font = fonts[sorted(fonts.keys())[0]]
    return appended(pdf, {font.objgen[0]: with_entry(font, "/Encoding", b"/Identity-V")})


@attack("Shadow replace", "altered", "field-changed")
def value_of_a_free_field(shop: Workshop) -> bytes:
    """A text field beside the reserved ones gets another value after signing."""
    pdf = opened(shop.reserved)
    widget = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T=pikepdf.String("amount"),
            V=pikepdf.String("1.000"),
            F=4,
            Rect=pikepdf.Array([100, 100, 200, 120]),
            P=pdf.pages[0].obj,
        )
    )
    pdf.Root.AcroForm.Fields.append(widget)
    pdf.pages[0].obj.Annots.append(widget)
    signed = shop.sign(saved(pdf))
    amount = field(signed, "amount")
    changed = appended(signed, {amount.objgen[0]: with_entry(amount, "/V", b"(1.000.000)")})
    return shop.keep(shop.seal(changed))


@attack("Shadow hide-and-replace", "altered", "page-content-changed")
def switched_by_the_cross_reference_alone(shop: Workshop) -> bytes:
    """The replacement lay in the signed bytes from the start; only the table changes."""
    pdf = opened(shop.reserved)
    number = contents_number(shop.reserved)
    hidden = b"%d 0 obj\n%b\nendobj\n" % (number, stream(DRAWN))
    pdf.Root.Hidden = pdf.make_stream(hidden)
    written = saved(pdf)
    if contents_number(written) != number:
        hidden = b"%d 0 obj\n%b\nendobj\n" % (contents_number(written), stream(DRAWN))
        pdf.Root.Hidden = pdf.make_stream(hidden)
        written = saved(pdf)
    signed = shop.keep(shop.seal(shop.sign(written)))
    return appended(signed, {}, places={contents_number(written): signed.index(hidden)})


@attack("Shadow hide-and-replace", "altered", "page-content-changed")
def awaited_object_defined(shop: Workshop) -> bytes:
    """The signed page already pointed at an object that did not exist."""
    pdf = opened(shop.reserved)
    body = saved(pdf)
    target, awaited = page(body), free_number(body) + 500
    parts = target.Contents
    listed = parts.unparse() if isinstance(parts, pikepdf.Array) else b"[ %b ]" % parts.unparse()
    contents = bytes(listed).rstrip().removesuffix(b"]") + b" %d 0 R ]" % awaited
    number = target.objgen[0]
    prepared = appended(body, {number: with_entry(target, "/Contents", contents)})
    signed = shop.keep(shop.seal(shop.sign(prepared)))
    return appended(signed, {awaited: stream(DRAWN)})


@attack("Shadow hide-and-replace", "altered", "page-content-changed")
def indirect_length_changed(shop: Workshop) -> bytes:
    """The page's content stream shows more once the number that is its length changes."""
    shown = b"q Q "
    content, length = free_number(shop.reserved), free_number(shop.reserved) + 1
    target = page(shop.reserved)
    number = target.objgen[0]
    stream_body = b"<< /Length %d 0 R >>\nstream\n%b\nendstream" % (length, shown + b" " * 40)
    prepared = appended(
        shop.reserved,
        {
            number: with_entry(
                target, "/Contents", b"[ %b %d 0 R ]" % (target.Contents.unparse(), content)
            ),
            content: stream_body,
            length: b"%d" % (len(shown) + 40),
        },
    )
    signed = shop.keep(shop.seal(shop.sign(prepared)))
    return appended(signed, {length: b"%d" % len(shown)})


# After the seal


@attack("EAA", "altered", "annotation-added")
def annotation_after_the_seal(shop: Workshop) -> bytes:
    return _annotated(shop.complete())


@attack("EAA", "altered", "annotation-added")
def annotation_between_signature_and_seal(shop: Workshop) -> bytes:
    return shop.keep(shop.seal(_annotated(shop.sign(shop.reserved))))


def _annotated(pdf: bytes) -> bytes:
    target, number = page(pdf), free_number(pdf)
    listed = bytes(target.Annots.unparse(resolved=True)).rstrip().removesuffix(b"]")
    note = (
        b"<< /Type /Annot /Subtype /FreeText /Rect [72 72 300 200] /Contents (000) /DA (/F 9 Tf) >>"
    )
    page_number = target.objgen[0]
    body = with_entry(target, "/Annots", listed + b" %d 0 R ]" % number)
    return appended(pdf, {page_number: body, number: note})


@attack("SSA", "invalid", "signature-added")
def sneaky_signature(shop: Workshop) -> bytes:
    """A further signature field whose picture covers the page, after the seal."""
    pdf = shop.complete()
    target, root, number = page(pdf), opened(pdf).Root, free_number(pdf)
    listed = bytes(target.Annots.unparse(resolved=True)).rstrip().removesuffix(b"]")
    form = root.AcroForm
    fields = bytes(form.Fields.unparse(resolved=True)).rstrip().removesuffix(b"]")
    widget = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (more) /F 4 /Rect [0 0 595 842] "
        b"/P %d 0 R /V %d 0 R /AP << /N %d 0 R >> >>" % (target.objgen[0], number + 1, number + 2)
    )
    value = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached >>"
    picture = stream(b"1 g 0 0 595 842 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]")
    page_number, form_number = target.objgen[0], form.objgen[0]
    return appended(
        pdf,
        {
            page_number: with_entry(target, "/Annots", listed + b" %d 0 R ]" % number),
            form_number: with_entry(form, "/Fields", fields + b" %d 0 R ]" % number),
            number: widget,
            number + 1: value,
            number + 2: picture,
        },
    )


@attack("own", "altered", "field-changed")
def number_changed_after_the_seal(shop: Workshop) -> bytes:
    pdf = shop.complete()
    widget = field(pdf, "number")
    return appended(pdf, {widget.objgen[0]: with_entry(widget, "/V", b"(06)")})


@attack("own", "altered", "field-changed")
def appearance_changed_after_the_seal(shop: Workshop) -> bytes:
    pdf = shop.complete()
    form = field(pdf, "number").AP.N
    entries = {key: value for key, value in form.stream_dict.items() if key != "/Length"}
    inside = bytes(pikepdf.Dictionary(entries).unparse()).strip()[2:-2]
    return appended(pdf, {form.objgen[0]: stream(DRAWN, inside)})


@attack("own", "altered", "filled-without-seal")
def filled_without_a_seal(shop: Workshop) -> bytes:
    """Number and date appear after the signatory's signature, and nobody seals them."""
    pdf = shop.seal(shop.sign(shop.reserved))
    values = {name: field(pdf, name) for name in ("number", "day", "month", "year")}
    signed = shop.sign(shop.reserved)
    objects: dict[int, bytes] = {}
    for widget in values.values():
        objects[widget.objgen[0]] = bytes(widget.unparse(resolved=True))
        form = widget.AP.N
        entries = {key: value for key, value in form.stream_dict.items() if key != "/Length"}
        inside = bytes(pikepdf.Dictionary(entries).unparse()).strip()[2:-2]
        objects[form.objgen[0]] = stream(bytes(form.read_raw_bytes()), inside)
    return appended(signed, objects)


@attack("own", "unsigned", "unsigned")
def unsigned_file_behind_the_signed_one(shop: Workshop) -> bytes:
    """The last startxref leads back to the letter as it was before anybody signed."""
    return shop.complete() + shop.reserved


# The seal's own revision


@attack("own", "altered", "appearance-differs")
def appearance_differs_from_value(shop: Workshop) -> bytes:
    """Value 15, appearance 99999: general validators pass it (reserved-fields.md section 5)."""
    return shop.keep(shop.seal_with(shop.sign(shop.reserved), {"number": ("15", "99999")}))


@attack("own", "altered", "value-invalid")
def value_against_its_grammar(shop: Workshop) -> bytes:
    return shop.keep(shop.seal_with(shop.sign(shop.reserved), {"number": ("5", "5")}))


@attack("own", "invalid", "field-empty")
def partly_filled_date(shop: Workshop) -> bytes:
    return shop.keep(shop.seal_with(shop.sign(shop.reserved), {"month": ("", "")}))


# Damage


@attack("own", "unreadable", "not-a-pdf")
def not_a_pdf(shop: Workshop) -> bytes:
    return b"PK\x03\x04" + shop.reserved


@attack("own", "unreadable", "damaged")
def truncated(shop: Workshop) -> bytes:
    pdf = shop.complete()
    return pdf[: len(pdf) // 2]


@attack("own", "unreadable", "encrypted")
def encrypted(shop: Workshop) -> bytes:
    written = io.BytesIO()
    opened(shop.reserved).save(written, encryption=pikepdf.Encryption(owner="o", user="u"))
    return written.getvalue()


@attack("own", "unreadable", "too-many-revisions")
def ten_thousand_revisions(shop: Workshop) -> bytes:
    """Each revision touches one object that no page shows."""
    out = bytearray(shop.complete())
    root, number = opened(bytes(out)).Root.objgen[0], free_number(bytes(out))
    previous = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", bytes(out))[-1])
    for _ in range(10_000):
        at = len(out)
        out += b"%d 0 obj\nnull\nendobj\n" % number
        startxref = len(out)
        out += b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (
            number, at, number + 1, root, previous
        )  # fmt: skip
        out += b"startxref\n%d\n%%%%EOF\n" % startxref
        previous = startxref
    return bytes(out)
