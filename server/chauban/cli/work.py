"""`chauban work`: pays what is owed, some of each queue in turn, until it is told to stop."""

import gc
import logging
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial

import click
from django.conf import settings
from django.db import OperationalError, close_old_connections

from chauban.accounts.administering import suspend_unused
from chauban.accounts.changing.agencies import take_names_over
from chauban.api.announcing import announce_next
from chauban.api.once import forget_asked
from chauban.api.reaching import post, require_reachable
from chauban.api.telling import tell_some, tell_until
from chauban.axis.fetching import fetch_kept, list_kept
from chauban.axis.forwarding import follow_forwarded, forward_waiting
from chauban.axis.neighbours import gateway_of
from chauban.axis.receipting import receipt_next
from chauban.axis.tasks import expire_next, forget_signatures
from chauban.blobs import store
from chauban.blobs.errors import StorageFull
from chauban.directory import days_decided
from chauban.directory.rules import legal_day
from chauban.exchange.assessing import assess_next
from chauban.exchange.following import follow_next
from chauban.exchange.gateways import current_gateway
from chauban.exchange.listing import synchronise_next
from chauban.exchange.ports import Gateway, GatewayUnavailable
from chauban.exchange.receiving import list_waiting, receive_next
from chauban.exchange.seen import SEEN_EVERY, note_worker
from chauban.exchange.sending import send_next, track_next
from chauban.office.pushing.sending import push_next, sum_up_next
from chauban.trust.anchors import current_trust
from chauban.trust.services import fetcher
from chauban.workflow.tasks import complete_pending, look_after_waiting

IDLE_SECONDS = 0.5
# A round over few pieces costs almost what one over many does: they are let come together.
GATHER_SECONDS, ENOUGH = 0.1, 40
TURNS = 4

log = logging.getLogger("chauban.work")
Task = Callable[[], int]


def tick(
    now: datetime,
    *,
    gateway: Gateway | None = None,
    polls: bool = True,
    spent: Counter[str] | None = None,
) -> int:
    """Do some pieces of work of each queue in turn; return how many there were.

    What fails is logged and tried again when its lease ends; the other queues go on. To spent
    each queue's seconds of processor time are added.
    """
    gateway = gateway or current_gateway()
    spent = Counter() if spent is None else spent
    done = 0
    for name, task in _queues(gateway, now, polls=polls):
        begun = time.process_time()
        done += _done(name, task)
        spent[name] += time.process_time() - begun
    return done


@click.command("work")
@click.option("--once", is_flag=True, help="Stop when nothing is left to do.")
def command(once: bool) -> None:
    """Send, receive, check and follow up what is owed."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    gateway = current_gateway()
    spent: Counter[str] = Counter()
    started_at = datetime.now(UTC)
    name = f"{socket.gethostname()}:{os.getpid()}"
    next_poll = next_look = datetime.min.replace(tzinfo=UTC)
    gc.freeze()  # what is loaded stays: a tenth of the work was looking through it for garbage
    if not once:  # who is told is slow or silent as he likes: the exchange does not wait for him
        threading.Thread(target=tell_until, args=(stopping,), name="webhooks", daemon=True).start()
    log.info("working")
    if dropped := store.drop_unfinished(now=datetime.now(UTC)):
        log.info("%d unfinished files removed", dropped)
    while not stopping.is_set():
        now = datetime.now(UTC)
        polls = now >= next_poll
        if polls:
            next_poll = now + gateway.poll_every
        close_old_connections()
        if now >= next_look:
            next_look = now + SEEN_EVERY
            _done("day", partial(_begin_day, name, started_at, now))
        done = tick(now, gateway=gateway, polls=polls, spent=spent)
        if once:
            done += tell_some(now)
        if once and not done:
            break
        if not once and done < ENOUGH:
            stopping.wait(GATHER_SECONDS if done else IDLE_SECONDS)
    seconds = ", ".join(f"{name} {seconds:.2f}" for name, seconds in spent.most_common())
    log.info("stopped; processor seconds by queue: %s", seconds)


def _begin_day(name: str, started_at: datetime, now: datetime) -> int:
    """Say that this worker is there; let names and days off be those of today."""
    note_worker(name, started_at=started_at, now=now)
    days_decided.refresh()
    take_names_over(legal_day(now))
    return 0


def _queues(gateway: Gateway, now: datetime, *, polls: bool) -> Iterator[tuple[str, Task]]:
    yield "look after", lambda: look_after_waiting(now)
    yield "complete", lambda: complete_pending(now)
    yield "send", lambda: send_next(gateway, now=now)
    if polls:
        yield "list", lambda: list_waiting(gateway, now=now)
        yield "synchronise", lambda: synchronise_next(gateway, now=now)
    yield "receive", lambda: receive_next(gateway, now=now)
    yield "assess", lambda: assess_next(now=now, trust=current_trust(now), fetch=fetcher())
    yield "follow", lambda: follow_next(now=now)
    yield "track", lambda: track_next(gateway, now=now)
    yield "forward", lambda: forward_waiting(gateway_of, now)
    yield "follow forwarded", lambda: follow_forwarded(gateway_of, now)
    yield "list kept", lambda: list_kept(gateway_of, now)
    yield "fetch kept", lambda: fetch_kept(gateway_of, now)
    yield "receipt", lambda: receipt_next(now)
    yield "push", lambda: push_next(_post, now=now)
    yield "sum up", lambda: sum_up_next(_post, now=now)
    yield "announce", lambda: announce_next(now)
    if polls:
        yield "forget asked", lambda: forget_asked(now)
        yield "expire", lambda: expire_next(now)
        yield "forget", lambda: forget_signatures(now)
        if not settings.DEMO:
            yield "unused", lambda: suspend_unused(now=now)


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Only to an address of the open network, without following a redirection."""
    return post(require_reachable(url, listed=(), is_demo=False), body, headers)


def _done(name: str, task: Task) -> int:
    """A few turns of one queue, not all of it: a long one must not starve the others."""
    done = 0
    try:
        for _ in range(TURNS):
            if not (pieces := task()):
                break
            done += pieces
    except GatewayUnavailable as unavailable:
        log.warning("%s: %s", name, unavailable.reason)
    except OperationalError as busy:
        log.warning("%s: %s", name, busy)
    except StorageFull as full:
        log.error("%s: %s", name, full)
    except Exception:  # a worker outlives the one piece that it cannot do
        log.exception("%s", name)
    return done
