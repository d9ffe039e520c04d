"""Sessions: begun, seen, listed, ended; and the browsers that are known."""

import secrets
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session as StoredSession
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from chauban.accounts.models import Device, Session, User
from chauban.accounts.networks import DEVICE_COOKIE, Visit, device_digest
from chauban.journal.kinds import ActKind
from chauban.journal.recording import Actor, record

SEEN_EVERY_SECONDS = 300
KNOWN_FOR = timedelta(days=365)
OWN_SESSION = "session"  # the id of our row, in Django's session
_seen: dict[int, float] = {}  # our rows → when this process last wrote that they were seen


def known_device(user: User, visit: Visit, *, now: datetime) -> tuple[Device, str]:
    """The browser's row, and the secret to put into it where it is new (else nothing)."""
    device = user.devices.filter(digest=visit.device).first() if visit.device else None
    if device is not None:
        return device, ""
    secret = secrets.token_urlsafe(32)
    digest = device_digest(secret)
    return Device.objects.create(user=user, digest=digest, first_seen_at=now), secret


def begin(
    request: HttpRequest, user: User, visit: Visit, device: Device, *, now: datetime
) -> Session:
    """Remember the session that has just begun; drop what is left of those that are over."""
    user.sessions.filter(until__lte=now).delete()
    until = now + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    request.session.set_expiry(until)  # however much it is used
    request.session.save()
    row, _ = Session.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "device": device,
            "address": visit.address,
            "agent": visit.agent,
            "since": now,
            "last_seen_at": now,
            "until": until,
        },
    )
    request.session[OWN_SESSION] = row.pk
    return row


def forget(request: HttpRequest) -> None:
    """The person signs out: our row goes with Django's session."""
    Session.objects.filter(pk=request.session.get(OWN_SESSION)).delete()


def rename(request: HttpRequest) -> None:
    """The session got a new key, as it does when a password is changed: ours follows."""
    pk = request.session.get(OWN_SESSION)
    Session.objects.filter(pk=pk).update(session_key=request.session.session_key)


def keep_device(response: HttpResponse, secret: str) -> None:
    """Leave in the browser what makes it known at the next sign-in."""
    response.set_cookie(
        DEVICE_COOKIE, secret, max_age=KNOWN_FOR, secure=settings.IS_HTTPS,
        httponly=True, samesite="Lax",
    )  # fmt: skip


def seen(request: HttpRequest, *, now: datetime) -> None:
    """Write now and then that the session is in use: one small write each five minutes."""
    pk = request.session.get(OWN_SESSION)
    clock = time.monotonic()
    if pk is None or clock - _seen.get(pk, -SEEN_EVERY_SECONDS) < SEEN_EVERY_SECONDS:
        return
    for old in [one for one, at in _seen.items() if clock - at >= SEEN_EVERY_SECONDS]:
        del _seen[old]
    _seen[pk] = clock
    Session.objects.filter(pk=pk).update(last_seen_at=now)


def sessions_of(user: User, *, now: datetime) -> QuerySet[Session]:
    """Those that hold, the one seen last first."""
    stored = StoredSession.objects.filter(expire_date__gt=now).values("session_key")
    held = user.sessions.filter(until__gt=now, session_key__in=stored)
    return held.order_by("-last_seen_at", "-pk")


@transaction.atomic
def end_session(user: User, pk: int, *, by: Actor | None, now: datetime) -> bool:
    """End one session of the user's; from its next request on it is signed out.

    Return whether there was one.
    """
    return _end(user.sessions.filter(pk=pk), user, by=by, now=now) == 1


@transaction.atomic
def end_other_sessions(
    user: User, *, by: Actor | None, now: datetime, but: str | None = None
) -> int:
    """End all sessions of the user's but the one of that key. Return how many."""
    return _end(user.sessions.exclude(session_key=but), user, by=by, now=now)


def _end(rows: QuerySet[Session], user: User, *, by: Actor | None, now: datetime) -> int:
    ended: Iterable[tuple[int, str]] = list(rows.values_list("pk", "session_key"))
    StoredSession.objects.filter(session_key__in=[key for _, key in ended]).delete()
    Session.objects.filter(pk__in=[pk for pk, _ in ended]).delete()
    for pk, _ in ended:
        record(ActKind.SESSION_ENDED, on=user, by=by, at=now, session=pk)
    return len(ended)
