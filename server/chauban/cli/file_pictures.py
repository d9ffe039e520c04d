"""`chauban verify --pictures DIR`: the pages that changed since a signature, as PNG files."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from chauban.blobs.inspection import InspectionFailed, in_child
from chauban.cli import file_acts
from chauban.trust.drawing import Drawing, DrawnPage, DrawnPicture, draw_changes
from chauban_pki.trust import Trust

SECONDS = 30


def write_pictures(
    files: Sequence[Path], folder: Path, *, trust: Trust, at: datetime
) -> dict[Path, dict[str, Any]]:
    """What the pictures of each file's changes are, by file; the folder is made where missing.

    A picture is named after its file, page and revision. Drawn in a process apart, with limits;
    a file that cannot be drawn has none, and says so by `pictures_left_out` None.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = [path.name for path in files]
    found: dict[Path, dict[str, Any]] = {}
    for number, path in enumerate(files, start=1):
        name = path.name if names.count(path.name) == 1 else f"{number}-{path.name}"
        found[path] = _written(_drawing(path, trust, at), folder / name)
    return found


def _drawing(path: Path, trust: Trust, at: datetime) -> Drawing | None:
    if not file_acts.is_pdf(path):
        return None
    try:
        work = partial(draw_changes, path.read_bytes(), trust=trust, at=at)
        return in_child(work, seconds=SECONDS)
    except InspectionFailed:
        return None


def _written(drawing: Drawing | None, stem: Path) -> dict[str, Any]:
    if drawing is None:
        return {"pictures": [], "pictures_left_out": None}
    pages = [_page(page, stem) for page in drawing.pages]
    return {"pictures": pages, "pictures_left_out": drawing.left_out}


def _page(page: DrawnPage, stem: Path) -> dict[str, Any]:
    return {
        "before": _picture(page.before, stem),
        "after": _picture(page.after, stem),
        "changes": [change.as_dict() for change in page.changes],
    }


def _picture(picture: DrawnPicture | None, stem: Path) -> dict[str, Any] | None:
    if picture is None:
        return None
    file = stem.with_name(f"{stem.name}-page-{picture.page}-revision-{picture.revision}.png")
    file.write_bytes(picture.png)
    return {
        "file": str(file),
        "page": picture.page,
        "revision": picture.revision,
        "marks": [
            {
                "rectangle": [mark.left, mark.top, mark.right, mark.bottom],
                "is_named": mark.is_named,
            }
            for mark in picture.marks
        ],
    }
