"""Pages before and after what changed since a signature, as pictures for people.

They inform and never decide (reserved-fields.md section 7). A revision is the file up to its
own end, so a page is drawn from the very bytes that a signature covers. Needs the extra
`pictures` (pypdfium2). PDFium keeps state of its own, hence the lock; a hostile file is best
drawn in a process apart, which can be ended.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from ctypes import byref, c_int
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2
from PIL import Image, ImageChops, ImageDraw
from pypdfium2.raw import FPDF_PageToDevice, FPDFBitmap_BGRA

from .appearance import Box
from .reading import History, read_history
from .report import Change, Report
from .views import Unreadable

MAX_WIDTH_PIXELS = 2_000
MAX_HEIGHT_TO_WIDTH = 5  # a longer page is drawn narrower
MAX_MARKS = 60
_CELL_PIXELS = 12
_LEAST_DIFFERENCE = 24  # of 255; less is how edges are smoothed
_NAMED, _SEEN = (200, 0, 0), (0, 70, 200)

# What PDFium refuses, and pages of no size.
_NOT_DRAWABLE = (pypdfium2.PdfiumError, IndexError, ValueError, ArithmeticError)

_pdfium = threading.Lock()


@dataclass(frozen=True)
class Mark:
    """A rectangle on a picture, in pixels from its top left.

    `is_named`: the report names a change there; else the two pictures merely differ there.
    """

    left: int
    top: int
    right: int
    bottom: int
    is_named: bool


@dataclass(frozen=True)
class Picture:
    """One page of one revision as PNG; page and revision count from 1."""

    page: int
    revision: int
    png: bytes
    marks: tuple[Mark, ...] = ()

    def marked(self) -> bytes:
        """The PNG with its marks drawn: thick and red what is named, thin and blue what differs."""
        picture = Image.open(io.BytesIO(self.png))
        pen = ImageDraw.Draw(picture)
        for mark in self.marks:
            colour, width = (_NAMED, 4) if mark.is_named else (_SEEN, 2)
            pen.rectangle(
                (mark.left, mark.top, mark.right, mark.bottom), outline=colour, width=width
            )
        return _png(picture)


@dataclass(frozen=True)
class PagePictures:
    """A page as a signature covers it, as it stands now, and the changes named on it.

    `before` is None for a page that was added, `after` for one that was removed.
    """

    before: Picture | None
    after: Picture | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Pictures:
    """What changed, page by page; `left_out` pages were beyond the limits or cannot be drawn."""

    pages: tuple[PagePictures, ...] = ()
    left_out: int = 0


@dataclass(frozen=True)
class Limits:
    """How much is drawn: pairs that are shown, and pages looked at to find them."""

    pages: int = 10
    pages_compared: int = 40


LIMITS = Limits()


def pictures_of_changes(
    pdf: bytes,
    report: Report,
    *,
    width_pixels: int = 900,
    limits: Limits = LIMITS,
    has_time: Callable[[], bool] = lambda: True,
) -> Pictures:
    """The pages concerned by the changes in the report of `assess`, each before and now.

    Shown are the changes that a signature does not allow; where there are none, those that are
    permitted. Before is the revision of the last signature ahead of a page's first change. A
    change that stands on no page has every page compared, and those are shown that differ. No
    page is begun once has_time says no. A file that does not read has no pictures, and no
    exception escapes because of what it holds.
    """
    try:
        history = read_history(pdf)
        pairs = list(_pairs(history, report))
    except Unreadable:
        return Pictures()
    drawn: list[PagePictures] = []
    begun = failed = 0
    with _pdfium, ExitStack() as opened:
        desk = _Desk(history, min(width_pixels, MAX_WIDTH_PIXELS), opened)
        for pair in pairs:
            is_over = len(drawn) >= limits.pages or begun >= limits.pages_compared
            if is_over or not has_time():
                break
            begun += 1
            try:
                found = _draw(desk, pair)
            except _NOT_DRAWABLE:
                failed += 1
                continue
            if pair.changes or _differ(found):
                drawn.append(found)
    return Pictures(tuple(drawn), len(pairs) - begun + failed)


@dataclass(frozen=True)
class _Pair:
    """A page to draw: its number in the revision before and now, counted from 1."""

    base: int
    before: int | None
    after: int | None
    changes: tuple[Change, ...]


def _pairs(history: History, report: Report) -> Iterator[_Pair]:
    """The pages to draw: those that changes name first, in their order, then the suspected."""
    signed = [one.revision for one in report.signatures if one.revision is not None]
    changes = report.changes_after_signing or report.permitted_changes
    based = [
        (max(earlier), change)
        for change in changes
        if (earlier := [one for one in signed if one < change.revision])
    ]
    if not based:
        return
    now = history.newest.pages
    named: set[int] = set()
    for number, at in now.items():
        here = [(base, each) for base, each in based if _is_on(each, at)]
        if here:
            named.add(number)
            base = min(base for base, _ in here)
            before = history.view(base).pages.get(number)
            yield _Pair(base, before, at, tuple(each for _, each in here))
    base = min(base for base, _ in based)
    former = history.view(base).pages
    for number, at in former.items():
        if number not in now:
            gone = (each for _, each in based if each.what == "page-removed" and each.page == at)
            yield _Pair(base, at, None, tuple(gone))
    if any(not each.places for each in report.changes_after_signing):
        for number, at in now.items():
            if number not in named:
                yield _Pair(base, former.get(number), at, ())


def _is_on(change: Change, page: int) -> bool:
    return any(place.page == page for place in change.places)


class _Desk:
    """Draws pages of revisions, each revision opened once."""

    def __init__(self, history: History, width_pixels: int, opened: ExitStack) -> None:
        self._history, self._width, self._opened = history, width_pixels, opened
        self._documents: dict[int, Any] = {}

    def page(self, revision: int, number: int) -> _Drawn:
        """One page of one revision, form fields drawn."""
        return _drawn(self._document(revision)[number - 1], self._width)

    def _document(self, revision: int) -> Any:
        if revision not in self._documents:
            end = self._history.revisions[revision - 1].end
            document = pypdfium2.PdfDocument(self._history.pdf[:end])
            self._documents[revision] = self._opened.enter_context(document)
            document.init_forms()
        return self._documents[revision]


@dataclass(frozen=True)
class _Drawn:
    """A drawn page, and how a rectangle in points becomes one in its pixels."""

    image: Image.Image
    pixels: Callable[[Box], tuple[int, int, int, int]]


def _drawn(page: Any, width_pixels: int) -> _Drawn:
    width, height = page.get_size()
    scale = width_pixels / max(width, height / MAX_HEIGHT_TO_WIDTH)
    # With an alpha channel pdfium leaves out the coloured fringes it gives to form fields.
    bitmap = page.render(scale=scale, force_bitmap_format=FPDFBitmap_BGRA)
    image = bitmap.to_pil().convert("RGB")

    def pixels(box: Box) -> tuple[int, int, int, int]:
        corners = [
            _to_device(page, image.size, x, y)
            for x, y in ((box.left, box.bottom), (box.right, box.top))
        ]
        (x0, y0), (x1, y1) = corners
        right, bottom = image.width - 1, image.height - 1
        return (
            max(0, min(x0, x1)),
            max(0, min(y0, y1)),
            min(right, max(x0, x1)),
            min(bottom, max(y0, y1)),
        )

    return _Drawn(image, pixels)


def _to_device(page: Any, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    """A point of the page's own space as a pixel; crop box and rotation counted in."""
    across, down = c_int(), c_int()
    FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, byref(across), byref(down))
    return across.value, down.value


def _draw(desk: _Desk, pair: _Pair) -> PagePictures:
    newest = len(desk._history.revisions)
    before = desk.page(pair.base, pair.before) if pair.before is not None else None
    after = desk.page(newest, pair.after) if pair.after is not None else None
    seen: tuple[Mark, ...] = ()
    if before is not None and after is not None:
        seen = tuple(_differing(before.image, after.image))
    boxes = [one.box for each in pair.changes for one in each.places if one.page == pair.after]
    pictures = [
        Picture(number, revision, _png(drawn.image), _marks(drawn, boxes, seen))
        if drawn is not None and number is not None
        else None
        for drawn, number, revision in (
            (before, pair.before, pair.base),
            (after, pair.after, newest),
        )
    ]
    return PagePictures(pictures[0], pictures[1], pair.changes)


def _marks(drawn: _Drawn, boxes: Iterable[Box], seen: tuple[Mark, ...]) -> tuple[Mark, ...]:
    named = [Mark(*drawn.pixels(box), is_named=True) for box in dict.fromkeys(boxes)]
    right, bottom = drawn.image.width - 1, drawn.image.height - 1
    within = [
        replace(one, right=min(one.right, right), bottom=min(one.bottom, bottom))
        for one in seen
        if one.left < right and one.top < bottom
    ]
    shown = [one for one in named if one.left <= one.right and one.top <= one.bottom]
    return (*shown[:MAX_MARKS], *within)


def _differ(found: PagePictures) -> bool:
    """Whether a page that no change names came, went or looks different."""
    if found.before is None or found.after is None:
        return True
    return any(not mark.is_named for mark in found.after.marks)


def _differing(before: Image.Image, after: Image.Image) -> Iterator[Mark]:
    """Where two pictures differ, as rectangles around what lies together."""
    size = max(before.width, after.width), max(before.height, after.height)
    difference = ImageChops.difference(_on_white(before, size), _on_white(after, size))
    red, green, blue = difference.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    differs = most.point([0] * _LEAST_DIFFERENCE + [255] * (256 - _LEAST_DIFFERENCE))
    cells = differs.reduce(_CELL_PIXELS)
    values = cells.tobytes()
    marked = {(at % cells.width, at // cells.width) for at, value in enumerate(values) if value}
    groups = list(_groups(marked))
    if len(groups) > MAX_MARKS:
        groups = [{cell for group in groups for cell in group}]
    for group in groups:
        across, down = [x for x, _ in group], [y for _, y in group]
        yield Mark(
            min(across) * _CELL_PIXELS,
            min(down) * _CELL_PIXELS,
            min((max(across) + 1) * _CELL_PIXELS, size[0]) - 1,
            min((max(down) + 1) * _CELL_PIXELS, size[1]) - 1,
            is_named=False,
        )


def _groups(cells: set[tuple[int, int]]) -> Iterator[set[tuple[int, int]]]:
    """The cells that touch one another, or leave one cell between them, together."""
    left = set(cells)
    while left:
        todo = [left.pop()]
        group = set(todo)
        while todo:
            x, y = todo.pop()
            near = {(x + i, y + j) for i in range(-2, 3) for j in range(-2, 3)} & left
            left -= near
            group |= near
            todo.extend(near)
        yield group


def _on_white(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    canvas = Image.new("RGB", size, "white")
    canvas.paste(image)
    return canvas


def _png(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()
