"""A key that answers elsewhere or later: looked after until it has answered or its time is over.

Only what its holder has confirmed is embedded, once, however often a process dies meanwhile;
nothing is signed unattended (design, decision 18).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import OperationalError, transaction
from django.db.models import F, Q

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotFound
from chauban.blobs.errors import StorageFull
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.trust.errors import TrustError
from chauban.workflow.claims import officer_of
from chauban.workflow.local_program import brought_back
from chauban.workflow.made import SigningServices, completed
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.results import require_sound
from chauban.workflow.rules import LOOK_LEASE, SIGNING_LEASE, TRIES_TO_KEEP, pause_after
from chauban.workflow.sealing import settle_seal
from chauban.workflow.signing import settle_signature
from chauban.workflow.telephone import embedded, poll
from chauban_pki.errors import (
    SigningAnswerInvalid,
    SigningRefused,
    SigningTimedOut,
    SigningUnavailable,
)

CANCELLED = "Cancelled"


def asked_of(draft: Draft) -> KeyUse | None:
    """The use of a key on the draft that waits for its holder, if one does."""
    waiting = KeyUse.objects.waiting().filter(copy__draft=draft)
    return waiting.select_related("certificate", "by__person").first()


def come_to_nothing(draft: Draft) -> KeyUse | None:
    """The draft's last use of a key elsewhere, where it came to nothing."""
    uses = KeyUse.objects.filter(copy__draft=draft, seal=None).order_by("-pk")
    last = uses.first()
    came = last and last.ends_at and last.settled_at and last.result_id is None
    return last if came else None


def cancel(draft: Draft, *, officer: Officer, now: datetime) -> None:
    """Let the officer's own request come to nothing; a later answer is not used.

    Raises: NotFound: nothing of his waits, or the answer has come.
    """
    use = asked_of(draft)
    if use is None or use.by.person_id != officer.person.pk or is_answered(use):
        raise NotFound(draft.pk)
    if not _close(use, CANCELLED, now, by=officer):
        raise NotFound(draft.pk)


def is_answered(first: KeyUse) -> bool:
    """Whether all that the holder was asked for has come."""
    if first.values is not None:
        return True
    act = KeyUse.objects.filter(Q(pk=first.pk) | Q(seal=first))
    return first.sent_id is not None and not act.filter(returned=None).exists()


def look_after_next(services: SigningServices, *, now: datetime) -> bool:
    """Ask, finish or end what has waited longest. Return False when nothing is due."""
    due = KeyUse.objects.to_look_after(now).first()
    if due is None:
        return False
    look_after(due, services, now=now)
    return True


def look_after(use: KeyUse, services: SigningServices, *, now: datetime) -> None:
    """Ask the telephone, embed the answer, or end what nobody answered in time.

    Two that look at once do it once. After a crash it is looked after again when LOOK_LEASE
    ends; a time-stamp or validation data that are still missing are `complete_next`'s to bring.
    """
    if not _claim(use, now):
        return
    first = KeyUse.objects.select_related("certificate").get(pk=use.pk)
    if not is_answered(first):
        if not _has_answered(first, now):
            return
        first.refresh_from_db()
    _finish(first, services, now)


def _claim(use: KeyUse, now: datetime) -> bool:
    ours = KeyUse.objects.waiting().filter(pk=use.pk, next_look_at=use.next_look_at)
    is_ours = ours.update(next_look_at=now + LOOK_LEASE, looks=F("looks") + 1)
    return bool(is_ours)


def _has_answered(first: KeyUse, now: datetime) -> bool:
    """Whether the holder has answered; else when to look again is set, or the end is written."""
    try:
        if now >= first.ends_at:
            raise SigningTimedOut(first.ends_at.isoformat())
        if first.asked is not None and poll(first, now=now):
            return True
    except (SigningTimedOut, SigningRefused) as end:
        _close(first, _problem(end), now, by=None)
        return False
    except (SigningUnavailable, SigningAnswerInvalid, TrustError) as problem:
        KeyUse.objects.open().filter(pk=first.pk).update(last_problem=_problem(problem))
    again = min(now + pause_after(first.looks), first.ends_at)
    KeyUse.objects.open().filter(pk=first.pk, values__isnull=True).update(next_look_at=again)
    return False


def _finish(first: KeyUse, services: SigningServices, now: datetime) -> None:
    """Bring what the holder made to its level, and keep it."""
    KeyUse.objects.open().filter(Q(pk=first.pk) | Q(seal=first)).update(
        lease_until=now + SIGNING_LEASE
    )
    act = _act(first)
    draft, officer = act[0].copy.draft, officer_of(act[0].by)
    services = services.for_one_act()
    with _given_up(act[0], now):
        made = brought_back(act) if first.values is None else embedded(act)
        made = [completed(each, services, now=now) for each in made]
        if first.purpose == KeyUse.Purpose.SIGN:
            require_sound(made[0], services, now=now)
            settle_signature(draft, made[0], officer=officer, now=now)
        else:
            settle_seal(draft, made, services, officer=officer, now=now)
    KeyUse.objects.filter(Q(pk=first.pk) | Q(seal=first)).update(prepared=None)


@contextmanager
def _given_up(first: KeyUse, now: datetime) -> Iterator[None]:
    """End a use whose answer cannot be kept; what only this machine lacks now is tried again."""
    try:
        yield
    except (OperationalError, StorageFull):
        if first.looks >= TRIES_TO_KEEP:
            _close(first, "NotKept", now, by=None)
        raise
    except Exception as failure:
        _close(first, _problem(failure), now, by=None)
        raise


def _act(first: KeyUse) -> list[KeyUse]:
    uses = KeyUse.objects.filter(Q(pk=first.pk) | Q(seal=first)).order_by("pk")
    return list(
        uses.select_related(
            "copy__draft__outgoing", "copy__reserved", "copy__signed", "certificate",
            "attachment__blob", "returned", "by__person__user",
        )
    )  # fmt: skip


@transaction.atomic
def _close(first: KeyUse, problem: str, now: datetime, *, by: Officer | None) -> bool:
    """Write that the act came to nothing, unless it was settled meanwhile."""
    act = KeyUse.objects.open().filter(Q(pk=first.pk) | Q(seal=first))
    if not act.update(settled_at=now, lease_until=now, last_problem=problem[:300], prepared=None):
        return False
    draft = first.copy.draft
    record(
        ActKind.SIGNING_CAME_TO_NOTHING, on=draft, by=by, at=now, agency_id=draft.agency_id,
        use=first.pk, problem=problem.partition(":")[0],
    )  # fmt: skip
    return True


def _problem(failure: Exception) -> str:
    """The error's name and, where a service said something, its words."""
    detail = getattr(failure, "detail", "") if isinstance(failure, SigningRefused) else ""
    return f"{type(failure).__name__}: {detail}" if detail else type(failure).__name__
