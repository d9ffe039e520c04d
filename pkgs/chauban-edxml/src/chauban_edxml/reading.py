"""Reading messages: tolerant of every dialect seen, strict about what could do harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO, NamedTuple

from chauban_edxml.attachment_list import read_attachments
from chauban_edxml.blocks import ACCEPTED_NAMESPACES, Block, Notes, ordered
from chauban_edxml.errors import NoMessageHeader, NotEdXML, TooLarge
from chauban_edxml.header_reading import read_document, read_status
from chauban_edxml.model import Attachment, DocumentMessage, Extra, Source, StatusMessage
from chauban_edxml.parsing import DEFAULT, Limits, Parsed, TreeParser, parse
from chauban_edxml.streams import StreamedAttachment, remarks

Message = DocumentMessage | StatusMessage
_PIECE = 1 << 20
_SIGNATURES = ("Signature", "DigitalSignature", "SignatureEdoc")


def read(data: bytes, *, limits: Limits = DEFAULT) -> Message:
    """Return the message in data; its content decides which kind it is.

    A damaged value becomes a warning, a damaged file an attachment with a fault. Order of
    elements, dialect and unknown elements do not matter. source keeps data and its digest.

    Raises:
        TooLarge: a limit is exceeded.
        JunkBeforeDeclaration, Malformed, HasDTD: not XML that we accept.
        NotEdXML, NoMessageHeader: XML with another root, or without the header.
        SecretMarking: a field marks a state secret; no content was decoded.
        MissingIdentity: no sender, no DocumentId and no Code.
        UnsupportedDocType: an operation other than 0 to 3.
    """
    message, attachments = _opened(parse(data, limits), BytesIO(data), limits)
    return with_source(with_files(message, attachments), data)


def read_without_attachments(data: bytes, *, limits: Limits = DEFAULT) -> Message:
    """Return the message in data with its attachments left undecoded; errors as for `read`."""
    message, _ = _opened(parse(data, limits), BytesIO(data), limits)
    return with_source(message, data)


class Opened(NamedTuple):
    """A message without its files, and the files."""

    message: Message
    attachments: tuple[StreamedAttachment, ...]


def open_message(source: BinaryIO, *, limits: Limits = DEFAULT) -> Opened:
    """Return the message in a seekable file, whose attachments are read when asked for.

    The whole of source has been parsed by then, so that no file is handed out of a message that
    is refused further on. source must stay open; memory does not grow with the files.
    Errors as for `read`.
    """
    require_size(source, limits)
    parser, digest = TreeParser(limits), sha256()
    while piece := source.read(_PIECE):
        digest.update(piece)
        parser.feed(piece)
    message, attachments = _opened(parser.close(), source, limits)
    evidence = Source(parser.size_bytes, digest.hexdigest())
    return Opened(replace(message, source=evidence), attachments)


def require_size(source: BinaryIO, limits: Limits) -> None:
    """Refuse a seekable file by its size alone, and leave it at its beginning.

    Raises:
        TooLarge
    """
    if source.seek(0, 2) > limits.size_bytes:
        raise TooLarge("size in bytes", limited_to=limits.size_bytes)
    source.seek(0)


class Intake:
    """A message as it arrives, checked before any of it need be stored.

    Until may_be_stored, what was fed belongs in memory only (at most `Limits.header_bytes`, and
    one piece): a mark of secrecy in the header is refused by then, and files that stand before
    the header may not be longer. Marks further on, which no dialect has, are refused as they come.
    """

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self._parser = TreeParser(limits)
        self._digest = sha256()
        self._limits = limits
        self.may_be_stored = False

    def feed(self, piece: bytes) -> None:
        """Take the next piece; errors as for `read`, save those that `close` has."""
        self._digest.update(piece)
        self._parser.feed(piece)
        self.may_be_stored = self._parser.reached_content
        held_bytes = 0 if self.may_be_stored else self._parser.size_bytes
        if held_bytes > self._limits.header_bytes + _PIECE:
            raise TooLarge("size before the header", limited_to=self._limits.header_bytes)

    def close(self) -> Message:
        """Return the message without its files, now that all of it came; errors as for `read`."""
        parsed = self._parser.close()
        self.may_be_stored = True
        message, _ = _opened(parsed, BytesIO(), self._limits)
        evidence = Source(self._parser.size_bytes, self._digest.hexdigest())
        return replace(message, source=evidence)


def with_files(message: Message, attachments: Sequence[StreamedAttachment]) -> Message:
    """Return message with its files read into memory, and the remarks on them."""
    if isinstance(message, StatusMessage):
        return message
    findings = list(message.warnings)
    files = []
    for attachment in attachments:
        pieces: list[bytes] = []
        assessed = attachment.take(keep=pieces)
        findings += remarks(assessed, path=attachment.path, name=attachment.name)
        files.append(
            Attachment(
                name=attachment.name,
                content=b"".join(pieces),
                description=attachment.description,
                fault=assessed.fault,
                content_type=attachment.content_type,
                content_id=attachment.content_id,
            )
        )
    return replace(message, attachments=tuple(files), warnings=tuple(findings))


def with_source(message: Message, data: bytes) -> Message:
    """Return message with the bytes that it was read from."""
    return replace(message, source=Source(len(data), raw=data))


def with_notes(message: Message, notes: Notes) -> Message:
    """Return message with what reading met on the way."""
    return replace(
        message,
        extra=ordered(notes.extra),
        warnings=tuple(notes.findings),
        repairs=tuple(notes.repairs),
    )


def notes_on(parsed: Parsed) -> Notes:
    """Return the notes that begin with what parsing itself mended."""
    notes, root = Notes(), parsed.root.name
    for prefix in parsed.undeclared_prefixes:
        notes.remark("undeclared-prefix", root, prefix)
    if parsed.declared_encoding.lower() not in ("", "utf-8", "utf8", "us-ascii"):
        notes.remark("declared-encoding", root, parsed.declared_encoding)
    if parsed.skipped_bytes:
        notes.repaired("leading-space", root, str(parsed.skipped_bytes))
    return notes


def _opened(parsed: Parsed, source: BinaryIO, limits: Limits) -> Opened:
    if parsed.root.name != "edXML" or parsed.root.namespace not in ACCEPTED_NAMESPACES:
        raise NotEdXML(parsed.root.name)
    notes = notes_on(parsed)
    root = Block(parsed.root, "", notes)
    envelope = root.block("edXMLEnvelope")
    header = envelope.block("edXMLHeader")
    message_header = header.block("MessageHeader")
    if message_header.element is None:
        raise NoMessageHeader
    if not parsed.header_prefix:
        message_header.notes.repaired("prefix-dropped", message_header.path)
    attachments: tuple[StreamedAttachment, ...] = ()
    if message_header.has("StatusCode"):
        message: Message = read_status(message_header)
    else:
        message = read_document(message_header, header.block("TraceHeaderList"))
        attachments = read_attachments(
            root, envelope, source, skipped_bytes=parsed.skipped_bytes, limits=limits
        )
    signature: tuple[Extra, ...] = sum((header.opaque(name) for name in _SIGNATURES), ())
    for block in (message_header, header, envelope, root):
        block.leave()
    message = replace(message, envelope_signature=signature)
    return Opened(with_notes(message, notes), attachments)
