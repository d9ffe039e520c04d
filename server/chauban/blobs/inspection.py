"""Reading foreign files in a process of its own: what it costs, hangs or breaks stays there."""

import multiprocessing
import resource
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from django.db import connections

TIME_LIMIT_SECONDS = 60
MEMORY_LIMIT_BYTES = 1_500_000_000  # beyond what the process held when it began

Result = TypeVar("Result")
_FORKING = multiprocessing.get_context("fork")


class InspectionFailed(Exception):
    """The child process gave no result: it ran out of time or memory, or broke."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def in_child(
    work: Callable[[], Result],
    *,
    seconds: int = TIME_LIMIT_SECONDS,
    passing: tuple[type[Exception], ...] = (),
) -> Result:
    """Return what work returns, called in a forked process with limits on time and memory.

    work reads no database: the child shares none of the parent's connections. An error of work
    that is one of `passing` is raised here as it was there.

    Raises:
        InspectionFailed: no result; `reason` is "time", "crash" or the name of another error.
    """
    ours, theirs = _FORKING.Pipe(duplex=False)
    child = _FORKING.Process(target=_run, args=(work, theirs, seconds, passing), daemon=True)
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
    if "passed" in outcome:
        raise _error_again(*outcome["passed"])
    if "error" in outcome:
        raise InspectionFailed(outcome["error"])
    result: Result = outcome["result"]
    return result


def _run(
    work: Callable[[], Any],
    answer: Connection,
    seconds: int,
    passing: tuple[type[Exception], ...],
) -> None:
    for connection in connections.all(initialized_only=True):
        connection.connection = None  # the parent's: never to be used or closed from here
    _limit(seconds)
    try:
        answer.send({"result": work()})
    except passing as error:
        answer.send({"passed": (type(error), error.args, vars(error))})
    except BaseException as error:
        answer.send({"error": type(error).__name__})


def _limit(seconds: int) -> None:
    signal.alarm(seconds + 1)  # also when the parent has died meanwhile
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the document
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    memory = pages * resource.getpagesize() + MEMORY_LIMIT_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _error_again(kind: type[Exception], args: tuple[Any, ...], facts: dict[str, Any]) -> Exception:
    """The error as it was, whatever arguments its own constructor takes."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(facts)
    return error
