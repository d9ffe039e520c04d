"""Questions about packages in carriage."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Min, Q

if TYPE_CHECKING:
    from chauban.axis.models import Neighbour

WAITING = ("initial", "processing")


class MemberQuerySet(models.QuerySet["models.Model"]):
    def on_axis(self) -> Self:
        return self.filter(removed_at=None)


class NeighbourQuerySet(models.QuerySet["models.Model"]):
    def to_call(self, now: datetime) -> Self:
        """Those that are not locked, and do not rest after a silence."""
        rested = Q(rests_until=None) | Q(rests_until__lte=now)
        return self.filter(rested, system__is_active=True).order_by("pk")


class ForwardingQuerySet(models.QuerySet["models.Model"]):
    def due(self, neighbour: "Neighbour", now: datetime) -> Self:
        """What is to be handed over to a neighbour, what is due longest first."""
        return self.filter(neighbour=neighbour, due_at__lte=now).order_by("due_at", "pk")

    def to_track(self, neighbour: "Neighbour", now: datetime) -> Self:
        """What a neighbour took over and is to be asked about."""
        return self.filter(neighbour=neighbour, track_at__lte=now).order_by("track_at", "pk")


class KeptCopyQuerySet(models.QuerySet["models.Model"]):
    def due(self, neighbour: "Neighbour", now: datetime) -> Self:
        """What a neighbour keeps, or is to hear of, what is due longest first."""
        return self.filter(neighbour=neighbour, due_at__lte=now).order_by("due_at", "pk")


class PackageQuerySet(models.QuerySet["models.Model"]):
    def sent_by(self, system_id: str) -> Self:
        return self.filter(system__system_id=system_id)


class CarriageQuerySet(models.QuerySet["models.Model"]):
    def for_system(self, system_id: str) -> Self:
        return self.filter(system__system_id=system_id)

    def waiting(self, type: str) -> Self:
        """Copies not fetched to the end, the one offered first first."""
        return self.filter(type=type, state__in=WAITING).order_by("offered_at", "pk")

    def of_documents(self, keys: Iterable[str], *, senders: Iterable[str]) -> Self:
        """Copies of documents by their keys; SQLite takes an index in part for what it says."""
        asked = self.filter(package__document_key__in=keys, package__from_organ_id__in=senders)
        return asked.exclude(package__document_key="")

    def expired(self, before: datetime) -> Self:
        """Copies that wait since before then; what a neighbour took over expires there."""
        waiting = self.filter(state__in=WAITING, offered_at__lt=before)
        handed_over = Q(state="processing", system__neighbour__isnull=False)
        return waiting.exclude(handed_over).order_by("offered_at", "pk")

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
