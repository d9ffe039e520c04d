"""Acts on the calendar of working days (Bộ luật Lao động 45/2019/QH14 Điều 111, 112)."""

from datetime import date, datetime

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.directory import days_decided, errors, working_days
from chauban.directory.models import DecidedDay
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record


@transaction.atomic
def decide_day(
    day: date, *, is_worked: bool, source: str, officer: Officer, now: datetime
) -> DecidedDay:
    """Enter a day off, or a day worked for it, by a decision that source names.

    Raises: NotAllowed; DayDecidedAlready; DayAsItIs: the table says so already.
    """
    require(officer, Permission.DECIDE_DAYS)
    if DecidedDay.objects.filter(day=day, withdrawn_at=None).exists():
        raise errors.DayDecidedAlready(source, day)
    if working_days.is_working_by_table(day) == is_worked:
        raise errors.DayAsItIs(source, day)
    decided = DecidedDay.objects.create(day=day, is_worked=is_worked, source=source, decided_at=now)
    record(
        ActKind.DAY_DECIDED, on=decided, by=officer, at=now, day=day.isoformat(), worked=is_worked
    )
    days_decided.refresh()
    return decided


@transaction.atomic
def withdraw_day(decided: DecidedDay, *, officer: Officer, now: datetime) -> None:
    """Let a day be again as the table has it; again it changes nothing. Raises: NotAllowed."""
    require(officer, Permission.DECIDE_DAYS)
    if DecidedDay.objects.filter(pk=decided.pk, withdrawn_at=None).update(withdrawn_at=now):
        record(ActKind.DAY_WITHDRAWN, on=decided, by=officer, at=now, day=decided.day.isoformat())
    decided.refresh_from_db()
    days_decided.refresh()
