"""The journal: who did what to what, when. Rows are only ever added (PL VI III.5.a)."""

from typing import ClassVar

from django.db import models

from chauban.journal.kinds import ActKind
from chauban.journal.querysets import ActQuerySet


class Act(models.Model):
    """One official act. It holds ids, digests and codes, never texts or personal data."""

    # No `choices`: a new kind of act is no change of the table.
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    # Plain ids: the journal stands below directory and accounts and outlives their rows.
    user_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    agency_id = models.BigIntegerField(null=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    digest = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)

    objects: ClassVar[models.Manager] = ActQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"]),
            models.Index(fields=["kind", "id"]),
            models.Index(fields=["agency_id", "id"]),
        ]

    def __str__(self) -> str:
        return self.word

    @property
    def word(self) -> str:
        """The word people read for the kind of act."""
        return str(ActKind(self.kind).label)


class Horizon(models.Model):
    """Up to which act a follower of the journal has dealt with all; it looks beyond that only."""

    follower = models.CharField(max_length=60, primary_key=True)  # label of its table of acts
    up_to = models.BigIntegerField(default=0)
    # Ids commit out of order: what is the last act now is the horizon when no transaction from
    # before can still be open.
    next_up_to = models.BigIntegerField()
    next_at = models.DateTimeField()
