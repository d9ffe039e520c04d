"""SQLite's writers wait at a turnstile: in turn, for a bounded time, and for nobody who is dead.

A commit ends when its log is on the disk; the next writer does not wait for that.
"""

import errno
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


MOVE = "UPDATE number SET last = last + 1"


def execute(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@pytest.fixture
def synced(monkeypatch):
    """The sizes of the files that were synced, in order."""
    sizes, sync = [], os.fdatasync

    def noted(descriptor):
        sync(descriptor)
        sizes.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fdatasync", noted)
    return sizes


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


def test_a_statement_of_its_own_waits_as_well(path):
    first, second = connection_to(path), connection_to(path)
    execute(first, "CREATE TABLE number (last INTEGER)")
    execute(first, "INSERT INTO number VALUES (1)")
    begin(first)
    writing = threading.Thread(target=lambda: (execute(second, MOVE), second.close()))
    second.inc_thread_sharing()
    writing.start()
    writing.join(0.1)
    assert writing.is_alive()
    end(first)
    writing.join(2)
    assert execute(first, "SELECT last FROM number") == [(2,)]


def test_a_question_waits_for_nobody(path):
    first, second = connection_to(path), connection_to(path, timeout=0.1)
    execute(first, "CREATE TABLE number (last INTEGER)")
    begin(first)
    assert execute(second, "SELECT count(*) FROM number") == [(0,)]
    end(first)


@pytest.mark.parametrize("is_in_transaction", [True, False])
def test_what_is_committed_is_on_the_disk_before_it_is_told(path, synced, is_in_transaction):
    connection = connection_to(path)
    execute(connection, "CREATE TABLE number (last INTEGER)")
    synced.clear()
    if is_in_transaction:
        begin(connection)
    execute(connection, "INSERT INTO number VALUES (1)")
    if is_in_transaction:
        assert synced == []
        end(connection)
    size = (path.parent / f"{path.name}-wal").stat().st_size
    assert synced == [size]
    assert size > 0


def test_the_next_writer_goes_on_while_the_one_before_waits_for_the_disk(path, monkeypatch):
    first, second = connection_to(path), connection_to(path)
    execute(first, "CREATE TABLE number (last INTEGER)")
    slow, let_go = threading.Event(), threading.Event()
    sync = os.fdatasync

    def first_is_slow(descriptor):
        if threading.current_thread() is writing:
            slow.set()
            assert let_go.wait(5)
        sync(descriptor)

    monkeypatch.setattr(os, "fdatasync", first_is_slow)
    first.inc_thread_sharing()
    writing = threading.Thread(target=execute, args=(first, "INSERT INTO number VALUES (1)"))
    writing.start()
    assert slow.wait(2)
    execute(second, "INSERT INTO number VALUES (2)")
    assert writing.is_alive()
    let_go.set()
    writing.join(2)
    assert execute(second, "SELECT last FROM number ORDER BY last") == [(1,), (2,)]


def test_a_disk_that_does_not_take_it_is_an_error(path, monkeypatch):
    connection = connection_to(path)
    execute(connection, "CREATE TABLE number (last INTEGER)")

    def refuse(descriptor):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", refuse)
    with pytest.raises(OperationalError, match="not synced"):
        execute(connection, "INSERT INTO number VALUES (1)")
