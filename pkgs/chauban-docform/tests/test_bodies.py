"""PL I II.6: the heads of lines decide what they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chauban_docform.bodies import parse_body
from chauban_docform.letters import (
    Article,
    Block,
    Clause,
    Division,
    Paragraph,
    Point,
    RomanSection,
)


@pytest.mark.parametrize(
    ("line", "block"),
    [
        ("Điều 1. Ban hành kèm theo", Article(1, "Ban hành kèm theo")),
        ("Điều 12.", Article(12)),
        ("1. Rà soát", Clause(1, "Rà soát")),
        ("a) Báo cáo quý;", Point("a", "Báo cáo quý;")),
        ("đ) Báo cáo năm.", Point("đ", "Báo cáo năm.")),
        ("I. ĐÁNH GIÁ CHUNG", RomanSection("I", "ĐÁNH GIÁ CHUNG")),
        ("I. Đánh giá chung", Paragraph("I. Đánh giá chung")),
        ("f) không có trong bảng chữ cái", Paragraph("f) không có trong bảng chữ cái")),
        ("30/2020/NĐ-CP quy định", Paragraph("30/2020/NĐ-CP quy định")),
        ("  nhiều   khoảng \t trắng ", Paragraph("nhiều khoảng trắng")),
    ],
)
def test_a_line_is_what_its_head_says(line: str, block: Block) -> None:
    assert parse_body(line) == (block,)


def test_a_chapter_takes_the_next_line_as_its_title() -> None:
    assert parse_body("Chương I\n\nQUY ĐỊNH CHUNG\nĐiều 1. Phạm vi") == (
        Division("Chương I", "QUY ĐỊNH CHUNG"),
        Article(1, "Phạm vi"),
    )


def test_a_chapter_at_the_very_end_has_no_title() -> None:
    assert parse_body("Mục 2") == (Division("Mục 2", ""),)


@given(st.text())
def test_any_text_gives_blocks_and_blank_text_none(text: str) -> None:
    assert bool(parse_body(text)) == bool(text.split())
