"""Reading e-Doc v1, the exports of 2013, and the provincial status: edXML inside SOAP (12.4).

The blocks are those of edXML in the namespace `http://www.e-doc.vn/Schema/`; the files
are further parts of a MIME package, named by Content-ID.
"""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

from chauban_edxml.attachment_list import Reference, missing_file, read_manifest, require_few
from chauban_edxml.attachments import clean_name, normal_content_id
from chauban_edxml.blocks import SOAP_NAMESPACE, Block
from chauban_edxml.carrying import NotBase64, read_between
from chauban_edxml.errors import BadPart, NoMessageHeader, NotEdXML, TooLarge
from chauban_edxml.header_reading import read_document, read_status
from chauban_edxml.model import Dialect, Source
from chauban_edxml.multipart import Part, is_multipart, parts_of, root_part
from chauban_edxml.parsing import DEFAULT, Limits, Parsed, TreeParser
from chauban_edxml.reading import (
    Message,
    Opened,
    notes_on,
    open_message,
    read,
    require_size,
    with_files,
    with_notes,
    with_source,
)
from chauban_edxml.streams import Room, StreamedAttachment

_START = 4096
_HEADER = "edXMLEnvelope/edXMLHeader"
_ENVELOPE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^>]*>\s*|<!--(?:(?!-->).)*-->\s*)*<(?:[\w.\-]+:)?Envelope[\s>]",
    re.DOTALL,
)


def read_soap(data: bytes, *, content_type: str = "", limits: Limits = DEFAULT) -> Message:
    """Return the message in a SOAP envelope, alone or the root of a package with its files.

    content_type is the HTTP header, of use for a package; without it the first line tells.

    Raises:
        BadPart: a package whose parts cannot be told.
        NotReadable: as for `chauban_edxml.read`.
    """
    opened = open_soap(BytesIO(data), content_type=content_type, limits=limits)
    return with_source(with_files(*opened), data)


def open_soap(source: BinaryIO, *, content_type: str = "", limits: Limits = DEFAULT) -> Opened:
    """Return the message in a seekable file, its files read when asked for; see `read_soap`."""
    require_size(source, limits)
    parts: tuple[Part, ...] = ()
    root = Part({}, 0, source.seek(0, 2), source)
    source.seek(0)
    if content_type.lower().startswith("multipart/") or is_multipart(source.read(256)):
        parts = parts_of(source, content_type=content_type, limits=limits)
        root = root_part(parts, content_type=content_type)
    if root.end - root.start > limits.header_bytes:
        raise TooLarge("size without files", limited_to=limits.header_bytes)
    parser = TreeParser(limits)
    try:
        for piece in root.pieces()():
            parser.feed(piece)
    except NotBase64 as reason:
        raise BadPart("content-transfer-encoding") from reason
    files = [part for part in parts if part is not root]
    opened = _opened(parser.close(), files, limits)
    return Opened(replace(opened.message, source=_source(source)), opened.attachments)


def open_any(source: BinaryIO, *, limits: Limits = DEFAULT) -> Opened:
    """Return the message in a seekable file, an edXML file's or one in SOAP, whichever it is.

    Raises:
        NotReadable: as for `open_soap` and `chauban_edxml.open_message`.
    """
    start = source.read(_START)
    source.seek(0)
    opens = open_soap if is_soap(start) else open_message
    return opens(source, limits=limits)


def read_any(data: bytes, *, limits: Limits = DEFAULT) -> Message:
    """Return the message in data, an edXML file's or one in SOAP; errors as for `open_any`."""
    reads = read_soap if is_soap(data[:_START]) else read
    return reads(data, limits=limits)


def is_soap(start: bytes) -> bool:
    """Tell whether the first bytes of a file are those of a package or a SOAP envelope."""
    return is_multipart(start) or _ENVELOPE.match(start) is not None


def _opened(parsed: Parsed, files: list[Part], limits: Limits) -> Opened:
    if (parsed.root.name, parsed.root.namespace) != ("Envelope", SOAP_NAMESPACE):
        raise NotEdXML(parsed.root.name)
    notes = notes_on(parsed)
    # Paths are those that the blocks have in an edXML file, so that it can be written as one.
    root = Block(parsed.root, "edXMLEnvelope", notes)
    header = root.block("Header", path=_HEADER)
    body = root.block("Body", path="edXMLEnvelope/edXMLBody")
    if header.has("Status"):
        status = header.block("Status", path=f"{_HEADER}/MessageHeader")
        is_v1 = status.require().namespace != SOAP_NAMESPACE
        dialect = Dialect.E_DOC_V1 if is_v1 else Dialect.PROVINCIAL_SOAP
        message: Message = replace(read_status(status), dialect=dialect)
        attachments: tuple[StreamedAttachment, ...] = ()
        status.leave()
    else:
        message_header = header.block("MessageHeader")
        if message_header.element is None:
            raise NoMessageHeader
        document = read_document(message_header, header.block("TraceHeaderList"))
        message = replace(document, dialect=Dialect.E_DOC_V1)
        attachments = _attachments(read_manifest(body), files, body, limits)
        message_header.leave()
    for block in (header, body, root):
        block.leave()
    return Opened(with_notes(message, notes), attachments)


def _attachments(
    references: list[Reference], files: list[Part], body: Block, limits: Limits
) -> tuple[StreamedAttachment, ...]:
    """Return the parts that the manifest names, then those it does not, then what is missing."""
    require_few(len(files), len(references), limits)
    by_id = {part.content_id: part for part in files}
    room = Room(limits.unpacked_bytes)
    attachments, missing = [], []
    for reference in references:
        part = by_id.pop(normal_content_id(reference.content_id), None)
        if part is None:
            missing.append(missing_file(reference, room))
        else:
            attachments.append(_attachment(part, reference, room))
    for number, part in enumerate(by_id.values(), start=1):
        body.notes.repaired("joined-without-id", "edXMLEnvelope/edXMLBody", part.content_id)
        nameless = Reference(part.content_id, f"attachment-{number}", "", "", body.path)
        attachments.append(_attachment(part, nameless, room))
    return (*attachments, *missing)


def _attachment(part: Part, reference: Reference, room: Room) -> StreamedAttachment:
    return StreamedAttachment(
        clean_name(reference.name) or "attachment",
        part.pieces(),
        room=room,
        path=reference.path,
        description=reference.description,
        content_type=part.content_type or reference.content_type,
        content_id=part.content_id,
    )


def _source(source: BinaryIO) -> Source:
    digest, size_bytes = sha256(), source.seek(0, 2)
    for piece in read_between(source, 0, size_bytes):
        digest.update(piece)
    return Source(size_bytes, digest.hexdigest())
