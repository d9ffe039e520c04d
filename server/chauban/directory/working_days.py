"""Working days of public offices in Việt Nam, from the table of days off (data/holidays.toml)."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

DATA_FILE = Path(__file__).with_name("data") / "holidays.toml"
SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Exceptions:
    """Weekdays off, and weekend days worked."""

    off: frozenset[date]
    worked: frozenset[date]


def is_working_day(day: date) -> bool:
    """Monday to Friday but for holidays, and Saturdays worked in exchange for a day off."""
    known = _exceptions()
    return day in known.worked or (day.weekday() < SATURDAY and day not in known.off)


def next_working_day(day: date) -> date:
    """The first working day after a day."""
    return _walk(day, DAY)


def last_working_day_before(day: date) -> date:
    return _walk(day, -DAY)


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
def _exceptions() -> Exceptions:
    years = tomllib.loads(DATA_FILE.read_text(encoding="utf-8")).values()
    return Exceptions(
        frozenset(day for year in years for day in year["off"]),
        frozenset(day for year in years for day in year["worked"]),
    )
