"""Taking values out of an element: any order, any dialect, and nothing lost unnoticed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from chauban_edxml.findings import Finding
from chauban_edxml.model import Extra
from chauban_edxml.parsing import NAMESPACE, Element
from chauban_edxml.values import clean_text, parse_date, parse_moment

ACCEPTED_NAMESPACES = (NAMESPACE, "http://www.e-doc.vn/Schema/", "")
_NUMBER = re.compile(r"[0-9]{1,9}")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_LONGEST_EXTRA = 4000
_Value = TypeVar("_Value")


@dataclass
class Notes:
    """What reading met on the way: remarks, and elements that the model does not know."""

    findings: list[Finding] = field(default_factory=list)
    extra: list[Extra] = field(default_factory=list)

    def remark(self, code: str, path: str, raw: str = "") -> None:
        self.findings.append(Finding(code, path, raw))

    def keep(self, element: Element, path: str) -> None:
        """Keep element, with all in it, as extra."""
        for qname, value in element.attributes.items():
            self.extra.append(Extra(f"{path}@{qname}", value[:_LONGEST_EXTRA]))
        for child in element.children:
            self.keep(child, f"{path}/{child.name}")
        text = "".join(element.chunks).strip()
        if text or not (element.children or element.attributes):
            self.extra.append(Extra(path, text[:_LONGEST_EXTRA]))


class Block:
    """An element whose children are asked for by name; what is never asked for is extra.

    `Business…`, which some write for the misspelt `Bussiness…`, counts as the latter.
    """

    def __init__(self, element: Element | None, path: str, notes: Notes) -> None:
        self.element, self.path, self.notes = element, path, notes
        self._left: dict[str, list[Element]] = {}
        self._foreign: list[Element] = []
        for child in element.children if element else ():
            if child.namespace in ACCEPTED_NAMESPACES:
                self._left.setdefault(_wire_name(child.name), []).append(child)
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

    def own_text(self) -> str:
        return clean_text("".join(self.element.chunks)) if self.element else ""

    def text(self, name: str) -> str:
        element = self._only(name)
        if element is None:
            return ""
        if element.children:
            self.notes.keep(element, self._at(name))
        return clean_text("".join(element.chunks))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the text of each child of that name that is not empty."""
        texts = (clean_text("".join(child.chunks)) for child in self._left.pop(name, ()))
        return tuple(text for text in texts if text)

    def date(self, name: str) -> date | None:
        return self._parsed(name, parse_date)

    def moment(self, name: str) -> datetime | None:
        return self._parsed(name, parse_moment)

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

    def block(self, name: str) -> Block:
        return Block(self._only(name), self._at(name), self.notes)

    def blocks(self, name: str) -> Iterator[Block]:
        for element in self._left.pop(name, ()):
            yield Block(element, self._at(name), self.notes)

    def leave(self) -> None:
        """Keep the children that nobody asked for."""
        for name, elements in self._left.items():
            for element in elements:
                self.notes.keep(element, self._at(name))
        for element in self._foreign:
            self.notes.keep(element, self._at(element.name))

    def _at(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name

    def _only(self, name: str) -> Element | None:
        elements = self._left.pop(name, None)
        if not elements:
            return None
        if len(elements) > 1:
            self.notes.remark("repeated", self._at(name))
            for element in elements[1:]:
                self.notes.keep(element, self._at(name))
        return elements[0]

    def _parsed(self, name: str, parse: Callable[[str], _Value | None]) -> _Value | None:
        text = self.text(name)
        try:
            return parse(text)
        except ValueError:
            self.notes.remark("bad-date", self._at(name), text)
            return None


def _wire_name(name: str) -> str:
    return f"Bussiness{name[8:]}" if name.startswith("Business") else name
