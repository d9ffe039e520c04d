"""The signed receipts of one recipient's copy, as a file to keep."""

import json
from collections.abc import Collection, Mapping, Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from chauban.exchange.access import access_recipient
from chauban.exchange.keeping import ended, proof
from chauban.exchange.models import Receipt, Recipient, Transport


@login_required
@require_GET
def receipts(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """What axes stated of this recipient's copy; `chauban receipt` checks the file."""
    recipient = access_recipient(request.officer, recipient_id)
    found = [proof(one) for one in receipts_about(recipient)]
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


def receipts_about(recipient: Recipient) -> "QuerySet[Receipt]":
    """The receipts about the whole message and those about this recipient, oldest first."""
    if recipient.message is None or recipient.message.raw_id is None:
        return Receipt.objects.none()
    stated = Receipt.objects.of_message(recipient.message.raw_id)
    return stated.filter(organ_id__in=["", recipient.organ_id])


def receipts_by_recipient(
    recipients: Collection[Recipient],
) -> dict[int, dict[str, object]]:
    """What a document's page shows of receipts, by recipient: those there are, and what lacks."""
    messages = {one.message.raw_id: one.message for one in recipients if one.message}
    stated: dict[str, list[Receipt]] = {
        digest: list(Receipt.objects.of_message(digest).defer("statement__text", "statement__cms"))
        for digest in messages
        if digest
    }
    return {one.pk: _of_recipient(one, stated) for one in recipients}


def _of_recipient(
    recipient: Recipient, stated: Mapping[str, Sequence[Receipt]]
) -> dict[str, object]:
    message = recipient.message
    if message is None:
        return {}
    all_stated = stated.get(message.raw_id or "", [])
    own = [one for one in all_stated if one.organ_id in ("", recipient.organ_id)]
    has_arrived = recipient.transport in (Transport.DONE, Transport.FAIL)
    is_expected = all_stated or message.track_at  # else its axis states nothing
    lacks = has_arrived and is_expected and not any(ended(one, recipient.organ_id) for one in own)
    return {"receipts": own, "lacks_receipt": lacks, "asks_for_receipt": bool(message.track_at)}
