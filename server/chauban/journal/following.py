"""Following the journal: an app that owes something for acts keeps a table of those it dealt with.

`ActQuerySet.unfollowed_by` gives it the others (design, section 1). A journal of years would make
that question slow, so a horizon follows at a distance: below it nothing is asked about any more.
"""

from datetime import datetime, timedelta

from django.db import models

from chauban.journal.models import Act, Horizon
from chauban.journal.querysets import ActQuerySet

DISTANCE = timedelta(hours=6)
"""Longer than a transaction may stay open, and than two clocks may differ."""


def raise_horizon(acts: ActQuerySet, followed: type[models.Model], *, now: datetime) -> None:
    """Raise a follower's horizon to the last act of `DISTANCE` ago, if it dealt with all below.

    acts are all those it follows, dealt with or not. To be called when it finds nothing to do.
    """
    follower = followed._meta.label_lower
    horizon = Horizon.objects.filter(follower=follower).first()
    if horizon and (
        now < horizon.next_at
        or acts.unfollowed_by(followed).filter(id__lte=horizon.next_up_to).exists()
    ):
        return
    last = Act.objects.order_by("id").values_list("id", flat=True).last() or 0
    Horizon.objects.update_or_create(
        follower=follower,
        defaults={
            "up_to": horizon.next_up_to if horizon else 0,
            "next_up_to": last,
            "next_at": now + DISTANCE,
        },
    )
