"""What is added or changed once the letter is complete, or between its two signatures."""

from __future__ import annotations

import pikepdf

from .declaring import Workshop, attack
from .revising import DRAWN, appended, field, free_number, opened, page, stream, with_entry


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
