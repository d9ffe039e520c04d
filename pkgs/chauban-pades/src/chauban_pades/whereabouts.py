"""What part of a document an object plays, and where on its pages that part stands.

ISO 32000-1 clauses 7.7.2 (catalogue), 7.7.3 (pages), 7.8.3 (resources) and 12.5 (annotations).
Asked for changes only: to look through what every page shows costs more than to compare it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from math import isfinite
from typing import Any, NamedTuple

import pikepdf

from .appearance import Box
from .errors import NotAPDF
from .pages import inherited, visible_box
from .views import Field, View, kind, widgets, written

MAX_SPOTS = 20
PAGES_AFTER_THE_FIRST = 50
"""How many pages are looked through for more, once one is known to show a changed object."""

_CATALOG_PARTS = {
    "/AA": "action-changed",
    "/OpenAction": "action-changed",
    "/Names/JavaScript": "action-changed",
    "/AF": "attachments-changed",
    "/Collection": "attachments-changed",
    "/Names/EmbeddedFiles": "attachments-changed",
    "/OCProperties": "layers-changed",
    "/Lang": "structure-changed",
    "/MarkInfo": "structure-changed",
    "/StructTreeRoot": "structure-changed",
}
_STRUCTURE = ("/StructElem", "/StructTreeRoot")


class Spot(NamedTuple):
    """Where something shows: a page, by its object number, and a rectangle in its points."""

    page: int
    box: Box


class Part(NamedTuple):
    """What an object is to readers: a code of words.CHANGES, where it shows, of which field."""

    what: str
    spots: tuple[Spot, ...] = ()
    field: str | None = None
    detail: str = ""


def page_spots(view: View, page: int) -> tuple[Spot, ...]:
    """The whole of a page, by its object number."""
    try:
        return (Spot(page, visible_box(view.object(page))),)
    except (NotAPDF, TypeError, ValueError):  # a page tree that leads elsewhere has no sizes
        return ()


def annotation_spots(annotations: Iterable[Any], page: int) -> tuple[Spot, ...]:
    """Where annotations stand on a page, those without a rectangle left out."""
    boxes = (_rectangle(one) for one in annotations)
    return tuple(Spot(page, box) for box in islice((box for box in boxes if box), MAX_SPOTS))


def field_spots(view: View, field: Field) -> tuple[Spot, ...]:
    """Where the widgets of a field stand."""
    found: list[Spot] = []
    for number in widgets(field)[:MAX_SPOTS]:
        widget = view.object(number)
        found += (spot for page in _pages_of(view, number) for spot in _spots(widget, page))
    return tuple(found)


def changed_pages(old: View, new: View) -> Iterator[tuple[Part, int | None]]:
    """What became of the row of pages, each with the page's place in it, counted from 1."""
    before, after = list(old.pages), list(new.pages)
    added = [number for number in after if number not in old.pages]
    removed = [number for number in before if number not in new.pages]
    for number in added[:MAX_SPOTS]:
        yield Part("page-added", page_spots(new, number)), new.pages[number]
    for number in removed[:MAX_SPOTS]:
        yield Part("page-removed"), old.pages[number]
    kept = [number for number in after if number in old.pages]
    if kept != [number for number in before if number in new.pages]:
        yield Part("pages-reordered"), None
    elif not added and not removed:
        yield Part("pages-changed"), None


def catalog_part(key: str) -> Part:
    """What an entry of the catalogue is, by its key or path."""
    what = _CATALOG_PARTS.get(key, "catalog-changed")
    return Part(what, detail=key)


def part_of(view: View, number: int, now: Any) -> Part:
    """What the object of that number is to readers; now is what it became."""
    if kind(view.object(number)) == "/Pages" or kind(now) == "/Pages":
        return Part("pages-changed")
    pages = view.annotated.get(number)
    if pages:
        both = [one for one in (view.object(number), now) if isinstance(one, pikepdf.Dictionary)]
        spots = annotation_spots(both, pages[0])
        return Part("annotation-changed", tuple(dict.fromkeys(spots)))
    shown = _shown_part(view, number, _pages_showing(view, number))
    if shown is not None:
        return shown
    found = kind(view.object(number)) or kind(now)
    if found in _STRUCTURE:
        return Part("structure-changed")
    for key, value in _catalog_entries(view):
        if number in view.reached(value):
            return catalog_part(key)
    return Part("object-changed", detail=f"{number} {found}".strip())


def _pages_showing(view: View, number: int) -> list[int]:
    """The first page that shows an object, and others soon after it."""
    found: list[int] = []
    left = PAGES_AFTER_THE_FIRST
    for page in view.pages:
        if len(found) == MAX_SPOTS or left == 0:
            break
        left -= bool(found)
        if number in view.shown_on(page):
            found.append(page)
    return found


def _shown_part(view: View, number: int, pages: list[int]) -> Part | None:
    """What pages show of an object: themselves, or in their annotations; None: nothing.

    A signature's value leads to all of the document, and shows none of it.
    """
    own = [page for page in pages if number in view.drawn_on(page)]
    if own:
        spots = tuple(spot for page in own for spot in page_spots(view, page))
        return Part(_kind_of_content(view, number, own[0]), spots)
    spots, name = (), None
    for page in pages:
        for annotation in _dictionaries(_annotations(view, page)):
            if number in _reached_by_annotation(view, annotation):
                spots += annotation_spots([annotation], page)
                name = name or _field_of(view, annotation)
    if not spots:
        return None
    what = "annotation-changed" if name is None else "field-changed"
    return Part(what, spots[:MAX_SPOTS], name)


def _kind_of_content(view: View, number: int, page: int) -> str:
    value = view.object(number)
    if isinstance(value, pikepdf.Stream) and value.stream_dict.get("/Subtype") == "/Image":
        return "image-changed"
    resources = inherited(view.object(page), "/Resources")
    if isinstance(resources, pikepdf.Dictionary):
        others = [each for key, each in resources.items() if key != "/Font"]
        contents = view.object(page).get("/Contents")
        if number in view.reached(resources.get("/Font")):
            return (
                "page-content-changed"
                if number in view.reached(contents, *others)
                else "font-changed"
            )
    return "page-content-changed"


def _reached_by_annotation(view: View, annotation: Any) -> frozenset[int]:
    left_out = ("/Parent", "/P", "/V", "/StructParent")
    parts = [value for key, value in annotation.items() if key not in left_out]
    return view.reached(*parts)


def _catalog_entries(view: View) -> Iterator[tuple[str, Any]]:
    """The catalogue's entries by key; those of /Names by path, the more telling first."""
    root = view.pdf.Root
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        yield from ((f"/Names{key}", value) for key, value in names.items())
    yield from ((key, value) for key, value in root.items() if key != "/Pages")


def _annotations(view: View, page: int) -> list[Any]:
    listed = view.object(page).get("/Annots")
    return list(listed) if isinstance(listed, pikepdf.Array) else []


def _dictionaries(values: Iterable[Any]) -> Iterator[Any]:
    return (one for one in values if isinstance(one, pikepdf.Dictionary))


def _pages_of(view: View, widget: int) -> tuple[int, ...]:
    """The pages that list an annotation; the one that it names itself is looked at first."""
    value = view.object(widget)
    page = value.get("/P") if isinstance(value, pikepdf.Dictionary) else None
    number = page.objgen[0] if isinstance(page, pikepdf.Dictionary) else 0
    if number in view.pages and _is_listed(view, widget, number):
        return (number,)
    return view.annotated.get(widget, ())


def _is_listed(view: View, annotation: int, page: int) -> bool:
    wanted = b"%d 0 R" % annotation
    return any(written(one) == wanted for one in _annotations(view, page))


def _field_of(view: View, annotation: Any) -> str | None:
    number = annotation.objgen[0]
    found = (field.name for field in view.fields.values() if number in widgets(field))
    return next(found, None) if number else None


def _spots(annotation: Any, page: int) -> tuple[Spot, ...]:
    return annotation_spots([annotation], page)


def _rectangle(annotation: Any) -> Box | None:
    given = annotation.get("/Rect") if isinstance(annotation, pikepdf.Dictionary) else None
    if not isinstance(given, pikepdf.Array):
        return None
    try:
        x0, y0, x1, y1 = (float(each) for each in given)
    except (TypeError, ValueError, OverflowError):
        return None
    if not all(map(isfinite, (x0, y0, x1, y1))):
        return None
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
