"""Number, date, signature and seal in the programs that people read PDFs with.

Each is asked alike, before filling, after signing, after filling and sealing: for the text, for
the picture on the screen, for what comes out of a printer. The results are a table of
docs/validators.md, written by `pytest tests/test_viewers.py --write-validators FILE`.

PDFium is Chrome's and Edge's, pdf.js Firefox's and our own pages', poppler that of Linux desktops
(Evince, Okular), MuPDF that of SumatraPDF. MuPDF is AGPL and so run as a program, never imported.
"""

import base64
import io
import json
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ctypes import byref, c_double
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page, sync_playwright

SCALE = 1
"""Pixels per point in every picture."""
ROW_POINTS = 4
"""Pieces of text whose lines stand no further apart are of one row."""
DOCS = Path(__file__).resolve().parents[3] / "docs" / "validators.md"
PDFJS = Path(__file__).resolve().parents[3] / "server/chauban/ui/static/vendor/pdfjs-dist@6.5.438"
MUPDF_TEXT = Path(__file__).with_name("mupdf_text.js")
VIEWER_PAGE = Path(__file__).with_name("pdfjs_viewer.html")


class Piece(NamedTuple):
    """A piece of text and where it begins, in points from the page's lower left corner."""

    text: str
    x: float
    y: float


class Viewer(Protocol):
    """`can_print`: whether it can be asked for what comes out of a printer.

    `heeds_print_flag`: whether it then leaves out what is not to be printed.
    """

    name: str
    can_print: bool
    heeds_print_flag: bool

    def text(self, pdf: bytes) -> str:
        """Page 1 as its reader would copy it, without any space."""

    def picture(self, pdf: bytes, *, page: int, printed: bool) -> Image.Image:
        """A page, counted from 1, in RGB, as on the screen or on paper."""


def in_reading_order(pieces: Iterable[Piece]) -> str:
    """Rows from above, each from the left; without any space."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: -piece.y):
        if rows and rows[-1][0].y - piece.y <= ROW_POINTS:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    ordered = (piece for row in rows for piece in sorted(row, key=lambda piece: piece.x))
    return _without_spaces("".join(piece.text for piece in ordered))


def _without_spaces(text: str) -> str:
    return "".join(text.split())


class PDFium:
    """As Chrome uses it: the page, then the form drawn over it."""

    name, can_print, heeds_print_flag = "PDFium", True, False

    def text(self, pdf: bytes) -> str:
        """The text of the page with its fields made part of it, as when Chrome prints to PDF."""
        with pypdfium2.PdfDocument(pdf) as document:
            document.init_forms()
            document[0].flatten()
            page = document[0].get_textpage()
            return in_reading_order(
                Piece(page.get_text_range(index, 1), *_origin(page, index))
                for index in range(page.count_chars())
            )

    def picture(self, pdf: bytes, *, page: int, printed: bool) -> Image.Image:
        with pypdfium2.PdfDocument(pdf) as document:
            document.init_forms()
            shown = document[page - 1].render(
                scale=SCALE, may_draw_forms=True, optimize_mode="print" if printed else None
            )
            return shown.to_pil().convert("RGB")


def _origin(page: Any, index: int) -> tuple[float, float]:
    """Where a letter's baseline begins."""
    x, y = c_double(), c_double()
    assert pypdfium2.raw.FPDFText_GetCharOrigin(page, index, byref(x), byref(y))
    return x.value, y.value


class Poppler:
    """pdftotext and pdftoppm; pdftops for what a printer gets."""

    name, can_print, heeds_print_flag = "poppler", True, True

    def text(self, pdf: bytes) -> str:
        return _without_spaces(_run("pdftotext -layout -l 1 FILE -", pdf).decode())

    def picture(self, pdf: bytes, *, page: int, printed: bool) -> Image.Image:
        if printed:
            # Of poppler's programs that draw, those for paper leave out what is not to be printed.
            pdf = _run(f"pdftocairo -pdf -f {page} -l {page} FILE -", pdf)
            page = 1
        size = f"-r {72 * SCALE} -f {page} -l {page}"
        return _picture(_run(f"pdftoppm -png {size} FILE", pdf))


class MuPDF:
    """mutool, which draws for the screen only."""

    name, can_print, heeds_print_flag = "MuPDF", False, False

    def text(self, pdf: bytes) -> str:
        """The letters on the page, and the fields that a viewer draws over them."""
        said = _run(f"mutool run {MUPDF_TEXT} FILE", pdf).decode()
        return in_reading_order(Piece(*json.loads(line)) for line in said.splitlines())

    def picture(self, pdf: bytes, *, page: int, printed: bool) -> Image.Image:
        assert not printed, "mutool has no print mode"
        return _picture(_run(f"mutool draw -q -r {72 * SCALE} -F png -o - FILE {page}", pdf))


class PDFjs:
    """pdf.js in Chromium, from the files that our own pages have."""

    name, can_print, heeds_print_flag = "pdf.js", True, True

    def __init__(self, page: Page) -> None:
        self.page = page

    def text(self, pdf: bytes) -> str:
        """The text layer, and the fields that the annotation layer puts over it."""
        pieces = [*self._ask("texts", pdf, page=1), *self._ask("fields", pdf, page=1)]
        return in_reading_order(Piece(one["text"], one["x"], one["y"]) for one in pieces)

    def picture(self, pdf: bytes, *, page: int, printed: bool) -> Image.Image:
        intent = "print" if printed else "display"
        return _picture(
            base64.b64decode(self._ask("picture", pdf, page=page, scale=SCALE, intent=intent))
        )

    def fields(self, pdf: bytes) -> dict[str, dict[str, Any]]:
        """What the annotation layer of page 1 shows for each text field."""
        return {one["name"]: one for one in self._ask("fields", pdf, page=1)}

    def _ask(self, what: str, pdf: bytes, **options: object) -> Any:
        given = {"pdf": base64.b64encode(pdf).decode("ascii"), **options}
        return self.page.evaluate(f"given => viewer.{what}(given)", given)


@contextmanager
def opened_pdfjs() -> Iterator[PDFjs]:
    """pdf.js in a Chromium of its own, which may ask nobody but this process."""
    with _served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            page = browser.new_page()
            page.goto(f"{address}/{VIEWER_PAGE.name}")
            page.wait_for_function("window.viewer !== undefined")
            yield PDFjs(page)
        finally:
            browser.close()


@contextmanager
def _served() -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}

        def translate_path(self, path: str) -> str:
            wanted = path.lstrip("/")
            return str(VIEWER_PAGE if wanted == VIEWER_PAGE.name else PDFJS / Path(wanted).name)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _run(command: str, pdf: bytes) -> bytes:
    with tempfile.TemporaryDirectory(prefix="chauban-") as folder:
        file = Path(folder, "shown.pdf")
        file.write_bytes(pdf)
        argv = [str(file) if word == "FILE" else word for word in command.split()]
        return subprocess.run(argv, capture_output=True, check=True, timeout=60).stdout


def _picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


class Seen(NamedTuple):
    """What a viewer gives: the number and date in its text, and what each picture shows."""

    text: str
    screen: frozenset[str]
    paper: frozenset[str] | None


STATES = ("reserved", "signed", "sealed")
DATE = ("day", "month", "year")
OWN_MARK = "mark of its own"
MARKING = {"MuPDF": frozenset({OWN_MARK})}
"""MuPDF puts an arrow, SIGN, on each unsigned signature field, whatever its appearance."""
BLANK, SIGNED = frozenset[str](), frozenset({"signatory-1"})
WHOLE = SIGNED | {"number", *DATE, "seal-1"}


@pytest.fixture(scope="module")
def viewers() -> Iterator[tuple[Viewer, ...]]:
    if not PDFJS.exists():
        pytest.skip("the package stands alone, without the server that holds pdf.js")
    with opened_pdfjs() as pdfjs:
        yield PDFium(), pdfjs, MuPDF(), Poppler()


@pytest.fixture(scope="module")
def seen(
    viewers: tuple[Viewer, ...], reserved: bytes, signed: bytes, sealed: bytes
) -> dict[tuple[str, str], Seen]:
    """By viewer and state."""
    pdfs = dict(zip(STATES, (reserved, signed, sealed), strict=True))
    return {
        (viewer.name, state): look(viewer, pdf) for viewer in viewers for state, pdf in pdfs.items()
    }


def look(viewer: Viewer, pdf: bytes) -> Seen:
    return Seen(
        text_of_fields(viewer.text(pdf)),
        shown_fields(viewer, pdf, printed=False),
        shown_fields(viewer, pdf, printed=True) if viewer.can_print else None,
    )


def text_of_fields(text: str) -> str:
    """Number and date between the words that they stand between; empty when all are blank."""
    found = re.match(r"Số:(\d*)/UBND-VPHuế,ngày(\d*)tháng(\d*)năm(\d*)", text)
    assert found, text[:80]
    return f"{found[1]}, {'/'.join(found.groups()[1:])}" if any(found.groups()) else ""


def shown_fields(viewer: Viewer, pdf: bytes, *, printed: bool) -> frozenset[str]:
    """The fields within whose boxes there is ink of their colour.

    Ink in a signature field that nobody signed is a mark of the viewer's own.
    """
    pictures = {page: viewer.picture(pdf, page=page, printed=printed) for page in (1, 2)}
    unsigned = unsigned_fields(pdf)
    return frozenset(
        OWN_MARK if name in unsigned else name
        for name, (page, box) in boxes_of(pdf).items()
        if ink_in(pictures[page], box, colour_of(name)) is not None
    )


def unsigned_fields(pdf: bytes) -> frozenset[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fields = document.Root.AcroForm.Fields
        return frozenset(str(one.T) for one in fields if one.FT == "/Sig" and "/V" not in one)


def colour_of(name: str) -> str:
    return {"signatory-1": "blue", "seal-1": "red"}.get(name, "black")


def boxes_of(pdf: bytes) -> dict[str, tuple[int, tuple[float, ...]]]:
    """Page and rectangle of each field, in points from the upper left corner."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = {page.obj.objgen: at for at, page in enumerate(document.pages, start=1)}
        height = float(document.pages[0].mediabox[3])
        found = {}
        for field in document.Root.AcroForm.Fields:
            left, bottom, right, top = (float(each) for each in field.Rect)
            box = (left + 1, height - top + 1, right - 1, height - bottom - 1)
            found[str(field.T)] = (pages[field.P.objgen], box)
        return found


def ink_in(
    picture: Image.Image, box: tuple[float, ...], colour: str
) -> tuple[int, int, int, int] | None:
    """Where within the box there is ink of that colour; None where there is none."""
    red, green, blue = picture.crop(tuple(round(each * SCALE) for each in box)).split()
    if colour == "black":
        lightest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
        return lightest.point(lambda value: 255 if value < 160 else 0).getbbox()
    more, less = (blue, red) if colour == "blue" else (red, blue)
    return ImageChops.subtract(more, less).point(lambda value: 255 if value > 80 else 0).getbbox()


NAMES = ("PDFium", "pdf.js", "MuPDF", "poppler")


@pytest.mark.parametrize("viewer", NAMES)
def test_before_filling_the_fields_are_there_and_show_nothing(seen, viewer):
    for state, fields in (("reserved", BLANK), ("signed", SIGNED)):
        found = seen[viewer, state]
        assert (found.text, found.screen) == ("", fields | MARKING.get(viewer, BLANK))
        assert found.paper in (fields, None)


@pytest.mark.parametrize("viewer", NAMES)
def test_number_and_date_are_read_in_their_place_once_sealed(seen, viewer):
    """PL I II.3.a, II.4.b: Số: 05/UBND-VP; ngày 23 tháng 11 năm 2026."""
    assert seen[viewer, "sealed"].text == "05, 23/11/2026"


@pytest.mark.parametrize("viewer", NAMES)
def test_number_date_signature_and_seal_are_on_the_screen_and_on_paper(seen, viewer):
    found = seen[viewer, "sealed"]
    assert found.screen == WHOLE
    assert found.paper in (WHOLE, None)


def test_all_viewers_show_the_number_at_the_same_spot(viewers, sealed):
    """Flush right against the slash (PL I II.3.c), to the point that antialiasing blurs."""
    page, box = boxes_of(sealed)["number"]
    spots = [
        ink_in(viewer.picture(sealed, page=page, printed=False), box, "black") for viewer in viewers
    ]
    for edges in zip(*spots, strict=True):
        assert max(edges) - min(edges) <= 2, spots


def test_a_field_that_is_not_to_be_printed_is_missing_on_paper(viewers, sealed):
    """ISO 32000-1 table 165: so what is asked for is indeed what a printer gets.

    PDFium prints a field whatever its flag says.
    """
    with pikepdf.open(io.BytesIO(sealed)) as document:
        document.Root.AcroForm.Fields[0].F = 0
        changed = io.BytesIO()
        document.save(changed)
    for viewer in viewers:
        if viewer.heeds_print_flag:
            assert "number" in shown_fields(viewer, changed.getvalue(), printed=False)
            printed = shown_fields(viewer, changed.getvalue(), printed=True)
            assert printed == WHOLE - {"number"}, viewer.name


def test_pdfjs_puts_the_values_into_fields_that_nobody_can_change(viewers, sealed, values):
    """They are read only: a reader must not seem to be able to renumber a sealed document."""
    fields = viewers[1].fields(sealed)
    assert {name: one["text"] for name, one in fields.items()} == values
    assert all(one["isInLayer"] and one["isDisabled"] for one in fields.values())


def table(seen: dict[tuple[str, str], Seen]) -> str:
    lines = [
        "| viewer | asked for | reserved | signed | numbered, dated, sealed |",
        "|" + "---|" * 5,
    ]
    for viewer in NAMES:
        row = [seen[viewer, state] for state in STATES]
        lines.append(_line(viewer, "text", [one.text or "blank" for one in row]))
        lines.append(_line(viewer, "screen", [_told(one.screen) for one in row]))
        if row[0].paper is not None:
            lines.append(_line(viewer, "print", [_told(one.paper) for one in row]))
    return "\n".join(lines)


def _line(*cells: Any) -> str:
    viewer, asked, found = cells
    return f"| {viewer} | {asked} | " + " | ".join(found) + " |"


def _told(fields: Iterable[str]) -> str:
    """The parts of a letter that show, in its order."""
    parts = {"number": {"number"}, "date": set(DATE), "signature": SIGNED, "seal": {"seal-1"}}
    parts[OWN_MARK] = {OWN_MARK}
    return ", ".join(name for name, needed in parts.items() if needed <= set(fields)) or "blank"


def test_the_table_in_the_docs_is_this_tests_result(seen, request):
    """Written anew with --write-validators FILE, where FILE holds the marks around the table."""
    made = table(seen)
    path = request.config.getoption("--write-validators", None)
    if path is not None:
        before, _, after = Path(path).read_text("utf-8").partition("<!-- viewers -->\n")
        rest = after.partition("<!-- end of viewers -->")[2]
        Path(path).write_text(
            f"{before}<!-- viewers -->\n{made}\n<!-- end of viewers -->{rest}", "utf-8"
        )
    if not DOCS.exists():
        pytest.skip("the package stands alone, without the documents")
    assert made in DOCS.read_text("utf-8")
