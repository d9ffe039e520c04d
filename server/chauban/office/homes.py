"""The home of each role: its few counters, and its lists in the order of the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from chauban.accounts.officers import Officer
from chauban.directory.models import Role
from chauban.directory.rules import legal_day
from chauban.directory.working_days import last_working_day_before
from chauban.office.desk import Place
from chauban.workflow.models import Task

MOST_LOADED = 12


@dataclass(frozen=True)
class Home:
    """Keys of places; one that does not serve the officer is left out."""

    counters: Sequence[str]
    lists: Sequence[str]


HOMES: Mapping[str, Home] = {
    Role.CLERK: Home(
        ("arrived", "number", "troubled", "dispatch", "route"),
        ("arrived", "number", "troubled", "recalls", "dispatch", "route", "tasks", "returned"),
    ),
    Role.OFFICIAL: Home(
        ("tasks", "late", "opinions", "returned", "drafts"),
        ("returned", "opinions", "tasks", "drafts", "sign", "asked"),
    ),
    Role.UNIT_HEAD: Home(
        ("check", "share", "opinions", "in-hand", "overdue"),
        ("check", "share", "sign", "opinions", "tasks", "returned", "asked"),
    ),
    Role.LEADER: Home(
        ("sign", "approve", "route", "overdue"),
        ("sign", "approve", "route", "opinions", "overdue", "tasks"),
    ),
    Role.OFFICE_HEAD: Home(
        ("route", "press", "approve", "sign", "in-hand"),
        ("route", "press", "approve", "sign", "opinions", "tasks"),
    ),
    Role.LAYOUT_CHECKER: Home(
        ("check", "opinions", "tasks", "drafts"), ("check", "opinions", "tasks", "drafts")
    ),
    Role.ADMINISTRATOR: Home(
        ("suspended", "posts-ending", "mandates-ending", "failed", "unclaimed"),
        ("failed", "unclaimed", "stuck", "posts-ending", "mandates-ending", "suspended"),
    ),
    Role.ARCHIVIST: Home(
        ("dealt-with", "closed-outgoing", "closed-incoming", "issued"),
        ("tasks", "opinions", "closed-outgoing", "closed-incoming", "dealt-with"),
    ),
}


def of(keys: Sequence[str], found: Mapping[str, Place]) -> list[Place]:
    """Those of the officer's places, in that order."""
    return [found[key] for key in keys if key in found]


def load(tasks: "QuerySet[Task]", officer: Officer, now: datetime) -> list[dict[str, Any]]:
    """How many of the tasks each has in hand, the most loaded first; each leads to them.

    By person for the head of a unit, by unit for who heads the agency.
    """
    by_unit = officer.post.role != Role.UNIT_HEAD
    who, name = (
        ("assignee__unit", "assignee__unit__name")
        if by_unit
        else ("assignee", "assignee__person__full_name")
    )
    late = Count("pk", filter=Q(due_on__lte=last_working_day_before(legal_day(now))))
    held = (
        tasks.order_by()
        .values(key=F(who), name=F(name))
        .annotate(count=Count("pk"), late=late)
        .order_by("-count", "name")
    )
    there = reverse("office:place", args=["in-hand"])
    asked = "unit" if by_unit else "of"
    return [
        {
            **one,
            "name": one["name"] or _("Lãnh đạo, ngoài đơn vị"),
            "url": f"{there}?{asked}={one['key'] or 0}",
        }
        for one in held[:MOST_LOADED]
    ]
