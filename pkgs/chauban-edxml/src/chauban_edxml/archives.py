"""The one-entry archives that files travel in, read as the axis's Java readers read them.

They stream from the local header and never look at the central directory, so an archive whose
end is damaged opens; this reader does the same (PKWARE APPNOTE 6.3.10 sections 4.3.7, 4.3.9).
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO

LOCAL_HEADER = b"PK\x03\x04"
_DESCRIPTOR = b"PK\x07\x08"
_DIRECTORY = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08")
_FIXED = struct.Struct("<4sHHHHHIIIHH")
_ENCRYPTED, _STREAMED, _UTF8 = 0x0001, 0x0008, 0x0800
_STORED, _DEFLATED = 0, 8


class ArchiveError(Exception):
    """Root of the reasons why no single entry can be taken out."""


class DamagedArchive(ArchiveError):
    """Cut off inside the entry, another check value, or an unknown method."""


class EncryptedArchive(ArchiveError):
    """The entry needs a password."""


class EntryTooLarge(ArchiveError):
    """The entry unpacks to more than the limit."""


class NotOneEntry(ArchiveError):
    """The archive holds several entries or a folder: it is a file in its own right."""


@dataclass(frozen=True)
class Entry:
    """whole is false where the archive ends before its directory."""

    name: str
    content: bytes
    whole: bool


@dataclass(frozen=True)
class _Header:
    name: str
    flags: int
    method: int
    crc: int
    packed_size: int
    body_at: int


def entry_name(archive: bytes) -> str:
    """Return the name of the first entry.

    Raises:
        DamagedArchive: archive does not begin with a whole local header.
    """
    return _header(archive).name


def only_entry(archive: bytes, *, limit_bytes: int) -> Entry:
    """Return the only entry of archive; never more than limit_bytes is unpacked.

    Raises:
        DamagedArchive, EncryptedArchive, EntryTooLarge, NotOneEntry
    """
    header = _header(archive)
    if header.name.endswith("/"):
        raise NotOneEntry
    if header.flags & _ENCRYPTED:
        raise EncryptedArchive
    if header.method == _DEFLATED:
        content, end = _inflate(archive, header.body_at, limit_bytes)
    elif header.method == _STORED and not header.flags & _STREAMED:
        content, end = _stored(archive, header, limit_bytes)
    else:
        raise DamagedArchive
    expected, end = _check_value(archive, header, end)
    follows = archive[end : end + 4]
    if follows == LOCAL_HEADER:
        raise NotOneEntry
    if expected is not None and zlib.crc32(content) != expected:
        raise DamagedArchive
    return Entry(header.name, content, whole=follows in _DIRECTORY and _has_end(archive))


def one_entry_archive(name: str, content: bytes) -> bytes:
    """Return a ZIP with the one entry name; the same content gives the same bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, content)
    return buffer.getvalue()


def _header(archive: bytes) -> _Header:
    if len(archive) < _FIXED.size or not archive.startswith(LOCAL_HEADER):
        raise DamagedArchive
    (_, _, flags, method, _, _, crc, packed_size, _, name_size, extra_size) = _FIXED.unpack_from(
        archive
    )
    name = archive[_FIXED.size : _FIXED.size + name_size]
    return _Header(
        name=name.decode("utf-8" if flags & _UTF8 else "cp437", "replace"),
        flags=flags,
        method=method,
        crc=crc,
        packed_size=packed_size,
        body_at=_FIXED.size + name_size + extra_size,
    )


def _inflate(archive: bytes, start: int, limit_bytes: int) -> tuple[bytes, int]:
    """Return the inflated bytes and where the packed ones end."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        # One byte above the limit tells "too large" from "just as large".
        content = inflater.decompress(memoryview(archive)[start:], limit_bytes + 1)
    except zlib.error as reason:
        raise DamagedArchive from reason
    if len(content) > limit_bytes:
        raise EntryTooLarge
    if not inflater.eof:
        raise DamagedArchive
    return content, len(archive) - len(inflater.unused_data)


def _stored(archive: bytes, header: _Header, limit_bytes: int) -> tuple[bytes, int]:
    end = header.body_at + header.packed_size
    if header.packed_size > limit_bytes:
        raise EntryTooLarge
    if end > len(archive):
        raise DamagedArchive
    return archive[header.body_at : end], end


def _check_value(archive: bytes, header: _Header, end: int) -> tuple[int | None, int]:
    """Return the entry's CRC-32, None where it was cut off, and where the entry ends."""
    if not header.flags & _STREAMED:
        return header.crc, end
    at = end + 4 if archive.startswith(_DESCRIPTOR, end) else end
    if at + 4 > len(archive):
        return None, len(archive)
    (crc,) = struct.unpack_from("<I", archive, at)
    # The two sizes that follow have 4 bytes each, in ZIP64 archives 8.
    for sizes in (8, 16):
        after = archive[at + 4 + sizes : at + 8 + sizes]
        if after == LOCAL_HEADER or after in _DIRECTORY:
            return crc, at + 4 + sizes
    return crc, at + 12


def _has_end(archive: bytes) -> bool:
    """Tell whether the end of central directory record is complete (section 4.3.16)."""
    at = archive.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(archive):
        return False
    (comment_size,) = struct.unpack_from("<H", archive, at + 20)
    return at + 22 + int(comment_size) <= len(archive)
