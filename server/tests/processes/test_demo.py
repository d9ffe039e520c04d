"""`chauban demo` at a terminal: soon answered, on new data and on old, and gone after Ctrl-C.

The bars are those of the design's section 7, on two idle cores; times are counted from the start
of the command, and printed.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chauban.cli.browsing import Person
from chauban.cli.processes import free_port, is_listening
from chauban.cli.province import DEMO_PASSWORD
from tests.processes.installation import alive_in_group, processes_of, terminal, until

NEW_SECONDS, OLD_SECONDS = 60.0, 20.0
STOP_SECONDS = 30.0


@contextmanager
def demo(data: Path, port: int, database: str) -> "Iterator[subprocess.Popen[bytes]]":
    argv = [sys.executable, "-m", "chauban.cli.main", "demo", "--data", str(data)]
    with (data.parent / "demo.log").open("ab") as log:
        process = subprocess.Popen(
            [*argv, "--port", str(port)],
            env={**terminal(), "CHAUBAN_DATABASE_URL": database},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        for left in (process.pid, *processes_of(data)):
            if process.poll() is None or left != process.pid:
                os.kill(left, signal.SIGKILL)
        process.wait()


def first_page(port: int, process: "subprocess.Popen[bytes]", *, seconds: float) -> float:
    """Seconds, from now, until the sign-in page is answered."""
    began = time.monotonic()
    while not is_listening(port):
        assert process.poll() is None, "the demo ended"
        assert time.monotonic() - began < seconds, f"no page after {seconds} s"
        time.sleep(0.02)
    page = Person(f"http://127.0.0.1:{port}", "", "").get("/")
    assert page.offers("/sign-in"), page.text
    return time.monotonic() - began


def interrupt(process: "subprocess.Popen[bytes]", data: Path, port: int) -> None:
    """Ctrl-C: the demo ends, all its children with it, and the port is free again."""
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(STOP_SECONDS) == 0
    until(lambda: not processes_of(data), "a child outlived the demo")
    assert not alive_in_group(process.pid)
    until(lambda: not is_listening(port), f"port {port} still answers")


def test_the_demo_answers_soon_and_ends_with_ctrl_c(new_database, tmp_path, record_property):
    data, port, database = tmp_path / "data", free_port(), new_database("demo")
    with demo(data, port, database) as process:
        new = first_page(port, process, seconds=2 * NEW_SECONDS)
        clerk = Person(f"http://127.0.0.1:{port}", "van-thu.vp-ubnd", DEMO_PASSWORD)
        assert clerk.sign_in().status == 200
        until(lambda: len(processes_of(data)) >= 4, "not all children started")
        interrupt(process, data, port)
    with demo(data, port, database) as process:
        old = first_page(port, process, seconds=2 * OLD_SECONDS)
        assert clerk.look("/").status == 200  # the session, and the secret behind it, were kept
        interrupt(process, data, port)
    print(f"first page: {new:.1f} s on new data, {old:.1f} s on old")
    record_property("first page on new data, s", round(new, 1))
    record_property("first page on old data, s", round(old, 1))
    assert new <= NEW_SECONDS
    assert old <= OLD_SECONDS


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGKILL,
        *(pytest.param(it, marks=pytest.mark.soak) for it in (signal.SIGTERM, signal.SIGHUP)),
    ],
)
def test_the_demo_ends_its_children_however_it_is_asked(installation, number):
    """`kill`, the terminal window closed, or `kill -9`, while data are still being made."""
    data, port = installation.data, installation.port
    with demo(data, port, installation.environment.database_url) as process:
        first_page(port, process, seconds=2 * OLD_SECONDS)
        process.send_signal(number)
        process.wait(STOP_SECONDS)
        until(lambda: not processes_of(data), "a child outlived the demo")
        until(lambda: not is_listening(port), f"port {port} still answers")


def test_a_taken_port_is_named_and_nothing_is_made(tmp_path):
    data = tmp_path / "data"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        argv = [sys.executable, "-m", "chauban.cli.main", "demo", "--port", str(port)]
        ran = subprocess.run(
            [*argv, "--data", data], env=terminal(), capture_output=True, text=True
        )
    assert ran.returncode == 1
    assert str(port) in ran.stderr
    assert not data.exists()
