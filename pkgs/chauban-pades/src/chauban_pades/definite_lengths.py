"""BER with indefinite lengths rewritten with definite ones (ITU-T X.690 clauses 8.1.3 and 10.1).

ISO 32000-1 asks for DER, and everything that is signed is DER; but some programs wrap their
signatures in BER. Nothing inside is sorted or encoded anew, so what was signed stays as it was.
"""

from __future__ import annotations

from chauban_pki import der
from chauban_pki.errors import SignedDataMalformed

MAX_DEPTH = 32
_CONSTRUCTED = 0x20
_INDEFINITE = 0x80
_END = b"\0\0"


def is_indefinite(data: bytes) -> bool:
    """Whether data starts with a SEQUENCE of indefinite length."""
    return data[:2] == bytes((der.SEQUENCE, _INDEFINITE))


def with_definite_lengths(data: bytes) -> bytes:
    """The element at the start of data with definite lengths throughout, and what follows it.

    Raises:
        SignedDataMalformed: it does not end, or is nested too deeply.
    """
    try:
        element, end = _read(data, 0, 0)
    except (der.NotDER, IndexError) as error:
        raise SignedDataMalformed(f"BER: {error}") from None
    return element + data[end:]


def _read(data: bytes, at: int, depth: int) -> tuple[bytes, int]:
    """The element at that place, definite, and where it ends."""
    if depth > MAX_DEPTH:
        raise der.NotDER("nested too deeply")
    tag = data[at]
    if data[at + 1] != _INDEFINITE:
        element = der.read(data, at)
        if not tag & _CONSTRUCTED:
            return element.encoded, element.end
        return der.encode(tag, *_children(data, element.body, element.end, depth)), element.end
    if not tag & _CONSTRUCTED:
        raise der.NotDER(f"a primitive element without length at {at}")
    parts: list[bytes] = []
    position = at + 2
    while data[position : position + 2] != _END:
        part, position = _read(data, position, depth + 1)
        parts.append(part)
    return der.encode(tag, *parts), position + 2


def _children(data: bytes, start: int, end: int, depth: int) -> list[bytes]:
    parts: list[bytes] = []
    position = start
    while position < end:
        part, position = _read(data, position, depth + 1)
        parts.append(part)
    if position != end:
        raise der.NotDER(f"an element runs past its container at {start}")
    return parts
