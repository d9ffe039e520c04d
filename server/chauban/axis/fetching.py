"""Fetching what a neighbouring axis keeps for our agencies, where it does not send it itself.

What is fetched goes the way of every package: the same limits and refusals, the same copies. The
neighbour hears `processing` when it stands here, and how our own copy ended when it has.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import models, transaction

from chauban.axis.actions import Handed, Receipt, accept, named, note_rejection, refusal_for
from chauban.axis.errors import AxisRefusal, MessageTooLarge
from chauban.axis.forwarding import GatewayOf, note_contact, note_silence
from chauban.axis.models import Carriage, KeptCopy, Neighbour
from chauban.axis.words import explain
from chauban.blobs.models import Blob
from chauban.exchange.arriving import arriving
from chauban.exchange.leases import claim_some, hold_all, settle_all
from chauban.exchange.models import MessageType
from chauban.exchange.ports import (
    Coming,
    Fetched,
    Gateway,
    GatewayError,
    GatewayUnavailable,
    Outcome,
    PackageTooLarge,
)
from chauban_edxml.errors import NotReadable

LEASE = timedelta(minutes=2)
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
ENDED = (Carriage.State.DONE, Carriage.State.FAIL)
HOPS = 1  # the neighbour itself; who was before it, it does not say


def list_kept(gateway_of: GatewayOf, now: datetime) -> int:
    """Note what neighbours keep for our agencies; return how many copies are new."""
    polled = Neighbour.objects.to_call(now).filter(is_polled=True)
    return sum(_list(neighbour, gateway_of(neighbour), now=now) for neighbour in polled)


def fetch_kept(gateway_of: GatewayOf, now: datetime) -> int:
    """Take over copies that neighbours keep, and tell them what became of those taken before.

    Return how many were dealt with. After a crash a package is fetched again and found to be
    known: the same bytes of one system are one package.
    """
    polled = Neighbour.objects.to_call(now).filter(is_polled=True).select_related("system")
    return sum(_fetch(neighbour, gateway_of(neighbour), now=now) for neighbour in polled)


def _list(neighbour: Neighbour, gateway: Gateway, *, now: datetime) -> int:
    if neighbour.polled_at and now < neighbour.polled_at + gateway.poll_every:
        return 0
    try:
        listed = [one for type in MessageType for one in gateway.waiting(type, now=now)]
    except GatewayUnavailable as silence:
        note_silence(neighbour, silence, now=now)
        return 0
    with transaction.atomic():
        note_contact(neighbour, now=now)
        Neighbour.objects.filter(pk=neighbour.pk).update(polled_at=now)
        ours = KeptCopy.objects.filter(neighbour=neighbour)
        again = ours.filter(far_id__in=[one.package_id for one in listed])
        known = set(again.values_list("far_id", flat=True))
        # It offers again what it heard had failed; what is done, it has not heard of yet.
        again.filter(told="fail").update(
            outcome="", description="", told="", package=None, due_at=now
        )
        again.filter(due_at=None).update(told="", due_at=now)
        new = [
            KeptCopy(
                neighbour=neighbour,
                far_id=one.package_id[:60],
                type=one.type,
                to_organ_id=one.to_organ_id[:35],
                listed_at=now,
                due_at=now,
            )
            for one in listed
            if one.package_id not in known
        ]
        KeptCopy.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _fetch(neighbour: Neighbour, gateway: Gateway, *, now: datetime) -> int:
    due = KeptCopy.objects.due(neighbour, now)
    claimed = claim_some(due, now=now, lease=LEASE, most=gateway.at_once)
    if not claimed:
        return 0
    wanted = [one for one in claimed if one.package_id is None and not one.outcome]
    fetched = gateway.fetch([one.far_id for one in wanted], now=now)
    for copy, content in zip(wanted, fetched, strict=True):
        _take_over(copy, content, neighbour, now=now)
    _look_at_ours(claimed)
    to_tell = [one for one in claimed if _word(one) not in ("", one.told)]
    outcomes = [Outcome(one.far_id, _word(one), one.description) for one in to_tell]
    told = gateway.confirm(outcomes, now=now) if to_tell else ()
    for copy, error in zip(to_tell, told, strict=True):
        if error is None:
            copy.told = _word(copy)
        elif isinstance(error, GatewayUnavailable):
            note_silence(neighbour, error, now=now)
    _settle(claimed, now=now)
    return len(claimed)


def _take_over(copy: KeptCopy, content: Fetched, neighbour: Neighbour, *, now: datetime) -> None:
    """Let our axis take a package over, or note why it does not; no answer: it waits."""
    to = (copy.to_organ_id,) if copy.to_organ_id else ()
    try:
        match content:
            case PackageTooLarge(limit_bytes=limit_bytes):
                raise MessageTooLarge(str(limit_bytes // 1_000_000))
            case GatewayError():
                return
            case _:
                taken = _accepted(content, to, neighbour, now=now)
    except AxisRefusal as refusal:
        copy.outcome, copy.description = "fail", explain(refusal).vi[:400]
        return
    except GatewayError:  # while it came
        return
    copy.package = taken.package
    if copy.to_organ_id in taken.refusals:
        reason = explain(taken.refusals[copy.to_organ_id])
        copy.outcome, copy.description = "fail", reason.vi[:400]


def _accepted(
    content: bytes | Coming | Blob, to: Sequence[str], neighbour: Neighbour, *, now: datetime
) -> Receipt:
    """Raises: an AxisRefusal; GatewayError, while the package comes; StorageFull."""
    if isinstance(content, Blob):
        return accept(Handed(content, to, HOPS), system=neighbour.system, now=now)
    pieces = content.pieces() if isinstance(content, Coming) else (content,)
    try:
        with arriving(pieces) as arrived:
            handed = Handed(arrived.raw, to, HOPS, message=arrived.message)
            return accept(handed, system=neighbour.system, now=now)
    except NotReadable as error:
        refusal = refusal_for(error)
        sha256, size_bytes = named(content) if isinstance(content, bytes) else ("", 0)
        note_rejection(
            refusal, sha256=sha256, size_bytes=size_bytes, system=neighbour.system, now=now
        )
        raise refusal from error


def _look_at_ours(copies: Sequence[KeptCopy]) -> None:
    """Note how our own copies have ended."""
    open_ones = [one for one in copies if one.package_id and not one.outcome]
    models.prefetch_related_objects(open_ones, "package__carriages__to")
    for one in open_ones:
        ours = [
            each
            for each in one.package.carriages.all()
            if one.to_organ_id in ("", each.to.organ_id)
        ]
        if all(each.state in ENDED for each in ours):
            failed = [each for each in ours if each.state == Carriage.State.FAIL]
            one.outcome = "fail" if len(failed) == len(ours) else "done"
            one.description = failed[0].description if one.outcome == "fail" and failed else ""


def _word(copy: KeptCopy) -> str:
    """What the neighbour is to hear by now."""
    return copy.outcome or ("processing" if copy.package_id else "")


def _settle(copies: Sequence[KeptCopy], *, now: datetime) -> None:
    with transaction.atomic():
        held = hold_all(copies)
        ours = [one for one in copies if one.pk in held]
        for one in ours:
            has_ended = one.outcome and one.told == one.outcome
            age = now - one.listed_at
            one.due_at = None if has_ended else now + min(max(age, SHORTEST_PAUSE), LONGEST_PAUSE)
            one.attempts = 0
        settle_all(ours, ("package", "outcome", "description", "told", "due_at", "attempts"))
