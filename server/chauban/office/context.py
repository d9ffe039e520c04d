"""What the shell around every page shows: who acts, his other posts, his places."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from chauban.accounts.officers import Officer
from chauban.accounts.querysets import posts_of
from chauban.directory.rules import legal_day
from chauban.office.desk import places


def desk(request: HttpRequest) -> dict[str, Any]:
    officer: Officer | None = getattr(request, "officer", None)
    if officer is None:
        return {"officer": None}
    return {
        "officer": officer,
        "other_posts": SimpleLazyObject(lambda: _other_posts(officer)),
        "places": SimpleLazyObject(lambda: _places(officer)),
    }


def _other_posts(officer: Officer) -> list[Any]:
    held = posts_of(officer.user_id, legal_day(timezone.now()))
    return [post for post in held if post.pk != officer.post_id]


def _places(officer: Officer) -> list[dict[str, Any]]:
    now = timezone.now()
    groups = [
        {
            "name": name,
            "places": [
                {
                    "name": place.name,
                    "icon": place.icon,
                    "url": place.url(),
                    "count": place.rows(officer, now).count(),
                }
                for place in group
            ],
        }
        for name, group in places(officer)
    ]
    books = [
        {"name": _("Sổ văn bản đi"), "icon": "send", "url": reverse("registers:outgoing-register")},
        {
            "name": _("Sổ văn bản đến"),
            "icon": "books",
            "url": reverse("registers:incoming-register"),
        },
        {"name": _("Kiểm tra tệp"), "icon": "shield-check", "url": reverse("trust:verify-file")},
    ]
    return [*groups, {"name": _("Sổ và tra cứu"), "places": books}]
