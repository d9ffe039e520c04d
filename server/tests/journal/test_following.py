"""Followers of the journal look beyond their horizon only (design, section 1)."""

from datetime import timedelta

import pytest

from chauban.exchange.models import FollowedAct
from chauban.journal.following import DISTANCE, raise_horizon
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act, Horizon
from chauban.journal.recording import record

pytestmark = pytest.mark.django_db
A_MOMENT = timedelta(seconds=1)


@pytest.fixture
def act(officer, now):
    user = officer("van-thu.vp-ubnd").user
    return lambda: record(ActKind.ROUTED, on=user, by=None, at=now)


def raise_it(now):
    raise_horizon(Act.objects.filter(kind=ActKind.ROUTED), FollowedAct, now=now)


def unfollowed():
    return list(Act.objects.filter(kind=ActKind.ROUTED).unfollowed_by(FollowedAct))


def test_the_horizon_is_the_last_act_of_a_while_ago(act, now):
    first = act()
    FollowedAct.objects.create(act=first)
    raise_it(now)
    second = act()
    FollowedAct.objects.create(act=second)
    raise_it(now + DISTANCE - A_MOMENT)
    assert Horizon.objects.get().up_to == 0
    raise_it(now + DISTANCE)
    assert Horizon.objects.get().up_to == first.pk
    raise_it(now + 2 * DISTANCE)
    assert Horizon.objects.get().up_to == second.pk


def test_what_commits_late_is_still_found(act, now):
    late, early = act(), act()
    FollowedAct.objects.create(act=early)
    raise_it(now)
    assert unfollowed() == [late]
    raise_it(now + DISTANCE)
    assert Horizon.objects.get().up_to == 0
    FollowedAct.objects.create(act=late)
    raise_it(now + DISTANCE)
    assert Horizon.objects.get().up_to == early.pk


def test_acts_beyond_the_horizon_are_looked_at_and_no_others(act, now):
    below, beyond = act(), act()
    Horizon.objects.create(
        follower="exchange.followedact", up_to=below.pk, next_up_to=beyond.pk, next_at=now
    )
    assert unfollowed() == [beyond]


def test_each_follower_has_a_horizon_of_its_own(act, now):
    one = act()
    Horizon.objects.create(follower="another", up_to=one.pk, next_up_to=one.pk, next_at=now)
    assert unfollowed() == [one]
