"""Opinions as lines of a list."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from chauban.directory.rules import legal_day
from chauban.directory.working_days import is_past
from chauban.registers.rows import urgency_word
from chauban.ui.rows import Row
from chauban.workflow.opinions.models import Opinion, OpinionRound


def opinion_row(opinion: Opinion, now: datetime) -> Row:
    """What an officer is asked, on his desk."""
    asked = opinion.round
    draft = asked.draft
    asker = asked.asked_by.person.full_name
    unit = f" · {opinion.unit.name}" if opinion.unit else ""
    return Row(
        number=f"…/{draft.notation}",
        subject=draft.subject,
        about=f"{asker}{unit} · {asked.question}" if asked.question else f"{asker}{unit}",
        state=_("Chờ ý kiến"),
        tone="wait",
        url=reverse("workflow:opinion", args=[opinion.pk]),
        at=asked.asked_at,
        due_on=asked.due_on,
        is_overdue=is_past(asked.due_on, legal_day(now)),
        urgency=urgency_word(draft.priority),
    )


def round_row(asked: OpinionRound, now: datetime) -> Row:
    """What an officer has asked others."""
    draft = asked.draft
    opinions = list(asked.opinions.all())
    answered = sum(bool(one.stance) for one in opinions)
    return Row(
        number=f"…/{draft.notation}",
        subject=draft.subject,
        about=", ".join(one.name for one in opinions if one.is_open),
        state=_("%(answered)s/%(asked)s đã trả lời")
        % {"answered": answered, "asked": len(opinions)},
        tone="wait",
        url=reverse("workflow:opinion-round", args=[asked.pk]),
        at=asked.asked_at,
        due_on=asked.due_on,
        is_overdue=is_past(asked.due_on, legal_day(now)),
        urgency=urgency_word(draft.priority),
    )
