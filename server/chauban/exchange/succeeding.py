"""Updates and replacements that came: applied and linked on the clerk's word (edxml.md 6.4, 6.5).

A replacement, and an update under an identifier of its own, is registered as a new arrival and
linked with the earlier document, whichever of the two is registered first. An update under the
same identifier brings new facts and files for the line that is there.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from chauban.accounts.officers import Officer
from chauban.exchange.change_rules import concerns, is_undecided
from chauban.exchange.models import Delivery
from chauban.exchange.passing_on import pass_on_later
from chauban.exchange.senders import keys_of
from chauban.exchange.statuses import owe_statuses
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.models import IncomingDocument, IncomingFile
from chauban_edxml.identifiers import normal_text
from chauban_edxml.model import BussinessDocType, StatusCode

UPDATE, REPLACEMENT = BussinessDocType.UPDATE, BussinessDocType.REPLACEMENT


def earlier_of(delivery: Delivery) -> list[Delivery]:
    """The deliveries of the documents that this one replaces or updates, as far as they came."""
    if delivery.business_type not in (UPDATE, REPLACEMENT):
        return []
    named = concerns(delivery.header, {delivery.addressed_as, *delivery.body.aliases()})
    return list(
        Delivery.objects.filter(
            body=delivery.body_id,
            sender__in=keys_of(delivery),
            document_key__in=[normal_text(one["document_id"])[:240] for one in named],
        )
        .exclude(pk=delivery.pk)
        .exclude(business_type=UPDATE, incoming=None)
        .select_related("incoming", "body__agency")
        .order_by("pk")
    )


def later_of(delivery: Delivery) -> Iterator[Delivery]:
    """The registered deliveries that replace or update this one."""
    later = Delivery.objects.filter(
        body=delivery.body_id,
        sender__in=keys_of(delivery),
        state=Delivery.State.REGISTERED,
        business_type__in=[UPDATE, REPLACEMENT],
    )
    if not later.exists():  # most documents: spares each acceptance the wide question
        return
    others = later.exclude(pk=delivery.pk).exclude(incoming=None)
    for one in others.select_related("incoming", "body"):
        if delivery.pk in {earlier.pk for earlier in earlier_of(one)}:
            yield one


def updated_line(delivery: Delivery) -> IncomingDocument | None:
    """The line of the register that an update under the same identifier changes; None: none."""
    if delivery.business_type != UPDATE:
        return None
    found = [one.incoming for one in earlier_of(delivery) if _is_same(one, delivery)]
    in_use = (one for one in found if one and one.state != IncomingDocument.State.RECALLED)
    return next(in_use, None)


def newer_than(delivery: Delivery) -> "QuerySet[Delivery]":
    """Of an update: those that came after it under the same identifier."""
    return _editions(delivery).filter(edition__gt=delivery.edition).order_by("edition")


def drop_older(delivery: Delivery, *, now: datetime) -> None:
    """Take older updates under the same identifier, still to be decided, out of the inbox."""
    if delivery.edition == 1:
        return
    older = _editions(delivery).filter(edition__lt=delivery.edition)
    older.filter(state__in=[Delivery.State.ARRIVED, Delivery.State.PROPOSED]).update(
        state=Delivery.State.WITHDRAWN, decided_at=now, lease_until=None
    )


def header_before(earlier: Delivery, later: Delivery) -> Mapping[str, Any]:
    """The facts that a later message is compared with: the last that were applied."""
    applied = _editions(later).filter(edition__lt=later.edition, updated__isnull=False)
    return (applied.order_by("edition").last() or earlier).header


def apply_update(
    delivery: Delivery, line: IncomingDocument, *, officer: Officer, now: datetime
) -> None:
    """Put the facts of an update into the register's line and its files beside the old ones.

    What stood there before is kept with the delivery that brought it.
    """
    for name, value in _facts(delivery).items():
        setattr(line, name, value)
    line.save(update_fields=list(_facts(delivery)))
    held = set(line.files.values_list("blob", flat=True))
    new = [file for file in delivery.files.all() if file.blob_id and file.blob_id not in held]
    first = line.files.count() + 1
    IncomingFile.objects.bulk_create(
        IncomingFile(
            document=line,
            blob_id=file.blob_id,
            ordinal=ordinal,
            name=file.name,
            media_type=file.media_type,
            report=file.report,
        )
        for ordinal, file in enumerate(new, start=first)
    )
    record(ActKind.INCOMING_UPDATED, on=line, by=officer, at=now, delivery=delivery.pk)
    pass_on_later(line, line, officer=officer, now=now)


def link(delivery: Delivery, *, officer: Officer, now: datetime) -> None:
    """Link a document that was just registered with what it replaces or updates, and the reverse.

    Of an update the sender is told that it is agreed to (15).
    """
    for earlier in earlier_of(delivery):
        if is_undecided(earlier.state) and _is_same(earlier, delivery):
            earlier.state, earlier.decided_at = Delivery.State.WITHDRAWN, now
            earlier.lease_until = None
            earlier.save(update_fields=["state", "decided_at", "lease_until"])
        _link(earlier, delivery, officer=officer, now=now)
    for later in later_of(delivery):
        _link(delivery, later, officer=officer, now=now)


def owe_consent(delivery: Delivery, *, agrees: bool, now: datetime) -> None:
    """Owe the sender of an update 15 or 16, where we hold the document that it updates."""
    if updates_held(delivery):
        code = StatusCode.CHANGE_AGREED if agrees else StatusCode.CHANGE_REFUSED
        owe_statuses([(delivery, code, "")], now=now)


def refuse_update(delivery: Delivery, *, officer: Officer, now: datetime) -> bool:
    """Refuse an update of a document that we hold with 16; return whether it was one.

    The line of that document stays as it is, and its history says so.
    """
    if not updates_held(delivery):
        return False
    owe_consent(delivery, agrees=False, now=now)
    for line in (one.incoming for one in earlier_of(delivery) if one.incoming):
        record(ActKind.UPDATE_REFUSED, on=line, by=officer, at=now, delivery=delivery.pk)
    return True


def updates_held(delivery: Delivery) -> bool:
    """Whether it updates a document that came and was not returned."""
    return delivery.business_type == UPDATE and any(
        one.state != Delivery.State.RETURNED for one in earlier_of(delivery)
    )


def is_under_same_identifier(delivery: Delivery) -> bool:
    """Whether a message updates the document whose identifier it bears itself."""
    named = {normal_text(one["document_id"])[:240] for one in delivery.header.get("concerns", ())}
    return delivery.document_key in named


def _link(earlier: Delivery, later: Delivery, *, officer: Officer, now: datetime) -> None:
    old, new = earlier.incoming, later.incoming
    if old is None or new is None:
        return
    if later.business_type == UPDATE:
        new.amends = old
        new.save(update_fields=["amends"])
        record(ActKind.INCOMING_UPDATED, on=old, by=officer, at=now, incoming=new.pk)
        pass_on_later(old, new, officer=officer, now=now)
    elif old.replaced_by_id is None:
        old.replaced_by = new
        old.save(update_fields=["replaced_by"])
        record(ActKind.INCOMING_REPLACED, on=old, by=officer, at=now, incoming=new.pk)
        pass_on_later(old, new, officer=officer, now=now)


def _editions(delivery: Delivery) -> "QuerySet[Delivery]":
    if delivery.business_type != UPDATE:
        return Delivery.objects.none()
    return Delivery.objects.filter(
        body=delivery.body_id,
        sender__in=keys_of(delivery),
        business_type=UPDATE,
        document_key=delivery.document_key,
    )


def _is_same(earlier: Delivery, later: Delivery) -> bool:
    return earlier.document_key == later.document_key


def _facts(delivery: Delivery) -> dict[str, Any]:
    header = delivery.header
    facts = {name: header[name] for name in ("kind_name", "subject", "priority")}
    facts |= {name: header[name] for name in ("signer_name", "signer_position")}
    due_on = header["due_on"]
    return {**facts, "due_on": date.fromisoformat(due_on) if due_on else None}
