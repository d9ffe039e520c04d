"""Working days of public offices in Việt Nam, from the table of days off (data/holidays.toml).

What the administrator has decided since counts over the table (`decided`).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

DATA_FILE = Path(__file__).with_name("data") / "holidays.toml"
SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Exceptions:
    """Weekdays off, and weekend days worked."""

    off: frozenset[date]
    worked: frozenset[date]


# Days decided since the table was written, and whether each is worked: `days_decided` sees to it.
decided: Mapping[date, bool] = {}


def is_working_day(day: date) -> bool:
    """Monday to Friday but for holidays, and Saturdays worked in exchange for a day off."""
    return decided[day] if day in decided else is_working_by_table(day)


def is_working_by_table(day: date) -> bool:
    known = _exceptions()
    return day in known.worked or (day.weekday() < SATURDAY and day not in known.off)


def exceptions_of(year: int) -> list[tuple[date, bool, str]]:
    """The table's days of a year that are not as their weekday: day, worked or not, source."""
    found = _years().get(str(year), {})
    return sorted(
        (day, kind == "worked", found["source"])
        for kind in ("off", "worked")
        for day in found.get(kind, ())
    )


def last_year_of_the_table() -> int:
    return max(int(year) for year in _years())


def next_working_day(day: date) -> date:
    """The first working day after a day."""
    return _walk(day, DAY)


def last_working_day_before(day: date) -> date:
    return _walk(day, -DAY)


def last_day_of(due_on: date) -> date:
    """The day with which a term ends: a term that ends on a day off ends with the next working
    day (Bộ luật Dân sự 91/2015/QH13 Điều 148.5)."""
    return due_on if is_working_day(due_on) else next_working_day(due_on)


def working_days_by(first: date, last: date) -> dict[date, int]:
    """How many of the days from the first on were worked, by each day up to the last."""
    days = [first + number * DAY for number in range((last - first).days + 1)]
    return dict(zip(days, accumulate(map(is_working_day, days)), strict=True))


def is_past(due_on: date, today: date) -> bool:
    """Whether a term that ends on a day is over.

    A term that ends on a day off ends with the next working day (Bộ luật Dân sự 91/2015/QH13
    Điều 148.5).
    """
    return due_on <= last_working_day_before(today)


def _walk(day: date, step: timedelta) -> date:
    day += step
    while not is_working_day(day):
        day += step
    return day


@cache
def _years() -> dict[str, dict[str, Any]]:
    return tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))


@cache
def _exceptions() -> Exceptions:
    years = _years().values()
    return Exceptions(
        frozenset(day for year in years for day in year["off"]),
        frozenset(day for year in years for day in year["worked"]),
    )
