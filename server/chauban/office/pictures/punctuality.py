"""On time over the weeks: of what had to be done in a week, how much was, and how long it took."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DateTimeField, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from chauban.directory.working_days import last_day_of, working_days_by
from chauban.office import lines
from chauban.office.pictures import opening
from chauban.office.pictures.asking import WEEK, Asked, beginning_of, monday_of
from chauban.office.pictures.tables import Column, Figure, Line, Table
from chauban.registers.models import IncomingDocument
from chauban.ui.rows import Row
from chauban.workflow.access import countable_incoming, countable_tasks
from chauban.workflow.models import Answer, Task

TASKS, ANSWERS = "tasks", "answers"
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = timedelta(days=1)
LONGEST_BREAK = timedelta(days=15)  # a term is put off by less: Tết has nine days off
KINDS = ("in-time", "late", "missed", "open")


@dataclass
class Week:
    """What had to be done in one week, and in how many working days it was."""

    amounts: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)

    @property
    def share(self) -> float | None:
        """How much of what is decided was done in time, in percent."""
        decided = self.amounts.total() - self.amounts["open"]
        return round(100 * self.amounts["in-time"] / decided, 1) if decided else None

    @property
    def median(self) -> int | None:
        """Of the working days it took; of two in the middle the lower."""
        half = (self.days.total() + 1) // 2
        steps = accumulate(sorted(self.days.items()), lambda sums, it: (it[0], sums[1] + it[1]))
        return next((days for days, sums in steps if sums >= half > 0), None)


def table(asked: Asked) -> Table:
    """Week by week, by the day on which the term ended. One query."""
    weeks = {monday: Week() for monday in _mondays(asked)}
    dated = list(_dated(asked))
    ends_on = {due_on: last_day_of(due_on) for due_on in {it[0] for it in dated}}
    worked = _worked(dated)
    for due_on, begun, ended, amount in dated:
        ends = ends_on[due_on]
        if (week := weeks.get(monday_of(ends))) is None:
            continue
        week.amounts[_kind(ends, ended, asked.today)] += amount
        if ended is not None:
            week.days[max(0, worked[ended] - worked[begun])] += amount
    return Table(
        caption=_("Nhiệm vụ đến hạn từng tuần")
        if asked.way == TASKS
        else _("Văn bản đến phải trả lời, theo tuần đến hạn"),
        heads=[_("Tuần (từ thứ Hai)")],
        columns=[
            Column(_("Đúng hạn"), "good"), Column(_("Xong muộn"), "wait"),
            Column(_("Quá hạn, chưa xong"), "bad"), Column(_("Chưa đến hạn"), "rest"),
            Column(_("Tỷ lệ đúng hạn (%)"), "share"),
            Column(_("Trung vị số ngày làm việc"), "days"),
        ],
        lines=[_line(monday, week) for monday, week in weeks.items()],
        note=_("Hạn rơi vào ngày nghỉ thì kết thúc vào ngày làm việc kế tiếp; ngày nghỉ không "
               "tính vào số ngày làm việc. Tỷ lệ không tính việc chưa đến hạn."),
    )  # fmt: skip


def listed(asked: Asked, mark: Mapping[str, str]) -> "QuerySet[Any]":
    """The tasks, or the documents to be answered, behind one figure."""
    found, mondays = _with_term(asked), list(_mondays(asked))
    if (week := mark.get("week")) is not None:
        mondays = [monday for monday in mondays if monday.isoformat() == week]
    wanted = Q(pk__in=[])
    for monday in mondays:
        for due_on, ends in _terms_of(monday):
            wanted |= Q(due_on=due_on) & _within(ends, mark.get("kind", ""), asked.today)
    joined = ("document", "assignee__person", "assignee__unit") if asked.way == TASKS else ("body",)
    return found.filter(wanted).select_related(*joined).order_by("due_on", "pk")


def line(row: Any, now: datetime) -> Row:
    if isinstance(row, IncomingDocument):
        return lines.incoming_line(row, now)
    return lines.held_task_line(row, now)


def openable(officer: Any, rows: Any) -> set[int]:
    if rows and isinstance(rows[0], Task):
        return opening.openable_tasks(officer, rows)
    return opening.openable_incoming(officer, rows)


def _with_term(asked: Asked) -> "QuerySet[Any]":
    """What has a term in the period or shortly before, with `begun_at` and `ended_at`."""
    near = Q(due_on__gte=monday_of(asked.since) - LONGEST_BREAK, due_on__lte=asked.until + WEEK)
    if asked.way == TASKS:
        states = [Task.State.ASSIGNED, Task.State.IN_PROGRESS, Task.State.DONE]
        tasks = countable_tasks(asked.reach).filter(near, state__in=states)
        return tasks.annotate(begun_at=F("assigned_at"), ended_at=F("done_at"))
    answered = Answer.objects.filter(incoming=OuterRef("pk")).order_by()
    first = answered.values("incoming").annotate(first=Min("at")).values("first")
    done_without = Q(state=IncomingDocument.State.DONE, ended_at=None)
    documents = countable_incoming(asked.reach).filter(near)
    return (
        documents.exclude(state=IncomingDocument.State.RECALLED)
        .annotate(begun_at=F("arrived_at"), ended_at=Subquery(first, output_field=DateTimeField()))
        .exclude(done_without)  # it was closed and owed no answer
    )


def _dated(asked: Asked) -> "QuerySet[Any, tuple[date, date, date | None, int]]":
    counted = (
        _with_term(asked)
        .order_by()
        .annotate(
            begun=TruncDate("begun_at", tzinfo=HANOI), ended=TruncDate("ended_at", tzinfo=HANOI)
        )
        .values("due_on", "begun", "ended")
        .annotate(amount=Count("pk"))
    )
    return counted.values_list("due_on", "begun", "ended", "amount")


def _worked(dated: list[tuple[date, date, date | None, int]]) -> dict[date, int]:
    """Working days by each day on which anything was begun or ended."""
    days = [day for _due_on, begun, ended, _amount in dated for day in (begun, ended) if day]
    return working_days_by(min(days), max(days)) if days else {}


def _mondays(asked: Asked) -> Iterator[date]:
    monday = monday_of(asked.since)
    while monday <= asked.until:
        yield monday
        monday += WEEK


def _kind(ends: date, ended: date | None, today: date) -> str:
    if ended is not None:
        return "in-time" if ended <= ends else "late"
    return "missed" if ends < today else "open"


def _within(ends: date, kind: str, today: date) -> Q:
    """What `_kind` says, as a condition; any kind where none is named."""
    over = beginning_of(ends + DAY)
    is_past = Q() if ends < today else Q(pk__in=[])
    return {
        "in-time": Q(ended_at__lt=over),
        "late": Q(ended_at__gte=over),
        "missed": Q(ended_at=None) & is_past,
        "open": Q(ended_at=None) & (Q(pk__in=[]) if ends < today else Q()),
    }.get(kind, Q())


def _terms_of(monday: date) -> Iterator[tuple[date, date]]:
    """The days on which a term may fall that ends in this week, and when each ends."""
    days = (monday + WEEK - DAY * back for back in range(1, 7 + LONGEST_BREAK.days + 1))
    return ((day, last_day_of(day)) for day in days if monday_of(last_day_of(day)) == monday)


def _line(monday: date, week: Week) -> Line:
    row = {"week": monday.isoformat()}
    figures = [Figure(week.amounts[kind], {**row, "kind": kind}) for kind in KINDS]
    return Line([f"{monday:%d/%m/%Y}"], [*figures, Figure(week.share), Figure(week.median)])
