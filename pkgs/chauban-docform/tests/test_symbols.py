"""Điều 15 and PL I II.3: numbers and symbols."""

import unicodedata
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chauban_docform.errors import (
    CodeMalformed,
    NotationDoesNotFit,
    NumberOutOfRange,
    SymbolMalformed,
)
from chauban_docform.kinds import COPY_KINDS, kind
from chauban_docform.symbols import (
    Code,
    CodeForm,
    code_line,
    date_texts,
    is_same_notation,
    notation,
    number_text,
    parse_code,
    require_notation_fits,
)


def test_pl_i_ii_3_a_named_kind_writes_kind_and_body() -> None:
    assert notation(kind("quyet_dinh"), "UBND") == "QĐ-UBND"


def test_pl_i_ii_3_a_named_kind_never_shows_the_unit() -> None:
    assert notation(kind("thong_bao"), "UBND", "VX") == "TB-UBND"


def test_pl_i_ii_3_a_cong_van_writes_body_and_unit() -> None:
    assert notation(kind("cong_van"), "UBND", "VX") == "UBND-VX"
    assert notation(kind("cong_van"), "UBND") == "UBND"


def test_pl_iii_a_copy_writes_its_form_and_body() -> None:
    assert notation(COPY_KINDS["trich_sao"], "UBND") == "TrS-UBND"


@pytest.mark.parametrize("symbol", ["", "UB ND", "UB/ND", "UB-ND"])
def test_pl_i_ii_3_an_abbreviation_holds_no_space_and_no_separator(symbol: str) -> None:
    assert notation(kind("quyet_dinh"), "SNN&MT") == "QĐ-SNN&MT"
    with pytest.raises(SymbolMalformed):
        notation(kind("quyet_dinh"), symbol)


def test_pl_i_ii_3_a_number_below_10_has_a_leading_zero() -> None:
    assert [number_text(n) for n in (1, 9, 10, 245)] == ["01", "09", "10", "245"]


def test_article_15_numbers_start_at_1() -> None:
    with pytest.raises(NumberOutOfRange):
        number_text(0)


def test_pl_i_ii_3_number_and_symbol_have_a_slash_and_no_space() -> None:
    assert code_line(5, "QĐ-UBND") == "05/QĐ-UBND"


def test_pl_i_ii_4_days_below_10_and_months_1_and_2_are_padded() -> None:
    assert date_texts(date(2026, 1, 5)) == {"day": "05", "month": "01", "year": "2026"}
    assert date_texts(date(2026, 2, 10)) == {"day": "10", "month": "02", "year": "2026"}
    assert date_texts(date(2026, 3, 31)) == {"day": "31", "month": "3", "year": "2026"}
    assert date_texts(date(2026, 12, 9)) == {"day": "09", "month": "12", "year": "2026"}


@pytest.mark.parametrize("text", ["05/QĐ-UBND", "Số: 05/QĐ-UBND", "5 / QĐ - UBND", "Số 5/QĐ-UBND"])
def test_a_state_code_is_read(text: str) -> None:
    assert parse_code(text) == Code(5, "QĐ-UBND", CodeForm.STATE)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("01-NQ/TU", Code(1, "NQ/TU", CodeForm.PARTY)),
        ("12-CV/VPTU", Code(12, "CV/VPTU", CodeForm.PARTY)),
        ("65/2018/QĐ-UBND", Code(65, "2018/QĐ-UBND", CodeForm.STATE)),
        ("12/MTTQ-BTT", Code(12, "MTTQ-BTT", CodeForm.STATE)),
    ],
)
def test_a_code_of_the_party_and_of_others_is_read(text: str, code: Code) -> None:
    assert parse_code(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "QĐ-UBND",
        "05",
        "05/",
        "/QĐ-UBND",
        "00/QĐ-UBND",
        "05/QĐ UBND",
        "12a/QĐ-UBND",
        "٠٥/QĐ-UBND",
    ],
)
def test_what_is_no_code_is_refused(text: str) -> None:
    assert parse_code("05/QĐ-UBND")
    with pytest.raises(CodeMalformed) as refused:
        parse_code(text)
    assert refused.value.text == text


def test_a_number_too_long_for_the_wire_is_refused() -> None:
    assert parse_code("9" * 11 + "/QĐ-UBND").number == 99999999999
    with pytest.raises(CodeMalformed):
        parse_code("9" * 12 + "/QĐ-UBND")


SYMBOLS = st.text("ABCDĐEGHIKLMNOPQRSTUVXYabcyr&", min_size=1, max_size=8)


@given(number=st.integers(1, 99999), first=SYMBOLS, second=SYMBOLS)
def test_every_code_written_is_read_back(number: int, first: str, second: str) -> None:
    for form, text in (
        (CodeForm.STATE, f"{first}-{second}"),
        (CodeForm.PARTY, f"{first}/{second}"),
    ):
        code = Code(number, text, form)
        assert parse_code(str(code)) == code


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    with suppress(CodeMalformed):
        assert parse_code(text).number > 0


def test_symbols_differ_by_case_and_accent_and_not_by_unicode_form() -> None:
    assert is_same_notation("QĐ-SYTẾ", unicodedata.normalize("NFD", "QĐ-SYTẾ"))
    assert not is_same_notation("QyĐ-UBND", "QĐ-UBND")
    assert not is_same_notation("TTr-UBND", "TTR-UBND")
    assert not is_same_notation("QĐ-UBND", "QD-UBND")


def test_a_symbol_of_the_kind_and_body_fits() -> None:
    require_notation_fits("QĐ-UBND", kind("quyet_dinh"), "UBND")
    require_notation_fits("UBND", kind("cong_van"), "UBND")
    require_notation_fits("UBND-VX", kind("cong_van"), "UBND")
    require_notation_fits("UBND-VX", kind("cong_van"), "UBND", ("VX", "TH"))


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("QĐ-VP", "quyet_dinh", "QĐ-UBND"),
        ("TB-UBND", "quyet_dinh", "QĐ-UBND"),
        ("qđ-UBND", "quyet_dinh", "QĐ-UBND"),
        ("UBND-QĐ", "quyet_dinh", "QĐ-UBND"),
        ("VP-VX", "cong_van", "UBND-…"),
        ("UBND-", "cong_van", "UBND-…"),
        ("UBND-VX-1", "cong_van", "UBND-…"),
        ("UBND-TC", "cong_van", "UBND-…"),
    ],
)
def test_a_symbol_of_another_kind_or_body_is_refused(text: str, code: str, expected: str) -> None:
    with pytest.raises(NotationDoesNotFit) as refused:
        require_notation_fits(text, kind(code), "UBND", ("VX", "TH"))
    assert refused.value.expected == expected
    assert refused.value.notation == text
