"""What memory a process takes, and took at most since it was last asked (proc(5), Linux)."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def resident_bytes(pid: int) -> int:
    return _status(pid, "VmRSS")


def peak_bytes(pid: int) -> int:
    """The highest resident memory since the process began, or `forget_peak` was called."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def extra_mb(pid: int, at_rest: int) -> float:
    """How far a process went above what it took at rest."""
    return (peak_bytes(pid) - at_rest) / 1e6


def at_rest(pid: int) -> int:
    """What a process takes now; its highest mark begins here."""
    forget_peak(pid)
    return resident_bytes(pid)


def with_descendants(pid: int) -> list[int]:
    """The process and all that it started, in any depth, as far as they are still there."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(OSError):
                found += [int(child) for child in task.read_text().split()]
    return found


class Peaks:
    """How far processes, each with its descendants, go above what they take at rest.

    A descendant that starts later counts from nothing, one that has ended not at all.
    """

    def __init__(self, processes: Mapping[str, int]) -> None:
        self.processes = processes
        self.at_rest: dict[int, int] = {}
        for pid in processes.values():
            for each in with_descendants(pid):
                with suppress(OSError):
                    self.at_rest[each] = at_rest(each)

    def extra_mb(self, name: str) -> float:
        """Of the process among them that goes highest."""
        found = []
        for each in with_descendants(self.processes[name]):
            with suppress(OSError):
                found.append(extra_mb(each, self.at_rest.get(each, 0)))
        return max(found)


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"{pid}: no {name}")
