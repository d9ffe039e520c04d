"""What the shell around every page shows: who acts, his other posts, his places."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from chauban.accounts.officers import Officer
from chauban.accounts.querysets import posts_of
from chauban.accounts.rights import Permission, may
from chauban.directory.rules import legal_day
from chauban.office.desk import Place
from chauban.office.live import ASKED_EVERY_SECONDS, mark_of
from chauban.office.places import counts, places_of
from chauban.office.shortcuts import shortcuts_of


def desk(request: HttpRequest) -> dict[str, Any]:
    officer: Officer | None = getattr(request, "officer", None)
    if officer is None:
        return {"officer": None}
    return {
        "officer": officer,
        "other_posts": SimpleLazyObject(lambda: _other_posts(officer)),
        "places": SimpleLazyObject(lambda: groups_of(request, officer)),
        "shortcuts": SimpleLazyObject(lambda: list(shortcuts_of(officer))),
        "desk_mark": SimpleLazyObject(lambda: mark_on(request, officer)),
        "asked_every_seconds": ASKED_EVERY_SECONDS,
    }


def counts_of(request: HttpRequest, officer: Officer) -> Mapping[str, int]:
    """The counters of the officer's desk, counted once for a page and its frame."""
    if not hasattr(request, "desk_counts"):
        now = timezone.now()
        # First the mark: what happens between the two is asked for again.
        request.desk_mark = mark_of(officer, request.session.session_key or "", now)
        request.desk_counts = counts(officer, now)
    return request.desk_counts


def mark_on(request: HttpRequest, officer: Officer) -> str:
    """The mark of the desk as the page's counters show it."""
    counts_of(request, officer)
    return str(request.desk_mark)


def _other_posts(officer: Officer) -> list[Any]:
    held = posts_of(officer.user_id, legal_day(timezone.now()))
    return [post for post in held if post.pk != officer.post_id]


def groups_of(request: HttpRequest, officer: Officer) -> list[dict[str, Any]]:
    """The groups of the officer's desk: places with their counters, then books."""
    amounts = counts_of(request, officer)
    groups = [
        {"name": name, "places": [tile(place, amounts[place.key]) for place in group]}
        for name, group in places_of(officer)
    ]
    return [*groups, {"name": _("Sổ và tra cứu"), "places": list(_books(officer))}]


def tile(place: Place, count: int) -> dict[str, Any]:
    """A place with its counter, as the frame and the home draw it."""
    return {
        "key": place.key,
        "name": place.name,
        "icon": place.icon,
        "url": place.url(),
        "is_authority": place.is_authority,
        "is_late": place.is_late,
        "is_work": place.is_work,
        "count": count,
    }


def _books(officer: Officer) -> Iterator[dict[str, Any]]:
    """The links without a counter."""
    if may(officer, Permission.VIEW_REGISTERS):
        yield _link("sent", _("Sổ văn bản đi"), "send", "registers:outgoing-register")
        yield _link(
            "incoming-register", _("Sổ văn bản đến"), "books", "registers:incoming-register"
        )
    if may(officer, Permission.VIEW_DELIVERIES):
        yield _link("inbox", _("Văn bản đến trên trục"), "mail-opened", "exchange:inbox")
    if may(officer, Permission.ISSUE):
        yield _link("pictures", _("Biểu đồ"), "chart-bar", "office:pictures")
        yield _link("dispatches", _("Gửi ngoài trục"), "send", "exchange:dispatches")
    if may(officer, Permission.MANAGE_DIRECTORY):
        yield _link(
            "usual-channels", _("Cách gửi thường dùng"), "building", "exchange:usual-channels"
        )
        yield _link("set-aside", _("Gửi đến cơ quan đã kết thúc"), "route", "exchange:set-aside")
    if may(officer, Permission.OPERATE_AXIS):
        yield _link("queues", _("Hàng đợi trao đổi"), "server", "axis:queues")
    if may(officer, Permission.VIEW_CERTIFICATES):
        yield _link("certificates", _("Chứng thư số"), "certificate", "trust:certificates")
    yield _link("applications", _("Ứng dụng kết nối"), "share-2", "applications:list")
    yield _link("verify", _("Kiểm tra tệp"), "shield-check", "trust:verify-file")


def _link(key: str, name: str, icon: str, view: str) -> dict[str, Any]:
    return {"key": key, "name": name, "icon": icon, "url": reverse(view)}
