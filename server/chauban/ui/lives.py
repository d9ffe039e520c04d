"""The life of a document as pages draw it (`ui/days.html`): a line of acts, day by day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from chauban.ui.templatetags.ui import HANOI


@dataclass(frozen=True)
class LifeEvent:
    """One act: when (UTC), what, by whom, and what there is to say of it, reasons above all."""

    at: datetime
    word: str
    who: str
    detail: str = ""
    is_authority: bool = False
    is_failure: bool = False


@dataclass(frozen=True)
class LifeLine:
    """Acts alike, one after the other: one line, which opens to all of them."""

    events: tuple[LifeEvent, ...]

    @property
    def first(self) -> LifeEvent:
        return self.events[0]

    @property
    def last(self) -> LifeEvent:
        return self.events[-1]


@dataclass(frozen=True)
class LifeDay:
    """A day of Việt Nam."""

    on: date
    lines: tuple[LifeLine, ...]


def by_day(events: Iterable[LifeEvent]) -> list[LifeDay]:
    """Events, oldest first, by their days; those alike in a row are one line."""
    days = groupby(events, key=lambda one: one.at.astimezone(HANOI).date())
    return [LifeDay(day, tuple(_lines(found))) for day, found in days]


def _lines(events: Iterable[LifeEvent]) -> Iterable[LifeLine]:
    alike = groupby(events, key=lambda one: (one.word, one.is_failure, one.is_authority))
    return (LifeLine(tuple(found)) for _, found in alike)
