"""Paying what is owed: the outbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import models, transaction

from chauban.blobs import store
from chauban.blobs.errors import BlobError
from chauban.blobs.models import Blob
from chauban.exchange.composing import compose_owed, write_document
from chauban.exchange.keeping import about, ask_for_receipts, pause
from chauban.exchange.leases import (
    claim_first,
    claim_some,
    hold,
    hold_all,
    prolong,
    settle_all,
)
from chauban.exchange.models import (
    Delivery,
    MessageType,
    OutgoingMessage,
    PassedOn,
    ReceivedRecall,
    Recipient,
    Transport,
)
from chauban.exchange.passing_on import mark_refused
from chauban.exchange.ports import (
    WHOLE_BYTES,
    Acknowledgement,
    Carried,
    Envelope,
    Gateway,
    GatewayUnavailable,
    NotOffered,
    Refusal,
    RefusedByAxis,
)
from chauban.exchange.recalling import mark_undelivered
from chauban.exchange.rules import attempts_after_silence, delay_after, is_last_attempt
from chauban.journal.kinds import ActKind
from chauban.journal.recording import made, record, record_all
from chauban.registers.models import IncomingFile, OutgoingDocument
from chauban_edxml.model import StatusMessage
from chauban_edxml.writing import write, write_status

# A worker slower than its lease still settles what no other has taken meanwhile (leases.hold).
LEASE = timedelta(minutes=1)
TRACK_FIRST = timedelta(minutes=2)
TRACK_AGAIN = timedelta(minutes=30)

State = OutgoingMessage.State

_SETTLED = (
    "from_organ_id",
    "raw",
    "state",
    "package_id",
    "sent_at",
    "track_at",
    "error_code",
    "error_detail",
)


def send_next(gateway: Gateway, *, now: datetime) -> int:
    """Send what has been due longest: a document, and statuses. Return how many went or failed.

    The claim and the settling are short transactions; the call of the gateway is in neither.
    After a crash in between, the same bytes go again when the lease ends; the axis and the
    receiver know them and answer alike. While the axis does not answer, messages wait, however
    long; what breaks on being sent, time and again, fails.
    """
    due = OutgoingMessage.objects.due(now)
    claimed = [
        *claim_some(due.filter(type=MessageType.EDOC), now=now, lease=LEASE, most=1),
        *claim_some(
            due.filter(type=MessageType.STATUS), now=now, lease=LEASE, most=gateway.at_once
        ),
    ]
    if not claimed:
        return 0
    for message in claimed:
        if is_last_attempt(message.attempts):
            _give_up(message, code="not-processed", now=now)
    sound = [message for message in claimed if not is_last_attempt(message.attempts)]
    sound = _write_owed(sound, now=now)
    ready: list[tuple[OutgoingMessage, Envelope]] = []
    large = sum(one.raw.size_bytes for one in sound if one.raw.size_bytes > WHOLE_BYTES)
    if large:
        prolong(sound, size_bytes=large)
    for message in sound:
        try:
            ready.append((message, _envelope(message)))
        except BlobError as damaged:
            _give_up(message, code="file-damaged", detail=str(damaged), now=now)
    sent = gateway.send([envelope for _, envelope in ready], now=now) if ready else ()
    taken: list[tuple[OutgoingMessage, Acknowledgement]] = []
    for (message, _), outcome in zip(ready, sent, strict=True):
        match outcome:
            case Acknowledgement():
                taken.append((message, outcome))
            case RefusedByAxis():
                _refuse(message, outcome, now=now)
            case _:
                _put_off(message, str(outcome), now=now)
    _settle(taken, now=now)
    return len(claimed)


def track_next(gateway: Gateway, *, now: datetime) -> bool:
    """Ask the axis how far one sent document has come for each recipient; False: none to ask.

    A recipient that has answered needs no asking. Asking ends when every recipient's system
    has fetched its copy or could not; who could not is shown to the clerk. The receipts that the
    axis states are asked for as well, and after that until the end of each copy is stated.
    """
    message = claim_first(OutgoingMessage.objects.to_track(now), now=now, lease=LEASE)
    if message is None:
        return False
    try:
        if _unfetched(message).exists():
            _note_carried(message, gateway.track(message.package_id, now=now))
        again = _receipts_at(message, gateway, now=now)
    except (GatewayUnavailable, RefusedByAxis):
        again = now + TRACK_AGAIN
    _track_at(message, now + TRACK_AGAIN if _unfetched(message).exists() else again)
    return True


def _note_carried(message: OutgoingMessage, carried: Sequence[Carried]) -> None:
    with transaction.atomic():
        for one in carried:
            unfetched = _unfetched(message).filter(organ_id=one.to_organ_id)
            unfetched.update(
                transport=one.state.lower(),
                **({"refused_reason": one.description[:300]} if one.state == "fail" else {}),
            )


def _receipts_at(message: OutgoingMessage, gateway: Gateway, *, now: datetime) -> datetime | None:
    """Ask for the receipts of a message; when to do so again, or None.

    Raises: GatewayUnavailable.
    """
    try:
        owes_more = ask_for_receipts(about(message), message.package_id, gateway, now=now)
    except NotOffered:
        return None
    wait = pause(now - (message.sent_at or now)) if owes_more else None
    return now + wait if wait else None


def _write_owed(messages: Sequence[OutgoingMessage], *, now: datetime) -> list[OutgoingMessage]:
    """Write the messages that are only owed yet, files first; return those that may be sent."""
    broken = []
    owed = [message for message in messages if message.raw_id is None]
    models.prefetch_related_objects(
        owed,
        "delivery__body__codes",
        "delivery__body__agency__parent",
        "recall__body__codes",
        "recall__body__agency__parent",
    )
    for message in owed:
        content = compose_owed(message)
        message.from_organ_id = content.from_.organ_id
        if isinstance(content, StatusMessage):
            message.raw = store.write_message(write_status(content), now=now)
        elif message.document_id:
            message.raw = store.write_message(write(content), now=now)
        else:
            try:
                message.raw = write_document(content, _passed_on_files(message), now=now)
            except BlobError as damaged:
                broken.append(message)
                _give_up(message, code="file-damaged", detail=str(damaged), now=now)
    store.enter(message.raw for message in owed if message.raw)
    return [message for message in messages if message not in broken] if broken else [*messages]


def _passed_on_files(message: OutgoingMessage) -> "models.QuerySet[IncomingFile]":
    (first, *_) = PassedOn.objects.of(message)
    files: models.QuerySet[IncomingFile] = first.incoming.files.select_related("blob")
    return files


def _envelope(message: OutgoingMessage) -> Envelope:
    """Raises: BlobMissing, BlobDamaged."""
    return Envelope(
        type=message.type,
        from_organ_id=message.from_organ_id,
        to_organ_ids=tuple(message.to_organ_ids),
        raw=_whole_or_stored(message.raw),
    )


def _whole_or_stored(raw: Blob) -> bytes | Blob:
    """Raises: BlobMissing, BlobDamaged."""
    if raw.size_bytes <= WHOLE_BYTES:
        return store.read(raw)
    store.require_undamaged(raw)
    return raw


def _settle(sent: Sequence[tuple[OutgoingMessage, Acknowledgement]], *, now: datetime) -> None:
    if not sent:
        return
    with transaction.atomic():
        held = hold_all([message for message, _ in sent])
        settled = [(message, told) for message, told in sent if message.pk in held]
        for message, told in settled:
            message.state = State.SENT
            message.package_id = told.package_id
            message.sent_at = now
            message.track_at = now + TRACK_FIRST if message.document_id else None
            message.error_code = message.error_detail = ""
            _mark_recipients(message, told.refusals)
        settle_all([message for message, _ in settled], _SETTLED)
        record_all(
            made(
                ActKind.SENT,
                on=_subject(message),
                by=None,
                at=now,
                digest=message.raw_id,
                message=message.pk,
                package_id=message.package_id,
                status_code=message.status_code,
                refused=len(told.refusals),
            )
            for message, told in settled
        )


def _refuse(message: OutgoingMessage, refusal: RefusedByAxis, *, now: datetime) -> None:
    with transaction.atomic():
        if not hold(message):
            return
        everyone = Refusal(refusal.code, refusal.vi)
        _mark_recipients(message, dict.fromkeys(message.to_organ_ids, everyone))
        _fail(message, code=refusal.code, detail=refusal.vi, now=now)


def _give_up(message: OutgoingMessage, *, code: str, now: datetime, detail: str = "") -> None:
    with transaction.atomic():
        if hold(message):
            _fail(message, code=code, detail=detail, now=now)


def _put_off(message: OutgoingMessage, reason: str, *, now: datetime) -> None:
    with transaction.atomic():
        if not hold(message):
            return
        message.attempts = attempts_after_silence(message.attempts)
        message.due_at = now + delay_after(message.attempts)
        message.lease_until = None
        message.error_code, message.error_detail = "unavailable", reason[:300]
        message.save()


def _fail(message: OutgoingMessage, *, code: str, detail: str, now: datetime) -> None:
    everyone = Refusal(code, detail)
    refusals = dict.fromkeys(message.to_organ_ids, everyone)
    (mark_undelivered if message.document_id else mark_refused)(message, refusals)
    message.state = State.FAILED
    message.lease_until = None
    message.error_code, message.error_detail = code[:40], detail[:300]
    message.save()
    record(
        ActKind.SENDING_FAILED,
        on=_subject(message),
        by=None,
        at=now,
        agency_id=_agency_of(message),
        digest=message.raw_id or "",
        message=message.pk,
        code=message.error_code,
        status_code=message.status_code,
    )


def _subject(message: OutgoingMessage) -> models.Model:
    """What the journal says was sent: the document, or the delivery that a status is about."""
    if message.document_id:
        return OutgoingDocument(pk=message.document_id)
    if message.delivery_id:
        return Delivery(pk=message.delivery_id)
    if message.recall_id:
        return ReceivedRecall(pk=message.recall_id)
    return PassedOn.objects.of(message)[0].incoming


def _agency_of(message: OutgoingMessage) -> int | None:
    """Whose clerk has to see what became of it."""
    about = message.document or message.delivery
    return about.body.agency_id if about else None


def _mark_recipients(message: OutgoingMessage, refusals: Mapping[str, Refusal]) -> None:
    if not message.document_id:
        if refusals:
            mark_refused(message, refusals)
        return
    Recipient.objects.filter(message=message).exclude(organ_id__in=refusals).update(
        transport=Transport.INITIAL
    )
    mark_undelivered(message, refusals)
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
