"""What changed since a signature, as pictures: before is what was signed, after what is there.

Issue 3, Verification; the renderer's word informs and never decides (reserved-fields.md 7).
"""

import importlib
import io
import sys
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops
from pypdfium2.raw import FPDFBitmap_BGRA

from chauban_pades import Report, assess, pictures, reserve, sign
from chauban_pades.pictures import Limits, Mark, PagePictures, pictures_of_changes
from chauban_pki.credentials import KeyCredential
from chauban_pki.timestamps import Timestamper
from chauban_pki.trust import Trust

VECTORS = Path(__file__).parents[3] / "vectors" / "pades"
sys.path.insert(0, str(VECTORS))
attacks: ModuleType = importlib.import_module("attacks")
tools: ModuleType = importlib.import_module("attacks.revising")
sys.path.remove(str(VECTORS))

WIDTH = 600


def rendering(pdf: bytes, page: int) -> Image.Image:
    """The page drawn from a file of its own."""
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        sheet = document[page - 1]
        scale = WIDTH / sheet.get_size()[0]
        drawn = sheet.render(scale=scale, force_bitmap_format=FPDFBitmap_BGRA)
        return drawn.to_pil().convert("RGB")


def image(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def differences(before: Image.Image, after: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(before, after).getbbox()


def is_within(box: tuple[int, int, int, int], mark: Mark) -> bool:
    left, top, right, bottom = box
    return (
        mark.left <= left
        and mark.top <= top
        and right - 1 <= mark.right
        and bottom - 1 <= mark.bottom
    )


class Asked:
    """A file, its report and its pictures."""

    def __init__(self, pdf: bytes, trust: Trust, now: datetime) -> None:
        self.pdf = pdf
        self.report: Report = assess(pdf, trust=trust, at=now)
        self.pictures = pictures_of_changes(pdf, self.report, width_pixels=WIDTH)

    def page(self) -> PagePictures:
        [only] = self.pictures.pages
        return only


def test_a_number_filled_is_shown_although_it_is_permitted(
    signed: bytes, sealed: bytes, trust: Trust, now: datetime
) -> None:
    asked = Asked(sealed, trust, now)
    assert asked.report.changes_after_signing == ()
    first, second = asked.pictures.pages
    assert [one.what for one in first.changes] == ["field-filled"] * 4
    assert (first.before.revision, first.after.revision) == (2, 3)
    assert differences(image(first.before.png), rendering(signed, 1)) is None
    assert differences(image(first.after.png), rendering(sealed, 1)) is None
    assert [one.field for one in second.changes] == ["seal-1"]
    box = differences(image(second.before.png), image(second.after.png))
    assert box is not None
    assert is_within(box, next(mark for mark in second.after.marks if mark.is_named))


def covering(pdf: bytes) -> bytes:
    """A white annotation over the text of page 1, as the evil annotation attack has it."""
    page, number = tools.page(pdf), tools.free_number(pdf)
    listed = bytes(page.Annots.unparse(resolved=True)).rstrip().removesuffix(b"]")
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 228 100]"
    white = b"<< /Type /Annot /Subtype /Square /F 4 /Rect [72 600 300 700] /AP << /N %d 0 R >> >>"
    return bytes(
        tools.appended(
            pdf,
            {
                page.objgen[0]: tools.with_entry(page, "/Annots", listed + b" %d 0 R ]" % number),
                number: white % (number + 1),
                number + 1: tools.stream(b"1 g 0 0 228 100 re f", form),
            },
        )
    )


def test_an_annotation_that_covers_text_shows_what_it_covers(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    asked = Asked(covering(sealed_lt), trust, now)
    found = asked.page()
    assert asked.report.document == "altered"
    assert [one.what for one in found.changes] == ["annotation-added"]
    # The seal's revision, which the last signature covers, alone.
    assert found.before.revision == 3
    sealed = sealed_lt[: sealed_lt.rindex(b"%%EOF", 0, sealed_lt.rindex(b"startxref")) + 6]
    assert differences(image(found.before.png), rendering(sealed, 1)) is None
    box = differences(image(found.before.png), image(found.after.png))
    [named] = [mark for mark in found.after.marks if mark.is_named]
    assert box is not None
    assert is_within(box, named)
    seen = [mark for mark in found.after.marks if not mark.is_named]
    assert min(mark.left for mark in seen) >= named.left - 12
    assert max(mark.bottom for mark in seen) <= named.bottom + 12


def test_replaced_content_is_shown_where_the_pixels_differ(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    changed = {tools.contents_number(sealed_lt): tools.stream(tools.DRAWN)}
    asked = Asked(tools.appended(sealed_lt, changed), trust, now)
    found = asked.page()
    assert [one.what for one in found.changes] == ["page-content-changed"]
    assert differences(image(found.before.png), rendering(sealed_lt, 1)) is None
    after = rendering(asked.pdf, 1)
    assert differences(image(found.after.png), after) is None
    box = differences(image(found.before.png), image(found.after.png))
    assert box is not None
    seen = [mark for mark in found.after.marks if not mark.is_named]
    around = Mark(
        min(mark.left for mark in seen),
        min(mark.top for mark in seen),
        max(mark.right for mark in seen),
        max(mark.bottom for mark in seen),
        is_named=False,
    )
    assert is_within(box, around)


def test_an_inserted_page_has_no_picture_before_and_the_others_keep_theirs(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    tree, number = tools.opened(sealed_lt).Root.Pages, tools.free_number(sealed_lt)
    kids = b"[ %d 0 R %b" % (number, bytes(tree.Kids.unparse()).lstrip().removeprefix(b"["))
    body = tools.with_entry(tree, "/Kids", kids).replace(b"/Count 2", b"/Count 3")
    blank = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] >>" % tree.objgen[0]
    asked = Asked(tools.appended(sealed_lt, {tree.objgen[0]: body, number: blank}), trust, now)
    found = asked.page()
    assert found.before is None
    assert (found.after.page, [one.what for one in found.changes]) == (1, ["page-added"])


def test_a_removed_page_has_no_picture_after(sealed_lt: bytes, trust: Trust, now: datetime) -> None:
    tree = tools.opened(sealed_lt).Root.Pages
    body = tools.with_entry(tree, "/Kids", b"[ %b ]" % bytes(tree.Kids[0].unparse()))
    shorter = {tree.objgen[0]: body.replace(b"/Count 2", b"/Count 1")}
    found = Asked(tools.appended(sealed_lt, shorter), trust, now).page()
    assert found.after is None
    assert found.before.page == 2
    assert differences(image(found.before.png), rendering(sealed_lt, 2)) is None


def test_a_change_that_names_no_page_is_found_by_its_pixels(
    typeset: Any, signatory: KeyCredential, timestamp: Timestamper, trust: Trust, now: datetime
) -> None:
    """A layer hidden by the catalogue alone (shadow attack): the report says only "layers"."""
    pdf = tools.opened(reserve(typeset()))
    layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="L"))
    first = pdf.pages[0]
    first.obj.Resources.Properties = pikepdf.Dictionary(L=layer)
    first.contents_add(b"/OC /L BDC 1 0 0 rg 100 100 200 200 re f EMC")
    shown = pikepdf.Dictionary(OCGs=[layer], D=pikepdf.Dictionary(ON=[layer]))
    pdf.Root.OCProperties = shown
    signed = sign(
        tools.saved(pdf),
        field="signatory-1",
        credential=signatory,
        timestamp=timestamp,
        now=now,
    )
    root = tools.opened(signed).Root
    number = root.OCProperties.OCGs[0].objgen[0]
    hidden = b"<< /OCGs [ %d 0 R ] /D << /OFF [ %d 0 R ] >> >>" % (number, number)
    changed = {root.objgen[0]: tools.with_entry(root, "/OCProperties", hidden)}
    asked = Asked(tools.appended(signed, changed), trust, now)
    [change] = asked.report.changes_after_signing
    assert (change.what, change.page) == ("layers-changed", None)
    found = asked.page()
    assert found.after.page == 1
    box = differences(image(found.before.png), image(found.after.png))
    [seen] = found.after.marks
    assert box is not None
    assert is_within(box, seen)


def test_marks_are_drawn_on_a_copy(sealed_lt: bytes, trust: Trust, now: datetime) -> None:
    after = Asked(covering(sealed_lt), trust, now).page().after
    assert differences(image(after.png), image(after.marked())) is not None
    [named] = [mark for mark in after.marks if mark.is_named]
    assert image(after.marked()).getpixel((named.left + 1, named.top + 1)) == (200, 0, 0)


def test_a_turned_and_cropped_page_is_marked_where_it_shows(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    page = tools.page(sealed_lt)
    turned = tools.appended(
        sealed_lt,
        {page.objgen[0]: tools.with_entry(page, "/Rotate", b"90 /CropBox [50 50 500 800]")},
    )
    asked = Asked(covering(turned), trust, now)
    [found] = asked.pictures.pages
    annotation = next(one for one in found.changes if one.what == "annotation-added")
    [place] = annotation.places
    # Turned by 90° clockwise, x runs down and y runs right from the crop box's corner.
    scale = WIDTH / 750
    box = place.box
    expected = [(box.bottom - 50), (box.left - 50), (box.top - 50), (box.right - 50)]
    marks = [(mark.left, mark.top, mark.right, mark.bottom) for mark in found.after.marks]
    assert any(
        all(abs(is_ - want * scale) <= 2 for is_, want in zip(mark, expected, strict=True))
        for mark in marks
    )


def test_limits_leave_pages_out_and_say_so(sealed: bytes, trust: Trust, now: datetime) -> None:
    report = assess(sealed, trust=trust, at=now)
    one = pictures_of_changes(sealed, report, width_pixels=100, limits=Limits(pages=1))
    assert (len(one.pages), one.left_out) == (1, 1)
    late = pictures_of_changes(sealed, report, width_pixels=100, has_time=lambda: False)
    assert (late.pages, late.left_out) == ((), 2)


def test_pictures_are_no_wider_than_the_limit(sealed: bytes, trust: Trust, now: datetime) -> None:
    report = assess(sealed, trust=trust, at=now)
    found = pictures_of_changes(
        sealed, report, width_pixels=pictures.MAX_WIDTH_PIXELS * 10, limits=Limits(pages=1)
    )
    assert image(found.pages[0].after.png).width <= pictures.MAX_WIDTH_PIXELS


def test_a_file_that_does_not_read_has_no_pictures(
    sealed: bytes, trust: Trust, now: datetime
) -> None:
    report = assess(sealed, trust=trust, at=now)
    assert pictures_of_changes(b"%PDF-1.7 no", report) == pictures.Pictures()


def test_a_page_that_pdfium_cannot_draw_is_left_out(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    """Here the tree counts two pages and lists three."""
    tree, number = tools.opened(sealed_lt).Root.Pages, tools.free_number(sealed_lt)
    kids = bytes(tree.Kids.unparse()).rstrip().removesuffix(b"]") + b" %d 0 R ]" % number
    blank = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] >>" % tree.objgen[0]
    added = {tree.objgen[0]: tools.with_entry(tree, "/Kids", kids), number: blank}
    found = Asked(tools.appended(sealed_lt, added), trust, now)
    assert [one.what for one in found.report.changes_after_signing] == ["page-added"]
    assert (found.pictures.pages, found.pictures.left_out) == ((), 1)


def test_a_page_of_no_size_is_no_error(sealed_lt: bytes, trust: Trust, now: datetime) -> None:
    page = tools.page(sealed_lt)
    flat = {page.objgen[0]: tools.with_entry(page, "/MediaBox", b"[0 0 0 0]")}
    asked = Asked(tools.appended(sealed_lt, flat), trust, now)
    assert [one.what for one in asked.report.changes_after_signing] == ["page-changed"]
    assert len(asked.pictures.pages) + asked.pictures.left_out == 1


@pytest.mark.parametrize(
    "name", [name for name, each in attacks.ATTACKS.items() if each.document == "altered"]
)
def test_an_attack_that_alters_is_shown_in_pictures(
    name: str, shop: Any, trust: Trust, now: datetime
) -> None:
    pdf = attacks.ATTACKS[name].make(shop)
    report = assess(pdf, trust=trust, at=now)
    found = pictures_of_changes(pdf, report, width_pixels=200)
    on_pages = [one for one in report.changes_after_signing if one.page is not None]
    assert bool(found.pages or found.left_out) >= bool(on_pages)
    assert all(one.before or one.after for one in found.pages)
