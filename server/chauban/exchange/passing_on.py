"""Passing an incoming document on to other agencies, as it came (Điều 23).

An electronic original passed on unchanged is no copy (Điều 25): files, signatures, number and
issuer stay; the message names who passed it on. What its sender recalls, replaces or updates is
recalled, replaced or updated where it was passed on to as well (PL VI III.8.b).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.directory.models import IssuingBody, OutsideOrganisation
from chauban.directory.rules import legal_day
from chauban.exchange.change_rules import Request, may_ask_again, request_after, request_to
from chauban.exchange.composing import compose_passed_on
from chauban.exchange.errors import (
    AlreadyPassedOn,
    NobodyToPassOnTo,
    NothingToAsk,
    NotToPassOn,
)
from chauban.exchange.models import IncomingMessage, MessageType, OutgoingMessage, PassedOn
from chauban.exchange.ports import Refusal
from chauban.exchange.recalling import freeze
from chauban.exchange.rules import status_after
from chauban.exchange.senders import senders_of
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.models import IncomingDocument
from chauban_edxml.identifiers import normal_text
from chauban_edxml.model import StatusCode, StatusMessage
from chauban_edxml.writing import write


@dataclass(frozen=True)
class Receiver:
    """An agency on the axis: its code and its name."""

    organ_id: str
    name: str


@transaction.atomic
def pass_on(
    document: IncomingDocument,
    to: Sequence[Receiver],
    *,
    officer: Officer,
    now: datetime,
    words: str = "",
) -> list[PassedOn]:
    """Pass a registered document on to agencies on the axis, each once.

    Raises:
        NotAllowed: the officer does not keep the registry of the body.
        NotToPassOn: it is recalled, its recall is not answered yet, or it has no file.
        NobodyToPassOnTo
        AlreadyPassedOn: one of them has it from us, or sent it itself.
        chauban_edxml.errors.NotWritable: it came without what a message needs, such as its date.
    """
    require(officer, Permission.ISSUE, document.body)
    document = (
        IncomingDocument.objects.select_for_update(of=("self",))
        .select_related("body")
        .get(pk=document.pk)
    )
    is_recalled = document.state == IncomingDocument.State.RECALLED or document.recall_asked_at
    if is_recalled or not document.document_id or not document.files.exists():
        raise NotToPassOn(document)
    if not to:
        raise NobodyToPassOnTo
    have = set(document.passed_on.standing().values_list("organ_id", flat=True))
    have |= {document.sender_organ_id, *document.body.aliases()}
    for one in to:
        if one.organ_id in have:
            raise AlreadyPassedOn(one.name)
        have.add(one.organ_id)
    made = _owe(document, to, words=words.strip()[:300], officer=officer, now=now)
    write(compose_passed_on(made, at=now))
    return made


def pass_on_later(
    earlier: IncomingDocument, later: IncomingDocument, *, officer: Officer, now: datetime
) -> None:
    """Pass on what replaces or updates a document to whom that was passed on to.

    later is earlier itself where an update under the same identifier changed its line.
    """
    holders = {one.organ_id: one for one in earlier.passed_on.standing()}
    if holders:
        to = [Receiver(one.organ_id, one.name) for one in holders.values()]
        words = next(iter(holders.values())).words
        _owe(later, to, words=words, officer=officer, now=now, earlier=earlier)


def take_back_passed_on(document: IncomingDocument, *, now: datetime) -> None:
    """Ask for a withdrawn document back wherever it was passed on to; stop what has not left."""
    holders = list(document.passed_on.select_for_update().filter(request="").order_by("pk"))
    if not holders:
        return
    messages = OutgoingMessage.objects.filter(passed_on__in=holders)
    never_left = freeze(OutgoingMessage.objects.filter(pk__in=messages.values("pk")), document)
    for one in holders:
        one.request = request_to(
            is_on_axis=True,
            may_have_left=one.message_id not in never_left,
            is_refused_by_axis=bool(one.refusal),
            status_code=one.status_code,
        )
        if one.request == Request.WAITING:
            one.request_message = _owe_take_back(one, now=now)
        one.save(update_fields=["request", "request_message"])


@transaction.atomic
def ask_holder_again(one: PassedOn, *, officer: Officer, now: datetime) -> None:
    """Ask once more for a withdrawn document that was passed on (edxml.md 5.5).

    Raises:
        NotAllowed: the officer does not keep the registry of the body.
        NothingToAsk: it has agreed, or was not asked.
    """
    rows = PassedOn.objects.select_for_update(of=("self",)).select_related("incoming__body")
    one = rows.get(pk=one.pk)
    require(officer, Permission.ISSUE, one.incoming.body)
    if not one.request or not may_ask_again(Request(one.request)):
        raise NothingToAsk(one.name)
    one.request, one.answer = Request.WAITING, ""
    one.request_message = _owe_take_back(one, now=now)
    one.save(update_fields=["request", "answer", "request_message"])
    record(ActKind.RECALL_ASKED_AGAIN, on=one.incoming, by=officer, at=now, passed_on=one.pk)


def _owe_take_back(one: PassedOn, *, now: datetime) -> OutgoingMessage:
    """Owe the status 13; it is written as it is sent."""
    asked = OutgoingMessage.objects.filter(key__startswith=f"take-back:{one.pk}:").count()
    return OutgoingMessage.objects.create(
        key=f"take-back:{one.pk}:{asked}",
        type=MessageType.STATUS,
        status_code=StatusCode.TAKE_BACK,
        to_organ_ids=[one.organ_id],
        due_at=now,
        created_at=now,
    )


def mark_refused(message: OutgoingMessage, refusals: Mapping[str, Refusal]) -> None:
    """Show who cannot be reached, with the document or with the request for it."""
    for organ_id, refusal in refusals.items():
        message.passed_on.filter(organ_id=organ_id).update(
            refusal=refusal.code[:40], answer=refusal.vi[:500]
        )
        message.taking_back.filter(organ_id=organ_id, request=Request.WAITING).update(
            request=Request.UNDELIVERED, answer=refusal.vi[:500]
        )


def passed_on_as(status: StatusMessage) -> PassedOn | None:
    """Whom a status about a document that we passed on is from; None: it is about no such."""
    about, reporter = status.response_for, status.from_.organ_id
    asked = IssuingBody.objects.by_codes([about.organ_id, reporter])
    if about.organ_id not in asked:
        return None
    sender = senders_of([reporter], asked).get(reporter)
    found = PassedOn.objects.select_for_update(of=("self",)).select_related("incoming__body")
    named = normal_text(about.document_id)
    candidates = found.filter(
        incoming__body=asked[about.organ_id], organ_id__in=sender.codes if sender else ()
    ).order_by("-pk")
    return next((one for one in candidates if normal_text(one.incoming.document_id) == named), None)


def take_status(
    one: PassedOn, status: StatusMessage, message: IncomingMessage, *, now: datetime
) -> None:
    """Note what an agency reports of a document that was passed on to it, in order or late."""
    code = status.status_code
    transition = status_after(one.status_code, code)
    if transition.effect == "moved":
        one.status_code, one.status_at = transition.status_code, now
        one.answer = status.description[:500] if code == StatusCode.REFUSED else one.answer
    if one.request:
        answered = request_after(Request(one.request), code)
        if answered.effect == "moved":
            one.request, one.answer = answered.request, status.description[:500]
    one.save(update_fields=["status_code", "status_at", "answer", "request"])
    record(
        ActKind.STATUS_RECEIVED,
        on=one.incoming,
        by=None,
        at=now,
        agency_id=one.incoming.body.agency_id,
        passed_on=one.pk,
        code=code[:2],
        effect=transition.effect,
        package_id=message.package_id,
    )


def receiver_of(whom: IssuingBody | OutsideOrganisation, *, now: datetime) -> Receiver:
    """An agency as a receiver, under its code of the day. Raises: BodyHasNoCode."""
    if isinstance(whom, OutsideOrganisation):
        return Receiver(whom.code, whom.name[:200])
    return Receiver(whom.organ_id(legal_day(now)), whom.name)


def _owe(
    document: IncomingDocument,
    to: Sequence[Receiver],
    *,
    words: str,
    officer: Officer,
    now: datetime,
    earlier: IncomingDocument | None = None,
) -> list[PassedOn]:
    number = OutgoingMessage.objects.filter(passed_on__incoming=document).distinct().count()
    message = OutgoingMessage.objects.create(
        key=f"passed-on:{document.uid}:{number}",
        type=MessageType.EDOC,
        to_organ_ids=[one.organ_id for one in to],
        due_at=now,
        created_at=now,
    )
    made = PassedOn.objects.bulk_create(
        PassedOn(
            incoming=document,
            earlier=earlier,
            organ_id=one.organ_id,
            name=one.name,
            words=words,
            message=message,
            by=officer.post,
            at=now,
        )
        for one in to
    )
    record(
        ActKind.PASSED_ON,
        on=document,
        by=officer,
        at=now,
        message=message.pk,
        to=[one.organ_id for one in to],
    )
    return made
