"""Processor time that processes have taken, by the nanosecond (proc(5), Linux)."""

from collections.abc import Iterable
from contextlib import suppress
from math import ceil
from pathlib import Path


def spent_seconds(pids: Iterable[int]) -> float:
    """What all threads of the processes have spent on a processor since they began.

    A thread that has ended counts no more: for measuring between two moments.
    """
    spent_ns = 0
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with suppress(OSError):
                spent_ns += int(thread.read_text().split()[0])
    return spent_ns / 1e9


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest of the values that at least that share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
