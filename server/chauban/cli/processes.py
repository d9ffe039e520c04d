"""The processes that a demo or a scenario is made of, each in a process group of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which

STOP_SECONDS = 8.0
ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class PortTaken(Exception):
    def __init__(self, port: int) -> None:
        super().__init__(f"Cổng {port} đang có chương trình khác dùng / port {port} is in use")
        self.port = port


class DidNotStart(Exception):
    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"{name} không khởi động được, xem / did not start, see {log}")
        self.name, self.log = name, log


@dataclass(frozen=True)
class Child:
    name: str
    process: "subprocess.Popen[bytes]"
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_free(port: int) -> None:
    """Raises: PortTaken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(port) from error


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.3)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start(
    name: str,
    argv: Sequence[str],
    *,
    variables: Mapping[str, str],
    logs: Path,
    program: Sequence[str] = (sys.executable, "-m"),
) -> Child:
    """Start `python -m argv`, or another program, with our variables added.

    Its output goes to logs/name.log. It is asked to end when the thread that started it does,
    so that nothing is left of an installation whose parent is killed (`kill -9`).
    """
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*_dying_with_us(), *program, *argv],
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Child(name, process, log)


def _dying_with_us() -> Sequence[str]:
    """The prefix that lets a command get SIGTERM when its parent dies (prctl(2)).

    setpriv comes with util-linux, which every Debian has; elsewhere children of a killed parent
    live on.
    """
    setpriv = which("setpriv")
    return (setpriv, "--pdeathsig", "TERM") if setpriv else ()


def wait_listening(child: Child, port: int, *, seconds: float) -> None:
    """Raises: DidNotStart: it ended, or the port stayed deaf for that long."""
    wait_until(child, lambda: is_listening(port), seconds=seconds)


def wait_until(child: Child, is_ready: Callable[[], bool], *, seconds: float) -> None:
    """Raises: DidNotStart: it ended, or was not ready after that long."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        if child.process.poll() is not None or time.monotonic() > deadline:
            raise DidNotStart(child.name, child.log)
        time.sleep(0.05)


def stop(child: Child) -> None:
    """End the child's whole group: asked first, killed when it does not listen."""
    _signal_group(child, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        child.process.wait(STOP_SECONDS)
    kill(child)


def kill(child: Child) -> None:
    """kill -9 of the whole process group."""
    _signal_group(child, signal.SIGKILL)
    child.process.wait()


def _signal_group(child: Child, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)


def end_when_asked(*, exit_code: int) -> None:
    """Let Ctrl-C, `kill` and a closed terminal end this process in order, with that code."""

    def end(*_: object) -> None:
        for number in ASKING:
            signal.signal(number, signal.SIG_IGN)  # asked twice, it still ends its children
        raise SystemExit(exit_code)

    for number in ASKING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, end)


@contextmanager
def ending_together(children: list[Child]) -> Iterator[list[Child]]:
    """Whatever was put into the list is stopped at the end, last started first."""
    try:
        yield children
    finally:
        for child in reversed(children):
            stop(child)
