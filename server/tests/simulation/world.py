"""Offices and two axes in one process, on a clock and a network that the seed decides."""

import heapq
import logging
import random
import shutil
import tempfile
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

from django.conf import settings
from django.db import DatabaseError

from chauban.axis.forwarding import follow_forwarded, forward_waiting
from chauban.axis.models import System
from chauban.axis.neighbours import connect_neighbour
from chauban.axis.registering import Registration, register_system
from chauban.axis.tasks import expire_next
from chauban.blobs.errors import StorageFull
from chauban.cli.work import TURNS, tick
from chauban.directory.models import Agency
from chauban.directory.rules import legal_day
from chauban.exchange.models import Delivery
from chauban.exchange.ports import GatewayError, GatewayUnavailable
from tests.moments import NOW
from tests.simulation.clerks import (
    AT_A_VISIT,
    Intent,
    Staff,
    answer_recalls,
    carry_out,
    intended,
    look_after_axis,
    look_after_failures,
    staff_of,
    take_back,
    work_off_inbox,
)
from tests.simulation.judging import pending_at_axis, pending_at_office
from tests.simulation.network import Chances, Network, RemoteGateway
from tests.simulation.nodes import Killed, Node, operating_system, settled

REPORT = {
    "verdict": "TOTAL-PASSED",
    "document": "complete",
    "signatures": [],
    "changes_after_signing": [],
    "reasons": [],
}
"""What every assessment finds here: signatures are not what is simulated."""

ATTEMPTS = 4  # instead of ten: then it fails, and people have to send again
PACE = timedelta(seconds=10)  # in which an office issues a document to one recipient
MUCH = 20  # who did so many pieces of work goes on at once: more is likely to wait
MOMENT_SECONDS = 3.0
PATIENCE = timedelta(hours=48)  # afterwards; what is pending then is pending for ever
LAST_LINES = 60


@dataclass(frozen=True)
class Plan:
    """A run: the same plan gives the same run, statement for statement."""

    seed: int
    messages: int = 10_000  # documents, counted once for each recipient
    offices: int = 50
    faults: float = 1.0  # how dense they are; 0: none


@dataclass
class Office:
    node: Node
    axis: Node
    staff: Staff
    gateway: RemoteGateway
    second_worker_runs: bool = False


class World:
    """`run` lets everything happen; what went wrong by then is in `troubles`."""

    def __init__(self, plan: Plan, template: Path, folder: Path) -> None:
        self.plan, self.now, self.began = plan, NOW, NOW
        self.ends = NOW + max(timedelta(minutes=5), PACE * plan.messages / plan.offices)
        self.rng = random.Random(f"world {plan.seed}")
        self.troubles: list[str] = []
        self.faults: Counter[str] = Counter()
        self.lines: deque[str] = deque(maxlen=LAST_LINES)
        self._trace = sha256()
        self._events: list[tuple[datetime, int, str, Callable[[], object]]] = []
        self._order = count()
        self._buried: set[str] = set()
        self.network = Network(
            rng=random.Random(f"network {plan.seed}"),
            later=lambda delay, effect: self._at(
                self.now + delay, "late", lambda: self._take_effect(effect)
            ),
            meanwhile=self._second_worker,
            clock=self.clock_of,
            died=self._bury,
            chances=Chances.times(plan.faults),
        )
        self.axes = [self._node(name, template, folder) for name in ("axis-a", "axis-b")]
        with self.axes[0].running():
            day = legal_day(NOW)
            agencies = Agency.objects.as_of(day).order_by("pk").values_list("key", flat=True)
            staffs = [staff for key in agencies if (staff := staff_of(key, day))][: plan.offices]
        self.bodies = {key: body for staff in staffs for key, body in staff.bodies.items()}
        self.offices = {}
        for index, staff in enumerate(staffs):
            node = self._node(f"office-{index + 1:02}", template, folder)
            axis = self.axes[index % 2]
            gateway = RemoteGateway(
                self.network, node, axis, at_once=self.rng.choice([1, 8, 40, 40])
            )
            self.offices[node.name] = Office(node, axis, staff, gateway)
        self.home = {key: one for one in self.offices.values() for key in one.staff.bodies}
        self._register()
        self.intents = list(intended(sorted(self.bodies), plan.messages, rng=self.rng))
        self.undone = len(self.intents) + sum(one.is_recalled for one in self.intents)
        self.replacements = {one.replaces: one for one in self.intents if one.replaces}
        self.is_healed = False

    def _node(self, name: str, template: Path, folder: Path) -> Node:
        return Node(name, template, folder / name, random.Random(f"{name} {self.plan.seed}"))

    def _register(self) -> None:
        """Each axis knows its own offices, and the other axis as its neighbour with all others."""
        day = legal_day(NOW)
        for axis in self.axes:
            for office in self.offices.values():
                serving = office.node if office.axis is axis else office.axis
                members = [
                    Registration(code.code, body.name)
                    for body in office.staff.bodies.values()
                    for code in body.codes.all()
                    if code.is_in_force(day)
                ]
                with axis.running():
                    register_system(serving.name, serving.name, members, secret=serving.name)
        for axis, other in (self.axes, self.axes[::-1]):
            with axis.running():
                connect_neighbour(
                    System.objects.get(system_id=other.name),
                    url=f"https://{other.name}",
                    our_system_id=axis.name,
                    our_secret=axis.name,
                    officer=None,
                    now=NOW,
                )

    # The run

    def run(self, tell: Callable[["World"], None] = lambda world: None) -> None:
        """Issue, exchange and handle everything, then heal and wait until nothing is pending.

        tell is called every five minutes of its time.
        """
        told = self.now
        for intent in self.intents:
            if intent.replaces:  # issued some time after the other
                continue
            at = self.now + (self.ends - self.now) * self.rng.random()
            self._at(at, "issue", lambda intent=intent: self._issue(intent))
        for office in self.offices.values():
            self._again(lambda office=office: self._work(office), "work", seconds=120)
            self._again(lambda office=office: self._visit(office), "visit", seconds=240)
        for axis, other in (self.axes, self.axes[::-1]):
            self._again(
                lambda axis=axis, other=other: self._forward(axis, other), "forward", seconds=60
            )
            self._again(lambda axis=axis: self._operate(axis), "operate", seconds=600)
        if self.plan.faults:
            self._again(self._go_wrong, "fault", seconds=150 / len(self.offices) / self.plan.faults)
        self._at(self.ends + timedelta(minutes=10), "heal", self._heal)
        while self._events and not self.troubles:
            self.now, _, what, event = heapq.heappop(self._events)
            event()
            if self.now >= told:
                told = self.now + timedelta(minutes=5)
                tell(self)
            if self.is_healed and what == "look" and not any(self.pending()):
                return
        if not self.troubles:
            self.troubles.append("pending for ever: " + ", ".join(self.pending()))

    def trace(self) -> str:
        """A digest of all that happened, in order."""
        return self._trace.hexdigest()

    def clock_of(self, node: Node) -> datetime:
        return self.now + node.clock_error

    def say(self, line: str) -> None:
        line = f"{self.now:%d %H:%M:%S.%f} {line}"
        self.lines.append(line)
        self._trace.update(line.encode())

    def _at(self, at: datetime, what: str, event: Callable[[], object]) -> None:
        heapq.heappush(self._events, (at, next(self._order), what, event))

    def _again(self, event: Callable[[], bool | None], what: str, *, seconds: float) -> None:
        """Let something happen over and over, at random moments so far apart on average.

        What returns that there is more to do happens again in a moment: the pauses are those of
        an idle node, and the steps of a run grow with its messages, not with its hours.
        """

        def happen() -> None:
            if not (what == "fault" and self.is_healed):
                after(MOMENT_SECONDS if event() else seconds)

        def after(mean: float) -> None:
            pause = timedelta(seconds=min(self.rng.expovariate(1 / mean), 5 * mean))
            self._at(self.now + pause, what, happen)

        after(seconds)

    def _on(self, node: Node, what: str, act: Callable[[], Any]) -> Any:
        """Run code on a node; what it dies of or runs into by design is no trouble."""
        if node.is_dead:
            return None
        before = node.steps
        result: Any = None
        try:
            with node.running():
                result = act()
        except Killed as killed:
            self._bury(killed)
            result = f"killed at {killed.step}"
        except (StorageFull, GatewayUnavailable, DatabaseError) as expected:
            result = type(expected).__name__
            if isinstance(expected, DatabaseError) and "full" not in str(expected):
                self._trouble(f"{node.name}: {what}")
        except Exception:
            self._trouble(f"{node.name}: {what}")
        self.say(f"{node.name} {what}: {result} in {node.steps - before} steps")
        return result

    def _trouble(self, what: str) -> None:
        self.troubles.append(f"{what}\n{traceback.format_exc()}")

    def _issue(self, intent: Intent) -> None:
        office = self.home[intent.sender]

        def issue() -> bool:
            carry_out(intent, office.staff, self.bodies, self.clock_of(office.node))
            return True

        if self._on(office.node, f"issues {intent.key}", issue) is not True:
            self._at(self.now + timedelta(minutes=2), "issue", lambda: self._issue(intent))
            return
        self.undone -= 1
        soon = self.now + timedelta(minutes=self.rng.expovariate(1 / 5))
        if intent.is_recalled:
            self._at(soon, "recall", lambda: self._recall(intent))
        if intent.key in self.replacements:
            later = self.replacements[intent.key]
            self._at(soon, "issue", lambda: self._issue(later))

    def _recall(self, intent: Intent) -> None:
        office = self.home[intent.sender]

        def recall() -> bool:
            take_back(intent, office.staff, self.clock_of(office.node))
            return True

        if self._on(office.node, f"recalls {intent.key}", recall) is True:
            self.undone -= 1
        else:
            self._at(self.now + timedelta(minutes=2), "recall", lambda: self._recall(intent))

    def _work(self, office: Office) -> bool:
        now = self.clock_of(office.node)
        done = self._on(office.node, "works", lambda: tick(now, gateway=office.gateway))
        much = min(MUCH, TURNS * office.gateway.at_once)
        return isinstance(done, int) and done >= much

    def _visit(self, office: Office) -> bool:
        now = self.clock_of(office.node)
        done = self._on(office.node, "decides", lambda: work_off_inbox(office.staff, now))
        self._on(office.node, "answers", lambda: answer_recalls(office.staff, now))
        self._on(office.node, "looks after", lambda: look_after_failures(office.staff, now))
        return isinstance(done, int) and done >= AT_A_VISIT

    def _second_worker(self, node: Node, slow: timedelta) -> None:
        """While a worker waits for an answer, time goes on and another works on the same rows."""
        office = self.offices.get(node.name)
        if office is None or office.second_worker_runs:
            return
        office.second_worker_runs = True
        try:
            tick(self.clock_of(node) + slow, gateway=office.gateway)
        finally:
            office.second_worker_runs = False

    def _take_effect(self, effect: Callable[[], object]) -> None:
        """A call whose caller has long given up reaches the axis; nobody hears the answer."""
        try:
            effect()
        except GatewayError:
            pass
        except Exception:
            self._trouble("a late call")

    def _forward(self, axis: Node, other: Node) -> bool:
        far, now = RemoteGateway(self.network, axis, other, at_once=40), self.clock_of(axis)

        def forward() -> int:
            forwarded = forward_waiting(lambda _: far, now)
            return forwarded + follow_forwarded(lambda _: far, now) + expire_next(now)

        # What had no answer goes on alone: however little was done, as much again may wait.
        done = self._on(axis, "forwards", forward)
        return isinstance(done, int) and done > 0

    def _operate(self, axis: Node) -> None:
        operator, now = next(iter(self.offices.values())).staff.clerk, self.clock_of(axis)
        self._on(axis, "operates", lambda: look_after_axis(operator, now))

    # Faults

    def _go_wrong(self) -> None:
        node = self.rng.choice(self.nodes())
        fault = self.rng.choice(["kill", "kill", "power", "cut", "full", "clock"])
        lasting = timedelta(minutes=min(self.rng.expovariate(1 / 4), 20))
        self.faults[fault] += 1
        self.say(f"{node.name} fault: {fault}")
        match fault:
            case "kill" | "power":
                node.dies_in = node.dies_in or self.rng.randint(1, 400)
                node.loses_power |= fault == "power"
            case "cut":
                line = (node.name, self._axis_of(node).name)
                self.network.cut.add(line)
                self._at(self.now + lasting, "mend", lambda: self.network.cut.discard(line))
            case "full":
                self._for(lasting, node, "is_full", True, False)
            case "clock":
                error = timedelta(minutes=self.rng.uniform(-10, 10))
                self._for(lasting, node, "clock_error", error, timedelta(0))

    def _axis_of(self, node: Node) -> Node:
        office = self.offices.get(node.name)
        return office.axis if office else next(axis for axis in self.axes if axis is not node)

    def _for(self, lasting: timedelta, node: Node, name: str, value: Any, after: Any) -> None:
        setattr(node, name, value)
        self._at(self.now + lasting, "mend", lambda: setattr(node, name, after))

    def _bury(self, killed: Killed) -> None:
        """A killed node starts again after a while, once."""
        node = killed.node
        if node.name in self._buried:
            return
        self._buried.add(node.name)
        self.faults["killed"] += 1
        self.say(f"{node.name} killed at {killed.step}")
        self._at(
            self.now + timedelta(seconds=self.rng.uniform(1, 300)),
            "restart",
            lambda: self._restart(node),
        )

    def _restart(self, node: Node) -> None:
        self._buried.discard(node.name)
        lost = node.restart()
        self.faults["files lost"] += lost
        self.say(f"{node.name} restarts without {lost} files")

    def _heal(self) -> None:
        self.is_healed = True
        self.say("healed")
        self.network.chances = Chances.times(0)
        self.network.cut.clear()
        for node in self.nodes():
            node.dies_in, node.is_full, node.clock_error = None, False, timedelta(0)
            node.loses_power = False
        for minutes in range(5, int(PATIENCE.total_seconds() / 60), 5):
            self._at(self.now + timedelta(minutes=minutes), "look", lambda: None)
        self._at(self.now + PATIENCE, "end", self._events.clear)

    def pending(self) -> Iterator[str]:
        """What is still to be done, by node."""
        if self.undone:
            yield f"{self.undone} acts of senders"
        for node in self.nodes():
            with node.running():
                waiting = [*(pending_at_axis if node in self.axes else pending_at_office)()]
            yield from (f"{node.name}: {what}" for what in waiting)

    def delivered(self) -> int:
        """How many documents have come to the offices."""
        found = 0
        for office in self.offices.values():
            with office.node.running(), mock.patch.object(office.node, "step"):
                found += Delivery.objects.count()
        return found

    def close(self) -> None:
        for node in self.nodes():
            node.close()

    def codes(self) -> list[str]:
        """The codes that documents go to."""
        return sorted(body.organ_id(legal_day(NOW)) for body in self.bodies.values())

    def nodes(self) -> list[Node]:
        return [*self.axes, *(office.node for office in self.offices.values())]


@contextmanager
def simulated(plan: Plan, template: Path) -> Iterator[World]:
    """A world before its run, in a folder of its own, in memory where the system has such."""
    memory = Path("/dev/shm")
    base = memory if memory.is_dir() else None
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="chauban-simulation-", dir=base))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        settled(template, folder / "template.sqlite3")
        stack.enter_context(operating_system(random.Random(f"system {plan.seed}")))
        world = World(plan, folder / "template.sqlite3", folder)
        stack.callback(world.close)
        asked_by_document = world.codes()[::3]
        stack.enter_context(mock.patch.object(settings, "RECALL_BY_DOCUMENT", asked_by_document))
        stack.enter_context(mock.patch("chauban.exchange.rules.MAX_ATTEMPTS", ATTEMPTS))
        stack.enter_context(_errors_heard(world.troubles))
        stack.enter_context(mock.patch("chauban.exchange.assessing.in_child", return_value=REPORT))
        stack.enter_context(mock.patch("chauban.cli.work.current_trust", return_value=None))
        yield world


@contextmanager
def _errors_heard(troubles: list[str]) -> Iterator[None]:
    """What a worker logs as broken is a trouble; what it says of faults is not printed."""

    class Heard(logging.Handler):
        def emit(self, line: logging.LogRecord) -> None:
            if line.exc_info:
                troubles.append(f"{line.getMessage()}\n{logging.Formatter().format(line)}")

    log, handler = logging.getLogger("chauban"), Heard(logging.WARNING)
    was = log.propagate, log.handlers
    log.propagate, log.handlers = False, [handler]
    try:
        yield
    finally:
        log.propagate, log.handlers = was
