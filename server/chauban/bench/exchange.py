"""The exchange under load: sealed, delivered, verified, registered, receipted, again and again.

One installation in real processes: the workers are `chauban work`, a clerk issues, others register
at two desks, each in a process of her own. Documents are sealed beforehand. What is counted is the
receipt: the status 03 of a recipient, taken in at the sender, in the window after a warm-up.
Commits are durable; the demo's PKI answers in a process of its own.
"""

import argparse
import gc
import os
import re
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from chauban.bench import postgres
from chauban.bench.report import Case
from chauban.cli import province
from chauban.cli.processes import Child, ending_together, free_port, start, stop, wait_until

BAR_PER_SECOND = 110
FAN_OUT = 20
SECONDS = 60.0
WARM_UP_SECONDS = 10.0
WORKERS = 2
SEALERS = 2
IN_HAND = 40 * FAN_OUT
"""How many deliveries may be on their way before the clerks issue the next document."""
MESSAGES_A_SECOND = 1.4 * BAR_PER_SECOND
"""For how many deliveries documents are sealed beforehand."""
DESKS = 2
"""How many clerks act at the same time, each for agencies of her own."""
PATIENCE_SECONDS = 900.0
NOTEWORTHY_MS = 0.05
PARENT, TIMES = 1, slice(11, 15)  # in /proc/PID/stat, after the name (proc_pid_stat(5))
QUEUE = r"([a-z ]+) ([0-9.]+)(?:, |$)"


@dataclass(frozen=True)
class Load:
    """What is asked of an installation."""

    fan_out: int
    documents: int
    seconds: float
    warm_up_seconds: float
    workers: int = WORKERS

    @classmethod
    def sustained(cls, fan_out: int, *, seconds: float = SECONDS) -> "Load":
        needed = MESSAGES_A_SECOND * (seconds + WARM_UP_SECONDS) * min(1, fan_out / 5)
        return cls(fan_out, round(needed / fan_out), seconds, WARM_UP_SECONDS)


@dataclass(frozen=True)
class Figures:
    """What a window of it gave; memory is that of the largest worker, at its beginning and end."""

    per_second: float
    cpu_ms: Mapping[str, float]
    """A delivery's processor time in the window, by the part that spent it."""
    queue_ms: Mapping[str, float]
    """A delivery's processor time in the workers themselves, by queue, from start to stop."""
    resident_mb: tuple[float, float]


def measure() -> list[Case]:
    """Both databases, fan-out 20 and 1, each in a fresh folder."""
    cases: list[Case] = []
    for fan_out in (FAN_OUT, 1):
        load = Load.sustained(fan_out)
        with tempfile.TemporaryDirectory() as folder:
            cases += _cases("SQLite", load, run(Path(folder), load))
        with tempfile.TemporaryDirectory() as folder:
            try:
                figures = run_on_postgres(Path(folder), load)
            except postgres.NoPostgreSQL:
                continue
            cases += _cases("PostgreSQL", load, figures)
    return cases


def _cases(database: str, load: Load, figures: Figures) -> list[Case]:
    name = f"fan-out {load.fan_out}, {database}"
    before, after = figures.resident_mb
    is_barred = load.fan_out == FAN_OUT
    return [
        Case(
            f"sealed to receipted, {name}, {load.seconds:.0f} s",
            "deliveries/s",
            round(figures.per_second, 1),
            bar=f">= {BAR_PER_SECOND}" if is_barred else "",
            met=figures.per_second >= BAR_PER_SECOND if is_barred else None,
        ),
        Case(f"all processes, {name}", "ms CPU a delivery", round(sum(figures.cpu_ms.values()), 1)),
        *(
            Case(f"of which {part}, {name}", "ms CPU a delivery", round(ms, 1))
            for part, ms in figures.cpu_ms.items()
        ),
        *(
            Case(f"workers' queue {queue}, {name}", "ms CPU a delivery", round(ms, 2))
            for queue, ms in figures.queue_ms.items()
            if ms >= NOTEWORTHY_MS
        ),
        Case(f"a worker's memory, {name}: before, after", "MB", round(after, 1), "before", before),
    ]


def run_on_postgres(folder: Path, load: Load) -> Figures:
    """As `run`, on a PostgreSQL server of its own whose commits are durable.

    Raises: NoPostgreSQL.
    """
    cluster = postgres.Cluster.initialised(folder, settings=postgres.DURABLE)
    try:
        cluster.start()
        assert cluster.process is not None
        database = Child("PostgreSQL", cluster.process, folder / "log")
        return run(folder / "data", load, database_url=f"{cluster.url}/postgres", beside=[database])
    finally:
        cluster.stop()


def run(data: Path, load: Load, *, database_url: str = "", beside: Sequence[Child] = ()) -> Figures:
    """Measure one installation in a fresh folder; the processor time of those beside counts too."""
    data.mkdir(parents=True, exist_ok=True)
    pki_port = free_port()
    variables = province.settings(
        data, port=free_port(), pki_port=pki_port, given={"CHAUBAN_DATABASE_URL": database_url}
    )
    with ending_together([]) as children:
        _wait(_role("prepare", data, variables))
        pki = province.start_pki(data, port=pki_port, variables=variables)
        children.append(pki)
        share = -(-load.documents // SEALERS)
        for sealer in [
            _role("seal", data, variables, number, share, load.fan_out) for number in range(SEALERS)
        ]:
            _wait(sealer)
        workers = [_worker(data, variables, number) for number in range(load.workers)]
        clerks = [_role("issue", data, variables)]
        clerks += [_role("register", data, variables, desk) for desk in range(DESKS)]
        children += [*workers, *clerks]
        count = _role("count", data, variables, load.warm_up_seconds, load.seconds)
        parts = {"workers": workers, "clerks": clerks, "PKI": [pki]}
        parts |= {each.name: [each] for each in beside}
        wait_until(count, lambda: "begun" in count.log.read_text(), seconds=PATIENCE_SECONDS)
        at_first, before = _resident_mb(workers), _cpu_seconds(parts)
        _wait(count)
        at_last, after = _resident_mb(workers), _cpu_seconds(parts)
        for child in (*clerks, *workers):
            stop(child)
            children.remove(child)
    in_window, in_all = map(int, count.log.read_text().split()[-2:])
    queue_seconds = sum((_by_queue(worker) for worker in workers), Counter())
    return Figures(
        per_second=in_window / load.seconds,
        cpu_ms={part: (after[part] - before[part]) * 1000 / max(in_window, 1) for part in parts},
        queue_ms={
            queue: seconds * 1000 / max(in_all, 1) for queue, seconds in queue_seconds.most_common()
        },
        resident_mb=(at_first, at_last),
    )


def _role(name: str, data: Path, variables: dict[str, str], *given: float) -> Child:
    argv = ["chauban.bench.exchange", name, str(data), *map(str, given)]
    label = "-".join((name, *(str(each) for each in given[:1])))
    return start(label, argv, variables=variables, logs=data / "logs")


def _worker(data: Path, variables: dict[str, str], number: int) -> Child:
    argv = ["chauban.cli.main", "work"]
    return start(f"work-{number}", argv, variables=variables, logs=data / "logs")


def _wait(child: Child) -> None:
    if child.process.wait(PATIENCE_SECONDS):
        raise RuntimeError(child.log.read_text()[-2000:])


def _cpu_seconds(parts: Mapping[str, Sequence[Child]]) -> dict[str, float]:
    """What each part's processes have spent, and all that they started, ended or not."""
    ticks: dict[int, int] = {}
    started_by: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            fields = stat.read_text().rpartition(")")[2].split()
            pid = int(stat.parent.name)
            ticks[pid] = sum(map(int, fields[TIMES]))
            started_by.setdefault(int(fields[PARENT]), []).append(pid)

    def of_tree(pid: int) -> int:
        return ticks.get(pid, 0) + sum(map(of_tree, started_by.get(pid, ())))

    a_second = os.sysconf("SC_CLK_TCK")
    return {
        part: sum(of_tree(child.process.pid) for child in children) / a_second
        for part, children in parts.items()
    }


def _by_queue(worker: Child) -> Counter[str]:
    """The seconds that a worker says it spent on each queue when it has stopped."""
    said = worker.log.read_text().rpartition("by queue: ")[2].strip()
    return Counter({name: float(seconds) for name, seconds in re.findall(QUEUE, said)})


def _resident_mb(children: Sequence[Child]) -> float:
    pages = [
        int(Path(f"/proc/{child.process.pid}/statm").read_text().split()[1]) for child in children
    ]
    return round(max(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


# The parts that run inside the installation, each in a process of its own.


def prepare(data: Path) -> None:
    """Make the province."""
    province.prepare(data)


def seal(data: Path, number: float, documents: float, fan_out: float) -> None:
    """Bring that many documents of one department to their seals."""
    from chauban.cli import acting, stories
    from chauban.trust.demo import mint_for_body, open_demo_pki
    from chauban.workflow.models import Draft
    from chauban.workflow.services import signing_services

    key = ("so-tai-chinh", "so-noi-vu")[int(number)]
    issuer = acting.body_named(key)
    now = stories.clock()
    mint_for_body(issuer, authority=open_demo_pki(data / "pki", now=now), now=now)
    cast = acting.Cast.of(key, signatory=f"giam-doc.{key}")
    others = [body for body in stories.issuing_bodies() if body.agency_id != issuer.agency_id]
    text = acting.letters()[0]
    for turn in range(int(documents)):
        start_at = turn * int(fan_out) % len(others)
        recipients = (others[start_at:] + others[:start_at])[: int(fan_out)]
        draft = acting.write(
            text, body=issuer, cast=cast, recipients=recipients, now=stories.clock()
        )
        acting.bring_to(
            draft,
            Draft.State.SEALED,
            cast,
            services=lambda: signing_services(stories.clock()),
            clock=stories.clock,
        )


def issue(data: Path) -> None:
    """Issue what is sealed, never too much at once, until asked to end."""
    from chauban.cli import acting
    from chauban.exchange import actions as exchange
    from chauban.exchange.models import Recipient
    from chauban.registers.models import OutgoingDocument

    clerk_of = cache(lambda agency_key: acting.officer(f"van-thu.{agency_key}", _now()))
    sealed = OutgoingDocument.objects.filter(state="sealed").select_related("body__agency")
    unanswered = Recipient.objects.filter(status_code__in=("", "01"))
    while True:
        room = max(0, IN_HAND - unanswered.count()) // FAN_OUT
        for document in sealed.order_by("pk")[:room]:
            clerk = clerk_of(document.body.agency.key)
            exchange.issue(document, officer=clerk, now=_now())
        time.sleep(0.25)


def register(data: Path, desk: float) -> None:
    """Register what is proposed to the agencies of one desk, until asked to end."""
    from chauban.cli import acting
    from chauban.directory.models import IssuingBody
    from chauban.exchange import actions as exchange
    from chauban.exchange.models import Delivery

    clerk_of = cache(lambda agency_key: acting.officer(f"van-thu.{agency_key}", _now()))
    proposed = Delivery.objects.filter(state="proposed").select_related("body__agency")
    bodies = list(IssuingBody.objects.order_by("pk").values_list("pk", flat=True))
    own = proposed.filter(body__in=bodies[int(desk) :: DESKS]).order_by("arrived_at")
    while True:
        deliveries = own[: IN_HAND // DESKS]
        for delivery in deliveries:
            clerk = clerk_of(delivery.body.agency.key)
            exchange.accept_delivery(delivery, acceptance="original", officer=clerk, now=_now())
        if not deliveries:
            time.sleep(0.05)


def count(data: Path, warm_up_seconds: float, seconds: float) -> None:
    """Print the receipts that came in the window after the warm-up, and in all."""
    from chauban.exchange.models import Recipient

    receipted = Recipient.objects.filter(status_code="03")
    time.sleep(warm_up_seconds)
    before = receipted.count()
    print("begun", flush=True)
    time.sleep(seconds)
    after = receipted.count()
    print(after - before, after)


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    roles = {
        "prepare": prepare,
        "seal": seal,
        "issue": issue,
        "register": register,
        "count": count,
    }
    parser.add_argument("role", choices=roles)
    parser.add_argument("data", type=Path)
    parser.add_argument("given", type=float, nargs="*")
    given = parser.parse_args()
    province.enter({})
    gc.freeze()  # as the web server does that her acts run in
    roles[given.role](given.data, *given.given)


if __name__ == "__main__":
    main()
