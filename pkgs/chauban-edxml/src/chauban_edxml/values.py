"""The simple values of the wire: text, dates, moments (the forms seen in traffic, all read)."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))
_ABSENT = ("null", "n/a")
# Everything outside the characters of XML 1.0 section 2.2, lone surrogates among them.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DATE = re.compile(r"([0-9]{1,4})[/-]([0-9]{1,2})[/-]([0-9]{1,4})(?:[ T]+(.*))?", re.DOTALL)
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]*)?)?")
_CANONICAL_DATE = re.compile("[0-9]{4}/[0-9]{2}/[0-9]{2}")
_CANONICAL_MOMENT = re.compile(_CANONICAL_DATE.pattern + " [0-9]{2}:[0-9]{2}:[0-9]{2}")
_NO_DATE = date(1900, 1, 1)


def clean_text(text: str) -> str:
    """Return text as both sides of the wire have it: NFC, trimmed, without control characters.

    The texts `null` and `N/A`, which other systems write for no value, become empty.
    """
    text = _FORBIDDEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", text).strip()
    return "" if text.lower() in _ABSENT else text


def parse_date(text: str) -> date | None:
    """Return the date in `yyyy/MM/dd`, `dd/MM/yyyy` or either with dashes, or None.

    A time after the date is ignored; 01/01/1900 means that there is none.

    Raises:
        ValueError: text is not empty and not a date of the years 1900 to 9998.
    """
    day, _ = _split_moment(text)
    return None if day == _NO_DATE else day


def parse_moment(text: str) -> datetime | None:
    """Return the moment written in Việt Nam time (UTC+7) as a UTC moment, or None for empty.

    A date alone means its midnight.

    Raises:
        ValueError: text is not empty and not a moment.
    """
    day, time = _split_moment(text)
    if day is None or day == _NO_DATE:
        return None
    match = _TIME.fullmatch(time or "00:00")
    if match is None:
        raise ValueError(text)
    hour, minute, second = (int(part or 0) for part in match.groups())
    local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=VIETNAM)
    return local.astimezone(UTC)


def _split_moment(text: str) -> tuple[date | None, str]:
    if not text:
        return None, ""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    first, month, last, time = match.groups()
    year, day = (first, last) if len(first) == 4 else (last, first)
    if len(year) != 4 or not 1900 <= int(year) <= 9998:
        raise ValueError(text)
    return date(int(year), int(month), int(day)), (time or "").strip()


def is_canonical_date(text: str) -> bool:
    """Tell whether text has the form in which dates are written."""
    return _CANONICAL_DATE.fullmatch(text) is not None


def is_canonical_moment(text: str) -> bool:
    """Tell whether text has the form in which moments are written."""
    return _CANONICAL_MOMENT.fullmatch(text) is not None


def format_date(day: date) -> str:
    """Return `yyyy/MM/dd`."""
    return f"{day.year:04}/{day.month:02}/{day.day:02}"


def format_moment(moment: datetime) -> str:
    """Return `yyyy/MM/dd HH:mm:ss` in Việt Nam time; moment must be aware."""
    local = moment.astimezone(VIETNAM)
    return f"{format_date(local.date())} {local:%H:%M:%S}"
