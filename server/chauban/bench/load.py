"""Five hundred people at work: pages, acts and open pages that ask what is new, on both databases.

A real `chauban serve` and `chauban work` as they come, beside them the people, in a process of
their own that sends their requests at the times planned for them and counts what comes back. Each
of them looks at a page every 12 seconds, and every twentieth of these is an act; each keeps a page
open that asks for its counters every half minute. `python -m chauban.bench.load --data DIR` goes
on with a demo that is there; `--minutes` asks for more or less than ten.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chauban.bench import people, postgres
from chauban.bench.memory import resident_bytes, with_descendants
from chauban.bench.processor import percentile, spent_seconds
from chauban.bench.report import Case, say, summary
from chauban.bench.told import Told, told

BAR_MS = 300
PEOPLE = 500
MINUTES = 10.0
WARM_UP_SECONDS = 15.0
GROWTH_MB = 30
"""How much more memory the server may take at the end than after the first quarter."""
LOOK_EVERY_SECONDS = 1.0


@dataclass
class Figures:
    """What one run gave; times in milliseconds from the planned moment to the last byte."""

    seconds: float = 0.0
    times_ms: dict[str, list[float]] = field(default_factory=dict)
    """By what was asked: page, act, ask."""
    errors: dict[str, int] = field(default_factory=dict)
    late: int = 0
    """Requests that the people's own process sent more than 50 ms after their time."""
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    resident_mb: list[float] = field(default_factory=list)
    """Of the web server, every second."""


def measure() -> list[Case]:
    """Both databases, ten minutes each, each in a fresh folder."""
    return both(MINUTES)


def both(minutes: float) -> list[Case]:
    with tempfile.TemporaryDirectory() as folder:
        cases = list(_cases("SQLite", _child(Path(folder) / "data", "", minutes)))
    with tempfile.TemporaryDirectory() as folder:
        try:
            with postgres.server(Path(folder), settings=postgres.DURABLE) as url:
                figures = _child(Path(folder) / "data", f"{url}/postgres", minutes)
        except postgres.NoPostgreSQL:
            return cases
    return [*cases, *_cases("PostgreSQL", figures)]


def _child(data: Path, database_url: str, minutes: float) -> Figures:
    argv = [sys.executable, "-m", "chauban.bench.load", "--data", str(data), "--figures"]
    argv += ["--database-url", database_url, "--minutes", str(minutes)]
    ran = subprocess.run(argv, stdout=subprocess.PIPE, check=True)
    return Figures(**json.loads(ran.stdout))


def _cases(database: str, figures: Figures) -> Iterator[Case]:
    all_ms = [taken for times in figures.times_ms.values() for taken in times]
    wrong = sum(figures.errors.values())
    kinds = ", ".join(f"{name} {count}" for name, count in sorted(figures.errors.items()))
    name = f"{database}, {figures.seconds:.0f} s"
    yield Case(
        f"errors, {name}{f' ({kinds})' if kinds else ''}", "requests", wrong, bar="0", met=not wrong
    )
    p95 = percentile(all_ms, 0.95)
    bar = {"bar": f"< {BAR_MS}", "met": p95 < BAR_MS}
    yield Case(f"all requests, p95, {name}", "ms", round(p95, 1), **bar)
    for share in (0.5, 0.99):
        value = round(percentile(all_ms, share), 1)
        yield Case(f"all requests, p{share * 100:.0f}, {name}", "ms", value)
    for kind, times in sorted(figures.times_ms.items()):
        yield Case(
            f"{kind}: requests a second, {name}", "1/s", round(len(times) / figures.seconds, 2)
        )
        for share in (0.5, 0.95, 0.99):
            value = round(percentile(times, share), 1)
            yield Case(f"{kind}, p{share * 100:.0f}, {name}", "ms", value)
    for part, seconds in figures.cpu_seconds.items():
        each = seconds * 1000 / len(all_ms)
        yield Case(f"processor, {part}, {name}", "ms a request", round(each, 2))
    yield Case(f"sent late by the people themselves, {name}", "requests", figures.late)
    memory = figures.resident_mb
    if memory:
        settled = percentile(memory[: max(1, len(memory) // 4)], 1.0)
        ended = percentile(memory[-max(1, len(memory) // 10) :], 0.5)
        is_flat = ended <= settled + GROWTH_MB
        yield Case(
            f"web server's memory at the end, {name}: after the first quarter",
            "MB", round(ended, 1), "first quarter", round(settled, 1),
            bar=f"<= {GROWTH_MB} more", met=is_flat,
        )  # fmt: skip
        yield Case(f"web server's memory, highest, {name}", "MB", round(max(memory), 1))


def run(data: Path, minutes: float, *, database_url: str = "", amount: int = PEOPLE) -> Figures:
    """Measure one installation in this process, which enters it."""
    say(f"the demo is being made, on {'PostgreSQL' if database_url else 'SQLite'}")
    with told(data, database_url=database_url) as office:
        say(f"{amount} people sign in")
        plan = data / "people.json"
        plan.write_text(json.dumps(people.at_work(amount)), "utf-8")
        return _figures(office, plan, minutes * 60)


def _figures(office: Told, plan: Path, seconds: float) -> Figures:
    argv = [sys.executable, "-m", "chauban.bench.people", str(plan), str(office.port)]
    crowd = subprocess.Popen(
        [*argv, str(WARM_UP_SECONDS), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert crowd.stdout is not None
    parts = {
        "web server": office.web.process.pid,
        "worker": office.work.process.pid,
        "the people": crowd.pid,
    }
    assert crowd.stdout.readline() == "begun\n"
    say(f"at work for {seconds:.0f} s")
    before = {name: spent_seconds(with_descendants(pid)) for name, pid in parts.items()}
    looking = _Looking(office.web.process.pid)
    looking.start()
    assert crowd.stdout.readline() == "ended\n"
    looking.stop()
    after = {name: spent_seconds(with_descendants(pid)) for name, pid in parts.items()}
    counted = json.loads(crowd.stdout.read())
    crowd.wait()
    return Figures(
        seconds=seconds,
        cpu_seconds={name: after[name] - before[name] for name in parts},
        resident_mb=looking.resident_mb,
        **counted,
    )


class _Looking(threading.Thread):
    """Notes the memory of a process and its descendants every second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.resident_mb, self.ended = pid, list[float](), threading.Event()

    def run(self) -> None:
        while not self.ended.wait(LOOK_EVERY_SECONDS):
            total = 0
            for pid in with_descendants(self.pid):
                try:
                    total += resident_bytes(pid)
                except (OSError, ValueError):
                    continue  # it has just ended
            self.resident_mb.append(round(total / 1e6, 1))

    def stop(self) -> None:
        self.ended.set()
        self.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--figures", action="store_true", help="what was counted, as it is")
    given = parser.parse_args()
    if given.data is None:
        print(json.dumps(summary("load", both(given.minutes)), ensure_ascii=False, indent=1))
        return
    url = given.database_url
    figures = run(given.data, given.minutes, database_url=url, amount=given.people)
    if given.figures:
        print(json.dumps(asdict(figures)))
        return
    cases = list(_cases("PostgreSQL" if url else "SQLite", figures))
    print(json.dumps(summary("load", cases), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
