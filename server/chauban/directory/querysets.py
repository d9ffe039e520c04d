from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q


class DatedQuerySet(models.QuerySet["models.Model"]):
    def as_of(self, day: date) -> Self:
        """Rows in force on day: `valid_from` is the first day in, `valid_to` the first out."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)
