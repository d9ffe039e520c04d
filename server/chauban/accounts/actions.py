"""Signing in and out, choosing a post: acts on an account."""

from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F

from chauban.accounts.errors import AccountLocked, NoPostInForce, PostNotHeld, WrongPassword
from chauban.accounts.models import User
from chauban.accounts.officers import Officer
from chauban.accounts.querysets import posts_of
from chauban.directory.models import Person
from chauban.directory.rules import legal_day
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record

WRONG_PASSWORDS_ALLOWED = 5
LOCKED_FOR = timedelta(minutes=15)


def sign_in(username: str, password: str, *, now: datetime) -> Officer:
    """Return the officer whom user name and password prove, in his first post of today.

    The fifth wrong password in a row shuts the account for 15 minutes; each is recorded.

    Raises:
        AccountLocked: it is shut now; the password was not looked at.
        WrongPassword: no such account, or not its password.
        NoPostInForce: the person holds no post today.
    """
    known = User.objects.filter(username=username).first()
    if known is not None and known.locked_until is not None and now < known.locked_until:
        raise AccountLocked(known.locked_until)
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        if known is not None:
            _count_wrong_password(known, now=now)
        raise WrongPassword
    post = posts_of(user.pk, legal_day(now)).first()
    if post is None:
        raise NoPostInForce
    officer = Officer(user, post)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(wrong_passwords=0, locked_until=None, last_login=now)
        record(ActKind.SIGNED_IN, on=user, by=officer, at=now)
    return officer


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


def open_accounts(password: str) -> int:
    """Open an account for every person who has an official e-mail address and none yet.

    The user name is the address before the "@". All get one password, hashed once: for the
    demo and for tests. Return how many were opened.
    """
    without = Person.objects.filter(user=None).exclude(email="")
    shared_hash = make_password(password)
    opened = User.objects.bulk_create(
        User(username=person.email.partition("@")[0], person=person, password=shared_hash)
        for person in without
    )
    return len(opened)


@transaction.atomic
def _count_wrong_password(user: User, *, now: datetime) -> None:
    User.objects.filter(pk=user.pk).update(wrong_passwords=F("wrong_passwords") + 1)
    user.refresh_from_db(fields=["wrong_passwords"])
    if user.wrong_passwords >= WRONG_PASSWORDS_ALLOWED:
        User.objects.filter(pk=user.pk).update(wrong_passwords=0, locked_until=now + LOCKED_FOR)
    record(ActKind.SIGN_IN_REFUSED, on=user, by=None, at=now, wrong_passwords=user.wrong_passwords)
