"""The part of DER (ITU-T X.690 clause 10) that signatures need: definite lengths, one pass.

asn1crypto and `cryptography` read and make the large structures; this module is for the
handful of elements that are read or written once per signature, where those would cost more
than the signature itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

SEQUENCE, SET, INTEGER, OCTET_STRING, OBJECT_IDENTIFIER = 0x30, 0x31, 0x02, 0x04, 0x06
BOOLEAN, NULL, UTC_TIME, GENERALIZED_TIME = 0x01, 0x05, 0x17, 0x18
LONGEST_INTEGER_BYTES = 64
"""Serial numbers, nonces, salts and versions are shorter; Python prints no number without end."""


class NotDER(Exception):
    """The bytes are not definite-length DER where an element was due."""


@dataclass(slots=True)
class Element:
    """One element: `data[start:end]` is all of it, `data[body:end]` its contents.

    Iterating over a constructed element gives the elements inside it.
    """

    data: bytes
    tag: int
    start: int
    body: int
    end: int

    @property
    def encoded(self) -> bytes:
        return self.data[self.start : self.end]

    @property
    def contents(self) -> bytes:
        return self.data[self.body : self.end]

    def children(self) -> list["Element"]:
        if not self.tag & 0x20:
            raise NotDER(f"primitive element at {self.start} where a constructed one was due")
        children: list[Element] = []
        data, position, end = self.data, self.body, self.end
        while position < end:
            child = read(data, position, end)
            children.append(child)
            position = child.end
        return children

    def __iter__(self) -> Iterator["Element"]:
        return iter(self.children())


def read(data: bytes, position: int = 0, limit: int | None = None) -> Element:
    """Return the element that starts at `position`; it must end by `limit`.

    Raises:
        NotDER: truncated, indefinite or over-long length, or a tag number above 30.
    """
    limit = len(data) if limit is None else limit
    if position + 2 > limit:
        raise NotDER(f"truncated at {position}")
    tag, length = data[position], data[position + 1]
    if tag & 0x1F == 0x1F:
        raise NotDER(f"tag number above 30 at {position}")
    body = position + 2
    if length >= 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4 or body + octets > limit:
            raise NotDER(f"length not definite or too long at {position}")
        length = int.from_bytes(data[body : body + octets], "big")
        if length < 0x80 or (octets > 1 and length >> (8 * (octets - 1)) == 0):
            raise NotDER(f"length not minimal at {position}")
        body += octets
    end = body + length
    if end > limit:
        raise NotDER(f"element at {position} runs past its container")
    return Element(data, tag, position, body, end)


def read_all(data: bytes) -> Element:
    """Return the one element that `data` is.

    Raises:
        NotDER: as `read`, or bytes follow the element.
    """
    element = read(data)
    if element.end != len(data):
        raise NotDER(f"{len(data) - element.end} bytes after the end")
    return element


def expect(element: Element, tag: int) -> Element:
    """Return the element when it has that tag.

    Raises:
        NotDER: it has another.
    """
    if element.tag != tag:
        raise NotDER(f"tag {element.tag:#04x} where {tag:#04x} was due at {element.start}")
    return element


def encode(tag: int, *contents: bytes) -> bytes:
    """Return the element of that tag with these contents."""
    body = contents[0] if len(contents) == 1 else b"".join(contents)
    return header(tag, len(body)) + body


@lru_cache(maxsize=4096)
def header(tag: int, length: int) -> bytes:
    """Return the identifier and length octets of an element with `length` bytes of contents."""
    if length < 0x80:
        return bytes((tag, length))
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets


def encode_oid(dotted: str) -> bytes:
    """Return the OBJECT IDENTIFIER element for a dotted name."""
    first, second, *arcs = (int(arc) for arc in dotted.split("."))
    body = b"".join(_base128(arc) for arc in (40 * first + second, *arcs))
    return encode(OBJECT_IDENTIFIER, body)


def _base128(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(0x80 | arc & 0x7F)
    return bytes(reversed(octets))


@lru_cache(maxsize=256)
def _dotted(body: bytes) -> str:
    arcs, arc = [], 0
    for octet in body:
        arc = arc << 7 | octet & 0x7F
        if octet < 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(number) for number in (first, arcs[0] - 40 * first, *arcs[1:]))


def read_oid(element: Element) -> str:
    """Return the dotted name in an OBJECT IDENTIFIER element.

    Raises:
        NotDER: no OBJECT IDENTIFIER, or a broken one.
    """
    body = expect(element, OBJECT_IDENTIFIER).contents
    if not body or body[-1] & 0x80 or len(body) > 64:
        raise NotDER(f"broken OBJECT IDENTIFIER at {element.start}")
    return _dotted(body)


def encode_integer(value: int) -> bytes:
    """Return the INTEGER element of a number that is not negative."""
    return encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def read_integer(element: Element) -> int:
    """Return the number in an INTEGER element.

    Raises:
        NotDER: no INTEGER, an empty one, or one too long for any number that is read here.
    """
    contents = expect(element, INTEGER).contents
    if not 1 <= len(contents) <= LONGEST_INTEGER_BYTES:
        raise NotDER(f"INTEGER of {len(contents)} bytes at {element.start}")
    return int.from_bytes(contents, "big", signed=True)
