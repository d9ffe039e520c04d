"""What goes to recipients off the axis: by post, by hand, by mail, by the Party's system.

Each recipient has a channel, each dispatch a state and a receipt (Điều 18; PL IV.II, PL IV.III).
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.blobs.models import Blob
from chauban.directory.models import Channel, IssuingBody, OutsideOrganisation
from chauban.directory.rules import legal_day
from chauban.exchange.errors import (
    AlreadyIssued,
    ChannelNotPossible,
    DayNotPossible,
    DispatchNotOpen,
    NobodySigned,
    ReturnWithoutReason,
)
from chauban.exchange.models import Dispatch, Recipient
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.models import OutgoingDocument
from chauban.workflow.models import DraftRecipient

State = Dispatch.State
_ISSUED = (OutgoingDocument.State.ISSUED, OutgoingDocument.State.RECALLED)
ON_PAPER = (Channel.POST, Channel.HAND)
OFF_AXIS = tuple(channel for channel in Channel if channel != Channel.AXIS)


def owe_dispatches(recipients: Sequence[Recipient], *, now: datetime) -> None:
    """Owe a dispatch to each recipient off the axis, at the address that the directory has."""
    off_axis = [one for one in recipients if one.channel != Channel.AXIS]
    if not off_axis:
        return
    codes = [one.organ_id for one in off_axis if one.body is None]
    outside = OutsideOrganisation.objects.by_any_code(codes)
    Dispatch.objects.bulk_create(
        Dispatch(
            recipient=one,
            channel=one.channel,
            address=_address(one.body or outside.get(one.organ_id)),
            owed_at=now,
        )
        for one in off_axis
    )


@transaction.atomic
def choose_channel(named: DraftRecipient, channel: str, *, officer: Officer, now: datetime) -> None:
    """Choose before issuing how a recipient gets the document.

    Raises: NotAllowed, AlreadyIssued, ChannelNotPossible.
    """
    draft = named.draft
    require(officer, Permission.ISSUE, draft.body)
    if draft.outgoing and draft.outgoing.state in _ISSUED:
        raise AlreadyIssued(draft.outgoing)
    if channel not in Channel or (channel == Channel.AXIS and not named.organ_id):
        raise ChannelNotPossible(named.name)
    named.channel = channel
    named.save(update_fields=["channel"])
    record(
        ActKind.CHANNEL_CHOSEN, on=draft, by=officer, at=now, recipient=named.pk, channel=channel
    )


@transaction.atomic
def change_channel(
    recipient: Recipient, channel: str, *, officer: Officer, now: datetime
) -> Dispatch:
    """Send by another channel what did not arrive; what was tried before stays on record.

    Raises:
        NotAllowed
        ChannelNotPossible: by the axis it is sent again with `actions.resend`.
        DispatchNotOpen: it has arrived, or is on its way.
    """
    require(officer, Permission.ISSUE, recipient.document.body)
    require_in_force(recipient)
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    if channel not in OFF_AXIS or channel == recipient.channel:
        raise ChannelNotPossible(recipient.name)
    require_undelivered(recipient)
    recipient.dispatches.filter(state=State.DUE, channel=recipient.channel).update(
        state=State.GIVEN_UP
    )
    recipient.channel = channel
    recipient.save(update_fields=["channel"])
    owe_dispatches([recipient], now=now)
    record(
        ActKind.CHANNEL_CHOSEN,
        on=recipient.document,
        by=officer,
        at=now,
        recipient=recipient.pk,
        channel=channel,
    )
    return recipient.dispatches.latest("pk")


def require_in_force(recipient: Recipient) -> None:
    """Nothing more is sent of a recalled document (PL VI III.8.a). Raises: ChannelNotPossible."""
    states = OutgoingDocument.objects.filter(pk=recipient.document_id).values_list("state")
    if states.get() == (OutgoingDocument.State.RECALLED,):
        raise ChannelNotPossible(recipient.name)


def require_undelivered(recipient: Recipient) -> None:
    """Raises: DispatchNotOpen."""
    if recipient.channel == Channel.AXIS:
        is_undelivered = Recipient.objects.troubled().filter(pk=recipient.pk).exists()
    else:
        newest = recipient.dispatches.filter(channel=recipient.channel).last()
        is_undelivered = newest is None or newest.state in (State.DUE, State.RETURNED)
    if not is_undelivered:
        raise DispatchNotOpen(recipient.name)


@transaction.atomic
def send_on_paper_too(
    recipient: Recipient, channel: str, *, officer: Officer, now: datetime
) -> Dispatch:
    """Owe a paper copy to a recipient that gets the document on the axis (Điều 18.2).

    Raises: NotAllowed, ChannelNotPossible: it gets paper anyway, or has been owed it already.
    """
    require(officer, Permission.ISSUE, recipient.document.body)
    require_in_force(recipient)
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    if channel not in ON_PAPER or recipient.channel in ON_PAPER or recipient.also_on_paper:
        raise ChannelNotPossible(recipient.name)
    recipient.also_on_paper = True
    recipient.save(update_fields=["also_on_paper"])
    outside = OutsideOrganisation.objects.by_any_code([recipient.organ_id])
    dispatch = Dispatch.objects.create(
        recipient=recipient,
        channel=channel,
        address=_address(recipient.body or outside.get(recipient.organ_id)),
        owed_at=now,
    )
    record(ActKind.PAPER_OWED, on=recipient.document, by=officer, at=now, recipient=recipient.pk)
    return dispatch


def stop_dispatches(document: OutgoingDocument) -> set[int]:
    """Give up what is still to be sent of a recalled document; return whom some of it reached."""
    dispatches = Dispatch.objects.select_for_update().filter(recipient__document=document)
    rows = list(dispatches.values_list("pk", "recipient", "state"))
    due = [pk for pk, _, state in rows if state == State.DUE]
    Dispatch.objects.filter(pk__in=due).update(state=State.GIVEN_UP)
    return {recipient for _, recipient, state in rows if state in (State.SENT, State.RECEIVED)}


@transaction.atomic
def mark_sent(
    dispatch: Dispatch,
    *,
    sent_on: date,
    officer: Officer,
    now: datetime,
    postal_number: str = "",
    envelopes: int = 1,
) -> None:
    """Note that it was sent, when, and under which number of the post.

    Raises: NotAllowed, DispatchNotOpen, DayNotPossible.
    """
    dispatch = _open(dispatch, officer, (State.DUE,))
    _require_day(sent_on, dispatch, now)
    dispatch.state, dispatch.sent_on, dispatch.sent_by = State.SENT, sent_on, officer.post
    dispatch.postal_number = postal_number.strip()[:40]
    dispatch.envelopes = envelopes
    dispatch.save()
    _record(ActKind.DISPATCHED, dispatch, officer, now)


@transaction.atomic
def mark_received(
    dispatch: Dispatch,
    *,
    received_on: date,
    received_by: str,
    officer: Officer,
    now: datetime,
    receipt: Blob | None = None,
    receipt_name: str = "",
) -> None:
    """Note who signed for it, and keep the scanned receipt where there is one.

    By hand, what was not yet noted as sent is noted as sent on the same day.

    Raises: NotAllowed, DispatchNotOpen, NobodySigned, DayNotPossible.
    """
    by_hand = dispatch.channel == Channel.HAND
    dispatch = _open(dispatch, officer, (State.SENT, State.DUE) if by_hand else (State.SENT,))
    if by_hand and not received_by.strip():
        raise NobodySigned(dispatch.recipient.name)
    _require_day(received_on, dispatch, now)
    if dispatch.sent_on is None:
        dispatch.sent_on, dispatch.sent_by = received_on, officer.post
    dispatch.state, dispatch.received_on = State.RECEIVED, received_on
    dispatch.received_by = received_by.strip()[:100]
    dispatch.receipt, dispatch.receipt_name = receipt, receipt_name[:200]
    dispatch.save()
    _record(
        ActKind.DISPATCH_RECEIVED, dispatch, officer, now, digest=receipt.sha256 if receipt else ""
    )


@transaction.atomic
def mark_returned(dispatch: Dispatch, *, note: str, officer: Officer, now: datetime) -> None:
    """Note that it came back or could not be brought, and why.

    Raises: NotAllowed, DispatchNotOpen, ReturnWithoutReason.
    """
    dispatch = _open(dispatch, officer, (State.DUE, State.SENT))
    note = note.strip()[:300]
    if not note:
        raise ReturnWithoutReason
    dispatch.state, dispatch.note = State.RETURNED, note
    dispatch.save()
    _record(ActKind.DISPATCH_RETURNED, dispatch, officer, now)


def _open(dispatch: Dispatch, officer: Officer, states: tuple[str, ...]) -> Dispatch:
    found = (
        Dispatch.objects.select_for_update(of=("self",))
        .select_related("recipient__document__body__agency")
        .get(pk=dispatch.pk)
    )
    require(officer, Permission.ISSUE, found.recipient.document.body)
    if found.state not in states:
        raise DispatchNotOpen(found.recipient.name)
    return found


def _require_day(day: date, dispatch: Dispatch, now: datetime) -> None:
    """Not before it was owed or sent, nor ahead."""
    first = dispatch.sent_on or legal_day(dispatch.owed_at)
    if not first <= day <= legal_day(now):
        raise DayNotPossible(first, legal_day(now))


def _record(
    kind: ActKind, dispatch: Dispatch, officer: Officer, now: datetime, *, digest: str = ""
) -> None:
    record(
        kind,
        on=dispatch.recipient.document,
        by=officer,
        at=now,
        digest=digest,
        recipient=dispatch.recipient_id,
        dispatch=dispatch.pk,
        channel=dispatch.channel,
    )


def _address(whom: IssuingBody | OutsideOrganisation | None) -> str:
    return whom.postal_address if whom else ""
