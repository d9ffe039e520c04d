"""Forwarding to a neighbouring axis: each package exactly once, whatever breaks on the way."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from chauban.axis.actions import MAX_HOPS, accept_package, update_state
from chauban.axis.errors import SenderNotRegistered, TooManyHops, WrongWay
from chauban.axis.forwarding import LEASE, follow_forwarded, forward_waiting
from chauban.axis.models import Carriage, Forwarding, Member, Neighbour
from chauban.axis.neighbours import call_now, connect_neighbour
from chauban.axis.operating import add_member, lock_system, offer_copy_again
from chauban.axis.registering import Registration, register_system
from chauban.axis.tasks import expire_next
from chauban.exchange.adapters.http import NotNow
from chauban.exchange.ports import (
    Acknowledgement,
    Carried,
    GatewayUnavailable,
    NotOffered,
    Refusal,
    RefusedByAxis,
)
from chauban_edxml.model import Organization, ResponseFor, StatusMessage
from chauban_edxml.writing import write_status
from tests.exchange.messages import raw_message
from tests.moments import NOW

pytestmark = pytest.mark.django_db
NATIONAL = "002.00.00.TW"
MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """The worker's process ended here."""


@dataclass
class FarAxis:
    """The neighbour as its gateway shows it: the same bytes are one package, as axes do it."""

    at_once: int = 10
    is_silent: bool = False
    kills: bool = False  # the worker dies when the neighbour has taken the package over
    refusal: RefusedByAxis | None = None
    refused: dict = field(default_factory=dict)  # code → Refusal
    calls: list = field(default_factory=list)
    packages: dict = field(default_factory=dict)  # raw → {code: state}
    stated: list | None = None  # receipts; None: it gives none
    ends: dict = field(default_factory=dict)  # code → Carried

    def send(self, envelopes, *, now):
        outcomes = [self._sent(one) for one in envelopes]
        if self.kills:
            raise Killed
        return outcomes

    def _sent(self, envelope):
        self.calls.append(envelope)
        if self.is_silent:
            return GatewayUnavailable("no answer")
        if self.refusal:
            return self.refusal
        told = {code: self.refused[code] for code in envelope.to_organ_ids if code in self.refused}
        copies = self.packages.setdefault(envelope.raw, {})
        for code in envelope.to_organ_ids:
            if code not in told:
                copies[code] = "initial"
        return Acknowledgement(f"far-{[*self.packages].index(envelope.raw)}", told)

    def track(self, package_id, *, now):
        if self.is_silent:
            raise GatewayUnavailable("no answer")
        copies = list(self.packages.values())[int(package_id.removeprefix("far-"))]
        return [self.ends.get(code, Carried(code, "initial")) for code in copies]

    def receipts(self, package_id, *, now):
        if self.stated is None:
            raise NotOffered("none")
        return self.stated


@pytest.fixture
def national(axis):
    """Our axis's neighbour, with two agencies beyond it."""
    members = [Registration("A01", "Bộ A"), Registration("B02", "Bộ B")]
    system = register_system(NATIONAL, "Trục quốc gia", members)
    return connect_neighbour(
        system,
        url="https://truc.example/axis",
        our_system_id="002.00.00.H57",
        our_secret="khoa",
        officer=None,
        now=NOW,
    )


@pytest.fixture
def take(axis, national):
    """take("A01"): our axis takes over a message of the system outside to these codes."""

    def accept(*to, number="1", now=NOW, **values):
        return accept_package(raw_message(*to, number=number), system=axis[1], now=now, **values)

    return accept


def forward(far, now=NOW):
    return forward_waiting(lambda neighbour: far, now)


def follow(far, now=NOW + MINUTE):
    return follow_forwarded(lambda neighbour: far, now)


def states():
    copies = Carriage.objects.filter(system__system_id=NATIONAL).order_by("to__organ_id")
    return {one.to.organ_id: one.state for one in copies}


def test_a_package_goes_on_in_the_same_bytes_once_for_all_its_recipients_there(take):
    package, far = take("A01", "B02", "G22").package, FarAxis()
    assert forward(far) == 1
    assert forward(far) == 0
    (envelope,) = far.calls
    assert (envelope.raw, envelope.to_organ_ids) == (
        raw_message("A01", "B02", "G22", number="1"),
        ("A01", "B02"),
    )
    assert (envelope.from_organ_id, envelope.type, envelope.hops) == ("000.00.00.H44", "edoc", 1)
    assert states() == {"A01": "processing", "B02": "processing"}
    assert package.carriages.get(to__organ_id="G22").state == "initial"


def test_what_became_of_each_copy_there_becomes_of_it_here(take):
    take("A01", "B02")
    far = FarAxis(ends={"A01": Carried("A01", "done"), "B02": Carried("B02", "fail", "Hỏng tệp")})
    forward(far)
    assert follow(far, NOW) == 0  # not at once
    assert follow(far) == 1
    assert states() == {"A01": "done", "B02": "fail"}
    assert Carriage.objects.get(to__organ_id="B02").description == "Hỏng tệp"
    assert follow(far, NOW + timedelta(days=1)) == 0


def test_a_status_is_done_when_the_neighbour_has_it(axis, national):
    to_national = write_status(
        StatusMessage(
            from_=Organization("G22", "Chính phủ", "Văn phòng Chính phủ"),
            response_for=ResponseFor("A01", code="1/X", document_id="A01,2026/11/20,1/X"),
            status_code="01",
            timestamp=NOW,
        )
    )
    accept_package(to_national, system=axis[1], now=NOW)
    far = FarAxis()
    forward(far)
    assert (far.calls[0].type, states()) == ("status", {"A01": "done"})
    assert follow(far, NOW + timedelta(days=1)) == 0


def test_a_copy_still_on_its_way_there_is_asked_for_again(take):
    take("A01")
    far = FarAxis()
    forward(far)
    assert follow(far) == 1
    assert follow(far) == 0
    far.ends["A01"] = Carried("A01", "done")
    assert follow(far, NOW + 3 * MINUTE) == 1
    assert states() == {"A01": "done"}


def test_a_recipient_that_the_neighbour_refuses_fails_with_its_reason(take):
    take("A01", "B02")
    far = FarAxis(refused={"B02": Refusal("18", "Mã B02 không có trên trục.")})
    forward(far)
    assert states() == {"A01": "processing", "B02": "fail"}
    assert Carriage.objects.get(to__organ_id="B02").description == "Mã B02 không có trên trục."


def test_a_package_that_the_neighbour_refuses_fails_for_all(take):
    take("A01", "B02")
    far = FarAxis(refusal=RefusedByAxis("24", vi="Gói tin lớn hơn giới hạn 10 MB."))
    assert forward(far) == 1
    assert states() == {"A01": "fail", "B02": "fail"}
    assert forward(far, NOW + timedelta(days=1)) == 0


def test_a_neighbour_that_does_not_let_us_in_is_no_fault_of_the_package(take, national):
    take("A01")
    far = FarAxis(refusal=NotNow("Hệ thống gọi quá nhiều lần."))
    assert forward(far) == 0
    national.refresh_from_db()
    assert (states(), national.trouble) == ({"A01": "initial"}, "Hệ thống gọi quá nhiều lần.")
    far.refusal = None
    assert forward(far, NOW + 10 * MINUTE) == 1


def test_a_neighbour_silent_for_weeks_makes_wait_and_not_fail(take, national):
    take("A01")
    far, now = FarAxis(is_silent=True), NOW
    for _ in range(58):
        now += timedelta(hours=12)
        assert forward(far, now) == 0
        assert expire_next(now) == 0
    national.refresh_from_db()
    assert (states(), national.silences, national.trouble) == ({"A01": "initial"}, 10, "no answer")
    far.is_silent = False
    assert forward(far, now + 10 * MINUTE) == 1
    national.refresh_from_db()
    assert (national.silences, national.trouble) == (0, "")
    assert national.last_contact_at == now + 10 * MINUTE
    assert len(far.packages) == 1


def test_what_waits_longer_than_the_axis_keeps_it_fails_and_is_not_sent_later(take):
    take("A01")
    late = NOW + timedelta(days=31)
    assert expire_next(late) == 1
    far = FarAxis()
    assert (forward(far, late), far.calls, states()) == (1, [], {"A01": "fail"})


def test_what_the_neighbour_took_over_expires_there_and_is_given_up_in_the_end(take):
    take("A01")
    far = FarAxis()
    forward(far)
    late = NOW + timedelta(days=31)
    assert expire_next(late) == 0
    assert follow(far, late) == 1
    assert states() == {"A01": "processing"}
    assert follow(far, NOW + timedelta(days=61)) == 1
    assert states() == {"A01": "fail"}


def test_a_silent_neighbour_is_not_called_for_each_package(take):
    for number in range(5):
        take("A01", number=str(number))
    far = FarAxis(is_silent=True, at_once=1)
    assert forward(far) == forward(far) == 0
    assert len(far.calls) == 1


def test_a_worker_killed_between_sending_and_settling_leads_to_one_package(take):
    take("A01")
    far = FarAxis(kills=True)
    with pytest.raises(Killed):
        forward(far)
    assert states() == {"A01": "initial"}
    far.kills = False
    assert forward(far, NOW + LEASE / 2) == 0  # another may still be at it
    assert forward(far, NOW + LEASE) == 1
    assert (len(far.calls), len(far.packages)) == (2, 1)
    assert Forwarding.objects.get().far_id == "far-0"


def test_the_same_bytes_again_go_on_only_where_they_failed(take):
    take("A01", "B02")
    far = FarAxis(ends={"A01": Carried("A01", "done"), "B02": Carried("B02", "fail", "Đầy đĩa")})
    forward(far)
    follow(far)
    take("A01", "B02", now=NOW + 5 * MINUTE)
    assert forward(far, NOW + 5 * MINUTE) == 1
    assert far.calls[-1].to_organ_ids == ("B02",)
    assert states() == {"A01": "done", "B02": "processing"}


def test_the_operator_sends_one_copy_again(take, officer):
    take("A01", "B02")
    far = FarAxis(ends={"A01": Carried("A01", "fail"), "B02": Carried("B02", "fail")})
    forward(far)
    follow(far)
    copy = Carriage.objects.get(to__organ_id="A01")
    offer_copy_again(copy, officer=officer("quan-tri.vp-ubnd"), now=NOW + 2 * MINUTE)
    assert forward(far, NOW + 2 * MINUTE) == 1
    assert far.calls[-1].to_organ_ids == ("A01",)


def test_a_neighbour_that_fetches_itself_still_can(take):
    copy = take("A01").package.carriages.get()
    update_state(NATIONAL, str(copy.pk), state="done", now=NOW)
    far = FarAxis()
    assert (forward(far), far.calls) == (1, [])


def test_nothing_goes_back_where_it_came_from(take, national):
    system = national.system
    raw = raw_message("B02", sender="A01")
    with pytest.raises(WrongWay) as refused:
        accept_package(raw, system=system, now=NOW)
    assert refused.value.detail == "B02"
    accept_package(raw_message("G22", sender="A01"), system=system, now=NOW)


def test_a_package_is_taken_only_from_the_side_where_its_sender_is(take, national):
    take("A01")  # of the system outside
    with pytest.raises(SenderNotRegistered):
        accept_package(raw_message("G22", number="1"), system=national.system, now=NOW)


def test_a_package_that_passed_too_many_axes_is_refused(national):
    raw, system = raw_message("G22", sender="A01"), national.system
    with pytest.raises(TooManyHops):
        accept_package(raw, system=system, now=NOW, hops=MAX_HOPS + 1)
    package = accept_package(raw, system=system, now=NOW, hops=MAX_HOPS).package
    assert package.hops == MAX_HOPS


def test_a_package_of_the_neighbour_that_comes_twice_is_offered_once(national):
    raw, system = raw_message("G22", sender="A01"), national.system
    first = accept_package(raw, system=system, now=NOW, hops=1)
    again = accept_package(raw, system=system, now=NOW + MINUTE, hops=1)
    assert first.package == again.package
    assert Carriage.objects.count() == 1


def test_a_locked_neighbour_is_not_called(take, national, officer):
    take("A01")
    lock_system(national.system, officer=officer("quan-tri.vp-ubnd"), now=NOW)
    far = FarAxis()
    assert (forward(far), far.calls, states()) == (0, [], {"A01": "initial"})


def test_who_becomes_a_neighbour_gets_what_waits(axis):
    system = register_system(NATIONAL, "Trục quốc gia", [Registration("A01", "Bộ A")])
    accept_package(raw_message("A01"), system=axis[1], now=NOW)
    far = FarAxis()
    assert forward(far) == 0
    connect_neighbour(
        system, url="https://a", our_system_id="x", our_secret="y", officer=None, now=NOW
    )
    assert forward(far) == 1


def test_an_agency_that_moves_beyond_a_neighbour_takes_what_waits_along(axis, national, officer):
    accept_package(raw_message("G22"), system=axis[1], now=NOW)
    Member.objects.filter(organ_id="G22").update(removed_at=NOW)
    add_member(
        national.system,
        Registration("G22", "Văn phòng Chính phủ"),
        officer=officer("quan-tri.vp-ubnd"),
        now=NOW,
    )
    far = FarAxis()
    assert forward(far) == 1
    assert far.calls[0].to_organ_ids == ("G22",)


def test_the_operator_ends_a_rest(take, national, officer):
    take("A01")
    far = FarAxis(is_silent=True)
    forward(far)
    far.is_silent = False
    assert forward(far) == 0
    national.refresh_from_db()
    call_now(national, officer=officer("quan-tri.vp-ubnd"), now=NOW)
    assert forward(far) == 1


def test_a_file_that_is_damaged_fails_and_stops_no_other(take, blob_folder):
    take("A01", number="1")
    broken = take("B02", number="2").package
    broken.raw.content = b"x"
    broken.raw.save()
    far = FarAxis()
    assert forward(far) == 2
    assert states() == {"A01": "processing", "B02": "fail"}


def test_our_secret_at_a_neighbour_is_kept_encrypted(national):
    row = Neighbour.objects.get()
    assert row.our_secret == "khoa"
    assert b"khoa" not in bytes(row.our_sealed_secret)
