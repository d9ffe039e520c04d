"""Recalled, replaced and amended documents in both registers (Điều 18.3, 18.4; PL VI III.8).

Nothing is taken out of a register: its line says what became of the document.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.errors import (
    NotAnnounced,
    NotRecallable,
    NotReplaceable,
    RecallWithoutReason,
)
from chauban.registers.models import IncomingDocument, OutgoingDocument, Succession

State = OutgoingDocument.State


@transaction.atomic
def mark_recalled(
    document: OutgoingDocument,
    *,
    reason: str,
    announced_by: OutgoingDocument | None,
    officer: Officer,
    now: datetime,
) -> None:
    """Recall an issued document: from then on it is neither sent nor changed (F8.a).

    Raises:
        NotAllowed: the officer does not issue for the body.
        RecallWithoutReason
        NotRecallable: it was never issued, or is recalled already.
    """
    require(officer, Permission.ISSUE, document.body)
    reason = reason.strip()[:500]
    if not reason:
        raise RecallWithoutReason
    is_moved = OutgoingDocument.objects.filter(pk=document.pk, state=State.ISSUED).update(
        state=State.RECALLED,
        recalled_at=now,
        recall_reason=reason,
        recall_announced_by=announced_by,
    )
    document.refresh_from_db()
    if not is_moved:
        raise NotRecallable(document)
    announcing = announced_by.pk if announced_by else None
    record(ActKind.RECALLED, on=document, by=officer, at=now, announced_by=announcing)


def announcing(document: OutgoingDocument, code: str) -> OutgoingDocument | None:
    """The document of the same body that announces a recall (Điều 18.4), by its code; "": none.

    Raises: NotAnnounced.
    """
    number, _, notation = code.strip().partition("/")
    if not number:
        return None
    issued = OutgoingDocument.objects.filter(body=document.body_id, state=State.ISSUED)
    found = (
        issued.filter(number=int(number), notation__iexact=notation)
        .exclude(pk=document.pk)
        .order_by("-year")
        .first()
        if number.isdecimal() and len(number) < 10
        else None
    )
    if found is None:
        raise NotAnnounced(code)
    return found


def require_replaceable(earlier: OutgoingDocument, *, body_id: int, kind: str) -> None:
    """Raises: NotReplaceable."""
    is_replaced = earlier.successors.filter(kind=Succession.Kind.REPLACES).exists()
    if (
        earlier.body_id != body_id
        or earlier.state not in (State.ISSUED, State.RECALLED)
        or (kind == Succession.Kind.REPLACES and is_replaced)
    ):
        raise NotReplaceable(earlier)


@transaction.atomic
def succeed(
    later: OutgoingDocument,
    earlier: OutgoingDocument,
    *,
    kind: str,
    officer: Officer,
    now: datetime,
) -> Succession:
    """Link a document that is being issued with the one it replaces or amends, both ways.

    Raises: NotReplaceable, when another has replaced it meanwhile.
    """
    require_replaceable(earlier, body_id=later.body_id, kind=kind)
    try:
        with transaction.atomic():
            succession = Succession.objects.create(earlier=earlier, later=later, kind=kind, at=now)
    except IntegrityError as error:
        raise NotReplaceable(earlier) from error
    is_replaced = kind == Succession.Kind.REPLACES
    act = ActKind.REPLACED if is_replaced else ActKind.AMENDED
    record(act, on=earlier, by=officer, at=now, by_document=later.pk)
    return succession


@transaction.atomic
def withdraw_incoming(
    document: IncomingDocument, *, reason: str, officer: Officer, now: datetime
) -> bool:
    """Withdraw an incoming document from use; its line, files and acts stay (F8.b, F8.c).

    Return whether it was in use until now.

    Raises: NotAllowed: the officer does not keep the register.
    """
    require(officer, Permission.REGISTER_INCOMING, document.body)
    withdrawn = IncomingDocument.State.RECALLED
    is_moved = (
        IncomingDocument.objects.filter(pk=document.pk)
        .exclude(state=withdrawn)
        .update(state=withdrawn, recalled_at=now, recall_reason=reason[:500], recall_asked_at=None)
    )
    if is_moved:
        record(ActKind.INCOMING_WITHDRAWN, on=document, by=officer, at=now)
    document.refresh_from_db()
    return bool(is_moved)
