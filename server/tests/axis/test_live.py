"""A foreign system, our web server and our worker, each a process of its own on loopback."""

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from chauban.axis.demo import OUTSIDE_SECRET, OUTSIDE_SYSTEM, register_demo_axis
from chauban.axis.models import Carriage, System
from chauban.cli.processes import ending_together, free_port, start, stop, wait_listening
from chauban.cli.work import tick
from chauban.exchange.actions import accept_delivery, issue
from chauban.exchange.adapters.vxp import VXPGateway
from chauban.exchange.models import ChangeRequest, Delivery, IncomingMessage, ReceivedRecall
from chauban.exchange.ports import Envelope, Outcome, PackageTooLarge, RefusedByAxis
from chauban.exchange.recalling import recall
from chauban.exchange.withdrawing import answer_recall
from chauban.registers.models import IncomingDocument
from chauban_edxml.changes import answer, changes_asked, take_back
from chauban_edxml.model import BussinessDocType, Organization
from chauban_edxml.reading import read
from chauban_edxml.writing import write_status
from tests import databases
from tests.exchange.conftest import sealed  # noqa: F401
from tests.exchange.messages import SENDER, a_message, raw_message
from tests.moments import NOW

pytestmark = pytest.mark.processes


@pytest.fixture
def variables(committed):
    return variables_of(committed)


def variables_of(installation):
    return {
        **databases.variables(installation),
        "CHAUBAN_ALLOWED_HOSTS": "localhost,127.0.0.1",
        "CHAUBAN_MAX_MESSAGE_MB": "1",
        "DJANGO_SETTINGS_MODULE": "chauban.config.settings",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }


@pytest.fixture
def url(variables, tmp_path):
    """The axis of `chauban serve`, on a database of this test's own."""
    register_demo_axis(date(2026, 11, 23))
    port = free_port()
    argv = ["chauban.cli.main", "serve", "--host", "127.0.0.1", "--port", str(port)]
    web = start("web", argv, variables=variables, logs=tmp_path / "logs")
    with ending_together([web]):
        wait_listening(web, port, seconds=60)
        yield f"http://127.0.0.1:{port}/axis"


@pytest.fixture
def worker(url, variables, tmp_path):
    """`chauban work` on the same installation."""
    argv = ["chauban.cli.main", "work"]
    with ending_together([start("work", argv, variables=variables, logs=tmp_path / "logs")]) as one:
        yield one[0]


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
    url, worker, body, officer
):
    foreign = foreign_system(url)
    commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
    raw = raw_message(commune)
    envelope = Envelope("edoc", SENDER, (), raw)
    unknown = Envelope("edoc", SENDER, (), raw_message("H57.99.99"))
    with pytest.raises(RefusedByAxis) as refused:
        foreign.send_one(unknown, now=clock())
    assert refused.value.code == "18"

    first = foreign.send_one(envelope, now=clock())
    assert foreign.send_one(envelope, now=clock()).package_id == first.package_id
    delivery = within(30, lambda: Delivery.objects.filter(state="proposed").first())
    assert (delivery.proposal, delivery.files.get().name) == ("information", "van-ban.doc")
    clerk = officer("van-thu.thuan-hoa")
    accept_delivery(delivery, acceptance="information", officer=clerk, now=clock())
    within(30, lambda: len(foreign.waiting("status", now=clock())) == 2)
    codes = []
    for one in foreign.waiting("status", now=clock()):
        status = read(foreign.fetch_one(one.package_id, now=clock()))
        assert status.response_for.document_id == f"{SENDER},2026/11/20,7816/UBND-TTĐT"
        assert one.to_organ_id == SENDER
        codes.append(status.status_code)
        foreign.confirm_one(Outcome(one.package_id, "done"), now=clock())
    assert sorted(codes) == ["01", "03"]  # those of one batch have no order
    assert foreign.waiting("status", now=clock()) == []
    (carried,) = foreign.track(first.package_id, now=clock())
    assert (carried.to_organ_id, carried.state) == (commune, "done")
    assert (Delivery.objects.count(), IncomingDocument.objects.count()) == (1, 1)

    stop(worker)
    assert worker.process.returncode == 0, worker.log.read_text()
    assert not IncomingMessage.objects.filter(confirmed_at=None).exists()


def test_the_server_refuses_a_body_over_the_limit_and_a_client_does_too(url, body):
    commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
    large = raw_message(commune, attachments=[("a.pdf", bytes(2_000_000))])
    with pytest.raises(RefusedByAxis) as refused:
        foreign_system(url).send_one(Envelope("edoc", SENDER, (), large), now=clock())
    assert refused.value.code == "24"
    fits = raw_message("G22", attachments=[("a.pdf", bytes(100_000))])
    foreign_system(url).send_one(Envelope("edoc", SENDER, (), fits), now=clock())
    small = foreign_system(url, limit_bytes=50_000)
    (waiting,) = small.waiting("edoc", now=clock())
    with pytest.raises(PackageTooLarge):
        small.fetch_one(waiting.package_id, now=clock())
    assert foreign_system(url).fetch_one(waiting.package_id, now=clock()) == fits


def test_an_installation_on_an_axis_over_http_works_like_one_with_its_own(
    url,
    blob_folder,
    sealed,
    officer,
):
    ours = System.objects.get(system_id="002.00.00.H57")
    node = VXPGateway(url, system_id=ours.system_id, secret=ours.secret, limit_bytes=1_000_000)
    document = sealed(recipients=["ubnd-thuan-hoa", "so-noi-vu"], outside=[("H99.99", "Không rõ")])
    issue(document, officer=officer("van-thu.vp-ubnd"), now=clock())
    while tick(clock(), gateway=node):
        pass
    recipients = document.recipients.order_by("pk")
    assert [(one.status_code, one.refusal) for one in recipients] == [
        ("01", ""),
        ("01", ""),
        ("", "18"),
    ]
    assert not IncomingMessage.objects.filter(confirmed_at=None).exists()
    assert not Carriage.objects.exclude(state="done").exists()


@pytest.mark.parametrize("dialect", ["status-13", "document-type-1"])
def test_a_foreign_recall_over_http_is_answered_and_ours_is_asked_in_the_systems_dialect(
    dialect, url, worker, body, officer
):
    foreign = foreign_system(url)
    commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
    clerk = officer("van-thu.thuan-hoa")
    foreign.send_one(Envelope("edoc", SENDER, (), raw_message(commune)), now=clock())
    delivery = within(30, lambda: Delivery.objects.filter(state="proposed").first())
    accept_delivery(delivery, acceptance="information", officer=clerk, now=clock())
    if dialect == "status-13":
        status = take_back(a_message(commune), commune, reason="Gửi nhầm", at=clock())
        asking = Envelope("status", SENDER, (), write_status(status))
    else:
        raw = raw_message(commune, business=BussinessDocType.RECALL, attachments=())
        asking = Envelope("edoc", SENDER, (), raw)
    foreign.send_one(asking, now=clock())
    foreign.send_one(asking, now=clock())
    asked = within(30, lambda: ReceivedRecall.objects.filter(state="open").first())
    assert asked.delivery == delivery
    answer_recall(asked, agrees=True, officer=clerk, now=clock())

    def answers():
        waiting = foreign.waiting("status", now=clock())
        read_all = [read(foreign.fetch_one(one.package_id, now=clock())) for one in waiting]
        return [one for one in read_all if one.status_code == "15"]

    (agreed,) = within(30, answers)
    assert agreed.response_for.document_id == f"{SENDER},2026/11/20,7816/UBND-TTĐT"
    assert agreed.from_.organ_id == commune
    assert IncomingDocument.objects.get().state == "recalled"


@pytest.mark.parametrize("dialect", ["status-13", "document-type-1"])
def test_ours_is_recalled_over_http_from_a_foreign_system_that_answers(
    dialect, url, blob_folder, sealed, officer, settings
):
    settings.RECALL_BY_DOCUMENT = (SENDER,) if dialect == "document-type-1" else ()
    ours = System.objects.get(system_id="002.00.00.H57")
    node = VXPGateway(url, system_id=ours.system_id, secret=ours.secret, limit_bytes=1_000_000)
    foreign = foreign_system(url)
    clerk = officer("van-thu.vp-ubnd")
    document = sealed(recipients=[], outside=[(SENDER, "Phú Thọ")])
    issue(document, officer=clerk, now=clock())
    while tick(clock(), gateway=node):
        pass
    recall(document, reason="Ban hành nhầm", officer=clerk, now=clock())
    while tick(clock(), gateway=node):
        pass
    kind = "status" if dialect == "status-13" else "edoc"
    *_, last = foreign.waiting(kind, now=clock())
    (asked,) = changes_asked(read(foreign.fetch_one(last.package_id, now=clock())))
    assert (asked.concerned.document_id, asked.reason) == (document.document_id, "Ban hành nhầm")
    answering = Organization(SENDER, "Chính phủ", "Ủy ban nhân dân tỉnh Phú Thọ")
    answered = answer(asked, by=answering, agrees=False, at=clock(), description="Dùng")
    foreign.send_one(Envelope("status", SENDER, (), write_status(answered)), now=clock())
    while tick(clock(), gateway=node):
        pass
    request = ChangeRequest.objects.get()
    assert (request.state, request.answer) == ("refused", "Dùng")
