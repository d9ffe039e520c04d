"""The province's hub: systems that connect, the agencies behind them, packages in carriage."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chauban.axis.querysets import (
    CarriageQuerySet,
    ForwardingQuerySet,
    KeptCopyQuerySet,
    MemberQuerySet,
    NeighbourQuerySet,
    PackageQuerySet,
)
from chauban.axis.shared_secrets import opened
from chauban.blobs.models import Blob


class System(models.Model):
    """A document system that may call the axis (edxml.md 11): its id and shared secret."""

    system_id = models.CharField(max_length=35, unique=True)
    name = models.CharField(max_length=200)
    sealed_secret = models.BinaryField()
    # The secret before the last rotation, which counts until then.
    former_sealed_secret = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)  # False: locked by the operator
    calls_per_minute = models.PositiveIntegerField(default=600)
    max_message_mb = models.PositiveIntegerField(null=True)  # None: the installation's limit
    # Calls so far in the minute that began then.
    minute = models.DateTimeField(null=True)
    calls = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        return opened(bytes(self.sealed_secret), system_id=self.system_id)

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """The secrets that a call may be signed with, the present one first."""
        if self.former_sealed_secret is None or self.former_until <= now:
            return (self.secret,)
        former = opened(bytes(self.former_sealed_secret), system_id=self.system_id)
        return self.secret, former

    @property
    def limit_bytes(self) -> int:
        """The largest message that it may send."""
        installation: int = settings.MAX_MESSAGE_BYTES
        if self.max_message_mb is None:
            return installation
        return min(self.max_message_mb * 1_000_000, installation)


class Neighbour(models.Model):
    """A system that has an address of its own: another axis, at which this one is a system."""

    system = models.OneToOneField(
        System, on_delete=models.PROTECT, primary_key=True, related_name="neighbour"
    )
    url = models.CharField(max_length=200)
    our_system_id = models.CharField(max_length=35)
    our_sealed_secret = models.BinaryField()
    # It does not send to us: what it keeps for our agencies we fetch there.
    is_polled = models.BooleanField(default=True)
    polled_at = models.DateTimeField(null=True)
    last_contact_at = models.DateTimeField(null=True)
    # Calls in a row that it did not answer, or not as one lets in; it is not called until then.
    silences = models.PositiveSmallIntegerField(default=0)
    rests_until = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)
    # Whether it states what it does to our packages; None: not known yet.
    gives_receipts = models.BooleanField(null=True)

    objects = NeighbourQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.system_id} {self.url}"

    @property
    def our_secret(self) -> str:
        return opened(bytes(self.our_sealed_secret), system_id=self.our_system_id)


class Member(models.Model):
    """A code that the axis delivers to, and the system that fetches for it."""

    organ_id = models.CharField(max_length=35, unique=True)
    name = models.CharField(max_length=200)
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="members")
    # The other code of the same agency while both are in force (QĐ 20/2020/QĐ-TTg).
    old_organ_id = models.CharField(max_length=35, blank=True)
    # Removed from the axis then: nothing is carried to it any more; what was carried is kept.
    removed_at = models.DateTimeField(null=True)

    objects = MemberQuerySet.as_manager()

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
    # normal_text of the document's id where it is new (type 0); blank: not compared.
    document_key = models.CharField(max_length=240, blank=True)
    received_at = models.DateTimeField()
    hops = models.PositiveSmallIntegerField(default=0)  # axes that it passed before this one
    # Of its taking over; True from the start for a status, itself an answer: only its end has one.
    has_receipts = models.BooleanField(default=False)

    objects = PackageQuerySet.as_manager()

    class Meta:
        constraints = [
            # The same bytes from the same system are the same package: a retry, not a second one.
            models.UniqueConstraint(fields=["system", "raw"], name="sent_once")
        ]
        indexes = [
            models.Index(
                fields=["from_organ_id", "document_key"],
                condition=~Q(document_key=""),
                name="packages_by_document",
            ),
            models.Index(
                fields=["received_at"],
                condition=Q(has_receipts=False),
                name="packages_without_receipts",
            ),
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
    has_receipt = models.BooleanField(default=False)  # of its end, done or fail

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
            models.Index(
                fields=["updated_at"],
                condition=Q(state__in=["done", "fail"], has_receipt=False),
                name="carriages_without_receipt",
            ),
        ]


class Forwarding(models.Model):
    """Owed work: one package for agencies beyond one neighbour, handed over and then followed."""

    neighbour = models.ForeignKey(Neighbour, on_delete=models.PROTECT, related_name="forwardings")
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="forwardings")
    due_at = models.DateTimeField(null=True)  # None: handed over, or nobody is left to hand it to
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    far_id = models.CharField(max_length=60, blank=True)  # its DocId there
    sent_at = models.DateTimeField(null=True)
    # When to ask how far it has come there; None: no more.
    track_at = models.DateTimeField(null=True)

    objects = ForwardingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["neighbour", "package"], name="forwarded_once")
        ]
        indexes = [
            models.Index(
                fields=["neighbour", "due_at"],
                condition=Q(due_at__isnull=False),
                name="forwardings_due",
            ),
            models.Index(
                fields=["neighbour", "track_at"],
                condition=Q(track_at__isnull=False),
                name="forwardings_tracked",
            ),
        ]


class KeptCopy(models.Model):
    """Owed work: a copy that a neighbour keeps for one of our agencies, to be fetched there."""

    neighbour = models.ForeignKey(Neighbour, on_delete=models.PROTECT, related_name="kept_copies")
    far_id = models.CharField(max_length=60)
    type = models.CharField(max_length=6)
    to_organ_id = models.CharField(max_length=35, blank=True)  # blank: it does not say
    package = models.ForeignKey(  # None: not taken over
        Package, null=True, on_delete=models.PROTECT, related_name="kept_copies"
    )
    # How it ended: done, fail (edxml.md 5.6); and the last state that the neighbour heard of.
    outcome = models.CharField(max_length=10, blank=True)
    description = models.CharField(max_length=400, blank=True)
    told = models.CharField(max_length=10, blank=True)
    listed_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # None: it ended, and the neighbour knows
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = KeptCopyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["neighbour", "far_id"], name="copy_kept_once")
        ]
        indexes = [
            models.Index(
                fields=["neighbour", "due_at"],
                condition=Q(due_at__isnull=False),
                name="kept_copies_due",
            )
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


class UsedSignature(models.Model):
    """The HMAC of a call that changed something: the same call again is a replay."""

    mac = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(db_index=True)


class Rejection(models.Model):
    """A message that the axis did not take: who, why, its digest; never its content."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="rejections")
    error_code = models.CharField(max_length=3)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField()
    at = models.DateTimeField()
    has_receipt = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["-at"])]
