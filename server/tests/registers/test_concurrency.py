"""Numbers under concurrency: no duplicate and no gap, on both databases (users' first rule)."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection

from chauban.accounts.models import User
from chauban.accounts.officers import Officer
from chauban.directory.models import IssuingBody
from chauban.registers.actions import (
    OutgoingEntry,
    Received,
    new_under,
    number_outgoing,
    register_incoming,
)
from chauban.registers.errors import AlreadyRegistered
from chauban.registers.models import ArrivalSeries, IncomingDocument, OutgoingDocument, Series
from tests import databases
from tests.moments import NOW

WORKERS, EACH = 4, 12
ENTRY = OutgoingEntry(
    kind="cong_van",
    notation="UBND-VX",
    subject="Về việc cấp số đồng thời",
    signer_name="Nguyễn Văn Thử",
    signer_position="PHÓ CHỦ TỊCH",
)
RECEIVED = Received(
    sender_name="Sở Xây dựng",
    sender_organ_id="H57.11",
    document_id="H57.11,2026/11/20,15/SXD-VP",
    code_number="15",
    code_notation="SXD-VP",
    promulgated_on=date(2026, 11, 20),
    kind_name="Công văn",
    subject="Về việc cung cấp số liệu",
    acceptance="original",
    arrived_at=NOW,
)


def clerk_and_city():
    user = User.objects.select_related("person").get(username="van-thu.vp-ubnd")
    return Officer(user, user.person.posts.get()), IssuingBody.objects.get(key="ubnd-tp")


def in_threads(work, count=WORKERS):
    """Run work(index) in count threads that start together; return results or refusals."""
    together = Barrier(count)

    def run(index):
        try:
            together.wait(30)
            return work(index)
        except AlreadyRegistered as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_threads_take_numbers_without_duplicate_or_gap(committed):
    clerk, city = clerk_and_city()

    def work(index):
        return [
            number_outgoing(ENTRY, body=city, officer=clerk, now=NOW).number for _ in range(EACH)
        ]

    numbers = [number for taken in in_threads(work) for number in taken]
    assert sorted(numbers) == list(range(1, WORKERS * EACH + 1))
    assert Series.objects.get().last_number == WORKERS * EACH
    assert OutgoingDocument.objects.count() == WORKERS * EACH


def test_threads_take_arrival_numbers_without_duplicate_or_gap(committed):
    clerk, city = clerk_and_city()

    def work(index):
        return [
            register_incoming(
                replace(RECEIVED, document_id=f"{index}-{each}", code_number=f"{index}{each:02}"),
                body=city,
                officer=clerk,
                now=NOW,
            ).arrival_number
            for each in range(EACH)
        ]

    numbers = [number for taken in in_threads(work) for number in taken]
    assert sorted(numbers) == list(range(1, WORKERS * EACH + 1))


def test_one_document_registered_by_all_at_once_is_registered_once(committed):
    clerk, city = clerk_and_city()

    def work(index):
        return register_incoming(RECEIVED, body=city, officer=clerk, now=NOW, is_another=True)

    results = in_threads(work)
    assert sum(isinstance(it, IncomingDocument) for it in results) == 1
    assert sum(isinstance(it, AlreadyRegistered) for it in results) == WORKERS - 1
    assert ArrivalSeries.objects.get().last_number == 1


def test_what_all_saw_to_be_new_before_their_turns_is_registered_once(committed):
    clerk, city = clerk_and_city()
    assert new_under(RECEIVED, body=city, now=NOW) == 1

    def work(index):
        return register_incoming(RECEIVED, body=city, officer=clerk, now=NOW, new_under=1)

    results = in_threads(work)
    assert sum(isinstance(it, IncomingDocument) for it in results) == 1
    assert sum(isinstance(it, AlreadyRegistered) for it in results) == WORKERS - 1


PROCESS = """
import django; django.setup()
from tests.registers.test_concurrency import ENTRY, NOW, EACH, clerk_and_city
from chauban.registers.actions import number_outgoing
clerk, city = clerk_and_city()
print("ready", flush=True); input()
for _ in range(EACH):
    print(number_outgoing(ENTRY, body=city, officer=clerk, now=NOW).number, flush=True)
"""


@pytest.mark.processes
def test_a_killed_process_leaves_neither_gap_nor_duplicate(committed):
    environment = {
        **os.environ,
        **databases.variables(committed),
        "DJANGO_SETTINGS_MODULE": "chauban.config.settings",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    killed, whole = processes
    killed.stdout.readline()
    killed.kill()
    killed.wait(30)
    whole.communicate(timeout=120)
    numbers = sorted(OutgoingDocument.objects.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert Series.objects.get().last_number == len(numbers) > EACH
