"""One sender, whichever of its codes it uses (edxml.md 6.7, 10.4; QĐ 20/2020/QĐ-TTg)."""

from datetime import timedelta

import pytest

from chauban.axis.actions import accept_package
from chauban.directory.synchronising import Listed, synchronise
from chauban.exchange.actions import accept_delivery
from chauban.exchange.models import Delivery, IncomingMessage, OutgoingMessage, ReceivedRecall
from chauban.exchange.senders import Sender, senders_of
from chauban_edxml.model import BussinessDocType, Organization
from tests.exchange.messages import SENDER, raw_message
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)
NEW_CODE = "H44"
NAME = "Ủy ban nhân dân tỉnh Phú Thọ (theo danh bạ)"
UNDER_THE_NEW_CODE = {
    "from_": Organization(NEW_CODE, "Chính phủ", "UBND tỉnh Phú Thọ"),
}


@pytest.fixture
def send(axis):
    """Hand a message of the system outside over to the axis; both codes are that system's."""
    axis[1].members.get_or_create(organ_id=NEW_CODE, defaults={"name": NAME})
    return lambda raw, now=NOW: accept_package(raw, system=axis[1], now=now)


@pytest.fixture
def commune(body):
    return body("ubnd-thuan-hoa").organ_id(NOW.date())


@pytest.fixture
def clerk(officer):
    return officer("van-thu.thuan-hoa")


def told_that_both_are_one():
    synchronise([Listed(NEW_CODE, NAME, "", SENDER)], gateway="axis", now=NOW)


def test_a_document_that_comes_under_both_codes_is_one_delivery(send, carry, commune):
    told_that_both_are_one()
    send(raw_message(commune))
    send(raw_message(commune, **UNDER_THE_NEW_CODE), now=LATER)
    carry(LATER)
    delivery = Delivery.objects.get()
    assert (delivery.sender, delivery.header["sender_name"]) == (NEW_CODE, NAME)
    answered = OutgoingMessage.objects.filter(delivery=delivery, status_code="01")
    assert answered.count() == 2


def test_without_the_directory_s_word_they_are_two(send, carry, commune):
    send(raw_message(commune))
    send(raw_message(commune, **UNDER_THE_NEW_CODE), now=LATER)
    carry(LATER)
    assert sorted(Delivery.objects.values_list("sender", flat=True)) == [SENDER, NEW_CODE]


def test_what_came_before_the_directory_said_so_is_known_again(send, carry, commune):
    send(raw_message(commune))
    carry()
    told_that_both_are_one()
    send(raw_message(commune, **UNDER_THE_NEW_CODE), now=LATER)
    carry(LATER)
    assert Delivery.objects.get().sender == SENDER


def test_a_recall_under_the_new_code_finds_what_came_under_the_old(send, carry, commune):
    send(raw_message(commune))
    carry()
    told_that_both_are_one()
    recall = raw_message(commune, business=BussinessDocType.RECALL, **UNDER_THE_NEW_CODE)
    send(recall, now=LATER)
    carry(LATER)
    assert ReceivedRecall.objects.get().delivery == Delivery.objects.get()
    assert Delivery.objects.get().state == "withdrawn"
    assert not IncomingMessage.objects.set_aside().exists()


def test_the_register_knows_one_agency(send, carry, commune, clerk):
    told_that_both_are_one()
    send(raw_message(commune))
    carry()
    first = accept_delivery(
        Delivery.objects.get(), acceptance="information", officer=clerk, now=LATER
    )
    send(raw_message(commune, number="7817", **UNDER_THE_NEW_CODE), now=LATER)
    carry(LATER)
    second = accept_delivery(
        Delivery.objects.latest("pk"), acceptance="information", officer=clerk, now=LATER
    )
    assert {first.sender_name, second.sender_name} == {NAME}
    assert {first.sender_organ_id, second.sender_organ_id} == {SENDER, NEW_CODE}


def test_senders_of_the_directory_go_by_its_names(body):
    told_that_both_are_one()
    finance = body("so-tai-chinh")
    code = finance.organ_id(NOW.date())
    found = senders_of([code, SENDER, "H99", ""], {code: finance})
    assert found[code] == Sender.of_body(finance)
    assert (found[SENDER].key, found[SENDER].codes) == (NEW_CODE, {SENDER, NEW_CODE})
    assert (found["H99"].key, found["H99"].name) == ("H99", "")
    assert "" not in found
