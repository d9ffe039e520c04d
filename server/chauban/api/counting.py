"""How often a token calls in a minute, over all server processes.

A count in the database at each call would make every reading a write. So a process counts for
itself, adds what it counted to the token's row in steps, and hears there what the others added
(docs/adr/0035-calls-are-counted-in-steps.md).
"""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from django.db.models import Case, F, Value, When

from chauban.api.errors import TooManyRequests
from chauban.api.models import Token

WINDOW_SECONDS = 60
STEPS = 20
"""In how many steps a process that is called alone reaches the limit."""


@dataclass
class _Counted:
    minute: int  # since 1970
    known: int = 0  # by all processes, when this one last added its own
    own: int = 0  # since then


_counted: dict[int, _Counted] = {}
_counting = Lock()


def count_call(token_id: int, now: datetime, *, allowed: int) -> None:
    """Count a call of a token against what is allowed in a minute.

    Each further process may let through a step more, a twentieth of what is allowed.

    Raises: TooManyRequests, which carries the seconds until the minute ends.
    """
    minute, elapsed = divmod(int(now.timestamp()), WINDOW_SECONDS)
    step = max(1, allowed // STEPS)
    with _counting:
        counted = _counted.get(token_id)
        if counted is None or counted.minute != minute:
            counted = _counted[token_id] = _Counted(minute)
        if counted.known + counted.own >= allowed:
            raise TooManyRequests(WINDOW_SECONDS - elapsed)
        counted.own += 1
        added = counted.own if counted.own >= step else 0
        counted.own -= added
        counted.known += added
    if added:
        counted.known = _added(token_id, minute, added)
        if counted.known > allowed:
            raise TooManyRequests(WINDOW_SECONDS - elapsed)


def forget_counts() -> None:
    """Let this process begin anew; what it added stays."""
    with _counting:
        _counted.clear()


def _added(token_id: int, minute: int, calls: int) -> int:
    """Add calls to those of the minute, in one statement. Return how many they are now."""
    token = Token.objects.filter(pk=token_id)
    token.update(
        calls=Case(When(minute=minute, then=F("calls") + calls), default=Value(calls)),
        minute=minute,
    )
    return token.values_list("calls", flat=True).get()
