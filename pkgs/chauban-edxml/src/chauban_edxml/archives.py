"""The one-entry archives that files travel in, read as the axis's Java readers read them.

They stream from the local header and never look at the central directory, so an archive whose
end is damaged opens; this reader does the same (PKWARE APPNOTE 6.3.10 sections 4.3.7, 4.3.9).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LOCAL_HEADER = b"PK\x03\x04"
_DESCRIPTOR = b"PK\x07\x08"
_DIRECTORY = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08")
_FIXED = struct.Struct("<4sHHHHHIIIHH")
_ENCRYPTED, _STREAMED, _UTF8 = 0x0001, 0x0008, 0x0800
_STORED, _DEFLATED = 0, 8
_LONGEST_NAME = 0xFFFF
_LONGEST_END = 22 + 0xFFFF  # end of central directory with its comment (section 4.3.16)
_PIECE = 1 << 16
_LIKELY = 4 << 20
_GREATEST_RATIO = 100
_UNSAFE_NAME = re.compile(
    r"(?:.*[/\\])?\.\.(?:[/\\].*)?|[/\\].*|[A-Za-z]:.*|.*[\x00-\x1f].*", re.DOTALL
)


class ArchiveError(Exception):
    """Root of the reasons why no single entry can be taken out."""


class DamagedArchive(ArchiveError):
    """Cut off inside the entry, another check value, or an unknown method."""


class EncryptedArchive(ArchiveError):
    """The entry needs a password."""


class EntryTooLarge(ArchiveError):
    """The entry unpacks to more than the limit."""


class ArchiveBomb(ArchiveError):
    """The entry unpacks to more than 4 MiB and a hundred times what it is packed in (CWE-409)."""


class UnsafeEntryName(ArchiveError):
    """The entry's name leads out of the folder it is unpacked in (CWE-22)."""


class NotOneEntry(ArchiveError):
    """The archive holds several entries or a folder: it is a file in its own right."""


@dataclass(frozen=True)
class _Header:
    name: str
    flags: int
    method: int
    crc: int
    packed_size: int
    size: int
    body_at: int


class Feed:
    """Pieces of bytes that can be looked at before they are taken."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._waiting = b""
        self.taken_bytes = 0

    def peek(self, size: int) -> bytes:
        """Return the next size bytes, fewer only at the end, and leave them."""
        while len(self._waiting) < size and (piece := next(self._pieces, b"")):
            self._waiting += piece
        return self._waiting[:size]

    def take(self, size: int) -> bytes:
        """Return and take the next size bytes, fewer only at the end."""
        taken = self.peek(size)
        self._waiting = self._waiting[len(taken) :]
        self.taken_bytes += len(taken)
        return taken

    def give_back(self, rest: bytes) -> None:
        self._waiting = rest + self._waiting
        self.taken_bytes -= len(rest)

    def __iter__(self) -> Iterator[bytes]:
        """Yield what is left in the pieces it came in."""
        while piece := self._waiting or next(self._pieces, b""):
            self._waiting = b""
            self.taken_bytes += len(piece)
            yield piece


def entry_name(feed: Feed) -> str:
    """Return the name of the first entry, which stays in feed.

    Raises:
        DamagedArchive: feed does not begin with a whole local header.
    """
    return _header(feed.peek(_FIXED.size + _LONGEST_NAME)).name


class OnlyEntry:
    """The only entry of an archive, in pieces; name and is_whole are right once all are taken.

    is_whole is false where the archive ends before its directory does.
    """

    def __init__(self, feed: Feed, *, limit_bytes: int) -> None:
        self._feed, self._limit_bytes = feed, limit_bytes
        self.name = ""
        self.is_whole = False

    def __iter__(self) -> Iterator[bytes]:
        """Yield the content; never more than the limit is unpacked.

        Raises:
            DamagedArchive, EncryptedArchive, EntryTooLarge, ArchiveBomb, UnsafeEntryName,
            NotOneEntry: some pieces may come before it.
        """
        feed = self._feed
        header = _header(feed.peek(_FIXED.size + _LONGEST_NAME))
        self.name = header.name
        if header.name.endswith("/"):
            raise NotOneEntry
        if _UNSAFE_NAME.fullmatch(header.name):
            raise UnsafeEntryName
        if header.flags & _ENCRYPTED:
            raise EncryptedArchive
        if not header.flags & _STREAMED and header.size > self._limit_bytes:
            raise EntryTooLarge
        feed.take(header.body_at)
        if header.method == _DEFLATED:
            pieces = _inflated(feed, self._limit_bytes)
        elif header.method == _STORED and not header.flags & _STREAMED:
            pieces = _stored(feed, header.packed_size)
        else:
            raise DamagedArchive
        crc = 0
        for piece in pieces:
            crc = zlib.crc32(piece, crc)
            yield piece
        expected, follows = _check_value(feed, header)
        if follows == LOCAL_HEADER:
            raise NotOneEntry
        if expected is not None and crc != expected:
            raise DamagedArchive
        self.is_whole = _has_end(feed) and follows in _DIRECTORY


def _header(start: bytes) -> _Header:
    if len(start) < _FIXED.size or not start.startswith(LOCAL_HEADER):
        raise DamagedArchive
    (_, _, flags, method, _, _, crc, packed_size, size, name_size, extra_size) = _FIXED.unpack_from(
        start
    )
    name = start[_FIXED.size : _FIXED.size + name_size]
    return _Header(
        name=name.decode("utf-8" if flags & _UTF8 else "cp437", "replace"),
        flags=flags,
        method=method,
        crc=crc,
        packed_size=packed_size,
        size=size,
        body_at=_FIXED.size + name_size + extra_size,
    )


def _inflated(feed: Feed, limit_bytes: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    packed = unpacked = 0
    while not inflater.eof:
        waiting = inflater.unconsumed_tail or feed.take(_PIECE)
        try:
            piece = inflater.decompress(waiting, _PIECE * 4)
        except zlib.error as reason:
            raise DamagedArchive from reason
        if not (piece or waiting):
            raise DamagedArchive
        unpacked += len(piece)
        packed += len(waiting) - len(inflater.unconsumed_tail)
        if unpacked > limit_bytes:
            raise EntryTooLarge
        if unpacked > max(_LIKELY, _GREATEST_RATIO * packed):
            raise ArchiveBomb
        yield piece
    feed.give_back(inflater.unused_data)


def _stored(feed: Feed, size: int) -> Iterator[bytes]:
    while size:
        piece = feed.take(min(size, _PIECE))
        if not piece:
            raise DamagedArchive
        size -= len(piece)
        yield piece


def _check_value(feed: Feed, header: _Header) -> tuple[int | None, bytes]:
    """Return the entry's CRC-32, None where it was cut off, and the signature that follows it."""
    if not header.flags & _STREAMED:
        return header.crc, feed.peek(4)
    if feed.peek(4) == _DESCRIPTOR:
        feed.take(4)
    descriptor = feed.peek(24)
    if len(descriptor) < 4:
        return None, b""
    (crc,) = struct.unpack_from("<I", descriptor)
    # The two sizes that follow have 4 bytes each, in ZIP64 archives 8.
    for sizes in (8, 16):
        after = descriptor[4 + sizes : 8 + sizes]
        if after == LOCAL_HEADER or after in _DIRECTORY:
            return crc, after
    return crc, b""


def _has_end(feed: Feed) -> bool:
    """Take the rest; tell whether its end of central directory record is complete."""
    tail = b""
    for piece in feed:
        tail = (tail + piece)[-_LONGEST_END:]
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(tail):
        return False
    (comment_size,) = struct.unpack_from("<H", tail, at + 20)
    return at + 22 + int(comment_size) <= len(tail)
