from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import conditional_page, require_GET, require_POST

import chauban.blobs.words as blobs_words
import chauban.registers.words as registers_words
import chauban.workflow.words as workflow_words
from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, may, require
from chauban.blobs.errors import BlobError
from chauban.blobs.serving import download, show_pdf
from chauban.directory.models import Channel
from chauban.directory.rules import legal_day
from chauban.exchange import actions
from chauban.exchange.access import (
    access_delivered_file,
    access_delivery,
    access_issued,
    access_recipient,
    access_status,
)
from chauban.exchange.change_rules import differences
from chauban.exchange.dispatching import OFF_AXIS, ON_PAPER
from chauban.exchange.errors import ExchangeError
from chauban.exchange.forms import AcceptForm, ReturnForm
from chauban.exchange.lives import life_of_delivery
from chauban.exchange.models import (
    DeliveredFile,
    Delivery,
    Dispatch,
    IncomingMessage,
    PassedOn,
    ReceivedStatus,
    Recipient,
)
from chauban.exchange.overdue import overdue
from chauban.exchange.recall_views import received_recall_context
from chauban.exchange.receipt_views import receipts_by_recipient
from chauban.exchange.related import related_to_delivery
from chauban.exchange.rows import delivery_row
from chauban.exchange.succeeding import earlier_of, header_before, newer_than
from chauban.exchange.words import STATUSES, explain
from chauban.registers.errors import RegisterError
from chauban.registers.models import OutgoingDocument
from chauban.trust.presenting import present
from chauban.trust.views import show_changes
from chauban.ui.viewing import ShownFile
from chauban.ui.words import Words
from chauban.workflow.errors import WorkflowError
from chauban.workflow.proposing import Facts
from chauban.workflow.routing_rules import Proposal, proposal_for
from chauban_edxml.errors import EdXMLError
from chauban_edxml.model import StatusCode

PAGE_ROWS = 40
STATUS_TONES = {
    StatusCode.REFUSED: "bad",
    StatusCode.FINISHED: "good",
    StatusCode.TAKE_BACK: "wait",
}


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What came for the bodies of the clerk's registry and is still to be decided."""
    officer = require(request.officer, Permission.VIEW_DELIVERIES)
    bodies = list(officer.agency.issuing_bodies.as_of(legal_day(timezone.now())))
    shows_decided = request.GET.get("decided") == "1"
    states = ["registered", "returned", "withdrawn"] if shows_decided else ["arrived", "proposed"]
    deliveries = (
        Delivery.objects.filter(body__in=bodies, state__in=states)
        .select_related("body")
        .order_by("-arrived_at", "-pk")
    )
    codes = [code for body in bodies for code in body.aliases()]
    page = Paginator(deliveries, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [delivery_row(one) for one in page],
        "shows_decided": shows_decided,
        "set_aside": IncomingMessage.objects.set_aside().filter(to_organ_id__in=codes)[:PAGE_ROWS],
    }
    return render(request, "exchange/inbox.html", context)


@login_required
@require_GET
def delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """One delivered document: its files, what the check found, what the clerk may do."""
    found = access_delivery(request.officer, delivery_id)
    return _delivery_page(request, found)


@login_required
@require_POST
def accept(request: HttpRequest, delivery_id: int) -> HttpResponse:
    found = access_delivery(request.officer, delivery_id, Permission.REGISTER_INCOMING)
    form = AcceptForm(request.POST, proposal=found.proposal or "return")
    if not form.is_valid():
        return _delivery_page(request, found, accept_form=form, status=422)
    try:
        incoming = actions.accept_delivery(
            found, **form.cleaned_data, officer=request.officer, now=timezone.now()
        )
    except (ExchangeError, RegisterError, BlobError) as error:
        form.add_error(None, str(_words(error)))
        return _delivery_page(request, found, accept_form=form, status=422)
    return redirect("workflow:incoming", incoming.pk)


@login_required
@require_POST
def return_(request: HttpRequest, delivery_id: int) -> HttpResponse:
    found = access_delivery(request.officer, delivery_id, Permission.RETURN_DELIVERY)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _delivery_page(request, found, return_form=form, status=422)
    try:
        actions.return_delivery(
            found,
            reason=form.cleaned_data["reason"],
            officer=request.officer,
            now=timezone.now(),
        )
    except (ExchangeError, BlobError) as error:
        form.add_error(None, str(_words(error)))
        return _delivery_page(request, found, return_form=form, status=422)
    return redirect("exchange:delivery", found.pk)


@login_required
@require_GET
def delivered_file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """The file as it came. Only a PDF opens in the page; anything else is downloaded."""
    file = access_delivered_file(request.officer, file_id)
    if not file.name.lower().endswith(".pdf") or "download" in request.GET:
        return download(file.blob, file.name)
    return show_pdf(file.blob, file.name, asked=request.headers.get("Range", ""))


@login_required
@require_GET
def delivered_changes(request: HttpRequest, file_id: int) -> HttpResponse:
    """What changed in the file since it was signed, in pictures."""
    file = access_delivered_file(request.officer, file_id)
    back = reverse("exchange:delivery", args=[file.delivery_id])
    return show_changes(request, file.blob, name=file.name, back=back)


@conditional_page
@require_GET
def recipients(request: HttpRequest, document_id: int) -> HttpResponse:
    """The part of a document's page that tells who got it; asked again now and then by htmx."""
    if not request.htmx:
        return redirect("office:outgoing", document_id)
    document = access_issued(request.officer, document_id)
    context = recipients_context(document, request.officer)
    return render(request, "exchange/recipients.html", context)


@login_required
@require_POST
def issue(request: HttpRequest, document_id: int) -> HttpResponse:
    document = access_issued(request.officer, document_id, Permission.ISSUE)
    try:
        actions.issue(document, officer=request.officer, now=timezone.now())
    except (ExchangeError, EdXMLError, WorkflowError, RegisterError, BlobError) as error:
        messages.error(request, str(_words(error)))
    return redirect("office:outgoing", document.pk)


@login_required
@require_POST
def resend(request: HttpRequest, recipient_id: int) -> HttpResponse:
    recipient = access_recipient(request.officer, recipient_id)
    try:
        actions.resend(recipient, officer=request.officer, now=timezone.now())
    except ExchangeError as error:
        messages.error(request, str(explain(error)))
    return redirect("office:outgoing", recipient.document_id)


@login_required
@require_POST
def resend_status(request: HttpRequest, message_id: int) -> HttpResponse:
    """Send again what failed: a status, an answer to a recall, a document passed on."""
    message = access_status(request.officer, message_id)
    actions.retry(message, now=timezone.now())
    if message.delivery_id:
        return redirect("exchange:delivery", message.delivery_id)
    if message.recall_id:
        return redirect("exchange:received-recall", message.recall_id)
    return redirect("exchange:pass-on", PassedOn.objects.of(message)[0].incoming_id)


def recipients_context(document: OutgoingDocument, officer: Officer) -> dict[str, object]:
    """What the section on recipients shows of a document, and whether officer may send again."""
    found = document.recipients.select_related("body", "message").prefetch_related(
        "statuses", "dispatches"
    )
    found = sorted(found.order_by(), key=lambda one: one.pk)
    receipts = receipts_by_recipient(found)
    rows = [
        {
            **receipts[one.pk],
            "recipient": one,
            "status": status_words(one.status_code),
            "tone": STATUS_TONES.get(one.status_code, "go"),
            "statuses": [
                (status_words(each.code), each, _own_words(each), _moment(each))
                for each in one.statuses.all()
            ],
            "is_troubled": _is_troubled(one),
            "dispatches": (dispatches := list(one.dispatches.all())),
            "overdue": _overdue(one, document, dispatches),
            "dispatch": dispatches[-1] if dispatches and one.channel != Channel.AXIS else None,
            **_other_channels(one, dispatches),
        }
        for one in found
    ]
    return {
        "document": document,
        "recipients": rows,
        "summary": _summary(rows),
        "may_resend": may(officer, Permission.ISSUE, document.body),
    }


def _summary(rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, str, str]]:
    """How many recipients are in trouble, late, and how many have answered; with tones."""

    def reporting(code: StatusCode) -> int:
        return sum(row["recipient"].status_code == code for row in rows)

    counts = [
        (sum(row["is_troubled"] for row in rows), gettext("chưa gửi được"), "bad"),
        (sum(bool(row["overdue"]) for row in rows), gettext("quá hạn"), "wait"),
        (reporting(StatusCode.REFUSED), gettext("từ chối"), "bad"),
        (reporting(StatusCode.FINISHED), gettext("hoàn thành"), "good"),
    ]
    return [one for one in counts if one[0]]


def _overdue(
    recipient: Recipient, document: OutgoingDocument, dispatches: Sequence[Dispatch]
) -> Words | None:
    """What is overdue; nothing of what is recalled, shown as not delivered, or gone on paper."""
    if document.state == OutgoingDocument.State.RECALLED or _is_troubled(recipient):
        return None
    is_on_axis = recipient.channel == Channel.AXIS
    message = recipient.message if is_on_axis else None
    owed_at = [one.owed_at for one in dispatches if one.state == Dispatch.State.DUE]
    if is_on_axis:
        owed_at = [document.issued_at]
    arrivals = [one.received_at for one in recipient.statuses.all()]
    return overdue(
        recipient.status_code,
        owed_at=max(owed_at, default=None),
        sent_at=message.sent_at if message else None,
        arrived_at=min(arrivals, default=None),
        due_on=document.due_on,
        now=timezone.now(),
    )


def _other_channels(recipient: Recipient, dispatches: list[Dispatch]) -> dict[str, object]:
    """By what it may be sent now: another channel if it did not arrive, else paper besides."""
    is_on_axis = recipient.channel == Channel.AXIS
    is_paper = is_on_axis and not _is_troubled(recipient)
    if is_paper:
        offered = () if recipient.also_on_paper else ON_PAPER
    elif is_on_axis or (dispatches and dispatches[-1].state in ("due", "returned")):
        offered = tuple(one for one in OFF_AXIS if one != recipient.channel)
    else:
        offered = ()
    return {"is_paper": is_paper, "other_channels": [(one.value, one.label) for one in offered]}


def status_words(code: str) -> str:
    """A status code and its name, such as "03 Đã tiếp nhận"."""
    return f"{code} {STATUSES.get(code, '')}".strip()


def _moment(status: ReceivedStatus) -> datetime:
    """When the recipient says that it did so; by its clock never later than we heard of it."""
    return min(status.stated_at or status.received_at, status.received_at)


def _own_words(status: ReceivedStatus) -> str:
    """What the recipient wrote beyond the status's own name."""
    name = STATUSES[status.code].vi if status.code in STATUSES else ""
    return "" if status.description.strip() == name else status.description


def _is_troubled(recipient: Recipient) -> bool:
    message = recipient.message
    is_on_axis = recipient.channel == Channel.AXIS
    return (
        is_on_axis
        and not recipient.status_code
        and bool(
            recipient.refusal
            or recipient.transport == "fail"
            or (message and message.state == "failed")
        )
    )


def _delivery_page(
    request: HttpRequest,
    found: Delivery,
    *,
    accept_form: AcceptForm | None = None,
    return_form: ReturnForm | None = None,
    status: int = 200,
) -> HttpResponse:
    files = [
        (file, present(file.report) if file.report else None, _shown(file))
        for file in found.files.select_related("blob")
    ]
    is_open = found.state == Delivery.State.PROPOSED
    context = {
        "delivery": found,
        "header": found.header,
        "files": files,
        "shown_files": [shown for _, _, shown in files if shown],
        "life": life_of_delivery(found),
        "related": related_to_delivery(found, request.officer),
        "reasons": found.proposal_reasons,
        "statuses": [
            (status_words(one.status_code), one)
            for one in found.statuses_owed.order_by("created_at", "pk")
        ],
        "may_resend": may(request.officer, Permission.REGISTER_INCOMING, found.body),
        **received_recall_context(getattr(found, "recall", None), request.officer),
        "changes": [
            (one, differences(header_before(one, found), found.header)) for one in earlier_of(found)
        ],
        "newer": newer_than(found),
        "routing": _routing(found) if is_open else None,
        "accept_form": accept_form or (AcceptForm(proposal=found.proposal) if is_open else None),
        "return_form": return_form or (ReturnForm() if is_open else None),
    }
    return render(request, "exchange/delivery.html", context, status=status)


def _routing(found: Delivery) -> Proposal | None:
    """Whom a rule proposes to route the document to, once it is registered."""
    header = found.header
    facts = Facts(
        header["sender_name"], found.from_organ_id, header["kind_name"], header["subject"]
    )
    return proposal_for(found.body, facts, legal_day(timezone.now()))


def _shown(file: DeliveredFile) -> ShownFile | None:
    """A file as the viewer shows it; nothing of what is no PDF, or could not be had."""
    if file.blob_id is None or not file.name.lower().endswith(".pdf"):
        return None
    url = reverse("exchange:delivered-file", args=[file.pk])
    return ShownFile(file.name, url, f"{url}?download=1")


def _words(error: Exception) -> object:
    if isinstance(error, RegisterError):
        return registers_words.explain(error)
    if isinstance(error, WorkflowError):
        return workflow_words.explain(error)
    if isinstance(error, BlobError):
        return blobs_words.explain(error)
    return explain(error)
