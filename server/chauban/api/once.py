"""An act that is asked for twice is done once (draft-ietf-httpapi-idempotency-key-header).

The act commits by itself, as on a page: no key is held in its transaction. What it did carries the
id of the asking in the journal, so that after a crash in between the same key finds the act done
and gets its answer; without such an act nothing was done, and it is done now.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotFound
from chauban.api.acting import Acting
from chauban.api.errors import KeyMalformed, KeyReused, RequestUnderWay
from chauban.api.models import Asked
from chauban.journal.models import Act

HEADER = "Idempotency-Key"
LONGEST = 255
LEASE = timedelta(minutes=2)
KEPT_FOR = timedelta(days=7)
FORGOTTEN_AT_ONCE = 500


class Shown(Protocol):
    """What is told of a row: a shape of the API."""

    def model_dump_json(self) -> str: ...


Do = Callable[[Officer], int]
Show = Callable[[Officer, int], Shown]


def once(
    request: HttpRequest, do: Do, show: Show, *, about: int | None = None, status: int = 200
) -> HttpResponse:
    """Do what is asked and answer with what it left; under a known key answer as before.

    do acts and returns the id of what it acted on; show tells of that. about is this id where it
    is known beforehand; else it is the subject of the act.

    A refusal is answered and forgotten: nothing was done, and the key may be used again.

    Raises: KeyMalformed, KeyReused, RequestUnderWay; whatever do refuses.
    """
    acting: Acting = request.auth
    key = _key_of(request)
    if key is None:
        return _told(show, acting.officer, do(acting.officer), status)
    asked = _claimed(key, acting, fingerprint_of(request))
    if asked.status is not None:
        return _as_kept(asked)
    officer = replace(acting.officer, through={**acting.officer.through, "asked": asked.pk})
    subject = _done_before(asked, officer)
    if subject is None:
        try:
            subject = do(officer)
        except Exception:
            if _done_before(asked, officer) is None:
                Asked.objects.filter(pk=asked.pk, status=None).delete()
            raise
    answer = _told(show, officer, about if about is not None else subject, status)
    Asked.objects.filter(pk=asked.pk).update(
        status=answer.status_code, answer=answer.content.decode()
    )
    return answer


def forget_asked(now: datetime) -> int:
    """Drop what was asked long ago; its keys may be used again."""
    old = Asked.objects.filter(begun_at__lt=now - KEPT_FOR).order_by("begun_at")
    chosen = list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    return Asked.objects.filter(pk__in=chosen).delete()[0] if chosen else 0


def fingerprint_of(request: HttpRequest) -> str:
    """What makes a request the same as another: method, address and body."""
    asked = f"{request.method} {request.get_full_path()}\n".encode()
    body: bytes = getattr(request, "body_digest", None) or sha256(request.body).digest()
    return sha256(asked + body).hexdigest()


def _key_of(request: HttpRequest) -> str | None:
    """Raises: KeyMalformed."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    key = key.strip()
    if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
        raise KeyMalformed
    return key


def _claimed(key: str, acting: Acting, fingerprint: str) -> Asked:
    """The row of a key, taken for this request unless it is answered.

    Raises: KeyReused, RequestUnderWay.
    """
    now, application = acting.now, acting.application
    try:
        with transaction.atomic():
            return Asked.objects.create(
                application=application,
                key=key,
                fingerprint=fingerprint,
                begun_at=now,
                lease_until=now + LEASE,
                last_act=Act.objects.aggregate(newest=Max("pk"))["newest"] or 0,
            )
    except IntegrityError:
        asked = Asked.objects.filter(application=application, key=key).first()
    if asked is None:  # refused and forgotten at this moment
        raise RequestUnderWay
    if asked.fingerprint != fingerprint:
        raise KeyReused
    if asked.status is None:
        free = Asked.objects.filter(pk=asked.pk, status=None, lease_until=asked.lease_until)
        if asked.lease_until > now or not free.update(lease_until=now + LEASE):
            raise RequestUnderWay
    return asked


def _done_before(asked: Asked, officer: Officer) -> int | None:
    """What an earlier try, which died before it answered, acted on."""
    acts = Act.objects.filter(agency_id=officer.agency_id, pk__gt=asked.last_act)
    act = acts.filter(facts__asked=asked.pk).order_by("pk").first()
    return act.subject_id if act else None


def _told(show: Show, officer: Officer, subject: int, status: int) -> HttpResponse:
    """What the act left; nothing where its officer, by this very act, may see it no more."""
    try:
        shown = show(officer, subject).model_dump_json()
    except NotFound:
        return HttpResponse(status=204)
    return HttpResponse(shown, content_type="application/json", status=status)


def _as_kept(asked: Asked) -> HttpResponse:
    if asked.status == 204:
        answer = HttpResponse(status=204)
    else:
        answer = HttpResponse(asked.answer, content_type="application/json", status=asked.status)
    answer["Idempotent-Replayed"] = "true"
    return answer
