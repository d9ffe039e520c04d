"""Taking packages over, handing them out, noting what became of them."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

import chauban_edxml.errors as edxml
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
from chauban.blobs.models import Blob
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban_edxml.model import DocumentMessage, StatusMessage
from chauban_edxml.parsing import DEFAULT
from chauban_edxml.reading import read_without_attachments

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
        require_sender(message, system)
        addressees = tuple(dict.fromkeys(to or addressees_of(message)))
        members = members_by_code(addressees)
        if not members:
            raise UnknownAddressee(", ".join(addressees)[:200])
    except AxisRefusal as refusal:
        note_rejection(refusal, raw, system=system, now=now)
        raise
    blob = store.put(raw, now=now)
    with transaction.atomic():
        package, is_new = _package(message, blob, system=system, now=now)
        if not is_new:
            offer_again(package, members.values(), now=now)
        offer(package, members.values(), now=now)
        unknown = [code for code in addressees if code not in members]
        Undeliverable.objects.bulk_create(
            (
                Undeliverable(
                    package=package,
                    organ_id=code[:35],
                    error_code=UnknownAddressee.code,
                    at=now,
                )
                for code in unknown
            ),
            ignore_conflicts=True,
        )
    return Receipt(package, {code: UnknownAddressee(code) for code in unknown})


def _package(
    message: Message, blob: Blob, *, system: System, now: datetime
) -> tuple[Package, bool]:
    """The package of these bytes, and whether it is new."""
    package = Package(
        system=system,
        raw=blob,
        type="status" if isinstance(message, StatusMessage) else "edoc",
        from_organ_id=message.from_.organ_id,
        received_at=now,
        **_shown(message),
    )
    Package.objects.bulk_create([package], ignore_conflicts=True)
    kept = Package.objects.get(system=system, raw=blob)
    return kept, kept.pk == package.pk


def offer(package: Package, members: Collection[Member], *, now: datetime) -> None:
    """Make a copy wait for each member that has none yet."""
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


def offer_again(package: Package, members: Collection[Member], *, now: datetime) -> None:
    """Make copies that failed wait again; who has become known is undeliverable no more."""
    Carriage.objects.filter(package=package, to__in=members, state=State.FAIL).update(
        state=State.INITIAL, description="", offered_at=now, updated_at=now
    )
    codes = [member.organ_id for member in members]
    Undeliverable.objects.filter(package=package, organ_id__in=codes).delete()


def update_state(
    system_id: str, doc_id: str, *, state: str, description: str = "", now: datetime
) -> None:
    """Note what the receiving system says of its copy; what is done stays done.

    Raises: UnknownPackage.
    """
    carriages = Carriage.objects.for_system(system_id).filter(pk=_uuid(doc_id))
    is_noted = carriages.exclude(state=State.DONE).update(
        state=State(state), description=description[:400], updated_at=now
    )
    if not is_noted and not carriages.exists():
        raise UnknownPackage(doc_id[:60])


def require_carriage(system_id: str, doc_id: str) -> Carriage:
    """The copy that a system may fetch.

    Raises: UnknownPackage.
    """
    carriages = Carriage.objects.for_system(system_id).select_related("package__raw", "to")
    found = carriages.filter(pk=_uuid(doc_id)).first()
    if found is None:
        raise UnknownPackage(doc_id[:60])
    return found


def require_sent(system_id: str, doc_id: str) -> Package:
    """A package that a system sent.

    Raises: UnknownPackage.
    """
    found = Package.objects.sent_by(system_id).filter(pk=_uuid(doc_id)).first()
    if found is None:
        raise UnknownPackage(doc_id[:60])
    return found


def read_message(raw: bytes) -> Message:
    """Read a message as far as the axis needs it; its attachments stay undecoded.

    Raises: InvalidFile, MessageTooLarge, HasDTD, SecretMessage, MalformedMessage.
    """
    if not raw.strip():
        raise InvalidFile
    limit_bytes = settings.MAX_MESSAGE_BYTES
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


def require_sender(message: Message, system: System) -> None:
    """Require an agency that the system serves: no system speaks for another's agencies.

    Raises: SenderNotRegistered.
    """
    organ_id = message.from_.organ_id
    if not Member.objects.filter(organ_id=organ_id, system=system).exists():
        raise SenderNotRegistered(organ_id[:60])


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
