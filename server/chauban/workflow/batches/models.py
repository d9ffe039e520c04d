"""What one confirmation covered, and what came of each document of it."""

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from chauban.directory.models import Post


class Batch(models.Model):
    """Documents that one person signs or seals under one confirmation, each an act of its own.

    It holds no secret and nothing to sign with: what a crash leaves undone is confirmed anew.
    """

    class Purpose(models.TextChoices):
        SIGN = "sign", _("Ký số")
        SEAL = "seal", _("Cấp số và ký số của cơ quan")

    # Made with the page that asks: what is sent twice is one batch.
    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    purpose = models.CharField(max_length=4, choices=Purpose)
    by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="batches")
    began_at = models.DateTimeField()
    # Renewed with each document by the process that has the key; over: that process is gone.
    lease_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def is_running(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.lease_until


class BatchItem(models.Model):
    """What was decided about one document, and what came of it."""

    class Decision(models.TextChoices):
        ACT = "act", _("Ký số")
        SKIP = "skip", _("Để sau")
        RETURN = "return", _("Trả lại")

    class Outcome(models.TextChoices):
        WAITING = "", _("Chưa xử lý")
        DONE = "done", _("Đã ký, đã kiểm tra lại")
        HELD = "held", _("Đã ký, đang giữ")
        REFUSED = "refused", _("Chưa ký được")
        RETURNED = "returned", _("Đã trả lại")
        SKIPPED = "skipped", _("Để sau")

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="items")
    ordinal = models.PositiveSmallIntegerField()
    draft = models.ForeignKey("workflow.Draft", on_delete=models.PROTECT, related_name="batched")
    decision = models.CharField(max_length=6, choices=Decision)
    shown = models.CharField(max_length=64)  # the digest of the pages that were shown
    comment = models.TextField(blank=True)  # why it is returned
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    problem = models.JSONField(null=True)  # why not, in both languages
    report = models.JSONField(null=True)  # on the stored file, read back
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "draft"], name="a_draft_once_a_batch"),
            models.UniqueConstraint(fields=["batch", "ordinal"], name="one_item_per_turn"),
        ]
        ordering = ["ordinal"]
