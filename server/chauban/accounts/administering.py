"""Accounts opened, suspended, opened again, unlocked, given new proofs: acts of administrators.

`by` is the administrator; None is the operator at the command line (`chauban accounts`).
"""

import re
import secrets
import string
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from chauban.accounts import actions
from chauban.accounts.errors import (
    EmployeeCodeTaken,
    NotOwnAccount,
    PersonHasAccount,
    UsernameNotUsable,
    UsernameTaken,
)
from chauban.accounts.models import User
from chauban.accounts.officers import Officer
from chauban.accounts.passwords import give_password
from chauban.accounts.security_rules import UNUSED_AFTER
from chauban.accounts.sessions import end_other_sessions
from chauban.accounts.tries import forget_old
from chauban.directory.models import Person
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record

USERNAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,58}[a-z0-9])?")
_EACH_CLASS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-+=@#%")
_FIRST_LENGTH = 16


def first_password() -> str:
    """A password to hand over, of all four classes; its owner changes it at the first sign-in."""
    letters = [secrets.choice(one) for one in _EACH_CLASS]
    letters += [secrets.choice("".join(_EACH_CLASS)) for _ in range(_FIRST_LENGTH - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


@transaction.atomic
def create_account(
    person: Person,
    *,
    username: str,
    password: str,
    employee_code: str = "",
    by: Officer | None,
    now: datetime,
) -> User:
    """Open a person's one account. Whoever opens it chooses the password; its owner changes it.

    Raises: PersonHasAccount, UsernameNotUsable, UsernameTaken, EmployeeCodeTaken, WeakPassword.
    """
    if User.objects.filter(person=person).exists():
        raise PersonHasAccount
    if not USERNAME.fullmatch(username):
        raise UsernameNotUsable(username)
    if User.objects.filter(username=username).exists():
        raise UsernameTaken(username)
    if employee_code and User.objects.filter(employee_code=employee_code).exists():
        raise EmployeeCodeTaken(employee_code)
    user = User(username=username, person=person, employee_code=employee_code, opened_at=now)
    user.set_unusable_password()
    user.save()
    record(ActKind.ACCOUNT_OPENED, on=user, by=by, at=now)
    give_password(user, password, by=by, now=now)
    return user


@transaction.atomic
def suspend_account(user: User, *, by: Officer | None, now: datetime) -> None:
    """Shut the account; whoever is in with it is out at his next request.

    Raises: NotOwnAccount.
    """
    _require_another(user, by)
    actions.suspend(user, User.Suspension.DECIDED, by=by, now=now)
    end_other_sessions(user, by=by, now=now)


@transaction.atomic
def reopen_account(user: User, *, by: Officer | None, now: datetime) -> None:
    """Open a suspended account again; the 45 days begin anew."""
    user.is_active, user.suspension, user.opened_at = True, "", now
    user.save(update_fields=["is_active", "suspension", "opened_at"])
    record(ActKind.ACCOUNT_REOPENED, on=user, by=by, at=now)


@transaction.atomic
def unlock_account(user: User, *, by: Officer | None, now: datetime) -> None:
    """Forget the wrong passwords that shut it, wherever they came from."""
    user.tries.all().delete()
    record(ActKind.ACCOUNT_UNLOCKED, on=user, by=by, at=now)


@transaction.atomic
def reset_password(user: User, password: str, *, by: Officer | None, now: datetime) -> None:
    """Give the account a new password, to be changed at once; all its sessions end.

    Raises: NotOwnAccount, WeakPassword.
    """
    _require_another(user, by)
    give_password(user, password, by=by, now=now)
    end_other_sessions(user, by=by, now=now)


@transaction.atomic
def reset_factors(user: User, *, by: Officer | None, now: datetime) -> int:
    """Remove second factors, known browsers and links to single sign-on; all sessions end.

    For who has lost his telephone or key: where he must have a factor he sets up a new one at
    the next sign-in. Return how many factors were removed. Raises: NotOwnAccount.
    """
    _require_another(user, by)
    factors = Authenticator.objects.filter(user=user)
    removed = factors.exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    factors.delete()
    SocialAccount.objects.filter(user=user).delete()
    user.devices.all().delete()
    record(ActKind.FACTORS_RESET, on=user, by=by, at=now, factors=removed)
    end_other_sessions(user, by=by, now=now)
    return removed


@transaction.atomic
def suspend_unused(*, now: datetime) -> int:
    """Suspend accounts unused for 45 days (QCVN 12:2026/BCA). Return how many."""
    forget_old(now=now)
    old = User.objects.filter(is_active=True, opened_at__lte=now - UNUSED_AFTER)
    unused = old.exclude(last_login__gt=now - UNUSED_AFTER)
    shut = list(unused.select_for_update())
    for user in shut:
        actions.suspend(user, User.Suspension.UNUSED, now=now)
    return len(shut)


def _require_another(user: User, by: Officer | None) -> None:
    if by is not None and by.user_id == user.pk:
        raise NotOwnAccount
