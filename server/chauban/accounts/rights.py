"""Rights at the edge: what an officer's post allows, in his own agency.

An administrator's counts in the agencies below his as well; the province's, in all.
"""

from chauban.accounts.officers import Officer
from chauban.accounts.rules import OF_INSTALLATION, PERMISSIONS, Permission
from chauban.directory.models import Agency, AgencyLevel, IssuingBody, Role

__all__ = ["NotAllowed", "NotFound", "Permission", "may", "require"]


class NotAllowed(Exception):
    """The officer's post does not allow this, here; a page answers 403."""

    def __init__(
        self, officer: Officer | None, permission: Permission, where: Agency | None = None
    ) -> None:
        who = f"post {officer.post_id}" if officer else "nobody signed in"
        super().__init__(f"{who}: not allowed to {permission}" + (f" in {where}" if where else ""))
        self.officer, self.permission, self.where = officer, permission, where


class NotFound(Exception):
    """No such row, or none that this officer may know of; a page answers 404."""


def may(
    officer: Officer | None, permission: Permission, where: Agency | IssuingBody | None = None
) -> bool:
    """Whether the officer's post allows permission; with where, only if it is his agency.

    For an issuing body the agency that keeps its registry counts (design, decision 16). What is
    of the whole installation is for the administrator at its top.
    """
    if officer is None or permission not in PERMISSIONS[officer.post.role]:
        return False
    if permission in OF_INSTALLATION and not is_at_the_top(officer.agency):
        return False
    agency = where.agency if isinstance(where, IssuingBody) else where
    if agency is None or agency.pk == officer.agency_id:
        return True
    return officer.post.role == Role.ADMINISTRATOR and _is_above(officer.agency, agency)


def is_at_the_top(agency: Agency) -> bool:
    """Whether an agency keeps the installation: it is the province's, under no other."""
    return agency.level == AgencyLevel.CITY and agency.parent_id is None


def _is_above(agency: Agency, other: Agency) -> bool:
    if is_at_the_top(agency):
        return True
    above = other.parent
    while above is not None and above.pk != agency.pk:
        above = above.parent
    return above is not None


def require(
    officer: Officer | None, permission: Permission, where: Agency | IssuingBody | None = None
) -> Officer:
    """Return the officer, who may do this here.

    Raises: NotAllowed.
    """
    if officer is None or not may(officer, permission, where):
        agency = where.agency if isinstance(where, IssuingBody) else where
        raise NotAllowed(officer, permission, agency)
    return officer
