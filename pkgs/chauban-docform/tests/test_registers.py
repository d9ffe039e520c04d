"""Phụ lục IV: registers printed for binding (Điều 16.2.b, Điều 22.3.b)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from chauban_docform.errors import RowDoesNotFit, UnsupportedCharacters
from chauban_docform.letters import Heading
from chauban_docform.registers import INCOMING, OUTGOING, POSTAL, Volume, typeset_register

Read = Callable[[bytes], Any]

ROW = (
    "{n:02}/QĐ-UBND",
    "05/01/2026",
    "Quyết định về việc ban hành Kế hoạch số {n} #năm *2026*",
    "Nguyễn Thị Hương",
    "Sở Tài chính; UBND phường Thuận Hóa",
    "Văn phòng",
    "1",
    "05/01/2026",
    "",
    "",
)


@pytest.fixture(scope="module")
def volume() -> Volume:
    return Volume(
        book=OUTGOING,
        issuer=Heading((), ("Ủy ban nhân dân", "thành phố Huế")),
        place="Huế",
        year=2026,
        first_day=date(2026, 1, 1),
        last_day=date(2026, 6, 30),
        rows=[[text.format(n=n) for text in ROW] for n in range(1, 61)],
        numbers=(1, 60),
        totals=(("Số đã cấp rồi hủy", 2),),
    )


@pytest.fixture(scope="module")
def register(volume: Volume, printed: Read, created_at: datetime) -> Any:
    return printed(typeset_register(volume, created_at=created_at))


def test_pl_iv_i_the_outgoing_register_has_the_decree_s_ten_columns() -> None:
    assert [column.title for column in OUTGOING.columns] == [
        "Số, ký hiệu văn bản",
        "Ngày tháng văn bản",
        "Tên loại và trích yếu nội dung văn bản",
        "Người ký",
        "Nơi nhận văn bản",
        "Đơn vị, người nhận bản lưu",
        "Số lượng bản",
        "Ngày chuyển",
        "Ký nhận",
        "Ghi chú",
    ]


def test_pl_iv_vi_the_incoming_register_has_the_decree_s_ten_columns() -> None:
    assert [column.title for column in INCOMING.columns] == [
        "Ngày đến",
        "Số đến",
        "Tác giả",
        "Số, ký hiệu văn bản",
        "Ngày tháng văn bản",
        "Tên loại và trích yếu nội dung văn bản",
        "Đơn vị hoặc người nhận",
        "Ngày chuyển",
        "Ký nhận",
        "Ghi chú",
    ]


def test_pl_iv_iii_the_postal_book_has_six_columns() -> None:
    assert len(POSTAL.columns) == 6


def test_pl_iv_cover_and_first_page_name_body_book_year_days_numbers_and_volume(
    register: Any,
) -> None:
    for page in (1, 2):
        text = " ".join("".join(c.text for c in register.characters if c.page == page).split())
        for part in (
            "ỦY BAN NHÂN DÂN THÀNH PHỐ HUẾ",
            "SỔ ĐĂNG KÝ VĂN BẢN ĐI",
            "Năm: 2026",
            "Từ ngày 01/01/2026 đến ngày 30/06/2026",
            "Từ số 01 đến số 60",
            "Quyển số: 01",
        ):
            assert part in text


def test_pl_iv_the_first_page_has_room_for_signature_and_seal(register: Any) -> None:
    assert register.find("NGƯỜI CÓ THẨM QUYỀN").page == 2


def test_pages_are_numbered_from_the_first_with_entries(register: Any) -> None:
    top = max(c.baseline for c in register.on_page(3))
    numbers = [
        "".join(c.text for c in register.on_page(page) if c.baseline == top)
        for page in range(3, register.page_count + 1)
    ]
    assert numbers == [str(n) for n in range(1, register.page_count - 1)]


def test_column_heads_stand_on_every_page_with_entries(register: Any) -> None:
    for page in range(3, register.page_count):
        texts = "".join(c.text for c in register.on_page(page))
        assert "Ghichú" in texts
        assert "(1)(2)(3)(4)(5)(6)(7)(8)(9)(10)" in texts


def test_the_closing_count_states_pages_entries_numbers_and_totals(register: Any) -> None:
    pages = register.page_count - 2
    assert f"Quyển sổ này có {pages} trang ghi, đăng ký 60 văn bản. Từ số 01 đến số 60." in (
        register.words
    )
    assert "- Số đã cấp rồi hủy: 2." in register.words
    assert register.find("THỦ TRƯỞNG CƠ QUAN").page == register.page_count


def test_every_entry_is_printed_and_its_text_stays_literal(register: Any) -> None:
    assert all(f"{n:02}/QĐ-UBND" in register.words for n in range(1, 61))
    assert register.words.count("#năm *2026*") == 60


def test_the_register_is_landscape_a4_and_pdf_a(volume: Volume, created_at: datetime) -> None:
    with pikepdf.open(BytesIO(typeset_register(volume, created_at=created_at))) as document:
        assert {tuple(map(round, map(float, page.mediabox))) for page in document.pages} == {
            (0, 0, 842, 595)
        }
        with document.open_metadata() as metadata:
            assert metadata.get("pdfaid:part") == "2"


def test_a_register_without_entries_says_so(
    volume: Volume, printed: Read, created_at: datetime
) -> None:
    empty = replace(volume, rows=[], numbers=None, totals=())
    page = printed(typeset_register(empty, created_at=created_at))
    assert "có 1 trang ghi, đăng ký 0 văn bản." in page.words


def test_a_row_of_another_length_is_refused(volume: Volume, created_at: datetime) -> None:
    rows = [*volume.rows[:3], volume.rows[3][:-1]]
    with pytest.raises(RowDoesNotFit) as refused:
        typeset_register(replace(volume, rows=rows), created_at=created_at)
    assert (refused.value.row, refused.value.texts, refused.value.columns) == (4, 9, 10)


def test_a_character_without_glyph_in_a_register_is_refused(
    volume: Volume, created_at: datetime
) -> None:
    rows = [[*volume.rows[0][:-1], "中"]]
    with pytest.raises(UnsupportedCharacters):
        typeset_register(replace(volume, rows=rows), created_at=created_at)
