"""Sample documents of the demo province, and a reader that measures what is printed."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from chauban_docform.bodies import parse_body
from chauban_docform.kinds import kind
from chauban_docform.letters import Heading, Letter, Signer, Urgency
from chauban_docform.typesetting import typeset
from chauban_docform.wording import wording_of

POINTS_PER_MM = 72 / 25.4
CREATED_AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Character:
    text: str
    page: int
    size: float
    font: str
    baseline: float
    left: float
    right: float
    colour: tuple[int, int, int]


@dataclass(frozen=True)
class Span:
    """A piece of printed text: where it stands, in points from the bottom left, and how."""

    characters: tuple[Character, ...]

    @property
    def page(self) -> int:
        return self.characters[0].page

    @property
    def size(self) -> float:
        (size,) = {round(c.size, 2) for c in self.characters}
        return size

    @property
    def font(self) -> str:
        (font,) = {c.font.split("+")[-1] for c in self.characters}
        return font

    @property
    def bold(self) -> bool:
        return "Bold" in self.font

    @property
    def italic(self) -> bool:
        return "Italic" in self.font

    @property
    def colour(self) -> tuple[int, int, int]:
        (colour,) = {c.colour for c in self.characters}
        return colour

    @property
    def baseline(self) -> float:
        return self.characters[0].baseline

    @property
    def left(self) -> float:
        return min(c.left for c in self.characters)

    @property
    def right(self) -> float:
        return max(c.right for c in self.characters)

    @property
    def centre(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Printed:
    """A PDF as printed: its characters, page by page, as PDFium reads them."""

    characters: tuple[Character, ...]
    page_count: int

    @property
    def text(self) -> str:
        return "".join(c.text for c in self.characters)

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    def find(self, text: str, *, nth: int = 0) -> Span:
        start = -1
        for _ in range(nth + 1):
            start = self.text.index(text, start + 1)
        found = self.characters[start : start + len(text)]
        return Span(tuple(c for c in found if c.text.strip()))

    def line_of(self, span: Span) -> Span:
        return Span(
            tuple(
                c
                for c in self.characters
                if c.page == span.page and abs(c.baseline - span.baseline) < 0.1 and c.text.strip()
            )
        )

    def on_page(self, page: int) -> tuple[Character, ...]:
        return tuple(c for c in self.characters if c.page == page and c.text.strip())


def read_printed(pdf: bytes) -> Printed:
    document = pypdfium2.PdfDocument(pdf)
    characters = []
    for number, page in enumerate(document, start=1):
        text_page = page.get_textpage()
        characters += [read_character(text_page, i, number) for i in range(text_page.count_chars())]
    return Printed(tuple(characters), len(document))


def read_character(text_page: pypdfium2.PdfTextPage, index: int, page: int) -> Character:
    raw = text_page.raw
    name = ctypes.create_string_buffer(100)
    pdfium.FPDFText_GetFontInfo(raw, index, name, 100, ctypes.c_int())
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(raw, index, x, y)
    box = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(raw, index, box)
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    pdfium.FPDFText_GetFillColor(raw, index, red, green, blue, alpha)
    return Character(
        chr(pdfium.FPDFText_GetUnicode(raw, index)),
        page,
        pdfium.FPDFText_GetFontSize(raw, index),
        name.value.decode(),
        y.value,
        box.left,
        box.right,
        (red.value, green.value, blue.value),
    )


@dataclass(frozen=True)
class PlacedField:
    name: str
    page: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def edges(self) -> tuple[float, float, float, float]:
        return (self.left, self.bottom, self.right, self.top)

    @property
    def width_mm(self) -> float:
        return (self.right - self.left) / POINTS_PER_MM

    @property
    def height_mm(self) -> float:
        return (self.top - self.bottom) / POINTS_PER_MM


def read_fields(pdf: bytes) -> list[PlacedField]:
    with pikepdf.open(BytesIO(pdf)) as document:
        return [
            PlacedField(str(link.A.URI).removeprefix("field:"), number, *map(float, link.Rect))
            for number, page in enumerate(document.pages, start=1)
            for link in page.get("/Annots", [])
            if str(link.get("/A", {}).get("/URI", "")).startswith("field:")
        ]


def measured(pdf: bytes) -> dict[str, Any]:
    """What a golden file holds: each line's text, typeface, size and place, and each field's."""
    page = read_printed(pdf)
    lines: dict[tuple[Any, ...], list[Character]] = {}
    for character in page.characters:
        font = character.font.split("+")[-1]
        where = (character.page, round(character.baseline / POINTS_PER_MM, 1))
        if character.text.strip():
            lines.setdefault((*where, font, round(character.size, 1)), []).append(character)
    return {
        "pages": page.page_count,
        "fields": [
            [it.name, it.page, *(round(edge / POINTS_PER_MM, 1) for edge in it.edges)]
            for it in read_fields(pdf)
        ],
        "lines": [
            [number, baseline, round(it[0].left / POINTS_PER_MM, 1), font, size, joined(it)]
            for (number, baseline, font, size), it in lines.items()
        ],
    }


def joined(characters: list[Character]) -> str:
    return "".join(it.text for it in characters)


@pytest.fixture(scope="session")
def printed() -> Callable[[bytes], Printed]:
    return read_printed


@pytest.fixture(scope="session")
def measures_of() -> Callable[[bytes], dict[str, Any]]:
    return measured


@pytest.fixture(scope="session")
def fields_of() -> Callable[[bytes], list[PlacedField]]:
    return read_fields


@pytest.fixture(scope="session")
def set_letter() -> Callable[[Letter], bytes]:
    return lambda letter: typeset(letter, created_at=CREATED_AT)


@pytest.fixture(scope="session")
def created_at() -> datetime:
    return CREATED_AT


@pytest.fixture(scope="session")
def cong_van() -> Letter:
    return Letter(
        kind=kind("cong_van"),
        issuer=Heading((), ("Ủy ban nhân dân", "thành phố Huế")),
        notation="UBND-VX",
        place="Huế",
        subject="gửi, nhận văn bản điện tử có ký số giữa các cơ quan trên địa bàn thành phố",
        body=parse_body(
            "Thực hiện Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công "
            "tác văn thư, Ủy ban nhân dân thành phố yêu cầu các cơ quan, địa phương:\n"
            "1. Rà soát, cập nhật danh mục người có thẩm quyền ký văn bản; bảo đảm văn bản điện tử "
            "gửi đi được ký số của người có thẩm quyền và ký số của cơ quan theo đúng quy định.\n"
            "2. Báo cáo kết quả trước ngày 31 tháng 12 năm 2026 để xem xét, chỉ đạo."
        ),
        signers=(
            Signer(("TM. Ủy ban nhân dân", "KT. Chủ tịch", "Phó Chủ tịch"), "Nguyễn Thị Hương"),
        ),
        to_places=("Như trên", "Thường trực Thành ủy (để báo cáo)", "CT, các PCT UBND thành phố"),
        archive_line="VT, VX (2b)",
        addressees=(
            "Các sở, ban, ngành thành phố",
            "Ủy ban nhân dân các phường, xã",
            "Công an thành phố",
        ),
        urgency=Urgency.VERY_URGENT,
        contact="Địa chỉ: 16 Lê Lợi, phường Thuận Hóa, thành phố Huế. Điện thoại: (0234) 000 000.",
    )


@pytest.fixture(scope="session")
def quyet_dinh() -> Letter:
    return Letter(
        kind=kind("quyet_dinh"),
        issuer=Heading((), ("Ủy ban nhân dân", "thành phố Huế")),
        notation="QĐ-UBND",
        place="Huế",
        subject="Ban hành Kế hoạch ứng dụng công nghệ thông tin năm 2027",
        enacting_authority="Chủ tịch Ủy ban nhân dân thành phố Huế",
        bases=(
            "Căn cứ Luật Tổ chức chính quyền địa phương",
            "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ",
            "Theo đề nghị của Giám đốc Sở Khoa học và Công nghệ tại Tờ trình số 967/TTr-SKHCN",
        ),
        body=parse_body(
            "Điều 1. Ban hành kèm theo Quyết định này Kế hoạch ứng dụng công nghệ thông tin.\n"
            "Điều 2. Quyết định này có hiệu lực kể từ ngày ký.\n"
            "1. Giám đốc Sở Khoa học và Công nghệ theo dõi việc thực hiện.\n"
            "a) Báo cáo quý;\n"
            "đ) Báo cáo năm.\n"
            "Điều 3. Thủ trưởng các cơ quan chịu trách nhiệm thi hành Quyết định này."
        ),
        signers=(Signer(("KT. Chủ tịch", "Phó Chủ tịch"), "Nguyễn Văn Nam"),),
        to_places=("Như Điều 3", "CT, các PCT UBND thành phố"),
        archive_line="VT, KHCN",
    )


@pytest.fixture(scope="session")
def thong_bao() -> Letter:
    return Letter(
        kind=kind("thong_bao"),
        issuer=Heading(("UBND thành phố Huế",), ("Văn phòng",)),
        notation="TB-VP",
        place="Huế",
        subject="Kết luận của Chánh Văn phòng tại cuộc họp giao ban tháng 11 năm 2026",
        body=parse_body(
            "Ngày 20 tháng 11 năm 2026, Chánh Văn phòng chủ trì cuộc họp giao ban.\n"
            "I. ĐÁNH GIÁ CHUNG\n"
            "1. Công tác văn thư đã đi vào nền nếp.\n"
            "Văn phòng thông báo để các đơn vị biết, thực hiện."
        ),
        signers=(Signer(("KT. Chánh Văn phòng", "Phó Chánh Văn phòng"), "Lê Thị Thu Hà", 30.0),),
        to_places=("Các phòng, ban thuộc Văn phòng",),
        archive_line="VT, TH",
    )


def form_of(code: str, **given: Any) -> Letter:
    """A document of a kind with the words that its form in Phụ lục III prints."""
    issuer = Heading((), ("Ủy ban nhân dân", "thành phố Huế"))
    of = kind(code)
    values: dict[str, Any] = {
        "kind": of,
        "issuer": issuer,
        "notation": f"{of.abbreviation}-UBND",
        "place": "Huế",
        "subject": "Về việc ứng phó với mưa lũ",
        "body": parse_body(
            wording_of(code, issuer="Ủy ban nhân dân thành phố Huế")
            or "Các cơ quan trực ban 24/24 giờ."
        ),
        "signers": (Signer(("TM. Ủy ban nhân dân", "Chủ tịch"), "Nguyễn Văn Nam"),),
        "to_places": ("Như trên",),
    }
    return Letter(**values | given)


@pytest.fixture(scope="session")
def form() -> Callable[..., Letter]:
    return form_of
