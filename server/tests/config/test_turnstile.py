"""SQLite's writers wait at a turnstile: in turn, for a bounded time, and for nobody who is dead."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

HOLDING = """
import sys
from django.conf import settings
settings.configure()
from tests.config.test_turnstile import begin, connection_to
begin(connection_to(sys.argv[1]))
print("inside", flush=True)
sys.stdin.read()
"""


def connection_to(path, timeout=5.0):
    handler = ConnectionHandler(
        {
            "default": {
                "ENGINE": "chauban.config.sqlite",
                "NAME": str(path),
                "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": timeout},
            }
        }
    )
    return handler["default"]


def begin(connection):
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def end(connection):
    connection.commit()
    connection.set_autocommit(True)


@pytest.fixture
def path(tmp_path, django_db_blocker):
    with django_db_blocker.unblock():  # a file of the test's own
        yield tmp_path / "queue.sqlite3"


def test_who_waits_is_let_in_when_the_one_before_has_left(path):
    first, entered = connection_to(path), threading.Event()

    def second():
        connection = connection_to(path)
        begin(connection)
        entered.set()
        end(connection)
        connection.close()

    begin(first)
    waiting = threading.Thread(target=second)
    waiting.start()
    assert not entered.wait(0.1)
    end(first)
    assert entered.wait(2)
    waiting.join()


def test_a_writer_that_rolls_back_or_closes_has_left_as_well(path):
    first, second = connection_to(path), connection_to(path, timeout=0.1)
    begin(first)
    first.rollback()
    first.set_autocommit(True)
    begin(second)
    second.close()
    begin(first)
    end(first)


def test_the_wait_is_bounded(path):
    first, second = connection_to(path), connection_to(path, timeout=0.1)
    begin(first)
    with pytest.raises(OperationalError, match="locked"):
        begin(second)
    end(first)
    begin(second)
    end(second)


@pytest.mark.processes
def test_a_writer_that_is_killed_keeps_nobody_out(path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout.readline() == b"inside\n"
    with pytest.raises(OperationalError, match="locked"):
        begin(connection_to(path, timeout=0.1))
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    connection = connection_to(path, timeout=2)
    begin(connection)
    end(connection)
