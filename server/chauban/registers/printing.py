"""The registers as print-ready volumes with the decree's columns (Điều 16.2.b, 22.3.b; PL IV)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import translation

from chauban.directory.models import IssuingBody
from chauban.directory.rules import legal_day
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban_docform.letters import Heading
from chauban_docform.registers import INCOMING, OUTGOING, Book, Volume, typeset_register


def outgoing_register_pdf(body: IssuingBody, year: int, *, now: datetime) -> bytes:
    """The outgoing register of a body and a legal year as PDF, in the order of issue."""
    documents = (
        OutgoingDocument.objects.in_register(body, year)
        .select_related("unit", "cancellation_approver__person")
        .order_by("issued_on", "numbered_at", "pk")
    )
    rows = [outgoing_row(document) for document in documents.iterator()]
    cancelled = sum(it.state == OutgoingDocument.State.CANCELLED for it in documents)
    totals = (("Tổng số văn bản đi", len(rows)), ("Trong đó số đã hủy", cancelled))
    return book_pdf(OUTGOING, body, year, rows, totals=totals, now=now)


@translation.override("vi")  # a register is kept in Vietnamese, whoever prints it
def incoming_register_pdf(body: IssuingBody, year: int, *, now: datetime) -> bytes:
    """The incoming register of a body and a legal year as PDF, by arrival number."""
    documents = list(
        IncomingDocument.objects.in_register(body, year)
        .select_related("replaced_by")
        .order_by("arrival_number")
    )
    rows = [incoming_row(document) for document in documents]
    numbers = (1, documents[-1].arrival_number) if documents else None
    totals = (("Tổng số văn bản đến", len(rows)),)
    return book_pdf(INCOMING, body, year, rows, totals=totals, numbers=numbers, now=now)


def outgoing_row(document: OutgoingDocument) -> tuple[str, ...]:
    """The ten texts of PL IV.I."""
    return (
        document.code,
        _day(document.issued_on),
        f"{document.kind_name}: {document.subject}",
        document.signer_name,
        "; ".join(document.to_places),
        document.unit.name if document.unit else "Văn thư",
        str(document.issued_amount),
        _day(legal_day(document.issued_at)) if document.issued_at else "",
        "",
        _remark(document),
    )


def incoming_row(document: IncomingDocument) -> tuple[str, ...]:
    """The ten texts of PL IV.VI."""
    return (
        _day(legal_day(document.arrived_at)),
        str(document.arrival_number),
        document.sender_name,
        document.code,
        _day(document.promulgated_on),
        f"{document.kind_name}: {document.subject}",
        document.to_places,
        _day(document.handed_over_on),
        "",
        document.remark or _fate(document) or document.get_acceptance_display(),
    )


def _remark(document: OutgoingDocument) -> str:
    if document.state == OutgoingDocument.State.RECALLED:
        return f"Đã thu hồi ngày {_day(legal_day(document.recalled_at))}: {document.recall_reason}"
    if document.state != OutgoingDocument.State.CANCELLED:
        return document.remark
    approver = document.cancellation_approver.person.full_name
    return f"Số đã hủy: {document.cancellation_reason} (người duyệt: {approver})"


def _fate(document: IncomingDocument) -> str:
    if document.recalled_at:
        return f"Đã thu hồi ngày {_day(legal_day(document.recalled_at))}"
    if document.replaced_by:
        return f"Được thay thế bởi văn bản số đến {document.replaced_by.arrival_number}"
    return ""


def book_pdf(
    book: Book,
    body: IssuingBody,
    year: int,
    rows: Iterable[tuple[str, ...]],
    *,
    totals: tuple[tuple[str, int], ...],
    numbers: tuple[int, int] | None = None,
    now: datetime,
) -> bytes:
    """A book of a body and a year as PDF, with the decree's columns and a closing count."""
    volume = Volume(
        book=book,
        issuer=Heading(tuple(body.parent_heading.splitlines()), tuple(body.heading.splitlines())),
        place=body.agency.place,
        year=year,
        first_day=date(year, 1, 1),
        last_day=min(date(year, 12, 31), legal_day(now)),
        rows=list(rows),
        numbers=numbers,
        totals=totals,
    )
    return typeset_register(volume, created_at=now)


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""
