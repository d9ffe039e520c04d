"""The legal calendar, and the form of agency codes."""

from datetime import UTC, date, datetime

import pytest

from chauban.directory.rules import is_qcvn102_code, is_qd20_code, legal_day, legal_year
from tests.moments import hanoi


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (hanoi("2026-12-31T23:59"), date(2026, 12, 31)),
        (hanoi("2027-01-01T00:00"), date(2027, 1, 1)),
        (datetime(2026, 12, 31, 16, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_legal_day_and_year_are_those_of_viet_nam(moment, day):
    """Điều 15.1, 22.2: numbers start again on 1 January; QCVN 12:2026/BCA Q12."""
    assert (legal_day(moment), legal_year(moment)) == (day, day.year)


@pytest.mark.parametrize("code", ["H57", "G12.01", "H37.DN.001", "Z010100000018", "A00"])
def test_codes_of_decision_20(code):
    """QĐ 20/2020/QĐ-TTg Điều 4 (from the left), Điều 6 (schemes Z01 to Z99)."""
    assert is_qd20_code(code)


@pytest.mark.parametrize(
    "code", ["", "h57", "H5", "H57.", "H57..1", "Z00X", "H57." + "A" * 32, "000.00.00.H57", "H57-1"]
)
def test_what_is_no_code_of_decision_20(code):
    assert not is_qd20_code(code)


@pytest.mark.parametrize(
    ("code", "is_one"),
    [("000.00.00.H57", True), ("000.46.24.H44", True), ("00.23.H57", False), ("H57", False)],
)
def test_codes_of_qcvn_102_have_13_characters_from_the_right(code, is_one):
    assert is_qcvn102_code(code) is is_one
