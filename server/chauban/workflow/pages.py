"""Pages of a PDF as pictures and text. pdfium keeps global state, hence the lock."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pypdfium2
from pypdfium2.raw import FPDFBitmap_BGRA

from chauban.blobs.inspection import InspectionFailed, in_child
from chauban.workflow.errors import PagesUnreadable
from chauban_docform.normalising import normalise_upload

MAX_HEIGHT_TO_WIDTH = 5  # a longer page is drawn narrower
READ_SECONDS = 20

Result = TypeVar("Result")
_pdfium = threading.Lock()


def apart(work: Callable[[], Result]) -> Result:
    """What work reads of a foreign PDF, in a process of its own with limits.

    Raises:
        PagesUnreadable: also when reading ran out of time or memory, or broke.
        IndexError: as work does.
    """
    try:
        return in_child(work, seconds=READ_SECONDS, passing=(PagesUnreadable, IndexError))
    except InspectionFailed as failed:
        raise PagesUnreadable(failed.reason) from failed


@contextmanager
def _opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        with _pdfium, pypdfium2.PdfDocument(pdf) as document:
            yield document
    except pypdfium2.PdfiumError as error:
        raise PagesUnreadable(str(error)) from error


def page_amount(pdf: bytes) -> int:
    """Return the number of pages. Raises: PagesUnreadable."""
    with _opened(pdf) as document:
        return len(document)


def first_page_text(pdf: bytes) -> str:
    """Return the text of page 1. Raises: PagesUnreadable."""
    with _opened(pdf) as document:
        return document[0].get_textpage().get_text_bounded()


def normalised(pdf: bytes, *, limit_bytes: int) -> tuple[bytes, str]:
    """Return an uploaded PDF rewritten, and the text of its first page.

    Raises: UploadError, PagesUnreadable.
    """
    rewritten = normalise_upload(pdf, limit_bytes=limit_bytes)
    return rewritten, first_page_text(rewritten)


def page_picture(pdf: bytes, number: int, *, width_pixels: int) -> bytes:
    """Return page number (counted from 1) as PNG, as wide as asked, form fields drawn.

    Raises:
        IndexError: there is no such page.
        PagesUnreadable: the file cannot be drawn.
    """
    with _opened(pdf) as document:
        if not 1 <= number <= len(document):
            raise IndexError(number)
        document.init_forms()
        page = document[number - 1]
        width, height = page.get_size()
        longest = max(width, height / MAX_HEIGHT_TO_WIDTH)
        # With an alpha channel pdfium leaves out the coloured fringes it gives to form fields.
        drawn = page.render(scale=width_pixels / longest, force_bitmap_format=FPDFBitmap_BGRA)
        picture = drawn.to_pil()
    kept = io.BytesIO()
    picture.convert("RGB").save(kept, "PNG", optimize=False)
    return kept.getvalue()
