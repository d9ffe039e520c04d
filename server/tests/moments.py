"""Moments for tests: time is an argument everywhere."""

from datetime import UTC, datetime

from chauban.directory.rules import HANOI

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)  # 09:30 on a Monday in Huế


def hanoi(text: str) -> datetime:
    """`hanoi("2026-12-31T23:59")`: that moment by the clocks of Việt Nam."""
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)
