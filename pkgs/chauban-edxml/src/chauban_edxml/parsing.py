"""XML bytes as a small tree, within limits and without anything that a DTD could bring.

Expat runs without its own namespace processing, so that the one tolerated repair (a prefix
`edXML` or `xlink` used where it is not declared) is made in the same pass and flagged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from chauban_edxml.errors import (
    HasDTD,
    JunkBeforeDeclaration,
    Malformed,
    TooLarge,
)

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_XML = "http://www.w3.org/XML/1998/namespace"
_REPAIRABLE = {"edXML": NAMESPACE, "xlink": "http://www.w3.org/1999/xlink"}
_MOST_PREFIXES = 64
_LONGEST_MARKUP = 1 << 20
_PIECE = 1 << 16
_LEADING = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*")


@dataclass(frozen=True)
class Limits:
    """What a message may cost. unpacked_bytes counts all files taken out of archives."""

    size_bytes: int = 50 * 1024 * 1024
    depth: int = 32
    elements: int = 50_000
    attachments: int = 200
    unpacked_bytes: int = 200 * 1024 * 1024


DEFAULT = Limits()


@dataclass(slots=True)
class Element:
    """An element with its local name; chunks are its own text, kept only where it is a leaf."""

    name: str
    namespace: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    chunks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Parsed:
    root: Element
    undeclared_prefixes: tuple[str, ...]
    declared_encoding: str


def parse(data: bytes, limits: Limits) -> Parsed:
    """Return the tree of data.

    Raises:
        TooLarge, JunkBeforeDeclaration, HasDTD, Malformed
    """
    if len(data) > limits.size_bytes:
        raise TooLarge("size in bytes", limited_to=limits.size_bytes)
    start = _require_markup_first(data)
    builder = _Builder(limits)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.XmlDeclHandler = builder.declaration
    try:
        _feed(parser, memoryview(data)[start:])
    except expat.ExpatError as reason:
        raise Malformed(
            expat.ErrorString(reason.code), line=reason.lineno, column=reason.offset + 1
        ) from reason
    except _BadName as reason:
        raise Malformed(
            str(reason), line=parser.CurrentLineNumber, column=parser.CurrentColumnNumber + 1
        ) from reason
    return builder.parsed()


def _feed(parser: expat.XMLParserType, data: memoryview) -> None:
    """Parse data in pieces, so that a tag or comment without end is noticed before its end."""
    for at in range(0, len(data), _PIECE):
        parser.Parse(data[at : at + _PIECE], False)
        if at - parser.CurrentByteIndex > _LONGEST_MARKUP:
            raise TooLarge("length of a tag", limited_to=_LONGEST_MARKUP)
    parser.Parse(b"", True)


def _require_markup_first(data: bytes) -> int:
    """Return where the first `<` stands, after a byte order mark and white space."""
    match = _LEADING.match(data)
    start = match.end() if match else 0
    if start == len(data):
        raise Malformed("no element found", line=1, column=1)
    if data[start : start + 1] != b"<":
        junk = data[start : start + 40].split(b"<")[0]
        raise JunkBeforeDeclaration(junk.decode("utf-8", "backslashreplace"))
    return start


class _BadName(Exception):
    pass


class _Builder:
    """Expat's handlers: one stack of open elements, one of namespace scopes."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.count = 0
        self.top = Element("", "", {})
        self.open = [self.top]
        self.scopes: list[Mapping[str, str]] = [{"xml": _XML, "": ""}]
        self.undeclared: dict[str, None] = {}
        self.encoding = ""

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        self.encoding = encoding or ""

    def doctype(self, *_: object) -> None:
        raise HasDTD

    def start(self, qname: str, attributes: dict[str, str]) -> None:
        self.count += 1 + len(attributes)
        if self.count > self.limits.elements:
            raise TooLarge("elements", limited_to=self.limits.elements)
        if len(self.open) > self.limits.depth:
            raise TooLarge("depth", limited_to=self.limits.depth)
        scope = self.scopes[-1]
        if attributes:
            scope, attributes = self._declare(scope, attributes)
        self.scopes.append(scope)
        namespace, name = self._resolve(qname, scope)
        element = Element(name, namespace, attributes)
        self.open[-1].children.append(element)
        self.open.append(element)

    def end(self, qname: str) -> None:
        element = self.open.pop()
        self.scopes.pop()
        if element.children:
            element.chunks.clear()

    def text(self, data: str) -> None:
        self.open[-1].chunks.append(data)

    def parsed(self) -> Parsed:
        return Parsed(self.top.children[0], tuple(self.undeclared), self.encoding)

    def _declare(
        self, scope: Mapping[str, str], attributes: dict[str, str]
    ) -> tuple[Mapping[str, str], dict[str, str]]:
        """Return the scope with this element's declarations, and its other attributes."""
        declared: dict[str, str] = {}
        others: dict[str, str] = {}
        for qname, value in attributes.items():
            prefix, colon, local = qname.partition(":")
            if qname == "xmlns":
                declared[""] = value
            elif prefix == "xmlns" and colon:
                if not value or not local:
                    raise _BadName(f"empty namespace declaration {qname}")
                declared[local] = value
            else:
                others[qname] = value
        if declared:
            scope = {**scope, **declared}
            # Each scope is copied into those inside it: without a bound, quadratic.
            if len(scope) > _MOST_PREFIXES:
                raise TooLarge("namespaces", limited_to=_MOST_PREFIXES)
        for qname in others:
            if ":" in qname:
                self._resolve(qname, scope)
        return scope, others

    def _resolve(self, qname: str, scope: Mapping[str, str]) -> tuple[str, str]:
        prefix, colon, local = qname.partition(":")
        if not colon:
            return scope[""], qname
        if not prefix or not local or ":" in local:
            raise _BadName(f"not a qualified name: {qname}")
        if prefix in scope:
            return scope[prefix], local
        if prefix in _REPAIRABLE:
            self.undeclared[prefix] = None
            return _REPAIRABLE[prefix], local
        raise _BadName(f"undeclared prefix {prefix}")
