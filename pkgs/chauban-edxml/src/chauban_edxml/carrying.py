"""How files travel: base64 on one line, and the ZIP habit of the axis's libraries.

Everything is a stream of pieces; nothing here holds a file (edxml.md section 7).
"""

from __future__ import annotations

import binascii
import codecs
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

from chauban_edxml.archives import (
    LOCAL_HEADER,
    ArchiveBomb,
    ArchiveError,
    DamagedArchive,
    EncryptedArchive,
    EntryTooLarge,
    Feed,
    NotOneEntry,
    OnlyEntry,
    UnsafeEntryName,
    entry_name,
)
from chauban_edxml.attachments import extension, is_archive_name, is_as_named, is_wrapping
from chauban_edxml.errors import UnusableAttachment
from chauban_edxml.model import Fault
from chauban_edxml.parsing import Span

Pieces = Callable[[], Iterable[bytes]]
"""Gives the bytes of a file from its beginning, in pieces, as often as it is called."""

PIECE_BYTES = 3 << 18  # three bytes make four letters of base64
_RAW_TYPES = {"pdf": "application/pdf", "zip": "application/zip"}
_ZIP = "application/zip"
_TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_LONGEST_TAG = 1 << 20
_HEAD_BYTES = 1024
_PDF = b"%PDF"
_UTF_8 = codecs.getincrementaldecoder("utf-8")


class NotBase64(Exception):
    """The text is no base64 (RFC 4648 section 4)."""


_FAULTS: dict[type[ArchiveError], Fault] = {
    DamagedArchive: Fault.DAMAGED_ARCHIVE,
    EncryptedArchive: Fault.ENCRYPTED_ARCHIVE,
    EntryTooLarge: Fault.TOO_LARGE,
    ArchiveBomb: Fault.ARCHIVE_BOMB,
    UnsafeEntryName: Fault.UNSAFE_ENTRY_NAME,
}


def pieces_of_file(source: BinaryIO) -> Pieces:
    """Return the pieces of a seekable file; source must stay open."""

    def pieces() -> Iterator[bytes]:
        source.seek(0, io.SEEK_END)
        yield from read_between(source, 0, source.tell())

    return pieces


def pieces_of_bytes(content: bytes) -> Pieces:
    return lambda: (content,) if content else ()


def decoded_span(source: BinaryIO, span: Span) -> Iterator[bytes]:
    """Yield the bytes that the element at span carries in base64.

    White space is ignored, all else is strict (RFC 4648 section 4).

    Raises:
        NotBase64: some pieces may come before it.
    """
    return decoded(_element_text(source, span))


def decoded(text: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of base64 text; see `decoded_span`."""
    rest, ended = b"", False
    for piece in text:
        letters = rest + piece.translate(None, b" \t\r\n")
        usable = len(letters) - len(letters) % 4
        rest = letters[usable:]
        if not usable:
            continue
        if ended:
            raise NotBase64
        try:
            yield binascii.a2b_base64(letters[:usable], strict_mode=True)
        except ValueError as reason:
            raise NotBase64 from reason
        ended = letters[usable - 1 : usable] == b"="
    if rest:
        raise NotBase64


def encoded(content: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the base64 text of content on one line, padded."""
    rest = b""
    for piece in content:
        whole = rest + piece if rest else piece
        usable = len(whole) - len(whole) % 3
        rest = whole[usable:]
        view = memoryview(whole)
        for at in range(0, usable, PIECE_BYTES):
            yield binascii.b2a_base64(view[at : min(at + PIECE_BYTES, usable)], newline=False)
    if rest:
        yield binascii.b2a_base64(rest, newline=False)


class Assessed(NamedTuple):
    """What came out of the bytes carried under a name.

    is_wrapped: the file is the archive's only entry; mended: that archive is cut off after it.
    size_bytes counts the file.
    """

    fault: Fault | None
    is_wrapped: bool = False
    mended: bool = False
    is_as_named: bool = True
    size_bytes: int = 0


def assess(
    name: str, carried: Pieces, *, limit_bytes: int, keep: list[bytes] | None = None
) -> Assessed:
    """Return whether the file that carried holds can be used; its pieces are put in keep.

    The bytes decide, not the type declared: an archive with one entry is opened unless the
    name says that the file is itself an archive; then only one that holds `<uuid>.<same
    extension>` is. limit_bytes bounds what an archive may unpack to.
    """
    try:
        return _assess_carried(name, carried, limit_bytes, keep)
    except NotBase64:
        fault, left = Fault.NOT_BASE64, b""
    except ArchiveError as reason:
        fault, left = _FAULTS[type(reason)], _all_of(carried) if keep is not None else b""
    if keep is not None:
        keep[:] = [left]
    return Assessed(fault)


def _assess_carried(
    name: str, carried: Pieces, limit_bytes: int, keep: list[bytes] | None
) -> Assessed:
    feed = Feed(carried())
    if not feed.peek(1):
        return Assessed(Fault.MISSING)
    if not _is_wrapped(name, feed):
        return _assess_pieces(name, feed, keep)
    entry = OnlyEntry(feed, limit_bytes=limit_bytes)
    try:
        assessed = _assess_pieces(name, entry, keep)
    except NotOneEntry:
        if keep is not None:
            keep.clear()
        return _assess_pieces(name, carried(), keep)
    return assessed._replace(is_wrapped=True, mended=not entry.is_whole)


def _all_of(carried: Pieces) -> bytes:
    try:
        return b"".join(carried())
    except NotBase64:
        return b""


def content(carried: Pieces, assessed: Assessed) -> Iterator[bytes]:
    """Yield the file that was assessed without a fault."""
    if not assessed.is_wrapped:
        yield from carried()
        return
    yield from OnlyEntry(Feed(carried()), limit_bytes=assessed.size_bytes)


def _is_wrapped(name: str, feed: Feed) -> bool:
    if feed.peek(4) != LOCAL_HEADER:
        return False
    return not is_archive_name(name) or is_wrapping(entry_name(feed), name)


def _assess_pieces(name: str, pieces: Iterable[bytes], keep: list[bytes] | None) -> Assessed:
    check = _Check()
    for piece in pieces:
        check.update(piece)
        if keep is not None:
            keep.append(piece)
    named = is_as_named(name, check.head)
    return Assessed(check.pdf_fault(), is_as_named=named, size_bytes=check.size_bytes)


class _Check:
    """Finds a PDF that went through a text decoder.

    Its bytes above 0x7F then became U+FFFD (EF BF BD), so the whole file is valid UTF-8, which
    no PDF with a compressed stream or a signature is.
    """

    def __init__(self) -> None:
        self.head = b""
        self.size_bytes = 0
        self.crc = 0
        self._decoder: codecs.IncrementalDecoder | None = _UTF_8()
        self._is_replaced = False

    def update(self, piece: bytes) -> None:
        if len(self.head) < _HEAD_BYTES:
            self.head = (self.head + piece[:_HEAD_BYTES])[:_HEAD_BYTES]
        if not _PDF.startswith(self.head[: len(_PDF)]):
            self._decoder = None
        self.size_bytes += len(piece)
        self.crc = zlib.crc32(piece, self.crc)
        for at in range(0, len(piece) if self._decoder else 0, 1 << 16):
            self._decode(piece[at : at + (1 << 16)], final=False)

    def pdf_fault(self) -> Fault | None:
        """Return CORRUPT_PDF where all the file is text with U+FFFD in it."""
        self._decode(b"", final=True)
        is_text = self._decoder is not None and self.head.startswith(_PDF)
        return Fault.CORRUPT_PDF if is_text and self._is_replaced else None

    def _decode(self, piece: bytes, *, final: bool) -> None:
        if self._decoder is None:
            return
        try:
            self._is_replaced |= "\ufffd" in self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            self._decoder = None


class Carried(NamedTuple):
    """A file as the message carries it; it was read once and must be the same when read again."""

    content_type: str
    pieces: Pieces


def carry(name: str, content: Pieces, *, uuid: str) -> tuple[Carried, Fault | None]:
    """Return the file as every observed reader can open it, and what is wrong with it.

    Its pieces raise UnusableAttachment at their end where content has changed meanwhile.

    A PDF or ZIP goes raw, all else in an archive with the one entry `<uuid>.<extension>`. Like
    the axis's libraries, only small letters count: `.PDF` is wrapped. So is a raw file that a
    reader would mistake for a wrapping.
    """
    check = _Check()
    for piece in content():
        check.update(piece)
    fault = check.pdf_fault() if check.size_bytes else Fault.MISSING

    def again() -> Iterator[bytes]:
        second = _Check()
        for piece in content():
            second.update(piece)
            yield piece
        if (second.size_bytes, second.crc) != (check.size_bytes, check.crc):
            raise UnusableAttachment(name)

    last = extension(name)
    raw_type = _RAW_TYPES.get(last)
    if raw_type and _is_read_raw(name, content):
        return Carried(raw_type, again), fault
    entry = f"{uuid}.{last}" if last else uuid
    size_bytes = check.size_bytes
    return Carried(_ZIP, lambda: one_entry_archive(entry, again(), size_bytes=size_bytes)), fault


def _is_read_raw(name: str, content: Pieces) -> bool:
    try:
        return not _is_wrapped(name, Feed(content()))
    except DamagedArchive:
        return False


def one_entry_archive(name: str, content: Iterable[bytes], *, size_bytes: int) -> Iterator[bytes]:
    """Yield a ZIP with the one entry name, in streaming form (flag bit 3, sizes after the data).

    The same content gives the same bytes. size_bytes tells whether sizes need ZIP64.
    """
    out = _Collected()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        is_large = size_bytes > zipfile.ZIP64_LIMIT // 2
        with archive.open(entry, "w", force_zip64=is_large) as stream:
            for piece in content:
                view = memoryview(piece)
                for at in range(0, len(view), PIECE_BYTES):
                    stream.write(view[at : at + PIECE_BYTES])
                    yield from out.taken()
    yield from out.taken()


class _Collected(io.RawIOBase):
    """A file that cannot seek; what was written is taken out in between."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        data = bytes(piece)  # type: ignore[call-overload]
        self._pieces.append(data)
        return len(data)

    def taken(self) -> list[bytes]:
        pieces, self._pieces = self._pieces, []
        return pieces


def _element_text(source: BinaryIO, span: Span) -> Iterator[bytes]:
    """Yield the text of the element at span, whose content is text, seldom marked up."""
    at = _content_at(source, span)
    for piece in read_between(source, at, span.end_at):
        # All that is not plain begins with one of these, so a parser can start here.
        if b"<" in piece or b"&" in piece:
            yield from _marked_up_text(read_between(source, at, span.end_at))
            return
        at += len(piece)
        yield piece


def _content_at(source: BinaryIO, span: Span) -> int:
    if span.tag_at == span.end_at:
        return span.end_at
    source.seek(span.tag_at)
    size = 512
    while True:
        source.seek(span.tag_at)
        start = source.read(size)
        tag = _TAG.match(start)
        if tag:
            return span.tag_at + tag.end()
        if size > _LONGEST_TAG:
            raise NotBase64
        size *= 8


def _marked_up_text(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text of XML content: references resolved, CDATA and comments minded."""
    found: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.CharacterDataHandler = found.append

    def refuse(*_: object) -> None:
        if parser.CurrentByteIndex > 0:
            raise NotBase64

    parser.StartElementHandler = refuse
    try:
        parser.Parse(b"<x>", False)
        for piece in pieces:
            parser.Parse(piece, False)
            yield "".join(found).encode()
            found.clear()
    except expat.ExpatError as reason:
        raise NotBase64 from reason


def read_between(source: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """Yield what stands between start and end; others may move source meanwhile."""
    while start < end:
        source.seek(start)
        piece = source.read(min(end - start, PIECE_BYTES))
        if not piece:
            return
        start += len(piece)
        yield piece
