"""Passwords and disuse as QCVN 12:2026/BCA has them."""

from datetime import timedelta

import pytest

from chauban.accounts.actions import enter, last_used
from chauban.accounts.administering import (
    create_account,
    first_password,
    reopen_account,
    reset_password,
    suspend_account,
    suspend_unused,
)
from chauban.accounts.errors import (
    AccountSuspended,
    EmployeeCodeTaken,
    NotOwnAccount,
    PasswordUsedBefore,
    PersonHasAccount,
    UsernameNotUsable,
    UsernameTaken,
    WeakPassword,
)
from chauban.accounts.models import User
from chauban.accounts.passwords import change_password
from chauban.accounts.security_rules import (
    ADMINISTRATORS_CHANGE_AFTER,
    UNUSED_AFTER,
    is_strong,
    must_change_password,
    needs_second_factor,
)
from chauban.directory.models import Person
from chauban.journal.models import Act

CLERK = "van-thu.vp-ubnd"
GOOD = "Hue-2026!"


@pytest.fixture
def user(db, now):
    User.objects.filter(username=CLERK).update(opened_at=now)
    return User.objects.select_related("person").get(username=CLERK)


def kinds_on(user):
    return [act.kind for act in Act.objects.on(user)]


@pytest.mark.parametrize("password", ["Hue-2026", "Aa1-Aa1-", "Mật khẩu 1"])
def test_eight_characters_of_four_classes_are_strong(password):
    assert is_strong(password)


@pytest.mark.parametrize("password", ["Hue-202", "hue-2026", "HUE-2026", "Hue-hue!", "Hue02026"])
def test_with_a_class_or_a_character_less_it_is_weak(password):
    assert not is_strong(password)


def test_the_first_password_is_strong():
    assert all(is_strong(first_password()) for _ in range(20))


def test_a_password_is_changed_and_it_is_written_down_without_it(user, now):
    change_password(user, GOOD, by=None, now=now)
    assert user.check_password(GOOD)
    act = Act.objects.on(user).get()
    assert (act.kind, act.facts) == ("password-changed", {})


def test_a_weak_password_is_not_taken(user, now):
    with pytest.raises(WeakPassword):
        change_password(user, "hue-2026", by=None, now=now)


def test_none_of_the_last_ten_is_taken_again(user, now):
    for number in range(11):
        change_password(user, f"{GOOD}{number}", by=None, now=now)
    for number in (1, 10):
        with pytest.raises(PasswordUsedBefore):
            change_password(user, f"{GOOD}{number}", by=None, now=now)
    change_password(user, f"{GOOD}0", by=None, now=now)


def test_a_password_given_by_another_is_changed_first(now):
    assert must_change_password(None, now, is_administrator=False)
    assert not must_change_password(now, now, is_administrator=False)


def test_administrators_change_it_every_two_months(now):
    old = now - ADMINISTRATORS_CHANGE_AFTER
    assert must_change_password(old, now, is_administrator=True)
    assert not must_change_password(old + timedelta(days=1), now, is_administrator=True)
    assert not must_change_password(old, now, is_administrator=False)


@pytest.mark.parametrize(
    ("is_administrator", "is_inside", "is_demo", "needed"),
    [
        (False, True, False, False),
        (True, True, False, True),
        (False, False, False, True),
        (True, True, True, False),
        (False, False, True, True),
    ],
)
def test_a_second_factor_for_administrators_and_from_outside(
    is_administrator, is_inside, is_demo, needed
):
    asked = needs_second_factor(
        is_administrator=is_administrator, is_inside=is_inside, is_demo=is_demo
    )
    assert asked is needed


def test_an_account_unused_for_45_days_is_shut_when_somebody_comes(user, now):
    User.objects.filter(pk=user.pk).update(
        last_login=now - UNUSED_AFTER, opened_at=now - UNUSED_AFTER
    )
    user.refresh_from_db()
    with pytest.raises(AccountSuspended):
        enter(user, now=now)
    assert kinds_on(user) == ["account-suspended"]


def test_a_day_earlier_it_opens(user, now):
    used = now - UNUSED_AFTER + timedelta(days=1)
    User.objects.filter(pk=user.pk).update(last_login=used, opened_at=used)
    user.refresh_from_db()
    assert enter(user, now=now)


def test_the_worker_shuts_what_is_unused_and_an_administrator_opens_it_again(user, now, officer):
    User.objects.exclude(pk=user.pk).update(opened_at=now)
    User.objects.filter(pk=user.pk).update(last_login=None, opened_at=now - UNUSED_AFTER)
    assert suspend_unused(now=now) == 1
    assert suspend_unused(now=now) == 0
    user.refresh_from_db()
    assert (user.is_active, user.suspension) == (False, "unused")
    reopen_account(user, by=officer("quan-tri.vp-ubnd"), now=now)
    assert last_used(user) == now
    assert enter(user, now=now)


def test_an_account_is_opened_once_for_a_person(db, now, officer):
    person = Person.objects.create(full_name="Trần Viết Bách")
    by = officer("quan-tri.vp-ubnd")
    user = create_account(
        person, username="bach", password=GOOD, employee_code="H57-1", by=by, now=now
    )
    assert user.password_changed_at is None
    assert kinds_on(user) == ["account-opened", "password-given"]
    with pytest.raises(PersonHasAccount):
        create_account(person, username="bach.2", password=GOOD, by=by, now=now)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"username": CLERK}, UsernameTaken),
        ({"username": "Bách"}, UsernameNotUsable),
        ({"password": "hue-2026"}, WeakPassword),
        ({"employee_code": "H57-1"}, EmployeeCodeTaken),
    ],
)
def test_an_account_is_not_opened_under_a_name_or_code_in_use(user, now, given, refusal):
    User.objects.filter(pk=user.pk).update(employee_code="H57-1")
    person = Person.objects.create(full_name="Trần Viết Bách")
    with pytest.raises(refusal):
        create_account(person, **{"username": "bach", "password": GOOD} | given, by=None, now=now)
    assert not User.objects.filter(person=person).exists()


def test_a_suspended_account_does_not_open(user, now, officer):
    suspend_account(user, by=officer("quan-tri.vp-ubnd"), now=now)
    with pytest.raises(AccountSuspended):
        enter(user, now=now)


def test_nobody_suspends_or_resets_himself(db, now, officer):
    administrator = officer("quan-tri.vp-ubnd")
    with pytest.raises(NotOwnAccount):
        suspend_account(administrator.user, by=administrator, now=now)
    with pytest.raises(NotOwnAccount):
        reset_password(administrator.user, GOOD, by=administrator, now=now)
