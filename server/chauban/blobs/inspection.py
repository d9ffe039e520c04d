"""Reading foreign files in a process of its own: what it costs, hangs or breaks stays there.

Each process of the server starts one `blobs.inspector` beside it, which forks a child for each
file. The server does not fork itself: a child of many threads inherits locks that nobody opens.
"""

import copyreg
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from cryptography import x509

from chauban_pki.certificates import encoded, parse_certificate

TIME_LIMIT_SECONDS = 60
MEMORY_LIMIT_BYTES = 1_500_000_000  # beyond what the inspector holds itself

Result = TypeVar("Result")
copyreg.pickle(x509.Certificate, lambda one: (parse_certificate, (encoded(one),)))


class InspectionFailed(Exception):
    """The child process gave no result: it ran out of time or memory, or broke."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Request:
    """What a child is asked: work and what it may take."""

    work: Callable[[], Any]
    seconds: int
    memory_bytes: int
    passing: tuple[type[Exception], ...]


def in_child(
    work: Callable[[], Result],
    *,
    seconds: int = TIME_LIMIT_SECONDS,
    passing: tuple[type[Exception], ...] = (),
) -> Result:
    """Return what work returns, called in another process with limits on time and memory.

    work can be pickled and needs no settings and no database. An error of work that is one of
    `passing` is raised here as it was there.

    Raises:
        InspectionFailed: no result; `reason` is "time", "crash" or the name of another error.
    """
    ours, theirs = Pipe()
    try:
        _hand_over(theirs)
        ours.send(Request(work, seconds, MEMORY_LIMIT_BYTES, passing))
        if not ours.poll(seconds):
            raise InspectionFailed("time")
        outcome: dict[str, Any] = ours.recv()
    except (EOFError, ConnectionError) as broken:
        raise InspectionFailed("crash") from broken
    finally:
        ours.close()
    if "passed" in outcome:
        raise _error_again(*outcome["passed"])
    if "error" in outcome:
        raise InspectionFailed(outcome["error"])
    result: Result = outcome["result"]
    return result


_starting = threading.Lock()
_inspector: tuple[int, socket.socket] | None = None  # of this process, by its id


def _hand_over(connection: Connection) -> None:
    """Give the inspector, started when there is none, one end of a connection."""
    global _inspector
    with _starting, connection:
        for is_last_try in (False, True):
            if _inspector is None or _inspector[0] != os.getpid():
                _inspector = (os.getpid(), _start())
            try:
                socket.send_fds(_inspector[1], [b"."], [connection.fileno()])
                return
            except ConnectionError:
                _inspector = None
                if is_last_try:
                    raise


def _start() -> socket.socket:
    """Start an inspector, which ends when the returned socket closes, or this process does."""
    ours, theirs = socket.socketpair()
    # What reads foreign files knows neither the secret key nor the database.
    open_to_it = {name: it for name, it in os.environ.items() if not name.startswith("CHAUBAN_")}
    with theirs:
        subprocess.Popen(
            [sys.executable, "-m", "chauban.blobs.inspector"],
            stdin=theirs,
            stdout=subprocess.DEVNULL,
            env={**open_to_it, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    return ours


def _error_again(kind: type[Exception], args: tuple[Any, ...], facts: dict[str, Any]) -> Exception:
    """The error as it was, whatever arguments its own constructor takes."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(facts)
    return error
