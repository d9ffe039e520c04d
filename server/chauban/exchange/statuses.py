"""Statuses: those we owe the senders of what came, those that come for what we sent."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chauban.blobs.models import Blob
from chauban.directory.models import IssuingBody, OutsideOrganisation
from chauban.exchange.models import (
    Delivery,
    IncomingMessage,
    MessageType,
    OutgoingMessage,
    ReceivedStatus,
    Recipient,
)
from chauban.exchange.passing_on import passed_on_as, take_status
from chauban.exchange.recalling import take_answers
from chauban.exchange.rules import status_after
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.journal.recording import made, record_all
from chauban.registers.models import OutgoingDocument
from chauban_edxml.identifiers import DocumentKey, find_documents, parse_document_id
from chauban_edxml.model import Code, StatusCode, StatusMessage


def owe_status(delivery: Delivery, code: StatusCode, *, now: datetime, again_for: str = "") -> None:
    """Owe the sender of a delivery a status; owing the same one twice owes it once.

    again_for is the package id of a repeated message: its sender is answered once more.
    """
    owe_statuses([(delivery, code, again_for)], now=now)


def owe_statuses(owed: Iterable[tuple[Delivery, StatusCode, str]], *, now: datetime) -> None:
    """As `owe_status`, for several: (delivery, code, again_for)."""
    OutgoingMessage.objects.bulk_create(
        (
            OutgoingMessage(
                key=f"status:{delivery.pk}:{code}" + (f":{again_for}" if again_for else ""),
                type=MessageType.STATUS,
                to_organ_ids=[delivery.from_organ_id],
                delivery=delivery,
                status_code=code,
                due_at=now,
                created_at=now,
            )
            for delivery, code, again_for in owed
        ),
        ignore_conflicts=True,
    )


def last_status(delivery: Delivery) -> StatusCode:
    """The status that a repeated message is answered with: the furthest one owed so far."""
    codes = delivery.statuses_owed.filter(recall=None).values_list("status_code", flat=True)
    return StatusCode(max(codes, default=StatusCode.ARRIVED))


class Unmatched(Exception):
    """A status message names no document, or no recipient, that we know; code says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Told:
    """A status message as it came."""

    status: StatusMessage
    message: IncomingMessage
    raw: Blob


def take_statuses(told: Sequence[Told], *, now: datetime) -> dict[int, str]:
    """Record what recipients report and move their statuses where the rules say so.

    Return, by the message's id, why a person must look at those that name no document or
    recipient of ours. Call it in the transaction that settles the messages.
    """
    documents = Documents([one.status for one in told])
    received: list[ReceivedStatus] = []
    acts: list[Act] = []
    moved: dict[int, str] = {}
    unmatched: dict[int, str] = {}
    for one in told:
        try:
            document, recipient = _whose(one, documents)
        except Unmatched as reason:
            if passed_on := passed_on_as(one.status):
                take_status(passed_on, one.status, one.message, now=now)
            else:
                unmatched[one.message.pk] = reason.code
            continue
        transition = status_after(recipient.status_code, one.status.status_code)
        if transition.effect == "moved":
            recipient.status_code = transition.status_code
            moved[recipient.pk] = transition.status_code
        received.append(
            ReceivedStatus(
                recipient=recipient,
                code=one.status.status_code[:2],
                effect=transition.effect,
                description=one.status.description[:500],
                stated_at=one.status.timestamp,
                received_at=now,
                raw=one.raw,
                package_id=one.message.package_id,
            )
        )
        acts.append(
            made(
                ActKind.STATUS_RECEIVED,
                on=document,
                by=None,
                at=now,
                agency_id=document.body.agency_id,
                digest=one.raw.sha256,
                recipient=recipient.pk,
                code=received[-1].code,
                effect=transition.effect,
            )
        )
    for code in sorted(set(moved.values())):
        recipients = [pk for pk, last in moved.items() if last == code]
        Recipient.objects.filter(pk__in=recipients).update(status_code=code, status_at=now)
    take_answers(_answers(received), now=now)
    ReceivedStatus.objects.bulk_create(received)
    record_all(acts)
    return unmatched


def _answers(received: Sequence[ReceivedStatus]) -> list[tuple[Recipient, str, str]]:
    """Those that may answer a request of ours, each message once, however often it comes.

    A refusal of a recall that is repeated after we have asked again answers nothing new.
    """
    answers = [
        one
        for one in received
        if one.code in (StatusCode.CHANGE_AGREED, StatusCode.CHANGE_REFUSED)
        or (one.code == StatusCode.REFUSED and one.effect == "moved")
    ]
    if not answers:
        return []
    known = set(
        ReceivedStatus.objects.filter(
            recipient__in=[one.recipient_id for one in answers],
            raw__in=[one.raw_id for one in answers],
        ).values_list("recipient", "raw")
    )
    return [
        (one.recipient, one.code, one.description)
        for one in answers
        if (one.recipient_id, one.raw_id) not in known
    ]


def _whose(told: Told, documents: "Documents") -> tuple[OutgoingDocument, Recipient]:
    """The document and the recipient that a status is about.

    Raises: Unmatched.
    """
    document = documents.about(told.status)
    asked = told.status.response_for.organ_id
    if asked not in document.body.aliases() and passed_on_as(told.status):
        raise Unmatched("unknown-document")  # ours, but passed on by the agency that is told
    reporter = told.status.from_.organ_id
    if reporter in document.body.aliases():  # a known fault: From filled with the sender (6.3)
        reporter = told.message.from_organ_id
    return document, documents.recipient(document, reporter)


class Documents:
    """The documents that some statuses name by their exact identifiers, with their recipients.

    Whatever is named otherwise is looked for one by one (edxml.md 6.6).
    """

    def __init__(self, statuses: Sequence[StatusMessage]) -> None:
        documents = OutgoingDocument.objects.select_related("body").prefetch_related("body__codes")
        named = {_named(status) for status in statuses}
        self.by_id = {one.document_id: one for one in documents.filter(document_id__in=named)}
        reporters = {status.from_.organ_id for status in statuses}
        self.recipients = {
            (one.document_id, one.organ_id): one
            for one in Recipient.objects.select_for_update().filter(
                document__in=self.by_id.values(), organ_id__in=reporters
            )
        }

    def about(self, status: StatusMessage) -> OutgoingDocument:
        """Raises: Unmatched."""
        return self.by_id.get(_named(status)) or find_document(status)

    def recipient(self, document: OutgoingDocument, organ_id: str) -> Recipient:
        """Raises: Unmatched."""
        key = (document.pk, organ_id)
        if key not in self.recipients:
            self.recipients[key] = self._same(find_recipient(document, organ_id))
        return self.recipients[key]

    def _same(self, found: Recipient) -> Recipient:
        """The row that is at hand already under another code, so that it has one status."""
        return next((one for one in self.recipients.values() if one.pk == found.pk), found)


def _named(status: StatusMessage) -> str:
    return unicodedata.normalize("NFC", status.response_for.document_id.strip())


def find_document(status: StatusMessage) -> OutgoingDocument:
    """The document of ours that a status is about (edxml.md 6.6).

    Raises: Unmatched, when no document matches, or several do as surely.
    """
    about = status.response_for
    documents = OutgoingDocument.objects.select_related("body")
    exact = documents.filter(document_id=_named(status)).first()
    if exact:
        return exact
    body = body_of(about.organ_id)
    parts = parse_document_id(about.document_id)
    number = (parts.code if parts else Code.parse(about.code)).number
    if body is None or not number.isdecimal():
        raise Unmatched("unknown-document")
    candidates = {
        _key(one, about.organ_id): one for one in documents.filter(body=body, number=int(number))
    }
    found = find_documents(about, candidates, issuer_organ_id=about.organ_id)
    if len(found) != 1:
        raise Unmatched("unknown-document")
    return candidates[found[0]]


def _key(document: OutgoingDocument, organ_id: str) -> DocumentKey:
    """organ_id is the code the status used for the document's body: any of its codes will do."""
    return DocumentKey(
        document.document_id, organ_id, Code.parse(document.code), document.issued_on
    )


def find_recipient(document: OutgoingDocument, organ_id: str) -> Recipient:
    """The recipient of a document that reports under a code; any code of its agency will do.

    A successor may report for the one recipient that it took over from.

    Raises: Unmatched.
    """
    recipients = Recipient.objects.select_for_update().filter(document=document)
    found = recipients.filter(organ_id=organ_id).first()
    if found:
        return found
    body = body_of(organ_id)
    if body is None:
        listed = OutsideOrganisation.objects.by_any_code([organ_id]).get(organ_id)
        codes = listed.codes if listed else ()
        found = recipients.filter(organ_id__in=codes).first()
    else:
        before = IssuingBody.objects.filter(agency__successions__successor=body.agency_id)
        taken_over = list(recipients.filter(body__in=before.values("pk")))
        only = taken_over[0] if len(taken_over) == 1 else None
        found = recipients.filter(body=body).first() or only
    if found is None:
        raise Unmatched("unknown-recipient")
    return found


def body_of(organ_id: str) -> IssuingBody | None:
    """The body that has, or ever had, a code; None for bodies outside the directory."""
    if not organ_id:
        return None
    return IssuingBody.objects.filter(codes__code=organ_id).select_related("agency").first()
