"""The official acts of the exchange: issue, accept, return, send again."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.directory.rules import legal_day
from chauban.exchange.change_rules import Request
from chauban.exchange.composing import compose_header, write_document
from chauban.exchange.dispatching import owe_dispatches
from chauban.exchange.errors import (
    AcceptanceNotAllowed,
    AlreadyDecided,
    AlreadyIssued,
    NothingToResend,
    NotReadyToDecide,
    NotSealed,
    ReturnWithoutReason,
)
from chauban.exchange.models import (
    Channel,
    Delivery,
    MessageType,
    OutgoingMessage,
    Recipient,
    Reply,
    Transport,
)
from chauban.exchange.recalling import ask_for_update
from chauban.exchange.recipients import recipients_of
from chauban.exchange.rules import may_accept
from chauban.exchange.statuses import owe_status
from chauban.exchange.succeeding import (
    apply_update,
    drop_older,
    is_under_same_identifier,
    link,
    owe_consent,
    refuse_update,
    updated_line,
)
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.actions import (
    Received,
    ReceivedFile,
    mark_issued,
    new_under,
    register_incoming,
)
from chauban.registers.models import IncomingDocument, OutgoingDocument, Succession
from chauban.workflow.actions import link_answer
from chauban.workflow.models import Draft
from chauban_edxml import changes
from chauban_edxml.model import DocumentMessage, ReplacementInfo, StatusCode


def issue(document: OutgoingDocument, *, officer: Officer, now: datetime) -> None:
    """Issue a sealed document (phát hành): its recipients are fixed and the message is owed.

    One message carries it to all recipients on the axis; it is written and kept, with its
    digest, before anything is sent. The others stand as recipients with their channel
    (Nghị định 30/2020/NĐ-CP Điều 18).

    Raises:
        NotAllowed: the officer is not the clerk of the body's registry.
        NotSealed, AlreadyIssued, NoRecipients.
        NotReplaceable: what it is to replace was replaced by another meanwhile.
        StepNotAllowed, ChangedMeanwhile: as every step of a draft.
        chauban_edxml.errors.NotWritable: the message may not be sent like this.
    """
    require(officer, Permission.ISSUE, document.body)
    require_issuable(document)
    drafts = Draft.objects.filter(outgoing=document).select_related("answers", "succeeds")
    draft = drafts.first()
    recipients = recipients_of(document, draft, legal_day(now))
    answers = [draft.answers] if draft and draft.answers else []
    on_axis = [recipient for recipient in recipients if recipient.channel == Channel.AXIS]
    raw = None
    if on_axis:
        message = compose_header(document, recipients=on_axis, answers=answers, now=now)
        if draft and draft.succeeds:
            message = as_successor(message, draft.succeeds, draft.succession, now=now)
        raw = write_document(message, document.files.select_related("blob"), now=now)
    with transaction.atomic():
        mark_issued(document, officer=officer, now=now)
        if raw:
            owed = OutgoingMessage.objects.create(
                key=f"document:{document.uid}",
                type=MessageType.EDOC,
                from_organ_id=document.body.organ_id(legal_day(now)),
                to_organ_ids=[recipient.organ_id for recipient in on_axis],
                document=document,
                raw=raw,
                due_at=now,
                created_at=now,
            )
            for recipient in on_axis:
                recipient.message = owed
        owe_dispatches(Recipient.objects.bulk_create(recipients), now=now)
        if draft:
            link_answer(draft, officer=officer, now=now)
        if raw and draft and draft.succession == Succession.Kind.AMENDS:
            ask_for_update(document, draft.succeeds, owed, now=now)


def as_successor(
    message: DocumentMessage, earlier: OutgoingDocument, kind: str, *, now: datetime
) -> DocumentMessage:
    """The message as one that replaces or updates an earlier document (edxml.md 6.4, 6.5)."""
    if kind == Succession.Kind.AMENDS:
        reason = f"Sửa đổi, bổ sung văn bản {earlier.code}"
        return changes.update(message, updated=earlier.document_id, reason=reason, at=now)
    everyone = tuple(one.organ_id for one in message.to)
    replaced = ReplacementInfo(earlier.document_id, everyone)
    reason = f"Thay thế văn bản {earlier.code}"
    return changes.replacement(message, replaced=[replaced], reason=reason, at=now)


def require_issuable(document: OutgoingDocument) -> None:
    """Raises: NotSealed, AlreadyIssued."""
    if document.state in (OutgoingDocument.State.ISSUED, OutgoingDocument.State.RECALLED):
        raise AlreadyIssued(document)
    if document.state != OutgoingDocument.State.SEALED:
        raise NotSealed(document)


def accept_delivery(
    delivery: Delivery,
    *,
    acceptance: str,
    officer: Officer,
    now: datetime,
    is_another: bool = False,
) -> IncomingDocument:
    """Register a delivered document and owe its sender the status 03 "đã tiếp nhận".

    acceptance is one of IncomingDocument.Acceptance. An update of a line that is there changes
    that line; who sent it is told 15 (edxml.md 6.4). A delivery registered already is returned
    as it was registered: the answer to the same act is the same.

    Raises:
        NotAllowed: the officer is not the clerk of the body's registry.
        NotReadyToDecide: its files are still being checked.
        AlreadyDecided: it was returned to its sender.
        AcceptanceNotAllowed: its signatures are not worth that.
        AlreadyRegistered, CodeRepeats: as registers.actions.register_incoming has it.
    """
    _require_assessed(delivery)
    files = received_files(delivery)  # which no longer change
    number = new_under(received(delivery, acceptance), body=delivery.body, now=now)
    with transaction.atomic():
        delivery = _locked(delivery)
        if registered := delivery.incoming or delivery.updated:
            return registered
        require_decidable(delivery)
        if not may_accept(delivery.proposal, acceptance):
            raise AcceptanceNotAllowed(delivery, acceptance)
        drop_older(delivery, now=now)
        if line := updated_line(delivery):
            require(officer, Permission.REGISTER_INCOMING, delivery.body)
            apply_update(delivery, line, officer=officer, now=now)
            delivery.updated, delivery.state = line, Delivery.State.REGISTERED
            delivery.decided_at = now
            delivery.save(update_fields=["updated", "state", "decided_at"])
            owe_consent(delivery, agrees=True, now=now)
            return line
        incoming = register_incoming(
            received(delivery, acceptance),
            body=delivery.body,
            officer=officer,
            now=now,
            files=files,
            is_another=is_another,
            new_under=number,
        )
        delivery.incoming = incoming
        delivery.state = Delivery.State.REGISTERED
        delivery.decided_at = now
        delivery.save(update_fields=["incoming", "state", "decided_at"])
        owe_status(delivery, StatusCode.ACCEPTED, now=now)
        owe_consent(delivery, agrees=True, now=now)
        link(delivery, officer=officer, now=now)
        _link_answered(delivery)
        return incoming


def _link_answered(delivery: Delivery) -> None:
    """Link a document just registered with those of its body that it says it answers."""
    named = [one["document_id"] for one in delivery.header["response_for"]]
    if not named:  # most documents answer none: spares each acceptance the question
        return
    answered = OutgoingDocument.objects.filter(body=delivery.body_id, document_id__in=named)
    Reply.objects.bulk_create(Reply(incoming=delivery.incoming, outgoing=one) for one in answered)


@transaction.atomic
def return_delivery(delivery: Delivery, *, reason: str, officer: Officer, now: datetime) -> None:
    """Return a delivered document to its sender: status 02 with the reason (Điều 21.2.b).

    An update of a document that we hold is refused with 16 (edxml.md 6.4).

    Raises:
        NotAllowed: the officer is not the clerk of the body's registry.
        ReturnWithoutReason, NotReadyToDecide.
        AlreadyDecided: it was registered; or returned, for another reason.
    """
    require(officer, Permission.RETURN_DELIVERY, delivery.body)
    reason = reason.strip()[:500]
    if not reason:
        raise ReturnWithoutReason
    delivery = _locked(delivery)
    if delivery.state == Delivery.State.RETURNED and delivery.return_reason == reason:
        return
    require_decidable(delivery)
    delivery.state = Delivery.State.RETURNED
    delivery.return_reason = reason
    delivery.decided_at = now
    delivery.save(update_fields=["state", "return_reason", "decided_at"])
    is_update = refuse_update(delivery, officer=officer, now=now)
    if not (is_update and is_under_same_identifier(delivery)):
        owe_status(delivery, StatusCode.REFUSED, now=now)
    record(ActKind.RETURNED_TO_SENDER, on=delivery, by=officer, at=now)


def require_decidable(delivery: Delivery) -> None:
    """Raises: NotReadyToDecide, AlreadyDecided."""
    if delivery.state == Delivery.State.ARRIVED:
        raise NotReadyToDecide(delivery)
    if delivery.state != Delivery.State.PROPOSED:
        raise AlreadyDecided(delivery)


@transaction.atomic
def resend(recipient: Recipient, *, officer: Officer | None, now: datetime) -> OutgoingMessage:
    """Owe the message to this one recipient again, after a refusal, a failure or a loss.

    Raises:
        NothingToResend: it has answered, its copy is still on its way, or it is recalled.
    """
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    earlier = recipient.message
    if earlier is None or not Recipient.objects.troubled().filter(pk=recipient.pk).exists():
        raise NothingToResend(recipient)
    number = OutgoingMessage.objects.filter(document=recipient.document_id).count()
    recipient.message = OutgoingMessage.objects.create(
        key=f"document:{recipient.document.uid}:again:{number}",
        type=MessageType.EDOC,
        from_organ_id=earlier.from_organ_id,
        to_organ_ids=[recipient.organ_id],
        document_id=recipient.document_id,
        raw_id=earlier.raw_id,
        due_at=now,
        created_at=now,
    )
    recipient.refusal = recipient.refused_reason = ""
    recipient.transport = Transport.NONE
    recipient.save(update_fields=["message", "refusal", "refused_reason", "transport"])
    return recipient.message


@transaction.atomic
def retry(message: OutgoingMessage, *, now: datetime) -> None:
    """Put a message that failed back among the due ones, with all its attempts before it."""
    failed = OutgoingMessage.objects.filter(pk=message.pk, state=OutgoingMessage.State.FAILED)
    is_due = failed.update(
        state=OutgoingMessage.State.DUE, due_at=now, attempts=0, error_code="", error_detail=""
    )
    if is_due:
        message.requests.filter(state=Request.UNDELIVERED).update(state=Request.WAITING)
        message.recipients.update(refusal="", refused_reason="", transport=Transport.NONE)
        message.passed_on.update(refusal="", answer="")
        message.taking_back.filter(request=Request.UNDELIVERED).update(request=Request.WAITING)


def received(delivery: Delivery, acceptance: str) -> Received:
    """What the register takes from a delivery's header (Điều 22; PL IV.VI).

    Of what another agency passed on, the author (tác giả) is who issued it.
    """
    header = delivery.header
    issuer = header.get("issuer")
    return Received(
        sender_organ_id=issuer["organ_id"] if issuer else delivery.from_organ_id,
        sender_name=issuer["name"] if issuer else header["sender_name"],
        remark=f"{header['sender_name']} chuyển tiếp" if issuer else "",
        document_id=delivery.document_id,
        code_number=header["code_number"],
        code_notation=header["code_notation"],
        promulgated_on=_day(header["promulgated_on"]),
        kind_name=header["kind_name"],
        subject=header["subject"],
        signer_name=header["signer_name"],
        signer_position=header["signer_position"],
        priority=header["priority"],
        due_on=_day(header["due_on"]),
        acceptance=acceptance,
        arrived_at=delivery.arrived_at,
    )


def received_files(delivery: Delivery) -> Sequence[ReceivedFile]:
    return [
        ReceivedFile(file.blob, file.name, file.media_type, file.report)
        for file in delivery.files.select_related("blob")
        if file.blob
    ]


def _require_assessed(delivery: Delivery) -> None:
    """Raises: NotReadyToDecide."""
    if delivery.state == Delivery.State.ARRIVED:
        delivery.refresh_from_db()
    if delivery.state == Delivery.State.ARRIVED:
        raise NotReadyToDecide(delivery)


def _locked(delivery: Delivery) -> Delivery:
    """The delivery as it stands, held until the transaction ends.

    What is proposed changes in nothing until it is decided: then the row need not be read anew.
    """
    held = Delivery.objects.select_for_update().filter(pk=delivery.pk)
    if delivery.state == held.values_list("state", flat=True).get() == Delivery.State.PROPOSED:
        return delivery
    locked = held.get()
    locked.body = delivery.body  # which never changes
    return locked


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
