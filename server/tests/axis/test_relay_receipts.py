"""Receipts of packages that one axis hands on to another (ETSI EN 319 522-1)."""

from datetime import timedelta

import pytest

from chauban.axis.actions import accept_package
from chauban.axis.errors import WrongWay
from chauban.axis.receipting import receipt_next, receipts_of
from chauban.axis.tasks import expire_next
from chauban.exchange.keeping import FIRST_PAUSE
from chauban.exchange.models import Receipt
from chauban.exchange.ports import Carried, Refusal
from chauban.exchange.receipts import Event, verify_receipt
from chauban.trust.demo import trust_demo_pki
from tests.axis.test_forwarding import (  # noqa: F401
    MINUTE,
    FarAxis,
    follow,
    forward,
    national,
    take,
)
from tests.axis.test_receipts import events, root, service, trust  # noqa: F401
from tests.exchange import test_keeping as stating
from tests.exchange.messages import raw_message
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + MINUTE


@pytest.fixture
def far_key(demo_pki, service):
    trust_demo_pki(demo_pki, now=NOW)
    return stating.service(demo_pki)


def stated(key, package, *told):
    about = stating.About(package.raw_id, package.from_organ_id, frozenset())
    return stating.state(key, *told, about=about, package="far-0", at=LATER)


def test_what_the_other_axis_states_is_kept_and_handed_on_to_the_sender(take, far_key, trust):
    package = take("A01", "B02").package
    far = FarAxis(ends={"A01": Carried("A01", "done"), "B02": Carried("B02", "fail", "Hỏng")})
    taken = (Event.RELAY_ACCEPTANCE, "")
    far.stated = stated(far_key, package, taken, (Event.CONTENT_HANDOVER, "A01"))
    forward(far)
    assert follow(far) == 1
    receipt_next(LATER)
    assert events(package) == [
        ("SubmissionAcceptance", ""),
        ("RelayAcceptance", ""),
        ("ContentHandover", "A01"),
    ]
    assert [verify_receipt(one, trust=trust) for one in receipts_of(package)][1:] == [
        "Trục quốc gia",
        "Trục quốc gia",
    ]
    assert follow(far, LATER + FIRST_PAUSE / 2) == 0  # B02's lacks, and is asked for again
    far.stated += stated(far_key, package, (Event.CONTENT_HANDOVER_FAILURE, "B02"))
    assert follow(far, LATER + FIRST_PAUSE) == 1
    assert events(package)[-1] == ("ContentHandoverFailure", "B02")
    assert follow(far, NOW + timedelta(days=2)) == 0


def test_a_missing_receipt_holds_up_nothing(take, far_key):
    package = take("A01").package
    far = FarAxis(ends={"A01": Carried("A01", "done")}, stated=[])
    forward(far)
    follow(far)
    assert package.carriages.get().state == "done"
    assert follow(far, LATER + FIRST_PAUSE) == 1


def test_what_goes_over_an_axis_without_receipts_is_stated_by_ours(take, service):
    package = take("A01", "B02").package
    far = FarAxis(ends={"A01": Carried("A01", "done"), "B02": Carried("B02", "fail", "Hỏng")})
    forward(far)
    follow(far)
    receipt_next(LATER)
    assert set(events(package)[1:]) == {("RelayToNonERDS", "A01"), ("RelayFailure", "B02")}
    assert follow(far, NOW + timedelta(days=2)) == 0


@pytest.mark.parametrize("how", ["refused", "expired"])
def test_what_could_not_be_handed_on_is_a_relay_failure_with_its_reason(how, take, service):
    package, now = take("A01").package, LATER
    if how == "refused":
        forward(FarAxis(refused={"A01": Refusal("18", "Không có mã A01")}))
    else:
        now += timedelta(days=31)
        expire_next(now)
    receipt_next(now)
    assert events(package)[1:] == [("RelayFailure", "A01")]
    assert receipts_of(package)[-1].facts["reason"] == package.carriages.get().description


def test_what_another_axis_hands_on_is_taken_over_or_refused_as_a_relay(national, service):
    raw = raw_message("G22", sender="A01")
    package = accept_package(raw, system=national.system, now=NOW, hops=1).package
    with pytest.raises(WrongWay):
        accept_package(raw_message("B02", sender="A01"), system=national.system, now=NOW, hops=1)
    receipt_next(NOW)
    assert events(package) == [("RelayAcceptance", ""), ("ContentConsignment", "G22")]
    assert Receipt.objects.filter(event="RelayRejection").exists()
