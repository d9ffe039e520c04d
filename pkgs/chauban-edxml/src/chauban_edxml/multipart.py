"""Packages of several parts, as e-Doc v1 sends them (RFC 2046 section 5.1, RFC 2387).

The first part is a SOAP envelope, the others are files that it names by Content-ID. Parts are
found by one pass over the source and read when asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from chauban_edxml.attachments import normal_content_id
from chauban_edxml.carrying import PIECE_BYTES, Pieces, decoded, read_between
from chauban_edxml.errors import BadPart, TooLarge
from chauban_edxml.parsing import Limits

_LONGEST_HEADERS = 1 << 14
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9-]+)\s*=\s*(?:"([^"]*)"|([^\s;"]+))')
_HEADER = re.compile(rb"([!-9;-~]+):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")
# RFC 2046 section 5.1.1: what may follow a boundary in its line.
_PADDING = re.compile(rb"(--)?[ \t]{0,60}(?=\r?\n|\Z)")
_LONGEST_PADDING = 64
_ENCODING = "content-transfer-encoding"
_ENCODINGS = ("base64", "7bit", "8bit", "binary")
_LINE_END = re.compile(rb"\r?\n")


@dataclass(frozen=True)
class Part:
    """A part of a package: its headers by name in small letters, and where its body stands."""

    headers: dict[str, str]
    start: int
    end: int
    source: BinaryIO = field(repr=False)

    @property
    def content_id(self) -> str:
        return normal_content_id(self.headers.get("content-id", ""))

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip()

    def pieces(self) -> Pieces:
        """Return the body's bytes; in base64 (RFC 2045 section 6.8) they are decoded."""
        if self.headers.get(_ENCODING, "").lower() == "base64":
            return lambda: decoded(self._raw())
        return self._raw

    def _raw(self) -> Iterator[bytes]:
        return read_between(self.source, self.start, self.end)


def is_multipart(start: bytes) -> bool:
    """Tell whether the first bytes of a file are those of a package."""
    return start.lstrip(b"\r\n").startswith(b"--")


def parts_of(source: BinaryIO, *, content_type: str, limits: Limits) -> tuple[Part, ...]:
    """Return the parts of the package in a seekable file.

    content_type is the HTTP header; where it is empty the first line is the boundary.

    Raises:
        BadPart: no boundary or end, or headers that RFC 5322 does not know or that stand twice.
        TooLarge: more parts than limits allow, or headers longer than 16 KiB.
    """
    boundary = _boundary(source, content_type)
    parts: list[Part] = []
    for start, end in _bodies(source, boundary, limits):
        part = _part(source, start, end)
        if part.content_id and part.content_id in {each.content_id for each in parts}:
            raise BadPart(f"Content-ID {part.content_id[:60]}")
        parts.append(part)
    if not parts:
        raise BadPart("boundary")
    return tuple(parts)


def root_part(parts: tuple[Part, ...], *, content_type: str) -> Part:
    """Return the part that `start` names, or the first (RFC 2387 section 3.2)."""
    start = normal_content_id(_parameters(content_type).get("start", ""))
    return next((part for part in parts if start and part.content_id == start), parts[0])


def _parameters(content_type: str) -> dict[str, str]:
    found = _PARAMETER.findall(content_type)
    return {name.lower(): quoted or bare for name, quoted, bare in found}


def _boundary(source: BinaryIO, content_type: str) -> bytes:
    if content_type:
        text = _parameters(content_type).get("boundary", "")
    else:
        source.seek(0)
        first = source.read(256).lstrip(b"\r\n").split(b"\n")[0].rstrip()
        text = first[2:].decode("latin-1") if first.startswith(b"--") else ""
    if not _BOUNDARY.fullmatch(text):
        raise BadPart("boundary")
    return text.encode()


def _bodies(source: BinaryIO, boundary: bytes, limits: Limits) -> Iterator[tuple[int, int]]:
    """Yield where each part begins, at its headers, and ends.

    Raises: BadPart, TooLarge.
    """
    start, count = None, 0
    for begin, end, is_last in _marks(source, b"--" + boundary):
        if start is not None:
            count += 1
            if count > limits.attachments + 1:
                raise TooLarge("attachments", limited_to=limits.attachments)
            yield start, begin
        if is_last:
            return
        start = end
    raise BadPart("boundary")


def _marks(source: BinaryIO, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield where the line break before each boundary begins, where it ends, whether it is last."""
    window, window_at, piece = b"\n", -1, b"\n"
    while piece:
        piece = _read_at(source, window_at + len(window))
        window += piece
        # What the window's end may cut is looked at again with what follows.
        usable = len(window) - len(mark) - _LONGEST_PADDING if piece else len(window)
        at = 0
        while 0 <= (found := window.find(mark, at)) < usable:
            at = found + len(mark)
            padding = _PADDING.match(window, at)
            if padding and window[found - 1 : found] == b"\n":
                begin = found - 2 if window[found - 2 : found - 1] == b"\r" else found - 1
                yield window_at + begin, window_at + padding.end(), bool(padding[1])
        keep = max(at, usable - 2)
        window, window_at = window[keep:], window_at + keep


def _read_at(source: BinaryIO, at: int) -> bytes:
    source.seek(at)
    return source.read(PIECE_BYTES)


def _part(source: BinaryIO, start: int, end: int) -> Part:
    """Return the part whose headers follow the boundary's line break at start."""
    source.seek(start)
    text = source.read(min(end - start, _LONGEST_HEADERS))
    headers: dict[str, str] = {}
    at = 0
    while line_end := _LINE_END.match(text, at):
        at = line_end.end()
        header = _HEADER.match(text, at)
        if header is None:
            break
        name = header[1].decode().lower()
        if name in headers:
            raise BadPart(name)
        headers[name] = " ".join(header[2].decode("utf-8", "replace").split())
        at = header.end()
    end_of_headers = _LINE_END.match(text, at)
    if end_of_headers is None:
        if len(text) == _LONGEST_HEADERS:
            raise TooLarge("headers of a part", limited_to=_LONGEST_HEADERS)
        raise BadPart("header")
    if headers.get(_ENCODING, "binary").lower() not in _ENCODINGS:
        raise BadPart(_ENCODING)
    return Part(headers, start + end_of_headers.end(), end, source)
