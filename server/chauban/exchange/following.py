"""Statuses that follow the handling of a document: 04, 05, 06 from the journal's acts."""

from datetime import datetime

from django.db import IntegrityError, transaction

from chauban.exchange.models import Delivery, FollowedAct
from chauban.exchange.statuses import owe_status
from chauban.journal.following import raise_horizon
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban_edxml.model import StatusCode

TELLING = {
    ActKind.ROUTED: StatusCode.ASSIGNED,
    ActKind.TASK_STARTED: StatusCode.IN_PROGRESS,
    ActKind.INCOMING_DONE: StatusCode.FINISHED,
}


def follow_next(*, now: datetime) -> bool:
    """Owe the status that the oldest act not yet followed calls for. False: no such act.

    A document has each status once, however often it is routed; what came on paper owes none.
    It states the moment of the act, however late the act is followed.
    """
    telling = Act.objects.filter(kind__in=TELLING)
    act = telling.unfollowed_by(FollowedAct).first()
    if act is None:
        raise_horizon(telling, FollowedAct, now=now)
        return False
    with transaction.atomic():
        if _is_first_to_follow(act) and (delivery := _delivery_of(act)):
            owe_status(delivery, TELLING[ActKind(act.kind)], now=min(act.at, now))
    return True


def _is_first_to_follow(act: Act) -> bool:
    """Take the act for this worker; False when another has it."""
    try:
        with transaction.atomic():
            FollowedAct.objects.create(act=act)
    except IntegrityError:
        return False
    return True


def _delivery_of(act: Act) -> Delivery | None:
    """The delivery that brought the incoming document that an act is on."""
    return Delivery.objects.filter(incoming=act.subject_id).select_related("body__agency").first()
