"""Taking values out of an element: any order, any dialect, and nothing lost unnoticed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from chauban_edxml.findings import Finding
from chauban_edxml.model import Extra
from chauban_edxml.parsing import NAMESPACE, Element
from chauban_edxml.values import (
    clean_text,
    is_canonical_date,
    is_canonical_moment,
    parse_date,
    parse_moment,
)

V1_NAMESPACE = "http://www.e-doc.vn/Schema/"
SOAP_NAMESPACE = "http://schemas.xmlsoap.org/soap/envelope/"
ACCEPTED_NAMESPACES = (NAMESPACE, V1_NAMESPACE, "")
# A provincial system binds the prefix of all its elements to the namespace of SOAP.
_READ_NAMESPACES = (*ACCEPTED_NAMESPACES, SOAP_NAMESPACE)
# What a dialect puts on its elements, of no meaning to the document.
_DIALECT_ATTRIBUTES = {
    "edXMLManifest": ("version",),
    "Manifest": ("version",),
    "TraceHeaderList": ("id", "version", "mustUnderstand", "actor"),
    "Reference": ("href", "role", "type"),
    "MessageHeader": ("OriginalBodyRequested", "ImmediateResponseRequired"),
    "OrganId": ("type",),
    "Description": ("lang",),
    "Envelope": ("schemaLocation",),
}
_OLDER_NAMES = {
    "OrganInCharge": "OrganizationInCharge",
    "TimeStamp": "Timestamp",
    "Author": "SignerInfo",
    "Function": "Position",
    "Date": "PromulgationDate",
    "Manifest": "edXMLManifest",
}
_NUMBER = re.compile(r"[0-9]{1,9}")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_Value = TypeVar("_Value")


@dataclass
class Notes:
    """What reading met on the way.

    findings concern the clerk, repairs the programmer on the other side; extra is what the model
    does not know.
    """

    findings: list[Finding] = field(default_factory=list)
    repairs: list[Finding] = field(default_factory=list)
    extra: list[Extra] = field(default_factory=list)

    def remark(self, code: str, path: str, raw: str = "") -> None:
        self.findings.append(Finding(code, path, raw))

    def repaired(self, code: str, path: str, raw: str = "") -> None:
        self.repairs.append(Finding(code, path, raw))

    def keep(self, element: Element, path: str) -> None:
        """Keep element, with all in it, as extra."""
        self.extra.append(extra_of(element, path))

    def keep_attributes(self, element: Element, path: str) -> None:
        """Keep the attributes of a known element, but for those that only mark its dialect."""
        known = _DIALECT_ATTRIBUTES.get(element.name, ())
        for name, value in element.attributes.items():
            if name.rpartition("}")[2] not in known:
                self.extra.append(Extra(f"{path}@{name}", value, ""))


def extra_of(element: Element, path: str) -> Extra:
    """Return element, with all in it, as a value."""
    return Extra(
        path,
        element.text,
        element.namespace,
        tuple(element.attributes.items()),
        tuple(extra_of(child, child.name) for child in element.children),
    )


def ordered(extra: Iterable[Extra]) -> tuple[Extra, ...]:
    """Return extra by the place it stands in and by name; those of one name keep their order."""

    def place(each: Extra) -> tuple[str, bool, str]:
        parent, _, name = each.path.partition("@")[0].rpartition("/")
        return parent, each.namespace not in _READ_NAMESPACES, name.partition("[")[0]

    return tuple(sorted(extra, key=place))


class Block:
    """An element whose children are asked for by name; what is never asked for is extra.

    Older and mended spellings (`Business…` for the misspelt `Bussiness…`) count as the wire's
    own and are noted as repairs. Paths tell the second of its name as `To[2]`.
    """

    def __init__(self, element: Element | None, path: str, notes: Notes) -> None:
        self.element, self.path, self.notes = element, path, notes
        self._left: dict[str, list[Element]] = {}
        self._foreign: list[Element] = []
        if element is None:
            return
        if element.attributes:
            notes.keep_attributes(element, path)
        for child in element.children:
            if child.namespace in _READ_NAMESPACES:
                self._left.setdefault(self._wire_name(child.name), []).append(child)
            else:
                self._foreign.append(child)

    def has(self, name: str) -> bool:
        return name in self._left

    def require(self) -> Element:
        """Return the element of a block that is known to be there."""
        assert self.element is not None
        return self.element

    def remark(self, code: str, name: str, raw: str = "") -> None:
        self.notes.remark(code, self._at(name), raw)

    def repaired(self, code: str, name: str, raw: str = "") -> None:
        self.notes.repaired(code, self._at(name), raw)

    def own_text(self) -> str:
        return clean_text(self.element.text) if self.element else ""

    def text(self, name: str) -> str:
        element = self._only(name)
        if element is None:
            return ""
        path = self._at(name)
        for child in element.children:
            self.notes.keep(child, f"{path}/{child.name}")
        self.notes.keep_attributes(element, path)
        return clean_text(element.text)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the text of each child of that name that is not empty."""
        blocks = list(self.blocks(name))
        for block in blocks:
            block.leave()
        return tuple(text for block in blocks if (text := block.own_text()))

    def date(self, name: str) -> date | None:
        return self._parsed(name, parse_date, is_canonical_date)

    def moment(self, name: str) -> datetime | None:
        return self._parsed(name, parse_moment, is_canonical_moment)

    def number(self, name: str, default: int | None = None) -> int | None:
        text = self.text(name)
        if _NUMBER.fullmatch(text):
            return int(text)
        if text:
            self.notes.remark("bad-number", self._at(name), text)
        return default

    def flag(self, name: str) -> bool:
        text = self.text(name)
        if text and text.lower() not in _FLAGS:
            self.notes.remark("bad-flag", self._at(name), text)
        return _FLAGS.get(text.lower(), False)

    def block(self, name: str, *, path: str = "") -> Block:
        """Return the child of that name, which goes by path where it has another place here."""
        return Block(self._only(name), path or self._at(name), self.notes)

    def blocks(self, name: str, *, even_empty: bool = False) -> Iterator[Block]:
        """Yield the children of that name; those with nothing in them count as absent."""
        elements = self._left.pop(name, ())
        there = [each for each in elements if even_empty or not each.is_empty()]
        for number, element in enumerate(there, start=1):
            yield Block(element, numbered(self._at(name), number), self.notes)

    def opaque(self, name: str) -> tuple[Extra, ...]:
        """Return the children of that name as they are."""
        return tuple(extra_of(each, self._at(name)) for each in self._left.pop(name, ()))

    def leave(self) -> None:
        """Keep the children that nobody asked for."""
        for name, elements in self._left.items():
            for number, element in enumerate(elements, start=1):
                self.notes.keep(element, numbered(self._at(name), number))
        for element in self._foreign:
            self.notes.keep(element, self._at(element.name))
        self._left, self._foreign = {}, []

    def _at(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name

    def _wire_name(self, name: str) -> str:
        wire_name = _OLDER_NAMES.get(name, name)
        if name.startswith("Business"):
            wire_name = f"Bussiness{name[8:]}"
        if wire_name != name:
            self.repaired("older-name", wire_name, name)
        return wire_name

    def _only(self, name: str) -> Element | None:
        elements = self._left.pop(name, None)
        if not elements:
            return None
        if len(elements) > 1:
            self.notes.remark("repeated", self._at(name))
            for number, element in enumerate(elements[1:], start=2):
                self.notes.keep(element, numbered(self._at(name), number))
        return elements[0]

    def _parsed(
        self,
        name: str,
        parse: Callable[[str], _Value | None],
        is_canonical: Callable[[str], bool],
    ) -> _Value | None:
        text = self.text(name)
        try:
            value = parse(text)
        except ValueError:
            self.notes.remark("bad-date", self._at(name), text)
            return None
        if text and not is_canonical(text):
            self.notes.repaired("date-form", self._at(name), text)
        return value


def numbered(path: str, number: int) -> str:
    """Return path for the first of a name, `path[2]` for the second."""
    return path if number == 1 else f"{path}[{number}]"
