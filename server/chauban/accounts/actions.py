"""Signing in and out, choosing a post: acts on an account."""

from datetime import datetime

from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from chauban.accounts import tries
from chauban.accounts.errors import (
    AccountSuspended,
    NoPostInForce,
    PostNotHeld,
    WrongPassword,
)
from chauban.accounts.models import User
from chauban.accounts.networks import Visit
from chauban.accounts.officers import Officer
from chauban.accounts.querysets import posts_of
from chauban.accounts.security_rules import is_unused
from chauban.directory.models import Person
from chauban.directory.rules import legal_day
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record


def prove_password(username: str, password: str, *, visit: Visit, now: datetime) -> User:
    """Return the user whom user name and password prove.

    The fifth wrong password in a row shuts where it came from for 15 minutes; each is recorded.

    Raises:
        AccountLocked: it is shut now; the password was not looked at.
        WrongPassword: no such account, or not its password.
    """
    sources = tries.sources_of(username, visit)
    tries.require_open(sources, now=now)
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        known = User.objects.filter(username=username).first()
        tries.count_wrong(sources, known, visit=visit, now=now)
        raise WrongPassword
    tries.forget(sources)
    return user


def enter(user: User, *, now: datetime, is_demo: bool = False) -> Officer:
    """Return the officer that a proven user may be today: in the first of his posts.

    An account unused for 45 days is shut here (QCVN 12:2026/BCA), but those of the demo.

    Raises: AccountSuspended, NoPostInForce.
    """
    if user.is_active and not is_demo and is_unused(last_used(user), now):
        suspend(user, User.Suspension.UNUSED, now=now)
    if not user.is_active:
        raise AccountSuspended(user.suspension)
    post = posts_of(user.pk, legal_day(now)).first()
    if post is None:
        raise NoPostInForce
    return Officer(user, post)


def last_used(user: User) -> datetime:
    """When it was last signed in to; at first, when it was opened."""
    return max(user.opened_at, user.last_login or user.opened_at)


@transaction.atomic
def sign_in(
    officer: Officer, *, method: str, is_new_device: bool, visit: Visit, now: datetime
) -> None:
    """All proofs are given: the officer is in. method: what he proved himself with, as a code."""
    User.objects.filter(pk=officer.user_id).update(last_login=now)
    facts = {"method": method, "inside": visit.is_inside}
    record(ActKind.SIGNED_IN, on=officer.user, by=officer, at=now, **facts)
    if is_new_device:
        record(ActKind.NEW_DEVICE, on=officer.user, by=officer, at=now, inside=visit.is_inside)


@transaction.atomic
def sign_out(officer: Officer, *, now: datetime) -> None:
    record(ActKind.SIGNED_OUT, on=officer.user, by=officer, at=now)


@transaction.atomic
def choose_post(officer: Officer, post_id: int, *, now: datetime) -> Officer:
    """Return the same person acting in another of his posts of today.

    Raises: PostNotHeld.
    """
    post = posts_of(officer.user_id, legal_day(now)).filter(pk=post_id).first()
    if post is None:
        raise PostNotHeld
    chosen = Officer(officer.user, post)
    record(ActKind.POST_CHOSEN, on=officer.user, by=chosen, at=now)
    return chosen


@transaction.atomic
def suspend(
    user: User, suspension: User.Suspension, *, by: Officer | None = None, now: datetime
) -> None:
    """Shut the account until an administrator opens it again."""
    user.is_active, user.suspension = False, suspension
    user.save(update_fields=["is_active", "suspension"])
    record(ActKind.ACCOUNT_SUSPENDED, on=user, by=by, at=now, suspension=str(suspension))


def open_accounts(password: str, *, now: datetime | None = None) -> int:
    """Open an account for every person who has an official e-mail address and none yet.

    The user name is the address before the "@". All get one password, hashed once, which they
    keep: for the demo and for tests. Return how many were opened.
    """
    without = Person.objects.filter(user=None).exclude(email="")
    now = now or timezone.now()
    shared_hash = make_password(password)
    opened = User.objects.bulk_create(
        User(
            username=person.email.partition("@")[0],
            person=person,
            password=shared_hash,
            opened_at=now,
            password_changed_at=now,
        )
        for person in without
    )
    return len(opened)
