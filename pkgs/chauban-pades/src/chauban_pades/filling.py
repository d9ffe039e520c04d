"""The reserved text fields: their grammar, and the one appearance that a value may have.

A general validator accepts a field whose value is 15 and whose appearance shows 99999. Ours
accepts a filled field only if its appearance is, byte for byte, what `field_appearance`
makes of its value.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pikepdf

from . import fonts
from .dictionaries import Dictionary, parse_numbers, parse_string
from .errors import FieldAlreadyFilled, FieldNotReserved, ValueNotFitting
from .increments import Increment, stream
from .numbers import number_text

UPRIGHT, ITALIC = "ChbDigits", "ChbDigitsItalic"
"""Resource names of the two digit fonts in /DR, /DA and the appearances' resources."""

CENTRED, FLUSH_RIGHT = 1, 2

_GRAMMAR = {
    # PL I II.3: Arabic numerals, below 10 with a 0 before them.
    "number": re.compile(r"0[1-9]|[1-9][0-9]{1,6}"),
    # PL I II.4.b: a 0 before days below 10 and before months 1 and 2; 03 to 09 are seen too.
    "day": re.compile(r"0[1-9]|[12][0-9]|3[01]"),
    "month": re.compile(r"0[1-9]|[3-9]|1[0-2]"),
    "year": re.compile(r"[12][0-9]{3}"),
}
_RULES_VI = {
    "number": "số Ả Rập bắt đầu từ 01, số nhỏ hơn 10 có thêm số 0 phía trước",
    "day": "ngày gồm hai chữ số, từ 01 đến 31",
    "month": "tháng từ 01 đến 12; tháng 1, tháng 2 có thêm số 0 phía trước",
    "year": "năm gồm bốn chữ số",
}
_RULES_EN = {
    "number": "Arabic numerals from 01, below 10 with a leading 0",
    "day": "two digits, 01 to 31",
    "month": "01 to 12; months 1 and 2 with a leading 0",
    "year": "four digits",
}
_ENCODING = (b"/Length", b"/Filter", b"/DecodeParms")
_DEFAULT_APPEARANCE = re.compile(r"/(ChbDigits|ChbDigitsItalic) ([0-9]+(?:\.[0-9]+)?) Tf 0 g")


@dataclass(frozen=True)
class TextBox:
    """Where and how a text field shows its value; lengths in points."""

    font: str
    size: float
    width: float
    height: float
    quadding: int
    """1 centred, 2 flush right (ISO 32000-1 Table 222)."""

    @property
    def default_appearance(self) -> str:
        """The /DA string (ISO 32000-1 clause 12.7.3.3)."""
        return f"/{self.font} {number_text(self.size)} Tf 0 g"


def text_box(field: str, *, width: float, height: float) -> TextBox:
    """The box of a reserved text field: as high as one line of its text.

    So the template sets the size by the height. The number stands flush right, against the
    slash of the symbol (PL I II.3.c).
    """
    size = round(height * 1000 / fonts.LINE, 1)
    quadding = FLUSH_RIGHT if field == "number" else CENTRED
    return TextBox(font_of(field), size, width, height, quadding)


def font_of(field: str) -> str:
    """The font of a reserved text field, by resource name (PL I II.3.c, II.4.c)."""
    return UPRIGHT if field == "number" else ITALIC


def parse_text_box(widget: pikepdf.Object) -> TextBox | None:
    """The box of a text field as it stands in a document; None unless it is one of ours."""
    try:
        rect = [float(each) for each in widget["/Rect"]]
        return _text_box(str(widget["/DA"]), rect, int(widget["/Q"]))
    except (KeyError, TypeError, ValueError):
        return None


def _text_box(appearance: str, rect: Sequence[float], quadding: int) -> TextBox | None:
    left, bottom, right, top = rect
    found = _DEFAULT_APPEARANCE.fullmatch(appearance)
    if found is None or quadding not in (CENTRED, FLUSH_RIGHT):
        return None
    width, height = round(right - left, 3), round(top - bottom, 3)
    return TextBox(found[1], float(found[2]), width, height, quadding)


def is_in_grammar(field: str, value: str) -> bool:
    """Whether a value may stand in that text field."""
    grammar = _GRAMMAR.get(field)
    return grammar is not None and grammar.fullmatch(value) is not None


def fits(value: str, box: TextBox) -> bool:
    """Whether the digits are no wider than their box."""
    return len(value) * fonts.DIGIT_WIDTH / 1000 * box.size <= box.width


def field_appearance(value: str, box: TextBox) -> bytes:
    """The content stream of the appearance of a filled text field."""
    spare = box.width - len(value) * fonts.DIGIT_WIDTH / 1000 * box.size
    left = spare / 2 if box.quadding == CENTRED else spare
    baseline = (box.height - box.size * fonts.LINE / 1000) / 2 + box.size * fonts.DESCENT / 1000
    return (
        f"/Tx BMC q BT /{box.font} {number_text(box.size)} Tf 0 g "
        f"{number_text(left)} {number_text(baseline)} Td ({value}) Tj ET Q EMC"
    ).encode("ascii")


def require_values(values: Mapping[str, str]) -> None:
    """Check each value against its field's grammar, and the date as a whole.

    Raises:
        ValueNotFitting: a value breaks the grammar, or the date is not in the calendar.
    """
    for field, value in values.items():
        if not is_in_grammar(field, value):
            raise ValueNotFitting(
                field, value, detail_vi=_RULES_VI[field], detail_en=_RULES_EN[field]
            )
    if values.keys() >= {"day", "month", "year"}:
        day, month, year = values["day"], values["month"], values["year"]
        try:
            date(int(year), int(month), int(day))
        except ValueError:
            raise ValueNotFitting(
                "day",
                f"{day}/{month}/{year}",
                detail_vi="ngày này không có trong lịch",
                detail_en="there is no such day",
            ) from None


def require_fits(field: str, value: str, box: TextBox) -> None:
    """Check that a value is not wider than its box.

    Raises:
        ValueNotFitting: it is.
    """
    if not fits(value, box):
        raise ValueNotFitting(
            field,
            value,
            detail_vi="rộng hơn ô đặt trước; hãy dùng mẫu có ô rộng hơn",
            detail_en="it is wider than its box; use a template with a wider one",
        )


def fill(increment: Increment, fields: Mapping[str, Dictionary], values: Mapping[str, str]) -> None:
    """Add the values and their appearances to a revision; boxes and fonts stay as reserved.

    Raises:
        FieldNotReserved: a value has no reserved text field.
        FieldAlreadyFilled: the field has its value.
        ValueNotFitting: a value breaks its grammar or is too wide for its box.
    """
    for name in values:
        if name not in _GRAMMAR or name not in fields:
            raise FieldNotReserved(name)
        if b"/V" in fields[name]:
            raise FieldAlreadyFilled(name)
    require_values(values)
    original = increment.original
    for name, value in values.items():
        widget = fields[name]
        box = reserved_box(widget)
        if box is None:
            raise FieldNotReserved(name)
        require_fits(name, value, box)
        filled = widget.text({b"/V": f"({value})".encode("ascii")})
        increment.replace(widget.reference, filled)
        empty = original.dictionary(original.dictionary(widget[b"/AP"])[b"/N"])
        increment.replace(empty.reference, _filled_form(empty, field_appearance(value, box)))


def reserved_box(widget: Dictionary) -> TextBox | None:
    """As `parse_text_box`, of a field that is about to be filled."""
    try:
        appearance, quadding = parse_string(widget[b"/DA"]), int(widget[b"/Q"])
        return _text_box(appearance, parse_numbers(widget[b"/Rect"]), quadding)
    except (KeyError, ValueError):
        return None


def _filled_form(empty: Dictionary, content: bytes) -> bytes:
    """The reserved appearance with content in place of nothing, its other entries unchanged."""
    entries = (key + b" " + value for key, value in empty.entries.items() if key not in _ENCODING)
    return stream(b" ".join(entries), content)
