"""Three deployments exchange documents while their processes and connections are broken.

A process group is killed (kill -9) and started again every few seconds, now and then the database
server; both proxies break connections. Then all faults stop, everything drains, and the rules of
the simulation are asked of the three databases, besides two that only real processes have.
"""

import logging
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db.models import Count

from chauban.axis.models import Carriage, Package
from chauban.cli.doctor import examine
from chauban.config.environment import Environment
from chauban.directory.models import Agency
from chauban.directory.rules import legal_day
from chauban.exchange.models import Receipt, Statement
from chauban.exchange.receipts import Event
from chauban_pki.demo.authority import DemoAuthority
from tests import databases
from tests.deployments.people import Due, People, Plan
from tests.deployments.places import (
    OFFICES,
    Deployment,
    Office,
    Places,
    kill_postgresql,
    set_up,
)
from tests.exchange.papers import make_letter
from tests.simulation.clerks import Intent, intended, staff_of
from tests.simulation.judging import faults_by_rule, pending_at_axis, pending_at_office

LOOK_EVERY_SECONDS = 1.0
# How psycopg and Django tell that the database server was killed, or is not yet back.
AWAY = re.compile(r"(psycopg|django\.db\.utils)\.(Operational|Interface)Error")
LED_TO = ("During handling of the above", "The above exception was the direct cause")
Hurry = Callable[[People], object]

log = logging.getLogger("chauban.deployments")


@dataclass(frozen=True)
class Scenario:
    seed: int
    messages: int  # documents, counted once for each recipient
    seconds: float  # in which documents are issued and everything breaks
    agencies: int = 6  # of each office
    kills: int = 0  # at least so many
    pause_seconds: float = 3.0  # from one kill to the next, on average
    patience_seconds: float = 1800.0  # afterwards; what is pending then is pending for ever
    roles: tuple[str, ...] = ("web", "work", "people")  # what runs at an office, and is killed


@dataclass
class Played:
    """A run, as `judging` and a reader look at it."""

    scenario: Scenario
    places: Places
    plan: Plan
    killed: Counter[str] = field(default_factory=Counter)
    ended: list[str] = field(default_factory=list)  # processes that nobody killed
    drained_in_seconds: float = 0.0

    @property
    def intents(self) -> Sequence[Intent]:
        return [one.intent for one in self.plan.due]

    @property
    def offices(self) -> Mapping[str, Office]:
        return self.places.offices

    @property
    def axes(self) -> Sequence[Deployment]:
        return [self.places.axis]

    def disturb(self, hurry: Hurry | None) -> None:
        """Kill and start again, one after the other, each as often as any other."""
        rng = random.Random(f"kills {self.scenario.seed}")
        ends = time.monotonic() + self.scenario.seconds
        victims = [(place, role) for place in self.places.deployments() for role in place.roles]
        waiting: list[tuple[Deployment, str] | None] = []
        while time.monotonic() < ends or self.killed.total() < self.scenario.kills:
            time.sleep(self.scenario.pause_seconds * rng.uniform(0.5, 1.5))
            self._look_around(hurry)
            if not waiting:
                waiting = [*victims, None]
                rng.shuffle(waiting)
            self._strike(waiting.pop(), down_seconds=rng.choice([0.0, 0.5, 2.0]))

    def drain(self, hurry: Hurry | None) -> None:
        """No more faults: wait until nothing is pending, or patience is at its end."""
        began = time.monotonic()
        for proxy in self.places.proxies.values():
            proxy.calm.set()
        before: list[str] = []
        while pending := self.pending():
            if time.monotonic() > began + self.scenario.patience_seconds:
                break
            if pending != before:
                log.info("%s", "; ".join(pending))
            before = pending
            self._look_around(hurry)
            time.sleep(LOOK_EVERY_SECONDS)
        self.drained_in_seconds = time.monotonic() - began

    def _strike(self, victim: tuple[Deployment, str] | None, *, down_seconds: float) -> None:
        """kill -9 of the process group, or of the database server for None."""
        if victim is None:
            kill_postgresql(self.places.postgres)
            time.sleep(down_seconds)
            self.places.postgres.start()
            self.killed["postgresql"] += 1
            return
        place, role = victim
        place.kill(role)
        time.sleep(down_seconds)
        place.start(role)
        self.killed[f"{place.name} {role}"] += 1

    def _look_around(self, hurry: Hurry | None) -> None:
        for place in self.places.deployments():
            for role in place.died():
                self.ended.append(f"{place.name} {role}, see {place.processes[role].log}")
                place.start(role)
        if hurry:
            for name, office in self.offices.items():
                with office.node.running():
                    hurry(People(self.plan, name))

    def pending(self) -> list[str]:
        found = []
        for name, office in self.offices.items():
            with office.node.running():
                undone = People(self.plan, name).undone()
                found += [f"{name}: {undone} documents of senders"] if undone else []
                found += [f"{name}: {what}" for what in pending_at_office()]
        with self.places.axis.running():
            found += [f"axis: {what}" for what in pending_at_axis()]
            found += [f"axis: {what}" for what in _without_receipts()]
        return found

    def faults(self) -> dict[str, list[str]]:
        found = faults_by_rule(self)
        found["no process ended by itself"] = self.ended
        found["no process met what it did not foresee"] = list(_unforeseen(self.places))
        with self.places.axis.running():
            found["one receipt of each hand-over"] = list(_wrong_receipts())
        found["the doctor finds nothing"] = []
        for place in self.places.deployments():
            with place.running():
                bad = [one.en for one in examine(_now()) if one.ok is False]
            found["the doctor finds nothing"] += [f"{place.name}: {each}" for each in bad]
        return found

    def as_dict(self) -> dict[str, object]:
        """What was played and broken, and what each rule says of it."""
        rules = self.faults()
        return {
            "ok": not any(rules.values()),
            **asdict(self.scenario),
            "documents": len(self.intents),
            "recalled": sum(one.is_recalled for one in self.intents),
            "replaced": sum(bool(one.replaces) for one in self.intents),
            "killed": dict(sorted(self.killed.items())),
            "connections": {
                name: dict(sorted(proxy.happened.items()))
                for name, proxy in self.places.proxies.items()
            },
            "seconds_to_drain": round(self.drained_in_seconds, 1),
            "rules": {rule: faults[:40] for rule, faults in rules.items()},
        }


def play(
    scenario: Scenario,
    folder: Path,
    template: Environment,
    *,
    hurry: Hurry | None = None,
) -> dict[str, object]:
    """Play it in a folder; return what happened and what each rule says of it.

    template: an installation on SQLite with Huế, its officers and their accounts. hurry is called
    with the people of each office while this process works on it.
    """
    authority = DemoAuthority.create(folder / "pki", _now() - timedelta(days=1), key="p256")
    plan = _planned(scenario, folder, template, authority)
    with set_up(
        folder, template, plan, authority, seed=scenario.seed, roles=scenario.roles
    ) as places:
        played = Played(scenario, places, plan)
        for place in places.deployments():
            for role in place.roles:
                place.start(role)
        played.disturb(hurry)
        played.drain(hurry)
        for place in places.deployments():
            place.stop()
        return played.as_dict()


def _planned(
    scenario: Scenario, folder: Path, template: Environment, authority: DemoAuthority
) -> Plan:
    """Documents of both offices' bodies to both, and a sealed letter of each body."""
    databases.use(template)
    now, rng = _now(), random.Random(f"plan {scenario.seed}")
    day = legal_day(now)
    keys = Agency.objects.as_of(day).order_by("pk").values_list("key", flat=True)
    staffs = [staff for key in keys if (staff := staff_of(key, day))]
    staffs = staffs[: scenario.agencies * len(OFFICES)]
    letters = {}
    for key, body in ((key, body) for staff in staffs for key, body in staff.bodies.items()):
        letter = folder / f"{key}.pdf"
        letter.write_bytes(
            make_letter(authority, name=body.name, organ_id=body.organ_id(day), now=now)
        )
        letters[key] = str(letter)
    databases.close()
    intents = list(intended(sorted(letters), scenario.messages, rng=rng))
    began = _now() + timedelta(seconds=3)
    within = timedelta(seconds=scenario.seconds * 0.8)
    return Plan(
        agencies={
            name: [staff.agency for staff in staffs[place :: len(OFFICES)]]
            for place, name in enumerate(OFFICES)
        },
        letters=letters,
        due=[Due(intent, began + within * rng.random()) for intent in intents],
    )


def _unforeseen(places: Places) -> Iterator[str]:
    """What broke in any process, but for a database that was away."""
    for place in places.deployments():
        for file in sorted((place.folder / "logs").glob("*.log")):
            met = Counter(exceptions(file.read_text("utf-8", "replace").splitlines()))
            for line, times in met.items():
                yield f"{place.name} {file.stem}: {line} ({times} times)"


def exceptions(lines: Sequence[str]) -> Iterator[str]:
    """What each traceback ends with, and those it came of do not; no database's absence."""
    is_inside, last = False, ""
    for line in [*lines, "end"]:
        if line.startswith(LED_TO):
            last = ""
        elif line.startswith("Traceback "):
            is_inside = True
        elif line and not line[0].isspace():
            if last and not AWAY.match(last):
                yield last[:200]
            is_inside, last = False, line if is_inside else ""


def _without_receipts() -> Iterator[str]:
    owed = Package.objects.filter(has_receipts=False).count()
    owed += Carriage.objects.filter(has_receipt=False).count()
    owed += Statement.objects.filter(cms=None).count()
    if owed:
        yield f"{owed} receipts owed"


def _wrong_receipts() -> Iterator[str]:
    """Of a document one for taking it over, two for each copy; of a status that of its end."""
    counted = Receipt.objects.values_list("package", "event", "organ_id").annotate(n=Count("pk"))
    have = {(package, event, organ_id): n for package, event, organ_id, n in counted}
    wanted = {(str(pk), Event.SUBMISSION_ACCEPTANCE, "") for pk in _documents()}
    for package, kind, organ_id in Carriage.objects.values_list("package", "type", "to__organ_id"):
        wanted.add((str(package), Event.CONTENT_HANDOVER, organ_id))
        if kind == "edoc":
            wanted.add((str(package), Event.CONTENT_CONSIGNMENT, organ_id))
    for key in sorted(have.keys() | wanted, key=str):
        if have.get(key) != (key in wanted):
            yield f"{key}: {have.get(key, 0)} receipts"


def _documents() -> Iterator[object]:
    return Package.objects.filter(type="edoc").values_list("pk", flat=True).iterator()


def _now() -> datetime:
    return datetime.now(UTC)
