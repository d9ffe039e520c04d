"""Names of the reserved fields and what a person is told about each."""

import re
from collections.abc import Container
from dataclasses import dataclass
from itertools import count

TEXT_FIELDS = ("number", "day", "month", "year")
"""The text fields, in the order in which a document shows them."""

ATTACHMENT_SEAL = "attachment-seal"
"""The agency's signature on an attachment in a file of its own (PL I II.8.b)."""

DOCUMENT_TIMESTAMP = "document-timestamp"
"""A time-stamp over the whole document; it is not reserved and shows nothing."""

_SIGNATURE_FIELD = re.compile(r"(signatory|seal)-([1-9][0-9]?)\Z")
_ATTACHMENT_FIELD = re.compile(ATTACHMENT_SEAL + r"(-[1-9][0-9]{0,3})?\Z")
_TOOLTIPS = {
    "number": "Số của văn bản",
    "day": "Ngày ban hành",
    "month": "Tháng ban hành",
    "year": "Năm ban hành",
}


@dataclass(frozen=True)
class SignatureName:
    """A reserved signature field: whose it is, and which one, counted from 1."""

    is_seal: bool
    index: int

    def __str__(self) -> str:
        return f"{'seal' if self.is_seal else 'signatory'}-{self.index}"


def signature_name(field: str) -> SignatureName | None:
    """The parts of ``signatory-1`` or ``seal-1``; None for any other name."""
    found = _SIGNATURE_FIELD.match(field)
    return SignatureName(found[1] == "seal", int(found[2])) if found else None


def is_reserved(field: str) -> bool:
    """Whether this package makes fields of that name."""
    return (
        field in TEXT_FIELDS
        or signature_name(field) is not None
        or _ATTACHMENT_FIELD.match(field) is not None
    )


def signing_order(fields: frozenset[str]) -> list[str]:
    """The signature fields among the names, in the order of signing: signatories, then seals.

    The leader signs before the document is numbered and sealed (Nghị định 30/2020/NĐ-CP
    Điều 13 to 15).
    """
    names = [name for name in map(signature_name, fields) if name is not None]
    return [str(name) for name in sorted(names, key=lambda each: (each.is_seal, each.index))]


def free_name(name: str, taken: Container[str]) -> str:
    """The name, with a number from 2 behind it where it is taken."""
    if name not in taken:
        return name
    return next(each for number in count(2) if (each := f"{name}-{number}") not in taken)


def tooltip(field: str) -> str:
    """What assistive technology reads out for the field (ISO 32000-1 Table 220, /TU)."""
    name = signature_name(field)
    if name is None:
        return _TOOLTIPS.get(field, "Chữ ký số của cơ quan, tổ chức trên tài liệu kèm theo")
    holder = "cơ quan, tổ chức" if name.is_seal else "người có thẩm quyền"
    return f"Chữ ký số của {holder} ({name.index})"
