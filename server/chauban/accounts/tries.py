"""Wrong proofs, counted by where they come from; at the limit that source waits.

An account is never shut as a whole: whoever guesses from outside shuts it for strangers outside,
not for its owner, who comes from the office or in a browser that has signed in before
(docs/adr/0032-wrong-passwords-shut-their-source.md). What no account has is counted as what one
has, so that being shut tells nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from chauban.accounts.errors import AccountLocked
from chauban.accounts.models import Device, Tries, User
from chauban.accounts.networks import Visit, counted_as
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record

WRONG_ALLOWED = 5
# One address may be a whole office behind a router; a stranger's is one machine.
WRONG_ALLOWED_BY_ADDRESS = {True: 100, False: 20}
SHUT_FOR = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Source:
    """What is counted: tries at one account from one kind of place, or from one address."""

    key: str
    allowed: int


def sources_of(username: str, visit: Visit, *, proof: str = "password") -> list[Source]:
    if (
        visit.device
        and Device.objects.filter(user__username=username, digest=visit.device).exists()
    ):
        return [_source(proof, username, visit.device, allowed=WRONG_ALLOWED)]
    place = "inside" if visit.is_inside else "outside"
    return [
        _source(proof, username, place, allowed=WRONG_ALLOWED),
        _source(
            "address",
            counted_as(visit.address),
            allowed=WRONG_ALLOWED_BY_ADDRESS[visit.is_inside],
        ),
    ]


def require_open(sources: list[Source], *, now: datetime) -> None:
    """Raises: AccountLocked, for the longest wait."""
    keys = [source.key for source in sources]
    waits = Tries.objects.filter(key__in=keys, shut_until__gt=now).order_by("-shut_until")
    if shut := waits.values_list("shut_until", flat=True).first():
        raise AccountLocked(shut)


@transaction.atomic
def count_wrong(sources: list[Source], user: User | None, *, visit: Visit, now: datetime) -> None:
    """Count a wrong proof against each source; the one at its limit is shut."""
    for source in sources:
        of_account = user if source is sources[0] else None
        row, _ = Tries.objects.select_for_update().get_or_create(
            key=source.key, defaults={"user": of_account, "last_at": now}
        )
        if now - row.last_at >= FORGOTTEN_AFTER:
            row.wrong = 0
        row.wrong, row.last_at = row.wrong + 1, now
        wrong = row.wrong
        if wrong >= source.allowed:
            row.wrong, row.shut_until = 0, now + SHUT_FOR
        row.save(update_fields=["wrong", "last_at", "shut_until"])
        if of_account is not None:
            facts = {"wrong_passwords": wrong, "inside": visit.is_inside}
            record(ActKind.SIGN_IN_REFUSED, on=of_account, by=None, at=now, **facts)
            if row.shut_until and wrong >= source.allowed:
                record(ActKind.ACCOUNT_LOCKED, on=of_account, by=None, at=now, **facts)


def forget(sources: list[Source]) -> None:
    """After a right proof the account's count begins again; that of the address stays."""
    Tries.objects.filter(key=sources[0].key).exclude(wrong=0, shut_until=None).update(
        wrong=0, shut_until=None
    )


def forget_old(*, now: datetime) -> int:
    """Delete counts that count no more. Return how many."""
    old = Tries.objects.filter(last_at__lte=now - FORGOTTEN_AFTER).exclude(shut_until__gt=now)
    return old.delete()[0]


def locked_users(now: datetime) -> Iterator[int]:
    """The ids of the users whose account is shut for some source now."""
    shut = Tries.objects.filter(shut_until__gt=now).exclude(user=None)
    yield from shut.values_list("user_id", flat=True).distinct()


def _source(*counted: str, allowed: int) -> Source:
    key = salted_hmac("chauban.accounts.tries", "\0".join(counted), algorithm="sha256")
    return Source(key.hexdigest(), allowed)
