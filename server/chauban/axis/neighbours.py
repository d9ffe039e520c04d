"""Neighbouring axes: where they are, who this axis is there, and calling them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from itertools import islice

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Min

from chauban.accounts.officers import Officer
from chauban.axis.forwarding import queue
from chauban.axis.models import Carriage, Member, Neighbour, Package, System
from chauban.axis.shared_secrets import sealed
from chauban.directory.synchronising import Listed
from chauban.exchange.adapters.vxp import VXPGateway
from chauban.exchange.gateways import our_tls
from chauban.exchange.ports import Gateway
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record

AT_ONCE = 500
Counts = dict[str, int]


@transaction.atomic
def connect_neighbour(
    system: System,
    *,
    url: str,
    our_system_id: str,
    our_secret: str,
    is_polled: bool = True,
    officer: Officer | None,
    now: datetime,
) -> Neighbour:
    """Make a system a neighbouring axis: what waits for its agencies is sent there from now on.

    Once more, the address, our id and our secret are changed; what waits goes there at once.
    is_polled: it does not send to us, what it keeps for our agencies is fetched there.
    """
    neighbour, _ = Neighbour.objects.update_or_create(
        system=system,
        defaults={
            "url": url,
            "our_system_id": our_system_id,
            "our_sealed_secret": sealed(our_secret, system_id=our_system_id),
            "is_polled": is_polled,
            "silences": 0,
            "rests_until": None,
            "trouble": "",
        },
    )
    system.refresh_from_db()
    queue_waiting(neighbour, now=now)
    record(
        ActKind.NEIGHBOUR_CONNECTED,
        on=system,
        by=officer,
        at=now,
        system=system.system_id,
        url=url,
        our_system_id=our_system_id,
    )
    return neighbour


@transaction.atomic
def call_now(neighbour: Neighbour, *, officer: Officer | None, now: datetime) -> None:
    """End a neighbour's rest and its packages' pauses: the next worker calls it."""
    neighbour.silences, neighbour.rests_until, neighbour.trouble = 0, None, ""
    neighbour.save(update_fields=["silences", "rests_until", "trouble"])
    neighbour.forwardings.filter(due_at__isnull=False).update(due_at=now, attempts=0)
    neighbour.forwardings.filter(track_at__gt=now).update(track_at=now)
    record(
        ActKind.NEIGHBOUR_CALLED,
        on=neighbour.system,
        by=officer,
        at=now,
        system=neighbour.system.system_id,
    )


def queue_waiting(neighbour: Neighbour, *, now: datetime) -> None:
    """Owe the neighbour what waits for its agencies and was not owed to it before."""
    waiting = Carriage.objects.filter(system=neighbour.pk, state=Carriage.State.INITIAL)
    packages = Package.objects.filter(carriages__in=waiting).distinct()
    members = list(neighbour.system.members.select_related("system__neighbour")[:1])
    queue([(package, members) for package in packages], now=now)


def take_members(neighbour: Neighbour, listed: Iterable[Listed], *, now: datetime) -> Counts:
    """Take over the agencies beyond a neighbour as it lists them; return what was changed.

    What other systems here fetch for stays theirs, whatever the neighbour says; nobody is removed.
    """
    counts: Counts = {"listed": 0, "added": 0, "renamed": 0, "elsewhere": 0}
    walked = iter(listed)
    while some := list(islice(walked, AT_ONCE)):
        _take_some({one.code: one for one in some}, neighbour, counts)
    with transaction.atomic():
        record(
            ActKind.NEIGHBOUR_LISTED,
            on=neighbour.system,
            by=None,
            at=now,
            system=neighbour.system.system_id,
            **counts,
        )
    return counts


@transaction.atomic
def _take_some(some: Mapping[str, Listed], neighbour: Neighbour, counts: Counts) -> None:
    known = {one.organ_id: one for one in Member.objects.filter(organ_id__in=some)}
    counts["listed"] += len(some)
    new, renamed = [], []
    for code, one in some.items():
        name, member = one.name[:200], known.get(code)
        if member is None:
            new.append(
                Member(organ_id=code, name=name, system_id=neighbour.pk, old_organ_id=one.old_code)
            )
        elif member.system_id != neighbour.pk:
            counts["elsewhere"] += 1
        elif (member.name, member.old_organ_id) != (name, one.old_code):
            member.name, member.old_organ_id = name, one.old_code
            renamed.append(member)
    Member.objects.bulk_create(new, ignore_conflicts=True)
    Member.objects.bulk_update(renamed, ["name", "old_organ_id"])
    counts["added"] += len(new)
    counts["renamed"] += len(renamed)


def listed() -> "models.QuerySet[Neighbour]":
    """Every neighbour with its queue: `length` and `oldest` of what is to be handed over, and
    how many packages it took whose end is not known yet, `followed`."""
    return (
        Neighbour.objects.select_related("system")
        .annotate(
            length=Count("forwardings", filter=models.Q(forwardings__due_at__isnull=False)),
            oldest=Min(
                "forwardings__package__received_at",
                filter=models.Q(forwardings__due_at__isnull=False),
            ),
            followed=Count("forwardings", filter=models.Q(forwardings__track_at__isnull=False)),
        )
        .order_by("system__system_id")
    )


def gateway_of(neighbour: Neighbour) -> Gateway:
    """The neighbour over HTTP; this node's own certificate is shown where it wants one."""
    return _gateway(neighbour.url, neighbour.our_system_id, neighbour.our_secret)


@cache
def _gateway(url: str, system_id: str, secret: str) -> Gateway:
    return VXPGateway(
        url,
        system_id=system_id,
        secret=secret,
        lists_only_new=True,
        limit_bytes=settings.MAX_MESSAGE_BYTES,
        tls=our_tls(),
    )
