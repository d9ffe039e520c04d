"""How far an officer may count: whose documents and tasks a picture may hold for him.

To count is less than to open: a list behind a figure shows what an officer may not open without
its subject and without a link.
"""

from dataclasses import dataclass, replace

from django.db.models import Q

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.directory.models import Agency, Role, Unit

HEADS = (Role.LEADER, Role.OFFICE_HEAD)
NARROW = (Role.UNIT_HEAD, Role.OFFICIAL, Role.LAYOUT_CHECKER)


@dataclass(frozen=True)
class Reach:
    """Agencies; of a unit of theirs alone, where one is named, or of one post alone."""

    agencies: tuple[Agency, ...]
    unit: Unit | None = None
    post_id: int | None = None

    @property
    def agency_ids(self) -> list[int]:
        return [one.pk for one in self.agencies]

    @property
    def is_of_agencies(self) -> bool:
        return self.unit is None and self.post_id is None

    def of_agency(self, agency_id: int) -> "Reach":
        """The same within one of its agencies; unchanged for any other."""
        found = tuple(one for one in self.agencies if one.pk == agency_id)
        return replace(self, agencies=found) if found and self.is_of_agencies else self

    def of_unit(self, unit: Unit) -> "Reach":
        """The same within a unit of its one agency; unchanged for any other."""
        within = self.is_of_agencies and self.agency_ids == [unit.agency_id]
        return replace(self, unit=unit) if within else self


def reach_of(officer: Officer | None) -> Reach:
    """The officer's: who heads an agency counts it and those below, Văn thư the agency, an
    official his unit, or himself where he is in none. At most one query.

    Raises: NotAllowed, where his post sees no registers.
    """
    officer = require(officer, Permission.VIEW_REGISTERS)
    post = officer.post
    if post.role in HEADS:
        return Reach((officer.agency, *_below(officer.agency)))
    if post.role in NARROW:
        return Reach((officer.agency,), post.unit, None if post.unit_id else post.pk)
    return Reach((officer.agency,))


def _below(agency: Agency) -> list[Agency]:
    """Those under it, also those that are no more: their documents still count."""
    under = Q(parent=agency) | Q(parent__parent=agency) | Q(parent__parent__parent=agency)
    return list(Agency.objects.filter(under).exclude(pk=agency.pk).order_by("name", "pk"))
