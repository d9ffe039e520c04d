"""The line of a document's life, and the tree of its tasks, as pages draw them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chauban.blobs.serving import byte_range
from chauban.ui.lives import LifeEvent, by_day
from chauban.workflow.models import Task
from chauban.workflow.routes import route_of

EVENING = datetime(2026, 11, 23, 16, 50, tzinfo=UTC)  # 23:50 in Việt Nam
TODAY = date(2026, 11, 23)


def event(minutes, word, **values):
    return LifeEvent(EVENING + timedelta(minutes=minutes), word, "Nguyễn Thị Ái", **values)


def test_acts_stand_under_their_day_in_viet_nam():
    days = by_day([event(0, "Ký số"), event(15, "Phát hành")])
    assert [day.on for day in days] == [date(2026, 11, 23), date(2026, 11, 24)]


def test_acts_alike_in_a_row_are_one_line_with_each_of_them_kept():
    sent = [event(n, "Nhận trạng thái", detail=str(n)) for n in range(3)]
    (day,) = by_day([event(-60, "Phát hành"), *(s for s in sent if s.at.hour == 16)])
    assert [len(line.events) for line in day.lines] == [1, 3]
    assert day.lines[1].last.detail == "2"


def test_a_failure_is_no_line_with_what_succeeded():
    (day,) = by_day([event(0, "Nhận trạng thái"), event(1, "Nhận trạng thái", is_failure=True)])
    assert [line.first.is_failure for line in day.lines] == [False, True]


def task(pk, assignee, by, **values):
    given = {"state": Task.State.ASSIGNED, "part": Task.Part.LEAD, **values}
    return Task(pk=pk, assignee_id=assignee, assigned_by_id=by, **given)


def test_a_task_stands_below_the_task_of_who_gave_it():
    director, head, official, other = 1, 2, 3, 4
    tasks = [task(11, head, director), task(12, other, director), task(13, official, head)]
    first, second = route_of(tasks, TODAY)
    assert (first.task.pk, second.task.pk) == (11, 12)
    assert [it.task.pk for it in first.branches] == [13]
    assert second.branches == ()


def test_who_gave_a_task_before_he_was_given_one_stands_beside_it():
    head, official = 2, 3
    branches = route_of([task(11, official, head), task(12, head, official)], TODAY)
    assert [it.task.pk for it in branches] == [11]
    assert [it.task.pk for it in branches[0].branches] == [12]


@pytest.mark.parametrize(
    ("values", "overdue"),
    [
        ({"due_on": TODAY}, False),
        ({"due_on": TODAY - timedelta(days=1)}, True),
        ({"due_on": TODAY - timedelta(days=1), "state": Task.State.DONE}, False),
        ({"due_on": TODAY - timedelta(days=1), "state": Task.State.STOPPED}, False),
        ({}, False),
    ],
    ids=["today", "yesterday", "done", "stopped", "no day"],
)
def test_an_open_task_is_overdue_after_its_last_day(values, overdue):
    (branch,) = route_of([task(1, 2, 3, **values)], TODAY)
    assert branch.is_overdue is overdue


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ("bytes=0-99", range(100)),
        ("bytes=900-", range(900, 1000)),
        ("bytes=-10", range(990, 1000)),
        ("bytes=990-2000", range(990, 1000)),
        ("bytes=1000-", range(1000, 1000)),
        ("", None),
        ("bytes=-", None),
        ("bytes=9-3", None),
        ("bytes=0-1,5-9", None),
        ("pages=1-2", None),
    ],
)
def test_a_range_asks_for_these_bytes_of_a_thousand(asked, span):
    """RFC 9110 section 14.1.2; what is no single range asks for the whole."""
    assert byte_range(asked, 1000) == span
