"""The journal: who did what to what, when. Rows are only ever added (PL VI III.5.a)."""

from django.db import models

from chauban.journal.kinds import ActKind
from chauban.journal.querysets import ActQuerySet


class Act(models.Model):
    """One official act. It holds ids, digests and codes, never texts or personal data."""

    kind = models.CharField(max_length=40, choices=ActKind)
    at = models.DateTimeField()
    # Plain ids: the journal stands below directory and accounts and outlives their rows.
    user_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    agency_id = models.BigIntegerField(null=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    digest = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)

    objects = ActQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"]),
            models.Index(fields=["kind", "id"]),
            models.Index(fields=["agency_id", "id"]),
        ]
