"""Shadow attacks: the author prepares, others sign, the author changes."""

from __future__ import annotations

import pikepdf

from .declaring import Workshop, attack
from .revising import (
    DRAWN,
    appended,
    contents_number,
    field,
    free_number,
    opened,
    page,
    saved,
    stream,
    with_entry,
)


def _completed(shop: Workshop, prepared: bytes) -> bytes:
    """What the author prepared, signed and sealed by others who see nothing of it."""
    return shop.keep(shop.seal(shop.sign(prepared)))


@attack(
    "Shadow hide",
    "altered",
    "page-content-changed",
    twin=lambda shop: _completed(shop, _with_overlay(shop.reserved)[0]),
)
def overlay_removed(shop: Workshop) -> bytes:
    """A picture that hid text under it is replaced by an empty one."""
    prepared, number = _with_overlay(shop.reserved)
    pdf = _completed(shop, prepared)
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


@attack("Shadow replace", "altered", "font-changed")
def font_redefined(shop: Workshop) -> bytes:
    """The same characters show other letters."""
    pdf = shop.complete()
    fonts = page(pdf).Resources.Font
    font = fonts[sorted(fonts.keys())[0]]
    return appended(pdf, {font.objgen[0]: with_entry(font, "/Encoding", b"/Identity-V")})


def _with_free_field(reserved: bytes) -> bytes:
    pdf = opened(reserved)
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
    return saved(pdf)


@attack(
    "Shadow replace",
    "altered",
    "field-changed",
    twin=lambda shop: _completed(shop, _with_free_field(shop.reserved)),
)
def value_of_a_free_field(shop: Workshop) -> bytes:
    """A text field beside the reserved ones gets another value after signing."""
    signed = shop.sign(_with_free_field(shop.reserved))
    amount = field(signed, "amount")
    changed = appended(signed, {amount.objgen[0]: with_entry(amount, "/V", b"(1.000.000)")})
    return shop.keep(shop.seal(changed))


def _with_hidden_content(reserved: bytes) -> tuple[bytes, bytes]:
    """The letter with another page content in a stream that nothing shows, and that content."""
    pdf = opened(reserved)
    number = contents_number(reserved)
    hidden = b"%d 0 obj\n%b\nendobj\n" % (number, stream(DRAWN))
    pdf.Root.Hidden = pdf.make_stream(hidden)
    written = saved(pdf)
    if contents_number(written) != number:
        hidden = b"%d 0 obj\n%b\nendobj\n" % (contents_number(written), stream(DRAWN))
        pdf.Root.Hidden = pdf.make_stream(hidden)
        written = saved(pdf)
    return written, hidden


@attack(
    "Shadow hide-and-replace",
    "altered",
    "page-content-changed",
    twin=lambda shop: _completed(shop, _with_hidden_content(shop.reserved)[0]),
)
def switched_by_the_cross_reference_alone(shop: Workshop) -> bytes:
    """The replacement lay in the signed bytes from the start; only the table changes."""
    written, hidden = _with_hidden_content(shop.reserved)
    signed = _completed(shop, written)
    return appended(signed, {}, places={contents_number(written): signed.index(hidden)})


def _awaiting(reserved: bytes) -> tuple[bytes, int]:
    """The letter whose page points at an object that does not exist, and its number."""
    body = saved(opened(reserved))
    target, awaited = page(body), free_number(body) + 500
    parts = target.Contents
    listed = parts.unparse() if isinstance(parts, pikepdf.Array) else b"[ %b ]" % parts.unparse()
    contents = bytes(listed).rstrip().removesuffix(b"]") + b" %d 0 R ]" % awaited
    number = target.objgen[0]
    return appended(body, {number: with_entry(target, "/Contents", contents)}), awaited


@attack(
    "Shadow hide-and-replace",
    "altered",
    "page-content-changed",
    twin=lambda shop: _completed(shop, _awaiting(shop.reserved)[0]),
)
def awaited_object_defined(shop: Workshop) -> bytes:
    """The signed page already pointed at an object that did not exist."""
    prepared, awaited = _awaiting(shop.reserved)
    return appended(_completed(shop, prepared), {awaited: stream(DRAWN)})


def _awaiting_behind_tabs(reserved: bytes) -> tuple[bytes, int]:
    """As `_awaiting`; the reference follows a name after a vertical tab, which ends it for qpdf."""
    pdf = opened(reserved)
    pdf.pages[0].contents_add(b"q /Late Do Q")
    body = saved(pdf)
    target, awaited = page(body), free_number(body) + 500
    entry = b"<< /Late\x0b%d\x0b0\x0bR /Same\x0b%d\x0b0\x0bR >>" % (awaited, awaited)
    resources = with_entry(target.Resources, "/XObject", entry)
    if target.Resources.is_indirect:
        return appended(body, {target.Resources.objgen[0]: resources}), awaited
    return appended(body, {target.objgen[0]: with_entry(target, "/Resources", resources)}), awaited


@attack(
    "own",
    "altered",
    "page-content-changed",
    twin=lambda shop: _completed(shop, _awaiting_behind_tabs(shop.reserved)[0]),
)
def awaited_object_defined_behind_tabs(shop: Workshop) -> bytes:
    """The signed page pointed at it where some readers see part of a name."""
    prepared, awaited = _awaiting_behind_tabs(shop.reserved)
    form = stream(DRAWN, b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]")
    return appended(_completed(shop, prepared), {awaited: form})


_SHOWN = b"q Q "


def _with_indirect_length(reserved: bytes) -> tuple[bytes, int]:
    """The letter with a page content whose length is an object, and that object's number."""
    content, length = free_number(reserved), free_number(reserved) + 1
    target = page(reserved)
    number = target.objgen[0]
    stream_body = b"<< /Length %d 0 R >>\nstream\n%b\nendstream" % (length, _SHOWN + b" " * 40)
    prepared = appended(
        reserved,
        {
            number: with_entry(
                target, "/Contents", b"[ %b %d 0 R ]" % (target.Contents.unparse(), content)
            ),
            content: stream_body,
            length: b"%d" % (len(_SHOWN) + 40),
        },
    )
    return prepared, length


@attack(
    "Shadow hide-and-replace",
    "altered",
    "page-content-changed",
    twin=lambda shop: _completed(shop, _with_indirect_length(shop.reserved)[0]),
)
def indirect_length_changed(shop: Workshop) -> bytes:
    """The page's content stream shows more once the number that is its length changes."""
    prepared, length = _with_indirect_length(shop.reserved)
    return appended(_completed(shop, prepared), {length: b"%d" % len(_SHOWN)})
