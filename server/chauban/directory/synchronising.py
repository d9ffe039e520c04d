"""Taking over the directory of an axis: all that it lists, and of that only what changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import TypeVar

from django.db import transaction
from django.db.models import Q

from chauban.directory.errors import ListingTooShort
from chauban.directory.models import FormerName, OrganCode, OutsideOrganisation, Synchronisation
from chauban.directory.rules import legal_day
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.ui.matching import bare

Thing = TypeVar("Thing")

PIECE = 2_000
WIDEST_NAME = 300
EVERY = timedelta(days=1)
AGAIN = timedelta(hours=1)  # after one that came to nothing
LEASE = timedelta(minutes=10)
# An axis that suddenly lists less than this part of what we know is not believed.
LEAST_PART = 0.5


@dataclass(frozen=True)
class Listed:
    """One organisation as an axis lists it; old_code is its code of QCVN 102, where it has both."""

    code: str
    name: str
    parent_code: str = ""
    old_code: str = ""
    email: str = ""


@dataclass
class Counts:
    listed: int = 0
    added: int = 0
    changed: int = 0
    returned: int = 0
    gone: int = 0


def claim(gateway: str, *, now: datetime) -> bool:
    """Whether this worker shall take the axis's directory over now: once a day, one worker."""
    row, _ = Synchronisation.objects.get_or_create(gateway=gateway, defaults={"due_at": now})
    if row.due_at > now:  # asked at every turn of the worker: no write lock for that
        return False
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    due = Synchronisation.objects.filter(free, gateway=gateway, due_at__lte=now)
    return bool(due.update(lease_until=now + LEASE))


def put_off(gateway: str, *, now: datetime) -> None:
    """It came to nothing: it is tried again later."""
    Synchronisation.objects.filter(gateway=gateway).update(due_at=now + AGAIN, lease_until=None)


def synchronise(listed: Iterable[Listed], *, gateway: str, now: datetime) -> Counts:
    """Take over what an axis lists; return what that changed.

    Of what we have, codes and digests are in memory, of what is listed one piece at a time. Only
    differences are written. What is listed no more is marked, not deleted; a former name keeps
    the day on which it ended. Our own bodies are left out. The old code of an organisation that
    is listed under its new one is no organisation of its own, whichever came first; once told it
    is kept, for late messages carry it.

    Raises: ListingTooShort: less than half of what is known is listed; nothing is marked as gone.
    """
    known = _known(gateway)
    standing = sum(not is_gone for _, is_gone in known.values())
    counts = Counts()
    seen = set(OrganCode.objects.values_list("code", flat=True))
    old = _old_codes(gateway)
    for piece in _pieces(_once(listed, seen, old)):
        counts.listed += len(piece)
        digests = {one.code: _digest(one) for one in piece}
        differing = [one for one in piece if known.get(one.code) != (digests[one.code], False)]
        counts.added += sum(one.code not in known for one in differing)
        again = [known[one.code] for one in differing if one.code in known]
        counts.returned += sum(is_gone for _, is_gone in again)
        counts.changed += sum(not is_gone for _, is_gone in again)
        with transaction.atomic():
            _keep_former_names([one for one in differing if one.code in known], now=now)
            _write(differing, digests, gateway=gateway, now=now)
    if counts.listed < standing * LEAST_PART:
        raise ListingTooShort(gateway, counts.listed, standing)
    gone = [code for code, (_, is_gone) in known.items() if code not in seen and not is_gone]
    gone += seen & old
    counts.gone = len(gone)
    _finish(gone, counts, gateway=gateway, now=now)
    return counts


def _known(gateway: str) -> dict[str, tuple[str, bool]]:
    rows = OutsideOrganisation.objects.filter(gateway=gateway)
    columns = rows.values_list("code", "digest", "gone_at")
    return {
        code: (digest, gone_at is not None)
        for code, digest, gone_at in columns.iterator(chunk_size=PIECE)
    }


def _old_codes(gateway: str) -> set[str]:
    rows = OutsideOrganisation.objects.listed().filter(gateway=gateway).exclude(old_code="")
    return set(rows.values_list("old_code", flat=True).iterator(chunk_size=PIECE))


def _once(listed: Iterable[Listed], seen: set[str], old: set[str]) -> Iterator[Listed]:
    """Each organisation once, whatever codes it is listed under; its codes become seen or old."""
    for one in listed:
        if one.code not in seen and one.code not in old:
            seen.add(one.code)
            if one.old_code:
                old.add(one.old_code)
            yield one


def _pieces(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    walk = iter(things)
    while piece := list(islice(walk, PIECE)):
        yield piece


def _keep_former_names(differing: Sequence[Listed], *, now: datetime) -> None:
    names = {one.code: one.name[:WIDEST_NAME] for one in differing}
    FormerName.objects.bulk_create(
        FormerName(organisation=row, name=row.name, until=legal_day(now))
        for piece in _pieces(names)
        for row in OutsideOrganisation.objects.filter(code__in=piece)
        if row.name != names[row.code]
    )


def _write(
    differing: Sequence[Listed], digests: Mapping[str, str], *, gateway: str, now: datetime
) -> None:
    old_codes = _told_before([one.code for one in differing if not one.old_code])
    old_codes |= {one.code: one.old_code for one in differing if one.old_code}
    OutsideOrganisation.objects.bulk_create(
        (
            OutsideOrganisation(
                code=one.code,
                name=one.name[:WIDEST_NAME],
                old_code=old_codes.get(one.code, ""),
                parent_code=one.parent_code,
                email=one.email[:100],
                searched=_searched(one.name, one.code, old_codes.get(one.code, "")),
                digest=digests[one.code],
                gateway=gateway,
                first_seen_at=now,
                last_seen_at=now,
            )
            for one in differing
        ),
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=_TAKEN_OVER,
    )


def _searched(name: str, *codes: str) -> str:
    """What a search looks in: the name without case and tone marks, and the codes."""
    return " ".join((bare(name), *codes)).strip().lower()[:400]


def _told_before(codes: Sequence[str]) -> dict[str, str]:
    """The old codes of organisations that are listed without them now."""
    rows = OutsideOrganisation.objects.filter(code__in=codes).exclude(old_code="")
    return dict(rows.values_list("code", "old_code"))


def _finish(gone: Sequence[str], counts: Counts, *, gateway: str, now: datetime) -> None:
    with transaction.atomic():
        for piece in _pieces(gone):
            OutsideOrganisation.objects.filter(code__in=piece).update(gone_at=now)
        row, _ = Synchronisation.objects.update_or_create(
            gateway=gateway,
            defaults={
                "due_at": now + EVERY,
                "lease_until": None,
                "finished_at": now,
                "counts": vars(counts),
            },
        )
        record(ActKind.DIRECTORY_SYNCHRONISED, on=row, by=None, at=now, **vars(counts))


_TAKEN_OVER = (
    "name",
    "old_code",
    "parent_code",
    "email",
    "searched",
    "digest",
    "gateway",
    "last_seen_at",
    "gone_at",
)


def _digest(one: Listed) -> str:
    stated = "\0".join((one.name, one.old_code, one.parent_code, one.email))
    return sha256(stated.encode()).hexdigest()[:32]
