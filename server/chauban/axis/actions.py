"""Taking packages over, handing them out, noting what became of them."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

import chauban_edxml.errors as edxml
from chauban.axis.errors import (
    AttachmentTooLarge,
    AxisRefusal,
    DuplicateDocument,
    HasDTD,
    InvalidFile,
    MalformedMessage,
    MessageTooLarge,
    RecipientLocked,
    SecretMessage,
    SenderNotRegistered,
    TooManyHops,
    UnknownAddressee,
    UnknownPackage,
    WrongWay,
)
from chauban.axis.forwarding import is_beyond_neighbour, queue
from chauban.axis.models import Carriage, Member, Package, Rejection, System, Undeliverable
from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.blobs.store import Incoming
from chauban.exchange.arriving import kept, limits, opened
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban_edxml.identifiers import normal_text
from chauban_edxml.model import DocumentMessage, StatusMessage
from chauban_edxml.reading import read_without_attachments

MAX_HOPS = 8
State = Carriage.State
Message = DocumentMessage | StatusMessage
Raw = bytes | Blob | Incoming  # what is still coming in was read already


@dataclass(frozen=True)
class Receipt:
    """What a sender is told: the package's id, and which recipients cannot be reached."""

    package: Package
    refusals: Mapping[str, AxisRefusal] = field(default_factory=dict)


@dataclass(frozen=True)
class Handed:
    """A message as a system hands it over; `to` limits its delivery to those codes.

    `hops`: how many axes it passed before this one; `message`: what it says, where it was read.
    """

    raw: Raw = field(repr=False)
    to: Sequence[str] = ()
    hops: int = 0
    message: Message | None = None


def accept_package(
    raw: bytes, *, system: System, now: datetime, to: Sequence[str] = (), hops: int = 0
) -> Receipt:
    """As `accept`, of a message that is in memory."""
    return accept(Handed(raw, to, hops), system=system, now=now)


def accept(handed: Handed, *, system: System, now: datetime) -> Receipt:
    """Take one message over, as `accept_packages`.

    Raises: an AxisRefusal.
    """
    (outcome,) = accept_packages([handed], system=system, now=now)
    if isinstance(outcome, AxisRefusal):
        raise outcome
    return outcome


def accept_packages(
    handed: Sequence[Handed], *, system: System, now: datetime
) -> list[Receipt | AxisRefusal]:
    """Take messages over for carriage to their recipients, each on its own.

    The same bytes again give the same receipt, and a copy that failed is offered once more.
    A status goes to the agency it reports to. Whether it is a document or a status a message's
    content decides. What is refused is noted with its digest, never with its content.
    """
    opened = _opened(handed, system=system)
    for one, content in zip(handed, opened, strict=True):
        if isinstance(content, AxisRefusal):
            sha256, size_bytes = named(one.raw)
            note_rejection(content, sha256=sha256, size_bytes=size_bytes, system=system, now=now)
    taken = [one for one in opened if isinstance(one, _Opened)]
    blobs = [kept(one.raw, now=now) for one in taken]
    with transaction.atomic():
        store.enter(blobs)
        packages = _packages(taken, blobs, system=system, now=now)
        offer(
            [(package, one.members.values()) for one, package in zip(taken, packages, strict=True)],
            now=now,
        )
        Undeliverable.objects.bulk_create(
            (
                Undeliverable(package=package, organ_id=code[:35], error_code=refusal.code, at=now)
                for one, package in zip(taken, packages, strict=True)
                for code, refusal in one.refusals.items()
            ),
            ignore_conflicts=True,
        )
    receipts = iter(
        Receipt(package, one.refusals) for one, package in zip(taken, packages, strict=True)
    )
    return [one if isinstance(one, AxisRefusal) else next(receipts) for one in opened]


@dataclass(frozen=True)
class _Opened:
    """A message that the axis takes, and who it is for."""

    raw: Raw = field(repr=False)
    message: Message
    hops: int
    members: Mapping[str, Member]
    refusals: Mapping[str, AxisRefusal]


def _opened(handed: Sequence[Handed], *, system: System) -> list[_Opened | AxisRefusal]:
    """What each message is, as far as the axis reads it, or why it is refused."""
    read = [_read_or_refused(one) for one in handed]
    to: list[Sequence[str]] = [
        () if isinstance(one, AxisRefusal) else tuple(dict.fromkeys(given.to or addressees_of(one)))
        for given, one in zip(handed, read, strict=True)
    ]
    messages = [one for one in read if not isinstance(one, AxisRefusal)]
    ours = set(
        Member.objects.on_axis()
        .filter(organ_id__in=[one.from_.organ_id for one in messages], system=system)
        .values_list("organ_id", flat=True)
    )
    known = members_by_code([code for codes in to for code in codes])
    earlier = _carried(messages)

    def refusal_of(code: str, message: Message, digest: str) -> AxisRefusal | None:
        if code not in known:
            return UnknownAddressee(code)
        if not known[code].system.is_active:
            return RecipientLocked(code)
        if known[code].system_id == system.pk and is_beyond_neighbour(known[code]):
            return WrongWay(code)
        before = earlier.get((message.from_.organ_id, document_key(message), code), set())
        return DuplicateDocument(code) if before and digest not in before else None

    def opened(given: Handed, message: Message | AxisRefusal, codes: Sequence[str]) -> _Opened:
        if isinstance(message, AxisRefusal):
            raise message
        if given.hops > MAX_HOPS:
            raise TooManyHops(str(MAX_HOPS))
        if message.from_.organ_id not in ours:  # no system speaks for another's agencies
            raise SenderNotRegistered(message.from_.organ_id[:60])
        digest, _ = named(given.raw)
        found = {code: refusal_of(code, message, digest) for code in codes}
        refusals = {code: refusal for code, refusal in found.items() if refusal}
        if len(refusals) == len(codes):
            raise _for_all(refusals)
        members = {code: known[code] for code in codes if code not in refusals}
        return _Opened(given.raw, message, given.hops, members, refusals)

    result: list[_Opened | AxisRefusal] = []
    for given, message, codes in zip(handed, read, to, strict=True):
        try:
            result.append(opened(given, message, codes))
        except AxisRefusal as refusal:
            result.append(refusal)
    return result


def _for_all(refusals: Mapping[str, AxisRefusal]) -> AxisRefusal:
    """What a message for nobody is refused with: the first reason, with all codes it holds for."""
    kind = type(next(iter(refusals.values()), UnknownAddressee()))
    codes = [code for code, refusal in refusals.items() if isinstance(refusal, kind)]
    return kind(", ".join(codes)[:200])


def _carried(messages: Sequence[Message]) -> dict[tuple[str, str, str], set[str]]:
    """(sender, document, recipient) of new documents carried before → digests of their packages.

    Copies that failed do not count: the sender may send such a document again in other bytes.
    """
    keys = [key for key in map(document_key, messages) if key]
    if not keys:
        return {}
    copies = Carriage.objects.of_documents(
        keys, senders=[one.from_.organ_id for one in messages]
    ).exclude(state=State.FAIL)
    found: dict[tuple[str, str, str], set[str]] = {}
    for sender, key, code, digest in copies.values_list(
        "package__from_organ_id", "package__document_key", "to__organ_id", "package__raw_id"
    ):
        found.setdefault((sender, key, code), set()).add(digest)
    return found


def document_key(message: Message) -> str:
    """By what two new documents of one sender are the same (edxml.md 6.7); else blank."""
    if isinstance(message, StatusMessage) or message.bussiness.bussiness_doc_type:
        return ""
    return normal_text(message.document_id)[:240]


def _read_or_refused(handed: Handed) -> Message | AxisRefusal:
    try:
        return handed.message or read_message(handed.raw)
    except AxisRefusal as refusal:
        return refusal


def _packages(
    taken: Sequence[_Opened], blobs: Sequence[Blob], *, system: System, now: datetime
) -> list[Package]:
    """The package of each message; one that was here before has its failed copies go again."""
    made = {
        blob.pk: Package(
            system=system,
            raw=blob,
            type="status" if isinstance(one.message, StatusMessage) else "edoc",
            from_organ_id=one.message.from_.organ_id,
            document_key=document_key(one.message),
            has_receipts=isinstance(one.message, StatusMessage),
            received_at=now,
            hops=one.hops,
            **_shown(one.message),
        )
        for one, blob in zip(taken, blobs, strict=True)
    }
    Package.objects.bulk_create(made.values(), ignore_conflicts=True)
    kept = {one.raw_id: one for one in Package.objects.filter(system=system, raw__in=list(made))}
    for one, blob in zip(taken, blobs, strict=True):
        if kept[blob.pk].pk != made[blob.pk].pk:
            offer_again(kept[blob.pk], one.members.values(), now=now)
    return [kept[blob.pk] for blob in blobs]


def offer(copies: Iterable[tuple[Package, Collection[Member]]], *, now: datetime) -> None:
    """Make a copy of each package wait for each of its members that has none yet."""
    copies = list(copies)
    Carriage.objects.bulk_create(
        (
            Carriage(
                package=package,
                to=member,
                system_id=member.system_id,
                type=package.type,
                offered_at=now,
                updated_at=now,
            )
            for package, members in copies
            for member in members
        ),
        ignore_conflicts=True,
    )
    queue(copies, now=now)


def offer_again(package: Package, members: Collection[Member], *, now: datetime) -> None:
    """Make copies that failed wait again; who has become known is undeliverable no more."""
    Carriage.objects.filter(package=package, to__in=members, state=State.FAIL).update(
        state=State.INITIAL,
        description="",
        offered_at=now,
        updated_at=now,
        has_receipt=False,
    )
    queue([(package, members)], now=now)
    codes = [member.organ_id for member in members]
    Undeliverable.objects.filter(package=package, organ_id__in=codes).delete()


def update_state(
    system_id: str, doc_id: str, *, state: str, description: str = "", now: datetime
) -> None:
    """Note what the receiving system says of its copy; what is done stays done.

    Raises: UnknownPackage.
    """
    if doc_id not in update_states(
        system_id, [doc_id], state=state, description=description, now=now
    ):
        raise UnknownPackage(doc_id[:60])


def update_states(
    system_id: str, doc_ids: Sequence[str], *, state: str, description: str = "", now: datetime
) -> Collection[str]:
    """As `update_state`, for several copies at once; return the ids that the system has."""
    carriages = Carriage.objects.for_system(system_id).filter(pk__in=_uuids(doc_ids))
    known = {str(pk) for pk in carriages.values_list("pk", flat=True)}
    Carriage.objects.filter(pk__in=known).exclude(state=State.DONE).update(
        state=State(state), description=description[:400], updated_at=now, has_receipt=False
    )
    return {doc_id for doc_id in doc_ids if doc_id.lower() in known}


def require_carriage(system_id: str, doc_id: str) -> Carriage:
    """The copy that a system may fetch.

    Raises: UnknownPackage.
    """
    found = carriages_by_id(system_id, [doc_id]).get(doc_id)
    if found is None:
        raise UnknownPackage(doc_id[:60])
    return found


def carriages_by_id(system_id: str, doc_ids: Sequence[str]) -> dict[str, Carriage]:
    """The copies of these ids that a system may fetch."""
    carriages = Carriage.objects.for_system(system_id).select_related("package__raw", "to")
    found = {str(one.pk): one for one in carriages.filter(pk__in=_uuids(doc_ids))}
    return {doc_id: found[doc_id.lower()] for doc_id in doc_ids if doc_id.lower() in found}


def require_sent(system_id: str, doc_id: str) -> Package:
    """A package that a system sent.

    Raises: UnknownPackage.
    """
    found = Package.objects.sent_by(system_id).filter(pk=_uuid(doc_id)).first()
    if found is None:
        raise UnknownPackage(doc_id[:60])
    return found


def read_message(raw: bytes | Blob) -> Message:
    """Read a message as far as the axis needs it; its attachments stay undecoded.

    Raises:
        InvalidFile, MessageTooLarge, AttachmentTooLarge, HasDTD, SecretMessage, MalformedMessage.
        BlobError: its file is missing or damaged.
    """
    try:
        if isinstance(raw, Blob):
            with opened(raw) as found:
                return found.message
        if not raw.strip():
            raise InvalidFile
        return read_without_attachments(raw, limits=limits())
    except edxml.NotReadable as error:
        raise refusal_for(error) from error


def refusal_for(error: edxml.NotReadable) -> AxisRefusal:
    """What a message that cannot be read is refused with."""
    match error:
        case edxml.SecretMarking():
            return SecretMessage()
        case edxml.HasDTD():
            return HasDTD()
        case edxml.TooLarge(what="size in bytes", limited_to=limit_bytes):
            return MessageTooLarge(str(limit_bytes // 1_000_000))
        case edxml.TooLarge(what="size of a file", limited_to=limit_bytes):
            return AttachmentTooLarge(str(limit_bytes // 1_000_000))
        case _:
            return MalformedMessage(error.vi)


def addressees_of(message: Message) -> list[str]:
    if isinstance(message, StatusMessage):
        return [message.response_for.organ_id]
    return [one.organ_id for one in message.to]


def members_by_code(codes: Sequence[str]) -> dict[str, Member]:
    members = Member.objects.on_axis().filter(organ_id__in=codes)
    members = members.select_related("system__neighbour")
    return {member.organ_id: member for member in members}


@transaction.atomic
def note_rejection(
    refusal: AxisRefusal, *, sha256: str, size_bytes: int, system: System, now: datetime
) -> None:
    """Keep that a message was refused, why, and its digest: an incident without content.

    The digest is blank where the message was not read to its end.
    """
    rejection = Rejection.objects.create(
        system=system,
        error_code=refusal.code,
        sha256=sha256,
        size_bytes=size_bytes,
        at=now,
    )
    record(
        ActKind.REFUSED_BY_MACHINE,
        on=rejection,
        by=None,
        at=now,
        digest=rejection.sha256,
        code=refusal.code,
        system=system.system_id,
    )


def named(raw: Raw) -> tuple[str, int]:
    """SHA-256 and size."""
    if isinstance(raw, bytes):
        return hashlib.sha256(raw).hexdigest(), len(raw)
    return raw.sha256, raw.size_bytes


def _shown(message: Message) -> dict[str, str]:
    """What lists of packages show of a document; nothing of a status."""
    if isinstance(message, StatusMessage):
        return {}
    return {"title": message.subject[:500], "notation": str(message.code or "")[:60]}


def _uuids(doc_ids: Sequence[str]) -> list[UUID]:
    """Those of the ids that could be a package's."""
    found = []
    for doc_id in doc_ids:
        with suppress(UnknownPackage):
            found.append(_uuid(doc_id))
    return found


def _uuid(doc_id: str) -> UUID:
    """Raises: UnknownPackage."""
    try:
        return UUID(doc_id)
    except ValueError:
        raise UnknownPackage(doc_id[:60]) from None
