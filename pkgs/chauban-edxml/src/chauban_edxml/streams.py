"""The files of a message that is too large to hold: assessed, then handed out in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from chauban_edxml.archives import ArchiveError
from chauban_edxml.attachments import clean_name, fault_finding
from chauban_edxml.carrying import Assessed, NotBase64, Pieces, assess, content
from chauban_edxml.errors import FaultyAttachment
from chauban_edxml.findings import Finding
from chauban_edxml.media_types import media_type
from chauban_edxml.model import Fault


class Room:
    """What is left of the bytes that all files of a message may unpack to."""

    def __init__(self, size_bytes: int) -> None:
        self.left_bytes = size_bytes

    def take(self, size_bytes: int) -> None:
        self.left_bytes -= size_bytes


@dataclass(frozen=True)
class FileAttachment:
    """A file to send, read when its turn comes; pieces gives it from its beginning, twice.

    content_id is made where none is given.
    """

    name: str
    pieces: Pieces
    description: str = ""
    content_id: str = ""


class StreamedAttachment:
    """A file of a received message, in a source that must stay open.

    name is safe to show and store; content_type and content_id are as received.
    """

    def __init__(
        self,
        name: str,
        carried: Pieces,
        *,
        room: Room,
        path: str,
        description: str,
        content_type: str,
        content_id: str,
    ) -> None:
        self.name = clean_name(name)
        self.description = description
        self.content_type = content_type
        self.content_id = content_id
        self.path = path
        self.carried = carried
        self._room = room

    @property
    def media_type(self) -> str:
        """The type to offer the file under, from the extension of its name."""
        return media_type(self.name)

    @cached_property
    def assessed(self) -> Assessed:
        """What reading the file once, without keeping it, tells: its size and its fault."""
        return self.take(keep=None)

    def take(self, *, keep: list[bytes] | None) -> Assessed:
        """Read the file once into keep and return what it tells."""
        assessed = assess(self.name, self.carried, limit_bytes=self._room.left_bytes, keep=keep)
        if assessed.is_wrapped:
            self._room.take(assessed.size_bytes)
        return assessed

    def pieces(self) -> Iterator[bytes]:
        """Yield the file, taken out of the archive it travelled in, once it was assessed.

        Raises:
            FaultyAttachment: before the first piece; later only where the source has changed.
        """
        if self.assessed.fault is not None:
            raise FaultyAttachment(self.name, fault=self.assessed.fault.value)
        try:
            yield from content(self.carried, self.assessed)
        except (ArchiveError, NotBase64) as reason:
            raise FaultyAttachment(self.name, fault=Fault.DAMAGED_ARCHIVE.value) from reason

    def findings(self) -> tuple[Finding, ...]:
        """Return the remarks on the file for the clerk."""
        return tuple(remarks(self.assessed, path=self.path, name=self.name))


def remarks(assessed: Assessed, *, path: str, name: str) -> Iterator[Finding]:
    """Yield what the clerk must know about a file."""
    if assessed.mended:
        yield Finding("mended-archive", f"{path}/ContentTransferEncoded", name)
    if assessed.fault is not None:
        yield fault_finding(assessed.fault, path=path, name=name)
    elif not assessed.is_as_named:
        yield Finding("not-as-named", path, name)
