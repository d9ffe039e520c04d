"""Which answer of a recipient is overdue: from plain values, for the sender's page."""

from datetime import date, datetime

from chauban.directory.rules import legal_day
from chauban.directory.working_days import is_past, next_working_day
from chauban.ui.words import Words
from chauban_edxml.model import StatusCode

# Whoever took it over, gave it back, or finished it, owes nothing more of that kind.
_DECIDED = (
    StatusCode.REFUSED,
    StatusCode.ACCEPTED,
    StatusCode.ASSIGNED,
    StatusCode.IN_PROGRESS,
    StatusCode.FINISHED,
    StatusCode.TAKE_BACK,
)


def overdue(
    status_code: str,
    *,
    owed_at: datetime | None,
    sent_at: datetime | None,
    arrived_at: datetime | None,
    due_on: date | None,
    now: datetime,
) -> Words | None:
    """What is overdue of a recipient, or of what we owe it, or None.

    What is issued is sent on that day, at the latest on the next working day (Nghị định
    30/2020/NĐ-CP Điều 18.1). What came is registered and put forward on the day it came, at the
    latest on the next working day (Điều 22.2, 23.1); who sent it is told so (QĐ 28/2018/QĐ-TTg).
    """
    if status_code in (StatusCode.REFUSED, StatusCode.FINISHED):
        return None
    today = legal_day(now)
    if sent_at is None:
        is_late = owed_at and today > next_working_day(legal_day(owed_at))
        return _NOT_SENT if is_late else None
    if due_on and is_past(due_on, today):
        return Words(f"Quá hạn trả lời {due_on:%d/%m/%Y}", f"Reply was due on {due_on:%d/%m/%Y}")
    if status_code in _DECIDED:
        return None
    if arrived_at is None:
        day = next_working_day(legal_day(sent_at))
        return _NOT_ARRIVED if today > day else None
    day = next_working_day(legal_day(arrived_at))
    return _NOT_ACCEPTED if today > day else None


_NOT_SENT = Words("Quá hạn: chưa gửi đi", "Overdue: not sent yet")
_NOT_ARRIVED = Words("Quá hạn: nơi nhận chưa xác nhận đã đến", "Overdue: no word of arrival")
_NOT_ACCEPTED = Words("Quá hạn: nơi nhận chưa tiếp nhận", "Overdue: not accepted yet")
