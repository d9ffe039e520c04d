"""Places for fields on an uploaded PDF, in millimetres from the top left of what is shown."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from chauban_docform.errors import NotAPDF, PlaceOutsidePage, PlaceUnknown
from chauban_docform.marking import Place, mark_places

Read = Callable[[bytes], Any]
MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)


def an_upload(**entries: Any) -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page(page_size=A4)
    for key, value in entries.items():
        page.obj[f"/{key}"] = value
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def rectangle(pdf: bytes) -> list[float]:
    with pikepdf.open(BytesIO(pdf)) as document:
        return [float(it) / MM for it in document.pages[0].obj.Annots[0].Rect]


def test_places_become_links_in_the_order_given(fields_of: Read) -> None:
    places = [
        Place("number", 1, 40, 30, 12, 5),
        Place("day", 1, 130, 30, 6, 5),
        Place("signatory-1", 1, 120, 200, 50, 24),
        Place("seal-12", 1, 90, 195, 36, 36),
    ]
    fields = fields_of(mark_places(an_upload(), places))
    assert [it.name for it in fields] == [it.name for it in places]
    assert (fields[3].width_mm, fields[3].height_mm) == pytest.approx((36, 36), abs=0.01)


@pytest.mark.parametrize(
    ("rotation", "expected"),
    [
        (0, (20, 297 - 30 - 5, 32, 297 - 30)),
        (90, (30, 20, 35, 32)),
        (180, (210 - 32, 30, 210 - 20, 35)),
        (270, (210 - 35, 297 - 32, 210 - 30, 297 - 20)),
    ],
)
def test_a_place_follows_the_page_s_rotation(
    rotation: int, expected: tuple[float, float, float, float]
) -> None:
    pdf = mark_places(an_upload(Rotate=rotation), [Place("number", 1, 20, 30, 12, 5)])
    assert rectangle(pdf) == pytest.approx(expected, abs=0.01)


def test_a_place_is_measured_from_the_crop_box() -> None:
    box = pikepdf.Array([10 * MM, 10 * MM, 200 * MM, 287 * MM])
    pdf = mark_places(an_upload(CropBox=box), [Place("number", 1, 20, 30, 12, 5)])
    assert rectangle(pdf) == pytest.approx((30, 252, 42, 257), abs=0.01)


@pytest.mark.parametrize("name", ["", "Number", "signatory", "signatory-0", "seal-1 ", "khac"])
def test_a_name_that_no_field_has_is_refused(name: str) -> None:
    with pytest.raises(PlaceUnknown) as refused:
        mark_places(an_upload(), [Place(name, 1, 20, 30, 12, 5)])
    assert refused.value.name == name


def test_a_place_given_twice_is_refused() -> None:
    with pytest.raises(PlaceUnknown):
        mark_places(an_upload(), [Place("number", 1, 20, 30, 12, 5)] * 2)


@pytest.mark.parametrize(
    "place",
    [
        Place("number", 2, 20, 30, 12, 5),
        Place("number", 0, 20, 30, 12, 5),
        Place("number", 1, 199, 30, 12, 5),
        Place("number", 1, 20, 293, 12, 5),
        Place("number", 1, -1, 30, 12, 5),
        Place("number", 1, 20, 30, 0, 5),
    ],
)
def test_a_place_off_the_page_is_refused(place: Place) -> None:
    assert mark_places(an_upload(), [Place("number", 1, 20, 30, 12, 5)])
    with pytest.raises(PlaceOutsidePage):
        mark_places(an_upload(), [place])


def test_what_is_no_pdf_is_refused() -> None:
    with pytest.raises(NotAPDF):
        mark_places(b"khong phai PDF", [])
