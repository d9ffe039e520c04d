"""The axis inside this installation, without a network."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, groupby

from django.conf import settings

from chauban.axis import actions
from chauban.axis.errors import AxisRefusal, UnknownPackage
from chauban.axis.models import Carriage, Member, System
from chauban.axis.words import explain
from chauban.blobs import store
from chauban.directory.rules import superior_code
from chauban.directory.synchronising import Listed
from chauban.exchange.ports import (
    WHOLE_BYTES,
    Acknowledgement,
    Carried,
    Envelope,
    Fetched,
    GatewayError,
    GatewayUnavailable,
    NotOffered,
    Outcome,
    Refusal,
    RefusedByAxis,
    Sent,
    Waiting,
)
from chauban.exchange.receipts import Receipt

LISTED = 400


class LocalGateway:
    """exchange.ports.Gateway by the axis's own actions; nothing of it leaves the process."""

    name = "local"
    poll_every = timedelta(0)
    at_once = 120

    def __init__(self) -> None:
        self.system_id: str = settings.ENVIRONMENT.axis_system_id

    def send(self, envelopes: Sequence[Envelope], *, now: datetime) -> Sequence[Sent]:
        system = System.objects.filter(system_id=self.system_id, is_active=True).first()
        if system is None:
            silence = GatewayUnavailable(f"system {self.system_id} is not open on the axis")
            return [silence] * len(envelopes)
        handed = [actions.Handed(one.raw, one.to_organ_ids, one.hops) for one in envelopes]
        return [_sent(one) for one in actions.accept_packages(handed, system=system, now=now)]

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

    def fetch(self, package_ids: Sequence[str], *, now: datetime) -> Iterator[Fetched]:
        carriages = actions.carriages_by_id(self.system_id, package_ids)
        for package_id in package_ids:
            if package_id in carriages:
                raw = carriages[package_id].package.raw
                yield raw if raw.size_bytes > WHOLE_BYTES else store.read(raw)
            else:
                yield _refused(UnknownPackage(package_id[:60]))

    def confirm(
        self, outcomes: Sequence[Outcome], *, now: datetime
    ) -> Sequence[GatewayError | None]:
        known: set[str] = set()
        for (state, description), alike in groupby(sorted(outcomes, key=_said), key=_said):
            known |= set(
                actions.update_states(
                    self.system_id,
                    [one.package_id for one in alike],
                    state=state,
                    description=description,
                    now=now,
                )
            )
        return [
            None if one.package_id in known else _refused(UnknownPackage(one.package_id[:60]))
            for one in outcomes
        ]

    def track(self, package_id: str, *, now: datetime) -> Sequence[Carried]:
        try:
            package = actions.require_sent(self.system_id, package_id)
        except AxisRefusal as refusal:
            raise _refused(refusal) from refusal
        return [
            Carried(one.to.organ_id, one.state, one.description)
            for one in package.carriages.select_related("to")
        ]

    def organisations(self, *, now: datetime) -> Iterator[Listed]:
        members = Member.objects.on_axis().order_by("pk")
        both, one_code = members.exclude(old_organ_id=""), members.filter(old_organ_id="")
        for one in chain(both.iterator(), one_code.iterator()):
            yield Listed(one.organ_id, one.name, superior_code(one.organ_id), one.old_organ_id)

    def receipts(self, package_id: str, *, now: datetime) -> Sequence[Receipt]:
        raise NotOffered("they stand here, in the tables of exchange")


def _sent(outcome: actions.Receipt | AxisRefusal) -> Sent:
    if isinstance(outcome, AxisRefusal):
        return _refused(outcome)
    return Acknowledgement(
        package_id=str(outcome.package.pk),
        refusals={
            code: Refusal(refusal.code, explain(refusal).vi)
            for code, refusal in outcome.refusals.items()
        },
    )


def _refused(refusal: AxisRefusal) -> RefusedByAxis:
    """The axis's refusal as the port has it."""
    words = explain(refusal)
    return RefusedByAxis(refusal.code, vi=words.vi, en=words.en)


def _said(outcome: Outcome) -> tuple[str, str]:
    return outcome.state, outcome.description
