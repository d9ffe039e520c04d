"""The clerk's page for passing an incoming document on to other agencies."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chauban.accounts.rights import Permission, require
from chauban.directory.errors import BodyHasNoCode
from chauban.directory.models import IssuingBody, OutsideOrganisation
from chauban.directory.rules import legal_day
from chauban.exchange.access import access_passed_on
from chauban.exchange.change_rules import Request, may_ask_again
from chauban.exchange.errors import ExchangeError
from chauban.exchange.forms import PassOnForm
from chauban.exchange.passing_on import Receiver, ask_holder_again, pass_on, receiver_of
from chauban.exchange.words import STATUSES, explain
from chauban.registers.models import IncomingDocument
from chauban.ui.matching import bare
from chauban.workflow.access import access_incoming
from chauban_edxml.errors import EdXMLError

SHOWN = 20


@login_required
@require_http_methods(["GET", "POST"])
def pass_on_document(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Whom it was passed on to and what each answers; looking for more, and passing it on."""
    document = access_incoming(request.officer, incoming_id)
    require(request.officer, Permission.ISSUE, document.body)
    form = PassOnForm(request.POST or None)
    chosen = _chosen(request)
    status = 200
    if request.method == "POST":
        form.is_valid()
        try:
            pass_on(
                document,
                chosen,
                words=form.cleaned_data.get("words", ""),
                officer=request.officer,
                now=timezone.now(),
            )
        except (ExchangeError, EdXMLError) as error:
            form.add_error(None, str(explain(error)))
            status = 422
        else:
            messages.success(request, _("Đã chuyển tiếp; hệ thống đang gửi."))
            return redirect("exchange:pass-on", document.pk)
    text = (request.POST.get("q") or request.GET.get("q", "")).strip()[:100]
    context = {
        "document": document,
        "form": form,
        "text": text,
        "found": _found(text, document),
        "chosen": {one.organ_id for one in chosen},
        "rows": [
            (
                one,
                f"{one.status_code} {STATUSES.get(one.status_code, '')}".strip(),
                bool(one.request) and may_ask_again(Request(one.request)),
            )
            for one in document.passed_on.select_related("message", "request_message", "by__person")
        ],
        "may_pass_on": document.state != IncomingDocument.State.RECALLED
        and not document.recall_asked_at,
    }
    return render(request, "exchange/pass_on.html", context, status=status)


@login_required
@require_POST
def ask_again(request: HttpRequest, passed_on_id: int) -> HttpResponse:
    one = access_passed_on(request.officer, passed_on_id)
    try:
        ask_holder_again(one, officer=request.officer, now=timezone.now())
    except ExchangeError as error:
        messages.error(request, str(explain(error)))
    return redirect("exchange:pass-on", one.incoming_id)


def _found(text: str, document: IncomingDocument) -> list[Receiver]:
    """Agencies on the axis whose names or codes have every word of text; none for no text."""
    wanted, now = bare(text).split(), timezone.now()
    if not wanted:
        return []
    bodies = IssuingBody.objects.as_of(legal_day(now)).exclude(pk=document.body_id)
    named = [one for one in bodies.order_by("name") if all(it in bare(one.name) for it in wanted)]
    ours = [_receiver(one) for one in named[:SHOWN]]
    listed = OutsideOrganisation.objects.listed().matching(text)[:SHOWN]
    return [*filter(None, ours), *(receiver_of(one, now=now) for one in listed)][:SHOWN]


def _chosen(request: HttpRequest) -> list[Receiver]:
    """The agencies ticked, by their codes; what is no agency is left out."""
    codes = list(dict.fromkeys(request.POST.getlist("to")))[:100]
    bodies = IssuingBody.objects.by_codes(codes)
    outside = OutsideOrganisation.objects.by_any_code(set(codes) - bodies.keys())
    found = [
        _receiver(bodies[code])
        if code in bodies
        else receiver_of(outside[code], now=timezone.now())
        for code in codes
        if code in bodies or code in outside
    ]
    return list({one.organ_id: one for one in found if one}.values())


def _receiver(body: IssuingBody) -> Receiver | None:
    try:
        return receiver_of(body, now=timezone.now())
    except BodyHasNoCode:
        return None
