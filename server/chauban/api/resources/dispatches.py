"""What goes off the axis, and what is passed on over it (Điều 18; PL IV.II, IV.III)."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.api.asking import acts, reads
from chauban.api.once import once
from chauban.api.scopes import Scope
from chauban.api.shapes import WORD, Cursor, Given, Id, Limit, Line, Page, PathId, page_of
from chauban.directory.models import IssuingBody, OutsideOrganisation
from chauban.exchange import dispatching
from chauban.exchange.access import access_dispatch
from chauban.exchange.models import Dispatch, PassedOn
from chauban.exchange.passing_on import pass_on, receiver_of
from chauban.workflow.access import access_incoming

router = Router(tags=["dispatches"])
_Ids = Annotated[list[Id], Field(max_length=500)]
_Codes = Annotated[list[Annotated[Line, Field(max_length=35)]], Field(max_length=500)]


class DispatchShape(Schema):
    """One way in which a document is brought to a recipient off the axis."""

    id: Id
    document: Id
    recipient: str
    channel: str
    state: str
    address: str
    owed_at: datetime
    sent_on: date | None
    postal_number: str
    envelopes: int
    received_on: date | None
    received_by: str
    note: str


class SentIn(Given):
    sent_on: date
    postal_number: Annotated[Line, Field(max_length=40)] = ""
    envelopes: Annotated[int, Field(ge=1, le=1000)] = 1


class ReceivedIn(Given):
    received_on: date
    received_by: Annotated[Line, Field(max_length=100)] = ""  # needed where it is brought by hand


class NoteIn(Given):
    note: Annotated[Line, Field(max_length=300)]


class PassOnIn(Given):
    """To whom an incoming document is passed on: ids of bodies, codes of outside organisations."""

    bodies: _Ids = []
    outside: _Codes = []
    words: Annotated[Line, Field(max_length=300)] = ""


class Holder(Schema):
    """An agency to which a document was passed on, and what it answers."""

    id: Id
    organ_id: str
    name: str
    at: datetime
    status_code: str
    status_at: datetime | None
    refusal: str
    request: str


class Holders(Schema):
    incoming: Id
    items: list[Holder]


@reads(router, "/dispatches", Scope.OUTGOING_READ, Page[DispatchShape])
def list_dispatches(
    request: HttpRequest,
    state: str = Query("", max_length=8, pattern=WORD),
    cursor: int | None = Cursor,
    limit: int = Limit,
) -> Page[DispatchShape]:
    officer = require(request.auth.officer, Permission.ISSUE)
    rows = Dispatch.objects.of_agency(officer.agency_id).select_related("recipient")
    if state:
        rows = rows.filter(state=state)
    shown, following = page_of(request, rows, cursor=cursor, limit=limit)
    return Page[DispatchShape](items=[_dispatch(one) for one in shown], next=following)


@acts(router, "/dispatches/{pk}/sent", Scope.OUTGOING_ISSUE, DispatchShape)
def note_sent(request: HttpRequest, given: SentIn, pk: int = PathId) -> HttpResponse:
    """Note that it was sent, when, under which number of the post."""
    return _noted(request, pk, dispatching.mark_sent, given)


@acts(router, "/dispatches/{pk}/received", Scope.OUTGOING_ISSUE, DispatchShape)
def note_received(request: HttpRequest, given: ReceivedIn, pk: int = PathId) -> HttpResponse:
    """Note when it arrived, and who signed for it."""
    return _noted(request, pk, dispatching.mark_received, given)


@acts(router, "/dispatches/{pk}/returned", Scope.OUTGOING_ISSUE, DispatchShape)
def note_returned(request: HttpRequest, given: NoteIn, pk: int = PathId) -> HttpResponse:
    """Note that it came back, or could not be brought, and why."""
    return _noted(request, pk, dispatching.mark_returned, given)


@reads(router, "/incoming/{pk}/passed-on", Scope.INCOMING_READ, Holders)
def holders(request: HttpRequest, pk: int = PathId) -> Holders:
    """To whom an incoming document was passed on, as it came."""
    return _holders(request.auth.officer, pk)


@acts(router, "/incoming/{pk}/pass-on", Scope.OUTGOING_ISSUE, Holders)
def pass_on_incoming(request: HttpRequest, given: PassOnIn, pk: int = PathId) -> HttpResponse:
    """Pass an incoming document on to other agencies with its number and signatures."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        document = access_incoming(officer, pk)
        whom = [
            *IssuingBody.objects.filter(pk__in=given.bodies).prefetch_related("codes"),
            *OutsideOrganisation.objects.listed().filter(code__in=given.outside),
        ]
        to = [receiver_of(one, now=now) for one in whom]
        pass_on(document, to, words=given.words, officer=officer, now=now)
        return pk

    return once(request, do, _holders, about=pk)


def _noted(request: HttpRequest, pk: int, note: Any, given: Given) -> HttpResponse:
    now = request.auth.now

    def do(officer: Officer) -> int:
        note(access_dispatch(officer, pk), **given.dict(), officer=officer, now=now)
        return pk

    return once(request, do, lambda who, pk: _dispatch(access_dispatch(who, pk)), about=pk)


def _dispatch(one: Dispatch) -> DispatchShape:
    return DispatchShape(
        id=one.pk,
        document=one.recipient.document_id,
        recipient=one.recipient.name,
        channel=one.channel,
        state=one.state,
        address=one.address,
        owed_at=one.owed_at,
        sent_on=one.sent_on,
        postal_number=one.postal_number,
        envelopes=one.envelopes,
        received_on=one.received_on,
        received_by=one.received_by,
        note=one.note,
    )


def _holders(officer: Officer, pk: int) -> Holders:
    document = access_incoming(officer, pk)
    return Holders(incoming=pk, items=[_holder(one) for one in document.passed_on.all()])


def _holder(one: PassedOn) -> Holder:
    return Holder(
        id=one.pk,
        organ_id=one.organ_id,
        name=one.name,
        at=one.at,
        status_code=one.status_code,
        status_at=one.status_at,
        refusal=one.refusal,
        request=one.request,
    )
