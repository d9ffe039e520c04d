"""Signing in: one account is one person; wrong passwords are counted and shut the account."""

from datetime import timedelta

import pytest

from chauban.accounts.actions import (
    LOCKED_FOR,
    WRONG_PASSWORDS_ALLOWED,
    choose_post,
    open_accounts,
    sign_in,
    sign_out,
)
from chauban.accounts.errors import AccountLocked, NoPostInForce, PostNotHeld, WrongPassword
from chauban.accounts.models import User
from chauban.accounts.words import explain
from chauban.directory.models import Agency, Person, Post, Role
from chauban.journal.models import Act
from tests.databases import DEMO_PASSWORD

pytestmark = pytest.mark.django_db

CLERK = "van-thu.vp-ubnd"


def test_user_name_and_password_prove_an_officer_in_his_post(now):
    officer = sign_in(CLERK, DEMO_PASSWORD, now=now)
    assert (officer.post.title, officer.agency.key) == ("Văn thư", "vp-ubnd")
    act = Act.objects.on(officer.user).get()
    assert (act.kind, act.post_id, act.at) == ("signed-in", officer.post_id, now)


def test_a_wrong_password_is_refused_and_recorded(now):
    with pytest.raises(WrongPassword):
        sign_in(CLERK, "hue-2025", now=now)
    act = Act.objects.on(User.objects.get(username=CLERK)).get()
    assert (act.kind, act.user_id, act.facts) == ("sign-in-refused", None, {"wrong_passwords": 1})


def test_an_unknown_name_is_refused_in_the_same_words(now):
    with pytest.raises(WrongPassword) as unknown:
        sign_in("ai-do.vp-ubnd", DEMO_PASSWORD, now=now)
    with pytest.raises(WrongPassword) as wrong:
        sign_in(CLERK, "hue-2025", now=now)
    assert explain(unknown.value) == explain(wrong.value)


def test_a_closed_account_does_not_open(now):
    User.objects.filter(username=CLERK).update(is_active=False)
    with pytest.raises(WrongPassword):
        sign_in(CLERK, DEMO_PASSWORD, now=now)


def wrong_passwords(times, now):
    for _ in range(times):
        with pytest.raises(WrongPassword):
            sign_in(CLERK, "hue-2025", now=now)


def test_at_the_limit_even_the_right_password_waits(now):
    wrong_passwords(WRONG_PASSWORDS_ALLOWED, now)
    with pytest.raises(AccountLocked) as refused:
        sign_in(CLERK, DEMO_PASSWORD, now=now)
    assert refused.value.until == now + LOCKED_FOR
    assert "09:45" in explain(refused.value).vi  # Việt Nam time
    assert sign_in(CLERK, DEMO_PASSWORD, now=now + LOCKED_FOR)


def test_below_the_limit_the_right_password_opens_and_starts_the_count_again(now):
    for _ in range(2):
        wrong_passwords(WRONG_PASSWORDS_ALLOWED - 1, now)
        assert sign_in(CLERK, DEMO_PASSWORD, now=now)


def test_who_holds_no_post_today_does_not_come_in(now, officer):
    Post.objects.filter(pk=officer(CLERK).post_id).update(valid_to=now.date())
    with pytest.raises(NoPostInForce):
        sign_in(CLERK, DEMO_PASSWORD, now=now)
    assert sign_in(CLERK, DEMO_PASSWORD, now=now - timedelta(days=1))


def test_a_post_in_an_agency_that_has_ended_is_none(now):
    ended = Agency.objects.get(key="quan-thuan-hoa")
    person = Person.objects.create(full_name="Trần Viết Bách", email="cu@hue.invalid")
    Post.objects.create(
        person=person, agency=ended, title="Văn thư", role=Role.CLERK, valid_from="2025-01-01"
    )
    open_accounts(DEMO_PASSWORD)
    with pytest.raises(NoPostInForce):
        sign_in("cu", DEMO_PASSWORD, now=now)


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


def test_accounts_are_opened_once_and_share_one_hash():
    assert open_accounts(DEMO_PASSWORD) == 0
    assert User.objects.values("password").distinct().count() == 1
