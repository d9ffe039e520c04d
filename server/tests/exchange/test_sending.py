"""The outbox: leases, delays, refusals for each recipient, sending again (decision 8)."""

import threading
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection

from chauban.axis.adapters.local import LocalGateway
from chauban.axis.demo import register_demo_axis
from chauban.axis.models import Carriage, Package
from chauban.exchange.actions import issue, resend, retry
from chauban.exchange.errors import NothingToResend
from chauban.exchange.models import Delivery, OutgoingMessage, Recipient
from chauban.exchange.ports import Acknowledgement, GatewayUnavailable
from chauban.exchange.rules import MAX_ATTEMPTS
from chauban.exchange.sending import LEASE, TRACK_AGAIN, TRACK_FIRST, send_next, track_next
from chauban.exchange.statuses import owe_status
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban_edxml.model import StatusCode
from tests.moments import NOW

LATER = NOW + timedelta(minutes=1)


class Down(LocalGateway):
    def send(self, envelopes, *, now):
        return [GatewayUnavailable("connection refused") for _ in envelopes]


class DiesBeforeSending(LocalGateway):
    def send(self, envelopes, *, now):
        raise SystemExit


class DiesAfterSending(LocalGateway):
    def send(self, envelopes, *, now):
        super().send(envelopes, now=now)
        raise SystemExit


@pytest.fixture
def clerk(officer):
    return officer("van-thu.vp-ubnd")


@pytest.fixture
def issued(axis, sealed, clerk):
    document = sealed()
    issue(document, officer=clerk, now=NOW)
    return document


@pytest.mark.django_db
def test_a_message_goes_again_after_a_delay_when_the_axis_is_down(issued):
    assert send_next(Down(), now=NOW)
    message = OutgoingMessage.objects.get()
    assert (message.state, message.error_code, message.attempts) == ("due", "unavailable", 1)
    assert not send_next(LocalGateway(), now=NOW + timedelta(seconds=29))
    assert send_next(LocalGateway(), now=NOW + timedelta(seconds=30))
    message.refresh_from_db()
    assert (message.state, message.error_code, message.attempts) == ("sent", "", 2)


@pytest.mark.django_db
def test_documents_and_statuses_wait_for_a_silent_axis_however_long(axis, sealed, clerk, carry):
    issue(sealed(), officer=clerk, now=NOW)
    carry()
    issue(sealed(), officer=clerk, now=LATER)
    owe_status(Delivery.objects.get(), StatusCode.ACCEPTED, now=LATER)
    silent = [LATER + timedelta(hours=hour) for hour in range(MAX_ATTEMPTS + 3)]
    assert [send_next(Down(), now=now) for now in silent[:-1]][-1]
    waiting = OutgoingMessage.objects.filter(state="due")
    assert Counter(waiting.values_list("type", "error_code")) == {
        ("edoc", "unavailable"): 1,
        ("status", "unavailable"): 1,
    }
    assert not Recipient.objects.troubled().exists()
    carry(silent[-1])
    assert set(OutgoingMessage.objects.values_list("state", "error_code")) == {("sent", "")}


@pytest.mark.django_db
def test_what_breaks_on_being_sent_a_person_sees_and_sends_again(issued, clerk):
    now = NOW
    for _ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(SystemExit):
            send_next(DiesBeforeSending(), now=now)
        now += LEASE
    assert send_next(DiesBeforeSending(), now=now)
    message = OutgoingMessage.objects.failed().get()
    assert (message.error_code, message.attempts) == ("not-processed", MAX_ATTEMPTS)
    assert Act.objects.on(issued).filter(kind=ActKind.SENDING_FAILED).count() == 1
    recipient = Recipient.objects.troubled().get()
    again = resend(recipient, officer=clerk, now=now)
    assert send_next(LocalGateway(), now=now)
    again.refresh_from_db()
    assert (again.state, again.to_organ_ids) == ("sent", [recipient.organ_id])
    assert not Recipient.objects.troubled().exists()
    assert not OutgoingMessage.objects.failed().exists()


@pytest.mark.django_db
def test_a_failed_message_may_be_tried_again_as_it_is(issued):
    OutgoingMessage.objects.update(state="failed", attempts=MAX_ATTEMPTS)
    Recipient.objects.update(refusal="18", refused_reason="Không có trên trục")
    retry(OutgoingMessage.objects.get(), now=LATER)
    assert send_next(LocalGateway(), now=LATER)
    assert OutgoingMessage.objects.get().state == "sent"
    assert not Recipient.objects.troubled().exists()


@pytest.mark.django_db
def test_a_crash_between_sending_and_settling_sends_the_same_package_once_more(issued, carry):
    with pytest.raises(SystemExit):
        send_next(DiesAfterSending(), now=NOW)
    package = Package.objects.get()
    assert not send_next(LocalGateway(), now=NOW + LEASE - timedelta(seconds=1))
    carry(NOW + LEASE)
    assert OutgoingMessage.objects.get(document=issued).package_id == str(package.pk)
    assert Package.objects.filter(type="edoc").count() == 1
    assert Delivery.objects.count() == 1
    assert issued.recipients.get().status_code == "01"


@pytest.mark.django_db
def test_a_recipient_unknown_to_the_axis_is_refused_by_name_and_the_others_get_it(
    axis, sealed, clerk, carry
):
    document = sealed(outside=[("H99.99", "Cơ quan không có trên trục")])
    issue(document, officer=clerk, now=NOW)
    carry()
    reached, refused = document.recipients.order_by("pk")
    assert (reached.status_code, reached.refusal) == ("01", "")
    assert (refused.status_code, refused.refusal) == ("", "18")
    assert "H99.99" in refused.refused_reason
    assert Recipient.objects.troubled().get() == refused


@pytest.mark.django_db
def test_a_message_that_the_axis_refuses_is_not_tried_again(axis, sealed, clerk):
    document = sealed(recipients=[], outside=[("H99.99", "Cơ quan không có trên trục")])
    issue(document, officer=clerk, now=NOW)
    assert send_next(LocalGateway(), now=NOW)
    message = OutgoingMessage.objects.get()
    assert (message.state, message.error_code, message.attempts) == ("failed", "18", 1)
    assert document.recipients.get().refusal == "18"


@pytest.mark.django_db
def test_a_code_that_has_become_known_is_reached_by_sending_again(axis, sealed, clerk, carry):
    document = sealed(outside=[("H99.99", "Cơ quan mới đăng ký")])
    issue(document, officer=clerk, now=NOW)
    carry()
    axis[1].members.create(organ_id="H99.99", name="Cơ quan mới đăng ký")
    resend(Recipient.objects.troubled().get(), officer=clerk, now=LATER)
    carry(LATER)
    assert not Recipient.objects.troubled().exists()
    assert Carriage.objects.get(to__organ_id="H99.99").package.raw.sha256
    assert Package.objects.filter(type="edoc").count() == 1


@pytest.mark.django_db
def test_nothing_is_sent_again_to_who_has_answered(issued, carry, clerk):
    carry()
    with pytest.raises(NothingToResend):
        resend(issued.recipients.get(), officer=clerk, now=LATER)


@pytest.mark.django_db
def test_what_a_foreign_system_could_not_fetch_is_shown_to_the_clerk(axis, sealed, clerk):
    document = sealed(recipients=[], outside=[("000.00.00.H44", "UBND tỉnh Phú Thọ")])
    issue(document, officer=clerk, now=NOW)
    send_next(LocalGateway(), now=NOW)
    Carriage.objects.update(state="fail", description="Không đọc được")
    assert not track_next(LocalGateway(), now=NOW)
    assert track_next(LocalGateway(), now=NOW + TRACK_FIRST)
    recipient = Recipient.objects.troubled().get()
    assert (recipient.transport, recipient.refused_reason) == ("fail", "Không đọc được")
    assert not track_next(LocalGateway(), now=NOW + TRACK_FIRST + TRACK_AGAIN)


@pytest.mark.django_db
def test_an_issued_document_is_kept_as_sent_byte_for_byte(issued):
    before = OutgoingMessage.objects.get().raw_id
    send_next(LocalGateway(), now=NOW)
    assert Package.objects.get().raw_id == before
    assert Act.objects.on(issued).get(kind=ActKind.SENT).digest == before


class Counting:
    """A gateway that only counts; slow enough that two workers meet."""

    at_once = 1

    def __init__(self):
        self.sent = Counter()
        self.lock = threading.Lock()

    def send(self, envelopes, *, now):
        with self.lock:
            self.sent.update(envelope.to_organ_ids for envelope in envelopes)
        return [Acknowledgement("-".join(envelope.to_organ_ids)) for envelope in envelopes]


def test_two_workers_at_once_send_each_message_once(committed, blob_folder, body, officer, sealed):
    register_demo_axis(date(2026, 11, 23))
    codes = [f"H44.{number:02}" for number in range(12)]
    for code in codes:
        document = sealed(recipients=[], outside=[(code, code)])
        issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    gateway, errors = Counting(), []

    def work():
        try:
            while send_next(gateway, now=NOW):
                pass
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert errors == []
    assert gateway.sent == Counter({(code,): 1 for code in codes})
    assert not OutgoingMessage.objects.exclude(state="sent").exists()
