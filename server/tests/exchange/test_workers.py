"""Several workers, and workers that are killed: nothing lost, nothing twice (decision 8)."""

import os
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from chauban.axis.actions import accept_package
from chauban.axis.adapters.local import LocalGateway
from chauban.axis.demo import register_demo_axis
from chauban.axis.models import Carriage, Package
from chauban.cli.processes import kill, start
from chauban.cli.work import tick
from chauban.exchange.actions import issue
from chauban.exchange.models import Delivery, IncomingMessage, OutgoingMessage, Recipient
from chauban.exchange.receiving import list_waiting, receive_next
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from tests import databases
from tests.exchange.messages import raw_message
from tests.moments import NOW

DOCUMENTS = 6
RECIPIENTS = ("ubnd-thuan-hoa", "so-tai-chinh", "so-noi-vu")


def in_threads(count, work):
    errors = []

    def guarded():
        try:
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


def test_two_workers_at_once_deliver_each_document_once(committed, blob_folder, body):
    _, outside = register_demo_axis(date(2026, 11, 23))
    codes = [body(key).organ_id(NOW.date()) for key in RECIPIENTS]
    for number in range(4):
        accept_package(raw_message(*codes, number=str(number + 1)), system=outside, now=NOW)
    gateway = LocalGateway()
    list_waiting(gateway, now=NOW)

    def work():
        while receive_next(gateway, now=NOW):
            pass

    in_threads(2, work)
    assert Delivery.objects.count() == 4 * len(RECIPIENTS)
    assert Act.objects.filter(kind=ActKind.ARRIVED).count() == 4 * len(RECIPIENTS)
    assert OutgoingMessage.objects.filter(status_code="01").count() == 4 * len(RECIPIENTS)
    assert not IncomingMessage.objects.filter(confirmed_at=None).exists()


def is_gone(child):
    try:
        os.killpg(child.process.pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.processes
def test_a_worker_killed_again_and_again_loses_nothing_and_does_nothing_twice(
    committed, blob_folder, tmp_path, sealed, officer
):
    register_demo_axis(date(2026, 11, 23))
    now = datetime.now(UTC)
    for _ in range(DOCUMENTS):
        issue(sealed(recipients=RECIPIENTS), officer=officer("van-thu.vp-ubnd"), now=now)
    variables = {
        **databases.variables(committed),
        "DJANGO_SETTINGS_MODULE": "chauban.config.settings",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    for life in range(2):
        before = IncomingMessage.objects.count()
        argv = ["chauban.cli.main", "work"]
        worker = start(f"work-{life}", argv, variables=variables, logs=tmp_path / "logs")
        deadline = time.monotonic() + 30
        while IncomingMessage.objects.exclude(state="waiting").count() <= before // 2:
            assert time.monotonic() < deadline, worker.log.read_text()
            time.sleep(0.02)
        kill(worker)
        while not is_gone(worker):  # until init has buried what the worker had started
            assert time.monotonic() < deadline, "something of the worker's group lives on"
            time.sleep(0.02)
    later = datetime.now(UTC) + timedelta(minutes=10)  # every lease has ended
    while tick(later, gateway=LocalGateway()):
        pass
    expected = DOCUMENTS * len(RECIPIENTS)
    assert Recipient.objects.filter(status_code="01").count() == expected
    assert Delivery.objects.filter(state="proposed").count() == expected
    assert Act.objects.filter(kind=ActKind.ARRIVED).count() == expected
    assert Act.objects.filter(kind=ActKind.STATUS_RECEIVED).count() == expected
    assert Package.objects.count() == DOCUMENTS + expected
    assert not Carriage.objects.exclude(state="done").exists()
    assert not OutgoingMessage.objects.exclude(state="sent").exists()
