"""Which workers are there: each says now and then that it is at work."""

from datetime import datetime, timedelta

from chauban.exchange.models import WorkerSeen

SEEN_EVERY = timedelta(seconds=30)
FORGOTTEN_AFTER = timedelta(days=2)


def note_worker(name: str, *, started_at: datetime, now: datetime) -> None:
    """Note that a worker is at work; those long gone are forgotten."""
    WorkerSeen.objects.update_or_create(
        name=name, defaults={"started_at": started_at, "seen_at": now}
    )
    WorkerSeen.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
