"""The axis inside this installation, without a network."""

from collections.abc import Sequence
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

    def send(self, envelope: Envelope, *, now: datetime) -> Acknowledgement:
        try:
            receipt = actions.accept_package(
                envelope.raw, system=_our_system(), to=envelope.to_organ_ids, now=now
            )
        except AxisRefusal as refusal:
            raise _refused(refusal) from refusal
        return Acknowledgement(
            package_id=str(receipt.package.pk),
            refusals={
                code: Refusal(refusal.code, explain(refusal).vi)
                for code, refusal in receipt.refusals.items()
            },
        )

    def waiting(self, type: str, *, now: datetime) -> Sequence[Waiting]:
        carriages = Carriage.objects.for_system(_our_system()).waiting(type)
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
        return store.read(self._carriage(package_id).package.raw)

    def confirm(self, package_id: str, *, state: str, description: str, now: datetime) -> None:
        carriage = self._carriage(package_id)
        actions.update_state(carriage, state=state, description=description, now=now)

    def track(self, package_id: str, *, now: datetime) -> Sequence[Carried]:
        try:
            package = actions.require_sent(_our_system(), package_id)
        except AxisRefusal as refusal:
            raise _refused(refusal) from refusal
        return [
            Carried(one.to.organ_id, one.state, one.description)
            for one in package.carriages.select_related("to")
        ]

    def _carriage(self, package_id: str) -> Carriage:
        try:
            return actions.require_carriage(_our_system(), package_id)
        except AxisRefusal as refusal:
            raise _refused(refusal) from refusal


def _our_system() -> System:
    """Raises: GatewayUnavailable, until the installation is registered with its axis."""
    system_id = settings.ENVIRONMENT.axis_system_id
    system = System.objects.filter(system_id=system_id).first()
    if system is None:
        raise GatewayUnavailable(f"system {system_id} is not registered with the axis")
    return system


def _refused(refusal: AxisRefusal) -> RefusedByAxis:
    words = explain(refusal)
    return RefusedByAxis(refusal.code, vi=words.vi, en=words.en)
