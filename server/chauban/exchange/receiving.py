"""Taking packages in: list, fetch, keep, deliver to our bodies, and only then confirm."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from chauban.blobs import store
from chauban.blobs.errors import StorageFull
from chauban.blobs.models import Blob
from chauban.directory.errors import OrganCodeRetired, UnknownOrganCode
from chauban.directory.models import IssuingBody
from chauban.directory.rules import legal_day
from chauban.exchange.errors import Refused
from chauban.exchange.leases import claim_first, hold
from chauban.exchange.models import DeliveredFile, Delivery, IncomingMessage, MessageType
from chauban.exchange.ports import Gateway, GatewayUnavailable, PackageTooLarge, RefusedByAxis
from chauban.exchange.reading import Taken, sender_warning, take_again, take_in
from chauban.exchange.rules import FIRST_DELAY, delay_after, is_last_attempt, sender_key
from chauban.exchange.statuses import Unmatched, body_of, last_status, owe_status, take_status
from chauban.exchange.words import refusal_code, refusal_words
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.ui.words import Words
from chauban_edxml.errors import NotReadable, SecretMarking, TooLarge
from chauban_edxml.identifiers import normal_text
from chauban_edxml.model import StatusCode, StatusMessage
from chauban_edxml.reading import read

LEASE = timedelta(minutes=1)

State = IncomingMessage.State


def list_waiting(gateway: Gateway, *, now: datetime) -> int:
    """Note the packages that wait on the axis for our codes; return how many are new.

    While packages noted before are still to be dealt with, the axis is not asked again.

    Raises: GatewayUnavailable.
    """
    if IncomingMessage.objects.due(now).exists():
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
    # A package that is listed although we have dealt with it: our confirmation was lost.
    IncomingMessage.objects.filter(package_id__in=known, confirmed_at__isnull=False).update(
        confirmed_at=None, due_at=now
    )
    return len(new)


def receive_next(gateway: Gateway, *, now: datetime) -> bool:
    """Take in the package that has waited longest. Return False when none is due.

    Raw bytes and files are stored, then rows committed, then the axis is told. After a crash
    in between the package is taken again and found to be known. While the disk is full it waits,
    however long: that is no attempt.

    Raises: StorageFull.
    """
    message = claim_first(IncomingMessage.objects.due(now), now=now, lease=LEASE)
    if message is None:
        return False
    try:
        if message.state == State.WAITING:
            take_package(gateway, message, now=now)
        if message.state == State.WAITING:  # the lease ended meanwhile: it is another worker's
            return True
        # Whoever says "done" has the message; a sender who hears "fail" can send it again.
        is_ours = message.state != State.REFUSED and message.raw_id is not None
        state = "done" if is_ours else "fail"
        gateway.confirm(message.package_id, state=state, description=message.refusal_vi, now=now)
    except StorageFull:
        IncomingMessage.objects.filter(pk=message.pk).update(
            due_at=now + FIRST_DELAY, lease_until=None, attempts=F("attempts") - 1
        )
        raise
    except (GatewayUnavailable, RefusedByAxis):
        IncomingMessage.objects.filter(pk=message.pk).update(
            due_at=now + delay_after(message.attempts), lease_until=None
        )
    else:
        IncomingMessage.objects.filter(pk=message.pk).update(confirmed_at=now, lease_until=None)
    return True


def take_package(gateway: Gateway, message: IncomingMessage, *, now: datetime) -> None:
    """Fetch one package and bring its row to READ, SET_ASIDE or REFUSED.

    Raises: GatewayUnavailable, RefusedByAxis.
    """
    if is_last_attempt(message.attempts):
        set_aside(message, "not-processed", raw=None, now=now)
        return
    try:
        raw = gateway.fetch(message.package_id, now=now)
    except PackageTooLarge as too_large:
        refused = Refused("too-large", str(too_large.limit_bytes // 1_000_000))
        refuse(message, refused.code, words_of(refused), raw=None, now=now)
        return
    blob = None
    try:
        earlier = delivered_before(raw) if message.to_organ_id else None
        content = None if earlier else read(raw)
        blob = store.put(raw, now=now)
        if isinstance(content, StatusMessage):
            settle_status(content, message, raw=blob, now=now)
            return
        if content is None:
            taken = take_again(earlier, [message.to_organ_id])
        else:
            taken = take_in(content, from_organ_id=message.from_organ_id, now=now)
        settle_document(taken, message, raw=blob, now=now)
    except NotReadable as error:
        # A state secret, or what is over the limit, is not stored at all (Luật 117/2025/QH15).
        if not isinstance(error, SecretMarking | TooLarge):
            blob = store.put(raw, now=now)
        refuse(message, refusal_code(error), Words(error.vi, error.en), raw=blob, now=now)
    except Refused as refused:
        refuse(message, refused.code, words_of(refused), raw=blob, now=now)


def delivered_before(raw: bytes) -> Delivery | None:
    """A delivery that the same bytes led to: one notice to 40 communes is read once."""
    return (
        Delivery.objects.filter(message__raw=hashlib.sha256(raw).hexdigest())
        .select_related("message")
        .first()
    )


def settle_document(taken: Taken, message: IncomingMessage, *, raw: Blob, now: datetime) -> None:
    """Deliver a document to the bodies it is for, each once, and owe 01 to its sender.

    Raises: Refused.
    """
    require_answerable(taken)
    if taken.business_type in (1, 2):  # recall and update need a person and his consent
        code = "recall-asked" if taken.business_type == 1 else "update-asked"
        set_aside(message, code, raw=raw, now=now, taken=taken)
        return
    bodies = addressed_bodies(message, taken, now=now)
    sender = body_of(taken.from_organ_id)
    taken = with_sender(taken, sender, said=message.from_organ_id)
    with transaction.atomic():
        if not hold(message):
            return
        message.warnings = taken.warnings
        message.document_id = taken.document_id
        outcome = State.READ
        for organ_id, body in bodies.items():
            if not deliver(
                taken, message, sender=sender, body=body, addressed_as=organ_id, now=now
            ):
                outcome = State.SET_ASIDE
                _name(message, "same-id-other-files")
        _close(message, outcome, raw=raw, now=now)


def deliver(
    taken: Taken,
    message: IncomingMessage,
    *,
    sender: IssuingBody | None,
    body: IssuingBody,
    addressed_as: str,
    now: datetime,
) -> bool:
    """Make the delivery, or answer a repeated one alike. False: same identity, other files."""
    delivery, is_new = Delivery.objects.get_or_create(
        body=body,
        sender=sender_key(taken.from_organ_id, sender.key if sender else None),
        document_key=normal_text(taken.document_id)[:240],
        business_type=taken.business_type,
        defaults={
            "message": message,
            "addressed_as": addressed_as,
            "from_organ_id": taken.from_organ_id,
            "document_id": taken.document_id,
            "header": taken.header,
            "arrived_at": now,
        },
    )
    if not is_new:
        if not _has_files(delivery, taken):
            return False
        owe_status(delivery, last_status(delivery), now=now, again_for=message.package_id)
        return True
    DeliveredFile.objects.bulk_create(
        DeliveredFile(delivery=delivery, ordinal=ordinal, **vars(file))
        for ordinal, file in enumerate(taken.files, start=1)
    )
    record(
        ActKind.ARRIVED,
        on=delivery,
        by=None,
        at=now,
        agency_id=body.agency_id,
        package_id=message.package_id,
    )
    owe_status(delivery, StatusCode.ARRIVED, now=now)
    return True


def settle_status(
    status: StatusMessage, message: IncomingMessage, *, raw: Blob, now: datetime
) -> None:
    try:
        with transaction.atomic():
            if not hold(message):
                return
            take_status(status, message=message, raw=raw, now=now)
            message.document_id = status.response_for.document_id[:200]
            _close(message, State.READ, raw=raw, now=now)
    except Unmatched as unmatched:
        set_aside(message, unmatched.code, raw=raw, now=now)


def with_sender(taken: Taken, sender: IssuingBody | None, *, said: str) -> Taken:
    """A sender in the directory goes by its name there; one the transport contradicts is flagged.

    said is the sender as the axis lists it (edxml.md 14, rule 10).
    """
    warnings = taken.warnings
    is_same = said in ("", taken.from_organ_id) or (sender and said in sender.aliases())
    if not is_same:
        warnings = [*warnings, sender_warning(said, taken.from_organ_id)]
    name = sender.name if sender else taken.header["sender_name"]
    return replace(taken, header={**taken.header, "sender_name": name}, warnings=warnings)


def addressed_bodies(
    message: IncomingMessage, taken: Taken, *, now: datetime
) -> dict[str, IssuingBody]:
    """Our bodies that a package is for, by the code used; both codes of one body count once.

    Raises: Refused, when the code is none of ours, or is in force no longer.
    """
    day = legal_day(now)
    if message.to_organ_id:
        try:
            return {message.to_organ_id: IssuingBody.objects.by_code(message.to_organ_id, day)}
        except UnknownOrganCode as error:
            raise Refused("unknown-addressee", error.code) from error
        except OrganCodeRetired as error:
            raise Refused("retired-addressee", f"{error.code} ({error.body.name})") from error
    found: dict[str, IssuingBody] = {}
    for organ_id in taken.to_organ_ids:
        body = body_of(organ_id)
        if body and body not in found.values():
            found[organ_id] = body
    if not found:
        raise Refused("unknown-addressee", ", ".join(taken.to_organ_ids)[:200])
    return found


def require_answerable(taken: Taken) -> None:
    """Raises: Refused, when no status could name the document or reach its sender."""
    if not taken.from_organ_id or len(taken.from_organ_id) > 35:
        raise Refused("bad-sender-code", taken.from_organ_id[:60])
    if not taken.document_id or len(taken.document_id) > 200:
        raise Refused("bad-document-id", taken.document_id[:60])


def refuse(
    message: IncomingMessage, code: str, words: Words, *, raw: Blob | None, now: datetime
) -> None:
    """The machine's own refusal: unreadable, misdirected or secret; the axis tells the sender."""
    with transaction.atomic():
        if not hold(message):
            return
        message.refusal = code
        message.refusal_vi, message.refusal_en = words.vi[:400], words.en[:400]
        record(
            ActKind.REFUSED_BY_MACHINE,
            on=message,
            by=None,
            at=now,
            digest=raw.sha256 if raw else "",
            code=code,
            package_id=message.package_id,
        )
        _close(message, State.REFUSED, raw=raw, now=now)


def set_aside(
    message: IncomingMessage,
    code: str,
    *,
    raw: Blob | None,
    now: datetime,
    taken: Taken | None = None,
) -> None:
    """Keep a message that a person must look at; the axis hears that we have it."""
    with transaction.atomic():
        if not hold(message):
            return
        _name(message, code)
        if taken:
            message.document_id = taken.document_id
            message.warnings = taken.warnings
        _close(message, State.SET_ASIDE, raw=raw, now=now)


def words_of(refused: Refused) -> Words:
    return refusal_words(refused.code, refused.detail)


def _name(message: IncomingMessage, code: str) -> None:
    words = refusal_words(code)
    message.refusal, message.refusal_vi, message.refusal_en = code, words.vi, words.en


def _close(message: IncomingMessage, state: str, *, raw: Blob | None, now: datetime) -> None:
    message.state, message.raw, message.received_at = state, raw, now
    message.save()


def _has_files(delivery: Delivery, taken: Taken) -> bool:
    """Whether a repeated message brings the files that came before, whatever their wrapping."""
    before = sorted(blob or "" for blob in delivery.files.values_list("blob_id", flat=True))
    return before == sorted(file.blob.sha256 if file.blob else "" for file in taken.files)
