"""The inbox: each document once, each refusal typed, nothing secret stored, nothing lost."""

from datetime import timedelta

import pytest

from chauban.axis.actions import accept_package
from chauban.axis.adapters.local import LocalGateway
from chauban.axis.errors import UnknownAddressee
from chauban.axis.models import Carriage, Member
from chauban.blobs.errors import StorageFull
from chauban.blobs.models import Blob
from chauban.exchange.actions import accept_delivery, issue
from chauban.exchange.models import Delivery, IncomingMessage, OutgoingMessage
from chauban.exchange.ports import GatewayUnavailable, PackageTooLarge, RefusedByAxis, Waiting
from chauban.exchange.receiving import LEASE, list_waiting, receive_next
from chauban.exchange.rules import MAX_ATTEMPTS
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.errors import AlreadyRegistered
from chauban.registers.models import IncomingDocument
from chauban_edxml.model import BussinessDocType
from chauban_pki.trust import Trust
from tests.exchange.messages import DOC, SENDER, a_status, raw_message
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def send(axis):
    """Hand a message of the system outside over to the axis."""
    return lambda raw, now=NOW: accept_package(raw, system=axis[1], now=now)


@pytest.fixture
def commune(body):
    return body("ubnd-thuan-hoa").organ_id(NOW.date())


@pytest.fixture
def clerk(officer):
    return officer("van-thu.thuan-hoa")


class OnePackage:
    """An axis that has one package waiting, whatever its bytes."""

    at_once = 10

    def __init__(self, raw, to, sender=SENDER):
        self.raw, self.to, self.sender, self.confirmed = raw, to, sender, []

    def waiting(self, type, *, now):
        listed = [] if self.confirmed else [Waiting("goi-1", "edoc", self.sender, self.to)]
        return listed if type == "edoc" else []

    def fetch(self, package_ids, *, now):
        return iter([self.raw] if package_ids else [])

    def confirm(self, outcomes, *, now):
        self.confirmed += [(outcome.state, outcome.description) for outcome in outcomes]
        return [None for _ in outcomes]


def received(gateway, now=NOW):
    list_waiting(gateway, now=now)
    while receive_next(gateway, now=now):
        pass
    return IncomingMessage.objects.get(package_id="goi-1")


def test_an_unsigned_doc_is_proposed_for_information_and_answered_01_and_03(
    send, carry, commune, clerk
):
    send(raw_message(commune))
    carry()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.proposal) == ("proposed", "information")
    codes = [ground["code"] for ground in delivery.proposal_reasons]
    assert codes == ["unsigned", "authority-not-assessed"]
    accept_delivery(delivery, acceptance="information", officer=clerk, now=LATER)
    carry(LATER)
    answers = Carriage.objects.filter(to__organ_id=SENDER).order_by("offered_at")
    assert [answer.type for answer in answers] == ["status", "status"]
    assert [one.status_code for one in OutgoingMessage.objects.order_by("pk")] == ["01", "03"]


def test_raw_bytes_and_files_are_kept_as_they_came(send, carry, commune):
    raw = raw_message(commune)
    send(raw)
    carry()
    delivery = Delivery.objects.get()
    assert delivery.message.raw == Blob.objects.get(size_bytes=len(raw))
    assert delivery.files.get().blob == Blob.objects.get(size_bytes=len(DOC))
    assert Act.objects.on(delivery).filter(kind=ActKind.ARRIVED).count() == 1


def test_the_same_message_twice_is_one_package(send, carry, commune):
    assert send(raw_message(commune)).package == send(raw_message(commune)).package
    carry()
    assert Delivery.objects.count() == 1


def test_the_same_document_in_another_message_is_registered_once_and_answered_alike(
    send, carry, commune, clerk
):
    send(raw_message(commune))
    carry()
    accept_delivery(Delivery.objects.get(), acceptance="information", officer=clerk, now=NOW)
    carry()
    received(OnePackage(raw_message(commune, traced_at=LATER), commune), LATER)
    assert (Delivery.objects.count(), IncomingDocument.objects.count()) == (1, 1)
    sent = OutgoingMessage.objects.order_by("pk").values_list("status_code", flat=True)
    assert list(sent) == ["01", "03", "03"]


def test_the_same_identity_with_other_files_is_set_aside_for_a_person(send, carry, commune):
    send(raw_message(commune))
    carry()
    other = raw_message(commune, attachments=[("van-ban.doc", DOC + b" changed")])
    received(OnePackage(other, commune))
    assert Delivery.objects.count() == 1
    other = IncomingMessage.objects.get(state="set-aside")
    assert other.refusal == "same-id-other-files"
    assert "tệp khác" in other.refusal_vi


def test_both_codes_of_one_body_are_one_delivery(send, carry, body):
    city = body("ubnd-tp")
    assert len(city.aliases()) == 2
    send(raw_message(*sorted(city.aliases())))
    carry()
    assert Delivery.objects.count() == 1
    assert IncomingMessage.objects.filter(state="read", type="edoc").count() == 2


def test_the_answer_goes_to_the_code_that_the_message_used(send, carry, commune):
    send(raw_message(commune, sender="H44"))
    carry()
    assert OutgoingMessage.objects.get().to_organ_ids == ["H44"]


def test_the_clerk_is_told_when_the_register_has_the_document_already(send, carry, commune, clerk):
    send(raw_message(commune))
    send(raw_message(commune, business=BussinessDocType.REPLACEMENT))
    carry()
    first, second = Delivery.objects.order_by("pk")
    accept_delivery(first, acceptance="information", officer=clerk, now=LATER)
    with pytest.raises(AlreadyRegistered):
        accept_delivery(second, acceptance="information", officer=clerk, now=LATER)
    second.refresh_from_db()
    assert second.state == "proposed"


def test_a_secret_marking_is_refused_before_anything_is_stored(axis, commune):
    raw = raw_message(commune).replace(
        b"<edXML:Priority>",
        b"<edXML:Secret>Tuy\xe1\xbb\x87t m\xe1\xba\xadt</edXML:Secret><edXML:Priority>",
    )
    gateway = OnePackage(raw, commune)
    message = received(gateway)
    assert (message.state, message.refusal, message.raw) == ("refused", "secret-marking", None)
    assert not Blob.objects.exists()
    act = Act.objects.on(message).get(kind=ActKind.REFUSED_BY_MACHINE)
    assert (act.digest, act.facts["code"]) == ("", "secret-marking")
    assert gateway.confirmed[0][0] == "fail"


def test_the_same_message_without_the_marking_is_delivered(axis, commune):
    gateway = OnePackage(raw_message(commune), commune)
    assert received(gateway).state == "read"
    assert gateway.confirmed == [("done", "")]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda raw: raw.replace(b"?>\n", b"?>\n<!DOCTYPE edXML>\n", 1), "has-dtd"),
        (lambda raw: b"\xc2\xa0rac" + raw, "junk-before-declaration"),
        (lambda raw: raw[:-20], "malformed"),
        (lambda raw: b"<html/>", "not-edxml"),
    ],
)
def test_what_cannot_be_read_is_kept_and_refused_with_its_reason(axis, commune, spoil, code):
    gateway = OnePackage(spoil(raw_message(commune)), commune)
    message = received(gateway)
    assert (message.state, message.refusal) == ("refused", code)
    assert message.raw is not None
    assert message.refusal_vi
    assert gateway.confirmed == [("fail", message.refusal_vi)]
    assert not Delivery.objects.exists()


def test_a_package_over_the_limit_is_refused_unread(axis, commune):
    class TooLarge(OnePackage):
        def fetch(self, package_ids, *, now):
            return iter([PackageTooLarge(70_000_000)] if package_ids else [])

    message = received(TooLarge(b"", commune))
    assert (message.state, message.refusal, message.raw) == ("refused", "too-large", None)
    assert "70 MB" in message.refusal_vi


def test_a_code_that_is_no_bodys_is_refused_by_name(axis, commune):
    gateway = OnePackage(raw_message(commune), "H57.99.99")
    message = received(gateway)
    assert (message.state, message.refusal) == ("refused", "unknown-addressee")
    assert "H57.99.99" in message.refusal_vi


def test_the_axis_hears_done_only_after_everything_is_committed(axis, commune):
    class Watching(OnePackage):
        def confirm(self, outcomes, *, now):
            assert Delivery.objects.count() == 1
            assert IncomingMessage.objects.get().state == "read"
            return super().confirm(outcomes, now=now)

    gateway = Watching(raw_message(commune), commune)
    received(gateway)
    assert gateway.confirmed == [("done", "")]


def test_a_lost_confirmation_is_made_up_for_without_a_second_delivery(axis, commune):
    class Deaf(OnePackage):
        is_deaf = True

        def confirm(self, outcomes, *, now):
            if self.is_deaf:
                return [GatewayUnavailable("connection reset") for _ in outcomes]
            return super().confirm(outcomes, now=now)

    gateway = Deaf(raw_message(commune), commune)
    assert received(gateway).confirmed_at is None
    gateway.is_deaf = False
    assert received(gateway, LATER).confirmed_at == LATER
    assert Delivery.objects.count() == 1
    assert OutgoingMessage.objects.filter(status_code="01").count() == 1


def test_a_crash_before_the_commit_leaves_the_package_to_be_taken_again(axis, commune):
    class Dying(OnePackage):
        def fetch(self, package_ids, *, now):
            raise SystemExit

    gateway = Dying(raw_message(commune), commune)
    list_waiting(gateway, now=NOW)
    with pytest.raises(SystemExit):
        receive_next(gateway, now=NOW)
    again = OnePackage(raw_message(commune), commune)
    assert not receive_next(again, now=NOW + LEASE - timedelta(seconds=1))
    assert receive_next(again, now=NOW + LEASE)
    assert Delivery.objects.count() == 1


def test_an_axis_that_does_not_answer_is_asked_again_later(axis, commune):
    class Silent(OnePackage):
        def fetch(self, package_ids, *, now):
            return iter([GatewayUnavailable("timed out") for _ in package_ids])

    message = received(Silent(raw_message(commune), commune))
    assert (message.state, message.due_at) == ("waiting", NOW + timedelta(seconds=30))


def test_a_package_waits_for_room_on_the_disk_however_long(axis, commune, monkeypatch):
    """A full disk is no fault of the package: after any number of tries it is still taken."""

    def full(content, *, now):
        raise StorageFull("/")

    gateway = OnePackage(raw_message(commune), commune)
    list_waiting(gateway, now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr("chauban.blobs.store.write", full)
        for minute in range(MAX_ATTEMPTS + 2):
            with pytest.raises(StorageFull):
                receive_next(gateway, now=NOW + timedelta(minutes=minute))
    assert gateway.confirmed == []
    assert received(gateway, NOW + timedelta(hours=1)).state == "read"
    assert gateway.confirmed == [("done", "")]


class Refusing(OnePackage):
    """An axis that lists a package and will not give it out."""

    def fetch(self, package_ids, *, now):
        return iter([RefusedByAxis("99", vi="Không lấy được gói tin.") for _ in package_ids])


def test_the_axis_is_not_told_done_of_what_never_came(axis, commune):
    """After the last try a person sees it, and the sender hears that he must send again."""
    gateway = Refusing(raw_message(commune), commune)
    for hour in range(MAX_ATTEMPTS):
        message = received(gateway, NOW + timedelta(hours=hour))
    assert (message.state, message.refusal, message.raw) == ("set-aside", "not-processed", None)
    assert gateway.confirmed == [("fail", message.refusal_vi)]


def test_a_package_waits_for_an_axis_that_is_silent_however_long(axis, commune):
    """An outage is no fault of the package: after any number of hours it is still taken."""

    class Silent(OnePackage):
        def fetch(self, package_ids, *, now):
            return iter([GatewayUnavailable("timed out") for _ in package_ids])

    gateway = Silent(raw_message(commune), commune)
    for hour in range(MAX_ATTEMPTS + 2):
        assert received(gateway, NOW + timedelta(hours=hour)).state == "waiting"
    assert gateway.confirmed == []
    answering = OnePackage(gateway.raw, commune)
    assert received(answering, NOW + timedelta(hours=MAX_ATTEMPTS + 3)).state == "read"


def test_what_failed_and_is_offered_again_is_taken_anew(axis, commune):
    gateway = Refusing(raw_message(commune), commune)
    for hour in range(MAX_ATTEMPTS):
        received(gateway, NOW + timedelta(hours=hour))
    offered_again = OnePackage(gateway.raw, commune)
    message = received(offered_again, NOW + timedelta(hours=MAX_ATTEMPTS))
    assert (message.state, offered_again.confirmed) == ("read", [("done", "")])
    assert Delivery.objects.count() == 1


def test_what_we_have_and_is_listed_again_is_only_confirmed_again(axis, commune):
    first = OnePackage(raw_message(commune), commune)
    received(first)
    listed_again = Refusing(first.raw, commune)
    assert received(listed_again, LATER).state == "read"
    assert listed_again.confirmed == [("done", "")]


def test_a_status_sent_as_a_document_is_read_as_what_it_is(axis, sealed, carry, officer):
    document = sealed(recipients=[], outside=[(SENDER, "UBND tỉnh Phú Thọ")])
    issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    raw = a_status("03", of=document, reporter=SENDER)
    carry()
    assert received(OnePackage(raw, document.body.organ_id(NOW.date()))).state == "read"
    assert document.recipients.get().status_code == "03"


def test_statuses_come_by_any_code_of_the_reporting_body(axis, sealed, carry, officer, send, body):
    document = sealed(sender="so-noi-vu", recipients=["ubnd-tp"], clerk="van-thu.so-noi-vu")
    issue(document, officer=officer("van-thu.so-noi-vu"), now=NOW)
    old = next(iter(body("ubnd-tp").aliases() - {body("ubnd-tp").organ_id(NOW.date())}))
    raw = a_status("03", of=document, reporter=old)
    assert received(OnePackage(raw, document.body.organ_id(NOW.date()))).state == "read"
    assert document.recipients.get().status_code == "03"


def test_a_status_for_no_document_of_ours_is_set_aside(axis, sealed, commune):
    document = sealed()
    raw = a_status("03", of=document, reporter="H44").replace(b"2026/11/23", b"2025/11/23")
    raw = raw.replace(document.code.encode(), b"999/KHAC")
    message = received(OnePackage(raw, document.body.organ_id(NOW.date())))
    assert (message.state, message.refusal) == ("set-aside", "unknown-document")


def test_a_status_from_who_was_no_recipient_is_set_aside(axis, sealed, officer):
    document = sealed()
    issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    raw = a_status("03", of=document, reporter="H44")
    message = received(OnePackage(raw, document.body.organ_id(NOW.date())))
    assert (message.state, message.refusal) == ("set-aside", "unknown-recipient")


def test_of_statuses_that_come_together_each_recipient_keeps_its_last(axis, sealed, officer, send):
    cities = {"000.00.00.H44": "UBND tỉnh Phú Thọ", "000.00.00.G22": "Văn phòng Chính phủ"}
    document = sealed(recipients=[], outside=list(cities.items()))
    issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    phu_tho, government = cities
    told = [(phu_tho, "06"), (government, "05"), (government, "06")]
    for seconds, (reporter, code) in enumerate(told):
        send(a_status(code, of=document, reporter=reporter), NOW + timedelta(seconds=seconds))
    gateway = LocalGateway()
    list_waiting(gateway, now=LATER)
    assert receive_next(gateway, now=LATER) == len(told)
    assert dict(document.recipients.values_list("organ_id", "status_code")) == {
        phu_tho: "06",
        government: "06",
    }


def test_a_refusal_after_the_acceptance_is_recorded_as_a_conflict(axis, sealed, officer, send):
    document = sealed(recipients=[], outside=[(SENDER, "UBND tỉnh Phú Thọ")])
    issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    for code in ("03", "02"):
        raw = a_status(code, of=document, reporter=SENDER, description="Lý do")
        gateway = OnePackage(raw, document.body.organ_id(NOW.date()))
        gateway.waiting = lambda type, now, code=code: (
            [Waiting(f"goi-{code}", "status", SENDER, "H57")] if type == "status" else []
        )
        list_waiting(gateway, now=NOW)
        assert receive_next(gateway, now=NOW)
    recipient = document.recipients.get()
    assert recipient.status_code == "03"
    assert [one.effect for one in recipient.statuses.all()] == ["moved", "conflict"]


def test_a_document_for_an_agency_taken_off_the_axis_is_refused_by_name(axis, send, commune):
    Member.objects.filter(organ_id=commune).delete()
    with pytest.raises(UnknownAddressee, match=commune):
        send(raw_message(commune))


def test_the_axis_inside_hands_out_only_to_the_system_it_is_for(axis, send, commune):
    send(raw_message(commune))
    listed = LocalGateway().waiting("edoc", now=NOW)
    assert [one.to_organ_id for one in listed] == [commune]
    assert not Carriage.objects.for_system(axis[1].system_id).exists()
    assert Trust().signing == ()
