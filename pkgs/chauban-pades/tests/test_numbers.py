"""Strings and numbers as a PDF writes them (ISO 32000-1 clause 7.3), read back by qpdf."""

import pikepdf
from hypothesis import given
from hypothesis import strategies as st

from chauban_pades.numbers import number_text, string_text


@given(text=st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
def test_a_text_string_says_what_it_was_given(text):
    assert str(pikepdf.Object.parse(string_text(text))) == text


def test_brackets_and_backslashes_are_escaped():
    assert string_text(r"a(b)\c") == rb"(a\(b\)\\c)"
    assert string_text("Huế") == b"<FEFF004800751EBF>"


@given(number=st.floats(-20_000, 20_000))
def test_a_number_is_right_to_a_thousandth_of_a_point(number):
    assert abs(float(number_text(number)) - number) <= 0.0005 + 1e-9
    assert "e" not in number_text(number)
