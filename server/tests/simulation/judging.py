"""Whether what was to happen happened exactly once, and both ends say the same of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from chauban.axis.models import Carriage, Rejection, Undeliverable
from chauban.blobs import store
from chauban.blobs.errors import BlobError
from chauban.blobs.models import Blob
from chauban.exchange.following import TELLING
from chauban.exchange.models import (
    ChangeRequest,
    Delivery,
    FollowedAct,
    IncomingMessage,
    OutgoingMessage,
    ReceivedRecall,
    ReceivedStatus,
    Recipient,
)
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument, OutgoingDocument
from tests.simulation.clerks import Intent, failed_statuses, in_trouble


class Place(Protocol):
    """An installation; while it is `running`, this process works on it."""

    @property
    def name(self) -> str: ...
    def running(self) -> AbstractContextManager[None]: ...


class OfOffice(Protocol):
    @property
    def node(self) -> Place: ...


class Judged(Protocol):
    """What was played: in one process (world.py), or in many (tests.deployments)."""

    @property
    def intents(self) -> Sequence[Intent]: ...
    @property
    def offices(self) -> Mapping[str, OfOffice]: ...
    @property
    def axes(self) -> Sequence[Place]: ...
    def pending(self) -> Sequence[str]: ...


def pending_at_office() -> Iterator[str]:
    """What waits at the node that runs."""
    yield from _counted("messages to send", OutgoingMessage.objects.filter(state="due").count())
    yield from _counted("messages failed", OutgoingMessage.objects.failed().count())
    yield from _counted(
        "packages unsettled", IncomingMessage.objects.filter(confirmed_at=None).count()
    )
    yield from _counted(
        "to decide", Delivery.objects.filter(state__in=["arrived", "proposed"]).count()
    )
    yield from _counted(
        "acts unfollowed", Act.objects.filter(kind__in=TELLING).unfollowed_by(FollowedAct).count()
    )
    yield from _counted("without the document", in_trouble().count())
    unanswered = ChangeRequest.objects.filter(state__in=["waiting", "undelivered"])
    yield from _counted("recalls unanswered", unanswered.count())
    yield from _counted("recalls to answer", ReceivedRecall.objects.filter(state="open").count())


def pending_at_axis() -> Iterator[str]:
    waiting = Carriage.objects.filter(state__in=["initial", "processing"])
    yield from _counted("copies not taken", waiting.count())
    yield from _counted("statuses failed", failed_statuses().count())


def _counted(what: str, number: int) -> Iterator[str]:
    if number:
        yield f"{number} {what}"


@dataclass(frozen=True)
class Received:
    """What the register of a receiving body has of a document, and says to its sender."""

    state: str
    told: tuple[str, ...]  # the statuses it owed and sent, without those told again
    told_again: int


@dataclass
class Kept:
    """What all nodes have, by the identifiers of the documents."""

    documents: dict[str, list[OutgoingDocument]] = field(default_factory=lambda: defaultdict(list))
    recipients: dict[tuple[str, str], list[Recipient]] = field(
        default_factory=lambda: defaultdict(list)
    )
    requests: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[tuple[str, str], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    deliveries: dict[tuple[str, str], list[Received]] = field(
        default_factory=lambda: defaultdict(list)
    )


def faults_of(world: Judged) -> list[str]:
    """Every rule that the state of the nodes breaks; none: all messages came exactly once."""
    return [fault for faults in faults_by_rule(world).values() for fault in faults]


def faults_by_rule(world: Judged) -> dict[str, list[str]]:
    """What breaks each rule, in the nodes' own words; an empty list: it holds."""
    kept = Kept()
    found: dict[str, list[str]] = defaultdict(list)
    found["nothing pending"] += world.pending()
    for office in world.offices.values():
        with office.node.running():
            _take_down(kept)
            for rule, faults in RULES_OF_OFFICES.items():
                found[rule] += [f"{office.node.name}: {fault}" for fault in faults()]
    for axis in world.axes:
        with axis.running():
            for rule, faults in RULES_OF_AXES.items():
                found[rule] += [f"{axis.name}: {fault}" for fault in faults()]
    found["each document once, both registers agree"] += _between(world, kept)
    return found


def _take_down(kept: Kept) -> None:
    for document in OutgoingDocument.objects.select_related("body"):
        kept.documents[document.subject].append(document)
    for recipient in Recipient.objects.select_related("document", "body"):
        key = recipient.document.document_id, recipient.body.key
        kept.recipients[key].append(recipient)
    for state, document_id, body in ChangeRequest.objects.filter(kind=1).values_list(
        "state", "recipient__document__document_id", "recipient__body__key"
    ):
        kept.requests[document_id, body].append(state)
    for code, document_id, body in ReceivedStatus.objects.values_list(
        "code", "recipient__document__document_id", "recipient__body__key"
    ):
        kept.statuses[document_id, body][code] += 1
    owed = defaultdict(list)
    for delivery_id, code, key in OutgoingMessage.objects.filter(
        delivery__isnull=False, recall=None, state="sent"
    ).values_list("delivery", "status_code", "key"):
        owed[delivery_id].append((code, key.count(":") > 2))
    for delivery in Delivery.objects.select_related("body", "incoming"):
        kept.deliveries[delivery.document_id, delivery.body.key].append(
            Received(
                state=delivery.incoming.state if delivery.incoming else delivery.state,
                told=tuple(sorted(code for code, is_again in owed[delivery.pk] if not is_again)),
                told_again=sum(is_again for _, is_again in owed[delivery.pk]),
            )
        )


def _numbers() -> Iterator[str]:
    yield from _gaps("number", OutgoingDocument.objects.values_list("series", "number"))
    yield from _gaps(
        "arrival number", IncomingDocument.objects.values_list("body", "arrival_number")
    )


def _gaps(what: str, numbers: Iterable[tuple[int, int]]) -> Iterator[str]:
    """Numbers run from 1 without gap or repetition in each series (Điều 15.2, 22.2)."""
    of_series = defaultdict(list)
    for series, number in numbers:
        of_series[series].append(number)
    for series, taken in of_series.items():
        if sorted(taken) != list(range(1, len(taken) + 1)):
            yield f"{what}s of {series} are {sorted(taken)}"


def _unread() -> Iterator[str]:
    unread = IncomingMessage.objects.exclude(state=IncomingMessage.State.READ)
    # A recall of what never came stays for a person; of what never came in the sender heard.
    for message in unread.filter(recalls=None, raw__isnull=False):
        yield f"package {message.package_id} is {message.state}: {message.refusal}"


def _unlike_the_journal() -> Iterator[str]:
    """Each act stands in the journal once for each row that it made."""
    rows = {
        ActKind.ISSUED: OutgoingDocument.objects.exclude(issued_at=None),
        ActKind.SENT: OutgoingMessage.objects.filter(state="sent"),
        ActKind.ARRIVED: Delivery.objects.all(),
        ActKind.ASSESSED: Delivery.objects.exclude(proposal=""),
        ActKind.REGISTERED_INCOMING: IncomingDocument.objects.all(),
        ActKind.RETURNED_TO_SENDER: Delivery.objects.filter(state="returned"),
        ActKind.STATUS_RECEIVED: ReceivedStatus.objects.all(),
        ActKind.RECALLED: OutgoingDocument.objects.filter(state="recalled"),
        ActKind.REPLACED: OutgoingDocument.objects.filter(successors__kind="replaces"),
        ActKind.INCOMING_WITHDRAWN: IncomingDocument.objects.filter(state="recalled"),
    }
    for kind, made in rows.items():
        acts = Act.objects.filter(kind=kind).count()
        if acts != made.count():
            yield f"{acts} acts {kind}, {made.count()} rows"


def _lost_files() -> Iterator[str]:
    for blob in Blob.objects.iterator():
        try:
            store.require_undamaged(blob)
        except BlobError as error:
            yield str(error)


def _refused_by_axis() -> Iterator[str]:
    yield from _counted("messages rejected", Rejection.objects.count())
    yield from _counted("recipients unknown", Undeliverable.objects.count())


RULES_OF_OFFICES = {
    "numbers without gap": _numbers,
    "what came was read": _unread,
    "each act once in the journal": _unlike_the_journal,
    "every file whole": _lost_files,
}
RULES_OF_AXES = {"the axis refused nothing": _refused_by_axis, "every file whole": _lost_files}


def _between(world: Judged, kept: Kept) -> Iterator[str]:
    """Each document came to each recipient once, and both ends agree on what became of it."""
    wanted = set()
    for intent in world.intents:
        documents = kept.documents[intent.subject]
        state = "recalled" if intent.is_recalled else "issued"
        if [one.state for one in documents] != [state]:
            yield f"{intent.key} is {[(one.code, one.state) for one in documents]}, not {state}"
            continue
        wanted |= {(documents[0].document_id, key) for key in intent.recipients}
    for unmeant in (kept.recipients.keys() | kept.deliveries.keys()) - wanted:
        yield f"{unmeant}: nobody meant to send that"
    for key in sorted(wanted):
        if len(kept.recipients[key]) != 1:
            yield f"{key}: {len(kept.recipients[key])} recipients"
            continue
        (recipient,) = kept.recipients[key]
        of_one = _of_one_recalled if key in kept.requests else _of_one_message
        for fault in of_one(recipient, key, kept):
            yield f"{key}: {fault}"


def _of_one_recalled(recipient: Recipient, key: tuple[str, str], kept: Kept) -> Iterator[str]:
    """What was recalled is out of use where that was agreed to, in use where it was refused."""
    deliveries = [one.state for one in kept.deliveries[key]]
    allowed: dict[str, list[list[str]]] = {
        "unsent": [[]],
        "agreed": [[], ["withdrawn"], ["recalled"], ["returned"]],
        "refused": [[state] for state in _TOLD if state != "returned"],
    }
    requests = kept.requests[key]
    if len(requests) != 1 or deliveries not in allowed.get(requests[0], []):
        yield f"recalls {requests}, deliveries {deliveries}"
    again = sum(one.told_again for one in kept.deliveries[key])
    statuses = {code: n for code, n in kept.statuses[key].items() if code < "13"}
    if any(number > 1 + again for number in statuses.values()):
        yield f"received {statuses}"


_TOLD = {
    "returned": ("01", "02"),
    "registered": ("01", "03"),
    "routed": ("01", "03", "04"),
    "in-progress": ("01", "03", "04", "05"),
    "done": ("01", "03", "04", "05", "06"),
}


def _of_one_message(recipient: Recipient, key: tuple[str, str], kept: Kept) -> Iterator[str]:
    if len(kept.deliveries[key]) != 1:
        yield f"{len(kept.deliveries[key])} deliveries"
        return
    (delivery,), statuses = kept.deliveries[key], kept.statuses[key]
    expected = _TOLD.get(delivery.state, ())
    if delivery.told != expected:
        yield f"{delivery.state}, but told {delivery.told}"
    if recipient.status_code not in expected[-1:]:
        yield f"{delivery.state}, but the sender has {recipient.status_code!r}"
    surplus = statuses - Counter(expected)
    if tuple(sorted(statuses)) != expected or surplus.total() > delivery.told_again:
        yield f"told {delivery.told}, received {dict(statuses)}"
