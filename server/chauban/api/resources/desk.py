"""Who calls, and how much waits for the officer."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from chauban.api.acting import Acting
from chauban.api.asking import reads
from chauban.api.scopes import Scope
from chauban.api.shapes import Who
from chauban.office.places import counts, places_of

router = Router(tags=["desk"])


class Me(Schema):
    """The application, the post for which it acts, and until when its token counts."""

    application: int
    name: str
    acts_for: Who
    role: str
    agency: str
    scopes: list[str]
    token_expires_at: datetime


class Counter(Schema):
    """One list of the officer's desk: how long it is; `is_late` should be empty."""

    key: str
    name: str
    count: int
    is_work: bool
    is_late: bool


class Desk(Schema):
    items: list[Counter]


@reads(router, "/me", None, Me)
def me(request: HttpRequest) -> Me:
    acting: Acting = request.auth
    application, post = acting.application, acting.officer.post
    return Me(
        application=application.pk,
        name=application.name,
        acts_for=Who.of(post),
        role=post.role,
        agency=post.agency.key,
        scopes=application.scopes,
        token_expires_at=acting.expires_at,
    )


@reads(router, "/desk", Scope.DESK_READ, Desk)
def desk(request: HttpRequest) -> Desk:
    """The counters beside every page: each counts the list behind it."""
    acting: Acting = request.auth
    amounts = counts(acting.officer, acting.now)
    found = [place for _, group in places_of(acting.officer) for place in group]
    return Desk(
        items=[
            Counter(
                key=place.key,
                name=str(place.name),
                count=amounts[place.key],
                is_work=place.is_work,
                is_late=place.is_late,
            )
            for place in found
        ]
    )
