"""What was seen is what was signed: digests of pages (design: reserved fields, section 7)."""

import io
from collections.abc import Callable

import pikepdf
import pytest

from chauban_pades import page_digests
from chauban_pades.errors import EncryptedPDF, NotAPDF


def changed(pdf: bytes, change: Callable[[pikepdf.Pdf], None], **options: object) -> bytes:
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        change(document)
        document.save(written, compress_streams=False, **options)
    return written.getvalue()


def field_named(document: pikepdf.Pdf, name: str) -> pikepdf.Object:
    return next(each for each in document.Root.AcroForm.Fields if name == each.T)


def test_signing_filling_and_sealing_leave_the_digests_as_they_were(
    reserved, signed, sealed, sealed_lt
):
    digests = page_digests(reserved)
    assert len(set(digests)) == len(digests) == 2
    for pdf in (signed, sealed, sealed_lt):
        assert page_digests(pdf) == digests


def test_the_same_objects_under_other_numbers_give_the_same_digests(reserved):
    renumbered = changed(
        reserved, lambda document: None, object_stream_mode=pikepdf.ObjectStreamMode.generate
    )
    assert renumbered != reserved
    assert page_digests(renumbered) == page_digests(reserved)


def rewrite(document: pikepdf.Pdf) -> None:
    content = document.pages[0].Contents
    content.write(content.read_bytes().replace(b"scn", b"SCN", 1))


def swap_font(document: pikepdf.Pdf) -> None:
    fonts = document.pages[0].Resources.Font
    first, second = list(fonts.keys())[:2]
    fonts[first] = fonts[second]


def add_annotation(document: pikepdf.Pdf) -> None:
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Square, Rect=pikepdf.Array([0, 0, 9, 9])
    )
    document.pages[0].Annots.append(note)


def add_reserved_name(document: pikepdf.Pdf) -> None:
    field = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            T=pikepdf.String("seal-9"),
            Rect=pikepdf.Array([0, 0, 9, 9]),
        )
    )
    document.pages[0].Annots.append(field)
    document.Root.AcroForm.Fields.append(field)


def move_field(document: pikepdf.Pdf) -> None:
    field_named(document, "number").Rect = pikepdf.Array([0, 0, 34, 14])


def turn(document: pikepdf.Pdf) -> None:
    document.pages[0].Rotate = 180


def crop_all(document: pikepdf.Pdf) -> None:
    document.Root.Pages.CropBox = pikepdf.Array([0, 0, 300, 300])


def hide_layers(document: pikepdf.Pdf) -> None:
    document.Root.OCProperties = pikepdf.Dictionary(D=pikepdf.Dictionary(BaseState="/OFF"))


@pytest.mark.parametrize(
    "change",
    [
        rewrite,
        swap_font,
        add_annotation,
        add_reserved_name,
        move_field,
        turn,
        crop_all,
        hide_layers,
    ],
)
def test_whatever_changes_the_look_of_a_page_changes_its_digest(reserved, change):
    assert page_digests(changed(reserved, change))[0] != page_digests(reserved)[0]


@pytest.mark.parametrize("change", [rewrite, add_annotation, turn])
def test_the_digest_of_another_page_stays(reserved, change):
    assert page_digests(changed(reserved, change))[1:] == page_digests(reserved)[1:]


def test_pages_in_another_order_give_other_digests(reserved):
    swapped = changed(reserved, lambda document: document.pages.reverse())
    assert page_digests(swapped) == page_digests(reserved)[::-1]


def test_an_object_graph_that_never_ends_is_refused(reserved):
    def nest(document: pikepdf.Pdf) -> None:
        inner = pikepdf.Array([])
        for _ in range(450):
            inner = pikepdf.Array([inner])
        document.pages[0].Resources.Deep = inner

    with pytest.raises(NotAPDF):
        page_digests(changed(reserved, nest))


def test_what_cannot_be_read_is_refused(reserved):
    with pytest.raises(NotAPDF):
        page_digests(reserved[:-100])
    encryption = pikepdf.Encryption(owner="o", user="", R=6)
    with pytest.raises(EncryptedPDF):
        page_digests(changed(reserved, lambda document: None, encryption=encryption))
