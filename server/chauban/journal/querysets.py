from collections.abc import Iterable

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce


class ActQuerySet(models.QuerySet["models.Model"]):
    def on(self, subject: models.Model) -> "ActQuerySet":
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)

    def on_any(self, subjects: Iterable[models.Model]) -> "ActQuerySet":
        wanted = Q(pk__in=())
        for one in subjects:
            wanted |= Q(subject_type=one._meta.label_lower, subject_id=one.pk)
        return self.filter(wanted)

    def unfollowed_by(self, followed: type[models.Model]) -> "ActQuerySet":
        """Acts that a follower has not dealt with, oldest first.

        An anti-join over the follower's own table, not "id > last": ids commit out of order. What
        lies below its horizon (journal.following) was dealt with long ago and is not looked at.
        """
        horizons = apps.get_model("journal.Horizon")._default_manager
        horizon = horizons.filter(follower=followed._meta.label_lower).values("up_to")
        dealt_with = followed._default_manager.filter(act_id=OuterRef("pk"))
        beyond = self.filter(id__gt=Coalesce(Subquery(horizon), 0))
        return beyond.filter(~Exists(dealt_with)).order_by("id")
