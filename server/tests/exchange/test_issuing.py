"""Issuing and carrying, from the sealed document to the statuses that come back."""

from datetime import timedelta

import pytest

from chauban.axis.actions import accept_package
from chauban.exchange.actions import accept_delivery, issue, return_delivery
from chauban.exchange.errors import (
    AcceptanceNotAllowed,
    AlreadyDecided,
    AlreadyIssued,
    NoRecipients,
    NotReadyToDecide,
    NotSealed,
    ReturnWithoutReason,
)
from chauban.exchange.models import (
    Delivery,
    OutgoingMessage,
    ReceivedStatus,
    Recipient,
    Reply,
)
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument
from chauban_edxml.model import ResponseFor
from tests.exchange.messages import raw_message
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def clerk(officer):
    return officer("van-thu.vp-ubnd")


@pytest.fixture
def commune_clerk(officer):
    return officer("van-thu.thuan-hoa")


def statuses_of(recipient):
    return [(one.code, one.effect) for one in recipient.statuses.all()]


def test_one_message_carries_a_document_to_all_its_recipients(axis, sealed, clerk):
    document = sealed(recipients=["ubnd-thuan-hoa", "so-tai-chinh", "so-noi-vu"])
    issue(document, officer=clerk, now=NOW)
    message = OutgoingMessage.objects.get()
    assert message.to_organ_ids == [one.organ_id for one in document.recipients.order_by("pk")]
    assert len(message.to_organ_ids) == 3
    assert {one.message for one in document.recipients.all()} == {message}
    document.refresh_from_db()
    assert (document.state, document.issued_at) == ("issued", NOW)
    assert Act.objects.on(document).filter(kind=ActKind.ISSUED).count() == 1


def test_a_body_named_by_two_codes_is_one_recipient(axis, sealed, clerk, body):
    document = sealed(recipients=["ubnd-thuan-hoa", "so-noi-vu"])
    commune = body("ubnd-thuan-hoa")
    document.draft.recipients.create(body=commune, organ_id="old-code", name=commune.name)
    issue(document, officer=clerk, now=NOW)
    assert document.recipients.count() == 2


def test_a_recipient_without_a_code_gets_the_document_by_post(axis, sealed, clerk):
    document = sealed(outside=[("", "Công ty TNHH Thử")])
    issue(document, officer=clerk, now=NOW)
    by_post = document.recipients.get(organ_id="")
    assert (by_post.channel, by_post.message) == ("post", None)
    assert OutgoingMessage.objects.get().to_organ_ids != [""]


def test_what_is_not_sealed_is_not_issued(axis, sealed, clerk):
    document = sealed()
    document.state = "numbered"
    with pytest.raises(NotSealed):
        issue(document, officer=clerk, now=NOW)


def test_what_is_issued_is_not_issued_again(axis, sealed, clerk):
    document = sealed()
    issue(document, officer=clerk, now=NOW)
    with pytest.raises(AlreadyIssued):
        issue(document, officer=clerk, now=LATER)
    assert OutgoingMessage.objects.count() == 1


def test_a_document_without_recipients_is_not_issued(axis, sealed, clerk):
    with pytest.raises(NoRecipients):
        issue(sealed(recipients=[]), officer=clerk, now=NOW)


def test_arrival_is_reported_once_by_the_machine(sealed, clerk, carry):
    document = sealed()
    issue(document, officer=clerk, now=NOW)
    carry()
    recipient = document.recipients.get()
    assert (recipient.status_code, statuses_of(recipient)) == ("01", [("01", "moved")])
    carry(LATER)
    assert statuses_of(recipient) == [("01", "moved")]


def test_acceptance_registers_the_document_and_is_reported(sealed, clerk, commune_clerk, carry):
    document = sealed()
    issue(document, officer=clerk, now=NOW)
    carry()
    delivery = Delivery.objects.get()
    incoming = accept_delivery(delivery, acceptance="information", officer=commune_clerk, now=LATER)
    carry(LATER)
    recipient = document.recipients.get()
    assert (recipient.status_code, statuses_of(recipient)[1]) == ("03", ("03", "moved"))
    assert (incoming.arrival_number, incoming.document_id) == (1, document.document_id)
    assert incoming.code == document.code
    assert [one.blob for one in incoming.files.all()] == [one.blob for one in document.files.all()]


def test_accepting_twice_registers_once(sealed, clerk, commune_clerk, carry):
    issue(sealed(), officer=clerk, now=NOW)
    carry()
    delivery = Delivery.objects.get()
    first = accept_delivery(delivery, acceptance="information", officer=commune_clerk, now=LATER)
    second = accept_delivery(delivery, acceptance="information", officer=commune_clerk, now=LATER)
    assert first == second
    assert IncomingDocument.objects.count() == 1
    assert OutgoingMessage.objects.filter(status_code="03").count() == 1


def test_nothing_is_decided_before_its_signatures_are_checked(sealed, clerk, commune_clerk, carry):
    issue(sealed(), officer=clerk, now=NOW)
    carry(assesses=False)
    with pytest.raises(NotReadyToDecide):
        accept_delivery(
            Delivery.objects.get(), acceptance="information", officer=commune_clerk, now=LATER
        )


def test_what_was_read_before_its_signatures_were_checked_is_decided_as_it_is_now(
    sealed, clerk, commune_clerk, carry
):
    issue(sealed(), officer=clerk, now=NOW)
    carry(assesses=False)
    delivery = Delivery.objects.get()
    carry()
    incoming = accept_delivery(delivery, acceptance="information", officer=commune_clerk, now=LATER)
    assert all(file.report for file in incoming.files.all())


def test_what_misses_signatures_is_not_registered_as_an_original(
    sealed, clerk, commune_clerk, carry
):
    issue(sealed(), officer=clerk, now=NOW)
    carry()
    with pytest.raises(AcceptanceNotAllowed):
        accept_delivery(
            Delivery.objects.get(), acceptance="original", officer=commune_clerk, now=LATER
        )
    assert not IncomingDocument.objects.exists()


def test_a_return_brings_its_reason_to_the_sender(sealed, clerk, commune_clerk, carry):
    document = sealed()
    issue(document, officer=clerk, now=NOW)
    carry()
    delivery = Delivery.objects.get()
    return_delivery(delivery, reason="Gửi nhầm cơ quan", officer=commune_clerk, now=LATER)
    carry(LATER)
    recipient = document.recipients.get()
    assert recipient.status_code == "02"
    assert recipient.statuses.last().description == "Gửi nhầm cơ quan"
    assert not IncomingDocument.objects.exists()


def test_a_return_needs_a_reason(sealed, clerk, commune_clerk, carry):
    issue(sealed(), officer=clerk, now=NOW)
    carry()
    with pytest.raises(ReturnWithoutReason):
        return_delivery(Delivery.objects.get(), reason="  ", officer=commune_clerk, now=LATER)


def test_what_was_returned_is_not_registered(sealed, clerk, commune_clerk, carry):
    issue(sealed(), officer=clerk, now=NOW)
    carry()
    delivery = Delivery.objects.get()
    return_delivery(delivery, reason="Gửi nhầm", officer=commune_clerk, now=LATER)
    with pytest.raises(AlreadyDecided):
        accept_delivery(delivery, acceptance="information", officer=commune_clerk, now=LATER)


def test_each_recipient_has_its_own_delivery_of_the_same_files(sealed, clerk, carry):
    document = sealed(recipients=["ubnd-thuan-hoa", "so-tai-chinh", "so-noi-vu"])
    issue(document, officer=clerk, now=NOW)
    carry()
    deliveries = Delivery.objects.all()
    assert {one.body.key for one in deliveries} == {"ubnd-thuan-hoa", "so-tai-chinh", "so-noi-vu"}
    assert len({one.files.get().blob_id for one in deliveries}) == 1
    assert list(Recipient.objects.values_list("status_code", flat=True)) == ["01"] * 3
    assert ReceivedStatus.objects.count() == 3


def test_a_document_that_answers_ours_is_linked_with_it_when_registered(
    axis, sealed, carry, clerk, body
):
    ours, other = sealed(), sealed()
    city = body("ubnd-tp").organ_id(NOW.date())
    named = ResponseFor(city, code=ours.code, document_id=ours.document_id)
    accept_package(raw_message(city, response_for=(named,)), system=axis[1], now=NOW)
    carry()
    delivery = Delivery.objects.get()
    incoming = accept_delivery(delivery, acceptance="information", officer=clerk, now=NOW)
    assert [it.outgoing for it in Reply.objects.filter(incoming=incoming)] == [ours]
    assert not other.answered_by.exists()
