"""Recalling what we issued: the outbox stops, every recipient is asked (Điều 18.4; PL VI III.8).

A recipient on the axis is asked in the way its system understands: A, a status 13 to it alone;
B, a document message of type 1 (edxml.md 6.3; the setting RECALL_BY_DOCUMENT names those).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.directory.rules import legal_day
from chauban.exchange.change_rules import Request, may_ask_again, request_after, request_to
from chauban.exchange.dispatching import stop_dispatches
from chauban.exchange.errors import NothingToAsk
from chauban.exchange.models import (
    ChangeRequest,
    Channel,
    MessageType,
    OutgoingMessage,
    Recipient,
)
from chauban.exchange.ports import Refusal
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.journal.recording import record
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.registers.recalling import announcing, mark_recalled
from chauban_edxml.model import StatusCode

Kind = ChangeRequest.Kind
State = OutgoingMessage.State


@transaction.atomic
def recall(
    document: OutgoingDocument,
    *,
    reason: str,
    officer: Officer,
    now: datetime,
    announced_by: str = "",
) -> None:
    """Recall an issued document: nothing more of it is sent, and every recipient is asked.

    announced_by is the code of the document of the same body that announces it (Điều 18.4).
    What is on its way stays so: its recipients are asked whether they have it yet or not.

    Raises:
        NotAllowed: the officer does not issue for the body.
        RecallWithoutReason, NotRecallable, NotAnnounced.
    """
    require(officer, Permission.ISSUE, document.body)
    mark_recalled(
        document,
        reason=reason,
        announced_by=announcing(document, announced_by),
        officer=officer,
        now=now,
    )
    never_left = freeze(document.messages.all(), document)
    on_paper = stop_dispatches(document)
    recipients = list(document.recipients.select_for_update().order_by("pk"))
    requests = [
        ChangeRequest(
            recipient=one,
            kind=Kind.RECALL,
            state=request_to(
                is_on_axis=one.channel == Channel.AXIS,
                may_have_left=one.pk in on_paper
                if one.channel != Channel.AXIS
                else one.message_id is not None and one.message_id not in never_left,
                is_refused_by_axis=bool(one.refusal),
                status_code=one.status_code,
            ),
            asked_at=now,
        )
        for one in recipients
    ]
    _ask([one for one in requests if one.state == Request.WAITING], document, now=now)
    ChangeRequest.objects.bulk_create(requests)


@transaction.atomic
def ask_again(request: ChangeRequest, *, officer: Officer, now: datetime) -> None:
    """Ask a recipient once more for a recalled document (edxml.md 5.5).

    Raises:
        NotAllowed: the officer does not issue for the body.
        NothingToAsk: it has agreed, or there is nobody to ask on the axis.
    """
    request = (
        ChangeRequest.objects.select_for_update(of=("self",))
        .select_related("recipient__document__body")
        .get(pk=request.pk)
    )
    document = request.recipient.document
    require(officer, Permission.ISSUE, document.body)
    if request.kind != Kind.RECALL or not may_ask_again(Request(request.state)):
        raise NothingToAsk(request.recipient.name)
    request.state, request.asked_at = Request.WAITING, now
    request.answer, request.answered_at = "", None
    _ask([request], document, now=now)
    request.save()
    record(
        ActKind.RECALL_ASKED_AGAIN, on=document, by=officer, at=now, recipient=request.recipient_id
    )


@transaction.atomic
def note_given_back(request: ChangeRequest, *, officer: Officer, now: datetime) -> None:
    """Note that a recipient off the axis has given the document back (Điều 18.4).

    Raises:
        NotAllowed: the officer does not issue for the body.
        NothingToAsk: it is asked on the axis, and answers there.
    """
    document = request.recipient.document
    require(officer, Permission.ISSUE, document.body)
    is_noted = ChangeRequest.objects.filter(pk=request.pk, state=Request.APART).update(
        state=Request.AGREED, answered_at=now
    )
    if not is_noted:
        raise NothingToAsk(request.recipient.name)
    record(ActKind.GIVEN_BACK, on=document, by=officer, at=now, recipient=request.recipient_id)


def ask_for_update(
    later: OutgoingDocument,
    earlier: OutgoingDocument,
    message: OutgoingMessage,
    *,
    now: datetime,
) -> None:
    """Note that the recipients of both are asked to take the later document as an update."""
    asked = earlier.recipients.filter(organ_id__in=message.to_organ_ids).exclude(
        status_code=StatusCode.REFUSED
    )
    ChangeRequest.objects.bulk_create(
        ChangeRequest(
            recipient=one,
            kind=Kind.UPDATE,
            by=later,
            message=message,
            state=Request.WAITING,
            asked_at=now,
        )
        for one in asked
    )


def take_answers(answers: Iterable[tuple[Recipient, str, str]], *, now: datetime) -> None:
    """Note what statuses make of our requests: (recipient, status code, its words), in order.

    An answer that may concern either is to the recall; an agreed recall settles the updates.
    """
    answers = [one for one in answers if one[1] in _ANSWERING]
    if not answers:
        return
    recipients = [recipient for recipient, _, _ in answers]
    asked = ChangeRequest.objects.select_for_update(of=("self",)).select_related("recipient")
    named = Q(recipient__in=recipients) | Q(by__in={one.document_id for one in recipients})
    requests = list(asked.filter(named).order_by("kind", "asked_at", "pk"))
    changed: dict[int, ChangeRequest] = {}
    for recipient, code, words in answers:
        concerned = [one for one in requests if _concerns(one, recipient)]
        if code == StatusCode.REFUSED:  # it holds none of what it returned, and of no other
            answering = [one for one in concerned if one.recipient_id == recipient.pk]
        else:
            answering = _first_open(concerned)
        for request in answering:
            answered = request_after(Request(request.state), code)
            if answered.effect == "moved":
                request.state, request.answered_at = answered.request, now
                request.answer = words[:500]
                changed[request.pk] = request
            if request.kind == Kind.RECALL and request.state == Request.AGREED:
                for update in (one for one in concerned if one.kind == Kind.UPDATE):
                    update.state, update.answered_at = Request.AGREED, now
                    changed[update.pk] = update
    for request in changed.values():
        request.save(update_fields=["state", "answer", "answered_at"])


_ANSWERING = (StatusCode.CHANGE_AGREED, StatusCode.CHANGE_REFUSED, StatusCode.REFUSED)


def mark_undelivered(message: OutgoingMessage, refusals: Mapping[str, Refusal]) -> None:
    """Show the requests that the axis did not carry to a recipient."""
    for organ_id, refusal in refusals.items():
        message.requests.filter(
            recipient__organ_id=organ_id, kind=Kind.RECALL, state=Request.WAITING
        ).update(state=Request.UNDELIVERED, answer=refusal.vi[:500])


def freeze(
    messages: "QuerySet[OutgoingMessage]", document: OutgoingDocument | IncomingDocument
) -> Collection[int]:
    """Stop what is still to be sent of a document; return the messages that never left.

    A worker that is sending one at this moment finds its claim gone and settles nothing. What
    failed is to be sent no more and is no failure from now on; the journal keeps it.
    """
    due = list(
        messages.select_for_update()
        .filter(state__in=[State.DUE, State.FAILED], type=MessageType.EDOC)
        .values_list("pk", "attempts")
    )
    frozen = [pk for pk, _ in due]
    OutgoingMessage.objects.filter(pk__in=frozen).update(state=State.FROZEN, lease_until=None)
    if Act.objects.on(document).filter(kind=ActKind.SENDING_FAILED).exists():
        return set()  # put back among the due ones since: what was tried before is not counted
    return {pk for pk, attempts in due if attempts == 0}


def _ask(requests: Sequence[ChangeRequest], document: OutgoingDocument, *, now: datetime) -> None:
    """Owe each recipient the recall, in its dialect; the messages are written as they are sent."""
    number = document.messages.filter(key__startswith=f"recall:{document.uid}").count()
    by_document = [one for one in requests if _asked_by_document(one.recipient.organ_id)]
    groups = [[one] for one in requests if one not in by_document]
    for group in [*groups, by_document] if by_document else groups:
        is_status = group is not by_document
        message = OutgoingMessage.objects.create(
            key=f"recall:{document.uid}:{number}",
            type=MessageType.STATUS if is_status else MessageType.EDOC,
            status_code=StatusCode.TAKE_BACK if is_status else "",
            from_organ_id=document.body.organ_id(legal_day(now)),
            to_organ_ids=[one.recipient.organ_id for one in group],
            document=document,
            due_at=now,
            created_at=now,
        )
        number += 1
        for one in group:
            one.message = message


def _asked_by_document(organ_id: str) -> bool:
    named = settings.RECALL_BY_DOCUMENT
    return "*" in named or organ_id in named


def _concerns(request: ChangeRequest, recipient: Recipient) -> bool:
    """Whether a recipient's answer is to this request, under the old document's name or the new."""
    if request.recipient_id == recipient.pk:
        return True
    return (
        request.by_id == recipient.document_id and request.recipient.organ_id == recipient.organ_id
    )


def _first_open(requests: Sequence[ChangeRequest]) -> Sequence[ChangeRequest]:
    """The request that an answer is to: the recall, else the first update not answered."""
    recalls = [one for one in requests if one.kind == Kind.RECALL]
    waiting = [one for one in requests if one.state == Request.WAITING]
    return (recalls or waiting or requests)[:1]
