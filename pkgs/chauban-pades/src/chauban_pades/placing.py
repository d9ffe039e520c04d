"""Where a signature stands on the page, as far as that tells what the file is.

Attachments and electronic copies bear the agency's signature at the top right of the first
page, in text without a picture (Nghị định 30/2020/NĐ-CP Phụ lục I mục II.8.b and cell 14).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pikepdf

from .names import ATTACHMENT_SEAL
from .pages import four_numbers
from .report import DocumentStatus
from .views import Field, View, kind

_COPY_WORDS = ("sao y", "sao lục", "trích sao")


def apart_from_letter(
    field: str, *, stated_reason: str, is_marginal: bool
) -> DocumentStatus | None:
    """ATTACHMENT or ELECTRONIC_COPY when the agency's only signature says so, else None.

    Our own attachments are known by the field's name, others by the signature's place. The
    signature's /Reason tells a copy from an attachment.
    """
    if not field.startswith(ATTACHMENT_SEAL) and not is_marginal:
        return None
    if any(word in stated_reason.casefold() for word in _COPY_WORDS):
        return DocumentStatus.ELECTRONIC_COPY
    return DocumentStatus.ATTACHMENT


def is_top_right(rectangle: Iterable[Any], page: Iterable[Any]) -> bool:
    """Whether a rectangle with area lies in the right half of a page's top quarter."""
    place, paper = four_numbers(rectangle), four_numbers(page)
    if place is None or paper is None:
        return False
    (x0, y0, x1, y1), (left, bottom, right, top) = place, paper
    has_area = x0 != x1 and y0 != y1
    is_right = x0 + x1 > left + right
    return has_area and is_right and min(y0, y1) > bottom + 0.75 * (top - bottom)


def is_marginal(view: View, field: Field) -> bool:
    """Whether a signature stands at the top right of page 1 and shows no picture."""
    page = view.pdf.pages[0]
    annotations = page.obj.get("/Annots")
    widget = field.dictionary
    if not isinstance(annotations, pikepdf.Array) or "/Rect" not in widget:
        return False
    if field.number not in {one.objgen[0] for one in annotations if "/Rect" in one}:
        return False
    return is_top_right(widget["/Rect"], page.mediabox) and not _shows_picture(view, widget)


def _shows_picture(view: View, widget: Any) -> bool:
    return any(
        kind(value) == "/XObject" and value.stream_dict.get("/Subtype") == "/Image"
        for value in map(view.object, view.reached(widget.get("/AP")))
        if isinstance(value, pikepdf.Stream)
    )
