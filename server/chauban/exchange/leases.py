"""Claiming owed work: one short statement, alike on SQLite and PostgreSQL (decision 8)."""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connections, models, transaction
from django.db.models import Q

Row = TypeVar("Row", bound=models.Model)


def claim_first(due: "models.QuerySet[Row]", *, now: datetime, lease: timedelta) -> Row | None:
    """Take the first row of due that nobody holds, for as long as the lease; None: no such row.

    The row's `lease_until` moves to now + lease and its `attempts` grows by one, in one
    UPDATE … RETURNING: two workers never hold one row. Whoever dies holding it loses it when
    the lease ends, and the work is done again.
    """
    model, using = due.model, due.db
    connection = connections[using]
    free = due.filter(Q(lease_until=None) | Q(lease_until__lte=now)).values("pk")[:1]
    if not free.exists():  # an idle worker takes no write lock
        return None
    with transaction.atomic(using=using):
        if connection.features.has_select_for_update_skip_locked:
            free = free.select_for_update(skip_locked=True)
        chosen, parameters = free.query.get_compiler(using).as_sql()
        until = connection.ops.adapt_datetimefield_value(now + lease)
        claimed = model._default_manager.using(using).raw(
            f"UPDATE {model._meta.db_table} SET lease_until = %s, attempts = attempts + 1"
            f" WHERE id = ({chosen}) RETURNING *",
            [until, *parameters],
        )
        return next(iter(claimed), None)


def hold(row: models.Model) -> bool:
    """Whether this worker's claim still stands; locks the row until the settling ends."""
    held = (
        type(row)
        ._default_manager.select_for_update()
        .filter(pk=row.pk, lease_until=row.lease_until)  # type: ignore[attr-defined]
    )
    return held.exists()
