"""Pages of recalls: ours of what we issued, and those that came for what we hold (Điều 18.4)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

import chauban.registers.words as registers_words
from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, may
from chauban.exchange.access import access_issued, access_received_recall, access_request
from chauban.exchange.change_rules import may_ask_again, may_refuse
from chauban.exchange.errors import ExchangeError
from chauban.exchange.forms import RecallForm, RefuseRecallForm
from chauban.exchange.models import ChangeRequest, ReceivedRecall
from chauban.exchange.recalling import ask_again, note_given_back, recall
from chauban.exchange.withdrawing import answer_recall
from chauban.exchange.words import explain
from chauban.registers.errors import RegisterError
from chauban.registers.models import OutgoingDocument

State = OutgoingDocument.State
REQUEST_TONES = {
    ChangeRequest.State.WAITING: "wait",
    ChangeRequest.State.UNDELIVERED: "bad",
    ChangeRequest.State.REFUSED: "bad",
    ChangeRequest.State.AGREED: "good",
}


@login_required
@require_POST
def recall_document(request: HttpRequest, document_id: int) -> HttpResponse:
    document = access_issued(request.officer, document_id, Permission.ISSUE)
    form = RecallForm(request.POST)
    form.is_valid()
    given = form.cleaned_data
    try:
        recall(
            document,
            reason=given.get("reason", ""),
            announced_by=given.get("announced_by", ""),
            officer=request.officer,
            now=timezone.now(),
        )
    except RegisterError as error:
        messages.error(request, str(registers_words.explain(error)))
    return redirect("office:outgoing", document.pk)


@login_required
@require_POST
def ask_recipient_again(request: HttpRequest, request_id: int) -> HttpResponse:
    asked = access_request(request.officer, request_id)
    try:
        ask_again(asked, officer=request.officer, now=timezone.now())
    except ExchangeError as error:
        messages.error(request, str(explain(error)))
    return redirect("office:outgoing", asked.recipient.document_id)


@login_required
@require_POST
def note_recipient_gave_back(request: HttpRequest, request_id: int) -> HttpResponse:
    asked = access_request(request.officer, request_id)
    try:
        note_given_back(asked, officer=request.officer, now=timezone.now())
    except ExchangeError as error:
        messages.error(request, str(explain(error)))
    return redirect("office:outgoing", asked.recipient.document_id)


@login_required
@require_GET
def received_recall(request: HttpRequest, recall_id: int) -> HttpResponse:
    """A recall that came, the document it is about where we have it, and the clerk's answer."""
    found = access_received_recall(request.officer, recall_id)
    return _recall_page(request, found)


@login_required
@require_POST
def agree(request: HttpRequest, recall_id: int) -> HttpResponse:
    return _answer(request, recall_id, agrees=True)


@login_required
@require_POST
def refuse(request: HttpRequest, recall_id: int) -> HttpResponse:
    return _answer(request, recall_id, agrees=False)


def recalling_context(document: OutgoingDocument, officer: Officer) -> dict[str, object]:
    """What the page of an outgoing document shows of its recall, successors and answers."""
    requests = sorted(
        ChangeRequest.objects.filter(recipient__document=document)
        .select_related("recipient", "by", "message")
        .order_by(),
        key=lambda one: (one.kind, one.recipient_id, one.pk),
    )
    may_issue = may(officer, Permission.ISSUE, document.body)
    is_issued = document.state == State.ISSUED
    successors = document.successors.all()
    return {
        "requests": [
            {
                "request": one,
                "tone": REQUEST_TONES.get(one.state, ""),
                "may_ask_again": may_issue
                and one.kind == ChangeRequest.Kind.RECALL
                and may_ask_again(one.state),
                "may_note_given_back": may_issue and one.state == ChangeRequest.State.APART,
            }
            for one in requests
        ],
        "recall_form": RecallForm() if may_issue and is_issued else None,
        "may_succeed": is_issued and may(officer, Permission.DRAFT),
        "is_replaced": any(one.kind == "replaces" for one in successors),
        "successors": successors,
        "succession": getattr(document, "succession", None),
        "recalls": document.recalls.all(),
    }


def received_recall_context(found: ReceivedRecall | None, officer: Officer) -> dict[str, object]:
    """What the panel of a recall that came shows, and whether officer may answer it."""
    if found is None:
        return {"recall": None}
    is_clerk = may(officer, Permission.REGISTER_INCOMING, found.body)
    is_agreed = found.state == ReceivedRecall.State.AGREED
    delivery = found.delivery
    refusable = may_refuse(delivery.state if delivery else "")
    is_open = found.state == ReceivedRecall.State.OPEN
    return {
        "recall": found,
        "failed_answers": found.answers.failed() if is_clerk else (),
        "may_agree": is_clerk and not is_agreed,
        "refuse_form": RefuseRecallForm() if is_clerk and is_open and refusable else None,
    }


def _answer(request: HttpRequest, recall_id: int, *, agrees: bool) -> HttpResponse:
    found = access_received_recall(request.officer, recall_id, Permission.REGISTER_INCOMING)
    form = RefuseRecallForm(request.POST)
    if not agrees and not form.is_valid():
        return _recall_page(request, found, refuse_form=form, status=422)
    reason = "" if agrees else form.cleaned_data["reason"]
    try:
        answer_recall(
            found, agrees=agrees, reason=reason, officer=request.officer, now=timezone.now()
        )
    except ExchangeError as error:
        messages.error(request, str(explain(error)))
    return redirect("exchange:received-recall", found.pk)


def _recall_page(
    request: HttpRequest, found: ReceivedRecall, *, status: int = 200, **forms: object
) -> HttpResponse:
    context = {**received_recall_context(found, request.officer), **forms}
    return render(request, "exchange/received_recall.html", context, status=status)
