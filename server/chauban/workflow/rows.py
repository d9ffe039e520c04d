"""A draft as a line of a list."""

from django.urls import reverse

from chauban.registers.rows import urgency_word
from chauban.ui.rows import Row
from chauban.workflow.models import Draft
from chauban.workflow.waiting import waiting_of


def draft_row(draft: Draft, *, to: str = "workflow:draft") -> Row:
    """The line leads to the draft's own page, or to where its step is taken."""
    waiting = waiting_of(draft)
    return Row(
        number=draft.outgoing.code if draft.outgoing else f"…/{draft.notation}",
        subject=draft.subject,
        about=f"{draft.kind_name} · {draft.body.name} · {draft.author.person.full_name}",
        state=waiting.missing.label if waiting else draft.get_state_display(),
        tone=waiting.tone if waiting else "good" if draft.state == Draft.State.ISSUED else "go",
        url=reverse(to, args=[draft.pk]),
        at=draft.changed_at,
        urgency=urgency_word(draft.priority),
        note=waiting.note if waiting else "",
    )
