"""Whether a reserved text field shows its value and nothing else (reserved-fields.md section 5).

A field whose value is 15 while its appearance shows 99999 passes general validators. Here the
value must fit its grammar and the appearance must be what the writing side would have made.
"""

from __future__ import annotations

from typing import Any

import pikepdf

from .filling import TextBox, field_appearance, fits, is_in_grammar, parse_text_box
from .names import TEXT_FIELDS
from .pages import four_numbers
from .views import Field, View

_APPEARANCE_KEYS = {"/Type", "/Subtype", "/BBox", "/Resources", "/Length", "/FormType"}
_HALF_A_THOUSANDTH = 0.0005


def text_fields(view: View) -> dict[str, Field]:
    """The reserved text fields of a view, by name, in the order of the document."""
    found = view.fields
    return {
        name: found[name] for name in TEXT_FIELDS if name in found and found[name].kind == "/Tx"
    }


def is_empty(field: Field) -> bool:
    """Whether a text field has no value yet."""
    return not field.has_value or str(field.value) == ""


def fault_of_filled(view: View, field: Field) -> str | None:
    """The code of what is wrong with a filled text field, None when it shows its value.

    `value-invalid`: the value breaks the grammar of number, day, month or year (Phụ lục I
    mục II.3, II.4). `appearance-differs`: what is shown is not byte for byte that value's.
    """
    value = field.value
    if not isinstance(value, pikepdf.String) or not is_in_grammar(field.name, str(value)):
        return "value-invalid"
    box = parse_text_box(field.dictionary)
    if box is None or not fits(str(value), box):
        return "appearance-differs"
    appearance = field.dictionary.get("/AP")
    if not isinstance(appearance, pikepdf.Dictionary) or set(appearance.keys()) != {"/N"}:
        return "appearance-differs"
    shown = appearance["/N"]
    if not isinstance(shown, pikepdf.Stream) or not _is_plain_form(view, shown, box):
        return "appearance-differs"
    if bytes(shown.read_raw_bytes()) != field_appearance(str(value), box):
        return "appearance-differs"
    return None


def _is_plain_form(view: View, form: pikepdf.Stream, box: TextBox) -> bool:
    """A form of the field's size, with the form's digit font and no filter or matrix."""
    entries = form.stream_dict
    return (
        set(entries.keys()) <= _APPEARANCE_KEYS
        and entries.get("/Subtype") == "/Form"
        and _is_box(entries.get("/BBox"), box)
        and _font_is_the_forms(view, entries.get("/Resources"), box.font)
    )


def _is_box(given: Any, box: TextBox) -> bool:
    wanted = (0.0, 0.0, box.width, box.height)
    found = four_numbers(given)
    return found is not None and all(
        abs(is_ - should) <= _HALF_A_THOUSANDTH for is_, should in zip(found, wanted, strict=True)
    )


def _font_is_the_forms(view: View, resources: Any, font: str) -> bool:
    try:
        own = resources["/Font"]
        forms = view.pdf.Root["/AcroForm"]["/DR"]["/Font"]
        return (
            set(resources.keys()) == {"/Font"}
            and set(own.keys()) == {f"/{font}"}
            and own[f"/{font}"].objgen == forms[f"/{font}"].objgen != (0, 0)
        )
    except (KeyError, TypeError, AttributeError):
        return False
