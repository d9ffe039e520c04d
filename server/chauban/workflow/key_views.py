"""The pages on which one document is signed or sealed, and what came of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotFound
from chauban.trust.errors import NoUsableCertificate
from chauban.trust.keys import keys_under
from chauban.trust.models import Certificate, Custody
from chauban.trust.presenting import present
from chauban.workflow import elsewhere, local_program, telephone
from chauban.workflow.access import access_draft
from chauban.workflow.elsewhere_views import call_back_address
from chauban.workflow.forms import KeyForm, SeenForm
from chauban.workflow.models import Draft
from chauban.workflow.results import stored_report
from chauban.workflow.rules import Step, open_steps
from chauban.workflow.sealing import seal_draft
from chauban.workflow.services import signing_services
from chauban.workflow.signing import sign_draft
from chauban.workflow.steps import standings_of
from chauban.workflow.views import draft_page, shown_pages
from chauban.workflow.waiting import waiting_of
from chauban.workflow.words import REFUSALS, explain


@sensitive_post_parameters("pin")
@never_cache
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    return _key_page(request, pk, Step.SIGN, "workflow/sign.html")


@sensitive_post_parameters("pin")
@never_cache
@require_http_methods(["GET", "POST"])
def seal(request: HttpRequest, pk: int) -> HttpResponse:
    return _key_page(request, pk, Step.SEAL, "workflow/seal.html")


@require_GET
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """What was signed or sealed, as it is stored: read back and assessed when this is asked."""
    draft, now = access_draft(request.officer, pk), timezone.now()
    copy = getattr(draft, "signing_copy", None)
    if copy is None or copy.signed is None:
        raise NotFound(pk)
    awaiting = Draft.objects.awaiting(request.officer, *_NEXT_OF.get(draft.state, ()))
    context = {
        "draft": draft,
        "waiting": waiting_of(draft),
        "findings": present(stored_report(copy, signing_services(now), now=now)),
        "steps": open_steps(draft.state, standings_of(draft, request.officer)),
        "next": awaiting.exclude(pk=pk).order_by("-priority", "changed_at").first(),
        "shown_files": [shown_pages(draft, copy.newest_revision)],
    }
    return render(request, "workflow/result.html", context)


_NEXT_OF: Mapping[str, tuple[Step, ...]] = {
    Draft.State.SIGNED: (Step.SIGN,),
    Draft.State.SEALED: (Step.SEAL,),
}


def custody_of_key(draft: Draft, step: Step, officer: Officer, now: datetime) -> str:
    """Where the key is that would be used; blank where there is none to use."""
    try:
        if step == Step.SIGN:
            return Certificate.objects.of_person(officer.person, at=now).custody
        return Certificate.objects.seal_of(draft.body, at=now).custody
    except NoUsableCertificate:
        return ""


@sensitive_variables()
def _key_page(request: HttpRequest, pk: int, step: Step, template: str) -> HttpResponse:
    """Show what a person is about to sign, and sign it when he confirms as his key asks."""
    draft, now = access_draft(request.officer, pk), timezone.now()
    if elsewhere.asked_of(draft):
        return redirect("workflow:draft", pk)
    custody = custody_of_key(draft, step, request.officer, now)
    form_of = SeenForm if custody in (Custody.TELEPHONE, Custody.PLUGIN) else KeyForm
    form = form_of(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        confirm = _CONFIRMING.get(custody, _with_pin)
        try:
            next_page = confirm(
                request, draft, step, {**form.cleaned_data, "officer": request.officer, "now": now}
            )
        except REFUSALS as error:
            refusal = error
            draft.refresh_from_db()
        else:
            return redirect(next_page, pk)
    copy = getattr(draft, "signing_copy", None)
    if copy is None or step not in open_steps(draft.state, standings_of(draft, request.officer)):
        return draft_page(request, draft, refusal=refusal, status=409)
    context = {
        "draft": draft,
        "mandate": draft.mandate,
        "attachments": draft.attachments.kept().select_related("blob"),
        "recipients": draft.recipients.all(),
        "waiting": waiting_of(draft),
        "custody": custody,
        "form": form if form.errors else form_of(initial={"shown": copy.shown}),
        "refusal": explain(refusal) if refusal else None,
        "shown_files": [shown_pages(draft, copy.newest_revision)],
        "page_amount": len(copy.page_digests),
    }
    return render(request, template, context, status=422 if refusal else 200)


@sensitive_variables()
def _with_pin(request: HttpRequest, draft: Draft, step: Step, confirmed: dict[str, Any]) -> str:
    officer, now = confirmed["officer"], confirmed["now"]
    act = sign_draft if step == Step.SIGN else seal_draft
    act(
        draft,
        keys=keys_under(confirmed["pin"], officer=officer, now=now),
        shown=confirmed["shown"],
        officer=officer,
        now=now,
        services=signing_services(now),
    )
    return "workflow:result"


def _by_telephone(request: HttpRequest, draft: Draft, step: Step, confirmed: dict[str, Any]) -> str:
    ask = telephone.ask_to_sign if step == Step.SIGN else telephone.ask_to_seal
    ask(draft, call_back=call_back_address(), **confirmed)
    return "workflow:draft"


def _by_program(request: HttpRequest, draft: Draft, step: Step, confirmed: dict[str, Any]) -> str:
    is_sign = step == Step.SIGN
    hand_over = local_program.hand_over_to_sign if is_sign else local_program.hand_over_to_seal
    hand_over(draft, **confirmed)
    return "workflow:program"


_CONFIRMING = {Custody.TELEPHONE: _by_telephone, Custody.PLUGIN: _by_program}
