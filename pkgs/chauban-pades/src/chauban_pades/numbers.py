"""Numbers and strings as a PDF writes them (ISO 32000-1 clause 7.3)."""

import re
from datetime import datetime, timedelta, timezone

POINTS_PER_MM = 72 / 25.4
_SPECIAL = re.compile(rb"[()\\]")
VIETNAM = timezone(timedelta(hours=7))


def number_text(number: float) -> str:
    """The number with at most three decimals (a thousandth of a point) and no exponent."""
    text = f"{number:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def numbers_text(*numbers: float) -> bytes:
    """Numbers separated by spaces, as in a rectangle or a matrix."""
    return " ".join(map(number_text, numbers)).encode("ascii")


def string_text(text: str) -> bytes:
    """A text string (clause 7.9.2.2): printable ASCII as it is, anything else in UTF-16."""
    if text.isascii() and text.isprintable():
        return b"(%b)" % _SPECIAL.sub(rb"\\\g<0>", text.encode("ascii"))
    return b"<FEFF%b>" % text.encode("utf-16-be").hex().upper().encode("ascii")


def date_text(moment: datetime) -> bytes:
    """A date string in Việt Nam time (clause 7.9.4)."""
    return f"(D:{moment.astimezone(VIETNAM):%Y%m%d%H%M%S}+07'00')".encode("ascii")
