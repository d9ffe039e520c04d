"""How much is in hand and by when: by agency, within one by unit, within that by person."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from chauban.directory.working_days import last_working_day_before
from chauban.office.pictures.asking import WEEK, Asked, monday_of
from chauban.office.pictures.tables import Column, Figure, Line, Table
from chauban.workflow.access import countable_tasks
from chauban.workflow.models import Task

NOBODYS = "0"  # those of no unit


def table(asked: Asked) -> Table:
    """Unfinished tasks by when they end; the most overdue first. One query."""
    by, name = _level(asked)
    terms = _terms(asked)
    amounts = {key: Count("pk", filter=term) for key, term in terms.items()}
    held = (
        _unfinished(asked).order_by().values(key=F(by), named=F(name)).annotate(
            total=Count("pk"), **amounts
        )
    ).order_by("-overdue", "-total", "named")  # fmt: skip
    return Table(
        caption=_("Nhiệm vụ chưa xong"),
        heads=[{"agency": _("Cơ quan"), "unit": _("Đơn vị"), "of": _("Người được giao")}[
            _MARKS[by]
        ]],
        columns=[
            Column(_("Quá hạn"), "bad"), Column(_("Đến hạn tuần này"), "wait"),
            Column(_("Hạn sau tuần này"), "go"), Column(_("Không có hạn"), "rest"),
            Column(_("Tổng số")),
        ],
        lines=[_line(_MARKS[by], one, terms) for one in held],
        note=_("Hạn rơi vào ngày nghỉ thì kết thúc vào ngày làm việc kế tiếp."),
    )  # fmt: skip


def listed(asked: Asked, mark: Mapping[str, str]) -> "QuerySet[Any]":
    """The tasks behind one figure, the first to end first."""
    found = _unfinished(asked)
    if (term := _terms(asked).get(mark.get("term", ""))) is not None:
        found = found.filter(term)
    by, _name = _level(asked)
    if (key := mark.get(_MARKS[by], "")).isdecimal() and len(key) < 19:
        found = found.filter(**{by: int(key) or None})
    return found.select_related(
        "document", "assignee__person", "assignee__unit"
    ).order_by(F("due_on").asc(nulls_last=True), "pk")  # fmt: skip


# What a row is one of, and how a list's address says so. `within` narrows the picture by the
# same names, so that a list may be asked for a row's own agency or unit alike.
_MARKS = {"assignee__agency": "agency", "assignee__unit": "unit", "assignee": "of"}


def _level(asked: Asked) -> tuple[str, str]:
    if not asked.reach.is_of_agencies:
        return "assignee", "assignee__person__full_name"
    if len(asked.reach.agencies) > 1:
        return "assignee__agency", "assignee__agency__name"
    return "assignee__unit", "assignee__unit__name"


def _unfinished(asked: Asked) -> "QuerySet[Task]":
    return countable_tasks(asked.reach).unfinished()


def _terms(asked: Asked) -> dict[str, Q]:
    past = last_working_day_before(asked.today)
    sunday = monday_of(asked.today) + WEEK - timedelta(days=1)
    return {
        "overdue": Q(due_on__lte=past),
        "week": Q(due_on__gt=past, due_on__lte=sunday),
        "later": Q(due_on__gt=sunday),
        "none": Q(due_on=None),
    }


def _line(mark: str, one: Mapping[str, Any], terms: Mapping[str, Q]) -> Line:
    row = {mark: str(one["key"] or NOBODYS)}
    figures = [Figure(one[term], {**row, "term": term}) for term in terms]
    name = one["named"] or _("Lãnh đạo, ngoài đơn vị")
    within = row if mark != "of" and one["key"] else None
    return Line([name], [*figures, Figure(one["total"], row)], within)
