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
from time import monotonic
from typing import Any, TypeVar

from cryptography import x509

from chauban_pki.certificates import encoded, parse_certificate
from chauban_pki.errors import Unreachable
from chauban_pki.trust import Fetch

LARGEST_READ_BYTES = 100_000_000  # what is read whole; larger files go through in pieces only
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


@dataclass(frozen=True)
class Question:
    """What a child asks of the process that asked it: the arguments of a `Fetch`."""

    url: str
    body: bytes | None
    content_type: str


@dataclass(frozen=True)
class FetchHere:
    """A `Fetch` that is called in this process even where a child has it as an argument.

    So what is fetched for one file is kept for the next (`chauban_pki.cache`).
    """

    fetch: Fetch

    def __call__(self, url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        return self.fetch(url, body, content_type)

    def __reduce__(self) -> tuple[Callable[[], Fetch], tuple[()]]:
        return _asking_server, ()


_server: Connection | None = None  # in a child: the process that asked it


def answer_to(connection: Connection) -> None:
    """Say, in a child, whom it serves."""
    global _server
    _server = connection


def ask_server(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
    """What `FetchHere` is in a child. Raises: Unreachable."""
    if _server is None:
        raise Unreachable(url, "nobody to ask")
    _server.send(Question(url, body, content_type))
    answer = _server.recv()
    if isinstance(answer, str):
        raise Unreachable(url, answer)
    content: bytes = answer
    return content


def _asking_server() -> Fetch:
    return ask_server


def in_child(
    work: Callable[[], Result],
    *,
    seconds: int = TIME_LIMIT_SECONDS,
    passing: tuple[type[Exception], ...] = (),
    fetch: Fetch | None = None,
) -> Result:
    """Return what work returns, called in another process with limits on time and memory.

    work can be pickled and needs no settings and no database. An error of work that is one of
    `passing` is raised here as it was there. `fetch` answers what work asks of a `FetchHere`.

    Raises:
        InspectionFailed: no result; `reason` is "time", "crash" or the name of another error.
    """
    ours, theirs = Pipe()
    try:
        _hand_over(theirs)
        ours.send(Request(work, seconds, MEMORY_LIMIT_BYTES, passing))
        outcome = _outcome(ours, fetch, monotonic() + seconds)
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


def _outcome(child: Connection, fetch: Fetch | None, deadline: float) -> dict[str, Any]:
    while child.poll(max(deadline - monotonic(), 0)):
        said: Question | dict[str, Any] = child.recv()
        if not isinstance(said, Question):
            return said
        child.send(_fetched(said, fetch))
    raise InspectionFailed("time")


def _fetched(asked: Question, fetch: Fetch | None) -> bytes | str:
    """The answer, or why there is none."""
    if fetch is None:
        return "not allowed"
    try:
        return fetch(asked.url, asked.body, asked.content_type)
    except Unreachable as unreachable:
        return unreachable.detail


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
