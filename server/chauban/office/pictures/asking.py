"""What a viewer asks of a picture: a period, an agency, a unit, a way; read from the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property

from chauban.accounts.officers import Officer
from chauban.accounts.reach import Reach, reach_of
from chauban.directory.models import Unit
from chauban.directory.rules import HANOI, legal_day

WEEK = timedelta(days=7)
USUAL_WEEKS = 13
MOST_DAYS = 371  # a year of whole weeks


@dataclass(frozen=True)
class Asked:
    """The question of one page, its lists and its files; days are those of Việt Nam."""

    officer: Officer
    now: datetime
    reach: Reach  # what is counted
    whole: Reach  # what could be
    since: date
    until: date
    way: str = ""

    @property
    def today(self) -> date:
        return legal_day(self.now)

    @cached_property
    def units(self) -> list[Unit]:
        """The units to choose from, where one agency alone is counted."""
        if not self.whole.is_of_agencies or len(self.reach.agencies) != 1:
            return []
        in_force = Unit.objects.as_of(self.today).filter(agency__in=self.reach.agency_ids)
        return list(in_force.order_by("name", "pk"))

    @property
    def parameters(self) -> dict[str, str]:
        """It again as an address says it."""
        found = {"since": self.since.isoformat(), "until": self.until.isoformat(), "way": self.way}
        if len(self.whole.agencies) > 1 and len(self.reach.agencies) == 1:
            found["agency"] = str(self.reach.agencies[0].pk)
        if self.whole.is_of_agencies and self.reach.unit:
            found["unit"] = str(self.reach.unit.pk)
        return {name: value for name, value in found.items() if value}


def asked_by(
    officer: Officer | None, given: Mapping[str, str], ways: tuple[str, ...], now: datetime
) -> Asked:
    """What the address asks for; for what it does not say, or says wrongly, the usual.

    Raises: NotAllowed.
    """
    whole = reach_of(officer)
    assert officer is not None
    since, until = period_of(given.get("since", ""), given.get("until", ""), legal_day(now))
    way = given.get("way", "")
    asked = Asked(
        officer, now, whole, whole, since, until, way if way in ways else next(iter(ways), "")
    )
    if agency := number_of(given, "agency"):
        asked = replace(asked, reach=whole.of_agency(agency))
    if wanted := number_of(given, "unit"):
        unit = next((one for one in asked.units if one.pk == wanted), None)
        asked = replace(asked, reach=asked.reach.of_unit(unit)) if unit else asked
    return asked


def period_of(since: str, until: str, today: date) -> tuple[date, date]:
    """The days from and to, both counted: thirteen weeks up to the end of this one unless said,
    a year at most."""
    last = _day(until) or monday_of(today) + WEEK - timedelta(days=1)
    first = _day(since) or monday_of(last) - (USUAL_WEEKS - 1) * WEEK
    if first > last:
        first, last = last, first
    return max(first, last - timedelta(days=MOST_DAYS - 1)), last


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def beginning_of(day: date) -> datetime:
    """The moment at which a day begins in Việt Nam."""
    return datetime.combine(day, time(), HANOI)


def number_of(given: Mapping[str, str], name: str) -> int | None:
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None
