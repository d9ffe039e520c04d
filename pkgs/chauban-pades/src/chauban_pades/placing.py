"""Where a signature stands on the page, as far as that tells what the file is.

Attachments and electronic copies bear the agency's signature at the top right of the first
page, in text without a picture (Nghị định 30/2020/NĐ-CP Phụ lục I mục II.8.b and cell 14).
"""

from __future__ import annotations

from typing import Any

import pikepdf

from .names import ATTACHMENT_SEAL
from .reading import View, kind, reached
from .report import DocumentStatus
from .signature_reading import Field

_COPY_WORDS = ("sao y", "sao lục", "trích sao")


def apart_from_letter(view: View, field: Field) -> DocumentStatus | None:
    """ATTACHMENT or ELECTRONIC_COPY when the agency's only signature says so, else None.

    The signature's /Reason tells a copy from an attachment.
    """
    if not field.name.startswith(ATTACHMENT_SEAL) and not _stands_top_right(view, field):
        return None
    given = str(field.value.get("/Reason", "")).casefold()
    if any(word in given for word in _COPY_WORDS):
        return DocumentStatus.ELECTRONIC_COPY
    return DocumentStatus.ATTACHMENT


def _stands_top_right(view: View, field: Field) -> bool:
    page = view.pdf.pages[0].obj
    annotations = page.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return False
    numbers = {one.objgen[0] for one in annotations if isinstance(one, pikepdf.Dictionary)}
    if field.number not in numbers or "/Rect" not in field.dictionary:
        return False
    left, bottom, right, top = _box(view.pdf.pages[0].mediabox)
    x0, y0, x1, y1 = _box(field.dictionary["/Rect"])
    is_top_right = (x0 + x1) / 2 > (left + right) / 2 and min(y0, y1) > bottom + 0.75 * (
        top - bottom
    )
    has_area = x0 != x1 and y0 != y1
    return is_top_right and has_area and not _shows_picture(view, field.dictionary.get("/AP"))


def _box(array: Any) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(number) for number in array)
    return x0, y0, x1, y1


def _shows_picture(view: View, appearance: Any) -> bool:
    return any(
        kind(value) == "/XObject" and value.stream_dict.get("/Subtype") == "/Image"
        for value in map(view.object, reached(view, appearance))
        if isinstance(value, pikepdf.Stream)
    )
