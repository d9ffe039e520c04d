"""Taking packages over, handing them out, noting what became of them."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import chauban_edxml.errors as edxml
from chauban_edxml.model import DocumentMessage, StatusMessage
from chauban_edxml.parsing import DEFAULT
from chauban_edxml.reading import read_without_attachments
from django.conf import settings
from django.db import transaction

from chauban.axis.errors import (
    AxisRefusal,
    HasDTD,
    InvalidFile,
    MalformedMessage,
    MessageTooLarge,
    SecretMessage,
    SenderNotRegistered,
    UnknownAddressee,
    UnknownPackage,
)
from chauban.axis.models import Carriage, Member, Package, Rejection, System, Undeliverable
from chauban.blobs import store
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record

State = Carriage.State
Message = DocumentMessage | StatusMessage


@dataclass(frozen=True)
class Receipt:
    """What a sender is told: the package's id, and which recipients cannot be reached."""

    package: Package
    refusals: Mapping[str, AxisRefusal] = field(default_factory=dict)


def accept_package(raw: bytes, *, system: System, now: datetime, to: Sequence[str] = ()) -> Receipt:
    """Take a message over for carriage to its recipients, each on its own.

    The same bytes again give the same receipt, and a copy that failed is offered once more.
    `to` limits delivery to those codes; a status goes to the agency it reports to. Whether it
    is a document or a status its content decides.

    Raises: an AxisRefusal; what was refused is noted with its digest, never with its content.
    """
    try:
        message = read_message(raw)
        sender = require_sender(message, system)
        addressees = tuple(dict.fromkeys(to or addressees_of(message)))
        members = members_by_code(addressees)
        if not members:
            raise UnknownAddressee(", ".join(addressees)[:200])
    except AxisRefusal as refusal:
        note_rejection(refusal, raw, system=system, now=now)
        raise
    blob = store.put(raw, now=now)
    with transaction.atomic():
        package, _ = Package.objects.get_or_create(
            system=system,
            raw=blob,
            defaults={
                "type": "status" if isinstance(message, StatusMessage) else "edoc",
                "from_organ_id": sender.organ_id,
                "received_at": now,
                **_shown(message),
            },
        )
        offer(package, members.values(), now=now)
        unknown = [code for code in addressees if code not in members]
        for code in unknown:
            Undeliverable.objects.get_or_create(
                package=package,
                organ_id=code[:35],
                defaults={"error_code": UnknownAddressee.code, "at": now},
            )
    return Receipt(package, {code: UnknownAddressee(code) for code in unknown})


def offer(package: Package, members: Collection[Member], *, now: datetime) -> None:
    """Make a copy wait for each member; one that failed waits again, one fetched stays so."""
    Carriage.objects.filter(package=package, to__in=members, state=State.FAIL).update(
        state=State.INITIAL, description="", offered_at=now, updated_at=now
    )
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
            for member in members
        ),
        ignore_conflicts=True,
    )
    Undeliverable.objects.filter(
        package=package, organ_id__in=[member.organ_id for member in members]
    ).delete()


@transaction.atomic
def update_state(carriage: Carriage, *, state: str, description: str = "", now: datetime) -> None:
    """Note what the receiving system says of its copy; what is done stays done."""
    Carriage.objects.filter(pk=carriage.pk).exclude(state=State.DONE).update(
        state=State(state), description=description[:400], updated_at=now
    )


def require_carriage(system: System, doc_id: str) -> Carriage:
    """The copy that a system may fetch.

    Raises: UnknownPackage.
    """
    carriages = Carriage.objects.for_system(system).select_related("package__raw", "to")
    found = carriages.filter(pk=_uuid(doc_id)).first()
    if found is None:
        raise UnknownPackage(doc_id[:60])
    return found


def require_sent(system: System, doc_id: str) -> Package:
    """A package that a system sent.

    Raises: UnknownPackage.
    """
    found = Package.objects.sent_by(system).filter(pk=_uuid(doc_id)).first()
    if found is None:
        raise UnknownPackage(doc_id[:60])
    return found


def read_message(raw: bytes) -> Message:
    """Read a message as far as the axis needs it; its attachments stay undecoded.

    Raises: InvalidFile, MessageTooLarge, HasDTD, SecretMessage, MalformedMessage.
    """
    if not raw.strip():
        raise InvalidFile
    limit_bytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    try:
        return read_without_attachments(raw, limits=replace(DEFAULT, size_bytes=limit_bytes))
    except edxml.SecretMarking as error:
        raise SecretMessage from error
    except edxml.HasDTD as error:
        raise HasDTD from error
    except edxml.TooLarge as error:
        if error.what != "size in bytes":
            raise MalformedMessage(error.vi) from error
        raise MessageTooLarge(str(limit_bytes // 1_000_000)) from error
    except edxml.NotReadable as error:
        raise MalformedMessage(error.vi) from error


def require_sender(message: Message, system: System) -> Member:
    """The member in whose name a system sends: no system speaks for another's agencies.

    Raises: SenderNotRegistered.
    """
    organ_id = message.from_.organ_id
    sender = Member.objects.filter(organ_id=organ_id, system=system).first()
    if sender is None:
        raise SenderNotRegistered(organ_id[:60])
    return sender


def addressees_of(message: Message) -> list[str]:
    if isinstance(message, StatusMessage):
        return [message.response_for.organ_id]
    return [one.organ_id for one in message.to]


def members_by_code(codes: Sequence[str]) -> dict[str, Member]:
    return {member.organ_id: member for member in Member.objects.filter(organ_id__in=codes)}


@transaction.atomic
def note_rejection(refusal: AxisRefusal, raw: bytes, *, system: System, now: datetime) -> None:
    """Keep that a message was refused, why, and its digest: an incident without content."""
    rejection = Rejection.objects.create(
        system=system,
        error_code=refusal.code,
        sha256=hashlib.sha256(raw).hexdigest(),
        size_bytes=len(raw),
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


def _shown(message: Message) -> dict[str, str]:
    """What lists of packages show of a document; nothing of a status."""
    if isinstance(message, StatusMessage):
        return {}
    return {"title": message.subject[:500], "notation": str(message.code or "")[:60]}


def _uuid(doc_id: str) -> UUID:
    """Raises: UnknownPackage."""
    try:
        return UUID(doc_id)
    except ValueError:
        raise UnknownPackage(doc_id[:60]) from None
