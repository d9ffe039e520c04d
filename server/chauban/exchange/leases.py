"""Claiming owed work: one short statement, alike on SQLite and PostgreSQL (decision 8)."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TypeVar

from django.db import connections, models, transaction
from django.db.models import Q

Row = TypeVar("Row", bound=models.Model)
SLOWEST_BYTES_PER_SECOND = 1 << 21


def claim_first(due: "models.QuerySet[Row]", *, now: datetime, lease: timedelta) -> Row | None:
    """Take the first row of due that nobody holds, for as long as the lease; None: no such row."""
    return next(iter(claim_some(due, now=now, lease=lease, most=1)), None)


def claim_some(
    due: "models.QuerySet[Row]", *, now: datetime, lease: timedelta, most: int
) -> list[Row]:
    """Take up to `most` of the first rows of due that nobody holds, for as long as the lease.

    The rows' `lease_until` moves to now + lease and their `attempts` grows by one, in one
    UPDATE … RETURNING: two workers never hold one row. Whoever dies holding them loses them when
    the lease ends, and the work is done again; what was tried before then goes alone, so that
    it takes nothing down with it.
    """
    model, using = due.model, due.db
    connection = connections[using]
    free = due.filter(free_at(now))
    first = list(free.values_list("pk", "attempts")[:most])
    if not first:  # an idle worker takes no write lock
        return []
    untried = list(takewhile(lambda row: row[1] == 0, first))
    order = [pk for pk, _ in untried or first[:1]]
    with transaction.atomic(using=using):
        chosen = free.filter(pk__in=order).order_by().values("pk")
        if connection.features.has_select_for_update_skip_locked:
            chosen = chosen.select_for_update(skip_locked=True)
        sql, parameters = chosen.query.get_compiler(using).as_sql()
        until = connection.ops.adapt_datetimefield_value(now + lease)
        claimed = model._default_manager.using(using).raw(
            f"UPDATE {model._meta.db_table} SET lease_until = %s, attempts = attempts + 1"
            f" WHERE id IN ({sql}) RETURNING *",
            [until, *parameters],
        )
        return sorted(claimed, key=lambda row: order.index(row.pk))


def free_at(now: datetime) -> Q:
    """Rows that nobody holds."""
    return Q(lease_until=None) | Q(lease_until__lte=now)


def prolong(rows: Sequence[models.Model], *, size_bytes: int) -> None:
    """Hold rows, claimed together, for as long as so many bytes may take on their way.

    Whoever dies meanwhile leaves them unheld only after that.
    """
    until = rows[0].lease_until  # type: ignore[attr-defined]
    longer = until + timedelta(seconds=size_bytes / SLOWEST_BYTES_PER_SECOND)
    rows[0]._meta.default_manager.filter(  # type: ignore[union-attr]
        pk__in=[row.pk for row in rows], lease_until=until
    ).update(lease_until=longer)
    for row in rows:
        row.lease_until = longer  # type: ignore[attr-defined]


def hold(row: models.Model) -> bool:
    """Whether this worker's claim still stands; locks the row until the settling ends."""
    return row.pk in hold_all([row])


def hold_all(rows: Sequence[models.Model]) -> Collection[int]:
    """The ids of the rows, claimed together, whose claim still stands; locks them likewise."""
    if not rows:
        return frozenset()
    return set(
        type(rows[0])
        ._default_manager.select_for_update()
        .filter(pk__in=[row.pk for row in rows], lease_until=rows[0].lease_until)  # type: ignore[attr-defined]
        .values_list("pk", flat=True)
    )


def settle_all(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of rows that are held, and give the claims up."""
    for row in rows:
        row.lease_until = None  # type: ignore[attr-defined]
    keep_all(rows, (*fields, "lease_until"))


def keep_all(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of rows that are held.

    One prepared statement for all rows: `bulk_update` would spend more on putting its CASE
    together than all the rest of the settling takes.
    """
    if not rows:
        return
    meta, connection = rows[0]._meta, connections[rows[0]._state.db or "default"]
    columns = [meta.get_field(name) for name in fields]
    quoted = connection.ops.quote_name
    names = ", ".join(f"{quoted(each.column)} = %s" for each in columns)

    def values(row: models.Model) -> list[object]:
        return [each.get_db_prep_save(getattr(row, each.attname), connection) for each in columns]

    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quoted(meta.db_table)} SET {names} WHERE id = %s",
            [[*values(row), row.pk] for row in rows],
        )
