"""The legal calendar of Việt Nam, and the form of agency codes: plain values only."""

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone

HANOI = timezone(timedelta(hours=7), "UTC+7")

QD20_CODE = re.compile(r"(?:[A-Y][0-9]{2}(?:\.[0-9A-Z]+)*|Z(?!00)[0-9]{2}[0-9A-Z]{1,32})")
QCVN102_CODE = re.compile(r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}")


def legal_day(now: datetime) -> date:
    """The calendar day in Việt Nam (UTC+7) at an aware moment (QCVN 12:2026/BCA Q12)."""
    return now.astimezone(HANOI).date()


def legal_year(now: datetime) -> int:
    """The year in which numbers are counted, in Việt Nam time (Điều 15.1, Điều 22.2)."""
    return legal_day(now).year


def is_qd20_code(code: str) -> bool:
    """Whether code has the form of QĐ 20/2020/QĐ-TTg, Điều 4 or Điều 6: at most 35 characters."""
    return len(code) <= 35 and QD20_CODE.fullmatch(code) is not None


def superior_code(code: str) -> str:
    """The code one level above in the form of QĐ 20/2020/QĐ-TTg; empty: none, or another form."""
    return code.rpartition(".")[0] if is_qd20_code(code) else ""


def is_qcvn102_code(code: str) -> bool:
    """Whether code has the 13 characters of QCVN 102:2016/BTTTT, read right to left."""
    return QCVN102_CODE.fullmatch(code) is not None


def slug(name: str) -> str:
    """Name without tone marks, in lower case, words parted by "-": a key, not a name."""
    plain = unicodedata.normalize("NFD", name.lower()).replace("đ", "d")
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return "-".join(letters.split())
