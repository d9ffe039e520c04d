"""Questions about packages in carriage."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Count, Min

WAITING = ("initial", "processing")


class MemberQuerySet(models.QuerySet["models.Model"]):
    def on_axis(self) -> Self:
        return self.filter(removed_at=None)


class PackageQuerySet(models.QuerySet["models.Model"]):
    def sent_by(self, system_id: str) -> Self:
        return self.filter(system__system_id=system_id)


class CarriageQuerySet(models.QuerySet["models.Model"]):
    def for_system(self, system_id: str) -> Self:
        return self.filter(system__system_id=system_id)

    def waiting(self, type: str) -> Self:
        """Copies not fetched to the end, the one offered first first."""
        return self.filter(type=type, state__in=WAITING).order_by("offered_at", "pk")

    def expired(self, before: datetime) -> Self:
        """Copies that wait since before then."""
        return self.filter(state__in=WAITING, offered_at__lt=before).order_by("offered_at", "pk")

    def failed(self) -> Self:
        return self.filter(state="fail").order_by("-updated_at")

    def queues(self) -> Self:
        """For each system and type: how many copies wait, and since when the oldest does."""
        return (
            self.filter(state__in=WAITING)
            .values("system__system_id", "system__name", "type")
            .annotate(length=Count("pk"), oldest=Min("offered_at"))
            .order_by("oldest")
        )
