"""Number and symbol of a document (số, ký hiệu): `Số: 05/QĐ-UBND` (Điều 15, PL I II.3).

Symbols are compared as exact Unicode NFC strings: `QyĐ` is not `QĐ`, and none is ever
upper-cased.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import Enum

from chauban_docform.errors import (
    CodeMalformed,
    NotationDoesNotFit,
    NumberOutOfRange,
    SymbolMalformed,
)
from chauban_docform.kinds import CopyKind, Kind

STATE_CODE = re.compile(r"(?P<number>[0-9]{1,11})/(?P<notation>[^\s/]+(?:/[^\s/]+)*)")
PARTY_CODE = re.compile(r"(?P<number>[0-9]{1,11})-(?P<notation>[^\s/-]+/[^\s/]+)")


class CodeForm(Enum):
    """Who writes number and symbol in this way; the value is the sign between the two."""

    STATE = "/"
    PARTY = "-"


@dataclass(frozen=True)
class Code:
    """Number and symbol, read from one line; `number` may have been written with leading zeros."""

    number: int
    notation: str
    form: CodeForm

    def __str__(self) -> str:
        return f"{number_text(self.number)}{self.form.value}{self.notation}"


def notation(kind: Kind | CopyKind, body_symbol: str, unit_symbol: str | None = None) -> str:
    """Return the symbol of a document: `QĐ-UBND`, and for a công văn `UBND-VX` (PL I II.3.b).

    `unit_symbol` is the drafting unit's or field's; only kinds without an abbreviation show it.

    Raises:
        SymbolMalformed: a part is empty or holds a space or one of the separators.
    """
    parts = [kind.abbreviation, body_symbol] if kind.abbreviation else [body_symbol]
    if not kind.abbreviation and unit_symbol is not None:
        parts.append(unit_symbol)
    return "-".join(required_symbol(part) for part in parts)


def required_symbol(symbol: str) -> str:
    symbol = unicodedata.normalize("NFC", symbol)
    if not symbol or re.search(r"[\s/-]", symbol):
        raise SymbolMalformed(symbol)
    return symbol


def number_text(number: int) -> str:
    """Return a number as written: Arabic digits, with a leading 0 below 10 (PL I II.3.a).

    Raises:
        NumberOutOfRange: below 1.
    """
    if number < 1:
        raise NumberOutOfRange(number)
    return f"{number:02}"


def code_line(number: int, notation: str) -> str:
    """Return `05/QĐ-UBND`."""
    return str(Code(number, unicodedata.normalize("NFC", notation), CodeForm.STATE))


def date_texts(day: date) -> dict[str, str]:
    """Return the texts of the fields day, month, year: days below 10, months 1 and 2 padded.

    PL I II.4.b.
    """
    month = f"{day.month:02}" if day.month <= 2 else str(day.month)
    return {"day": f"{day.day:02}", "month": month, "year": str(day.year)}


def parse_code(text: str) -> Code:
    """Return the number and symbol written in text: `05/QĐ-UBND`, or the Party's `01-NQ/TU`.

    `Số:` in front is dropped, and so is space around the separators.

    Raises:
        CodeMalformed: text is neither.
    """
    line = re.sub(r"\s*([/-])\s*", r"\1", unicodedata.normalize("NFC", text).strip())
    line = line.removeprefix("Số:").removeprefix("Số").strip()
    for pattern, form in ((STATE_CODE, CodeForm.STATE), (PARTY_CODE, CodeForm.PARTY)):
        match = pattern.fullmatch(line)
        if match and int(match["number"]) > 0:
            return Code(int(match["number"]), match["notation"], form)
    raise CodeMalformed(text)


def is_same_notation(first: str, second: str) -> bool:
    """Tell whether two symbols are the same: exact in case and accents, after NFC."""
    return unicodedata.normalize("NFC", first) == unicodedata.normalize("NFC", second)


def require_notation_fits(
    notation_text: str, kind: Kind, body_symbol: str, unit_symbols: tuple[str, ...] | None = None
) -> None:
    """Require a symbol that this body writes on this kind of document (PL I II.3.b).

    `unit_symbols` are the abbreviations its head has fixed for drafting units and fields; None
    allows any on a công văn.

    Raises:
        NotationDoesNotFit: with the symbol expected.
    """
    plain = notation(kind, body_symbol)
    fits = is_same_notation(notation_text, plain)
    if not fits and not kind.abbreviation:
        head, _, unit = unicodedata.normalize("NFC", notation_text).rpartition("-")
        known = unit_symbols is None or any(is_same_notation(unit, it) for it in unit_symbols)
        fits = head == plain and bool(unit) and not re.search(r"[\s/-]", unit) and known
    if not fits:
        expected = plain if kind.abbreviation else f"{plain}-…"
        raise NotationDoesNotFit(
            notation_text, expected=expected, kind_name=kind.name, body_symbol=body_symbol
        )
