"""Paying what is owed: the outbox, one message at a time."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import models, transaction

from chauban.blobs import store
from chauban.blobs.errors import BlobError
from chauban.exchange.leases import claim_first, hold
from chauban.exchange.models import Delivery, OutgoingMessage, Recipient, Transport
from chauban.exchange.ports import (
    Acknowledgement,
    Envelope,
    Gateway,
    GatewayUnavailable,
    Refusal,
    RefusedByAxis,
)
from chauban.exchange.rules import delay_after, is_last_attempt
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.models import OutgoingDocument

# A worker slower than its lease still settles what no other has taken meanwhile (leases.hold).
LEASE = timedelta(minutes=1)
TRACK_FIRST = timedelta(minutes=2)
TRACK_AGAIN = timedelta(minutes=30)

State = OutgoingMessage.State


def send_next(gateway: Gateway, *, now: datetime) -> bool:
    """Send the message that has been due longest. Return False when none is due.

    The claim and the settling are two short transactions; the network call is in neither.
    After a crash in between, the same bytes go again when the lease ends; the axis and the
    receiver know them and answer alike.
    """
    message = claim_first(OutgoingMessage.objects.due(now), now=now, lease=LEASE)
    if message is None:
        return False
    try:
        acknowledgement = gateway.send(_envelope(message), now=now)
    except BlobError as damaged:
        with transaction.atomic():
            if hold(message):
                _fail(message, code="file-damaged", detail=str(damaged), now=now)
    except GatewayUnavailable as unavailable:
        _put_off(message, unavailable.reason, now=now)
    except RefusedByAxis as refusal:
        _refuse(message, refusal, now=now)
    else:
        _settle(message, acknowledgement, now=now)
    return True


def track_next(gateway: Gateway, *, now: datetime) -> bool:
    """Ask the axis how far one sent document has come for each recipient; False: none to ask.

    A recipient that has answered needs no asking. Asking ends when every recipient's system
    has fetched its copy or could not; who could not is shown to the clerk.
    """
    message = claim_first(OutgoingMessage.objects.to_track(now), now=now, lease=LEASE)
    if message is None:
        return False
    if not _unfetched(message).exists():
        _track_at(message, None)
        return True
    try:
        carried = gateway.track(message.package_id, now=now)
    except (GatewayUnavailable, RefusedByAxis):
        _track_at(message, now + TRACK_AGAIN)
        return True
    with transaction.atomic():
        for one in carried:
            unfetched = _unfetched(message).filter(organ_id=one.to_organ_id)
            unfetched.update(
                transport=one.state.lower(),
                **({"refused_reason": one.description[:300]} if one.state == "fail" else {}),
            )
        _track_at(message, now + TRACK_AGAIN if _unfetched(message).exists() else None)
    return True


def _envelope(message: OutgoingMessage) -> Envelope:
    """Raises: BlobMissing, BlobDamaged."""
    return Envelope(
        type=message.type,
        from_organ_id=message.from_organ_id,
        to_organ_ids=tuple(message.to_organ_ids),
        raw=store.read(message.raw),
    )


def _settle(message: OutgoingMessage, acknowledgement: Acknowledgement, *, now: datetime) -> None:
    with transaction.atomic():
        if not hold(message):
            return
        message.state = State.SENT
        message.package_id = acknowledgement.package_id
        message.sent_at = now
        message.track_at = now + TRACK_FIRST if message.document_id else None
        message.lease_until = None
        message.error_code = message.error_detail = ""
        message.save()
        if message.document_id:
            _mark_recipients(message, acknowledgement.refusals)
        record(
            ActKind.SENT,
            on=_subject(message),
            by=None,
            at=now,
            digest=message.raw_id,
            message=message.pk,
            package_id=message.package_id,
            status_code=message.status_code,
            refused=len(acknowledgement.refusals),
        )


def _refuse(message: OutgoingMessage, refusal: RefusedByAxis, *, now: datetime) -> None:
    with transaction.atomic():
        if not hold(message):
            return
        everyone = Refusal(refusal.code, refusal.vi)
        _mark_recipients(message, dict.fromkeys(message.to_organ_ids, everyone))
        _fail(message, code=refusal.code, detail=refusal.vi, now=now)


def _put_off(message: OutgoingMessage, reason: str, *, now: datetime) -> None:
    with transaction.atomic():
        if not hold(message):
            return
        if is_last_attempt(message.attempts):
            _fail(message, code="unavailable", detail=reason, now=now)
            return
        message.due_at = now + delay_after(message.attempts)
        message.lease_until = None
        message.error_code, message.error_detail = "unavailable", reason[:300]
        message.save()


def _fail(message: OutgoingMessage, *, code: str, detail: str, now: datetime) -> None:
    message.state = State.FAILED
    message.lease_until = None
    message.error_code, message.error_detail = code[:40], detail[:300]
    message.save()
    record(
        ActKind.SENDING_FAILED,
        on=message.document or message.delivery or message,
        by=None,
        at=now,
        digest=message.raw_id,
        message=message.pk,
        code=message.error_code,
        status_code=message.status_code,
    )


def _subject(message: OutgoingMessage) -> models.Model:
    """What the journal says was sent: the document, or the delivery that a status is about."""
    if message.document_id:
        return OutgoingDocument(pk=message.document_id)
    return Delivery(pk=message.delivery_id)


def _mark_recipients(message: OutgoingMessage, refusals: Mapping[str, Refusal]) -> None:
    Recipient.objects.filter(message=message).exclude(organ_id__in=refusals).update(
        transport=Transport.INITIAL
    )
    for organ_id, refusal in refusals.items():
        Recipient.objects.filter(message=message, organ_id=organ_id).update(
            refusal=refusal.code[:40], refused_reason=refusal.vi[:300]
        )


def _unfetched(message: OutgoingMessage) -> "models.QuerySet[Recipient]":
    return Recipient.objects.filter(
        message=message,
        status_code="",
        refusal="",
        transport__in=[Transport.INITIAL, Transport.PROCESSING],
    )


def _track_at(message: OutgoingMessage, at: datetime | None) -> None:
    OutgoingMessage.objects.filter(pk=message.pk).update(track_at=at, lease_until=None)
