"""A message as it comes in: nothing of it is written before its header has been checked.

A mark of secrecy in the header is refused while all of it is in memory (Luật 117/2025/QH15 Điều 5);
what is larger than WHOLE_BYTES goes to the store from then on, in pieces.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from chauban.blobs import store
from chauban.blobs.errors import BlobDamaged
from chauban.blobs.models import Blob
from chauban.blobs.store import Incoming
from chauban.exchange.ports import WHOLE_BYTES
from chauban_edxml.model import DocumentMessage, StatusMessage
from chauban_edxml.parsing import DEFAULT, Limits
from chauban_edxml.reading import Intake, Opened
from chauban_edxml.soap import open_any

Message = DocumentMessage | StatusMessage
UNPACKED_TIMES = 4  # how much more than itself a message's files may unpack to


def limits() -> Limits:
    """What a message may cost this installation."""
    size_bytes: int = settings.MAX_MESSAGE_BYTES
    return Limits(
        size_bytes=size_bytes,
        attachment_bytes=settings.MAX_ATTACHMENT_BYTES or size_bytes,
        unpacked_bytes=max(DEFAULT.unpacked_bytes, UNPACKED_TIMES * size_bytes),
    )


@dataclass(frozen=True)
class Arrived:
    """A message of which all has come and been checked, without its files; and its bytes."""

    message: Message
    raw: bytes | Incoming = field(repr=False)


@contextmanager
def arriving(pieces: Iterable[bytes]) -> Iterator[Arrived]:
    """Take a message in; what is too large for memory is gone afterwards unless it was kept.

    Raises:
        chauban_edxml.errors.NotReadable: it is refused, as soon as there is a reason.
        StorageFull; and what pieces raise.
    """
    intake, held, held_bytes = Intake(limits()), [], 0
    file: Incoming | None = None
    with ExitStack() as stack:
        for piece in pieces:
            intake.feed(piece)
            if file is not None:
                file.write(piece)
                continue
            held.append(piece)
            held_bytes += len(piece)
            if intake.may_be_stored and held_bytes > WHOLE_BYTES:
                file = stack.enter_context(store.incoming())
                for one in held:
                    file.write(one)
                held.clear()
        message = intake.close()
        yield Arrived(message, b"".join(held) if file is None else file)


def kept(raw: bytes | Incoming | Blob, *, now: datetime) -> Blob:
    """The bytes in the store; `enter` has still to write the row.

    Raises: StorageFull.
    """
    if isinstance(raw, Blob):
        return raw
    return raw.keep(now=now) if isinstance(raw, Incoming) else store.write_message(raw, now=now)


@contextmanager
def opened(blob: Blob) -> Iterator[Opened]:
    """A message in the store; its files can be read while it is open.

    Raises: BlobMissing, BlobDamaged; chauban_edxml.errors.NotReadable.
    """
    with store.open_blob(blob) as file:
        found = open_any(file, limits=limits())
        source = found.message.source
        if source and source.sha256 != blob.sha256:
            raise BlobDamaged(blob.sha256, source.sha256)
        yield found
