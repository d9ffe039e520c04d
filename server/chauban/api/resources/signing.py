"""Asking a signatory or clerk to confirm on his telephone (Điều 13, 32; ADR 18, 31).

An application holds no PIN and confirms nothing: it may ask, look whether the holder has answered,
and take the question back. A key that opens by PIN or by a program is used on a page.
"""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Schema

from chauban.accounts.officers import Officer
from chauban.api.acting import Acting
from chauban.api.asking import acts, reads
from chauban.api.errors import ConfirmedByHolder
from chauban.api.once import once
from chauban.api.scopes import Scope
from chauban.api.shapes import Given, Id, Line, PathId
from chauban.trust.models import Certificate, Custody
from chauban.workflow import elsewhere, telephone
from chauban.workflow.access import access_draft
from chauban.workflow.elsewhere_views import call_back_address
from chauban.workflow.models import Draft
from chauban.workflow.rules import Step
from chauban.workflow.steps import require_step

router = Router(tags=["signing"])


class Shown(Given):
    """`shown` of the draft: the digest of the pages that its signatory has seen."""

    shown: Line


class SigningState(Schema):
    """`waiting` for the holder, or not; `control_code` stands on the telephone too."""

    draft: Id
    state: str
    waiting: bool
    control_code: str
    ends_at: datetime | None
    came_to_nothing: str  # why the last question did, by code; empty: it did not


@acts(router, "/drafts/{pk}/signing", Scope.SIGNING_ASK, SigningState, status=202)
def ask(request: HttpRequest, given: Shown, pk: int = PathId) -> HttpResponse:
    """Ask the officer's own telephone to sign, or the clerk's for the seal of a numbered draft."""
    acting: Acting = request.auth

    def do(officer: Officer) -> int:
        draft = access_draft(officer, pk)
        is_seal = draft.state == Draft.State.NUMBERED
        require_step(draft, Step.SEAL if is_seal else Step.SIGN, officer)
        _require_telephone(draft, officer, acting.now, is_seal=is_seal)
        put = telephone.ask_to_seal if is_seal else telephone.ask_to_sign
        put(
            draft, shown=given.shown, officer=officer, now=acting.now, call_back=call_back_address()
        )
        return pk

    return once(request, do, _show, about=pk, status=202)


@reads(router, "/drafts/{pk}/signing", Scope.SIGNING_ASK, SigningState)
def asked(request: HttpRequest, pk: int = PathId) -> SigningState:
    return _show(request.auth.officer, pk)


@acts(router, "/drafts/{pk}/signing", Scope.SIGNING_ASK, SigningState, method="DELETE")
def take_back(request: HttpRequest, pk: int = PathId) -> HttpResponse:
    """Let the officer's own question come to nothing; a later answer is not used."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        elsewhere.cancel(access_draft(officer, pk), officer=officer, now=now)
        return pk

    return once(request, do, _show, about=pk)


def _require_telephone(draft: Draft, officer: Officer, now: datetime, *, is_seal: bool) -> None:
    """Raises: ConfirmedByHolder, NoUsableCertificate."""
    page = reverse("workflow:seal" if is_seal else "workflow:sign", args=[draft.pk])
    held = Certificate.objects
    key = held.seal_of(draft.body, at=now) if is_seal else held.of_person(officer.person, at=now)
    if key.custody != Custody.TELEPHONE:
        raise ConfirmedByHolder(f"{settings.BASE_URL}{page}")


def _show(officer: Officer, pk: int) -> SigningState:
    draft = access_draft(officer, pk)
    use = elsewhere.asked_of(draft)
    is_own = use is not None and use.by.person_id == officer.person.pk
    nothing = elsewhere.come_to_nothing(draft)
    return SigningState(
        draft=draft.pk,
        state=draft.state,
        waiting=use is not None,
        control_code=use.control_code if use and is_own else "",
        ends_at=use.ends_at if use else None,
        came_to_nothing=nothing.last_problem.partition(":")[0] if nothing else "",
    )
