"""Registers set in type for printing and binding (Điều 16.2.b, Điều 22.3.b, Phụ lục IV)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chauban_docform.compiling import set_in_type
from chauban_docform.errors import RowDoesNotFit
from chauban_docform.letters import Heading
from chauban_docform.symbols import number_text


@dataclass(frozen=True)
class Column:
    """One column of a book; `share` is its width relative to the others."""

    title: str
    share: float
    centred: bool = False


@dataclass(frozen=True)
class Book:
    """A kind of register, with the columns that Phụ lục IV asks for at least."""

    title: str
    clause: str
    columns: tuple[Column, ...]


OUTGOING = Book(
    title="Sổ đăng ký văn bản đi",
    clause="PL IV I",
    columns=(
        Column("Số, ký hiệu văn bản", 2.2, centred=True),
        Column("Ngày tháng văn bản", 1.7, centred=True),
        Column("Tên loại và trích yếu nội dung văn bản", 5.2),
        Column("Người ký", 2.2),
        Column("Nơi nhận văn bản", 3),
        Column("Đơn vị, người nhận bản lưu", 1.9),
        Column("Số lượng bản", 1.1, centred=True),
        Column("Ngày chuyển", 1.7, centred=True),
        Column("Ký nhận", 1.3, centred=True),
        Column("Ghi chú", 1.6),
    ),
)
INCOMING = Book(
    title="Sổ đăng ký văn bản đến",
    clause="PL IV VI",
    columns=(
        Column("Ngày đến", 1.7, centred=True),
        Column("Số đến", 1, centred=True),
        Column("Tác giả", 2.6),
        Column("Số, ký hiệu văn bản", 2.2, centred=True),
        Column("Ngày tháng văn bản", 1.7, centred=True),
        Column("Tên loại và trích yếu nội dung văn bản", 5.2),
        Column("Đơn vị hoặc người nhận", 2.6),
        Column("Ngày chuyển", 1.7, centred=True),
        Column("Ký nhận", 1.3, centred=True),
        Column("Ghi chú", 1.6),
    ),
)
POSTAL = Book(
    title="Sổ gửi văn bản đi bưu điện",
    clause="PL IV III",
    columns=(
        Column("Ngày chuyển", 1.7, centred=True),
        Column("Số, ký hiệu văn bản", 2.6, centred=True),
        Column("Nơi nhận văn bản", 5),
        Column("Số lượng bì", 1.2, centred=True),
        Column("Ký nhận và dấu bưu điện", 3, centred=True),
        Column("Ghi chú", 2),
    ),
)


@dataclass(frozen=True)
class Volume:
    """One bound volume (quyển) of a register: what it covers, and its rows as printed texts.

    Days are legal days of Việt Nam. `numbers` is the first and the last number, None for a book
    without numbers. `totals` closes the volume: what was counted, and how many.
    """

    book: Book
    issuer: Heading
    place: str
    year: int
    first_day: date
    last_day: date
    rows: Sequence[Sequence[str]]
    volume_number: int = 1
    numbers: tuple[int, int] | None = None
    totals: tuple[tuple[str, int], ...] = ()


def typeset_register(volume: Volume, *, created_at: datetime) -> bytes:
    """Return a volume as PDF/A-2b, landscape A4: cover, first page, numbered pages, closing count.

    The number of rows stands in the closing count; the first page has room for the signature and
    seal that the book carries before it is used.

    Raises:
        RowDoesNotFit: a row has more or fewer texts than the book has columns.
        UnsupportedCharacters: a text holds a character without a glyph.
    """
    for index, row in enumerate(volume.rows, start=1):
        if len(row) != len(volume.book.columns):
            raise RowDoesNotFit(index, len(row), len(volume.book.columns))
    return set_in_type("register.typ", volume_data(volume), created_at=created_at)


def volume_data(volume: Volume) -> dict[str, Any]:
    first, last = (number_text(n) for n in volume.numbers) if volume.numbers else ("", "")
    return {
        "title": volume.book.title.upper(),
        "author": " ".join(volume.issuer.issuer_lines),
        "parent_lines": [line.upper() for line in volume.issuer.parent_lines],
        "issuer_lines": [line.upper() for line in volume.issuer.issuer_lines],
        "place": volume.place,
        "year": str(volume.year),
        "days": f"Từ ngày {day_text(volume.first_day)} đến ngày {day_text(volume.last_day)}",
        "numbers": f"Từ số {first} đến số {last}" if volume.numbers else None,
        "volume": f"Quyển số: {number_text(volume.volume_number)}",
        "columns": [
            {"title": column.title, "share": column.share, "centred": column.centred}
            for column in volume.book.columns
        ],
        "rows": [list(row) for row in volume.rows],
        "row_count": str(len(volume.rows)),
        "totals": [{"label": label, "count": str(count)} for label, count in volume.totals],
    }


def day_text(day: date) -> str:
    return f"{day:%d/%m/%Y}"
