"""The province's hub: systems that connect, the agencies behind them, packages in carriage."""

import uuid

from django.db import models

from chauban.blobs.models import Blob


class System(models.Model):
    """A document system that may call the axis (edxml.md 11): its id and shared secret."""

    system_id = models.CharField(max_length=35, unique=True)
    name = models.CharField(max_length=200)
    secret = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)


class Member(models.Model):
    """A code that the axis delivers to, and the system that fetches for it."""

    organ_id = models.CharField(max_length=35, unique=True)
    name = models.CharField(max_length=200)
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="members")


class Package(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="sent")
    type = models.CharField(max_length=6)  # edoc | status
    from_organ_id = models.CharField(max_length=35)
    raw = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            # The same bytes from the same system are the same package: a retry, not a second one.
            models.UniqueConstraint(fields=["system", "raw", "type"], name="sent_once")
        ]


class Carriage(models.Model):
    """One package on its way to one code; transport states of edxml.md 5.6."""

    class State(models.TextChoices):
        INITIAL = "initial", "Chờ lấy"
        PROCESSING = "processing", "Đang lấy"
        DONE = "done", "Đã lấy"
        FAIL = "fail", "Không nhận được"

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="carriages")
    to = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="carriages")
    state = models.CharField(max_length=10, choices=State, default=State.INITIAL)
    description = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["package", "to"], name="carried_once")]
        indexes = [models.Index(fields=["to", "state", "updated_at"])]
