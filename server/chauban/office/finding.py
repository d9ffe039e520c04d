"""What the palette offers for a few words: what one can do, documents, people."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chauban.accounts.access import visible_posts
from chauban.accounts.officers import Officer
from chauban.directory.models import Post
from chauban.directory.rules import legal_day
from chauban.office.shortcuts import shortcuts_of
from chauban.registers.access import visible_incoming, visible_outgoing
from chauban.ui.matching import is_match
from chauban.workflow.models import Draft

MOST_OF_A_KIND = 6
# Words are looked for among the newest of each kind, numbers everywhere: a palette answers at
# once however large the registers are, and the registers' own pages search all of a year.
NEWEST = 200
FEWEST_LETTERS = 2


@dataclass(frozen=True)
class Found:
    name: str
    about: str
    url: str
    icon: str
    keys: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class Group:
    key: str
    name: Promise
    found: list[Found]


def find(
    text: str,
    *,
    officer: Officer,
    posts: Iterable[Post],
    places: Iterable[dict[str, Any]],
    now: datetime,
) -> list[Group]:
    """Groups of what matches text, with or without tone marks; only what officer may open.

    `posts`: those he holds today. `places`: the groups of his desk, each with its `places`.
    Without text: all that he can do.
    """
    acts = [*_acts(text, officer, places), *_switches(text, officer, posts)]
    groups = [Group("acts", _("Việc và nơi làm việc"), acts)]
    if len(text.strip()) >= FEWEST_LETTERS:
        groups += [
            Group("documents", _("Các văn bản"), list(_documents(text, officer))),
            Group("people", _("Người trong cơ quan"), list(_people(text, officer, now))),
        ]
    return [group for group in groups if group.found]


def _acts(text: str, officer: Officer, places: Iterable[dict[str, Any]]) -> Iterator[Found]:
    keys = {one.url(): one for one in shortcuts_of(officer) if one.view}
    for group in places:
        for place in group["places"]:
            if is_match(text, str(place["name"]), str(place.get("words", ""))):
                shortcut = keys.pop(place["url"], None)
                yield Found(
                    str(place["name"]), "", place["url"], place["icon"],
                    shortcut.keys if shortcut else (), place.get("count") or 0,
                )  # fmt: skip
    for url, shortcut in keys.items():
        if is_match(text, str(shortcut.words)):
            yield Found(str(shortcut.words), "", url, "arrow-right", shortcut.keys)


def _switches(text: str, officer: Officer, posts: Iterable[Post]) -> Iterator[Found]:
    """His other posts; each leads to where one key press switches to it."""
    for post in posts:
        name = gettext("Chuyển sang %(title)s, %(agency)s") % {
            "title": post.title,
            "agency": post.agency.name,
        }
        if post.pk != officer.post_id and is_match(text, name):
            yield Found(name, "", f"{reverse('accounts:posts')}?to={post.pk}", "users")


def _documents(text: str, officer: Officer) -> Iterator[Found]:
    for one in _matching(
        visible_incoming(officer), text, "subject", "code", "kind_name", "sender_name"
    ):
        url = reverse("workflow:incoming", args=[one.pk])
        yield Found(one.subject, f"{one.code} · {one.sender_name}", url, "inbox")
    for one in _matching(
        visible_outgoing(officer), text, "subject", "code", "kind_name", "signer_name"
    ):
        url = reverse("office:outgoing", args=[one.pk])
        yield Found(one.subject, one.code, url, "send")
    drafts = Draft.objects.visible_to(officer).filter(outgoing=None)
    for one in _matching(drafts, text, "subject", "notation", "kind_name"):
        url = reverse("workflow:draft", args=[one.pk])
        yield Found(one.subject, f"…/{one.notation} · {one.get_state_display()}", url, "pencil")


def _matching(rows: "QuerySet[Any]", text: str, *fields: str) -> list[Any]:
    """The newest rows in whose fields the words stand; by number, of however long ago."""
    newest = rows.order_by("-pk")[:NEWEST]
    found = [one for one in newest if is_match(text, *(getattr(one, it) for it in fields))]
    if not found and text.partition("/")[0].strip().isdecimal() and hasattr(rows, "matching"):
        found = list(rows.matching(text.strip()).order_by("-pk")[:MOST_OF_A_KIND])
    return found[:MOST_OF_A_KIND]


def _people(text: str, officer: Officer, now: datetime) -> Iterator[Found]:
    posts = visible_posts(officer, legal_day(now))
    matching = [one for one in posts if is_match(text, one.person.full_name, one.title)]
    for post in matching[:MOST_OF_A_KIND]:
        about = f"{post.title} · {post.unit.name if post.unit else post.agency.name}"
        url = reverse("office:person", args=[post.pk])
        yield Found(post.person.full_name, about, url, "user")
