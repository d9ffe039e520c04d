"""An act is recorded in the transaction of what it records, as ids and codes."""

import pytest
from django.db import transaction

from chauban.exchange.models import FollowedAct
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.journal.recording import ActOutsideTransaction, record


@pytest.mark.django_db
def test_an_act_tells_who_in_which_post_of_which_agency_did_what_to_what(officer, now):
    clerk = officer("van-thu.vp-ubnd")
    act = record(ActKind.SIGNED_IN, on=clerk.user, by=clerk, at=now, digest="0" * 64, tries=2)
    assert (act.user_id, act.post_id, act.agency_id) == (
        clerk.user.pk,
        clerk.post.pk,
        clerk.agency.pk,
    )
    assert (act.subject_type, act.subject_id) == ("accounts.user", clerk.user.pk)
    assert (act.at, act.digest, act.facts) == (now, "0" * 64, {"tries": 2})
    assert act.word == "Đăng nhập"
    assert list(Act.objects.on(clerk.user)) == [act]


@pytest.mark.django_db
def test_what_the_system_does_by_itself_has_no_person(officer, now):
    subject = officer("van-thu.vp-ubnd").user
    act = record(ActKind.ASSESSED, on=subject, by=None, at=now, agency_id=7)
    assert (act.user_id, act.post_id, act.agency_id) == (None, None, 7)


def test_an_act_outside_a_transaction_is_refused(committed, officer, now):
    clerk = officer("van-thu.vp-ubnd")
    with pytest.raises(ActOutsideTransaction):
        record(ActKind.SIGNED_IN, on=clerk.user, by=clerk, at=now)
    with transaction.atomic():
        record(ActKind.SIGNED_IN, on=clerk.user, by=clerk, at=now)


def test_an_act_goes_with_the_transaction_that_is_rolled_back(committed, officer, now):
    clerk = officer("van-thu.vp-ubnd")
    with transaction.atomic():
        record(ActKind.SIGNED_IN, on=clerk.user, by=clerk, at=now)
        transaction.set_rollback(True)
    assert not Act.objects.on(clerk.user).exists()


@pytest.mark.django_db
def test_a_follower_takes_acts_it_has_not_dealt_with_whatever_their_order(officer, now):
    """Ids commit out of order: an anti-join finds the one that "id > last" would miss."""
    user = officer("van-thu.vp-ubnd").user
    early, late = (record(ActKind.ROUTED, on=user, by=None, at=now) for _ in range(2))
    FollowedAct.objects.create(act=late)
    assert list(Act.objects.on(user).unfollowed_by(FollowedAct)) == [early]
