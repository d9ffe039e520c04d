from django.db import models
from django.db.models import Exists, OuterRef


class ActQuerySet(models.QuerySet["models.Model"]):
    def on(self, subject: models.Model) -> "ActQuerySet":
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)

    def unfollowed_by(self, followed: type[models.Model]) -> "ActQuerySet":
        """Acts that a follower has not dealt with, oldest first.

        An anti-join over the follower's own table, not "id > last": ids commit out of order.
        """
        dealt_with = followed._default_manager.filter(act_id=OuterRef("pk"))
        return self.filter(~Exists(dealt_with)).order_by("id")
