from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chauban.blobs.serving import download
from chauban.directory.rules import legal_day
from chauban.directory.working_days import is_past
from chauban.ui.viewing import ShownFile
from chauban.workflow.access import access_draft
from chauban.workflow.errors import ChangedMeanwhile
from chauban.workflow.models import DraftVersion
from chauban.workflow.opinions.access import (
    access_asked_file,
    access_opinion,
    access_round,
    attachments_of,
)
from chauban.workflow.opinions.actions import (
    ask_opinions,
    give_opinion,
    settle_opinion,
    withdraw_question,
)
from chauban.workflow.opinions.forms import OpinionForm, QuestionForm, SettlingForm
from chauban.workflow.opinions.models import Opinion, OpinionRound
from chauban.workflow.opinions.summaries import summary_of
from chauban.workflow.rules import Step, open_steps
from chauban.workflow.steps import require_step, standings_of
from chauban.workflow.words import REFUSALS, explain


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to ask about a draft; the draft itself stands beside."""
    draft, officer, now = access_draft(request.officer, pk), request.officer, timezone.now()
    try:
        require_step(draft, Step.ASK_OPINIONS, officer)
    except REFUSALS as refusal:
        messages.error(request, str(explain(refusal)))
        return redirect("workflow:draft", pk)
    seen = {"seen_at": draft.changed_at.isoformat()}
    form = QuestionForm(
        request.POST or None, initial=seen, draft=draft, officer=officer, day=legal_day(now)
    )
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["seen_at"] != seen["seen_at"]:
                raise ChangedMeanwhile(draft.changed_at, draft.get_state_display())
            asked = ask_opinions(draft, form.question(), officer=officer, now=now)
        except REFUSALS as refusal:
            form.add_error(None, str(explain(refusal)))
            form.data = form.data.copy()
            form.data["seen_at"] = seen["seen_at"]
        else:
            return redirect("workflow:opinion-round", asked.pk)
    context = {"draft": draft, "form": form, **_pages_of(draft.newest_version)}
    status = 422 if form.is_bound else 200
    return render(request, "workflow/opinions/ask.html", context, status=status)


@require_http_methods(["GET", "POST"])
def opinion(request: HttpRequest, pk: int) -> HttpResponse:
    """The version that an officer is asked about, and his answer."""
    found = access_opinion(request.officer, pk)
    form = OpinionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            give_opinion(found, **form.cleaned_data, officer=request.officer, now=timezone.now())
        except REFUSALS as refusal:
            form.add_error(None, str(explain(refusal)))
        else:
            messages.success(request, _("Đã gửi ý kiến đến người soạn thảo."))
            return redirect("workflow:opinion", pk)
    asked = found.round
    context = {
        "opinion": found,
        "asked": asked,
        "draft": asked.draft,
        "form": form,
        "is_overdue": found.is_open and is_past(asked.due_on, legal_day(timezone.now())),
        "attachments": attachments_of(asked),
        **_pages_of(asked.version),
    }
    status = 422 if form.errors else 200
    return render(request, "workflow/opinions/opinion.html", context, status=status)


@require_GET
def asked_file(request: HttpRequest, pk: int, attachment: int) -> FileResponse:
    found = access_asked_file(request.officer, pk, attachment)
    return download(found.blob, found.name)


@require_http_methods(["GET", "POST"])
def opinion_round(request: HttpRequest, pk: int) -> HttpResponse:
    """The answers as a table, and what the drafter takes in of each."""
    asked = access_round(request.officer, pk)
    forms = [SettlingForm.of(one, request.POST or None) for one in _worded(asked)]
    if request.method == "POST" and all(form.is_valid() for form in forms):
        refused = [form for form in forms if not _settled(request, form)]
        if not refused:
            return redirect("workflow:opinion-round", pk)
        return _round_page(request, asked, forms, status=422)
    return _round_page(request, asked, forms if request.method == "POST" else None)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    asked = access_round(request.officer, pk)
    try:
        withdraw_question(asked, officer=request.officer, now=timezone.now())
    except REFUSALS as refusal:
        return _round_page(request, asked, refusal=refusal, status=409)
    return redirect("workflow:opinion-round", pk)


def _worded(asked: OpinionRound) -> list[Opinion]:
    return [one for one in _opinions_of(asked) if one.words]


def _opinions_of(asked: OpinionRound) -> list[Opinion]:
    return list(
        asked.opinions.select_related(
            "post__person", "unit", "by__person", "settled_in", "round__version"
        )
    )


def _settled(request: HttpRequest, form: SettlingForm) -> bool:
    """Keep what one form says, if it says anything new; else put the refusal on it."""
    if not form.has_changed() or not form.cleaned_data["outcome"]:
        return True
    opinion = form.opinion
    try:
        settle_opinion(opinion, **form.cleaned_data, officer=request.officer, now=timezone.now())
    except REFUSALS as refusal:
        form.add_error(None, str(explain(refusal)))
        return False
    return True


def _round_page(
    request: HttpRequest,
    asked: OpinionRound,
    forms: list[SettlingForm] | None = None,
    *,
    refusal: Exception | None = None,
    status: int = 200,
) -> HttpResponse:
    draft = asked.draft
    opinions = _opinions_of(asked)
    steps = open_steps(draft.state, standings_of(draft, request.officer))
    may_settle = Step.ASK_OPINIONS in steps
    worded = [one for one in opinions if one.words]
    context = {
        "asked": asked,
        "draft": draft,
        "opinions": opinions,
        "summary": summary_of(asked, legal_day(timezone.now())),
        "newest": draft.newest_version,
        "forms": (forms or [SettlingForm.of(one) for one in worded]) if may_settle else [],
        "may_settle": may_settle,
        "refusal": explain(refusal) if refusal else None,
    }
    return render(request, "workflow/opinions/round.html", context, status=status)


def _pages_of(version: DraftVersion) -> dict[str, Any]:
    url = reverse("workflow:pages-file", args=[version.pages_id])
    name = f"{version.draft.kind_name} {version.draft.notation}"
    return {"shown_files": [ShownFile(name, url, f"{url}?download=1")]}
