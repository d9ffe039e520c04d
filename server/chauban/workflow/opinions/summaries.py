"""How far a round of opinions is: who has answered, who has not, whether it is late."""

from datetime import date
from typing import Any

from django.utils import timezone

from chauban.directory.rules import legal_day
from chauban.directory.working_days import is_past
from chauban.workflow.models import Draft
from chauban.workflow.opinions.models import OpinionRound


def opinions_context(draft: Draft) -> dict[str, Any]:
    """What a draft's page shows of the opinions on it."""
    today = legal_day(timezone.now())
    rounds = draft.opinion_rounds.select_related("version", "asked_by__person").prefetch_related(
        "opinions__post__person", "opinions__unit"
    )
    return {"opinion_rounds": [summary_of(one, today) for one in rounds]}


def summary_of(asked: OpinionRound, today: date) -> dict[str, Any]:
    opinions = list(asked.opinions.all())
    awaited = [one for one in opinions if one.is_open]
    return {
        "round": asked,
        "asked": len(opinions),
        "answered": sum(bool(one.stance) for one in opinions),
        "awaited": awaited,
        "is_overdue": bool(awaited) and is_past(asked.due_on, today),
    }
