"""Opinions asked on a version of a draft: whom, until when, what each said, what came of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chauban.directory.models import Post, Unit
from chauban.workflow.opinions.querysets import OpinionQuerySet


class OpinionRound(models.Model):
    """Đợt lấy ý kiến: people and units of the drafting agency asked about one version."""

    draft = models.ForeignKey(
        "workflow.Draft", on_delete=models.PROTECT, related_name="opinion_rounds"
    )
    version = models.ForeignKey(
        "workflow.DraftVersion", on_delete=models.PROTECT, related_name="opinion_rounds"
    )
    question = models.TextField(blank=True)
    due_on = models.DateField()
    asked_by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]


class Opinion(models.Model):
    """One who is asked, his answer, and what the drafter did with it; a unit's head answers."""

    class Stance(models.TextChoices):
        AGREES = "agrees", _("Đồng ý")
        COMMENTS = "comments", _("Đồng ý, có ý kiến")
        DISAGREES = "disagrees", _("Không đồng ý")

    class Outcome(models.TextChoices):
        TAKEN_IN = "taken-in", _("Tiếp thu")
        PARTLY = "partly", _("Tiếp thu một phần")
        NOT_TAKEN_IN = "not-taken-in", _("Không tiếp thu, giải trình")

    round = models.ForeignKey(OpinionRound, on_delete=models.PROTECT, related_name="opinions")
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)  # nobody waits for it any more
    stance = models.CharField(max_length=9, choices=Stance, blank=True)
    words = models.TextField(blank=True)
    by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    explanation = models.TextField(blank=True)
    # The version in which the drafter said what he took in.
    settled_in = models.ForeignKey(
        "workflow.DraftVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = OpinionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "post"], condition=~Q(post=None), name="a_person_asked_once"
            ),
            models.UniqueConstraint(
                fields=["round", "unit"], condition=~Q(unit=None), name="a_unit_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(post=None, unit__isnull=False) | Q(post__isnull=False, unit=None),
                name="an_opinion_of_one",
            ),
        ]

    @property
    def name(self) -> str:
        """Who is asked: the person or the unit."""
        return self.unit.name if self.unit else self.post.person.full_name

    @property
    def is_open(self) -> bool:
        return not self.stance and self.withdrawn_at is None
