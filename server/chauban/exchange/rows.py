"""A delivery as a line of a list."""

from django.urls import reverse
from django.utils.translation import gettext as _

from chauban.exchange.models import Delivery, Dispatch, ReceivedRecall
from chauban.registers.models import Priority
from chauban.registers.rows import urgency_word
from chauban.ui.rows import Row

_TONES = {
    Delivery.State.ARRIVED: "",
    Delivery.State.REGISTERED: "good",
    Delivery.State.RETURNED: "bad",
    Delivery.State.WITHDRAWN: "bad",
}
_CAUTIOUS = (Delivery.Proposal.INFORMATION, Delivery.Proposal.RETURN)


def delivery_row(delivery: Delivery) -> Row:
    header = delivery.header
    is_proposed = delivery.state == Delivery.State.PROPOSED
    proposed_tone = "wait" if delivery.proposal in _CAUTIOUS else "go"
    return Row(
        number=f"{header['code_number']}/{header['code_notation']}",
        subject=header["subject"],
        about=f"{header['sender_name']} → {delivery.body.name}",
        state=delivery.get_proposal_display() if is_proposed else delivery.get_state_display(),
        tone=proposed_tone if is_proposed else _TONES[delivery.state],
        url=reverse("exchange:delivery", args=[delivery.pk]),
        at=delivery.arrived_at,
        urgency=urgency_word(header.get("priority", Priority.NORMAL)),
    )


def dispatch_row(dispatch: Dispatch) -> Row:
    document = dispatch.recipient.document
    return Row(
        number=document.code,
        subject=document.subject,
        about=f"{dispatch.get_channel_display()} → {dispatch.recipient.name}",
        state=dispatch.get_state_display(),
        tone="wait",
        url=reverse("exchange:dispatch", args=[dispatch.pk]),
        at=dispatch.owed_at,
        urgency=urgency_word(document.priority),
    )


def recall_row(recall: ReceivedRecall) -> Row:
    """A recall that the clerk has to answer."""
    header = recall.delivery.header if recall.delivery else {}
    return Row(
        number=recall.code or recall.document_id,
        subject=header.get("subject") or recall.reason,
        about=f"{recall.sender_name} → {recall.body.name}",
        state=str(_("Yêu cầu thu hồi")),
        tone="wait",
        url=reverse("exchange:received-recall", args=[recall.pk]),
        at=recall.asked_at,
        urgency="",
    )
