"""Recalls that came for us: noted, withdrawn from the inbox, answered by the clerk (Điều 18.4).

What is registered is withdrawn on the clerk's word alone, from everybody it was routed to; the
register's line, the files and all that was done stay (PL VI III.8.b, 8.c).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.directory.models import IssuingBody
from chauban.exchange.change_rules import Step, is_undecided, may_answer, may_refuse, on_recall
from chauban.exchange.errors import RecallAnswered, RecallNotRefusable, RefusalWithoutReason
from chauban.exchange.models import (
    Delivery,
    IncomingMessage,
    MessageType,
    OutgoingMessage,
    ReceivedRecall,
)
from chauban.exchange.passing_on import take_back_passed_on
from chauban.exchange.reading import Taken
from chauban.exchange.senders import Sender
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.models import IncomingDocument
from chauban.workflow.routing import withdraw
from chauban_edxml.identifiers import DocumentKey, find_documents, normal_text
from chauban_edxml.model import Code, ResponseFor, StatusCode, StatusMessage

_CODES = {
    ReceivedRecall.State.OPEN: "",
    ReceivedRecall.State.AGREED: StatusCode.CHANGE_AGREED,
    ReceivedRecall.State.REFUSED: StatusCode.CHANGE_REFUSED,
}


@dataclass(frozen=True)
class Recall:
    """A recall as it came, by either dialect; concerned names the document and its issuer."""

    concerned: ResponseFor
    sender_name: str
    reason: str
    to_organ_ids: tuple[str, ...]

    @classmethod
    def of_status(cls, status: StatusMessage) -> "Recall":
        """Of a status 13: it names as ResponseFor whom it asks, as From the issuer."""
        about, issuer = status.response_for, status.from_
        concerned = ResponseFor(
            issuer.organ_id, about.code, about.document_id, about.promulgation_date
        )
        return cls(
            concerned, issuer.organ_name or issuer.organ_id, status.description, (about.organ_id,)
        )

    @classmethod
    def of_document(cls, taken: Taken) -> "Recall":
        """Of a document message of type 1, or of an update that removes the recipient."""
        header = taken.header
        named = (header.get("concerns") or [{"document_id": "", "code": ""}])[0]
        promulgated = header["promulgated_on"]
        concerned = ResponseFor(
            taken.from_organ_id,
            named["code"] or str(Code(header["code_number"], header["code_notation"])),
            named["document_id"] or taken.document_id,
            date.fromisoformat(promulgated) if promulgated else None,
        )
        return cls(concerned, header["sender_name"], header["reason"], taken.to_organ_ids)


def take_recalls(
    message: IncomingMessage,
    recall: Recall,
    bodies: Iterable[IssuingBody],
    sender: Sender,
    *,
    now: datetime,
) -> bool:
    """Note a recall for each body that it asks; return whether all know the document.

    Call it in the transaction that settles the message.
    """
    found = [_take(message, recall, body, sender, now=now) for body in bodies]
    return all(found)


def meet_recalls(deliveries: Sequence[Delivery], *, now: datetime) -> None:
    """Withdraw, of documents that have just come, those that were recalled before."""
    recalls = {
        (one.body_id, one.sender, one.document_key): one
        for one in ReceivedRecall.objects.select_for_update().filter(
            delivery=None,
            body__in={one.body_id for one in deliveries},
            sender__in={one.sender for one in deliveries},
            document_key__in={one.document_key for one in deliveries},
        )
    }
    for delivery in deliveries:
        key = (delivery.body_id, delivery.sender, delivery.document_key)
        recall = recalls.pop(key, None)
        if recall is None:
            continue
        recall.delivery = delivery
        recall.save(update_fields=["delivery"])
        _withdraw_delivery(delivery, now=now)
        IncomingMessage.objects.filter(
            pk=recall.message_id, state=IncomingMessage.State.SET_ASIDE
        ).update(state=IncomingMessage.State.READ, refusal="", refusal_vi="", refusal_en="")


@transaction.atomic
def answer_recall(
    recall: ReceivedRecall, *, agrees: bool, officer: Officer, now: datetime, reason: str = ""
) -> None:
    """Answer a recall: 15, and the document is withdrawn everywhere; or 16 with the reason.

    The same answer given again changes nothing. After a refusal the clerk may still agree.

    Raises:
        NotAllowed: the officer does not keep the register of the body.
        RecallAnswered: it was agreed to before.
        RefusalWithoutReason
        RecallNotRefusable: the document is not registered; it is only confirmed as withdrawn.
    """
    recall = (
        ReceivedRecall.objects.select_for_update(of=("self",))
        .select_related("body__agency", "message")
        .get(pk=recall.pk)
    )
    require(officer, Permission.REGISTER_INCOMING, recall.body)
    code = StatusCode.CHANGE_AGREED if agrees else StatusCode.CHANGE_REFUSED
    if _CODES[recall.state] == code:
        return
    if not may_answer(_CODES[recall.state], agrees=agrees):
        raise RecallAnswered(recall)
    delivery = _locked(recall.delivery_id)
    incoming = delivery.incoming if delivery else None
    if not agrees:
        if not reason.strip():
            raise RefusalWithoutReason
        if not may_refuse(delivery.state if delivery else ""):
            raise RecallNotRefusable
        recall.refusal_reason = reason.strip()[:500]
    elif incoming:
        withdraw(incoming, reason=recall.reason, officer=officer, now=now)
        take_back_passed_on(incoming, now=now)
    if agrees and delivery:
        _withdraw_delivery(delivery, now=now)
    if incoming and not agrees:
        IncomingDocument.objects.filter(pk=incoming.pk).update(recall_asked_at=None)
    states = ReceivedRecall.State
    recall.state, recall.answered_at = states.AGREED if agrees else states.REFUSED, now
    recall.save(update_fields=["state", "answered_at", "refusal_reason"])
    _owe_answer(recall, code, now=now)
    act = ActKind.RECALL_AGREED if agrees else ActKind.RECALL_REFUSED
    record(act, on=delivery or recall, by=officer, at=now, recall=recall.pk)


def _take(
    message: IncomingMessage,
    recall: Recall,
    body: IssuingBody,
    sender: Sender,
    *,
    now: datetime,
) -> bool:
    """Note a recall for one body; return whether it knows the document."""
    about = recall.concerned
    delivery = _delivery_of(body, sender, about)
    known = ReceivedRecall.objects.select_for_update()
    named = normal_text(about.document_id)[:240]
    row = known.filter(delivery=delivery).first() if delivery else None
    row = row or known.filter(body=body, sender__in=sender.keys, document_key=named).first()
    is_repeat = row is not None and row.message.raw_id == message.raw_id
    answered = _CODES[row.state] if row else ""
    state = delivery.state if delivery else ""
    step = on_recall(state, answered, is_repeat=is_repeat)
    is_open_already = row is not None and not answered
    if row is None:
        row = ReceivedRecall(body=body, sender=sender.key, document_key=named, delivery=delivery)
    if not is_open_already and not (answered and step.answers):
        row.message, row.asked_at, row.reason = message, now, recall.reason[:500]
        row.from_organ_id, row.document_id = about.organ_id[:35], about.document_id[:200]
        row.sender_name = (sender.name or recall.sender_name)[:200]
        row.code, row.promulgated_on = about.code[:60], about.promulgation_date
        row.state = ReceivedRecall.State.AGREED if step.answers else ReceivedRecall.State.OPEN
        row.answered_at = now if step.answers else None
        row.save()
        record(
            ActKind.RECALL_ASKED,
            on=delivery or row,
            by=None,
            at=now,
            agency_id=body.agency_id,
            recall=row.pk,
        )
    _follow(row, step, delivery, message, now=now)
    return delivery is not None


def _follow(
    row: ReceivedRecall,
    step: Step,
    delivery: Delivery | None,
    message: IncomingMessage,
    *,
    now: datetime,
) -> None:
    if step.withdraws and delivery:
        _withdraw_delivery(delivery, now=now)
    if step.asks and delivery and delivery.incoming_id:
        IncomingDocument.objects.filter(pk=delivery.incoming_id).update(recall_asked_at=now)
    if step.answers:
        _owe_answer(row, StatusCode(step.answers), now=now, again_for=message.package_id)


def _delivery_of(body: IssuingBody, sender: Sender, about: ResponseFor) -> Delivery | None:
    """The delivery of the document that a recall names (edxml.md 6.6); None: none, or several."""
    deliveries = (
        Delivery.objects.select_for_update(of=("self",))
        .filter(body=body, sender__in=sender.keys)
        .exclude(business_type__in=[2])
    )
    named = normal_text(about.document_id)[:240]
    exact = deliveries.filter(document_key=named).order_by("-pk").first()
    if exact or not about.code:
        return exact
    number = Code.parse(about.code).number
    candidates = {
        _document_key(one, about.organ_id): one
        for one in deliveries.filter(header__code_number__in=[number, number.lstrip("0")])
    }
    found = find_documents(about, candidates, issuer_organ_id=about.organ_id)
    return candidates[found[0]] if len(found) == 1 else None


def _document_key(delivery: Delivery, organ_id: str) -> DocumentKey:
    header: Mapping[str, str] = delivery.header
    promulgated = header.get("promulgated_on")
    return DocumentKey(
        delivery.document_id,
        organ_id,
        Code(header["code_number"], header["code_notation"]),
        date.fromisoformat(promulgated) if promulgated else None,
    )


def _withdraw_delivery(delivery: Delivery, *, now: datetime) -> None:
    """Take a delivery out of the inbox; a worker that is checking it finds its claim gone."""
    if is_undecided(delivery.state):
        delivery.decided_at = now
    delivery.state = Delivery.State.WITHDRAWN
    delivery.lease_until = None
    delivery.save(update_fields=["state", "decided_at", "lease_until"])


def _owe_answer(
    recall: ReceivedRecall, code: StatusCode, *, now: datetime, again_for: str = ""
) -> None:
    """Owe the answer to a recall; owing it twice for one message owes it once."""
    package_id = again_for or recall.message.package_id
    OutgoingMessage.objects.bulk_create(
        [
            OutgoingMessage(
                key=f"recall-answer:{recall.pk}:{code}:{package_id}",
                type=MessageType.STATUS,
                to_organ_ids=[recall.from_organ_id],
                delivery_id=recall.delivery_id,
                recall=recall,
                status_code=code,
                due_at=now,
                created_at=now,
            )
        ],
        ignore_conflicts=True,
    )


def _locked(delivery_id: int | None) -> Delivery | None:
    locked = Delivery.objects.select_for_update(of=("self",)).select_related("incoming__body")
    return locked.filter(pk=delivery_id).first()
