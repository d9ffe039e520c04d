"""The axis inside this installation, without a network."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings

from chauban.axis import actions
from chauban.axis.errors import AxisRefusal
from chauban.axis.models import Carriage, System
from chauban.axis.words import explain
from chauban.blobs import store
from chauban.exchange.ports import (
    Acknowledgement,
    Carried,
    Envelope,
    GatewayUnavailable,
    Refusal,
    RefusedByAxis,
    Waiting,
)

LISTED = 200


class LocalGateway:
    """exchange.ports.Gateway by the axis's own actions; nothing of it leaves the process."""

    poll_every = timedelta(0)

    def __init__(self) -> None:
        self.system_id: str = settings.ENVIRONMENT.axis_system_id

    def send(self, envelope: Envelope, *, now: datetime) -> Acknowledgement:
        system = System.objects.filter(system_id=self.system_id).first()
        if system is None:
            raise GatewayUnavailable(f"system {self.system_id} is not registered with the axis")
        with _refusals():
            receipt = actions.accept_package(
                envelope.raw, system=system, to=envelope.to_organ_ids, now=now
            )
        return Acknowledgement(
            package_id=str(receipt.package.pk),
            refusals={
                code: Refusal(refusal.code, explain(refusal).vi)
                for code, refusal in receipt.refusals.items()
            },
        )

    def waiting(self, type: str, *, now: datetime) -> Sequence[Waiting]:
        carriages = Carriage.objects.for_system(self.system_id).waiting(type)
        return [
            Waiting(
                package_id=str(one.pk),
                type=type,
                from_organ_id=one.package.from_organ_id,
                to_organ_id=one.to.organ_id,
            )
            for one in carriages.select_related("package", "to")[:LISTED]
        ]

    def fetch(self, package_id: str, *, now: datetime) -> bytes:
        with _refusals():
            carriage = actions.require_carriage(self.system_id, package_id)
        return store.read(carriage.package.raw)

    def confirm(self, package_id: str, *, state: str, description: str, now: datetime) -> None:
        with _refusals():
            actions.update_state(
                self.system_id, package_id, state=state, description=description, now=now
            )

    def track(self, package_id: str, *, now: datetime) -> Sequence[Carried]:
        with _refusals():
            package = actions.require_sent(self.system_id, package_id)
        return [
            Carried(one.to.organ_id, one.state, one.description)
            for one in package.carriages.select_related("to")
        ]


@contextmanager
def _refusals() -> Iterator[None]:
    """The axis's refusals as the port has them."""
    try:
        yield
    except AxisRefusal as refusal:
        words = explain(refusal)
        raise RefusedByAxis(refusal.code, vi=words.vi, en=words.en) from refusal
