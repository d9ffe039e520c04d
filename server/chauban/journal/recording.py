"""Recording an act: always inside the transaction of the act itself."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from django.db import models, transaction

from chauban.journal.kinds import ActKind
from chauban.journal.models import Act


class Actor(Protocol):
    """Whoever acts: a person in a post. The system itself is None."""

    @property
    def user_id(self) -> int: ...
    @property
    def post_id(self) -> int | None: ...
    @property
    def agency_id(self) -> int | None: ...
    @property
    def through(self) -> Mapping[str, int]:
        """By which means he acts, where not by a page: ids that stand with each of his acts."""
        ...


class ActOutsideTransaction(Exception):
    """An act was recorded outside the transaction of what it records."""


def record(
    kind: ActKind,
    *,
    on: models.Model,
    by: Actor | None,
    at: datetime,
    digest: str = "",
    agency_id: int | None = None,
    **facts: str | int | bool | None,
) -> Act:
    """Add one row to the journal, in the transaction that does what the act says.

    facts are ids, digests and codes; texts and personal data stay in tables that can be
    purged (design, decision 6).
    """
    act = made(kind, on=on, by=by, at=at, digest=digest, agency_id=agency_id, **facts)
    record_all([act])
    return act


def made(
    kind: ActKind,
    *,
    on: models.Model,
    by: Actor | None,
    at: datetime,
    digest: str = "",
    agency_id: int | None = None,
    **facts: str | int | bool | None,
) -> Act:
    """The row of `record`, for `record_all`."""
    return Act(
        kind=kind,
        at=at,
        user_id=by.user_id if by else None,
        post_id=by.post_id if by else None,
        agency_id=by.agency_id if by else agency_id,
        subject_type=on._meta.label_lower,
        subject_id=on.pk,
        digest=digest,
        facts={**facts, **by.through} if by else facts,
    )


def record_all(acts: Iterable[Act]) -> None:
    """Add rows to the journal in their order, in the transaction that does what they say."""
    if not transaction.get_connection().in_atomic_block:
        raise ActOutsideTransaction
    Act.objects.bulk_create(acts)
