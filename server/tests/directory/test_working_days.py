"""Working days and days off (Bộ luật Lao động 45/2019/QH14 Điều 111, 112)."""

import tomllib
from datetime import date, timedelta

import pytest

from chauban.directory.working_days import (
    DATA_FILE,
    SATURDAY,
    is_past,
    is_working_day,
    last_working_day_before,
    next_working_day,
)

YEARS = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
BY_LAW = 12  # 1/1, Tết 5, Giỗ Tổ, 30/4, 1/5, Quốc khánh 2, 24/11
# 1/1 and 10/3 of the lunar year, reckoned for Việt Nam's meridian (UTC+7).
NEW_YEARS = {2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 2)}
HUNG_KINGS = {2026: (4, 26), 2027: (4, 16), 2028: (4, 4), 2029: (4, 23), 2030: (4, 12)}


@pytest.mark.parametrize("year", sorted(YEARS))
def test_each_holiday_costs_one_day_of_work_made_up_for_on_weekends(year):
    table = YEARS[year]
    assert len(table["off"]) - len(table["worked"]) == BY_LAW
    assert all(day.weekday() < SATURDAY for day in table["off"])
    assert all(day.weekday() >= SATURDAY for day in table["worked"])
    assert {day.year for day in (*table["off"], *table["worked"])} == {int(year)}
    assert table["source"]


@pytest.mark.parametrize("year", sorted(NEW_YEARS))
def test_the_law_s_days_are_off(year):
    tet = date(year, *NEW_YEARS[year])
    named = [(1, 1), HUNG_KINGS[year], (4, 30), (5, 1), (9, 2), (11, 24)]
    around_tet = [tet + timedelta(days=day) for day in range(-1, 4)]
    for day in (*(date(year, *each) for each in named), *around_tet):
        assert not is_working_day(day), day


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2026, 11, 19), date(2026, 11, 20)),
        (date(2026, 11, 20), date(2026, 11, 23)),
        (date(2026, 11, 21), date(2026, 11, 23)),
        (date(2026, 2, 13), date(2026, 2, 23)),
        (date(2026, 8, 21), date(2026, 8, 22)),  # a Saturday worked for 31/8
        (date(2027, 2, 4), date(2027, 2, 12)),
    ],
)
def test_the_next_working_day_is_no_weekend_and_no_holiday(day, following):
    assert next_working_day(day) == following
    assert last_working_day_before(following) <= day


def test_a_term_that_ends_on_a_day_off_ends_with_the_next_working_day():
    sunday = date(2026, 11, 22)
    assert not is_past(sunday, date(2026, 11, 22))
    assert not is_past(sunday, date(2026, 11, 23))
    assert is_past(sunday, date(2026, 11, 24))


def test_a_term_that_ends_on_a_working_day_is_over_the_day_after():
    friday = date(2026, 11, 20)
    assert not is_past(friday, friday)
    assert is_past(friday, date(2026, 11, 21))


def test_of_a_year_that_is_not_in_the_table_weekends_are_known():
    assert not is_working_day(date(2050, 1, 2))
    assert is_working_day(date(2050, 9, 2))
