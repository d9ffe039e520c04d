"""Reading files in a process of its own: what it costs, hangs or breaks stays there."""

import multiprocessing
import resource
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from django.db import connections

TIME_LIMIT_SECONDS = 60
MEMORY_LIMIT_BYTES = 2_000_000_000

_FORKING = multiprocessing.get_context("fork")


class InspectionFailed(Exception):
    """The child process gave no report: it ran out of time or memory, or broke."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def in_child(
    work: Callable[[], dict[str, Any]], *, seconds: int = TIME_LIMIT_SECONDS
) -> dict[str, Any]:
    """Return what work returns, called in a forked process with limits on time and memory.

    work reads no database: the child shares none of the parent's connections.

    Raises:
        InspectionFailed
    """
    ours, theirs = _FORKING.Pipe(duplex=False)
    child = _FORKING.Process(target=_run, args=(work, theirs, seconds), daemon=True)
    child.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
            raise InspectionFailed("time")
        outcome: dict[str, Any] = ours.recv()
    except EOFError as broken:
        raise InspectionFailed("crash") from broken
    finally:
        ours.close()
        child.kill()
        child.join()
    if "error" in outcome:
        raise InspectionFailed(outcome["error"])
    report: dict[str, Any] = outcome["report"]
    return report


def _run(work: Callable[[], dict[str, Any]], answer: Connection, seconds: int) -> None:
    for connection in connections.all(initialized_only=True):
        connection.connection = None  # the parent's: never to be used or closed from here
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    try:
        answer.send({"report": work()})
    except BaseException as error:
        answer.send({"error": type(error).__name__})
