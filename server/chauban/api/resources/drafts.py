"""Drafts: written, corrected, checked, approved, returned, numbered (Điều 10-12, 15)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.api.acting import Acting
from chauban.api.asking import acts, hands_out, reads
from chauban.api.errors import ScopeMissing
from chauban.api.once import once
from chauban.api.resources.attachments import AttachmentShape, shown_attachments
from chauban.api.scopes import Scope
from chauban.api.shapes import (
    WORD,
    Cursor,
    Given,
    Id,
    Life,
    Limit,
    Line,
    Page,
    PathId,
    Text,
    Who,
    life_of,
    named_by_digest,
    page_of,
    require_form,
)
from chauban.blobs.serving import show_pdf
from chauban.directory.rules import legal_day
from chauban.registers.access import access_outgoing
from chauban.registers.models import OutgoingDocument, Succession
from chauban.workflow import drafting
from chauban.workflow.access import access_draft, access_incoming
from chauban.workflow.errors import ChangedMeanwhile
from chauban.workflow.forms import DraftForm
from chauban.workflow.models import Check, Draft
from chauban.workflow.rules import Step, open_steps
from chauban.workflow.steps import standings_of
from chauban.workflow.views import STEPS

router = Router(tags=["drafts"])
StepName = Literal[
    "submit", "check-content", "check-layout", "approve", "return", "number", "cancel-number"
]
# Which scope a step needs besides; the rules of the workflow then decide whose turn it is.
SCOPES = {
    "submit": Scope.DRAFTS_WRITE,
    "number": Scope.OUTGOING_NUMBER,
    "cancel-number": Scope.OUTGOING_NUMBER,
}
_Ids = Annotated[list[Id], Field(max_length=2000)]
_Lines = Annotated[list[Line], Field(max_length=500)]
_Codes = Annotated[list[Annotated[Line, Field(max_length=35)]], Field(max_length=2000)]


class DraftIn(Given):
    """What a drafter states (Điều 10.2); the mandate names the issuing body and the signatory."""

    mandate: Id
    kind: Annotated[str, Field(max_length=20, pattern=WORD)]
    subject: Line
    body_text: Text
    to_places: _Lines
    notation: Annotated[Line, Field(max_length=30)] = ""
    addressees: _Lines = []
    bases: _Lines = []
    archive_line: Annotated[Line, Field(max_length=60)] = "VT"
    priority: Annotated[int, Field(ge=0, le=4)] = 0
    due_on: date | None = None
    recipients: _Ids = []  # of /directory/bodies
    outside: _Codes = []  # codes of /directory/outside
    answers: Id | None = None  # the incoming document that this one answers
    replaces: Id | None = None
    amends: Id | None = None


class DraftChange(DraftIn):
    """A new version; `seen_at` is the `changed_at` of the draft that was read."""

    seen_at: datetime


class StepIn(Given):
    seen_at: datetime
    comment: Text = ""


class DraftLine(Schema):
    id: Id
    kind: str
    notation: str
    subject: str
    body: str
    author: Who
    state: str
    priority: int
    due_on: date | None
    created_at: datetime
    changed_at: datetime
    outgoing: Id | None


class CheckShape(Schema):
    aspect: str
    passed: bool
    comment: str
    by: Who
    at: datetime


class RecipientNamed(Schema):
    name: str
    organ_id: str
    channel: str


class DraftShape(DraftLine):
    """A draft with its newest text; `steps` are the officer's to take now."""

    signatory: Who
    version: int
    content: dict[str, Any]
    recipients: list[RecipientNamed]
    attachments: list[AttachmentShape]
    checks: list[CheckShape]
    answers: Id | None
    shown: str  # digest of the pages that are signed; empty before approval
    steps: list[str]


@reads(router, "/drafts", Scope.DRAFTS_READ, Page[DraftLine])
def list_drafts(
    request: HttpRequest,
    state: str = Query("", max_length=14, pattern=WORD),
    awaiting: bool = Query(False, description="Only those that wait for the officer"),
    cursor: int | None = Cursor,
    limit: int = Limit,
) -> Page[DraftLine]:
    officer = require(request.auth.officer, Permission.DRAFT)
    rows = Draft.objects.visible_to(officer).select_related("body", "author__person")
    if awaiting:
        rows = rows.awaiting(officer, *(step for step in Step if step != Step.REVISE))
    if state:
        rows = rows.filter(state=state)
    shown, following = page_of(request, rows, cursor=cursor, limit=limit)
    return Page[DraftLine](items=[DraftLine(**_line(one)) for one in shown], next=following)


@acts(router, "/drafts", Scope.DRAFTS_WRITE, DraftShape, status=201)
def create_draft(request: HttpRequest, given: DraftIn) -> HttpResponse:
    """Begin a draft from the template of its kind."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        written = _written(given, officer, now)
        return drafting.create_draft(written, officer=officer, now=now).pk

    return once(request, do, show_draft, status=201)


@reads(router, "/drafts/{pk}", Scope.DRAFTS_READ, DraftShape)
def one_draft(request: HttpRequest, pk: int = PathId) -> DraftShape:
    return show_draft(request.auth.officer, pk)


@acts(router, "/drafts/{pk}", Scope.DRAFTS_WRITE, DraftShape, method="PUT")
def revise_draft(request: HttpRequest, given: DraftChange, pk: int = PathId) -> HttpResponse:
    """Keep a new version; after submission it passes both checks again (Điều 11.2)."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        draft = seen_draft(officer, pk, given.seen_at)
        written = _written(given, officer, now)
        drafting.revise_draft(draft, written, officer=officer, now=now)
        return pk

    return once(request, do, show_draft, about=pk)


@acts(router, "/drafts/{pk}/steps/{step}", Scope.DRAFTS_READ, DraftShape)
def take_step(
    request: HttpRequest, given: StepIn, step: StepName, pk: int = PathId
) -> HttpResponse:
    """Take a step: submit and the two checks, approve, return with a comment, number, cancel.

    Needs `drafts:write` to submit, `outgoing:number` to number or cancel, else `drafts:check`.
    """
    acting: Acting = request.auth
    require_scope(acting, SCOPES.get(step, Scope.DRAFTS_CHECK))

    def do(officer: Officer) -> int:
        draft = seen_draft(officer, pk, given.seen_at)
        STEPS[Step(step)](draft, given.comment, officer=officer, now=acting.now)
        return pk

    return once(request, do, show_draft, about=pk)


@hands_out(router, "/drafts/{pk}/pages", Scope.DRAFTS_READ, "application/pdf")
def draft_pages(request: HttpRequest, pk: int = PathId) -> FileResponse:
    """The pages as they stand: of the newest version, or as signed so far."""
    draft = access_draft(request.auth.officer, pk)
    copy = getattr(draft, "signing_copy", None)
    is_fixed = copy is not None and draft.state in FIXED
    pages = copy.newest_revision if is_fixed else draft.newest_version.pages
    return named_by_digest(show_pdf(pages), pages)


@reads(router, "/drafts/{pk}/life", Scope.DRAFTS_READ, Life)
def draft_life(request: HttpRequest, pk: int = PathId) -> Life:
    draft = access_draft(request.auth.officer, pk)
    return life_of(draft, draft.outgoing)


def require_scope(acting: Acting, scope: Scope) -> None:
    """Raises: ScopeMissing."""
    if scope not in acting.application.scopes:
        raise ScopeMissing(scope)


def seen_draft(officer: Officer, pk: int, seen_at: datetime) -> Draft:
    """The draft, unless it was changed since the caller read it.

    Raises: NotFound, ChangedMeanwhile.
    """
    draft = access_draft(officer, pk)
    if draft.changed_at != seen_at:
        raise ChangedMeanwhile(draft.changed_at, draft.get_state_display())
    return draft


def show_draft(officer: Officer, pk: int) -> DraftShape:
    draft = access_draft(officer, pk)
    version = draft.newest_version
    checks = Check.objects.filter(version__draft=draft).select_related("by__person")
    copy = getattr(draft, "signing_copy", None)
    return DraftShape(
        **_line(draft),
        signatory=Who(
            post=draft.mandate.post_id,
            name=draft.mandate.person.full_name,
            title=draft.mandate.authority_lines[-1],
        ),
        version=version.number,
        content=version.content,
        recipients=[
            RecipientNamed(name=one.name, organ_id=one.organ_id, channel=one.channel)
            for one in draft.recipients.all()
        ],
        attachments=shown_attachments(draft),
        checks=[
            CheckShape(
                aspect=one.aspect, passed=one.passed, comment=one.comment, by=Who.of(one.by),
                at=one.at,
            )
            for one in checks
        ],
        answers=draft.answers_id,
        shown=copy.shown if copy and draft.state in FIXED else "",
        steps=sorted(open_steps(draft.state, standings_of(draft, officer))),
    )  # fmt: skip


FIXED = ("signing", "signed", "numbered", "sealed", "issued")


def _line(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.pk,
        "kind": draft.kind,
        "notation": draft.notation,
        "subject": draft.subject,
        "body": draft.body.key,
        "author": Who.of(draft.author),
        "state": draft.state,
        "priority": draft.priority,
        "due_on": draft.due_on,
        "created_at": draft.created_at,
        "changed_at": draft.changed_at,
        "outgoing": draft.outgoing_id,
    }


def _written(given: DraftIn, officer: Officer, now: datetime) -> drafting.Written:
    """What was stated, by the rules of the page's form. Raises: NotUnderstood, NotFound."""
    answers = access_incoming(officer, given.answers) if given.answers else None
    succeeds, succession = _succeeded(given, officer)
    form = DraftForm(_as_form(given), officer=officer, day=legal_day(now))
    require_form(form)
    return form.written(answers=answers, succeeds=succeeds, succession=succession)


def _succeeded(given: DraftIn, officer: Officer) -> tuple[OutgoingDocument | None, str]:
    if given.replaces:
        return access_outgoing(officer, given.replaces), Succession.Kind.REPLACES
    if given.amends:
        return access_outgoing(officer, given.amends), Succession.Kind.AMENDS
    return None, ""


def _as_form(given: DraftIn) -> dict[str, Any]:
    lines = ("addressees", "bases", "to_places")
    return {
        **given.dict(exclude={"answers", "replaces", "amends", "seen_at"}),
        **{name: "\n".join(getattr(given, name)) for name in lines},
        "groups": [],
    }
