"""What the axis does by itself: let undelivered copies expire, forget used signatures."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from chauban.axis.actions import State
from chauban.axis.models import Carriage, UsedSignature
from chauban.axis.requests import WINDOW
from chauban.axis.words import expired_words
from chauban.journal.kinds import ActKind
from chauban.journal.recording import made, record_all

AT_ONCE = 100


def expire_next(now: datetime) -> int:
    """Fail copies that their systems did not fetch in time; return how many.

    The sender learns it with the reason by `getSentEdocList`, as of any copy that failed, and
    may send again; so may the operator.
    """
    days: int = settings.AXIS_EXPIRY_DAYS
    overdue = Carriage.objects.expired(now - timedelta(days=days))
    if not overdue.exists():  # an idle worker takes no write lock
        return 0
    with transaction.atomic():
        chosen = list(overdue.select_for_update(of=("self",)).select_related("to")[:AT_ONCE])
        Carriage.objects.filter(pk__in=[one.pk for one in chosen]).update(
            state=State.FAIL, description=expired_words(days).vi, updated_at=now
        )
        record_all(
            made(
                ActKind.EXPIRED_ON_AXIS,
                on=one.to,
                by=None,
                at=now,
                organ_id=one.to.organ_id,
                package=str(one.package_id),
                days=days,
            )
            for one in chosen
        )
    return len(chosen)


def forget_signatures(now: datetime) -> int:
    """Drop signatures whose calls would be too old by now anyway."""
    old = UsedSignature.objects.filter(at__lt=now - 3 * WINDOW)
    return old.delete()[0] if old.exists() else 0
