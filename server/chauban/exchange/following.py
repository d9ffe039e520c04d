"""Statuses that follow the handling of a document: 04, 05, 06 from the journal's acts."""

from datetime import datetime

from chauban_edxml.model import StatusCode
from django.db import IntegrityError, transaction

from chauban.exchange.models import Delivery, FollowedAct
from chauban.exchange.statuses import owe_status
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.workflow.models import Task

TELLING = {
    ActKind.ROUTED: StatusCode.ASSIGNED,
    ActKind.TASK_STARTED: StatusCode.IN_PROGRESS,
    ActKind.INCOMING_DONE: StatusCode.FINISHED,
}


def follow_next(*, now: datetime) -> bool:
    """Owe the status that the oldest act not yet followed calls for. False: no such act.

    A document has each status once, however often it is routed; what came on paper owes none.
    """
    act = Act.objects.filter(kind__in=TELLING).unfollowed_by(FollowedAct).first()
    if act is None:
        return False
    delivery = _delivery_of(act)
    try:
        with transaction.atomic():
            FollowedAct.objects.create(act=act)
            if delivery:
                owe_status(delivery, TELLING[ActKind(act.kind)], now=now)
    except IntegrityError:  # another worker follows the same act
        return True
    return True


def _delivery_of(act: Act) -> Delivery | None:
    document_id = act.subject_id
    if act.subject_type == Task._meta.label_lower:
        document_id = Task.objects.values_list("document_id", flat=True).get(pk=act.subject_id)
    return Delivery.objects.filter(incoming=document_id).select_related("body__agency").first()
