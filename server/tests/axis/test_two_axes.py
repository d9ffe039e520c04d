"""Two axes, each an installation of its own: the other one a real server on loopback."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chauban.axis import neighbours
from chauban.axis.actions import accept_package, update_state
from chauban.axis.demo import OUTSIDE_SYSTEM, register_demo_axis
from chauban.axis.fetching import fetch_kept, list_kept
from chauban.axis.forwarding import LEASE, follow_forwarded, forward_waiting
from chauban.axis.models import Carriage, Package, System
from chauban.axis.registering import Registration, register_system
from chauban.cli.processes import ending_together, free_port, start, wait_listening
from chauban.exchange.adapters.vxp import VXPGateway
from chauban.exchange.ports import Envelope, Outcome
from tests import databases
from tests.axis.test_live import variables_of
from tests.exchange.messages import SENDER, raw_message

pytestmark = pytest.mark.processes
US, OFFICE, MINISTRY = "002.00.00.H57", "002.00.01.TW", "G01"


class Killed(BaseException):
    pass


@pytest.fixture
def national(committed, template, tmp_path):
    """The national axis of `chauban serve`: we are a system there, a ministry's office another."""
    (tmp_path / "national").mkdir()
    with databases.copy(template, tmp_path / "national") as installation:
        databases.use(installation)
        ours = [Registration("H44", "Phú Thọ"), Registration(SENDER, "Phú Thọ")]
        register_system(US, "Trục tỉnh", ours, secret="khoa-tinh")
        office = [Registration(MINISTRY, "Bộ")]
        register_system(OFFICE, "Bộ", office, secret="khoa-bo")
        databases.use(committed)
        port = free_port()
        argv = ["chauban.cli.main", "serve", "--host", "127.0.0.1", "--port", str(port)]
        web = start("web", argv, variables=variables_of(installation), logs=tmp_path / "logs")
        with ending_together([web]):
            wait_listening(web, port, seconds=60)
            yield f"http://127.0.0.1:{port}/axis"


@pytest.fixture
def neighbour(national):
    register_demo_axis(date(2026, 11, 23))
    return neighbours.connect_neighbour(
        register_system("002.00.00.TW", "Trục quốc gia", ()),
        url=national,
        our_system_id=US,
        our_secret="khoa-tinh",
        officer=None,
        now=clock(),
    )


def clock():
    return datetime.now(UTC)


def dying(neighbour):
    """The neighbour's gateway; the worker is killed when the neighbour has taken a package."""
    gateway = neighbours.gateway_of(neighbour)

    class Dying(VXPGateway):
        def send(self, envelopes, *, now):
            super().send(envelopes, now=now)
            raise Killed

    dead = object.__new__(Dying)
    dead.__dict__.update(gateway.__dict__)
    return dead


def test_a_package_goes_to_the_other_axis_and_one_comes_back_each_exactly_once(neighbour, national):
    listed = neighbours.gateway_of(neighbour).organisations(now=clock())
    counts = neighbours.take_members(neighbour, listed, now=clock())
    assert (counts["added"], counts["elsewhere"]) == (1, 2)

    outside = System.objects.get(system_id=OUTSIDE_SYSTEM)
    raw = raw_message(MINISTRY)
    accept_package(raw, system=outside, now=clock())
    with pytest.raises(Killed):
        forward_waiting(dying, clock())
    later = clock() + LEASE + timedelta(seconds=1)
    assert forward_waiting(neighbours.gateway_of, later) == 1
    assert forward_waiting(neighbours.gateway_of, later) == 0

    ministry = VXPGateway(national, system_id=OFFICE, secret="khoa-bo", limit_bytes=1_000_000)
    (waiting,) = ministry.waiting("edoc", now=clock())
    assert ministry.fetch_one(waiting.package_id, now=clock()) == raw
    ministry.confirm_one(Outcome(waiting.package_id, "done"), now=clock())
    assert follow_forwarded(neighbours.gateway_of, later + timedelta(minutes=2)) == 1
    assert Carriage.objects.get(to__organ_id=MINISTRY).state == "done"

    back = raw_message("H44", sender=MINISTRY, number="9")
    sent = ministry.send_one(Envelope("edoc", MINISTRY, ("H44",), back), now=clock())
    assert list_kept(neighbours.gateway_of, clock()) == 1
    assert fetch_kept(neighbours.gateway_of, clock()) == 1
    copy = Carriage.objects.select_related("package__raw", "system").get(to__organ_id="H44")
    assert Package.objects.filter(from_organ_id=MINISTRY).count() == 1
    assert [one.state for one in ministry.track(sent.package_id, now=clock())] == ["processing"]
    update_state(copy.system.system_id, str(copy.pk), state="done", now=clock())
    assert list_kept(neighbours.gateway_of, clock() + timedelta(minutes=2)) == 0
    fetch_kept(neighbours.gateway_of, clock() + timedelta(minutes=2))
    assert [one.state for one in ministry.track(sent.package_id, now=clock())] == ["done"]
