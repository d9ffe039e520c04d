"""When a second factor is needed, an account unused, a password good enough: from plain values."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from chauban.accounts.rules import PERMISSIONS, Permission
from chauban.directory.models import Role

# QCVN 12:2026/BCA: accounts unused 45 days are disabled; passwords of eight characters and four
# classes, those of administrators changed every two months, not one of the last ten.
UNUSED_AFTER = timedelta(days=45)
PASSWORD_LENGTH = 8
ADMINISTRATORS_CHANGE_AFTER = timedelta(days=60)
PASSWORDS_REMEMBERED = 10
_ADMINISTERING = {Permission.MANAGE_DIRECTORY, Permission.MANAGE_TRUST, Permission.OPERATE_AXIS}


def administers(roles: Iterable[str]) -> bool:
    """Whether one of the roles changes who may do what, or the installation itself."""
    return any(PERMISSIONS[Role(role)] & _ADMINISTERING for role in roles)


def needs_second_factor(*, is_administrator: bool, is_inside: bool, is_demo: bool) -> bool:
    """QCVN 12:2026/BCA: from outside networks and for administrators.

    In the demo, whose passwords its sign-in page tells, nobody on this machine needs one.
    """
    return not is_inside or (is_administrator and not is_demo)


def is_unused(last_used: datetime, now: datetime) -> bool:
    return now - last_used >= UNUSED_AFTER


def must_change_password(
    changed_at: datetime | None, now: datetime, *, is_administrator: bool
) -> bool:
    """At the first sign-in (someone else has chosen it); administrators every two months."""
    if changed_at is None:
        return True
    return is_administrator and now - changed_at >= ADMINISTRATORS_CHANGE_AFTER


def is_strong(password: str) -> bool:
    """Eight characters at least: small and capital letters, digits, others."""
    classes = (str.islower, str.isupper, str.isdigit, lambda one: not one.isalnum())
    return len(password) >= PASSWORD_LENGTH and all(
        any(is_of(one) for one in password) for is_of in classes
    )
