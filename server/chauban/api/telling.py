"""Sending what is owed to subscriptions: claimed under a lease, signed, sent, settled.

It runs in a thread of `chauban work` of its own: who is told is slow or silent as he likes, and
the exchange of documents must not wait for him.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import close_old_connections, connections

from chauban.api import reaching
from chauban.api.errors import WebhookAddressRefused
from chauban.api.models import Announcement, Subscription
from chauban.api.stating import signed_headers
from chauban.axis.shared_secrets import SecretNotReadable, opened
from chauban.exchange.leases import claim_some
from chauban_pki.errors import Unreachable

log = logging.getLogger("chauban.webhooks")
LEASE = timedelta(minutes=2)
AT_ONCE = 8
IDLE_SECONDS = 1.0
# Pauses after a failure; after the last there is no further try (Standard Webhooks, "Retry").
PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
State = Announcement.State
Post = Callable[[reaching.Target, bytes, Mapping[str, str]], int]


def tell_some(
    now: datetime, *, post: Post = reaching.post, resolve: reaching.Resolve = reaching.resolve
) -> int:
    """Send some of what has been due longest, at once; return how many there were."""
    due = Announcement.objects.due(now)
    claimed = claim_some(due, now=now, lease=LEASE, most=AT_ONCE)
    rows = list(
        Announcement.objects.filter(pk__in=[one.pk for one in claimed]).select_related(
            "subscription__application"
        )
    )
    with ThreadPoolExecutor(max_workers=AT_ONCE) as senders:
        told = senders.map(lambda one: _told(one, now, post, resolve), rows)
        for one, (status, problem) in zip(rows, told, strict=True):
            _settle(one, status, problem, now)
    return len(rows)


def tell_until(stopping: threading.Event) -> None:
    """Send what becomes due until told to stop; what fails is logged and tried again."""
    while not stopping.is_set():
        close_old_connections()
        try:
            done = tell_some(datetime.now(UTC))
        except Exception:
            log.exception("webhooks")
            done = 0
        if done < AT_ONCE:
            stopping.wait(IDLE_SECONDS)
    connections.close_all()


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after that many tries; None: no more."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def _told(
    one: Announcement, now: datetime, post: Post, resolve: reaching.Resolve
) -> tuple[int | None, str]:
    """The status of the answer and what was wrong; nothing of the database is asked here."""
    subscription, body = one.subscription, one.body.encode()
    if subscription.ended_at or subscription.application.ended_at:
        return None, "ended"
    try:
        secrets = secrets_of(subscription, now)
        target = reaching.require_reachable(
            subscription.url,
            listed=settings.WEBHOOK_HOSTS,
            is_demo=settings.DEMO,
            resolve=resolve,
        )
        headers = signed_headers(str(one.uid), body, *secrets, now=now)
        status = post(target, body, {**headers, "Content-Type": "application/json"})
    except SecretNotReadable:
        return None, "secret"
    except WebhookAddressRefused as refused:
        return None, f"address-{refused.why}"
    except Unreachable:
        return None, "no-answer"
    return status, _problem(status)


def _problem(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if status == 410:
        return "gone"
    return "redirect" if 300 <= status < 400 else "refused"


def secrets_of(subscription: Subscription, now: datetime) -> list[str]:
    """With which each message is signed: the secret, and the one before it while that counts.

    Raises: SecretNotReadable.
    """
    kept = [subscription.sealed_secret]
    if subscription.former_until and now < subscription.former_until:
        kept.append(subscription.former_sealed_secret)
    return [opened(bytes(one), system_id=sealed_for(subscription)) for one in kept]


def sealed_for(subscription: Subscription) -> str:
    """What its secret is encrypted for: under another name it does not open."""
    return f"webhook:{subscription.uid}"


def _settle(one: Announcement, status: int | None, problem: str, now: datetime) -> None:
    """Write what came of it, unless the lease ended and another worker has it."""
    pause = pause_after(one.attempts)
    is_over = problem in ("gone", "ended") or pause is None
    state = State.SENT if not problem else State.FAILED if is_over else State.DUE
    ours = Announcement.objects.filter(pk=one.pk, state=State.DUE, lease_until=one.lease_until)
    ours.update(
        state=state,
        http_status=status,
        problem=problem,
        lease_until=None,
        due_at=now if pause is None else now + pause,
        sent_at=now if not problem else None,
    )
    if problem == "gone":
        Subscription.objects.filter(pk=one.subscription_id, ended_at=None).update(ended_at=now)
