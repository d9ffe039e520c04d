"""The province's hub: systems that connect, the agencies behind them, packages in carriage."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chauban.axis.querysets import CarriageQuerySet, PackageQuerySet
from chauban.blobs.models import Blob


class System(models.Model):
    """A document system that may call the axis (edxml.md 11): its id and shared secret."""

    system_id = models.CharField(max_length=35, unique=True)
    name = models.CharField(max_length=200)
    secret = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A code that the axis delivers to, and the system that fetches for it."""

    organ_id = models.CharField(max_length=35, unique=True)
    name = models.CharField(max_length=200)
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="members")
    # The other code of the same agency while both are in force (QĐ 20/2020/QĐ-TTg).
    old_organ_id = models.CharField(max_length=35, blank=True)

    def __str__(self) -> str:
        return f"{self.organ_id} {self.name}"


class Package(models.Model):
    """One message that a system handed over, under the DocId that it was told."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="sent")
    type = models.CharField(max_length=6)  # edoc | status
    from_organ_id = models.CharField(max_length=35)
    raw = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=500, blank=True)
    notation = models.CharField(max_length=60, blank=True)
    received_at = models.DateTimeField()

    objects = PackageQuerySet.as_manager()

    class Meta:
        constraints = [
            # The same bytes from the same system are the same package: a retry, not a second one.
            models.UniqueConstraint(fields=["system", "raw"], name="sent_once")
        ]


class Carriage(models.Model):
    """One package on its way to one code, under the DocId of the receiving side."""

    class State(models.TextChoices):
        INITIAL = "initial", _("Chờ lấy")
        PROCESSING = "processing", _("Đang lấy")
        DONE = "done", _("Đã lấy")
        FAIL = "fail", _("Không nhận được")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="carriages")
    to = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="carriages")
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="to_fetch")
    type = models.CharField(max_length=6)
    state = models.CharField(max_length=10, choices=State, default=State.INITIAL)
    description = models.CharField(max_length=400, blank=True)
    offered_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = CarriageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["package", "to"], name="carried_once")]
        indexes = [
            models.Index(
                fields=["system", "type", "offered_at"],
                condition=Q(state__in=["initial", "processing"]),
                name="carriages_waiting",
            ),
            models.Index(fields=["state", "updated_at"]),
        ]


class Undeliverable(models.Model):
    """A recipient of a package that the axis cannot reach, and why."""

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="undeliverables")
    organ_id = models.CharField(max_length=35)
    error_code = models.CharField(max_length=3)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["package", "organ_id"], name="undeliverable_once")
        ]


class Rejection(models.Model):
    """A message that the axis did not take: who, why, its digest; never its content."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="rejections")
    error_code = models.CharField(max_length=3)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at"])]
