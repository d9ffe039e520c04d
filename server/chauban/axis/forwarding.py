"""Handing packages over to neighbouring axes, and learning there what became of them.

To a neighbour this axis is a system like any other: it sends by the gateway that offices use, and
asks there how far each copy has come (edxml.md 11). The same bytes go on unchanged. A package is
taken only from the side where its sender is (axis.actions), so that none goes in a circle.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction

from chauban.axis.models import Carriage, Forwarding, Member, Neighbour, Package
from chauban.axis.words import FILE_DAMAGED, expired_words
from chauban.blobs import store
from chauban.blobs.errors import BlobError
from chauban.exchange.keeping import About, ask_for_receipts, pause
from chauban.exchange.leases import claim_some, hold_all, settle_all
from chauban.exchange.models import MessageType
from chauban.exchange.ports import (
    WHOLE_BYTES,
    Acknowledgement,
    Carried,
    Envelope,
    Gateway,
    GatewayError,
    GatewayUnavailable,
    NotOffered,
    RefusedByAxis,
    Sent,
)
from chauban.exchange.rules import attempts_after_silence, delay_after

GatewayOf = Callable[[Neighbour], Gateway]

LEASE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(minutes=10)  # of one package that a neighbour did not answer to
SHORTEST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)  # of the neighbour
TRACK_FIRST, TRACK_LAST = timedelta(minutes=1), timedelta(minutes=30)

State = Carriage.State


def queue(copies: Iterable[tuple[Package, Collection[Member]]], *, now: datetime) -> None:
    """Owe each package to the neighbours beyond which some of these members are.

    In the transaction that makes its copies wait: what stands here is handed over.
    """
    owed = {
        (member.system_id, package.pk): Forwarding(
            neighbour_id=member.system_id, package=package, due_at=now
        )
        for package, members in copies
        for member in members
        if is_beyond_neighbour(member)
    }
    if owed:
        Forwarding.objects.bulk_create(
            owed.values(),
            update_conflicts=True,
            unique_fields=["neighbour", "package"],
            update_fields=["due_at"],
        )


def is_beyond_neighbour(member: Member) -> bool:
    return getattr(member.system, "neighbour", None) is not None


def forward_waiting(gateway_of: GatewayOf, now: datetime) -> int:
    """Hand over what waits for each neighbour; return how many packages it answered for.

    The claim and the settling are short transactions; the neighbour is called in neither. After
    a crash in between the same bytes go again when the lease ends: the neighbour knows them and
    gives the same DocId. While it is silent packages wait, however long, until they expire.
    """
    return sum(
        _forward(neighbour, gateway_of(neighbour), now=now)
        for neighbour in Neighbour.objects.to_call(now)
    )


def follow_forwarded(gateway_of: GatewayOf, now: datetime) -> int:
    """Ask each neighbour how far packages that it took have come; return how many were asked for.

    A copy here is done, or has failed, when the one over there is: else a sender would not hear
    of a failure beyond his own axis.
    """
    return sum(
        _follow(neighbour, gateway_of(neighbour), now=now)
        for neighbour in Neighbour.objects.to_call(now)
    )


@dataclass(frozen=True)
class _Owed:
    """A package, and its copies that are to be handed over."""

    forwarding: Forwarding
    copies: Sequence[Carriage]

    @property
    def size_bytes(self) -> int:
        return self.forwarding.package.raw.size_bytes

    def envelope(self) -> Envelope:
        """Raises: BlobMissing, BlobDamaged."""
        package = self.forwarding.package
        return Envelope(
            type=package.type,
            from_organ_id=package.from_organ_id,
            to_organ_ids=tuple(copy.to.organ_id for copy in self.copies),
            raw=package.raw if package.raw.size_bytes > WHOLE_BYTES else store.read(package.raw),
            hops=package.hops + 1,
        )


def _forward(neighbour: Neighbour, gateway: Gateway, *, now: datetime) -> int:
    due = Forwarding.objects.due(neighbour, now)
    claimed = claim_some(due, now=now, lease=LEASE, most=gateway.at_once)
    if not claimed:
        return 0
    models.prefetch_related_objects(claimed, "package__raw")
    waiting = _copies(neighbour, claimed, State.INITIAL)
    owed = [_Owed(one, waiting[one.package_id]) for one in claimed]
    answered = 0
    for group in _in_groups(owed):
        outcomes = _hand_over(group, gateway, now=now)
        answered += _settle(neighbour, group, outcomes, now=now)
    return answered


def _in_groups(owed: Iterable[_Owed]) -> Iterator[list[_Owed]]:
    """What is read and sent in one call: never much at once."""
    group: list[_Owed] = []
    for one in owed:
        if group and sum(each.size_bytes for each in group) + one.size_bytes > WHOLE_BYTES:
            yield group
            group = []
        group.append(one)
    yield group


def _hand_over(owed: Sequence[_Owed], gateway: Gateway, *, now: datetime) -> list[Sent | None]:
    """What the neighbour says to each package; None: nobody is left to hand it to."""
    outcomes: dict[int, Sent | None] = {}
    ready: dict[int, Envelope] = {}
    for place, one in enumerate(owed):
        try:
            if one.copies:
                ready[place] = one.envelope()
        except BlobError:
            outcomes[place] = RefusedByAxis("", vi=FILE_DAMAGED.vi, en=FILE_DAMAGED.en)
    sent = gateway.send(list(ready.values()), now=now) if ready else ()
    outcomes.update(zip(ready, sent, strict=True))
    return [outcomes.get(place) for place in range(len(owed))]


def _settle(
    neighbour: Neighbour, owed: Sequence[_Owed], outcomes: Sequence[Sent | None], *, now: datetime
) -> int:
    """Write down what was handed over, and what a neighbour refuses; the rest waits."""
    silence = next((one for one in outcomes if _is_silence(one)), None)
    with transaction.atomic():
        held = hold_all([one.forwarding for one in owed])
        settled = [
            (one, outcome)
            for one, outcome in zip(owed, outcomes, strict=True)
            if one.forwarding.pk in held
        ]
        answered = [(one, outcome) for one, outcome in settled if not _is_silence(outcome)]
        _move(neighbour, [(one, outcome) for one, outcome in answered if outcome], now=now)
        left = _copies(neighbour, [one.forwarding for one, _ in answered], State.INITIAL)
        for one, outcome in answered:
            forwarding = one.forwarding
            forwarding.attempts = 0
            # Another transaction may have made copies wait since these were read.
            forwarding.due_at = now if left[forwarding.package_id] else None
            if isinstance(outcome, Acknowledgement):
                forwarding.far_id, forwarding.sent_at = outcome.package_id, now
                is_followed = forwarding.package.type == MessageType.EDOC
                forwarding.track_at = now + TRACK_FIRST if is_followed else None
        for one, outcome in settled:
            if _is_silence(outcome):
                _put_off(one.forwarding, now=now)
        settle_all([one.forwarding for one, _ in settled], _SETTLED)
        if silence is not None:
            note_silence(neighbour, silence, now=now)
        elif any(outcomes):
            note_contact(neighbour, now=now)
    return len(answered)


_SETTLED = ("due_at", "attempts", "far_id", "sent_at", "track_at")


def _move(neighbour: Neighbour, answered: Iterable[tuple[_Owed, Sent]], *, now: datetime) -> None:
    """Bring copies on: taken over by the neighbour, or failed with its reason.

    A status, of which nobody asks what became of it, is done when the neighbour has it.
    """
    taken: dict[str, list[Carriage]] = defaultdict(list)
    failed: dict[str, list[Carriage]] = defaultdict(list)
    for one, outcome in answered:
        for copy in one.copies:
            match outcome:
                case RefusedByAxis(vi=reason):
                    failed[reason].append(copy)
                case Acknowledgement(refusals=refusals) if copy.to.organ_id in refusals:
                    failed[refusals[copy.to.organ_id].vi].append(copy)
                case _:
                    taken[copy.type].append(copy)
    waiting = Carriage.objects.filter(state=State.INITIAL)
    waiting.filter(pk__in=[copy.pk for copy in taken[MessageType.EDOC]]).update(
        state=State.PROCESSING, description="", updated_at=now
    )
    waiting.filter(pk__in=[copy.pk for copy in taken[MessageType.STATUS]]).update(
        state=State.DONE,
        description="",
        updated_at=now,
        has_receipt=neighbour.gives_receipts is not False,
    )
    for reason, copies in failed.items():
        waiting.filter(pk__in=[copy.pk for copy in copies]).update(
            state=State.FAIL, description=reason[:400], updated_at=now
        )


def _put_off(forwarding: Forwarding, *, now: datetime) -> None:
    """Let a package wait; it may be the reason for the silence, so that it goes alone then."""
    forwarding.attempts = attempts_after_silence(forwarding.attempts)
    forwarding.due_at = now + min(delay_after(forwarding.attempts), LONGEST_PAUSE)


def _follow(neighbour: Neighbour, gateway: Gateway, *, now: datetime) -> int:
    to_track = Forwarding.objects.to_track(neighbour, now)
    claimed = claim_some(to_track, now=now, lease=LEASE, most=gateway.at_once)
    if not claimed:
        return 0
    models.prefetch_related_objects(claimed, "package")
    handed_over = _copies(neighbour, claimed, State.PROCESSING)
    for one in claimed:
        copies = handed_over[one.package_id]
        age = now - (one.sent_at or now)
        ends: list[tuple[Carriage, str, str]] = []
        owes_receipts = True
        try:
            carried = gateway.track(one.far_id, now=now) if copies else ()
            ends = list(_ends(copies, carried, is_late=_is_late(age)))
            owes_receipts = _ask_for_receipts(one, neighbour, gateway, now=now)
            note_contact(neighbour, now=now)
        except GatewayUnavailable as silence:
            note_silence(neighbour, silence, now=now)
        except GatewayError:  # it knows no such package, or tells nobody: until that is too late
            ends = list(_ends(copies, (), is_late=_is_late(age)))
        if len(copies) > len(ends):
            wait: timedelta | None = min(max(age / 2, TRACK_FIRST), TRACK_LAST)
        else:
            wait = pause(age) if owes_receipts else None
        _settle_followed(one, ends, neighbour, again=now + wait if wait else None, now=now)
    return len(claimed)


def _ask_for_receipts(
    forwarding: Forwarding, neighbour: Neighbour, gateway: Gateway, *, now: datetime
) -> bool:
    """Keep what the neighbour states of a package; whether more of it is still to come.

    Raises: GatewayUnavailable.
    """
    package = forwarding.package
    handed_over = Carriage.objects.filter(package=package, system=neighbour.pk).exclude(
        state=State.INITIAL
    )
    codes = frozenset(handed_over.values_list("to__organ_id", flat=True))
    about = About(package.raw_id, package.from_organ_id, codes)
    try:
        owes_more = ask_for_receipts(about, forwarding.far_id, gateway, now=now)
        gives_receipts = True
    except NotOffered:
        owes_more = gives_receipts = False
    if neighbour.gives_receipts != gives_receipts:
        neighbour.gives_receipts = gives_receipts
        Neighbour.objects.filter(pk=neighbour.pk).update(gives_receipts=gives_receipts)
    return owes_more


def _ends(
    copies: Sequence[Carriage], carried: Sequence[Carried], *, is_late: bool
) -> Iterator[tuple[Carriage, str, str]]:
    """Which copies have come to their end on the other axis: (copy, state, description)."""
    far = {one.to_organ_id: one for one in carried}
    for copy in copies:
        one = far.get(copy.to.organ_id)
        if one and one.state in (State.DONE, State.FAIL):
            yield copy, one.state, one.description
        elif is_late:
            yield copy, State.FAIL, expired_words(2 * settings.AXIS_EXPIRY_DAYS).vi


def _is_late(age: timedelta) -> bool:
    """Whether nothing more can come: the neighbour lets a copy expire in its time, not in ours."""
    return age > 2 * timedelta(days=settings.AXIS_EXPIRY_DAYS)


def _settle_followed(
    forwarding: Forwarding,
    ends: Sequence[tuple[Carriage, str, str]],
    neighbour: Neighbour,
    *,
    again: datetime | None,
    now: datetime,
) -> None:
    """Bring copies to their end; of what the neighbour states itself, we state nothing."""
    with transaction.atomic():
        if not hold_all([forwarding]):
            return
        for copy, state, description in ends:
            Carriage.objects.filter(pk=copy.pk, state=State.PROCESSING).update(
                state=state,
                description=description[:400],
                updated_at=now,
                has_receipt=neighbour.gives_receipts is not False,
            )
        forwarding.track_at, forwarding.attempts = again, 0
        settle_all([forwarding], ("track_at", "attempts"))


def _copies(
    neighbour: Neighbour, forwardings: Sequence[Forwarding], state: str
) -> Mapping[int, list[Carriage]]:
    """The copies beyond the neighbour in that state, by their package."""
    found: dict[int, list[Carriage]] = defaultdict(list)
    copies = Carriage.objects.filter(
        package__in=[one.package_id for one in forwardings],
        system=neighbour.pk,
        state=state,
    )
    for copy in copies.select_related("to").order_by("offered_at", "to__organ_id"):
        found[copy.package_id].append(copy)
    return found


def _is_silence(outcome: Sent | None) -> bool:
    """No answer, or none to this package: the same may be taken another time."""
    return isinstance(outcome, GatewayError) and not isinstance(outcome, RefusedByAxis)


def note_contact(neighbour: Neighbour, *, now: datetime) -> None:
    Neighbour.objects.filter(pk=neighbour.pk).update(
        last_contact_at=now, silences=0, rests_until=None, trouble=""
    )


def note_silence(neighbour: Neighbour, silence: GatewayError, *, now: datetime) -> None:
    """Let a neighbour rest that does not answer: a little, and longer each time."""
    neighbour.silences = min(neighbour.silences + 1, 10)
    rest = min(SHORTEST_REST * 2 ** (neighbour.silences - 1), LONGEST_REST)
    Neighbour.objects.filter(pk=neighbour.pk).update(
        silences=neighbour.silences, rests_until=now + rest, trouble=str(silence)[:300]
    )
