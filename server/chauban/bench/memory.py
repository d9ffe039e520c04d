"""What memory a process takes, and took at most since it was last asked (proc(5), Linux)."""

from collections.abc import Iterable, Mapping
from pathlib import Path


def resident_bytes(pid: int) -> int:
    return _status(pid, "VmRSS")


def peak_bytes(pid: int) -> int:
    """The highest resident memory since the process began, or `forget_peak` was called."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def with_descendants(pid: int) -> list[int]:
    """The process and all that it started, in any depth."""
    found = [pid]
    for one in found:
        tasks = Path(f"/proc/{one}/task").glob("*/children")
        found += [int(child) for task in tasks for child in task.read_text().split()]
    return found


class Peaks:
    """How far processes, each with its descendants, go above what they take at rest.

    A descendant that starts later counts from nothing.
    """

    def __init__(self, processes: Mapping[str, int]) -> None:
        self.processes = processes
        self.at_rest: dict[int, int] = {}
        for pid in processes.values():
            for each in with_descendants(pid):
                forget_peak(each)
                self.at_rest[each] = resident_bytes(each)

    def extra_mb(self, name: str) -> float:
        """Of the process among them that goes highest."""
        return max(self._extras(with_descendants(self.processes[name]))) / 1e6

    def _extras(self, pids: Iterable[int]) -> list[int]:
        return [peak_bytes(each) - self.at_rest.get(each, 0) for each in pids]


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"{pid}: no {name}")
