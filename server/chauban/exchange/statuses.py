"""Statuses: those we owe the senders of what came, those that come for what we sent."""

import unicodedata
from datetime import datetime

from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.directory.models import IssuingBody
from chauban.exchange.composing import compose_status
from chauban.exchange.models import (
    Delivery,
    IncomingMessage,
    MessageType,
    OutgoingMessage,
    ReceivedStatus,
    Recipient,
)
from chauban.exchange.rules import status_after
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.models import OutgoingDocument
from chauban_edxml.identifiers import DocumentKey, find_documents, parse_document_id
from chauban_edxml.model import Code, StatusCode, StatusMessage
from chauban_edxml.writing import write_status


def owe_status(
    delivery: Delivery,
    code: StatusCode,
    *,
    now: datetime,
    description: str = "",
    again_for: str = "",
) -> None:
    """Owe the sender of a delivery a status; owing the same one twice owes it once.

    again_for is the package id of a repeated message: its sender is answered once more.
    """
    key = f"status:{delivery.pk}:{code}" + (f":{again_for}" if again_for else "")
    if OutgoingMessage.objects.filter(key=key).exists():
        return
    status = compose_status(delivery, code, description=description, now=now)
    owed = OutgoingMessage(
        key=key,
        type=MessageType.STATUS,
        from_organ_id=status.from_.organ_id,
        to_organ_ids=[status.response_for.organ_id],
        delivery=delivery,
        status_code=code,
        raw=store.put(write_status(status), now=now),
        due_at=now,
        created_at=now,
    )
    OutgoingMessage.objects.bulk_create([owed], ignore_conflicts=True)


def last_status(delivery: Delivery) -> StatusCode:
    """The status that a repeated message is answered with: the furthest one owed so far."""
    codes = delivery.statuses_owed.values_list("status_code", flat=True)
    return StatusCode(max(codes, default=StatusCode.ARRIVED))


class Unmatched(Exception):
    """A status message names no document, or no recipient, that we know; code says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def take_status(
    status: StatusMessage, *, message: IncomingMessage, raw: Blob, now: datetime
) -> ReceivedStatus:
    """Record what a recipient reports and move its status where the rules say so.

    Call it in the transaction that settles the message.

    Raises: Unmatched, when a person must look.
    """
    if status.status_code == StatusCode.TAKE_BACK:
        raise Unmatched("take-back-asked")
    document = find_document(status)
    reporter = status.from_.organ_id
    if reporter in document.body.aliases():  # a known fault: From filled with the sender (6.3)
        reporter = message.from_organ_id
    recipient = find_recipient(document, reporter)
    transition = status_after(recipient.status_code, status.status_code)
    if transition.effect == "moved":
        recipient.status_code = transition.status_code
        recipient.status_at = now
        recipient.save(update_fields=["status_code", "status_at"])
    received = ReceivedStatus.objects.create(
        recipient=recipient,
        code=status.status_code[:2],
        effect=transition.effect,
        description=status.description[:500],
        stated_at=status.timestamp,
        received_at=now,
        raw=raw,
        package_id=message.package_id,
    )
    record(
        ActKind.STATUS_RECEIVED,
        on=document,
        by=None,
        at=now,
        agency_id=document.body.agency_id,
        digest=raw.sha256,
        recipient=recipient.pk,
        code=received.code,
        effect=received.effect,
    )
    return received


def find_document(status: StatusMessage) -> OutgoingDocument:
    """The document of ours that a status is about (edxml.md 6.6).

    Raises: Unmatched, when no document matches, or several do as surely.
    """
    about = status.response_for
    documents = OutgoingDocument.objects.select_related("body")
    named = unicodedata.normalize("NFC", about.document_id.strip())
    exact = documents.filter(document_id=named).first()
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
    """The recipient of a document that reports under a code; any code of its body will do.

    Raises: Unmatched.
    """
    recipients = Recipient.objects.select_for_update().filter(document=document)
    found = recipients.filter(organ_id=organ_id).first()
    body = None if found else body_of(organ_id)
    if body:
        found = recipients.filter(body=body).first()
    if found is None:
        raise Unmatched("unknown-recipient")
    return found


def body_of(organ_id: str) -> IssuingBody | None:
    """The body that has, or ever had, a code; None for bodies outside the directory."""
    if not organ_id:
        return None
    return IssuingBody.objects.filter(codes__code=organ_id).select_related("agency").first()
