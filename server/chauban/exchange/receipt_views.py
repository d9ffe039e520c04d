"""The signed receipts of one recipient's copy, as a file to keep."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from chauban.exchange.access import access_recipient
from chauban.exchange.gateways import current_gateway
from chauban.exchange.models import Recipient
from chauban.exchange.ports import Gateway, GatewayUnavailable
from chauban.exchange.receipts import Receipt


@login_required
@require_GET
def receipts(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """What the axis stated of this recipient's copy; `chauban receipt` checks the file."""
    recipient = access_recipient(request.officer, recipient_id)
    try:
        found = receipts_of(recipient, current_gateway())
    except GatewayUnavailable:
        found = []
    if not found:
        messages.info(request, _("Chưa có biên nhận đã ký. Hãy xem lại sau ít phút."))
        return redirect("office:outgoing", recipient.document_id)
    content = json.dumps([one.as_dict() for one in found], ensure_ascii=False, indent=1)
    name = f"bien-nhan-{recipient.document_id}-{recipient.pk}.json"
    return HttpResponse(
        content,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def receipts_of(recipient: Recipient, gateway: Gateway) -> list[Receipt]:
    """The receipts about the whole message and those about this recipient, oldest first.

    Raises: GatewayUnavailable.
    """
    if recipient.message is None or not recipient.message.package_id:
        return []
    given = gateway.receipts(recipient.message.package_id, now=timezone.now())
    return [one for one in given if one.facts.get("to") in ("", recipient.organ_id)]
