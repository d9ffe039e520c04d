"""Handing a package for a body that is no more to the one of its successors that it concerns."""

from datetime import datetime

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, Permission, may
from chauban.directory.models import IssuingBody
from chauban.directory.rules import legal_day
from chauban.exchange.addressing import Known
from chauban.exchange.arriving import opened
from chauban.exchange.errors import NotSetAsideForSuccessor, SeveralHeirs
from chauban.exchange.models import IncomingMessage
from chauban.exchange.reading import take_in
from chauban.exchange.settling import Found, addressed, settle_documents
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban_edxml.model import DocumentMessage

State = IncomingMessage.State


def heirs_waiting(message: IncomingMessage, *, now: datetime) -> SeveralHeirs:
    """Whose the retired code was that a package names, and who took over.

    Raises: NotSetAsideForSuccessor.
    """
    if message.state == State.SET_ASIDE and message.refusal == "several-successors":
        try:
            Known.of([message.to_organ_id], legal_day(now)).addressee(message.to_organ_id)
        except SeveralHeirs as several:
            return several
    raise NotSetAsideForSuccessor(message)


def may_hand_over(officer: Officer | None, predecessor: IssuingBody) -> bool:
    """The administrator, and the clerk of the agency that the predecessor was under."""
    superior = predecessor.agency.parent
    return may(officer, Permission.MANAGE_DIRECTORY, predecessor) or bool(
        superior and may(officer, Permission.REGISTER_INCOMING, superior)
    )


def hand_to_successor(
    message: IncomingMessage, heir: IssuingBody, *, officer: Officer, now: datetime
) -> None:
    """Deliver a package that was set aside to one of the bodies that took over (Điều 21.2).

    Raises:
        NotAllowed: the officer is neither administrator nor clerk of the superior agency.
        NotSetAsideForSuccessor: it was handed over, or heir is none of the successors.
        BlobError: its bytes are missing or damaged.
    """
    waiting = heirs_waiting(message, now=now)
    if not may_hand_over(officer, waiting.predecessor):
        raise NotAllowed(officer, Permission.REGISTER_INCOMING, waiting.predecessor.agency)
    heirs = {one.pk: one for one in waiting.heirs}
    with opened(message.raw) as found:
        if heir.pk not in heirs or not isinstance(found.message, DocumentMessage):
            raise NotSetAsideForSuccessor(message)
        taken = take_in(
            found.message, found.attachments, from_organ_id=message.from_organ_id, now=now
        )
    with transaction.atomic():
        message = IncomingMessage.objects.select_for_update().get(pk=message.pk)
        if message.state != State.SET_ASIDE:
            raise NotSetAsideForSuccessor(message)
        code = message.to_organ_id
        known = Known.of([code], legal_day(now), senders=[taken.from_organ_id])
        message.state = State.READ
        message.refusal = message.refusal_vi = message.refusal_en = ""
        to_heir = addressed(message, taken, {code: heirs[heir.pk]}, known)
        settle_documents([Found(message, message.raw, to_heir)], now=now)
        message.save()
        record(ActKind.HANDED_TO_SUCCESSOR, on=message, by=officer, at=now, body=heir.pk)
