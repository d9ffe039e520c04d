"""The days that the administrator decided on, as `working_days` counts with them.

Every process holds them in memory and asks anew now and then: at once where a day is decided,
elsewhere within `FRESH_SECONDS`.
"""

import time

from chauban.directory import working_days
from chauban.directory.models import DecidedDay

FRESH_SECONDS = 30.0
_asked_at = float("-inf")


def refresh() -> None:
    """Ask for the days decided."""
    global _asked_at
    rows = DecidedDay.objects.filter(withdrawn_at=None).values_list("day", "is_worked")
    working_days.decided = dict(rows)
    _asked_at = time.monotonic()


def refresh_if_old() -> None:
    if time.monotonic() - _asked_at > FRESH_SECONDS:
        refresh()
