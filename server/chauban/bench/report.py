"""What a benchmark prints: ours, the peer's, the ratio, the bar, in one run."""

import os
import platform
import sys
import time
from dataclasses import asdict, dataclass

BEGAN = time.monotonic()


@dataclass(frozen=True)
class Case:
    """One figure. `theirs`, `ratio`, `bar` and `met` are None where there is no peer or bar."""

    case: str
    unit: str
    ours: float
    peer: str = ""
    theirs: float | None = None
    ratio: float | None = None
    bar: str = ""
    met: bool | None = None


def machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def summary(name: str, cases: list[Case]) -> dict[str, object]:
    """The object of `chauban bench NAME --json`; `met` is false as soon as one bar is missed."""
    return {
        "name": name,
        "machine": machine(),
        "cases": [asdict(case) for case in cases],
        "met": all(case.met is not False for case in cases),
    }


def say(words: str) -> None:
    """How far a long benchmark is, on stderr, with the seconds since this process began."""
    print(f"{time.monotonic() - BEGAN:6.0f} s  {words}", file=sys.stderr, flush=True)
