"""Questions about many rows of the directory, asked "as of" a day."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from chauban.directory.errors import OrganCodeRetired, UnknownOrganCode
from chauban.ui.matching import bare

if TYPE_CHECKING:
    from chauban.directory.models import IssuingBody, OutsideOrganisation


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
        return addressed_by(code, self.by_codes([code]), day)

    def by_codes(self, codes: Iterable[str]) -> dict[str, "IssuingBody"]:
        """The bodies that have, or ever had, these codes, with all their codes."""
        asked = {code for code in codes if code}
        bodies = self.filter(codes__code__in=asked).distinct().order_by()
        return {
            code.code: body
            for body in bodies.select_related("agency__parent").prefetch_related("codes")
            for code in body.codes.all()
            if code.code in asked
        }


def addressed_by(code: str, bodies: Mapping[str, "IssuingBody"], day: date) -> "IssuingBody":
    """Of bodies by their codes, the one that code addresses on day.

    Raises: UnknownOrganCode, OrganCodeRetired.
    """
    body = bodies.get(code)
    if body is None:
        raise UnknownOrganCode(code)
    held = any(each.code == code and each.is_in_force(day) for each in body.codes.all())
    if not (held and body.is_in_force(day)):
        raise OrganCodeRetired(code, body, day)
    return body


class OutsideOrganisationQuerySet(models.QuerySet["models.Model"]):
    def listed(self) -> Self:
        """Those that the axis lists now."""
        return self.filter(gone_at=None)

    def matching(self, text: str) -> Self:
        """Those whose code or name has every word of text; case and tone marks do not matter."""
        found = self
        for word in bare(text).split():
            found = found.filter(searched__contains=word)
        return found.order_by("name", "code")

    def by_any_code(self, codes: Iterable[str]) -> dict[str, "OutsideOrganisation"]:
        """Organisations by the codes asked for, of either scheme."""
        asked = {code for code in codes if code}
        found: dict[str, OutsideOrganisation] = {}
        for one in self.with_any_code(asked).order_by(models.F("gone_at").desc(nulls_last=True)):
            found.update({code: one for code in (one.old_code, one.code) if code in asked})
        return found

    def with_any_code(self, codes: Iterable[str]) -> Self:
        """SQLite takes the index of old codes, one in part, for what that says itself."""
        return self.filter(Q(code__in=codes) | ~Q(old_code="") & Q(old_code__in=codes))


class AgencyQuerySet(DatedQuerySet):
    def successors_of(self, agency: models.Model) -> Self:
        """The agencies that took over from agency, the day of the take-over first."""
        return self.filter(origins__predecessor=agency).order_by("origins__on", "key")

    def predecessors_of(self, agency: models.Model) -> Self:
        return self.filter(successions__successor=agency).order_by("successions__on", "key")
