"""The manifest and the attachments of a received message, joined (edxml.md sections 4.7, 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO, NamedTuple

from chauban_edxml.attachments import clean_name, join, normal_content_id
from chauban_edxml.blocks import Block
from chauban_edxml.carrying import NotBase64, Pieces, decoded_span
from chauban_edxml.errors import TooLarge
from chauban_edxml.parsing import PAYLOAD, Element, Limits, Span
from chauban_edxml.streams import Room, StreamedAttachment

_MANIFEST = "edXMLManifest"


class Reference(NamedTuple):
    """A line of the manifest; path is where it stands."""

    content_id: str
    name: str
    description: str
    content_type: str
    path: str


def read_attachments(
    root: Block, envelope: Block, source: BinaryIO, *, skipped_bytes: int, limits: Limits
) -> tuple[StreamedAttachment, ...]:
    """Return the files in the order in which they are attached, those missing last.

    source is what the blocks were parsed from; skipped_bytes stood before the first `<` there.

    Raises:
        TooLarge: more attachments than limits allow.
    """
    body = envelope.block("edXMLBody")
    has_manifest = body.has(_MANIFEST)
    references = read_manifest(body)
    body.leave()
    holder = root if root.has("AttachmentEncoded") else envelope
    if holder is envelope and envelope.has("AttachmentEncoded"):
        envelope.repaired("older-place", "AttachmentEncoded")
    encoded = holder.block("AttachmentEncoded")
    if encoded.element is None and (references or not has_manifest):
        root.remark("no-attachment-list", "AttachmentEncoded")
    blocks = list(encoded.blocks("Attachment", even_empty=True))
    encoded.leave()
    require_few(len(blocks), len(references), limits)
    found = [_Found.take(block, source, skipped_bytes) for block in blocks]
    joined, left_over = join(
        [(reference.content_id, reference.name) for reference in references],
        [(each.content_id, each.name) for each in found],
    )
    room = Room(limits.unpacked_bytes)
    attachments = []
    for number, each in enumerate(found):
        reference = references[joined[number]] if number in joined else None
        _note_joining(each, reference, len(references), root)
        attachments.append(each.attachment(reference, number=number, room=room))
        _note_name(attachments[-1], each, reference, root)
    missing = [missing_file(references[number], room) for number in left_over]
    return (*attachments, *missing)


def require_few(attachments: int, references: int, limits: Limits) -> None:
    """Raises: TooLarge, when there are more of either than limits allow."""
    if max(attachments, references) > limits.attachments:
        raise TooLarge("attachments", limited_to=limits.attachments)


def read_manifest(body: Block) -> list[Reference]:
    """Return the lines of the manifest in body; an id may stand in `xlink:href` alone."""
    manifest = body.block(_MANIFEST)
    references = []
    for block in manifest.blocks("Reference", even_empty=True):
        reference = Reference(
            content_id=block.text("ContentId") or _href(block.require().attributes),
            name=block.text("AttachmentName"),
            description=block.text("Description"),
            content_type=block.text("ContentType"),
            path=block.path,
        )
        references.append(reference)
        block.leave()
    manifest.leave()
    return references


def missing_file(reference: Reference, room: Room) -> StreamedAttachment:
    """Return the attachment that a line of the manifest promises and the message lacks."""
    return StreamedAttachment(
        clean_name(reference.name) or "attachment",
        lambda: (),
        room=room,
        path=reference.path,
        description=reference.description,
        content_type=reference.content_type,
        content_id=normal_content_id(reference.content_id),
    )


class _Found(NamedTuple):
    """An `Attachment` element."""

    path: str
    content_id: str
    name: str
    description: str
    content_type: str
    carried: Pieces

    @classmethod
    def take(cls, block: Block, source: BinaryIO, skipped_bytes: int) -> _Found:
        payload = block.block(PAYLOAD)
        found = cls(
            path=block.path,
            content_id=block.text("ContentId"),
            name=block.text("AttachmentName"),
            description=block.text("Description"),
            content_type=block.text("ContentType"),
            carried=_carried(payload.element, source, skipped_bytes),
        )
        block.leave()
        return found

    def attachment(
        self, reference: Reference | None, *, number: int, room: Room
    ) -> StreamedAttachment:
        listed = reference or Reference("", "", "", "", "")
        return StreamedAttachment(
            clean_name(self.name) or clean_name(listed.name) or f"attachment-{number + 1}",
            self.carried,
            room=room,
            path=self.path,
            description=self.description or listed.description,
            content_type=self.content_type,
            content_id=normal_content_id(self.content_id or listed.content_id),
        )


def _carried(payload: Element | None, source: BinaryIO, skipped_bytes: int) -> Pieces:
    if payload is None:
        return lambda: ()
    if payload.children or payload.payload is None:
        return _refused
    span = Span(*(at + skipped_bytes for at in payload.payload))
    return lambda: decoded_span(source, span)


def _refused() -> tuple[bytes, ...]:
    raise NotBase64


def _note_joining(found: _Found, reference: Reference | None, references: int, root: Block) -> None:
    """Note which attachment was joined by name or place, as its id is in no line."""
    same_id = reference and normal_content_id(reference.content_id) == normal_content_id(
        found.content_id
    )
    if references and not same_id:
        root.notes.repaired("joined-without-id", found.path, found.content_id)


def _note_name(
    attachment: StreamedAttachment, found: _Found, reference: Reference | None, root: Block
) -> None:
    received = found.name or (reference.name if reference else "")
    if attachment.name != received:
        root.notes.repaired("file-renamed", found.path, attachment.name)


def _href(attributes: Mapping[str, str]) -> str:
    return next((value for name, value in attributes.items() if name.endswith("}href")), "")
