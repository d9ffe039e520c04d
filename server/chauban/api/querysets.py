"""Questions about many applications, subscriptions and announcements."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

from chauban.accounts.rights import Permission, may

if TYPE_CHECKING:
    from chauban.accounts.officers import Officer


class ApplicationQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, officer: "Officer") -> Self:
        """The person's own; those of the whole agency for its administrator."""
        if may(officer, Permission.MANAGE_DIRECTORY):
            return self.filter(post__agency=officer.agency_id)
        return self.filter(post__person=officer.post.person_id)


class SubscriptionQuerySet(models.QuerySet["models.Model"]):
    def standing(self) -> Self:
        return self.filter(ended_at=None, application__ended_at=None)


class AnnouncementQuerySet(models.QuerySet["models.Model"]):
    def due(self, now: datetime) -> Self:
        """Announcements to send, the one that has been due longest first."""
        return self.filter(state="due", due_at__lte=now).order_by("due_at", "pk")
