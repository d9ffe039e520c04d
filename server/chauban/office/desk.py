"""An officer's desk: each of its places is one list, and its counter counts that same list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Count, Model, QuerySet, Value
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise

from chauban.accounts.officers import Officer
from chauban.ui.rows import Row

Rows = Callable[[Officer, datetime], "QuerySet[Model]"]
Line = Callable[[Model, datetime], Row]


def _as_they_are(rows: "QuerySet[Model]", asked: QueryDict) -> "QuerySet[Model]":
    return rows


@dataclass(frozen=True)
class Place:
    key: str
    name: Promise
    icon: str
    rows: Rows
    line: Line
    serves: Callable[[Officer], bool]
    empty: Promise
    is_authority: bool = False  # acts of authority are lacquer red
    is_work: bool = True  # it waits for this officer; else something to look at
    is_late: bool = False  # its rows should not be there
    narrowed: Callable[["QuerySet[Model]", QueryDict], "QuerySet[Model]"] = _as_they_are

    def url(self) -> str:
        return reverse("office:place", args=[self.key])


def counts(found: list[Place], officer: Officer, now: datetime) -> Mapping[str, int]:
    """How long each list is, by the place's key; one query for all."""
    if not found:
        return {}
    first, *others = (_amount(place, officer, now) for place in found)
    amounts = dict(first.union(*others, all=True) if others else first)
    return {place.key: amounts.get(place.key, 0) for place in found}


def _amount(place: Place, officer: Officer, now: datetime) -> "QuerySet[Model]":
    rows = place.rows(officer, now).order_by().prefetch_related(None).select_related(None)
    counted = rows.values(place_key=Value(place.key, output_field=CharField()))
    return counted.annotate(amount=Count("pk")).values_list("place_key", "amount")
