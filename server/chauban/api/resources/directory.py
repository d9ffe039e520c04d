"""Whom one may write to, who may sign, whom one may give work to."""

from datetime import date

from django.http import HttpRequest
from ninja import Query, Router, Schema

from chauban.accounts.access import visible_posts
from chauban.api.acting import Acting
from chauban.api.asking import reads
from chauban.api.scopes import Scope
from chauban.api.shapes import Cursor, Id, Limit, Page, Who, page_of
from chauban.directory.errors import BodyHasNoCode
from chauban.directory.models import IssuingBody, OutsideOrganisation
from chauban.directory.rules import legal_day
from chauban.registers.models import Priority
from chauban.trust.models import Mandate
from chauban.ui.matching import is_match
from chauban.workflow.forms import KIND_CHOICES, DraftForm

router = Router(tags=["directory"])


class Body(Schema):
    """A body that issues and receives documents; `organ_id` is its code of the day, if any."""

    id: Id
    key: str
    name: str
    agency: str
    level: str
    organ_id: str
    valid_from: date
    valid_to: date | None


class Bodies(Schema):
    items: list[Body]


class Organisation(Schema):
    """An organisation that the axis lists, outside this installation."""

    id: Id
    code: str
    name: str
    gone: bool


class Colleague(Who):
    unit: str
    role: str


class Colleagues(Schema):
    items: list[Colleague]


class MandateShape(Schema):
    """Who may sign for which body; empty kinds: all (Điều 13)."""

    id: Id
    body: str
    signatory: Who
    capacity: str
    kinds: list[str]
    valid_from: date
    valid_to: date | None


class Mandates(Schema):
    items: list[MandateShape]


class Choice(Schema):
    code: str
    name: str


class Choices(Schema):
    kinds: list[Choice]
    priorities: list[Choice]


@reads(router, "/directory/bodies", Scope.DIRECTORY_READ, Bodies)
def bodies(
    request: HttpRequest,
    q: str = Query("", max_length=100),
    day: date | None = None,
) -> Bodies:
    """The bodies in force on day, which is today unless told."""
    acting: Acting = request.auth
    day = day or legal_day(acting.now)
    rows = IssuingBody.objects.as_of(day).select_related("agency").prefetch_related("codes")
    return Bodies(items=[_body(one, day) for one in rows if is_match(q, one.name)])


@reads(router, "/directory/outside", Scope.DIRECTORY_READ, Page[Organisation])
def outside(
    request: HttpRequest,
    q: str = Query("", max_length=100),
    cursor: int | None = Cursor,
    limit: int = Limit,
) -> Page[Organisation]:
    """Organisations elsewhere whose code or name has every word of q."""
    rows = OutsideOrganisation.objects.matching(q.replace("\x00", ""))
    shown, following = page_of(request, rows, cursor=cursor, limit=limit)
    items = [
        Organisation(id=one.pk, code=one.code, name=one.name, gone=one.gone_at is not None)
        for one in shown
    ]
    return Page[Organisation](items=items, next=following)


@reads(router, "/directory/posts", Scope.DIRECTORY_READ, Colleagues)
def posts(request: HttpRequest) -> Colleagues:
    """The posts of the officer's own agency that are held today."""
    acting: Acting = request.auth
    rows = visible_posts(acting.officer, legal_day(acting.now))
    return Colleagues(
        items=[
            Colleague(**Who.of(one).dict(), unit=one.unit.symbol if one.unit else "", role=one.role)
            for one in rows
        ]
    )


@reads(router, "/directory/mandates", Scope.DIRECTORY_READ, Mandates)
def mandates(request: HttpRequest) -> Mandates:
    """The authorities to sign that the officer may draft for."""
    acting: Acting = request.auth
    form = DraftForm(officer=acting.officer, day=legal_day(acting.now))
    rows = form.fields["mandate"].queryset
    return Mandates(items=[_mandate(one) for one in rows])


@reads(router, "/directory/choices", Scope.DIRECTORY_READ, Choices)
def choices(request: HttpRequest) -> Choices:
    """Kinds of documents that can be drafted here, and degrees of urgency."""
    return Choices(
        kinds=[Choice(code=code, name=name) for code, name in KIND_CHOICES],
        priorities=[Choice(code=str(code), name=str(name)) for code, name in Priority.choices],
    )


def _body(body: IssuingBody, day: date) -> Body:
    try:
        organ_id = body.organ_id(day)
    except BodyHasNoCode:
        organ_id = ""
    return Body(
        id=body.pk,
        key=body.key,
        name=body.name,
        agency=body.agency.key,
        level=body.agency.level,
        organ_id=organ_id,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
    )


def _mandate(mandate: Mandate) -> MandateShape:
    return MandateShape(
        id=mandate.pk,
        body=mandate.body.key,
        signatory=Who(
            post=mandate.post_id, name=mandate.person.full_name, title=mandate.post.title
        ),
        capacity=mandate.capacity,
        kinds=list(mandate.kinds or []),
        valid_from=mandate.valid_from,
        valid_to=mandate.valid_to,
    )
