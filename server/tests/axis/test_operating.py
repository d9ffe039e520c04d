"""What the axis's operator does: each change an act, each refusal in words."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from chauban.axis.models import Carriage, Member, System
from chauban.axis.operating import rotate_secret
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from tests.axis.test_http import refused
from tests.exchange.messages import raw_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(signed_in):
    return signed_in("quan-tri.vp-ubnd")


@pytest.fixture
def outside(axis):
    return axis[1]


def kinds_on(row):
    return [act.kind for act in Act.objects.on(row).order_by("pk")]


def shown_secret(response):
    return re.search(r'id="new-secret">([^<]+)<', response.content.decode()).group(1)


def test_a_system_is_registered_with_a_secret_shown_once(operator, call):
    response = operator.post("/axis/systems/", {"system_id": "002.00.77.H57", "name": "Sở mới"})
    secret = shown_secret(response)
    assert response["Cache-Control"] == "no-store"
    system = System.objects.get(system_id="002.00.77.H57")
    assert system.secret == secret
    assert kinds_on(system) == [ActKind.SYSTEM_REGISTERED]
    assert call("getAgenciesList", system=system.system_id, secret=secret)["ErrorCode"] == "0"
    assert secret not in operator.get(f"/axis/systems/{system.pk}").content.decode()


@pytest.mark.parametrize("system_id", ["002.00.99.H44", "có dấu", "a b"])
def test_a_system_id_that_is_taken_or_no_header_can_carry_is_refused(operator, axis, system_id):
    before = System.objects.count()
    response = operator.post("/axis/systems/", {"system_id": system_id, "name": "Sở mới"})
    assert (response.status_code, System.objects.count()) == (422, before)


def test_lock_and_unlock(operator, outside, call):
    operator.post(f"/axis/systems/{outside.pk}/lock")
    refused(call("getAgenciesList"), "27")
    operator.post(f"/axis/systems/{outside.pk}/unlock")
    assert call("getAgenciesList")["ErrorCode"] == "0"
    assert kinds_on(outside) == [ActKind.SYSTEM_LOCKED, ActKind.SYSTEM_UNLOCKED]


def test_after_a_rotation_both_secrets_count_for_a_while(operator, outside, call):
    old = outside.secret
    new = shown_secret(operator.post(f"/axis/systems/{outside.pk}/rotate", {"keep_hours": 24}))
    assert call("getAgenciesList", secret=old)["ErrorCode"] == "0"
    assert call("getAgenciesList", secret=new)["ErrorCode"] == "0"
    System.objects.filter(pk=outside.pk).update(former_until=datetime.now(UTC))
    refused(call("getAgenciesList", secret=old), "15")
    assert call("getAgenciesList", secret=new)["ErrorCode"] == "0"


def test_a_secret_that_leaked_ends_at_once(operator, outside, call):
    old = outside.secret
    operator.post(f"/axis/systems/{outside.pk}/rotate", {"keep_hours": 0})
    refused(call("getAgenciesList", secret=old), "15")


def test_there_are_never_more_than_two_secrets(outside, officer, now):
    first = outside.secret
    for _ in range(2):
        rotate_secret(
            outside,
            keep_former=timedelta(hours=1),
            officer=officer("quan-tri.vp-ubnd"),
            now=now,
        )
    assert first not in outside.secrets(now)
    assert len(outside.secrets(now)) == 2
    assert len(outside.secrets(now + timedelta(hours=1))) == 1


def test_limits_are_set_and_are_an_act(operator, outside):
    operator.post(
        f"/axis/systems/{outside.pk}/limits", {"calls_per_minute": 5, "max_message_mb": 2}
    )
    outside.refresh_from_db()
    assert (outside.calls_per_minute, outside.limit_bytes) == (5, 2_000_000)
    (act,) = Act.objects.on(outside)
    assert act.facts == {"system": outside.system_id, "calls_per_minute": 5, "max_message_mb": 2}


def test_an_agency_is_added_and_removed(operator, outside, call, send):
    operator.post(
        f"/axis/systems/{outside.pk}/members", {"organ_id": "H99.1", "name": "Cơ quan mới"}
    )
    assert send(raw_message("H99.1"))["ErrorCode"] == "0"
    member = Member.objects.get(organ_id="H99.1")
    operator.post(f"/axis/members/{member.pk}/remove")
    refused(send(raw_message("H99.1", number="8")), "18")
    copy = Carriage.objects.get(to=member)
    assert (copy.state, "H99.1" in copy.description) == ("fail", True)
    assert kinds_on(member) == [ActKind.MEMBER_ADDED, ActKind.MEMBER_REMOVED]


def test_a_code_is_not_taken_from_another_system(operator, axis):
    ours, outside = axis
    response = operator.post(f"/axis/systems/{ours.pk}/members", {"organ_id": "G22", "name": "X"})
    assert response.status_code == 422
    assert outside.name in response.content.decode()
    member = Member.objects.get(organ_id="G22")
    operator.post(f"/axis/members/{member.pk}/remove")
    operator.post(f"/axis/systems/{ours.pk}/members", {"organ_id": "G22", "name": "X"})
    member.refresh_from_db()
    assert (member.system, member.removed_at) == (ours, None)


def test_one_recipients_failed_copy_is_offered_again(operator, send):
    send(raw_message("G22", "H44"))
    first, second = Carriage.objects.order_by("pk")
    Carriage.objects.update(state="fail", description="hỏng")
    operator.post(f"/axis/queues/copies/{first.pk}/again")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.description, second.state) == ("initial", "", "fail")
    assert kinds_on(first.to) == [ActKind.OFFERED_AGAIN]


def test_a_copy_that_did_not_fail_is_not_offered_again(operator, send):
    send(raw_message("G22"))
    Carriage.objects.update(state="done")
    page = operator.post(f"/axis/queues/copies/{Carriage.objects.get().pk}/again", follow=True)
    assert "không ở trạng thái gửi lại được" in page.content.decode()
    assert Carriage.objects.get().state == "done"


def test_the_pages_show_systems_agencies_and_what_waits(operator, send, outside):
    send(raw_message("G22"))
    listed = operator.get("/axis/systems/").content.decode()
    assert outside.name in listed
    page = operator.get(f"/axis/systems/{outside.pk}").content.decode()
    assert "Văn phòng Chính phủ" in page
    assert "Văn bản: <b>1</b>" in page
