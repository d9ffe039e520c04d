"""Whether anything can have changed at an officer's desk since he last asked.

A page that stays open asks every half minute. It is told the desk's mark, and gives it back: which
agencies' acts matter to this officer, where their journals stood, until when that may be trusted,
sealed with his session. While the journals stand there, the answer is 304 from one look into an
index, before the session is read. The mark ends after some minutes, because lists also change by
the hour, and by acts that no journal of those agencies holds.
"""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, may
from chauban.directory.models import Post
from chauban.directory.rules import legal_day
from chauban.journal.standing import standing_of
from chauban.office.desk import on_the_hour
from chauban.trust.models import Mandate

PATH = "desk"  # what an open page asks, below the root
ASKED_EVERY_SECONDS = 30
TRUSTED_FOR = timedelta(minutes=10)
# Who looks after all agencies' messages sees what no one agency's journal holds.
OPERATORS_TRUSTED_FOR = timedelta(minutes=1)
POSTS_KEPT = 20_000


def mark_of(officer: Officer, session_key: str, now: datetime) -> str:
    """The desk's mark as an entity tag (RFC 9110 section 8.8.3); take it before what it vouches."""
    agencies = agencies_about(officer, now)
    is_operator = may(officer, Permission.OPERATE_AXIS)
    ends = now + (OPERATORS_TRUSTED_FOR if is_operator else TRUSTED_FOR)
    said = f"{'-'.join(map(str, agencies))}.{int(ends.timestamp())}.{standing_of(agencies)}"
    return f'"{said}.{_sealed(said, session_key)}"'


def agencies_about(officer: Officer, now: datetime) -> tuple[int, ...]:
    """The agencies whose acts change the officer's lists."""
    return _agencies_of(officer.post_id, on_the_hour(now))


def still_stands(mark: str, session_key: str, now: datetime) -> bool:
    """Whether a mark that this session was given still says how its desk stands."""
    said, _, seal = mark.removeprefix("W/").strip('"').rpartition(".")
    if not hmac.compare_digest(seal.encode(), _sealed(said, session_key).encode()):
        return False
    agencies, ends, standing = said.split(".")
    if now.timestamp() >= int(ends):
        return False
    return standing_of(map(int, agencies.split("-"))) == int(standing)


class Unchanged:
    """Answers an open page's question with 304 before anything else is done for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        mark = request.headers.get("If-None-Match", "")
        if mark and request.path_info == f"/{PATH}":
            session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
            if session_key and still_stands(mark, session_key, timezone.now()):
                return HttpResponseNotModified(headers={"ETag": mark})
        return self.get_response(request)


@lru_cache(maxsize=POSTS_KEPT)
def _agencies_of(post_id: int, hour: datetime) -> tuple[int, ...]:
    """The agencies whose acts change the lists of who holds the post.

    His own, those of his other posts, and those that sign for one another (Điều 13.3).
    """
    person = Post.objects.values_list("person_id", flat=True).get(pk=post_id)
    day = legal_day(hour)
    own = set(Post.objects.as_of(day).filter(person=person).values_list("agency_id", flat=True))
    linked = Mandate.objects.as_of(day).filter(
        Q(body__agency__in=own) | Q(post__agency__in=own) | Q(person=person)
    )
    pairs = linked.values_list(F("body__agency_id"), F("post__agency_id"))
    return tuple(sorted(own.union(*pairs)))


def _sealed(said: str, session_key: str) -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"desk\0{said}\0{session_key}".encode(), sha256).hexdigest()[:32]
