"""Questions about many drafts, key uses and tasks."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from chauban.workflow.rules import HEAD_ROLES, SEEN_FROM, TURNS, Standing, Step, states_from

if TYPE_CHECKING:
    from chauban.accounts.officers import Officer
    from chauban.registers.models import IncomingDocument


def _of_standing(standing: Standing, officer: "Officer") -> Q | None:
    """The drafts to which officer is that; None where his post can never be."""
    post = officer.post
    match standing:
        case Standing.AUTHOR:
            return Q(author__person=post.person_id)
        case Standing.SIGNATORY:
            return Q(mandate__person=post.person_id)
        case Standing.UNIT_HEAD if post.role == "unit-head":
            return Q(agency=post.agency_id) & (Q(unit=post.unit_id) | Q(unit=None))
        case Standing.LAYOUT_CHECKER if post.role == "layout-checker":
            return Q(agency=post.agency_id)
        case Standing.OFFICE_HEAD if post.role == "office-head":
            return Q(agency=post.agency_id)
        case Standing.CLERK if post.role == "clerk":
            return Q(body__agency=post.agency_id)
        case Standing.HEAD if post.role in HEAD_ROLES:
            return Q(body__agency=post.agency_id)
    return None


class DraftQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, officer: "Officer") -> Self:
        """Drafts that officer may see, by what he is to each (PL VI III.3.b)."""
        seen = Q(pk__in=[])
        for standing, first in SEEN_FROM.items():
            if (related := _of_standing(standing, officer)) is not None:
                seen |= related & Q(state__in=states_from(first))
        return self.filter(seen)

    def awaiting(self, officer: "Officer", *steps: Step) -> Self:
        """Drafts in which one of the steps is officer's to take."""
        open_to = Q(pk__in=[])
        for state, turns in TURNS.items():
            for step in turns.keys() & set(steps):
                for standing in turns[step]:
                    if (related := _of_standing(standing, officer)) is not None:
                        open_to |= related & Q(state=state)
        return self.filter(open_to)

    def written_by(self, officer: "Officer") -> Self:
        return self.filter(author__person=officer.post.person_id)

    def for_page(self) -> Self:
        return self.select_related(
            "body__agency", "agency", "unit", "author__person", "mandate__person", "outgoing"
        ).prefetch_related("signing_copy__key_uses")


class DraftAttachmentQuerySet(models.QuerySet["models.Model"]):
    def kept(self) -> Self:
        return self.filter(removed_at=None)


class KeyUseQuerySet(models.QuerySet["models.Model"]):
    def open(self) -> Self:
        """Claimed and not settled: a person is using the key, or it came to nothing."""
        return self.filter(settled_at=None)

    def live(self, now: datetime) -> Self:
        return self.open().filter(lease_until__gt=now)

    def waiting(self) -> Self:
        """Open, and answered elsewhere or later: on a telephone or by a program."""
        return self.open().filter(ends_at__isnull=False, seal=None)

    def to_look_after(self, now: datetime) -> Self:
        return self.waiting().filter(next_look_at__lte=now).order_by("next_look_at", "pk")

    def pending(self) -> Self:
        """Settled, and waiting for a time-stamp or validation data."""
        return self.filter(Q(timestamp_pending=True) | Q(validation_data_pending=True))

    def due(self, now: datetime) -> Self:
        return self.pending().filter(lease_until__lte=now).order_by("lease_until", "pk")


class TaskQuerySet(models.QuerySet["models.Model"]):
    def of(self, officer: "Officer") -> Self:
        return self.filter(assignee__person=officer.post.person_id)

    def unfinished(self) -> Self:
        return self.exclude(state__in=["done", "stopped"])

    def on(self, document: "IncomingDocument") -> Self:
        return self.filter(document=document).select_related("assignee__person", "assignee__unit")
