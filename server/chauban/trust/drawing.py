"""A signed file's changes with pictures of their pages, drawn in the process that reads it.

Knows neither settings nor database, so that `blobs.inspection.in_child` can ask for it.
"""

import io
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from PIL import Image

from chauban_pades import Change, Report, assess
from chauban_pades.pictures import Limits, Mark, Picture, pictures_of_changes
from chauban_pki.trust import Trust

WIDTH_PIXELS = 800
DRAW_SECONDS = 12  # no page is begun later
LIMITS = Limits(pages=6, pages_compared=30)
COLOURS = 128  # enough to read by; a scanned page would weigh megabytes


@dataclass(frozen=True)
class DrawnPicture:
    """One page of one revision, its marks drawn; both count from 1."""

    page: int
    revision: int
    png: bytes
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class DrawnPage:
    """A page as it was signed and as it is; None where it was added, or removed."""

    before: DrawnPicture | None
    after: DrawnPicture | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Drawing:
    """The report on a file, and its changed pages; `left_out` were too many or not drawable."""

    report: Report
    pages: tuple[DrawnPage, ...]
    left_out: int


def draw_changes(pdf: bytes, *, trust: Trust, at: datetime) -> Drawing:
    """The changes after the signatures of a PDF, page by page; nobody is asked anything."""
    ends_at = monotonic() + DRAW_SECONDS
    report = assess(pdf, trust=trust, at=at)
    found = pictures_of_changes(
        pdf,
        report,
        width_pixels=WIDTH_PIXELS,
        limits=LIMITS,
        has_time=lambda: monotonic() < ends_at,
    )
    pages = (DrawnPage(_drawn(one.before), _drawn(one.after), one.changes) for one in found.pages)
    return Drawing(report, tuple(pages), found.left_out)


def _drawn(picture: Picture | None) -> DrawnPicture | None:
    if picture is None:
        return None
    small = Image.open(io.BytesIO(picture.marked())).quantize(COLOURS)
    written = io.BytesIO()
    small.save(written, "PNG")
    return DrawnPicture(picture.page, picture.revision, written.getvalue(), picture.marks)
