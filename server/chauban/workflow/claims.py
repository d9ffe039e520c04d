"""Claims on keys: a row is written before a key is used, and settled after."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from chauban.accounts.officers import Officer
from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.directory.models import Post
from chauban.workflow.errors import ChangedMeanwhile, KeyInUse, PagesChanged
from chauban.workflow.models import Draft, KeyUse, SigningCopy
from chauban.workflow.rules import SIGNING_LEASE, pages_digest
from chauban_pades.digests import page_digests


def require_shown(copy: SigningCopy, revision: Blob, shown: str) -> None:
    """Require that the pages a person has seen are those of the revision to be signed.

    Raises: PagesChanged.
    """
    if not shown == copy.shown == pages_digest(page_digests(store.read(revision))):
        raise PagesChanged


def claim(use: KeyUse, *, on: Draft) -> KeyUse:
    """Write down that a key is about to be used on a draft; call it in a transaction.

    Raises:
        ChangedMeanwhile: the draft is no longer as it was read.
        KeyInUse: the same act is going on at this moment.
    """
    # The write takes the draft's row: a change and a claim cannot pass each other.
    unchanged = Draft.objects.filter(pk=on.pk, state=on.state, changed_at=on.changed_at)
    if not unchanged.update(state=on.state):
        current = Draft.objects.get(pk=on.pk)
        raise ChangedMeanwhile(current.changed_at, current.get_state_display())
    close_lapsed(on, use.claimed_at)
    use.lease_until = use.claimed_at + SIGNING_LEASE
    try:
        with transaction.atomic():
            use.save(force_insert=True)
    except IntegrityError:
        raise KeyInUse(use.lease_until) from None
    return use


def close_lapsed(draft: Draft, now: datetime) -> None:
    """Close claims on a draft whose lease has run out: they came to nothing.

    Raises:
        KeyInUse: a claim on the draft is still live.
    """
    claims = KeyUse.objects.open().filter(copy__draft=draft)
    live = claims.filter(lease_until__gt=now).first()
    if live:
        raise KeyInUse(live.lease_until)
    claims.update(settled_at=now, last_problem="lease-lapsed")


@contextmanager
def closed_on_failure(use: KeyUse, now: datetime) -> Iterator[None]:
    """Close the claim, and those made with it, when the work fails, so that it can be repeated.

    When the process dies in between, the claim stays until its lease has run out.
    """
    try:
        yield
    except Exception as failure:
        KeyUse.objects.open().filter(Q(pk=use.pk) | Q(seal=use)).update(
            settled_at=now, last_problem=type(failure).__name__
        )
        raise


def officer_of(post: Post) -> Officer:
    """Whose act it is: he confirmed it in person, only what follows came later."""
    return Officer(post.person.user, post)


def drop_pending(draft: Draft, reason: str, now: datetime) -> None:
    """Let signatures that still wait for their evidence come to nothing.

    A worker that has one of them in hand finds its lease gone and drops it.
    """
    KeyUse.objects.pending().filter(copy__draft=draft).update(
        timestamp_pending=False,
        validation_data_pending=False,
        last_problem=reason,
        lease_until=now,
    )
