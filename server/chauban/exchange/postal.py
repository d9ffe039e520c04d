"""The postal book and the faces of envelopes (PL IV.II, PL IV.III)."""

from datetime import date, datetime

from django.utils import translation

from chauban.directory.models import IssuingBody
from chauban.exchange.models import Dispatch
from chauban.registers.models import OutgoingDocument
from chauban.registers.printing import book_pdf
from chauban.workflow.letters import URGENCIES
from chauban_docform.envelopes import Envelope, typeset_envelope
from chauban_docform.letters import Heading
from chauban_docform.registers import POSTAL


@translation.override("vi")  # a register is kept in Vietnamese, whoever prints it
def postal_book_pdf(body: IssuingBody, year: int, *, now: datetime) -> bytes:
    """The book of what a body sent by post in a year as PDF, in the order of sending."""
    sent = list(Dispatch.objects.in_postal_book(body, year))
    totals = (("Tổng số bì", sum(one.envelopes for one in sent)),)
    return book_pdf(POSTAL, body, year, [postal_row(one) for one in sent], totals=totals, now=now)


def postal_row(dispatch: Dispatch) -> tuple[str, ...]:
    """The six texts of PL IV.III; the post's own number stands beside its mark."""
    place = dispatch.recipient.name
    return (
        _day(dispatch.sent_on),
        dispatch.recipient.document.code,
        f"{place}, {dispatch.address}" if dispatch.address else place,
        str(dispatch.envelopes),
        dispatch.postal_number,
        dispatch.note,
    )


def envelope_pdf(dispatch: Dispatch, *, now: datetime) -> bytes:
    """The face of the envelope in which a document goes to one recipient."""
    document: OutgoingDocument = dispatch.recipient.document
    body = document.body
    envelope = Envelope(
        issuer=Heading(tuple(body.parent_heading.splitlines()), tuple(body.heading.splitlines())),
        code=document.code,
        recipient=dispatch.recipient.name,
        address=dispatch.address,
        sender_address=body.postal_address,
        urgency=URGENCIES.get(document.priority),
    )
    return typeset_envelope(envelope, created_at=now)


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""
