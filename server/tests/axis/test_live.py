"""A foreign system, our web server and our worker, each a process of its own on loopback."""

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from chauban.axis.demo import OUTSIDE_SECRET, OUTSIDE_SYSTEM, register_demo_axis
from chauban.cli.processes import ending_together, free_port, start, stop, wait_listening
from chauban.exchange.actions import accept_delivery
from chauban.exchange.adapters.vxp import VXPGateway
from chauban.exchange.models import Delivery, IncomingMessage
from chauban.exchange.ports import Envelope, PackageTooLarge, RefusedByAxis
from chauban.registers.models import IncomingDocument
from chauban_edxml.reading import read
from tests import databases
from tests.exchange.messages import SENDER, raw_message
from tests.moments import NOW

pytestmark = pytest.mark.processes


@pytest.fixture
def installation(committed, tmp_path):
    """`chauban serve` and `chauban work` on a database of this test's own."""
    register_demo_axis(date(2026, 11, 23))
    port = free_port()
    variables = {
        **databases.variables(committed),
        "CHAUBAN_ALLOWED_HOSTS": "localhost,127.0.0.1",
        "CHAUBAN_MAX_MESSAGE_MB": "1",
        "DJANGO_SETTINGS_MODULE": "chauban.config.settings",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    logs = tmp_path / "logs"
    with ending_together([]) as children:
        web = ["chauban.cli.main", "serve", "--host", "127.0.0.1", "--port", str(port)]
        children.append(start("web", web, variables=variables, logs=logs))
        children.append(start("work", ["chauban.cli.main", "work"], variables=variables, logs=logs))
        wait_listening(children[0], port, seconds=60)
        yield f"http://127.0.0.1:{port}/axis", children


def foreign_system(url, limit_bytes=1_000_000):
    return VXPGateway(url, system_id=OUTSIDE_SYSTEM, secret=OUTSIDE_SECRET, limit_bytes=limit_bytes)


def within(seconds, found):
    """Wait for what another process brings about."""
    deadline = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.1)
    return result


def clock():
    return datetime.now(UTC)


def test_a_foreign_document_is_registered_and_its_statuses_fetched_over_http(
    installation, body, officer
):
    url, children = installation
    foreign = foreign_system(url)
    commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
    raw = raw_message(commune)
    envelope = Envelope("edoc", SENDER, (), raw)
    unknown = Envelope("edoc", SENDER, (), raw_message("H57.99.99"))
    with pytest.raises(RefusedByAxis) as refused:
        foreign.send(unknown, now=clock())
    assert refused.value.code == "18"

    first = foreign.send(envelope, now=clock())
    assert foreign.send(envelope, now=clock()).package_id == first.package_id
    delivery = within(30, lambda: Delivery.objects.filter(state="proposed").first())
    assert (delivery.proposal, delivery.files.get().name) == ("information", "van-ban.doc")
    clerk = officer("van-thu.thuan-hoa")
    accept_delivery(delivery, acceptance="information", officer=clerk, now=clock())
    within(30, lambda: len(foreign.waiting("status", now=clock())) == 2)
    codes = []
    for one in foreign.waiting("status", now=clock()):
        status = read(foreign.fetch(one.package_id, now=clock()))
        assert status.response_for.document_id == f"{SENDER},2026/11/20,7816/UBND-TTĐT"
        assert one.to_organ_id == SENDER
        codes.append(status.status_code)
        foreign.confirm(one.package_id, state="done", description="", now=clock())
    assert codes == ["01", "03"]
    assert foreign.waiting("status", now=clock()) == []
    (carried,) = foreign.track(first.package_id, now=clock())
    assert (carried.to_organ_id, carried.state) == (commune, "done")
    assert (Delivery.objects.count(), IncomingDocument.objects.count()) == (1, 1)

    stop(children[1])
    assert children[1].process.returncode == 0, children[1].log.read_text()
    assert not IncomingMessage.objects.filter(confirmed_at=None).exists()


def test_the_server_refuses_a_body_over_the_limit_and_a_client_does_too(installation, body):
    url, _ = installation
    commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
    large = raw_message(commune, attachments=[("a.pdf", bytes(2_000_000))])
    with pytest.raises(RefusedByAxis) as refused:
        foreign_system(url).send(Envelope("edoc", SENDER, (), large), now=clock())
    assert refused.value.code == "24"
    fits = raw_message("G22", attachments=[("a.pdf", bytes(100_000))])
    foreign_system(url).send(Envelope("edoc", SENDER, (), fits), now=clock())
    small = foreign_system(url, limit_bytes=50_000)
    (waiting,) = small.waiting("edoc", now=clock())
    with pytest.raises(PackageTooLarge):
        small.fetch(waiting.package_id, now=clock())
    assert foreign_system(url).fetch(waiting.package_id, now=clock()) == fits
