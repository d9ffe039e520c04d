"""Choosing a password (QCVN 12:2026/BCA): strong, not used before, and others' sessions end."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import transaction

from chauban.accounts.errors import PasswordUsedBefore, WeakPassword
from chauban.accounts.models import UsedPassword, User
from chauban.accounts.security_rules import PASSWORDS_REMEMBERED, is_strong
from chauban.journal.kinds import ActKind
from chauban.journal.recording import Actor, record


@transaction.atomic
def change_password(user: User, password: str, *, by: Actor | None, now: datetime) -> None:
    """The owner of the account chooses its password.

    Raises: WeakPassword, PasswordUsedBefore.
    """
    require_strong(password)
    used = user.used_passwords.order_by("-pk").values_list("password", flat=True)
    if any(check_password(password, old) for old in [user.password, *used[:_REMEMBERED_BEFORE]]):
        raise PasswordUsedBefore
    _put(user, password, changed_at=now, now=now)
    record(ActKind.PASSWORD_CHANGED, on=user, by=by, at=now)


@transaction.atomic
def give_password(user: User, password: str, *, by: Actor | None, now: datetime) -> None:
    """Somebody else gives the account a password, which its owner must change at once.

    Raises: WeakPassword.
    """
    require_strong(password)
    _put(user, password, changed_at=None, now=now)
    record(ActKind.PASSWORD_GIVEN, on=user, by=by, at=now)


def require_strong(password: str) -> None:
    """Raises: WeakPassword."""
    if not is_strong(password):
        raise WeakPassword


_REMEMBERED_BEFORE = PASSWORDS_REMEMBERED - 1  # besides the present one


def _put(user: User, password: str, *, changed_at: datetime | None, now: datetime) -> None:
    if user.has_usable_password():
        UsedPassword.objects.create(user=user, password=user.password, until=now)
    kept = user.used_passwords.order_by("-pk").values_list("pk", flat=True)[:PASSWORDS_REMEMBERED]
    user.used_passwords.exclude(pk__in=list(kept)).delete()
    user.set_password(password)
    user.password_changed_at = changed_at
    user.save(update_fields=["password", "password_changed_at"])
