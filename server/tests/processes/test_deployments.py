"""Two offices and an axis, each with its own database and processes, killed and cut off.

By hand it runs with more messages, for longer, and with the offices' people in processes of their
own (docs/measured/deployments.md). Here they act in the test's, and the minutes that leases and
pauses between two tries take are made to pass.
"""

import socket
from collections.abc import Iterator
from contextlib import closing, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from chauban.config.environment import Environment
from tests import databases
from tests.deployments.people import People
from tests.deployments.playing import Scenario, exceptions, play
from tests.deployments.proxy import HOST, Fate, Lot, Proxy
from tests.processes.installation import let_time_pass

WORK_ALONE = Scenario(
    seed=26, messages=6, seconds=3, agencies=1, kills=3, pause_seconds=0.3, patience_seconds=120,
    roles=("work",),
)  # fmt: skip


@pytest.fixture
def template_on_sqlite(
    template: Environment, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Environment]:
    if template.database_url:
        pytest.skip("it plays on both databases at once: once is enough")
    with django_db_blocker.unblock():
        yield template
        databases.use(template)


def a_while_passes(people: People) -> None:
    let_time_pass()
    people.visit(datetime.now(UTC))


@pytest.mark.soak
def test_each_document_comes_once_whatever_is_killed_and_cut(
    template_on_sqlite: Environment, tmp_path: Path
) -> None:
    outcome = play(WORK_ALONE, tmp_path, template_on_sqlite, hurry=a_while_passes)
    assert outcome["ok"], outcome
    assert {"axis web", "office-a work", "postgresql"} <= outcome["killed"].keys()
    assert any(outcome["connections"].values())


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.create_server((HOST, 0)) as listening:
        yield listening


@pytest.mark.parametrize(
    ("fate", "passes", "is_broken"),
    [
        (Fate.WHOLE, 100_000, False),
        (Fate.REQUEST_CUT, 70_001, True),
        (Fate.REQUEST_HALF_CLOSED, 70_001, False),
    ],
)
def test_a_connection_ends_at_the_byte_that_fell_to_it(
    receiver: socket.socket, fate: Fate, passes: int, is_broken: bool
) -> None:
    proxy = Proxy(receiver.getsockname()[1], seed="")
    lot = Lot(fate, request_bytes=70_001, answer_bytes=1, pause_seconds=0)
    with mock.patch.object(proxy, "_lot", return_value=lot):
        sender = socket.create_connection((HOST, proxy.port))
        far, _ = receiver.accept()
    with sender, far, closing(proxy):
        with suppress(OSError) if is_broken else nullcontext():  # the cut may be felt already
            sender.sendall(b"x" * 100_000)
            sender.shutdown(socket.SHUT_WR)
        got = b""
        with pytest.raises(ConnectionResetError) if is_broken else nullcontext():
            while piece := far.recv(1 << 16):
                got += piece
    if not is_broken:  # what a broken connection still held is gone with it
        assert len(got) == passes
    assert len(got) <= passes


def test_what_a_process_did_not_foresee_is_found_in_its_log() -> None:
    log = """INFO chauban.work working
Traceback (most recent call last):
  File "a.py", line 1, in b
psycopg.OperationalError: the connection is closed
Traceback (most recent call last):
  File "a.py", line 1, in b
    c()
ValueError: unforeseen

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 1, in b
KeyError: unforeseen, too
Traceback (most recent call last):
  File "a.py", line 1, in b
AttributeError: what the next came of

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 1, in b
django.db.utils.OperationalError: connection refused
WARNING chauban.work later"""
    assert list(exceptions(log.splitlines())) == ["KeyError: unforeseen, too"]
