"""At the door of the API: the token that a call bears, its scope, how often it calls."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from chauban.api.acting import Acting, acting_through
from chauban.api.counting import count_call
from chauban.api.errors import (
    BodyTooLarge,
    ScopeMissing,
    TokenExpired,
    TokenMissing,
    TokenRevoked,
    TokenUnknown,
)
from chauban.api.models import Token as KeptToken
from chauban.api.scopes import Scope
from chauban.api.tokens import parse_secret

JSON_BYTES = 1_000_000
NOTED_EVERY = timedelta(minutes=1)


class Token(HttpBearer):
    """Lets a call in whose token counts and whose application has the scope."""

    def __init__(self, scope: Scope | None, *, takes_file: bool = False) -> None:
        super().__init__()
        self.scope, self.takes_file = scope, takes_file

    def __call__(self, request: HttpRequest) -> Acting:
        """Raises: CallRefused, ScopeMissing, TooManyRequests, BodyTooLarge."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != self.openapi_scheme:
            raise TokenMissing
        acting = self.authenticate(request, text.strip())
        if self.scope and self.scope not in acting.application.scopes:
            raise ScopeMissing(self.scope)
        _require_small(request, settings.MAX_UPLOAD_BYTES if self.takes_file else JSON_BYTES)
        return acting

    def authenticate(self, request: HttpRequest, token: str) -> Acting:
        now = timezone.now()
        kept = _kept(token)
        _require_valid(kept, now)
        count_call(kept.pk, now, allowed=settings.API_CALLS_PER_MINUTE)
        _note_use(kept, now)
        return acting_through(kept.application, kept.expires_at, now)


def _kept(text: str) -> KeptToken:
    """Raises: TokenUnknown."""
    secret = parse_secret(text)
    if secret is None:
        raise TokenUnknown
    rows = KeptToken.objects.select_related("application__post__agency", "application__post__unit")
    kept = rows.select_related("application__post__person").filter(prefix=secret.prefix).first()
    if kept is None or not secret.matches(kept.digest):
        raise TokenUnknown
    return kept


def _require_valid(kept: KeptToken, now: datetime) -> None:
    """Raises: TokenRevoked, TokenExpired."""
    if kept.revoked_at or kept.application.ended_at:
        raise TokenRevoked
    if not kept.is_valid(now):
        raise TokenExpired


def _note_use(kept: KeptToken, now: datetime) -> None:
    """Note to the minute when it was last used, so that most calls write nothing."""
    long_ago = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
    if kept.last_used_at is None or kept.last_used_at <= now - NOTED_EVERY:
        KeptToken.objects.filter(long_ago, pk=kept.pk).update(last_used_at=now)


def _require_small(request: HttpRequest, limit_bytes: int) -> None:
    """Refuse by the announced length, before a byte is read. Raises: BodyTooLarge."""
    announced: Any = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isdecimal() and int(announced[:20]) > limit_bytes:
        raise BodyTooLarge(limit_bytes)
