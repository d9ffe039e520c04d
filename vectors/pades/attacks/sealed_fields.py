"""What the sealing agency itself may not write: values and what they show."""

from __future__ import annotations

from .declaring import Workshop, attack


def _filled_as_usual(shop: Workshop) -> bytes:
    return shop.keep(shop.seal_with(shop.sign(shop.reserved), {}))


@attack("own", "altered", "appearance-differs", twin=_filled_as_usual)
def appearance_differs_from_value(shop: Workshop) -> bytes:
    """Value 15, appearance 99999: general validators pass it (reserved-fields.md section 5)."""
    return shop.keep(shop.seal_with(shop.sign(shop.reserved), {"number": ("15", "99999")}))


@attack("own", "altered", "value-invalid", twin=_filled_as_usual)
def value_against_its_grammar(shop: Workshop) -> bytes:
    return shop.keep(shop.seal_with(shop.sign(shop.reserved), {"number": ("5", "5")}))


@attack("own", "invalid", "field-empty", twin=_filled_as_usual)
def partly_filled_date(shop: Workshop) -> bytes:
    return shop.keep(shop.seal_with(shop.sign(shop.reserved), {"month": ("", "")}))
