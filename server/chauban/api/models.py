"""Applications that act for an officer's post, their tokens, what they asked, what they are told.

An application acts for one post and never further than its holder may (ADR 31).
"""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chauban.api.querysets import AnnouncementQuerySet, ApplicationQuerySet, SubscriptionQuerySet
from chauban.directory.models import Post
from chauban.journal.models import Act


class Application(models.Model):
    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=300, blank=True)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="applications")
    scopes = models.JSONField()  # values of scopes.Scope
    registered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["post", "-registered_at"])]

    def __str__(self) -> str:
        return self.name


class Token(models.Model):
    """What is kept of a secret that was shown once: whose it is, until when, its digest."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="tokens")
    prefix = models.CharField(max_length=8, unique=True)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)  # to the minute
    # Calls in a minute since 1970, as `counting` adds them.
    minute = models.BigIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


class Asked(models.Model):
    """An act that was asked for under an Idempotency-Key, with its answer once it was given.

    While it is under way the row is leased; the acts it did carry its id in the journal, so that
    a crash between act and answer does not make the act happen twice.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    last_act = models.BigIntegerField()  # the newest act of the journal before it began
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "key"], name="a_key_asks_once")
        ]
        indexes = [models.Index(fields=["begun_at"])]


class Subscription(models.Model):
    """Where an application wants to be told of which events (webhook)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="subscriptions"
    )
    url = models.CharField(max_length=500)
    events = models.JSONField()  # names of events.EVENTS
    sealed_secret = models.BinaryField()
    # The secret before it signs beside it until then.
    former_sealed_secret = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    after_act = models.BigIntegerField()  # nothing is told of acts before it
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]


class Announcement(models.Model):
    """Owed work: one event for one subscription, in the bytes that are signed and sent."""

    class State(models.TextChoices):
        DUE = "due", _("Chờ gửi")
        SENT = "sent", _("Đã gửi")
        FAILED = "failed", _("Gửi không thành công")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="announcements"
    )
    event = models.CharField(max_length=40)
    act = models.ForeignKey(Act, null=True, on_delete=models.PROTECT, related_name="+")
    body = models.TextField()
    state = models.CharField(max_length=6, choices=State, default=State.DUE)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    http_status = models.PositiveSmallIntegerField(null=True)  # of the last answer
    problem = models.CharField(max_length=60, blank=True)  # words.py knows the code
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "act"], name="told_once_of_an_act")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="due"), name="announcements_due"),
            models.Index(fields=["subscription", "-id"]),
        ]


class FollowedEvent(models.Model):
    """Acts of which the subscriptions have been told what they are to be (design, section 1)."""

    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")
