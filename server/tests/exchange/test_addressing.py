"""Codes that are retired: their only heir gets what still comes; of several a person chooses."""

from datetime import timedelta

import pytest

from chauban.accounts.rights import NotAllowed
from chauban.directory.models import IssuingBody, OrganCode
from chauban.directory.succession import heirs_of
from chauban.directory.synchronising import Listed, synchronise
from chauban.exchange.errors import NotSetAsideForSuccessor
from chauban.exchange.handing import hand_to_successor, heirs_waiting
from chauban.exchange.models import Delivery, IncomingMessage, OutgoingMessage, Recipient
from chauban.exchange.receiving import list_waiting, receive_next
from chauban.exchange.statuses import Unmatched, find_recipient
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from tests.exchange.messages import raw_message
from tests.exchange.test_receiving import OnePackage
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)
DAY = NOW.date()

# Xã Hồng Hạ is part of xã A Lưới 5 since 1 July 2025; huyện A Lưới became five communes.
HONG_HA, A_LUOI = "000.18.32.H57", "000.00.32.H57"


def received(raw, to):
    gateway = OnePackage(raw, to)
    list_waiting(gateway, now=NOW)
    while receive_next(gateway, now=NOW):
        pass
    return IncomingMessage.objects.get(package_id="goi-1"), gateway


def heirs(key):
    body = IssuingBody.objects.get(key=key)
    return [heir.key for heir in heirs_of([body], DAY)[body.pk]]


@pytest.fixture
def set_aside(body):
    return received(raw_message(A_LUOI), A_LUOI)[0]


def test_a_former_commune_has_the_people_s_committee_of_the_new_one_as_its_heir(body):
    assert heirs("ubnd-xa-hong-ha") == ["ubnd-a-luoi-5"]


def test_a_former_department_has_the_one_that_it_was_merged_into(body):
    assert heirs("so-khdt") == ["so-tai-chinh"]


def test_a_former_district_has_the_communes_on_its_land(body):
    assert set(heirs("ubnd-huyen-a-luoi")) == {f"ubnd-a-luoi-{n}" for n in range(1, 6)}


def test_succession_is_followed_through_bodies_that_ended_too(body):
    """Nam Đông became part of Phú Lộc in January 2025, which ended in July."""
    assert set(heirs("ubnd-huyen-nam-dong")) >= {"ubnd-nam-dong", "ubnd-phu-loc"}


def test_who_has_no_known_successor_has_no_heir(body):
    assert heirs("ban-dan-toc") == []


def test_a_body_in_force_is_its_own_heir(body):
    assert heirs("ubnd-a-luoi-5") == ["ubnd-a-luoi-5"]


def test_a_late_message_to_a_former_commune_reaches_its_successor_with_a_note(body):
    message, gateway = received(raw_message(HONG_HA), HONG_HA)
    delivery = Delivery.objects.get()
    assert (delivery.body.key, delivery.addressed_as) == ("ubnd-a-luoi-5", HONG_HA)
    (note,) = [one for one in message.warnings if one["code"] == "addressee-succeeded"]
    assert note["vi"].startswith(f"Gửi đến mã đã hết hiệu lực {HONG_HA} của Ủy ban nhân dân xã")
    act = Act.objects.on(delivery).get(kind=ActKind.ROUTED_TO_SUCCESSOR)
    assert act.facts["code"] == HONG_HA
    assert gateway.confirmed == [("done", "")]


def test_a_message_to_a_code_in_force_has_no_such_note(body):
    code = body("ubnd-a-luoi-5").organ_id(DAY)
    message, _ = received(raw_message(code), code)
    assert [one["code"] for one in message.warnings if "succeeded" in one["code"]] == []
    assert not Act.objects.filter(kind=ActKind.ROUTED_TO_SUCCESSOR).exists()


def test_the_sender_hears_of_the_successor_under_its_code_in_force(body):
    received(raw_message(HONG_HA), HONG_HA)
    assert OutgoingMessage.objects.get(status_code="01").delivery.body.key == "ubnd-a-luoi-5"


def test_to_a_former_commune_and_to_its_successor_is_one_document(body):
    code = body("ubnd-a-luoi-5").organ_id(DAY)
    received(raw_message(HONG_HA, code), "")
    assert Delivery.objects.get().body.key == "ubnd-a-luoi-5"


def test_a_retired_code_of_a_body_in_force_still_reaches_it(body):
    commune = body("ubnd-a-luoi-5")
    OrganCode.objects.filter(body=commune, scheme="qcvn102").update(valid_to=DAY)
    old = OrganCode.objects.get(body=commune, scheme="qcvn102").code
    received(raw_message(old), old)
    assert Delivery.objects.get().body == commune


def test_without_a_known_successor_the_machine_refuses(body):
    code = "H57.91"
    message, gateway = received(raw_message(code), code)
    assert (message.state, message.refusal) == ("refused", "retired-addressee")
    assert gateway.confirmed[0][0] == "fail"


def test_of_several_successors_a_person_chooses(set_aside):
    assert (set_aside.state, set_aside.refusal) == ("set-aside", "several-successors")
    assert set_aside.raw is not None
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("username", ["quan-tri.vp-ubnd", "van-thu.vp-ubnd"])
def test_administrator_or_superior_s_clerk_hands_it_to_one_of_them(
    set_aside, officer, body, username
):
    heir = body("ubnd-a-luoi-2")
    hand_to_successor(set_aside, heir, officer=officer(username), now=LATER)
    delivery = Delivery.objects.get()
    assert (delivery.body, delivery.addressed_as) == (heir, A_LUOI)
    assert OutgoingMessage.objects.get().status_code == "01"
    set_aside.refresh_from_db()
    assert (set_aside.state, set_aside.refusal) == ("read", "")
    assert Act.objects.on(set_aside).filter(kind=ActKind.HANDED_TO_SUCCESSOR).count() == 1


def test_another_clerk_does_not(set_aside, officer, body):
    with pytest.raises(NotAllowed):
        hand_to_successor(
            set_aside, body("ubnd-a-luoi-2"), officer=officer("van-thu.a-luoi-2"), now=LATER
        )
    assert not Delivery.objects.exists()


def test_it_goes_to_no_body_that_is_no_successor(set_aside, officer, body):
    with pytest.raises(NotSetAsideForSuccessor):
        hand_to_successor(
            set_aside, body("ubnd-thuan-hoa"), officer=officer("quan-tri.vp-ubnd"), now=LATER
        )


def test_it_is_handed_over_once(set_aside, officer, body):
    act = {"officer": officer("quan-tri.vp-ubnd"), "now": LATER}
    hand_to_successor(set_aside, body("ubnd-a-luoi-2"), **act)
    with pytest.raises(NotSetAsideForSuccessor):
        hand_to_successor(set_aside, body("ubnd-a-luoi-3"), **act)
    assert Delivery.objects.count() == 1


def test_what_was_set_aside_for_something_else_is_not_handed_over(set_aside):
    set_aside.refusal = "unknown-document"
    with pytest.raises(NotSetAsideForSuccessor):
        heirs_waiting(set_aside, now=LATER)


def test_a_successor_reports_for_the_one_it_took_over_from(sealed, body):
    document = sealed()
    old, heir = body("ubnd-xa-hong-ha"), body("ubnd-a-luoi-5")
    sent = Recipient.objects.create(
        document=document, body=old, organ_id=HONG_HA, name=old.name, channel="axis"
    )
    assert find_recipient(document, heir.organ_id(DAY)) == sent


def test_of_two_that_it_took_over_from_it_reports_for_neither_of_itself(sealed, body):
    document, heir = sealed(), body("ubnd-a-luoi-5")
    for old in IssuingBody.objects.filter(agency__successions__successor=heir.agency)[:2]:
        Recipient.objects.create(
            document=document, body=old, organ_id=old.codes.get().code, name=old.name
        )
    with pytest.raises(Unmatched):
        find_recipient(document, heir.organ_id(DAY))


def test_an_agency_outside_reports_under_its_other_code(sealed):
    synchronise(
        [Listed("H44", "Ủy ban nhân dân tỉnh Phú Thọ", "", "000.00.00.H44")],
        gateway="axis",
        now=NOW,
    )
    document = sealed()
    sent = Recipient.objects.create(document=document, organ_id="H44", name="Phú Thọ")
    assert find_recipient(document, "000.00.00.H44") == sent
    with pytest.raises(Unmatched):
        find_recipient(document, "H43")
