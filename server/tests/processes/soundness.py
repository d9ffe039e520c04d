"""What must hold of an installation whatever was killed: the invariants of the design."""

from collections import Counter
from datetime import UTC, datetime

from django.conf import settings

from chauban.blobs import store
from chauban.cli.doctor import examine
from chauban.exchange.models import Channel, Delivery, IncomingMessage, OutgoingMessage, Recipient
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import (
    ArrivalSeries,
    IncomingDocument,
    OutgoingDocument,
    OutgoingFile,
    Series,
)
from chauban.workflow.models import Draft, KeyUse
from tests.processes import judging

State = OutgoingDocument.State


def require_sound() -> None:
    """All invariants that hold at every moment: registers, journal, files, messages."""
    bad = [finding.en for finding in examine(datetime.now(UTC)) if finding.ok is False]
    assert not bad, bad
    require_numbers()
    require_one_act_each()
    require_delivered_once()
    require_valid_files()


def require_numbers() -> None:
    """No number twice, none lost: each register counts from 1 to the last of its series."""
    for series in Series.objects.all():
        rows = OutgoingDocument.objects.filter(series=series).order_by("number")
        numbers = list(rows.values_list("number", flat=True))
        assert numbers == list(range(1, series.last_number + 1)), (series.pk, numbers)
        days = list(rows.values_list("issued_on", flat=True))
        assert days == sorted(days), days
    for arrivals in ArrivalSeries.objects.all():
        rows = IncomingDocument.objects.filter(body=arrivals.body_id, year=arrivals.year)
        numbers = sorted(rows.values_list("arrival_number", flat=True))
        assert numbers == list(range(1, arrivals.last_number + 1)), (arrivals.body_id, numbers)


def require_one_act_each() -> None:
    """The journal and the rows tell one story: each act once, of what has come that far."""
    after = {
        ActKind.NUMBERED: (State.NUMBERED, State.SEALED, State.ISSUED),
        ActKind.SEALED: (State.SEALED, State.ISSUED),
        ActKind.ISSUED: (State.ISSUED,),
    }
    for document in OutgoingDocument.objects.all():
        acts = Counter(Act.objects.on(document).values_list("kind", flat=True))
        for kind, states in after.items():
            assert acts[kind] == (document.state in states), (document.code, kind, acts)
    states = list(Draft.State)
    for draft in Draft.objects.all():
        signed = Act.objects.on(draft).filter(kind=ActKind.SIGNED).count()
        is_past = states.index(Draft.State(draft.state)) >= states.index(Draft.State.SIGNED)
        assert signed == is_past, (draft.pk, draft.state, signed)
        has_number = states.index(Draft.State(draft.state)) >= states.index(Draft.State.NUMBERED)
        assert has_number == (draft.outgoing_id is not None), (draft.pk, draft.state)
    for incoming in IncomingDocument.objects.all():
        registered = Act.objects.on(incoming).filter(kind=ActKind.REGISTERED_INCOMING)
        assert registered.count() == 1, incoming.arrival_number


def require_delivered_once() -> None:
    """No document is delivered or registered twice, and no arrival stands twice in the journal."""
    identities = Delivery.objects.values_list(
        "body", "sender", "document_key", "business_type", "edition"
    )
    assert max(Counter(identities).values(), default=1) == 1
    registered = IncomingDocument.objects.exclude(document_id="")
    named = registered.values_list("body", "sender_organ_id", "document_id")
    assert max(Counter(named).values(), default=1) == 1
    for delivery in Delivery.objects.all():
        arrivals = Act.objects.on(delivery).filter(kind=ActKind.ARRIVED).count()
        assert arrivals == 1, delivery.document_id
    for recipient in Recipient.objects.all():
        moved = recipient.statuses.filter(effect="moved").values_list("code", flat=True)
        assert max(Counter(moved).values(), default=1) == 1, recipient.name


def require_all_arrived() -> None:
    """No message is lost: nothing is owed, and each recipient has what was issued to it."""
    assert not OutgoingMessage.objects.exclude(state="sent").exists()
    assert not IncomingMessage.objects.filter(confirmed_at=None).exists()
    assert not IncomingMessage.objects.exclude(state="read").exists()
    assert not KeyUse.objects.pending().exists()
    for recipient in Recipient.objects.filter(channel=Channel.AXIS).select_related("document"):
        delivered = Delivery.objects.filter(
            body=recipient.body, document_id=recipient.document.document_id
        )
        assert delivered.count() == 1, (recipient.document.code, recipient.name)
        assert recipient.status_code, (recipient.document.code, recipient.name)


def require_valid_files() -> None:
    """Every file of a register has been sealed, and verifies in pyHanko's reading alone."""
    for document in OutgoingDocument.objects.filter(state__in=[State.SEALED, State.ISSUED]):
        parts = list(document.files.values_list("part", flat=True))
        assert parts.count("main") == 1, (document.code, parts)
    files = OutgoingFile.objects.filter(media_type="application/pdf").select_related("blob")
    paths = {file: store.path_of(file.blob.sha256) for file in files}
    found = judging.judged(list(paths.values()), settings.DEMO_PKI_FOLDER / "root.pem")
    for file, path in paths.items():
        judging.require_valid(found[path], is_main=file.part == "main")
