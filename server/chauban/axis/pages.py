"""The operator's page: what waits, since when, what failed, and sending it again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from chauban.accounts.rights import NotFound, Permission, require
from chauban.axis import neighbours
from chauban.axis.models import Carriage, Rejection
from chauban.axis.words import refusal_words
from chauban.exchange.actions import resend, retry
from chauban.exchange.errors import ExchangeError
from chauban.exchange.models import IncomingMessage, OutgoingMessage, Recipient
from chauban.exchange.words import explain

SHOWN = 100


@login_required
@require_GET
def queues(request: HttpRequest) -> HttpResponse:
    """Queues with their length and oldest message; failures of our own and of the axis."""
    require(request.officer, Permission.OPERATE_AXIS)
    context = {
        "now": timezone.now(),
        "outbox": OutgoingMessage.objects.outbox(),
        "inbox": IncomingMessage.objects.backlog(),
        "carriages": Carriage.objects.queues(),
        "neighbours": neighbours.listed(),
        "failed": OutgoingMessage.objects.failed().select_related("document", "delivery")[:SHOWN],
        "troubled": Recipient.objects.troubled().select_related("document", "message")[:SHOWN],
        "refused": IncomingMessage.objects.refused()[:SHOWN],
        "set_aside": IncomingMessage.objects.set_aside()[:SHOWN],
        "uncarried": Carriage.objects.failed().select_related("package", "to")[:SHOWN],
        "rejections": [
            (one, refusal_words(one.error_code))
            for one in Rejection.objects.select_related("system").order_by("-at")[:SHOWN]
        ],
    }
    return render(request, "axis/queues.html", context)


@login_required
@require_POST
def retry_message(request: HttpRequest, message_id: int) -> HttpResponse:
    require(request.officer, Permission.OPERATE_AXIS)
    message = OutgoingMessage.objects.filter(pk=message_id).first()
    if message is None:
        raise NotFound
    retry(message, now=timezone.now())
    return redirect("axis:queues")


@login_required
@require_POST
def resend_to(request: HttpRequest, recipient_id: int) -> HttpResponse:
    officer = require(request.officer, Permission.OPERATE_AXIS)
    recipient = Recipient.objects.filter(pk=recipient_id).first()
    if recipient is None:
        raise NotFound
    try:
        resend(recipient, officer=officer, now=timezone.now())
    except ExchangeError as error:
        messages.error(request, str(explain(error)))
    return redirect("axis:queues")
