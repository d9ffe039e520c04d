"""Questions about many rows of the directory, asked "as of" a day."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from chauban.directory.errors import OrganCodeRetired, UnknownOrganCode

if TYPE_CHECKING:
    from chauban.directory.models import IssuingBody


class DatedQuerySet(models.QuerySet["models.Model"]):
    def as_of(self, day: date) -> Self:
        """Rows in force on day: `valid_from` is the first day in, `valid_to` the first out."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


class IssuingBodyQuerySet(DatedQuerySet):
    def by_code(self, code: str, day: date) -> "IssuingBody":
        """The body that code addresses on day, in whichever scheme it is written.

        Raises:
            UnknownOrganCode: no body has or had this code.
            OrganCodeRetired: the code or its body is not in force on day; the error names the
                body, whose agency knows its successors.
        """
        body = self.filter(codes__code=code).select_related("agency").first()
        if body is None:
            raise UnknownOrganCode(code)
        if not body.is_in_force(day) or not body.codes.as_of(day).filter(code=code).exists():
            raise OrganCodeRetired(code, body, day)
        return body


class AgencyQuerySet(DatedQuerySet):
    def successors_of(self, agency: models.Model) -> Self:
        """The agencies that took over from agency, the day of the take-over first."""
        return self.filter(origins__predecessor=agency).order_by("origins__on", "key")

    def predecessors_of(self, agency: models.Model) -> Self:
        return self.filter(successions__successor=agency).order_by("successions__on", "key")
