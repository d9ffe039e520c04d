"""What an interface is given that delivers to whomever a message names in `To`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO

from chauban.blobs import store
from chauban.blobs.errors import BlobError
from chauban.blobs.models import Blob
from chauban.exchange.arriving import limits, opened
from chauban.exchange.ports import Envelope, RefusedByAxis
from chauban_edxml.errors import EdXMLError
from chauban_edxml.model import BussinessDocType, DocumentMessage
from chauban_edxml.reading import Message, Opened, open_message
from chauban_edxml.streams import FileAttachment, StreamedAttachment
from chauban_edxml.writing import write_to

PIECE_BYTES = 1 << 16


@dataclass(frozen=True)
class Body:
    """The bytes of a message; pieces give them anew each time."""

    size_bytes: int
    sha256: str
    pieces: Callable[[], Iterable[bytes]]


@contextmanager
def addressed(envelope: Envelope) -> Iterator[Body]:
    """The message as edXML, its `To` holding the recipients of the envelope and no others.

    A document that goes to one of its recipients again would reach them all again otherwise.

    Raises: RefusedByAxis: it is damaged, or may not be written like this.
    """
    with message_of(envelope) as (message, files):
        if is_addressed(message, envelope):
            yield _as_it_is(envelope.raw)
            return
        assert isinstance(message, DocumentMessage)
        with TemporaryFile() as out:
            source = write_to(out, narrowed(message, envelope), as_files(files), limits=limits())
            yield Body(source.size_bytes, source.sha256, partial(_pieces, out))


@contextmanager
def message_of(envelope: Envelope) -> Iterator[Opened]:
    """The message, its files to be read while it is open.

    Raises: RefusedByAxis: it is damaged, or what is made of it may not be written.
    """
    try:
        if isinstance(envelope.raw, Blob):
            with opened(envelope.raw) as found:
                yield found
        else:
            yield open_message(BytesIO(envelope.raw), limits=limits())
    except BlobError as error:
        raise RefusedByAxis("file-damaged", vi=str(error)) from error
    except EdXMLError as error:
        raise RefusedByAxis("not-writable", vi=error.vi, en=error.en) from error


def is_addressed(message: Message, envelope: Envelope) -> bool:
    if not isinstance(message, DocumentMessage):
        return True
    return {one.organ_id for one in message.to} == set(envelope.to_organ_ids)


def is_new(message: Message) -> bool:
    """Whether it is a document by itself, not the recall, update or replacement of one."""
    new = BussinessDocType.NEW
    return isinstance(message, DocumentMessage) and message.bussiness.bussiness_doc_type is new


def narrowed(message: DocumentMessage, envelope: Envelope) -> DocumentMessage:
    """The message to the recipients of the envelope alone."""
    to = tuple(one for one in message.to if one.organ_id in envelope.to_organ_ids)
    return replace(message, to=to)


def as_files(attachments: Sequence[StreamedAttachment]) -> list[FileAttachment]:
    return [
        FileAttachment(one.name, one.pieces, one.description, one.content_id) for one in attachments
    ]


def _as_it_is(raw: bytes | Blob) -> Body:
    if isinstance(raw, Blob):
        return Body(raw.size_bytes, raw.sha256, partial(store.checked_pieces, raw))
    return Body(len(raw), sha256(raw).hexdigest(), lambda: (raw,))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE_BYTES):
        yield piece
