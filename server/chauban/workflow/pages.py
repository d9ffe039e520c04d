"""Pages of a PDF as pictures and text. pdfium keeps global state, hence the lock."""

import io
import threading

import pypdfium2

_pdfium = threading.Lock()


def page_amount(pdf: bytes) -> int:
    with _pdfium, pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def first_page_text(pdf: bytes) -> str:
    with _pdfium, pypdfium2.PdfDocument(pdf) as document:
        return document[0].get_textpage().get_text_bounded()


def page_picture(pdf: bytes, number: int, *, width_pixels: int) -> bytes:
    """Return page number (counted from 1) as PNG, as wide as asked, form fields drawn.

    Raises:
        IndexError: there is no such page.
    """
    with _pdfium, pypdfium2.PdfDocument(pdf) as document:
        if not 1 <= number <= len(document):
            raise IndexError(number)
        document.init_forms()
        page = document[number - 1]
        picture = page.render(scale=width_pixels / page.get_width()).to_pil()
    kept = io.BytesIO()
    picture.save(kept, "PNG", optimize=False)
    return kept.getvalue()
