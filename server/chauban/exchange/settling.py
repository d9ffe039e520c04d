"""Writing down what packages turned out to be: deliveries, statuses, refusals.

What came together is settled in one transaction. When that fails, nothing of it was written, and
each package is tried again alone (leases.claim_some).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Self

from django.db import transaction

from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.directory.models import IssuingBody
from chauban.directory.rules import legal_day
from chauban.exchange.addressing import Known, addressed_bodies, succession_warnings
from chauban.exchange.change_rules import differences
from chauban.exchange.errors import Refused, SeveralHeirs
from chauban.exchange.leases import hold_all, keep_all
from chauban.exchange.models import DeliveredFile, Delivery, IncomingMessage
from chauban.exchange.reading import Taken, sender_warning
from chauban.exchange.senders import Sender
from chauban.exchange.statuses import Told, last_status, owe_statuses, take_statuses
from chauban.exchange.withdrawing import Recall, meet_recalls, take_recalls
from chauban.exchange.words import refusal_words
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.journal.recording import made, record_all
from chauban.ui.words import Words
from chauban_edxml.identifiers import normal_text
from chauban_edxml.model import BussinessDocType, StatusCode, StatusMessage

State = IncomingMessage.State
Digests = Counter[str]


@dataclass(frozen=True)
class Refusal:
    """The machine's own refusal: unreadable, misdirected or secret; the axis tells the sender."""

    code: str
    words: Words

    @classmethod
    def of(cls, refused: Refused) -> Self:
        return cls(refused.code, refusal_words(refused.code, refused.detail))


@dataclass(frozen=True)
class SetAside:
    """A person must look at it; the axis hears that we have it, if we have."""

    code: str


@dataclass(frozen=True)
class Addressed:
    """A document, its sender, and our bodies it is for, by the code used.

    Where the code used is retired, `predecessors` has the body whose it was.
    """

    taken: Taken
    sender: Sender
    bodies: Mapping[str, IssuingBody]
    predecessors: Mapping[str, IssuingBody] = field(default_factory=dict)


@dataclass(frozen=True)
class Recalled:
    """A recall by either dialect, who asks for it, and our bodies it asks."""

    recall: Recall
    sender: Sender
    bodies: Sequence[IssuingBody]


@dataclass(frozen=True)
class Found:
    """A package, the row of its bytes where they are kept, and what it is."""

    message: IncomingMessage
    raw: Blob | None
    content: Taken | Addressed | Recalled | StatusMessage | Refusal | SetAside


def settle(found: Sequence[Found], *, now: datetime) -> None:
    """Write down what packages are, and bring their rows to READ, SET_ASIDE or REFUSED.

    Rows whose lease has ended meanwhile are left as they are.
    """
    if not found:
        return
    found = _addressed(found, day=legal_day(now))
    with transaction.atomic():
        held = hold_all([one.message for one in found])
        ours = [one for one in found if one.message.pk in held]
        store.enter(one.raw for one in ours if one.raw)
        for one in ours:
            one.message.state, one.message.raw, one.message.received_at = State.READ, one.raw, now
        _settle_statuses(ours, now=now)
        settle_documents(ours, now=now)
        _settle_recalls(ours, now=now)
        record_all(_settle_troubles(ours, now=now))
        keep_all([one.message for one in ours], _SETTLED)


_SETTLED = (
    "state",
    "raw",
    "received_at",
    "document_id",
    "warnings",
    "refusal",
    "refusal_vi",
    "refusal_en",
)


def _settle_statuses(found: Sequence[Found], *, now: datetime) -> None:
    told = [
        Told(one.content, one.message, one.raw)
        for one in found
        if isinstance(one.content, StatusMessage) and one.raw
    ]
    for one in told:
        one.message.document_id = one.status.response_for.document_id[:200]
    unmatched = take_statuses(told, now=now) if told else {}
    for one in told:
        if one.message.pk in unmatched:
            _set_aside(one.message, unmatched[one.message.pk])


def _settle_recalls(found: Sequence[Found], *, now: datetime) -> None:
    """Note what is recalled; a recall of a document that has not come waits for it, aside."""
    for one in found:
        if not isinstance(one.content, Recalled):
            continue
        asked = one.content
        one.message.document_id = asked.recall.concerned.document_id[:200]
        if not take_recalls(one.message, asked.recall, asked.bodies, asked.sender, now=now):
            _set_aside(one.message, "recall-of-unknown")


def _settle_troubles(found: Sequence[Found], *, now: datetime) -> Iterator[Act]:
    for one in found:
        if isinstance(one.content, SetAside):
            _set_aside(one.message, one.content.code)
        elif isinstance(one.content, Refusal):
            code, words = one.content.code, one.content.words
            one.message.state = State.REFUSED
            _name(one.message, code, words)
            yield made(
                ActKind.REFUSED_BY_MACHINE,
                on=one.message,
                by=None,
                at=now,
                digest=one.raw.sha256 if one.raw else "",
                code=code,
                package_id=one.message.package_id,
            )


def settle_documents(found: Sequence[Found], *, now: datetime) -> None:
    """Deliver documents to the bodies they are for, each once, and owe 01 to their senders.

    What comes again is answered as before. Of updates each that differs is delivered: the clerk
    decides on every one (edxml.md 6.4).
    """
    wanted = [
        (one.message, one.content, _delivery(one.content, one.message, body, code, now=now))
        for one in found
        if isinstance(one.content, Addressed)
        for code, body in one.content.bodies.items()
    ]
    if not wanted:
        return
    for message, content, _ in wanted:
        message.warnings = content.taken.warnings
        message.document_id = content.taken.document_id
    here = _here((delivery, content.sender) for _, content, delivery in wanted)
    new: list[tuple[Delivery, Addressed]] = []
    again: list[tuple[Delivery, str]] = []
    for message, content, delivery in wanted:
        digests = _digests(content.taken)
        before = here.setdefault(_identity(delivery, delivery.sender), [])
        same = next((one for one, files in before if _repeats(one, files, delivery, digests)), None)
        if same:
            again.append((same, message.package_id))
        elif before and delivery.business_type != BussinessDocType.UPDATE:
            _set_aside(message, "same-id-other-files")
        else:
            delivery.edition += len(before)
            before.append((delivery, digests))
            new.append((delivery, content))
    Delivery.objects.bulk_create([delivery for delivery, _ in new])
    DeliveredFile.objects.bulk_create(
        DeliveredFile(delivery=delivery, ordinal=ordinal, **vars(file))
        for delivery, content in new
        for ordinal, file in enumerate(content.taken.files, start=1)
    )
    record_all(
        made(
            ActKind.ARRIVED,
            on=delivery,
            by=None,
            at=now,
            agency_id=delivery.body.agency_id,
            package_id=delivery.message.package_id,
        )
        for delivery, _ in new
    )
    record_all(
        made(
            ActKind.ROUTED_TO_SUCCESSOR,
            on=delivery,
            by=None,
            at=now,
            agency_id=delivery.body.agency_id,
            code=delivery.addressed_as,
            predecessor=content.predecessors[delivery.addressed_as].pk,
        )
        for delivery, content in new
        if delivery.addressed_as in content.predecessors
    )
    if new:
        meet_recalls([delivery for delivery, _ in new], now=now)
    owe_statuses([(delivery, StatusCode.ARRIVED, "") for delivery, _ in new], now=now)
    owe_statuses([(one, last_status(one), package_id) for one, package_id in again], now=now)


def _delivery(
    content: Addressed, message: IncomingMessage, body: IssuingBody, code: str, *, now: datetime
) -> Delivery:
    taken = content.taken
    return Delivery(
        message=message,
        body=body,
        addressed_as=code,
        from_organ_id=taken.from_organ_id,
        sender=content.sender.key,
        document_id=taken.document_id,
        document_key=normal_text(taken.document_id)[:240],
        business_type=taken.business_type,
        header=taken.header,
        arrived_at=now,
    )


def _identity(delivery: Delivery, sender: str) -> tuple[object, ...]:
    """What a body has one delivery of, but for updates (the constraint delivered_once)."""
    return delivery.body_id, sender, delivery.document_key, delivery.business_type


def _repeats(one: Delivery, files: Digests, another: Delivery, digests: Digests) -> bool:
    """Whether another delivery brings what one brought; of an update the facts count too."""
    is_update = another.business_type == BussinessDocType.UPDATE
    return files == digests and not (is_update and differences(one.header, another.header))


def _here(
    deliveries: Iterable[tuple[Delivery, Sender]],
) -> dict[tuple[object, ...], list[tuple[Delivery, Digests]]]:
    """The deliveries that are here already, of all that are wanted, with their files."""
    wanted = list(deliveries)
    keys = {key: sender.key for _, sender in wanted for key in sender.keys}
    found = Delivery.objects.filter(
        body__in={one.body_id for one, _ in wanted},
        sender__in=keys,
        business_type__in={one.business_type for one, _ in wanted},
        document_key__in={one.document_key for one, _ in wanted},
    )
    here: dict[tuple[object, ...], list[tuple[Delivery, Digests]]] = {}
    for one in found.prefetch_related("files"):
        files = Counter(file.blob_id or "" for file in one.files.all())
        here.setdefault(_identity(one, keys[one.sender]), []).append((one, files))
    return here


def _digests(taken: Taken) -> Digests:
    """The files of a message, whatever their wrapping."""
    return Counter(file.blob.sha256 if file.blob else "" for file in taken.files)


def _addressed(found: Sequence[Found], *, day: date) -> list[Found]:
    """Each document with whom it is for, or with why it is for nobody here."""
    taken = [one.content for one in found if isinstance(one.content, Taken)]
    taken_back = [one.content for one in found if _is_take_back(one.content)]
    known = Known.of(
        {
            *(one.message.to_organ_id for one in found),
            *(code for one in taken for code in one.to_organ_ids),
            *(one.response_for.organ_id for one in taken_back),
        },
        day,
        senders=(
            *(one.from_organ_id for one in taken),
            *(one.from_.organ_id for one in taken_back),
        ),
    )

    def content(one: Found, taken: Taken) -> Addressed | Recalled | Refusal | SetAside:
        try:
            require_answerable(taken)
            if is_recall(taken, one.message.to_organ_id, known):
                one.message.document_id, one.message.warnings = taken.document_id, taken.warnings
                return recalled(one.message, Recall.of_document(taken), known)
            ours = addressed_bodies(one.message.to_organ_id, taken.to_organ_ids, known)
        except Refused as refused:
            return Refusal.of(refused)
        except SeveralHeirs as several:
            one.message.document_id, one.message.warnings = taken.document_id, taken.warnings
            one.message.to_organ_id = several.code
            return SetAside("several-successors")
        return addressed(one.message, taken, ours, known)

    def opened(one: Found) -> Found:
        if isinstance(one.content, Taken):
            return replace(one, content=content(one, one.content))
        if _is_take_back(one.content):
            asked = Recall.of_status(one.content)
            return replace(one, content=recalled(one.message, asked, known))
        return one

    return [opened(one) for one in found]


def _is_take_back(content: object) -> bool:
    return isinstance(content, StatusMessage) and content.status_code == StatusCode.TAKE_BACK


def is_recall(taken: Taken, to_organ_id: str, known: Known) -> bool:
    """Whether a document message takes the document back: type 1, or an update without us."""
    if taken.business_type == BussinessDocType.RECALL:
        return True
    removed = {one.casefold() for one in taken.header.get("removed", ())}
    body = known.bodies.get(to_organ_id)
    ours = {to_organ_id, *(body.aliases() if body else ())}
    return bool(removed & {one.casefold() for one in ours if one})


def recalled(message: IncomingMessage, recall: Recall, known: Known) -> Recalled | SetAside:
    """A recall for bodies of ours, where it comes from the sender of the document itself."""
    issuer = recall.concerned.organ_id
    sender = known.senders.get(issuer, Sender.of_code(issuer))
    if message.from_organ_id not in {"", *sender.codes}:
        return SetAside("recall-by-another")
    try:
        bodies = addressed_bodies(message.to_organ_id, recall.to_organ_ids, known)
    except (Refused, SeveralHeirs):
        return SetAside("recall-of-unknown")
    return Recalled(recall, sender, list(bodies.values()))


def addressed(
    message: IncomingMessage, taken: Taken, bodies: Mapping[str, IssuingBody], known: Known
) -> Addressed:
    """A document for bodies of ours, with the sender's name of the directory and the notes."""
    sender = known.senders[taken.from_organ_id]
    taken = with_sender(taken, sender, said=message.from_organ_id)
    predecessors = known.predecessors(bodies)
    notes = succession_warnings(bodies, predecessors)
    return Addressed(
        replace(taken, warnings=[*taken.warnings, *notes]), sender, bodies, predecessors
    )


def require_answerable(taken: Taken) -> None:
    """Raises: Refused, when no status could name the document or reach its sender."""
    code = taken.from_organ_id
    # The answer names it in a header, which has no room for a line end (edxml.md 11.2).
    if not code or len(code) > 35 or not (code.isascii() and code.isprintable()):
        raise Refused("bad-sender-code", taken.from_organ_id[:60])
    if not taken.document_id or len(taken.document_id) > 200:
        raise Refused("bad-document-id", taken.document_id[:60])


def with_sender(taken: Taken, sender: Sender, *, said: str) -> Taken:
    """A sender in the directory goes by its name there; one the transport contradicts is flagged.

    said is the sender as the axis lists it (edxml.md 14, rule 10).
    """
    warnings = taken.warnings
    if said not in {"", *sender.codes}:
        warnings = [*warnings, sender_warning(said, taken.from_organ_id)]
    name = sender.name[:200] or taken.header["sender_name"]
    return replace(taken, header={**taken.header, "sender_name": name}, warnings=warnings)


def _set_aside(message: IncomingMessage, code: str) -> None:
    message.state = State.SET_ASIDE
    _name(message, code, refusal_words(code))


def _name(message: IncomingMessage, code: str, words: Words) -> None:
    message.refusal = code
    message.refusal_vi, message.refusal_en = words.vi[:400], words.en[:400]
