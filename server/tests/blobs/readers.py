"""Work for another process: what a foreign file might make its reader do."""

import os
import signal
from collections.abc import Callable

from chauban.workflow.errors import FileTooLarge


def reports() -> dict[str, str]:
    return {"verdict": "TOTAL-PASSED", "environment": " ".join(os.environ)}


def hangs() -> None:
    while True:
        pass


def sleeps() -> None:
    signal.pause()


def crashes() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def eats_memory() -> int:
    return len(bytes(4_000_000_000))


def refuses() -> None:
    raise FileTooLarge("a.pdf", 3, 2)


def answers_with_what_cannot_be_sent() -> Callable[[], None]:
    return lambda: None


def is_asked_of() -> int:
    return os.getppid()


def fetches(fetch, url):
    return fetch(url, b"q", "a/b")
