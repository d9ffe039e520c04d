"""The network between nodes: what is asked over it may be lost, late, repeated or without answer.

Every call is made by the real gateway of the axis inside its node (`LocalGateway`); only what lies
between is simulated.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import OperationalError

from chauban.axis.adapters.local import LocalGateway
from chauban.blobs.errors import StorageFull
from chauban.directory.synchronising import Listed
from chauban.exchange.ports import (
    Carried,
    Envelope,
    GatewayError,
    GatewayUnavailable,
    NotOffered,
    Outcome,
    Sent,
    Waiting,
    one_by_one,
)
from chauban.exchange.receipts import Receipt
from tests.simulation.nodes import Killed, Node

Answer = TypeVar("Answer")
Thing = TypeVar("Thing")


@dataclass
class Chances:
    """How often each thing happens to one call."""

    request_lost: float = 0.05
    answer_lost: float = 0.05
    late: float = 0.03
    repeated: float = 0.03
    slow: float = 0.02

    @classmethod
    def times(cls, density: float) -> "Chances":
        """So many times as often; none at 0."""
        return cls(*(density * each for each in astuple(cls())))


@dataclass
class Network:
    """`later` schedules what reaches an axis after its caller gave up, out of order.

    `meanwhile` lets another worker of the caller's node go on while the answer is on its way.
    """

    rng: random.Random
    later: Callable[[timedelta, Callable[[], object]], None]
    meanwhile: Callable[[Node, timedelta], None]
    clock: Callable[[Node], datetime]
    died: Callable[[Killed], None]
    chances: Chances = field(default_factory=Chances)
    cut: set[tuple[str, str]] = field(default_factory=set)
    happened: dict[str, int] = field(default_factory=dict)

    def ask(
        self,
        caller: Node,
        axis: Node,
        call: Callable[[LocalGateway, datetime], Answer],
        *,
        system_id: str,
    ) -> Answer:
        """The axis's answer to a call.

        Raises: GatewayUnavailable; and what the axis's gateway raises.
        """
        caller.step("call of the axis")

        def serve() -> Answer:
            return self._serve(axis, call, system_id)

        chances, rng = self.chances, self.rng
        if (caller.name, axis.name) in self.cut or axis.is_dead:
            raise self._silent("no way through")
        if rng.random() < chances.request_lost:
            raise self._silent("request lost")
        if rng.random() < chances.late:
            self.later(timedelta(seconds=rng.uniform(1, 900)), serve)
            raise self._silent("request late")
        if rng.random() < chances.repeated:
            self.later(timedelta(seconds=rng.uniform(1, 900)), serve)
            self._note("request repeated")
        answer = serve()
        if rng.random() < chances.answer_lost:
            raise self._silent("answer lost")
        if rng.random() < chances.slow:
            self._note("answer slow")
            self.meanwhile(caller, timedelta(seconds=rng.uniform(30, 150)))
        caller.step("answer of the axis")
        return answer

    def _serve(
        self, axis: Node, call: Callable[[LocalGateway, datetime], Answer], system_id: str
    ) -> Answer:
        if axis.is_dead:
            raise self._silent("axis dead")
        try:
            with axis.running():
                gateway = LocalGateway()
                gateway.system_id = system_id
                return call(gateway, self.clock(axis))
        except Killed as killed:
            if killed.node is not axis:
                raise
            self.died(killed)
            raise self._silent("axis killed") from None
        except (StorageFull, OperationalError) as full:  # over HTTP: status 503
            raise self._silent("axis full") from full

    def _silent(self, what: str) -> GatewayUnavailable:
        self._note(what)
        return GatewayUnavailable(what)

    def _note(self, what: str) -> None:
        self.happened[what] = self.happened.get(what, 0) + 1


class RemoteGateway:
    """exchange.ports.Gateway: an axis on the other side of the network."""

    poll_every = timedelta(0)

    def __init__(self, network: Network, caller: Node, axis: Node, *, at_once: int) -> None:
        self.network, self.caller, self.axis = network, caller, axis
        self.system_id = caller.name
        self.name = axis.name
        self.at_once = at_once

    def _ask(self, call: Callable[[LocalGateway, datetime], Answer]) -> Answer:
        return self.network.ask(self.caller, self.axis, call, system_id=self.system_id)

    def _each(
        self,
        things: Sequence[Thing],
        call: Callable[[LocalGateway, Sequence[Thing], datetime], Sequence[Answer]],
    ) -> list[Answer | GatewayError]:
        """What the axis makes of each thing: asked in one call, or in one for each."""

        def ask(some: Sequence[Thing]) -> list[Answer]:
            return list(self._ask(lambda axis, at: list(call(axis, some, at))))

        if self.at_once == 1:
            return list(one_by_one(lambda thing: ask([thing])[0], things))
        try:
            return [*ask(things)] if things else []
        except GatewayUnavailable as silence:
            return [silence] * len(things)

    def send(self, envelopes: Sequence[Envelope], *, now: datetime) -> Sequence[Sent]:
        return self._each(envelopes, lambda axis, some, at: axis.send(some, now=at))

    def waiting(self, type: str, *, now: datetime) -> Sequence[Waiting]:
        return self._ask(lambda axis, at: axis.waiting(type, now=at))

    def fetch(self, package_ids: Sequence[str], *, now: datetime) -> Iterator[bytes | GatewayError]:
        yield from self._each(package_ids, lambda axis, some, at: [*axis.fetch(some, now=at)])

    def confirm(
        self, outcomes: Sequence[Outcome], *, now: datetime
    ) -> Sequence[GatewayError | None]:
        return self._each(outcomes, lambda axis, some, at: axis.confirm(some, now=at))

    def track(self, package_id: str, *, now: datetime) -> Sequence[Carried]:
        return self._ask(lambda axis, at: axis.track(package_id, now=at))

    def receipts(self, package_id: str, *, now: datetime) -> Sequence[Receipt]:
        raise NotOffered("none")

    def organisations(self, *, now: datetime) -> Iterator[Listed]:
        yield from self._ask(lambda axis, at: list(axis.organisations(now=at)))
