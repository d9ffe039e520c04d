"""An officer's desk: each of its places is one list, and its counter counts that same list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import CharField, Count, Model, QuerySet, Value
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise

from chauban.accounts.officers import Officer
from chauban.ui.rows import Row

Rows = Callable[[Officer, datetime], "QuerySet[Model]"]
Line = Callable[[Model, datetime], Row]
address_of = cache(reverse)  # of the few that every page leads to


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
        return address_of("office:place", args=(self.key,))

    def listed(self, officer: Officer, now: datetime) -> "QuerySet[Model]":
        """Its rows, by the hour: counter and list of one moment ask the same."""
        return self.rows(officer, on_the_hour(now))


def on_the_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Question:
    """One query that counts all of an officer's lists, put into words for the database once.

    Putting it into words takes several times as long as the answer, and every page asks.
    """

    keys: Sequence[str]
    sql: str
    parameters: Sequence[Any]

    @classmethod
    def about(cls, found: list[Place], officer: Officer, now: datetime) -> "Question":
        keys = [place.key for place in found]
        first, *others = (_amount(place, officer, now) for place in found)
        query = (first.union(*others, all=True) if others else first).query
        try:
            return cls(keys, *query.get_compiler(DEFAULT_DB_ALIAS).as_sql())
        except EmptyResultSet:  # each list is empty whatever the tables hold
            return cls(keys, "", ())

    def ask(self) -> Mapping[str, int]:
        """How long each list is, by the place's key."""
        if not self.sql:
            return dict.fromkeys(self.keys, 0)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.parameters)
            return {**dict.fromkeys(self.keys, 0), **dict(cursor.fetchall())}


def _amount(place: Place, officer: Officer, now: datetime) -> "QuerySet[Model]":
    rows = place.listed(officer, now).order_by().prefetch_related(None).select_related(None)
    counted = rows.values(place_key=Value(place.key, output_field=CharField()))
    return counted.annotate(amount=Count("pk")).values_list("place_key", "amount")
