"""Taking numbers and entering documents: all writing in the registers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.blobs.models import Blob
from chauban.directory.models import IssuingBody, OrganCode, OutsideOrganisation, Unit
from chauban.directory.rules import legal_day, legal_year
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.errors import (
    AlreadyRegistered,
    CancellationWithoutReason,
    CodeRepeats,
    DocumentMoved,
    NotCancellable,
)
from chauban.registers.models import (
    IncomingDocument,
    IncomingFile,
    OutgoingDocument,
    OutgoingFile,
    Priority,
)
from chauban.registers.numbering import (
    last_arrival_number,
    series_for,
    take_arrival_number,
    take_number,
)
from chauban.registers.querysets import IncomingQuerySet
from chauban.registers.rules import is_same_year
from chauban_docform.symbols import number_text
from chauban_edxml.identifiers import document_id
from chauban_edxml.model import Code

State = OutgoingDocument.State
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class OutgoingEntry:
    """What the register of outgoing documents holds besides number and date (PL IV.I)."""

    kind: str
    notation: str
    subject: str
    signer_name: str
    signer_position: str
    competence: str = ""
    unit: Unit | None = None
    to_places: tuple[str, ...] = ()
    priority: int = Priority.NORMAL
    due_on: date | None = None
    page_amount: int = 1
    issued_amount: int = 1


@dataclass(frozen=True)
class SealedFile:
    blob: Blob
    part: OutgoingFile.Part
    name: str
    media_type: str
    report: dict[str, Any] | None = None


@dataclass(frozen=True)
class ReceivedFile:
    blob: Blob
    name: str
    media_type: str
    report: dict[str, Any] | None = None


@dataclass(frozen=True)
class Received:
    """What a received document says of itself; `document_id` is blank on paper (Điều 22)."""

    sender_name: str
    code_number: str
    code_notation: str
    kind_name: str
    subject: str
    acceptance: str
    arrived_at: datetime
    sender_organ_id: str = ""
    document_id: str = ""
    promulgated_on: date | None = None
    signer_name: str = ""
    signer_position: str = ""
    priority: int = Priority.NORMAL
    due_on: date | None = None
    remark: str = ""


@transaction.atomic
def number_outgoing(
    entry: OutgoingEntry, *, body: IssuingBody, officer: Officer, now: datetime
) -> OutgoingDocument:
    """Give a document its number and date, and enter it in the register of outgoing documents.

    One transaction takes all three; when it fails, no number is gone. The year is that of the
    day of numbering in Việt Nam, whenever the document was signed (Điều 15, 16).

    Raises:
        NotAllowed: the officer is no clerk of the registry.
        ClockBehindSeries: the clock is behind the series; nothing is numbered until it is right.
        KindWithoutSeries: the head has put this kind in no series.
        BodyHasNoCode: without a code in force no document identifier can be made.
    """
    require(officer, Permission.NUMBER, body)
    day = legal_day(now)
    series = series_for(body, entry.kind, legal_year(now))
    number = take_number(series, day)
    organ_id = body.organ_id(day)
    document = OutgoingDocument.objects.create(
        body=body,
        series=series,
        year=series.year,
        number=number,
        issued_on=day,
        numbered_at=now,
        document_id=document_id(organ_id, day, Code(number_text(number), entry.notation)),
        **_columns(entry),
    )
    record(ActKind.NUMBERED, on=document, by=officer, at=now, code=document.code)
    return document


@transaction.atomic
def cancel_number(
    document: OutgoingDocument, *, reason: str, officer: Officer, now: datetime
) -> None:
    """Cancel a number that was taken and abandoned, on the officer's own approval.

    The row stays with reason and approver; the number is never reused.

    Raises:
        NotAllowed: the officer is no head in the agency that keeps the register.
        CancellationWithoutReason
        NotCancellable: the document has been issued (then it is recalled, Điều 18.4) or is
            cancelled already.
    """
    require(officer, Permission.CANCEL_NUMBER, document.body)
    if not reason.strip():
        raise CancellationWithoutReason(document.code)
    is_moved = OutgoingDocument.objects.filter(
        pk=document.pk, state__in=[State.NUMBERED, State.SEALED]
    ).update(
        state=State.CANCELLED,
        cancelled_at=now,
        cancellation_reason=reason.strip(),
        cancellation_approver=officer.post,
    )
    document.refresh_from_db()
    if not is_moved:
        raise NotCancellable(document)
    record(ActKind.CANCELLED, on=document, by=officer, at=now)


@transaction.atomic
def enter_sealed(
    document: OutgoingDocument,
    files: Sequence[SealedFile],
    *,
    officer: Officer | None,
    now: datetime,
) -> None:
    """Enter the sealed files of a numbered document; from then on it may be issued.

    Raises:
        DocumentMoved: it is not waiting for its seal.
    """
    _move(document, State.NUMBERED, State.SEALED, sealed_at=now)
    OutgoingFile.objects.bulk_create(
        OutgoingFile(document=document, ordinal=ordinal, **_fields(file))
        for ordinal, file in enumerate(files, start=1)
    )
    record(ActKind.SEALED, on=document, by=officer, at=now, digest=files[0].blob.sha256)


@transaction.atomic
def mark_issued(document: OutgoingDocument, *, officer: Officer, now: datetime) -> None:
    """Record that a sealed document has been issued (phát hành, Điều 18).

    Raises:
        NotAllowed: the officer is no clerk of the registry.
        DocumentMoved: it is not sealed, or was issued before.
    """
    require(officer, Permission.ISSUE, document.body)
    _move(document, State.SEALED, State.ISSUED, issued_at=now)
    record(ActKind.ISSUED, on=document, by=officer, at=now)


@transaction.atomic(savepoint=False)
def register_incoming(
    received: Received,
    *,
    body: IssuingBody,
    officer: Officer,
    now: datetime,
    files: Sequence[ReceivedFile] = (),
    is_another: bool = False,
    new_under: int | None = None,
) -> IncomingDocument:
    """Enter a received document in the register and give it its arrival number (số đến).

    Paper and electronic documents share one sequence, which starts again at 1 each calendar
    year in Việt Nam time (Nghị định 30/2020/NĐ-CP, Điều 22). `is_another` is the clerk's word
    that a document with a number, symbol and issuer that repeat is another document.
    Taking the number holds the sequence until the transaction ends, so that what is new here
    stays new; a refusal undoes all of the transaction that it is called in. new_under is what
    the function of that name said before: who gets that number need not look again.

    Raises:
        NotAllowed: the officer is no clerk of the registry.
        AlreadyRegistered: the sender's document is in this register already.
        CodeRepeats: number, symbol and issuer repeat, and the clerk has not said so.
    """
    require(officer, Permission.REGISTER_INCOMING, body)
    year = legal_year(now)
    arrival_number = take_arrival_number(body, year)
    if arrival_number != new_under:
        require_new(received, body=body, is_another=is_another)
    document = IncomingDocument.objects.create(
        body=body,
        year=year,
        arrival_number=arrival_number,
        registered_at=now,
        **_fields(received),
    )
    IncomingFile.objects.bulk_create(
        IncomingFile(document=document, ordinal=ordinal, **_fields(file))
        for ordinal, file in enumerate(files, start=1)
    )
    record(ActKind.REGISTERED_INCOMING, on=document, by=officer, at=now, number=arrival_number)
    return document


def new_under(received: Received, *, body: IssuingBody, now: datetime) -> int | None:
    """The next arrival number, if the register holds nothing like the document; else None.

    It is asked before a transaction, which then keeps other writers for a shorter time. Until
    somebody takes that number nothing is registered; but at the turn of a year, when clocks
    differ, two sequences may run side by side, and nothing is said.
    """
    today = legal_day(now)
    if legal_day(now - A_DAY).year != legal_day(now + A_DAY).year:
        return None
    organ_ids = _codes_of_sender(received.sender_organ_id)
    following = last_arrival_number(body, today.year) + 1
    return None if _alike(received, body, organ_ids).exists() else following


def require_new(received: Received, *, body: IssuingBody, is_another: bool = False) -> None:
    """Require a document that is not in the register of the body yet (PL VI III.1.h).

    Raises:
        AlreadyRegistered: its identifier repeats.
        CodeRepeats: its number, symbol and issuer repeat, unless it is_another.
    """
    organ_ids = _codes_of_sender(received.sender_organ_id)
    alike = _alike(received, body, organ_ids)
    for earlier in alike:
        if earlier.has_identifier(organ_ids, received.document_id):
            raise AlreadyRegistered(earlier)
    for earlier in alike:
        if not is_another and is_same_year(earlier.promulgated_on, received.promulgated_on):
            raise CodeRepeats(earlier)


def _alike(received: Received, body: IssuingBody, organ_ids: list[str]) -> IncomingQuerySet:
    return IncomingDocument.objects.alike(
        body=body,
        sender_name=received.sender_name,
        organ_ids=organ_ids,
        document_id=received.document_id,
        number=received.code_number,
        notation=received.code_notation,
    )


def _codes_of_sender(organ_id: str) -> list[str]:
    """The sender's code and, where the directory knows who it is, every code of it."""
    if not organ_id:
        return []
    known = OrganCode.objects.filter(body__codes__code=organ_id).values_list("code", flat=True)
    if known:
        return sorted(known)
    listed = OutsideOrganisation.objects.by_any_code([organ_id]).get(organ_id)
    return sorted(listed.codes) if listed else [organ_id]


def _columns(entry: OutgoingEntry) -> dict[str, Any]:
    return {**_fields(entry), "to_places": list(entry.to_places)}


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a dataclass by name; rows in them are kept as they are, not copied."""
    return dict(vars(value))


def _move(document: OutgoingDocument, start: str, end: str, **values: Any) -> None:
    is_moved = OutgoingDocument.objects.filter(pk=document.pk, state=start).update(
        state=end, **values
    )
    document.refresh_from_db()
    if not is_moved:
        raise DocumentMoved(document)
