"""Places for fields on a PDF that was not typeset here: the drafter says where they are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf

from chauban_docform.errors import PlaceOutsidePage, PlaceUnknown
from chauban_docform.normalising import opened, saved

PLACE_NAME = re.compile(r"number|day|month|year|(?:signatory|seal)-[1-9][0-9]?")
POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Place:
    """Where a field goes: millimetres from the top left corner of the page as it is shown."""

    name: str
    page_number: int
    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float


def mark_places(pdf: bytes, places: Sequence[Place]) -> bytes:
    """Return a normalised upload with a link to `field:NAME` at each place.

    Raises:
        PlaceUnknown: a name is not one of number, day, month, year, signatory-N, seal-N, or stands
            twice.
        PlaceOutsidePage: a place does not lie wholly on its page, or there is no such page.
        NotAPDF, EncryptedPDF: the file cannot be read.
    """
    with opened(pdf) as document:
        marked: set[str] = set()
        for place in places:
            if not PLACE_NAME.fullmatch(place.name) or place.name in marked:
                raise PlaceUnknown(place.name)
            marked.add(place.name)
            add_link(document, place)
        return saved(document)


def add_link(document: pikepdf.Pdf, place: Place) -> None:
    if not 1 <= place.page_number <= len(document.pages):
        raise PlaceOutsidePage(place.name, place.page_number)
    page = document.pages[place.page_number - 1]
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=pikepdf.Array([round(it, 3) for it in rectangle(page, place)]),
        Border=pikepdf.Array([0, 0, 0]),
        F=4,
        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(f"field:{place.name}")),
    )
    if "/Annots" not in page.obj:
        page.obj.Annots = pikepdf.Array()
    page.obj.Annots.append(document.make_indirect(link))


def rectangle(page: pikepdf.Page, place: Place) -> tuple[float, float, float, float]:
    """Return a place in the page's user space; the page's rotation turns what is shown."""
    left, bottom, right, top = (float(it) for it in page.cropbox)
    width, height = right - left, top - bottom
    x, y = place.left_mm * POINTS_PER_MM, place.top_mm * POINTS_PER_MM
    x_end, y_end = x + place.width_mm * POINTS_PER_MM, y + place.height_mm * POINTS_PER_MM
    rotation = int(page.obj.get("/Rotate", 0)) % 360
    shown_width, shown_height = (height, width) if rotation in (90, 270) else (width, height)
    if not (0 <= x < x_end <= shown_width and 0 <= y < y_end <= shown_height):
        raise PlaceOutsidePage(place.name, place.page_number)
    corners = {
        0: (x, height - y_end, x_end, height - y),
        90: (y, x, y_end, x_end),
        180: (width - x_end, y, width - x, y_end),
        270: (width - y_end, height - x_end, width - y, height - x),
    }[rotation]
    return (corners[0] + left, corners[1] + bottom, corners[2] + left, corners[3] + bottom)
