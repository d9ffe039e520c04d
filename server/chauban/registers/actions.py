"""Taking numbers and entering documents: all writing in the registers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.blobs.models import Blob
from chauban.directory.models import IssuingBody, Unit
from chauban.directory.rules import legal_day, legal_year
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.errors import (
    AlreadyRegistered,
    CancellationWithoutReason,
    ClockBehindSeries,
    CodeRepeats,
    DocumentMoved,
    KindInTwoSeries,
    KindWithoutSeries,
    NotCancellable,
)
from chauban.registers.models import (
    ArrivalSeries,
    IncomingDocument,
    IncomingFile,
    OutgoingDocument,
    OutgoingFile,
    Priority,
    Series,
    SeriesGroup,
)
from chauban.registers.rules import DEFAULT_GROUPS, is_same_year, kinds_named_twice
from chauban_docform.symbols import number_text
from chauban_edxml.identifiers import document_id
from chauban_edxml.model import Code

State = OutgoingDocument.State


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
def decide_series(
    body: IssuingBody, groups: Mapping[str, Sequence[str]], *, officer: Officer, now: datetime
) -> None:
    """Set which kinds of document of a body are numbered together, as its head decides.

    A group keeps its numbers when its kinds change (Điều 15.1).

    Raises:
        NotAllowed: the officer is no head in the agency that keeps the register.
        KindInTwoSeries: a kind stands in two of the groups.
    """
    require(officer, Permission.APPROVE, body)
    if twice := kinds_named_twice(groups.values()):
        raise KindInTwoSeries(twice[0])
    SeriesGroup.objects.of(body).exclude(name__in=groups).update(kinds=[])
    _set_groups(body, groups)
    record(ActKind.SERIES_DECIDED, on=body, by=officer, at=now, groups=len(groups))


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
    series = _series(body, entry.kind, legal_year(now))
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


def take_number(series: Series, day: date) -> int:
    """Take the next number of a series for a document dated day; call it in a transaction.

    Raises:
        ClockBehindSeries: the number before has a later date.
    """
    # One guarded UPDATE: it holds the row until the transaction ends, so that the number read
    # back is ours. Number and date move together and never fall.
    is_taken = Series.objects.filter(
        Q(last_date=None) | Q(last_date__lte=day), pk=series.pk
    ).update(last_number=F("last_number") + 1, last_date=day)
    of_group = Series.objects.filter(group_id=series.group_id, last_number__gt=0)
    years = {it.pk: it for it in of_group}
    latest = max(it.last_date for it in years.values())
    if not is_taken or latest > day:
        raise ClockBehindSeries(series.group.name, last_date=latest, today=day)
    return years[series.pk].last_number


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


@transaction.atomic
def register_incoming(
    received: Received,
    *,
    body: IssuingBody,
    officer: Officer,
    now: datetime,
    files: Sequence[ReceivedFile] = (),
    is_another: bool = False,
) -> IncomingDocument:
    """Enter a received document in the register and give it its arrival number (số đến).

    Paper and electronic documents share one sequence, which starts again at 1 each calendar
    year in Việt Nam time (Nghị định 30/2020/NĐ-CP, Điều 22). `is_another` is the clerk's word
    that a document with a number, symbol and issuer that repeat is another document.

    Raises:
        NotAllowed: the officer is no clerk of the registry.
        AlreadyRegistered: the sender's document is in this register already.
        CodeRepeats: number, symbol and issuer repeat, and the clerk has not said so.
    """
    require(officer, Permission.REGISTER_INCOMING, body)
    year = legal_year(now)
    arrival_number = take_arrival_number(body, year)
    require_new(received, body=body, is_another=is_another)
    try:
        with transaction.atomic():
            document = IncomingDocument.objects.create(
                body=body,
                year=year,
                arrival_number=arrival_number,
                registered_at=now,
                **asdict(received),
            )
    except IntegrityError:
        require_new(received, body=body, is_another=is_another)
        raise
    IncomingFile.objects.bulk_create(
        IncomingFile(document=document, ordinal=ordinal, **_fields(file))
        for ordinal, file in enumerate(files, start=1)
    )
    record(ActKind.REGISTERED_INCOMING, on=document, by=officer, at=now, number=arrival_number)
    return document


def take_arrival_number(body: IssuingBody, year: int) -> int:
    """Take the next arrival number of a body; call it in a transaction."""
    series, _ = ArrivalSeries.objects.get_or_create(body=body, year=year)
    # Guarded by the row lock that this UPDATE takes; read back before anyone else can move it.
    ArrivalSeries.objects.filter(pk=series.pk).update(last_number=F("last_number") + 1)
    return ArrivalSeries.objects.values_list("last_number", flat=True).get(pk=series.pk)


def require_new(received: Received, *, body: IssuingBody, is_another: bool = False) -> None:
    """Require a document that is not in the register of the body yet (PL VI III.1.h).

    Raises:
        AlreadyRegistered: its identifier repeats.
        CodeRepeats: its number, symbol and issuer repeat, unless it is_another.
    """
    organ_ids = _codes_of_sender(received.sender_organ_id)
    if received.document_id:
        same = IncomingDocument.objects.with_identifier(
            body=body, organ_ids=organ_ids, document_id=received.document_id
        ).first()
        if same:
            raise AlreadyRegistered(same)
    if is_another:
        return
    for earlier in IncomingDocument.objects.with_code(
        body=body,
        sender_name=received.sender_name,
        organ_ids=organ_ids,
        number=received.code_number,
        notation=received.code_notation,
    ):
        if is_same_year(earlier.promulgated_on, received.promulgated_on):
            raise CodeRepeats(earlier)


def _series(body: IssuingBody, kind: str, year: int) -> Series:
    begun = Series.objects.filter(group__body=body, year=year).select_related("group")
    for series in begun:
        if kind in series.group.kinds:
            return series
    groups = list(SeriesGroup.objects.of(body)) or _set_groups(body, DEFAULT_GROUPS)
    for group in groups:
        if kind in group.kinds:
            return Series.objects.get_or_create(group=group, year=year)[0]
    raise KindWithoutSeries(kind, body.name)


def _set_groups(body: IssuingBody, groups: Mapping[str, Sequence[str]]) -> list[SeriesGroup]:
    return [
        SeriesGroup.objects.update_or_create(body=body, name=name, defaults={"kinds": list(kinds)})[
            0
        ]
        for name, kinds in groups.items()
    ]


def _codes_of_sender(organ_id: str) -> list[str]:
    """The sender's code and, of a body we know, every code it has or had."""
    known = IssuingBody.objects.filter(codes__code=organ_id).first()
    return sorted(known.aliases()) if known else [organ_id] if organ_id else []


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
