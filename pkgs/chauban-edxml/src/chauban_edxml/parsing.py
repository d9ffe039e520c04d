"""XML as a small tree, built piece by piece, within limits and without what a DTD could bring.

Expat runs without its own namespace processing, so that the one tolerated repair (a prefix
`edXML` or `xlink` used where it is not declared) is made in the same pass and flagged. The base64
text of files is not kept: the tree tells where in the source it stands. A mark of secrecy is
noticed when its element ends, so before anything that follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat

from chauban_edxml.errors import (
    HasDTD,
    JunkBeforeDeclaration,
    Malformed,
    SecretMarking,
    TooLarge,
)
from chauban_edxml.secrecy import is_mark_name, is_secret

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
PAYLOAD = "ContentTransferEncoded"
_XML = "http://www.w3.org/XML/1998/namespace"
_REPAIRABLE = {"edXML": NAMESPACE, "xlink": "http://www.w3.org/1999/xlink"}
_COUNTED = ("Attachment", "Reference")
_MOST_PREFIXES = 64
_MOST_LEADING = 1 << 16
_LONGEST_MARKUP = 1 << 20
_LONGEST_NAME = 100
_PIECE = 1 << 16
_TAG = 1024  # bytes of a start tag that are not counted as its file's
_LEADING = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*")
_NO_ATTRIBUTES: dict[str, str] = {}


@dataclass(frozen=True)
class Limits:
    """What a message may cost.

    attachment_bytes counts one file as it is carried, header_bytes all outside the base64 text of
    files, elements also their attributes, unpacked_bytes all files taken out of archives.
    """

    size_bytes: int = 50 * 1024 * 1024
    attachment_bytes: int = 50 * 1024 * 1024
    header_bytes: int = 4 * 1024 * 1024
    depth: int = 32
    elements: int = 20_000
    attachments: int = 200
    unpacked_bytes: int = 200 * 1024 * 1024


DEFAULT = Limits()


class Span(NamedTuple):
    """Where in the source an element's start tag and its end tag begin, in bytes."""

    tag_at: int
    end_at: int


@dataclass(slots=True)
class Element:
    """An element by its local name; attributes of a namespace go by `{namespace}name`.

    text is its own, trimmed. payload is set for the base64 text of a file, which is not in text.
    """

    name: str
    namespace: str
    attributes: Mapping[str, str] = field(default_factory=lambda: _NO_ATTRIBUTES)
    children: list[Element] = field(default_factory=list)
    text: str = ""
    payload: Span | None = None

    def child(self, name: str) -> Element | None:
        """Return the first child of that name."""
        return next((child for child in self.children if child.name == name), None)

    def is_empty(self) -> bool:
        """Tell whether there is neither text nor attribute in it."""
        return not (self.text or self.attributes or self.payload) and all(
            child.is_empty() for child in self.children
        )


@dataclass(frozen=True)
class Parsed:
    """header_prefix is that of `MessageHeader` as it stood in the source."""

    root: Element
    undeclared_prefixes: tuple[str, ...]
    declared_encoding: str
    header_prefix: str
    skipped_bytes: int


def parse(data: bytes, limits: Limits) -> Parsed:
    """Return the tree of data.

    Raises:
        TooLarge, JunkBeforeDeclaration, HasDTD, Malformed, SecretMarking
    """
    if len(data) > limits.size_bytes:
        raise TooLarge("size in bytes", limited_to=limits.size_bytes)
    parser = TreeParser(limits)
    parser.feed(data)
    return parser.close()


class TreeParser:
    """Takes the source in pieces of any size and refuses as soon as there is a reason."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._leading = b""
        self._skipped: int | None = None
        self._given = 0
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.buffer_size = _PIECE
        self._builder = _Builder(self._parser, limits)
        self.size_bytes = 0

    @property
    def reached_content(self) -> bool:
        """Whether the base64 text of a file has begun after the header: all of that was checked."""
        return self._builder.reached_payload and self._builder.ended_header

    def feed(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            TooLarge, JunkBeforeDeclaration, HasDTD, Malformed, SecretMarking
        """
        self.size_bytes += len(piece)
        if self.size_bytes > self._limits.size_bytes:
            raise TooLarge("size in bytes", limited_to=self._limits.size_bytes)
        if self._skipped is None:
            self._leading += piece
            self._skipped = _markup_start(self._leading)
            if self._skipped is None:
                return
            piece, self._leading = self._leading[self._skipped :], b""
        view = memoryview(piece)
        for at in range(0, len(view), _PIECE):
            self._parse(view[at : at + _PIECE], is_final=False)

    def close(self) -> Parsed:
        """Return the tree, now that the source is at its end; errors as for `feed`."""
        if self._skipped is None:
            raise Malformed("no element found", line=1, column=1)
        self._parse(b"", is_final=True)
        builder = self._builder
        return Parsed(
            builder.top.children[0],
            tuple(builder.undeclared),
            builder.encoding,
            builder.header_prefix,
            self._skipped,
        )

    def _parse(self, piece: bytes | memoryview, *, is_final: bool) -> None:
        parser = self._parser
        try:
            parser.Parse(piece, is_final)
        except expat.ExpatError as reason:
            raise Malformed(
                expat.ErrorString(reason.code), line=reason.lineno, column=reason.offset + 1
            ) from reason
        except _BadName as reason:
            raise Malformed(
                str(reason), line=parser.CurrentLineNumber, column=parser.CurrentColumnNumber + 1
            ) from reason
        # A tag or comment without end is noticed before its end.
        if self._given - parser.CurrentByteIndex > _LONGEST_MARKUP:
            raise TooLarge("length of a tag", limited_to=_LONGEST_MARKUP)
        self._given += len(piece)
        self._builder.require_small_file(self._given)
        if self._builder.outside_payloads(self._given) > self._limits.header_bytes:
            raise TooLarge("size without files", limited_to=self._limits.header_bytes)


def _markup_start(data: bytes) -> int | None:
    """Return where the first `<` stands, after a byte order mark and white space.

    None means that it may still come.
    """
    if data in (b"\xef", b"\xef\xbb"):
        return None
    match = _LEADING.match(data)
    start = match.end() if match else 0
    if start == len(data):
        if start > _MOST_LEADING:
            raise TooLarge("size without files", limited_to=_MOST_LEADING)
        return None
    if data[start : start + 1] != b"<":
        junk = data[start : start + 40].split(b"<")[0]
        raise JunkBeforeDeclaration(junk.decode("utf-8", "backslashreplace"))
    return start


class _BadName(Exception):
    pass


class _Builder:
    """Expat's handlers: stacks of open elements, their texts, namespaces and marks of secrecy."""

    def __init__(self, parser: expat.XMLParserType, limits: Limits) -> None:
        self.parser, self.limits = parser, limits
        self.count = 0
        self.counted = dict.fromkeys(_COUNTED, 0)
        self.top = Element("", "")
        self.open = [self.top]
        self.chunks: list[list[str]] = [[]]
        self.scopes: list[Mapping[str, str]] = [{"xml": _XML, "": ""}]
        self.marks = [""]
        self.undeclared: dict[str, None] = {}
        self.encoding = ""
        self.header_prefix = ""
        self.payload_at: int | None = None
        self.payload_bytes = 0
        self.reached_payload = False
        self.ended_header = False
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = self.doctype
        parser.XmlDeclHandler = self.declaration

    def outside_payloads(self, given: int) -> int:
        """Return how many of the bytes given to the parser are not text of files."""
        end = given if self.payload_at is None else self.payload_at
        return end - self.payload_bytes

    def require_small_file(self, given: int) -> None:
        """Raises: TooLarge, when the file that is being read exceeds its limit."""
        limit_bytes = self.limits.attachment_bytes
        if self.payload_at is not None and (given - self.payload_at) * 3 // 4 > limit_bytes + _TAG:
            raise TooLarge("size of a file", limited_to=limit_bytes)

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
        own: Mapping[str, str] = _NO_ATTRIBUTES
        if attributes:
            scope, own = self._declare(scope, attributes)
        namespace, name = self._resolve(qname, scope)
        element = Element(name, namespace, own)
        parent = self.open[-1]
        parent.children.append(element)
        self.scopes.append(scope)
        self.open.append(element)
        self.chunks.append([])
        self.marks.append(self.marks[-1] or (name if is_mark_name(name) else ""))
        for attribute, value in own.items():
            local = attribute.rpartition("}")[2]
            self._require_not_secret(self.marks[-1] or local, value, f"@{local}")
        if name in self.counted:
            self.counted[name] += 1
            if self.counted[name] > self.limits.attachments:
                raise TooLarge("attachments", limited_to=self.limits.attachments)
        elif name == "MessageHeader":
            self.header_prefix = qname.rpartition(":")[0]
        elif name == PAYLOAD and parent.name == "Attachment":
            self.payload_at = self.parser.CurrentByteIndex
            self.reached_payload = True
            self.parser.CharacterDataHandler = None

    def end(self, qname: str) -> None:
        element, chunks, mark = self.open[-1], self.chunks.pop(), self.marks.pop()
        if self.payload_at is not None and element.name == PAYLOAD:
            end_at = self.parser.CurrentByteIndex
            self.require_small_file(end_at)
            element.payload = Span(self.payload_at, end_at)
            self.payload_bytes += end_at - self.payload_at
            self.payload_at = None
            self.parser.CharacterDataHandler = self.text
        elif chunks:
            element.text = "".join(chunks).strip()
            self._require_not_secret(mark or element.name, element.text, "")
        if element.name == "edXMLHeader" and element.child("MessageHeader"):
            self.ended_header = True
        self.open.pop()
        self.scopes.pop()

    def text(self, data: str) -> None:
        self.chunks[-1].append(data)

    def _require_not_secret(self, name: str, text: str, suffix: str) -> None:
        if is_secret(name, text):
            path = "/".join(element.name for element in self.open[1:]) + suffix
            raise SecretMarking(path, organ_id=sender_of(self.top) or "?")

    def _declare(
        self, scope: Mapping[str, str], attributes: dict[str, str]
    ) -> tuple[Mapping[str, str], Mapping[str, str]]:
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
        return scope, dict(self._expanded(scope, others)) if others else _NO_ATTRIBUTES

    def _expanded(
        self, scope: Mapping[str, str], attributes: dict[str, str]
    ) -> Iterator[tuple[str, str]]:
        for qname, value in attributes.items():
            if ":" in qname:
                namespace, local = self._resolve(qname, scope)
                yield f"{{{namespace}}}{local}", value
            else:
                yield qname, value

    def _resolve(self, qname: str, scope: Mapping[str, str]) -> tuple[str, str]:
        if len(qname) > _LONGEST_NAME:
            raise TooLarge("length of a name", limited_to=_LONGEST_NAME)
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


def sender_of(element: Element) -> str:
    """Return the OrganId of the first `From` below element, or nothing."""
    for child in element.children:
        if child.name == "From":
            organ_id = child.child("OrganId")
            return organ_id.text if organ_id else ""
        if found := sender_of(child):
            return found
    return ""
