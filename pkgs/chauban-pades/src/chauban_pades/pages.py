"""Page attributes that a page may inherit from the page tree (ISO 32000-1 clause 7.7.3.4)."""

from typing import Any

import pikepdf

from .appearance import Box
from .errors import NotAPDF

_MAX_TREE_HEIGHT = 64


def inherited(page: pikepdf.Object, key: str) -> pikepdf.Object | None:
    """The attribute from the page or the nearest node above it, or None."""
    node: pikepdf.Object | None = page
    for _ in range(_MAX_TREE_HEIGHT):
        if node is None or key in node:
            break
        node = node.get("/Parent")
    return None if node is None else node.get(key)


def rotation_of(page: pikepdf.Object) -> int:
    """How far the page is turned clockwise when shown: 0, 90, 180 or 270 degrees."""
    rotation = inherited(page, "/Rotate")
    return round(float(rotation or 0) / 90) % 4 * 90


def visible_box(page: pikepdf.Object) -> Box:
    """What is shown of the page: the crop box within the media box, in points.

    Raises:
        NotAPDF: the page has no size.
    """
    media = inherited(page, "/MediaBox")
    if media is None:
        raise NotAPDF("a page without size")
    outer = _box(media)
    crop = inherited(page, "/CropBox")
    inner = outer if crop is None else _box(crop)
    shown = Box(
        max(outer.left, inner.left),
        max(outer.bottom, inner.bottom),
        min(outer.right, inner.right),
        min(outer.top, inner.top),
    )
    return shown if shown.width > 0 and shown.height > 0 else outer


def four_numbers(rectangle: Any) -> tuple[float, float, float, float] | None:
    """The numbers of a rectangle, None for whatever is none (clause 7.9.5)."""
    try:
        x0, y0, x1, y1 = (float(each) for each in rectangle)
    except (TypeError, ValueError):
        return None
    return x0, y0, x1, y1


def _box(rectangle: pikepdf.Object) -> Box:
    numbers = four_numbers(rectangle)
    if numbers is None:
        raise NotAPDF("a page with a broken size")
    x0, y0, x1, y1 = numbers
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
