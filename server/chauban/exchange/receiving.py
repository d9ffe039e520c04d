"""Taking packages in: list, fetch, keep, deliver to our bodies, and only then confirm."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from chauban.blobs.errors import StorageFull
from chauban.blobs.models import Blob
from chauban.exchange.arriving import Message, arriving, kept, limits, opened
from chauban.exchange.errors import Refused
from chauban.exchange.leases import claim_some, free_at, prolong
from chauban.exchange.models import Delivery, IncomingMessage, MessageType
from chauban.exchange.ports import (
    Coming,
    Fetched,
    Gateway,
    GatewayError,
    GatewayUnavailable,
    Outcome,
    PackageTooLarge,
)
from chauban.exchange.reading import Taken, take_again, take_in
from chauban.exchange.rules import (
    FIRST_DELAY,
    attempts_after_silence,
    delay_after,
    is_last_attempt,
)
from chauban.exchange.settling import Found, Refusal, SetAside, settle
from chauban.exchange.words import refusal_code
from chauban.ui.words import Words
from chauban_edxml.errors import NotReadable, SecretMarking, TooLarge
from chauban_edxml.model import Fault, StatusMessage
from chauban_edxml.soap import open_any, read_any
from chauban_edxml.streams import StreamedAttachment

LEASE = timedelta(minutes=1)
HELD_BYTES = 1 << 23  # what the files of a message in memory may unpack to there

State = IncomingMessage.State


def list_waiting(gateway: Gateway, *, now: datetime) -> int:
    """Note the packages that wait on the axis for our codes; return how many are new.

    While packages noted before are still to be dealt with, the axis is not asked again.

    Raises: GatewayUnavailable.
    """
    if IncomingMessage.objects.due(now).filter(free_at(now)).exists():
        return 0
    listed = [one for type in MessageType for one in gateway.waiting(type, now=now)]
    known = set(
        IncomingMessage.objects.filter(
            package_id__in=[one.package_id for one in listed]
        ).values_list("package_id", flat=True)
    )
    new = [one for one in listed if one.package_id not in known]
    IncomingMessage.objects.bulk_create(
        (
            IncomingMessage(
                package_id=one.package_id,
                type=one.type,
                from_organ_id=one.from_organ_id[:35],
                to_organ_id=one.to_organ_id[:35],
                listed_at=now,
                due_at=now,
            )
            for one in new
        ),
        ignore_conflicts=True,
    )
    # A package that is listed although we have dealt with it: our confirmation was lost, or the
    # axis heard that it failed and offers it again, as its sender asked: then it is taken anew.
    again = IncomingMessage.objects.filter(package_id__in=known, confirmed_at__isnull=False)
    again.filter(Q(state=State.REFUSED) | Q(raw=None)).update(
        state=State.WAITING, attempts=0, refusal="", refusal_vi="", refusal_en=""
    )
    again.update(confirmed_at=None, due_at=now)
    return len(new)


def receive_next(gateway: Gateway, *, now: datetime) -> int:
    """Take in the packages that have waited longest; return how many were dealt with.

    Raw bytes and files are stored, then rows committed, then the axis is told. After a crash
    in between a package is taken again and found to be known. While the disk is full they wait,
    however long: that is no attempt. While the axis does not answer they wait as well, up to an
    hour from one try to the next: only what breaks on being taken in is set aside.

    Raises: StorageFull.
    """
    messages = claim_some(
        IncomingMessage.objects.due(now), now=now, lease=LEASE, most=gateway.at_once
    )
    waiting = [message for message in messages if message.state == State.WAITING]
    try:
        settle(list(_found(gateway, waiting, now=now)), now=now)
    except StorageFull:
        _rows(messages).update(
            due_at=now + FIRST_DELAY, lease_until=None, attempts=F("attempts") - 1
        )
        raise
    # What still waits was put off, or its lease ended meanwhile: it is another worker's.
    _confirm(gateway, [each for each in messages if each.state != State.WAITING], now=now)
    return len(messages)


def _confirm(gateway: Gateway, messages: Sequence[IncomingMessage], *, now: datetime) -> None:
    """Tell the axis what became of packages; what it does not hear is told later."""
    told = gateway.confirm([_outcome(message) for message in messages], now=now)
    heard = [message for message, error in zip(messages, told, strict=True) if error is None]
    _rows(heard).update(confirmed_at=now, lease_until=None)
    for message, error in zip(messages, told, strict=True):
        if error is not None:
            _put_off(message, now=now)


def _outcome(message: IncomingMessage) -> Outcome:
    """Whoever says "done" has the message; a sender who hears "fail" can send it again."""
    is_ours = message.state != State.REFUSED and message.raw_id is not None
    return Outcome(message.package_id, "done" if is_ours else "fail", message.refusal_vi)


def _found(
    gateway: Gateway, messages: Sequence[IncomingMessage], *, now: datetime
) -> Iterator[Found]:
    """What each package turns out to be, fetched and read one at a time."""
    for message in messages:
        if is_last_attempt(message.attempts):
            yield Found(message, None, SetAside("not-processed"))
    wanted = [message for message in messages if not is_last_attempt(message.attempts)]
    known: dict[str, Taken] = {}
    fetched = gateway.fetch([message.package_id for message in wanted], now=now)
    for message, package in zip(wanted, fetched, strict=True):
        if isinstance(package, Coming | Blob):
            prolong(messages, size_bytes=package.size_bytes or settings.MAX_MESSAGE_BYTES)
        try:
            yield _taken(package, message, known, now=now)
        except GatewayUnavailable:
            message.attempts = attempts_after_silence(message.attempts)
            _rows([message]).update(attempts=message.attempts)
            _put_off(message, now=now)
        except PackageTooLarge as too_large:
            refused = Refused("too-large", str(too_large.limit_bytes // 1_000_000))
            yield Found(message, None, Refusal.of(refused))
        except GatewayError:
            _put_off(message, now=now)


def _taken(
    package: Fetched, message: IncomingMessage, known: dict[str, Taken], *, now: datetime
) -> Found:
    """What one package is.

    Raises: GatewayError: it did not come.
    """
    match package:
        case GatewayError():
            raise package
        case Coming():
            try:
                with arriving(package.pieces()) as arrived:
                    raw = kept(arrived.raw, now=now)
            except NotReadable as error:
                return Found(message, None, _refusal(error))
            return _opened(raw, message, known, now=now)
        case _:
            return _opened(package, message, known, now=now)


def _opened(
    raw: bytes | Blob, message: IncomingMessage, known: dict[str, Taken], *, now: datetime
) -> Found:
    """What a package is of which all has come.

    One notice to 40 communes is read once: known has what was read.
    """
    digest = raw.sha256 if isinstance(raw, Blob) else sha256(raw).hexdigest()
    if message.to_organ_id and message.type == MessageType.EDOC and digest not in known:
        earlier = Delivery.objects.of_raw(digest).first()
        if earlier:
            known[digest] = take_again(earlier)
    if message.to_organ_id and digest in known:
        return Found(message, kept(raw, now=now), known[digest])
    try:
        with _read(raw) as (content, files):
            blob = kept(raw, now=now)
            if isinstance(content, StatusMessage):
                return Found(message, blob, content)
            taken = take_in(content, files, from_organ_id=message.from_organ_id, now=now)
    except NotReadable as error:
        # A state secret, or what is over the limit, is not stored at all (Luật 117/2025/QH15).
        is_kept = not isinstance(error, SecretMarking | TooLarge)
        return Found(message, kept(raw, now=now) if is_kept else None, _refusal(error))
    known[digest] = taken
    return Found(message, blob, taken)


@contextmanager
def _read(raw: bytes | Blob) -> Iterator[tuple[Message, Sequence[StreamedAttachment] | None]]:
    """A message; apart from it its files, where they are not to be held in memory.

    Raises: NotReadable; BlobMissing, BlobDamaged.
    """
    if isinstance(raw, Blob):
        with opened(raw) as found:
            yield found
        return
    message = read_any(raw, limits=replace(limits(), unpacked_bytes=HELD_BYTES))
    is_held = isinstance(message, StatusMessage) or not any(
        file.fault is Fault.TOO_LARGE for file in message.attachments
    )
    yield (message, None) if is_held else open_any(BytesIO(raw), limits=limits())


def _refusal(error: NotReadable) -> Refusal:
    return Refusal(refusal_code(error), Words(error.vi, error.en))


def _put_off(message: IncomingMessage, *, now: datetime) -> None:
    _rows([message]).update(due_at=now + delay_after(message.attempts), lease_until=None)


def _rows(messages: Sequence[IncomingMessage]) -> "models.QuerySet[IncomingMessage]":
    return IncomingMessage.objects.filter(pk__in=[message.pk for message in messages])
