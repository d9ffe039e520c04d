"""Questions about many rows of the outbox and the inbox."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Min, Q

if TYPE_CHECKING:
    from chauban.directory.models import IssuingBody


class OutgoingMessageQuerySet(models.QuerySet["models.Model"]):
    def due(self, now: datetime) -> Self:
        """Messages to send, the one that has been due longest first."""
        return self.filter(state="due", due_at__lte=now).order_by("due_at", "pk")

    def to_track(self, now: datetime) -> Self:
        """Messages of which the axis is to be asked whether they were fetched."""
        return self.filter(track_at__lte=now).order_by("track_at", "pk")

    def failed(self) -> Self:
        """Messages that a person must send again; not those whose every recipient was since."""
        is_left = Q(key__startswith="document:", recipients=None)
        return self.filter(state="failed").exclude(is_left).order_by("-created_at")

    def outbox(self) -> dict[str, Any]:
        """How many messages are to be sent, and since when the oldest is."""
        return self.filter(state="due").aggregate(length=Count("pk"), oldest=Min("created_at"))


class ReceiptQuerySet(models.QuerySet["models.Model"]):
    def of_message(self, sha256: str) -> Self:
        """What has been stated of a message, oldest first; what is still unsigned is nothing."""
        stated = self.filter(sha256=sha256).exclude(statement__cms=None)
        return stated.select_related("statement")

    def holding(self) -> Self:
        return self.filter(fault_vi="")


class RecipientQuerySet(models.QuerySet["models.Model"]):
    def troubled(self) -> Self:
        """Recipients that did not get the document and of whom a person must know."""
        undelivered = Q(transport="fail") | ~Q(refusal="") | Q(message__state="failed")
        return self.filter(undelivered, status_code="", channel="axis").exclude(
            document__state="recalled"
        )

    def refused_or_stuck(self, since: datetime) -> Self:
        """Recipients that did not get the document, or that sent it back since that moment."""
        refused = self.filter(status_code="02", status_at__gte=since)
        return (self.troubled() | refused).exclude(document__state="recalled")


class DispatchQuerySet(models.QuerySet["models.Model"]):
    def of_agency(self, agency_id: int) -> Self:
        """Dispatches of documents whose registry the agency keeps."""
        return self.filter(recipient__document__body__agency=agency_id)

    def due(self) -> Self:
        return self.filter(state="due")

    def standing(self) -> Self:
        """Those that a recipient's channel stands for now: not one given up for another."""
        return self.exclude(state="given-up")

    def in_postal_book(self, body: "IssuingBody", year: int) -> Self:
        """What went by post in a year, in the order in which it went (PL IV.III)."""
        return (
            self.filter(recipient__document__body=body, channel="post", sent_on__year=year)
            .select_related("recipient__document")
            .order_by("sent_on", "pk")
        )


class ChangeRequestQuerySet(models.QuerySet["models.Model"]):
    def unsettled(self) -> Self:
        """Recalls that a recipient has not agreed to, or that nobody could put to it."""
        return self.filter(kind=1, state__in=["waiting", "undelivered", "refused", "apart"])


class PassedOnQuerySet(models.QuerySet["models.Model"]):
    def of(self, message: models.Model) -> Self:
        """Those that a message passes the document on to, or asks for it."""
        rows = self.filter(Q(message=message) | Q(request_message=message))
        return rows.select_related("incoming__body__agency__parent", "earlier").order_by("pk")

    def standing(self) -> Self:
        """Those that hold the document, or may: neither refused by the axis nor asked for it."""
        return self.filter(refusal="", request="")


class IncomingMessageQuerySet(models.QuerySet["models.Model"]):
    def due(self, now: datetime) -> Self:
        """Packages to fetch, or whose outcome the axis has not been told, oldest first."""
        return self.filter(confirmed_at=None, due_at__lte=now).order_by("due_at", "pk")

    def backlog(self) -> dict[str, Any]:
        """How many packages are to be fetched or confirmed, and since when the oldest is."""
        waiting = self.filter(confirmed_at=None)
        return waiting.aggregate(length=Count("pk"), oldest=Min("listed_at"))

    def refused(self) -> Self:
        return self.filter(state="refused").order_by("-listed_at")

    def set_aside(self) -> Self:
        return self.filter(state="set-aside").order_by("-listed_at")


class DeliveryQuerySet(models.QuerySet["models.Model"]):
    def of_raw(self, sha256: str) -> Self:
        """Deliveries that the same bytes led to."""
        return self.filter(message__raw=sha256).select_related("message")

    def to_assess(self) -> Self:
        return self.filter(state="arrived").order_by("arrived_at", "pk")

    def inbox(self, body: "IssuingBody") -> Self:
        """What the clerk of a body has to decide, newest first."""
        return self.filter(body=body, state__in=["arrived", "proposed"]).order_by(
            "-arrived_at", "-pk"
        )

    def decided(self, body: "IssuingBody") -> Self:
        return self.filter(body=body, state__in=["registered", "returned", "withdrawn"]).order_by(
            "-decided_at", "-pk"
        )
