"""Numbers and strings as a PDF writes them (ISO 32000-1 clause 7.3)."""

from datetime import datetime, timedelta, timezone

import pikepdf

POINTS_PER_MM = 72 / 25.4
VIETNAM = timezone(timedelta(hours=7))


def number_text(number: float) -> str:
    """The number with at most three decimals (a thousandth of a point) and no exponent."""
    text = f"{number:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def numbers_text(*numbers: float) -> bytes:
    """Numbers separated by spaces, as in a rectangle or a matrix."""
    return " ".join(map(number_text, numbers)).encode("ascii")


def string_text(text: str) -> bytes:
    """A text string (clause 7.9.2.2), escaped."""
    written: bytes = pikepdf.String(text).unparse()
    return written


def date_text(moment: datetime) -> bytes:
    """A date string in Việt Nam time (clause 7.9.4)."""
    return f"(D:{moment.astimezone(VIETNAM):%Y%m%d%H%M%S}+07'00')".encode("ascii")
