"""Whose step it is, and the one guarded write that takes it."""

from datetime import datetime
from typing import Any

from chauban.accounts.officers import Officer
from chauban.workflow.errors import ChangedMeanwhile, StepNotAllowed
from chauban.workflow.models import Draft
from chauban.workflow.rules import Standing, Step, open_steps, standings


def standings_of(draft: Draft, officer: Officer) -> frozenset[Standing]:
    """What officer is to a draft, in the post he acts in."""
    post = officer.post
    return standings(
        role=post.role,
        is_author=draft.author.person_id == post.person_id,
        is_signatory=draft.mandate.person_id == post.person_id,
        in_agency=draft.agency_id == post.agency_id,
        in_unit=draft.unit_id is None or draft.unit_id == post.unit_id,
        in_registry=draft.body.agency_id == post.agency_id,
    )


def require_step(draft: Draft, step: Step, officer: Officer) -> None:
    """Require that the step is officer's to take with the draft as it stands.

    Raises: StepNotAllowed.
    """
    if step not in open_steps(draft.state, standings_of(draft, officer)):
        raise StepNotAllowed(step, draft.state, draft.get_state_display())


def advance(
    draft: Draft, step: Step, state: str, *, officer: Officer, now: datetime, **values: Any
) -> None:
    """Move the draft on as one guarded write: of two people only one gets through."""
    require_step(draft, step, officer)
    is_moved = Draft.objects.filter(
        pk=draft.pk, state=draft.state, changed_at=draft.changed_at
    ).update(state=state, changed_at=now, **values)
    if not is_moved:
        current = Draft.objects.get(pk=draft.pk)
        raise ChangedMeanwhile(current.changed_at, current.get_state_display())


def as_stored(draft: Draft) -> Draft:
    """The draft with what was written; only now, for a write that fails leaves it as it was."""
    draft.refresh_from_db()
    return draft
