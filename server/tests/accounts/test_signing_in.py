"""Signing in: one account is one person; wrong passwords are counted where they come from."""

from datetime import timedelta

import pytest

from chauban.accounts.actions import choose_post, enter, open_accounts, prove_password, sign_out
from chauban.accounts.administering import unlock_account
from chauban.accounts.errors import (
    AccountLocked,
    AccountSuspended,
    NoPostInForce,
    PostNotHeld,
    WrongPassword,
)
from chauban.accounts.models import Device, Tries, User
from chauban.accounts.networks import Visit, device_digest
from chauban.accounts.tries import (
    FORGOTTEN_AFTER,
    SHUT_FOR,
    WRONG_ALLOWED,
    WRONG_ALLOWED_BY_ADDRESS,
    forget_old,
    locked_users,
)
from chauban.accounts.words import explain
from chauban.directory.models import Agency, Person, Post, Role
from chauban.journal.models import Act
from tests.databases import DEMO_PASSWORD

pytestmark = pytest.mark.django_db

CLERK = "van-thu.vp-ubnd"
INSIDE = Visit("10.0.0.7", is_inside=True)
OUTSIDE = Visit("203.0.113.9", is_inside=False)


def proved(now, *, password=DEMO_PASSWORD, visit=INSIDE, username=CLERK):
    return prove_password(username, password, visit=visit, now=now)


def wrong_passwords(times, now, *, visit=INSIDE, username=CLERK):
    for _ in range(times):
        with pytest.raises(WrongPassword):
            proved(now, password="hue-2025", visit=visit, username=username)


def kinds_on(user):
    return [act.kind for act in Act.objects.on(user)]


def test_user_name_and_password_prove_an_officer_in_his_post(now):
    officer = enter(proved(now), now=now)
    assert (officer.post.title, officer.agency.key) == ("Văn thư", "vp-ubnd")


def test_a_wrong_password_is_refused_and_recorded(now):
    wrong_passwords(1, now)
    act = Act.objects.on(User.objects.get(username=CLERK)).get()
    facts = {"wrong_passwords": 1, "inside": True}
    assert (act.kind, act.user_id, act.facts) == ("sign-in-refused", None, facts)


def test_an_unknown_name_is_refused_in_the_same_words(now):
    refusals = []
    for username in ("ai-do.vp-ubnd", CLERK):
        with pytest.raises(WrongPassword) as refused:
            proved(now, username=username, password="hue-2025")
        refusals.append(explain(refused.value))
    assert refusals[0] == refusals[1]


def test_an_unknown_name_is_shut_like_a_known_one(now):
    """Being shut does not tell who has an account."""
    waits = []
    for username in ("ai-do.vp-ubnd", CLERK):
        wrong_passwords(WRONG_ALLOWED, now, username=username)
        with pytest.raises(AccountLocked) as refused:
            proved(now, username=username)
        waits.append(explain(refused.value))
    assert waits[0] == waits[1]


def test_a_suspended_account_says_so_to_its_owner_alone(now):
    User.objects.filter(username=CLERK).update(is_active=False, suspension="decided")
    wrong_passwords(1, now)
    with pytest.raises(AccountSuspended):
        enter(proved(now), now=now)


def test_at_the_limit_even_the_right_password_waits(now):
    wrong_passwords(WRONG_ALLOWED, now)
    with pytest.raises(AccountLocked) as refused:
        proved(now)
    assert refused.value.until == now + SHUT_FOR
    assert "09:45" in explain(refused.value).vi  # Việt Nam time
    assert proved(now + SHUT_FOR)
    assert kinds_on(User.objects.get(username=CLERK)).count("account-locked") == 1


def test_below_the_limit_the_right_password_opens_and_starts_the_count_again(now):
    for _ in range(2):
        wrong_passwords(WRONG_ALLOWED - 1, now)
        assert proved(now)


def test_wrong_passwords_of_long_ago_count_no_more(now):
    wrong_passwords(WRONG_ALLOWED - 1, now)
    later = now + FORGOTTEN_AFTER
    wrong_passwords(1, later)
    assert proved(later)


def test_who_guesses_from_outside_does_not_shut_the_owner_inside(now):
    wrong_passwords(WRONG_ALLOWED, now, visit=OUTSIDE)
    assert proved(now)
    with pytest.raises(AccountLocked):
        proved(now, visit=OUTSIDE)


def test_who_guesses_does_not_shut_a_known_device_wherever_it_is(now):
    digest = device_digest("what an earlier sign-in left")
    user = User.objects.get(username=CLERK)
    Device.objects.create(user=user, digest=digest, first_seen_at=now)
    wrong_passwords(WRONG_ALLOWED, now, visit=OUTSIDE)
    known = Visit("203.0.113.9", is_inside=False, device=digest)
    assert proved(now, visit=known)
    # The device of another account is a stranger here.
    with pytest.raises(AccountLocked):
        proved(now, visit=Visit("203.0.113.9", is_inside=False, device=device_digest("x")))


def test_a_known_device_waits_after_its_own_wrong_passwords(now):
    digest = device_digest("what an earlier sign-in left")
    user = User.objects.get(username=CLERK)
    Device.objects.create(user=user, digest=digest, first_seen_at=now)
    known = Visit("203.0.113.9", is_inside=False, device=digest)
    wrong_passwords(WRONG_ALLOWED, now, visit=known)
    with pytest.raises(AccountLocked):
        proved(now, visit=known)


def test_one_address_that_tries_many_names_is_shut_for_all(now):
    for number in range(WRONG_ALLOWED_BY_ADDRESS[False]):
        wrong_passwords(1, now, visit=OUTSIDE, username=f"ten-{number}")
    with pytest.raises(AccountLocked):
        proved(now, visit=OUTSIDE)
    assert proved(now, visit=Visit("203.0.113.10", is_inside=False))


def test_addresses_of_one_ipv6_network_count_together(now):
    for number in range(WRONG_ALLOWED_BY_ADDRESS[False]):
        visit = Visit(f"2001:db8::{number:x}", is_inside=False)
        wrong_passwords(1, now, visit=visit, username=f"ten-{number}")
    with pytest.raises(AccountLocked):
        proved(now, visit=Visit("2001:db8::ffff", is_inside=False))


def test_an_administrator_unlocks_and_it_is_written_down(now, officer):
    wrong_passwords(WRONG_ALLOWED, now)
    user = User.objects.get(username=CLERK)
    assert set(locked_users(now)) == {user.pk}
    unlock_account(user, by=officer("quan-tri.vp-ubnd"), now=now)
    assert set(locked_users(now)) == set()
    assert proved(now)
    assert "account-unlocked" in kinds_on(user)


def test_counts_that_count_no_more_are_deleted(now):
    wrong_passwords(1, now)
    assert forget_old(now=now + FORGOTTEN_AFTER - timedelta(minutes=1)) == 0
    assert forget_old(now=now + FORGOTTEN_AFTER) == 2
    assert not Tries.objects.exists()


def test_who_holds_no_post_today_does_not_come_in(now, officer):
    Post.objects.filter(pk=officer(CLERK).post_id).update(valid_to=now.date())
    with pytest.raises(NoPostInForce):
        enter(proved(now), now=now)
    assert enter(proved(now), now=now - timedelta(days=1))


def test_a_post_in_an_agency_that_has_ended_is_none(now):
    ended = Agency.objects.get(key="quan-thuan-hoa")
    person = Person.objects.create(full_name="Trần Viết Bách", email="cu@hue.invalid")
    Post.objects.create(
        person=person, agency=ended, title="Văn thư", role=Role.CLERK, valid_from="2025-01-01"
    )
    open_accounts(DEMO_PASSWORD, now=now)
    with pytest.raises(NoPostInForce):
        enter(proved(now, username="cu"), now=now)


def test_signing_out_is_recorded(now, officer):
    sign_out(officer(CLERK), now=now)
    assert Act.objects.get(kind="signed-out").user_id == officer(CLERK).user_id


def test_a_person_of_two_posts_chooses_in_which_to_act(now, officer):
    clerk = officer(CLERK)
    second = Post.objects.create(
        person=clerk.person,
        agency=Agency.objects.get(key="thuan-hoa"),
        title="Văn thư",
        role=Role.CLERK,
        valid_from="2026-01-01",
    )
    assert choose_post(clerk, second.pk, now=now).agency.key == "thuan-hoa"


def test_the_post_of_another_is_not_chosen(now, officer):
    others = officer("chu-tich.vp-ubnd").post_id
    with pytest.raises(PostNotHeld):
        choose_post(officer(CLERK), others, now=now)


def test_accounts_are_opened_once_and_share_one_hash(now):
    assert open_accounts(DEMO_PASSWORD, now=now) == 0
    assert User.objects.values("password").distinct().count() == 1
