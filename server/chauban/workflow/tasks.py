"""Owed work of this app, for `chauban work`."""

from datetime import datetime

from chauban.workflow.completing import complete_next
from chauban.workflow.elsewhere import look_after_next
from chauban.workflow.models import KeyUse
from chauban.workflow.services import signing_services


def look_after_waiting(now: datetime) -> bool:
    """Look after one key that answers elsewhere or later. Return False when none is due."""
    if not KeyUse.objects.to_look_after(now).exists():
        return False
    return look_after_next(signing_services(now), now=now)


def complete_pending(now: datetime) -> bool:
    """Try to complete one signature or seal that waits. Return False when none is due."""
    if not KeyUse.objects.due(now).exists():
        return False
    return complete_next(signing_services(now), now=now)
