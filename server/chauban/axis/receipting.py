"""Leaving a receipt of every hand-over: gathered from what happened, signed many at once.

Nothing is written where messages are taken over and handed out; the worker finds what has no
receipt yet. It gathers in one transaction and signs outside of any (design, decision 8). A status
is an answer itself: of it only the end, fetched or not, has a receipt.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db import connection, models, transaction

from chauban.axis.actions import State
from chauban.axis.models import Carriage, Package, Receipt, Rejection, Statement
from chauban.axis.words import refusal_words
from chauban.exchange import receipts
from chauban.exchange.receipts import Event, entry_text, sign_statement, statement_text
from chauban.trust.service_key import service_credential

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
        Statement.objects.filter(pk=statement.pk, cms=None).update(cms=cms)
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
        made = [
            *_of_packages(_taken(packages)),
            *_of_ends(_taken(ended)),
            *_of_rejections(_taken(rejections.select_related("system"))),
        ]
        if not made:
            return
        node: str = settings.ENVIRONMENT.axis_system_id
        text = statement_text([one.entry for one in made], node=node, made_at=now)
        statement = Statement.objects.create(text=text, made_at=now)
        for one in made:
            one.statement = statement
        Receipt.objects.bulk_create(made)


def receipts_of(package: Package) -> list[receipts.Receipt]:
    """The signed receipts of a package, oldest first."""
    rows = package.receipts.exclude(statement__cms=None).select_related("statement")
    return [
        receipts.Receipt(one.entry, one.statement.text, bytes(one.statement.cms)) for one in rows
    ]


def _taken(rows: "models.QuerySet[Row]") -> list[Row]:
    """The first of the rows, for this worker alone, noted as having their receipts."""
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    taken = list(rows[:AT_ONCE])
    name = "has_receipts" if rows.model is Package else "has_receipt"
    rows.model._default_manager.filter(pk__in=[row.pk for row in taken]).update(**{name: True})
    return taken


def _of_packages(packages: Sequence[Package]) -> Iterator[Receipt]:
    models.prefetch_related_objects(packages, "carriages__to", "undeliverables")
    for package in packages:
        yield _made(package, Event.SUBMISSION_ACCEPTANCE, "", package.received_at)
        for copy in package.carriages.all():
            yield _made(package, Event.CONTENT_CONSIGNMENT, copy.to.organ_id, copy.offered_at)
        for one in package.undeliverables.all():
            reason = refusal_words(one.error_code, one.organ_id).vi
            event = Event.CONTENT_CONSIGNMENT_FAILURE
            yield _made(package, event, one.organ_id, one.at, reason)


def _of_ends(ended: Sequence[Carriage]) -> Iterator[Receipt]:
    models.prefetch_related_objects(ended, "to", "package")
    for copy in ended:
        is_done = copy.state == State.DONE
        event = Event.CONTENT_HANDOVER if is_done else Event.CONTENT_HANDOVER_FAILURE
        yield _made(copy.package, event, copy.to.organ_id, copy.updated_at, copy.description)


def _of_rejections(rejections: Sequence[Rejection]) -> Iterator[Receipt]:
    """A refused message is named by its digest and the system that sent it."""
    for one in rejections:
        entry = entry_text(
            Event.SUBMISSION_REJECTION,
            package="",
            digest=one.sha256,
            sender=one.system.system_id,
            recipient="",
            at=one.at,
            reason=refusal_words(one.error_code).vi,
        )
        event = Event.SUBMISSION_REJECTION
        yield Receipt(system=one.system, event=event, at=one.at, entry=entry)


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
        package=package,
        system_id=package.system_id,
        event=event,
        organ_id=organ_id,
        at=at,
        entry=entry,
    )
