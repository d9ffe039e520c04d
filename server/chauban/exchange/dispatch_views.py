"""The clerk's pages for what goes off the axis, for usual channels, and for retired codes."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

import chauban.blobs.words as blobs_words
import chauban.workflow.words as workflow_words
from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.blobs import store
from chauban.blobs.errors import BlobError
from chauban.blobs.serving import download
from chauban.directory.models import Channel, IssuingBody, OutsideOrganisation
from chauban.directory.rules import legal_day, legal_year
from chauban.exchange import dispatching
from chauban.exchange.access import (
    access_dispatch,
    access_named_recipient,
    access_recipient,
    access_set_aside,
)
from chauban.exchange.dispatch_forms import (
    ChannelForm,
    MarkForm,
    ReceivedForm,
    SentForm,
    UndeliveredForm,
    WhereForm,
)
from chauban.exchange.errors import ExchangeError, NotSetAsideForSuccessor
from chauban.exchange.handing import hand_to_successor, heirs_waiting, may_hand_over
from chauban.exchange.marking import Marked, mark_each, takes_word
from chauban.exchange.models import Dispatch, IncomingMessage
from chauban.exchange.postal import envelope_pdf, postal_book_pdf
from chauban.exchange.usual_channels import require_may_place, set_usual_channel
from chauban.exchange.words import explain
from chauban.registers.access import registers_of
from chauban.registers.forms import RegisterForm
from chauban.ui.matching import bare
from chauban.workflow.drafting import clean_file_name
from chauban.workflow.errors import FileTooLarge, WorkflowError

PAGE_ROWS = 40
Act = Callable[[Dispatch, dict[str, Any]], None]


@login_required
@require_http_methods(["GET", "POST"])
def dispatches(request: HttpRequest) -> HttpResponse:
    """What is to go off the axis by one channel, and what went and is not yet received.

    Posted are those ticked, to be noted as sent or received; each has its result.
    """
    officer = require(request.officer, Permission.ISSUE)
    if request.method != "POST":
        return _dispatches_page(request, officer)
    named = request.POST.getlist("on_page" if "all" in request.POST else "dispatch")
    numbers = [int(one) for one in named if one.isdecimal() and len(one) < 10]
    chosen = [access_dispatch(officer, number) for number in dict.fromkeys(numbers[:PAGE_ROWS])]
    form = MarkForm(request.POST)
    results: list[Marked] = []
    if form.is_valid() and chosen:
        results = mark_each(
            [(one, request.POST.get(f"word-{one.pk}", "")) for one in chosen],
            form.cleaned_data["what"],
            on=form.cleaned_data["on"],
            officer=officer,
            now=timezone.now(),
        )
    return _dispatches_page(request, officer, results=results, chosen=chosen, form=form)


def _dispatches_page(
    request: HttpRequest,
    officer: Officer,
    *,
    results: Sequence[Marked] = (),
    chosen: Sequence[Dispatch] = (),
    form: MarkForm | None = None,
) -> HttpResponse:
    """The list of a channel; after an act on several, what became of each and what stays ticked."""
    channel = request.GET.get("channel", "")
    if channel not in dispatching.OFF_AXIS:
        channel = Channel.POST
    ours = Dispatch.objects.of_agency(officer.agency_id)
    due = dict(ours.due().values_list("channel").order_by().annotate(Count("pk")))
    shows_done = request.GET.get("done") == "1"
    states = ["received", "returned", "given-up"] if shows_done else ["due", "sent"]
    rows = (
        ours.filter(channel=channel, state__in=states)
        .select_related("recipient__document")
        .order_by(*(["-owed_at"] if shows_done else ["state", "owed_at"]), "pk")
    )
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    refused = {one.dispatch.pk for one in results if one.error}
    ticked = refused if results else {one.pk for one in chosen}
    context = {
        "channels": [(one, one.label, due.get(one, 0)) for one in dispatching.OFF_AXIS],
        "channel": Channel(channel),
        "page": page,
        "rows": [
            (one, takes_word(one), request.POST.get(f"word-{one.pk}", ""), one.pk in ticked)
            for one in page
        ],
        "shows_done": shows_done,
        "mark_form": form or MarkForm(initial={"on": legal_day(timezone.now())}),
        "noted": [one.dispatch for one in results if not one.error],
        "refused": [(one.dispatch, explain(one.error)) for one in results if one.error],
        "is_nothing_chosen": form is not None and not chosen,
    }
    is_done = form is None or len(refused) < len(results)
    return render(request, "exchange/dispatches.html", context, status=200 if is_done else 422)


@login_required
@require_GET
def dispatch(request: HttpRequest, dispatch_id: int) -> HttpResponse:
    """One dispatch: whom to, its state, what the clerk notes of it."""
    return _dispatch_page(request, access_dispatch(request.officer, dispatch_id))


@login_required
@require_POST
def note(request: HttpRequest, dispatch_id: int, what: str) -> HttpResponse:
    """Note that it was sent, received, or could not be brought."""
    found = access_dispatch(request.officer, dispatch_id)
    today = legal_day(timezone.now())
    by = {"officer": request.officer, "now": timezone.now()}
    form: SentForm | ReceivedForm | UndeliveredForm
    act: Callable[..., None]
    if what == "sent":
        form, act = (
            SentForm(request.POST, channel=found.channel, today=today),
            dispatching.mark_sent,
        )
    elif what == "received":
        form = ReceivedForm(request.POST, request.FILES, today=today)
        act = dispatching.mark_received
    elif what == "returned":
        form, act = UndeliveredForm(request.POST), dispatching.mark_returned
    else:
        raise Http404(what)
    if not form.is_valid():
        return _dispatch_page(request, found, form=form, status=422)
    try:
        act(found, **_kept(form.cleaned_data, found, what), **by)
    except ExchangeError as error:
        form.add_error(None, str(explain(error)))
        return _dispatch_page(request, found, form=form, status=422)
    except (BlobError, WorkflowError) as error:
        words = workflow_words if isinstance(error, WorkflowError) else blobs_words
        form.add_error(None, str(words.explain(error)))
        return _dispatch_page(request, found, form=form, status=422)
    return redirect("exchange:dispatch", found.pk)


@login_required
@require_GET
def envelope(request: HttpRequest, dispatch_id: int) -> HttpResponse:
    found = access_dispatch(request.officer, dispatch_id)
    return _pdf(envelope_pdf(found, now=timezone.now()), f"bi-{found.pk}")


@login_required
@require_GET
def receipt(request: HttpRequest, dispatch_id: int) -> FileResponse:
    found = access_dispatch(request.officer, dispatch_id)
    if found.receipt is None:
        raise Http404
    return download(found.receipt, found.receipt_name)


@login_required
@require_POST
def change_channel(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """Another channel for who did not get it, or paper besides the axis."""
    recipient = access_recipient(request.officer, recipient_id)
    by = {"officer": request.officer, "now": timezone.now()}
    on_paper = "paper" in request.POST
    form = ChannelForm(request.POST, on_paper=on_paper)
    act = dispatching.send_on_paper_too if on_paper else dispatching.change_channel
    try:
        if form.is_valid():
            act(recipient, form.cleaned_data["channel"], **by)
    except ExchangeError as error:
        messages.error(request, str(explain(error)))
    return redirect("office:outgoing", recipient.document_id)


@login_required
@require_POST
def choose_channel(request: HttpRequest, named_id: int) -> HttpResponse:
    """The channel of a recipient of a draft that is to be issued."""
    named = access_named_recipient(request.officer, named_id)
    try:
        dispatching.choose_channel(
            named, request.POST.get("channel", ""), officer=request.officer, now=timezone.now()
        )
    except ExchangeError as error:
        messages.error(request, str(explain(error)))
    return redirect("workflow:draft", named.draft_id)


@login_required
@require_GET
def postal_book(request: HttpRequest) -> HttpResponse:
    """Sổ gửi văn bản đi bưu điện of a body and a year (PL IV.III)."""
    form, body, year = _asked(request)
    rows = Dispatch.objects.in_postal_book(body, year).reverse()
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {"form": form, "body": body, "year": year, "page": page}
    return render(request, "exchange/postal_book.html", context)


@login_required
@require_GET
def postal_book_file(request: HttpRequest) -> HttpResponse:
    _, body, year = _asked(request)
    pdf = postal_book_pdf(body, year, now=timezone.now())
    return _pdf(pdf, f"so-gui-buu-dien-{body.key}-{year}")


@login_required
@require_GET
def usual_channels(request: HttpRequest) -> HttpResponse:
    """How each organisation usually gets documents: ours, and those that the axis lists."""
    require_may_place(request.officer)
    text = request.GET.get("q", "").strip()[:100]
    bodies = IssuingBody.objects.as_of(legal_day(timezone.now())).order_by("name")
    wanted = bare(text).split()
    ours = [one for one in bodies if all(word in bare(one.name) for word in wanted)]
    listed = OutsideOrganisation.objects.listed().matching(text)
    page = Paginator(listed, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {"text": text, "ours": ours[:PAGE_ROWS] if page.number == 1 else [], "page": page}
    return render(request, "exchange/usual_channels.html", context)


@login_required
def usual_channel(request: HttpRequest, kind: str, whom_id: int) -> HttpResponse:
    """One organisation's usual channel and its address."""
    require_may_place(request.officer)
    model = {"body": IssuingBody, "outside": OutsideOrganisation}.get(kind)
    whom = model.objects.filter(pk=whom_id).first() if model else None
    if whom is None:
        raise Http404
    initial = {"channel": whom.channel, "postal_address": whom.postal_address}
    form = WhereForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        set_usual_channel(whom, **form.cleaned_data, officer=request.officer, now=timezone.now())
        return redirect("exchange:usual-channels")
    status = 422 if form.errors else 200
    context = {"whom": whom, "form": form}
    return render(request, "exchange/usual_channel.html", context, status=status)


@login_required
@require_GET
def set_aside(request: HttpRequest) -> HttpResponse:
    """Packages for bodies that are no more, and the successors of each."""
    now, rows = timezone.now(), []
    for message in IncomingMessage.objects.set_aside().filter(refusal="several-successors"):
        try:
            waiting = heirs_waiting(message, now=now)
        except NotSetAsideForSuccessor:
            continue
        if may_hand_over(request.officer, waiting.predecessor):
            rows.append({"message": message, "waiting": waiting})
    return render(request, "exchange/set_aside.html", {"rows": rows})


@login_required
@require_POST
def hand_over(request: HttpRequest, message_id: int) -> HttpResponse:
    message = access_set_aside(request.officer, message_id)
    chosen = request.POST.get("body", "")
    heir = IssuingBody.objects.filter(pk=chosen).first() if chosen.isdecimal() else None
    try:
        if heir is None:
            raise NotSetAsideForSuccessor(message)
        hand_to_successor(message, heir, officer=request.officer, now=timezone.now())
    except ExchangeError as error:
        messages.error(request, str(explain(error)))
    except BlobError as error:
        messages.error(request, str(blobs_words.explain(error)))
    return redirect("exchange:set-aside")


def _kept(given: dict[str, Any], found: Dispatch, what: str) -> dict[str, Any]:
    """What the form gave, its file stored."""
    if what != "received":
        return given
    file = given.pop("receipt")
    if file is None:
        return given
    if file.size > settings.MAX_UPLOAD_BYTES:
        raise FileTooLarge(file.name, file.size, settings.MAX_UPLOAD_BYTES)
    return {
        **given,
        "receipt": store.put(file, now=timezone.now()),
        "receipt_name": clean_file_name(file.name),
    }


def _dispatch_page(
    request: HttpRequest, found: Dispatch, *, form: Any = None, status: int = 200
) -> HttpResponse:
    today = legal_day(timezone.now())
    given = {type(form): form} if form is not None else {}
    is_due, is_sent = found.state == "due", found.state == "sent"
    takes_receipt = is_sent or (is_due and found.channel == Channel.HAND)
    context = {
        "dispatch": found,
        "sent_form": given.get(SentForm, SentForm(channel=found.channel, today=today))
        if is_due
        else None,
        "received_form": given.get(ReceivedForm, ReceivedForm(today=today))
        if takes_receipt
        else None,
        "returned_form": given.get(UndeliveredForm, UndeliveredForm())
        if is_due or is_sent
        else None,
        "others": found.recipient.dispatches.exclude(pk=found.pk),
        "refusals": form.non_field_errors() if form is not None else (),
    }
    return render(request, "exchange/dispatch.html", context, status=status)


def _asked(request: HttpRequest) -> tuple[RegisterForm, IssuingBody, int]:
    now = timezone.now()
    bodies = registers_of(request.officer, legal_day(now))
    form = RegisterForm(request.GET, bodies=bodies, year=legal_year(now))
    body, year, _ = form.shown()
    return form, body, year


def _pdf(pdf: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer
