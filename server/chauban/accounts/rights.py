"""Rights at the edge: what an officer's post allows, in his own agency."""

from chauban.accounts.officers import Officer
from chauban.accounts.rules import PERMISSIONS, Permission
from chauban.directory.models import Agency, IssuingBody

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

    For an issuing body the agency that keeps its registry counts (design, decision 16).
    """
    if officer is None or permission not in PERMISSIONS[officer.post.role]:
        return False
    agency = where.agency if isinstance(where, IssuingBody) else where
    return agency is None or agency.pk == officer.agency_id


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
