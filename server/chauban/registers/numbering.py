"""Series and the numbers they give (Nghị định 30/2020/NĐ-CP Điều 15, Điều 22.2)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Exists, F, Q

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.directory.models import IssuingBody
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.errors import (
    ClockBehindSeries,
    KindInTwoSeries,
    KindWithoutSeries,
    SeriesHasBegun,
)
from chauban.registers.models import (
    ArrivalSeries,
    IncomingDocument,
    Series,
    SeriesDecision,
    SeriesGroup,
)
from chauban.registers.rules import DEFAULT_GROUPS, kinds_named_twice


@transaction.atomic
def decide_series(
    body: IssuingBody,
    groups: Mapping[str, Sequence[str]],
    *,
    basis: str = "",
    officer: Officer,
    now: datetime,
) -> None:
    """Set which kinds of document of a body are numbered together, as its head decides.

    A group keeps its numbers when its kinds change (Điều 15.1); every decision is kept. basis
    names the document in which the head decided.

    Raises:
        NotAllowed: the officer is neither head nor administrator of the agency that keeps the
            register.
        KindInTwoSeries: a kind stands in two of the groups.
    """
    require(officer, Permission.DECIDE_SERIES, body)
    if twice := kinds_named_twice(groups.values()):
        raise KindInTwoSeries(twice[0])
    SeriesGroup.objects.of(body).exclude(name__in=groups).update(kinds=[])
    _set_groups(body, groups)
    SeriesDecision.objects.create(
        body=body,
        groups={name: list(kinds) for name, kinds in groups.items()},
        basis=basis,
        by=officer.post,
        at=now,
    )
    record(ActKind.SERIES_DECIDED, on=body, by=officer, at=now, groups=len(groups))


@transaction.atomic
def begin_series(
    group: SeriesGroup, *, year: int, first_number: int, officer: Officer, now: datetime
) -> None:
    """Let a group's numbers of a legal year go on from paper: the first given here is told.

    For an agency that begins within a year; each year after it starts at 1 again (Điều 15.1).

    Raises:
        NotAllowed: as `decide_series`.
        SeriesHasBegun: numbers of that year have been given here.
    """
    require(officer, Permission.DECIDE_SERIES, group.body)
    series, _created = Series.objects.get_or_create(group=group, year=year)
    # One guarded UPDATE, as in take_number: a date tells that a number has been given.
    is_set = Series.objects.filter(pk=series.pk, last_date=None).update(
        last_number=first_number - 1
    )
    if not is_set:
        raise SeriesHasBegun(group.name, year)
    record(ActKind.SERIES_BEGUN, on=series, by=officer, at=now, first_number=first_number)


@transaction.atomic
def begin_arrivals(
    body: IssuingBody, *, year: int, first_number: int, officer: Officer, now: datetime
) -> None:
    """Let a body's arrival numbers of a legal year go on from paper (Điều 22.2).

    Raises: NotAllowed, SeriesHasBegun, as `begin_series`.
    """
    require(officer, Permission.DECIDE_SERIES, body)
    series, _created = ArrivalSeries.objects.get_or_create(body=body, year=year)
    given = IncomingDocument.objects.filter(body=body, year=year)
    is_set = ArrivalSeries.objects.filter(~Exists(given), pk=series.pk).update(
        last_number=first_number - 1
    )
    if not is_set:
        raise SeriesHasBegun("Số đến", year)
    record(ActKind.SERIES_BEGUN, on=series, by=officer, at=now, first_number=first_number)


def groups_of(body: IssuingBody) -> list[SeriesGroup]:
    """The groups of a body: as decided, or else those of the decree, not stored yet."""
    return list(SeriesGroup.objects.of(body)) or [
        SeriesGroup(body=body, name=name, kinds=list(kinds))
        for name, kinds in DEFAULT_GROUPS.items()
    ]


def stored_groups_of(body: IssuingBody) -> list[SeriesGroup]:
    """The groups of a body, those of the decree stored if need be."""
    return list(SeriesGroup.objects.of(body)) or _set_groups(body, DEFAULT_GROUPS)


def series_for(body: IssuingBody, kind: str, year: int) -> Series:
    """The series that numbers a kind of document of a body in a legal year, begun if need be.

    Raises: KindWithoutSeries.
    """
    begun = Series.objects.filter(group__body=body, year=year).select_related("group")
    for series in begun:
        if kind in series.group.kinds:
            return series
    for group in stored_groups_of(body):
        if kind in group.kinds:
            return Series.objects.get_or_create(group=group, year=year)[0]
    raise KindWithoutSeries(kind, body.name)


def take_number(series: Series, day: date) -> int:
    """Take the next number of a series for a document dated day; call it in a transaction.

    Raises:
        ClockBehindSeries: the number before has a later date.
    """
    # One guarded UPDATE: it holds the row until the transaction ends, so that the number read
    # back is ours. Number and date move together and never fall.
    is_taken = Series.objects.filter(
        Q(last_date=None) | Q(last_date__lte=day), pk=series.pk
    ).update(last_number=F("last_number") + 1, last_date=day)
    of_group = Series.objects.filter(group_id=series.group_id, last_date__isnull=False)
    years = {it.pk: it for it in of_group}
    latest = max(it.last_date for it in years.values())
    if not is_taken or latest > day:
        raise ClockBehindSeries(series.group.name, last_date=latest, today=day)
    return years[series.pk].last_number


def last_arrival_number(body: IssuingBody, year: int) -> int:
    """The last arrival number that a body has given in a legal year; 0: none."""
    numbers = ArrivalSeries.objects.filter(body=body, year=year)
    return numbers.values_list("last_number", flat=True).first() or 0


def take_arrival_number(body: IssuingBody, year: int) -> int:
    """Take the next arrival number of a body; call it in a transaction."""
    # One statement begins a sequence or moves it, and holds its row until the transaction ends.
    table = connection.ops.quote_name(ArrivalSeries._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (body_id, year, last_number) VALUES (%s, %s, 1)"
            f" ON CONFLICT (body_id, year) DO UPDATE SET last_number = {table}.last_number + 1"
            " RETURNING last_number",
            [body.pk, year],
        )
        (number,) = cursor.fetchone()
    return int(number)


def _set_groups(body: IssuingBody, groups: Mapping[str, Sequence[str]]) -> list[SeriesGroup]:
    return [
        SeriesGroup.objects.update_or_create(body=body, name=name, defaults={"kinds": list(kinds)})[
            0
        ]
        for name, kinds in groups.items()
    ]
