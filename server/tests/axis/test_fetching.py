"""Fetching what a neighbouring axis keeps for our agencies: each copy once, its end told there."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from chauban.axis.actions import update_state
from chauban.axis.fetching import LEASE, fetch_kept, list_kept
from chauban.axis.models import Carriage, KeptCopy, Package, Rejection
from chauban.exchange.ports import GatewayUnavailable, PackageTooLarge, Waiting
from chauban_edxml.model import OtherInfo
from tests.axis.test_forwarding import Killed, national  # noqa: F401
from tests.exchange.messages import raw_message
from tests.moments import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@dataclass
class FarAxis:
    """What the neighbour keeps: id → (code, raw); and what it has heard of each."""

    kept: dict
    at_once: int = 10
    poll_every: timedelta = MINUTE
    is_silent: bool = False
    hears: bool = True
    kills: bool = False
    fetched: list = field(default_factory=list)
    heard: dict = field(default_factory=dict)

    def waiting(self, type, *, now):
        if self.is_silent:
            raise GatewayUnavailable("no answer")
        return [
            Waiting(far_id, "edoc", "A01", code)
            for far_id, (code, _) in self.kept.items()
            if type == "edoc" and far_id not in self.heard
        ]

    def fetch(self, package_ids, *, now):
        for far_id in package_ids:
            self.fetched.append(far_id)
            yield self.kept[far_id][1]

    def confirm(self, outcomes, *, now):
        if self.kills:
            raise Killed
        for one in outcomes if self.hears else ():
            self.heard[one.package_id] = (one.state, one.description)
        return [None if self.hears else GatewayUnavailable("no answer") for _ in outcomes]


def message(number="1", to="G22", **values):
    return raw_message(to, sender="A01", number=number, **values)


def poll(far, now=NOW):
    return list_kept(lambda neighbour: far, now), fetch_kept(lambda neighbour: far, now)


def end(code, state, now=NOW, description=""):
    copy = Carriage.objects.get(to__organ_id=code)
    system_id = copy.system.system_id
    update_state(system_id, str(copy.pk), state=state, description=description, now=now)


def test_a_kept_copy_is_taken_over_once_and_its_end_told(national):
    far = FarAxis({"1": ("G22", message())})
    assert poll(far) == (1, 1)
    assert far.heard == {"1": ("processing", "")}
    package = Package.objects.get()
    assert (package.system_id, package.hops) == (national.pk, 1)
    assert poll(far, NOW + MINUTE) == (0, 1)
    assert (far.fetched, far.heard) == (["1"], {"1": ("processing", "")})
    end("G22", "done")
    poll(far, NOW + 10 * MINUTE)
    assert far.heard == {"1": ("done", "")}
    assert poll(far, NOW + timedelta(days=1)) == (0, 0)


def test_a_copy_that_fails_here_fails_there_with_the_reason(national):
    far = FarAxis({"1": ("G22", message())})
    poll(far)
    end("G22", "fail", description="Hỏng tệp")
    poll(far, NOW + 10 * MINUTE)
    assert far.heard == {"1": ("fail", "Hỏng tệp")}


@pytest.mark.parametrize(
    ("code", "raw", "reason"),
    [
        ("X.99", message(to="X.99"), "“X.99” không có trên trục"),
        ("B02", message(to="B02"), "không được chuyển ngược"),
        ("G22", raw_message("G22", sender="H57.1"), "“H57.1” chưa đăng ký"),
        ("G22", b"<a/>", "không đúng định dạng"),
        ("G22", PackageTooLarge(5_000_000), "giới hạn 5 MB"),
    ],
    ids=["unknown", "back", "sender", "malformed", "large"],
)
def test_what_our_axis_refuses_fails_there_with_the_reason(
    code,
    raw,
    reason,
    national,
):
    far = FarAxis({"1": (code, raw)})
    poll(far)
    state, said = far.heard["1"]
    assert (state, reason in said) == ("fail", True), said
    assert not Carriage.objects.exists()
    assert Rejection.objects.count() == (0 if isinstance(raw, PackageTooLarge) else 1)


def test_a_secret_is_refused_and_nothing_of_it_kept(national, blob_folder):
    marked = b"<edXML:Secret>1</edXML:Secret><edXML:Priority>"
    raw = message(other_info=OtherInfo()).replace(b"<edXML:Priority>", marked)
    assert marked in raw
    far = FarAxis({"1": ("G22", raw)})
    poll(far)
    assert far.heard["1"][0] == "fail"
    assert Rejection.objects.get().error_code == "25"
    assert not Package.objects.exists()


def test_a_silent_neighbour_is_asked_again_later(national):
    far = FarAxis({"1": ("G22", message())}, is_silent=True)
    assert poll(far) == (0, 0)
    national.refresh_from_db()
    assert national.trouble == "no answer"
    far.is_silent = False
    assert poll(far, NOW + MINUTE) == (1, 1)


def test_a_package_that_does_not_come_is_fetched_again(national):
    far = FarAxis({"1": ("G22", GatewayUnavailable("cut"))})
    poll(far)
    assert far.heard == {}
    far.kept["1"] = "G22", message()
    poll(far, NOW + MINUTE)
    assert far.heard == {"1": ("processing", "")}


def test_a_worker_killed_before_it_told_leads_to_one_package(national):
    far = FarAxis({"1": ("G22", message())}, kills=True)
    with pytest.raises(Killed):
        poll(far)
    far.kills = False
    assert poll(far, NOW + LEASE) == (0, 1)
    assert far.fetched == ["1", "1"]
    assert (Package.objects.count(), Carriage.objects.count()) == (1, 1)


def test_what_it_did_not_hear_is_told_again(national):
    far = FarAxis({"1": ("G22", message())}, hears=False)
    poll(far)
    end("G22", "done")
    far.hears = True
    poll(far, NOW + 10 * MINUTE)
    assert far.heard == {"1": ("done", "")}
    assert KeptCopy.objects.get().due_at is None


def test_what_it_offers_again_after_a_failure_is_taken_anew(national):
    far = FarAxis({"1": ("G22", b"<a/>")})
    poll(far)
    far.heard.clear()
    far.kept["1"] = "G22", message()
    assert poll(far, NOW + MINUTE) == (0, 1)
    assert far.heard == {"1": ("processing", "")}


def test_who_sends_to_us_himself_is_not_polled(national):
    national.is_polled = False
    national.save()
    assert poll(FarAxis({"1": ("G22", message())})) == (0, 0)
