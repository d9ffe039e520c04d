"""Claims on keys: a row is written before a key is used, and settled after."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from chauban.workflow.errors import KeyInUse
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.rules import SIGNING_LEASE


def claim(use: KeyUse) -> KeyUse:
    """Write down that a key is about to be used; call it in a transaction.

    Raises:
        KeyInUse: the same act is going on at this moment.
    """
    close_lapsed(use.copy.draft, use.claimed_at)
    use.lease_until = use.claimed_at + SIGNING_LEASE
    try:
        with transaction.atomic():
            use.save(force_insert=True)
    except IntegrityError:
        raise KeyInUse(use.lease_until) from None
    return use


def close_lapsed(draft: Draft, now: datetime) -> None:
    """Close claims on a draft whose lease has run out: they came to nothing.

    Raises:
        KeyInUse: a claim on the draft is still live.
    """
    claims = KeyUse.objects.open().filter(copy__draft=draft)
    live = claims.filter(lease_until__gt=now).first()
    if live:
        raise KeyInUse(live.lease_until)
    claims.update(settled_at=now, last_problem="lease-lapsed")


@contextmanager
def closed_on_failure(use: KeyUse, now: datetime) -> Iterator[None]:
    """Close the claim, and those made with it, when the work fails, so that it can be repeated.

    When the process dies in between, the claim stays until its lease has run out.
    """
    try:
        yield
    except Exception as failure:
        KeyUse.objects.open().filter(Q(pk=use.pk) | Q(seal=use)).update(
            settled_at=now, last_problem=type(failure).__name__
        )
        raise
