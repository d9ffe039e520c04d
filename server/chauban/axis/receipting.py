"""Leaving a receipt of every hand-over: gathered from what happened, signed many at once.

Nothing is written where messages are taken over and handed out; the worker finds what has no
receipt yet. It gathers in one transaction and signs outside of any (design, decision 8). A status
is an answer itself: of it only the end, fetched or not, has a receipt.
"""

from base64 import b64encode
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from django.conf import settings
from django.db import connection, models, transaction

from chauban.axis.actions import State
from chauban.axis.models import Carriage, Neighbour, Package, Rejection
from chauban.axis.words import refusal_words
from chauban.exchange import receipts
from chauban.exchange.keeping import proof
from chauban.exchange.models import Receipt, Statement
from chauban.exchange.receipts import Event, entry_text, sign_statement, statement_text
from chauban.trust.service_key import service_credential
from chauban_pki.certificates import display_name

AT_ONCE = 200
Row = TypeVar("Row", bound=models.Model)


def receipt_next(now: datetime) -> int:
    """Gather and sign receipts of what happened; return how many were signed.

    An installation without a service key leaves none.

    Raises: KeystoreLocked, KeystoreInvalid (chauban_pki): the service key cannot be used.
    """
    credential = service_credential()
    if credential is None:
        return 0
    gather(now)
    signed = 0
    for statement in Statement.objects.filter(cms=None).order_by("made_at", "pk"):
        cms = sign_statement(statement.text, credential, now=statement.made_at)
        Statement.objects.filter(pk=statement.pk, cms=None).update(
            cms=cms, stated_by=display_name(credential.certificate)[:200]
        )
        signed += statement.receipts.count()
    return signed


def gather(now: datetime) -> None:
    """Write the entries of what has no receipt yet, under one statement still to be signed."""
    packages = Package.objects.filter(has_receipts=False).order_by("received_at", "pk")
    ended = Carriage.objects.filter(has_receipt=False, state__in=[State.DONE, State.FAIL]).order_by(
        "updated_at", "pk"
    )
    rejections = Rejection.objects.filter(has_receipt=False).order_by("pk")
    if not (packages.exists() or ended.exists() or rejections.exists()):
        return  # an idle worker takes no write lock
    with transaction.atomic():
        neighbours = set(Neighbour.objects.values_list("pk", flat=True))
        made = [
            *_of_packages(_taken(packages), neighbours),
            *_of_ends(_taken(ended), neighbours),
            *_of_rejections(_taken(rejections.select_related("system")), neighbours),
        ]
        if not made:
            return
        node: str = settings.ENVIRONMENT.axis_system_id
        text = statement_text([one.entry for one in made], node=node, made_at=now)
        digest = sha256(text.encode()).hexdigest()
        statement = Statement.objects.create(sha256=digest, text=text, made_at=now)
        for one in made:
            one.statement = statement
        Receipt.objects.bulk_create(made)


def receipts_of(package: Package) -> list[receipts.Receipt]:
    """The signed receipts of a package, oldest first: ours, and those that neighbours gave us."""
    return [proof(one) for one in Receipt.objects.of_message(package.raw_id).holding()]


def answer_of(package: Package) -> dict[str, list[dict[str, object]]]:
    """The same as an answer to getReceipts has it: each statement once (ADR 27)."""
    given = receipts_of(package)
    places = {key: place for place, key in enumerate(dict.fromkeys(map(_signed, given)))}
    return {
        "data": [{"entry": one.entry, "statement": places[_signed(one)]} for one in given],
        "statements": [
            {"statement": text, "signature": b64encode(cms).decode()} for text, cms in places
        ],
    }


def _signed(one: receipts.Receipt) -> tuple[str, bytes]:
    return one.statement, one.signature


def _taken(rows: "models.QuerySet[Row]") -> list[Row]:
    """The first of the rows, for this worker alone, noted as having their receipts."""
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    taken = list(rows[:AT_ONCE])
    name = "has_receipts" if rows.model is Package else "has_receipt"
    rows.model._default_manager.filter(pk__in=[row.pk for row in taken]).update(**{name: True})
    return taken


def _of_packages(packages: Sequence[Package], neighbours: Collection[int]) -> Iterator[Receipt]:
    """What was taken over, and is ready to be fetched; what goes on is stated where it ends."""
    models.prefetch_related_objects(packages, "carriages__to", "undeliverables")
    for package in packages:
        taken = Event.RELAY_ACCEPTANCE if package.hops else Event.SUBMISSION_ACCEPTANCE
        yield _made(package, taken, "", package.received_at)
        for copy in package.carriages.all():
            if copy.system_id not in neighbours:
                yield _made(package, Event.CONTENT_CONSIGNMENT, copy.to.organ_id, copy.offered_at)
        for one in package.undeliverables.all():
            reason = refusal_words(one.error_code, one.organ_id).vi
            event = Event.CONTENT_CONSIGNMENT_FAILURE
            yield _made(package, event, one.organ_id, one.at, reason)


def _of_ends(ended: Sequence[Carriage], neighbours: Collection[int]) -> Iterator[Receipt]:
    models.prefetch_related_objects(ended, "to", "package")
    for copy in ended:
        events = _RELAYED if copy.system_id in neighbours else _HANDED_OVER
        event = events[copy.state == State.DONE]
        yield _made(copy.package, event, copy.to.organ_id, copy.updated_at, copy.description)


_HANDED_OVER = {True: Event.CONTENT_HANDOVER, False: Event.CONTENT_HANDOVER_FAILURE}
_RELAYED = {True: Event.RELAY_TO_NON_ERDS, False: Event.RELAY_FAILURE}


def _of_rejections(
    rejections: Sequence[Rejection], neighbours: Collection[int]
) -> Iterator[Receipt]:
    """A refused message is named by its digest and the system that sent it."""
    for one in rejections:
        is_relayed = one.system_id in neighbours
        event = Event.RELAY_REJECTION if is_relayed else Event.SUBMISSION_REJECTION
        entry = entry_text(
            event,
            package="",
            digest=one.sha256,
            sender=one.system.system_id,
            recipient="",
            at=one.at,
            reason=refusal_words(one.error_code).vi,
        )
        yield Receipt(sha256=one.sha256, event=event, at=one.at, entry=entry)


def _made(package: Package, event: Event, organ_id: str, at: datetime, reason: str = "") -> Receipt:
    entry = entry_text(
        event,
        package=str(package.pk),
        digest=package.raw_id,
        sender=package.from_organ_id,
        recipient=organ_id,
        at=at,
        reason=reason,
    )
    return Receipt(
        sha256=package.raw_id,
        package=str(package.pk),
        event=event,
        organ_id=organ_id,
        at=at,
        entry=entry,
    )
