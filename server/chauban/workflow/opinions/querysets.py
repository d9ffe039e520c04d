"""Questions about opinions: whose turn it is, who may read what."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from chauban.workflow.rules import STATES_OF_OPINIONS

if TYPE_CHECKING:
    from chauban.accounts.officers import Officer

_OPEN = Q(stance="", withdrawn_at=None, round__draft__state__in=STATES_OF_OPINIONS)


class OpinionQuerySet(models.QuerySet["models.Model"]):
    def asked_of(self, officer: "Officer") -> Self:
        """What officer is asked himself, or as head of a unit that is asked."""
        post = officer.post
        asked = Q(post__person=post.person_id, post__agency=post.agency_id)
        if post.role == "unit-head" and post.unit_id:
            asked |= Q(unit=post.unit_id)
        return self.filter(asked)

    def open(self) -> Self:
        """Not answered, not withdrawn, on a draft that may still take it in."""
        return self.filter(_OPEN)

    def readable(self) -> Self:
        """Who is asked reads the version until he need not answer; who answered, for ever."""
        return self.filter(_OPEN | ~Q(stance=""))
