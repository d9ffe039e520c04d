"""What is overdue of a recipient (Nghị định 30/2020/NĐ-CP Điều 22.2, 23.1)."""

from datetime import date

import pytest

from chauban.exchange.overdue import overdue
from tests.moments import hanoi

FRIDAY = hanoi("2026-11-20T16:00")


def told(status_code="", *, now, sent_at=FRIDAY, arrived_at=None, due_on=None, owed_at=None):
    words = overdue(
        status_code,
        owed_at=owed_at,
        sent_at=sent_at,
        arrived_at=arrived_at,
        due_on=due_on,
        now=now,
    )
    return words.en if words else None


def test_arrival_is_overdue_after_the_next_working_day():
    assert told(now=hanoi("2026-11-23T23:59")) is None
    assert told(now=hanoi("2026-11-24T00:00")) == "Overdue: no word of arrival"


def test_holidays_do_not_count():
    before_national_day = hanoi("2026-08-28T16:00")  # a Friday; 31/8, 1/9 and 2/9 are off
    assert told(sent_at=before_national_day, now=hanoi("2026-09-03T23:59")) is None
    assert told(sent_at=before_national_day, now=hanoi("2026-09-04T00:00")) is not None


def test_an_answer_due_on_a_day_off_is_due_on_the_next_working_day():
    due_on = date(2026, 9, 2)
    assert told("04", arrived_at=FRIDAY, due_on=due_on, now=hanoi("2026-09-03T23:59")) is None
    found = told("04", arrived_at=FRIDAY, due_on=due_on, now=hanoi("2026-09-04T00:00"))
    assert found == "Reply was due on 02/09/2026"


def test_acceptance_is_overdue_after_the_next_working_day():
    arrived_at = hanoi("2026-11-25T09:00")
    assert told("01", arrived_at=arrived_at, now=hanoi("2026-11-26T23:59")) is None
    found = told("01", arrived_at=arrived_at, now=hanoi("2026-11-27T00:00"))
    assert found == "Overdue: not accepted yet"


@pytest.mark.parametrize("code", ["02", "03", "04", "05", "06"])
def test_who_decided_owes_no_acceptance(code):
    assert told(code, arrived_at=FRIDAY, now=hanoi("2026-12-20T00:00")) is None


def test_the_answer_is_overdue_after_the_day_that_the_document_set():
    due_on = date(2026, 11, 30)
    assert told("04", arrived_at=FRIDAY, due_on=due_on, now=hanoi("2026-11-30T23:59")) is None
    found = told("04", arrived_at=FRIDAY, due_on=due_on, now=hanoi("2026-12-01T00:00"))
    assert found == "Reply was due on 30/11/2026"


@pytest.mark.parametrize("code", ["02", "06"])
def test_who_refused_or_finished_owes_no_answer(code):
    due_on = date(2026, 11, 30)
    assert told(code, arrived_at=FRIDAY, due_on=due_on, now=hanoi("2027-01-01T00:00")) is None


def test_what_is_issued_is_sent_by_the_next_working_day():
    """Điều 18.1."""
    assert told(sent_at=None, owed_at=FRIDAY, now=hanoi("2026-11-23T23:59")) is None
    found = told(sent_at=None, owed_at=FRIDAY, now=hanoi("2026-11-24T00:00"))
    assert found == "Overdue: not sent yet"


def test_what_nothing_is_owed_of_is_not_overdue():
    assert told(sent_at=None, now=hanoi("2027-01-01T00:00")) is None
