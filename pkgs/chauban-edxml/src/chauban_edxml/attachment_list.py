"""The manifest and the attachments of a received message, joined."""

from __future__ import annotations

from typing import NamedTuple

from chauban_edxml.attachments import (
    clean_name,
    decode_base64,
    fault_finding,
    is_as_named,
    join,
    normal_content_id,
    unwrap,
)
from chauban_edxml.blocks import Block
from chauban_edxml.errors import TooLarge
from chauban_edxml.findings import Finding
from chauban_edxml.model import Attachment, Fault
from chauban_edxml.parsing import Element, Limits


class _Reference(NamedTuple):
    content_id: str
    name: str
    description: str


def read_attachments(root: Block, envelope: Block, limits: Limits) -> tuple[Attachment, ...]:
    """Return the files in the order in which they are attached, those missing last.

    The text of each is released as it is decoded.

    Raises:
        TooLarge: more attachments than limits allow.
    """
    references, has_manifest = _references(envelope)
    holder = root if root.has("AttachmentEncoded") else envelope
    encoded = holder.block("AttachmentEncoded")
    if encoded.element is None and (references or not has_manifest):
        root.remark("no-attachment-list", "AttachmentEncoded")
    blocks = list(encoded.blocks("Attachment"))
    encoded.leave()
    if max(len(blocks), len(references)) > limits.attachments:
        raise TooLarge("attachments", limited_to=limits.attachments)
    ids = [(block.text("ContentId"), block.text("AttachmentName")) for block in blocks]
    joined, left_over = join([(r.content_id, r.name) for r in references], ids)
    budget, attachments = limits.unpacked_bytes, []
    for number, (block, (content_id, name)) in enumerate(zip(blocks, ids, strict=True)):
        reference = references[joined[number]] if number in joined else _Reference("", "", "")
        attachment, unpacked = _attachment(
            block,
            name=clean_name(name) or clean_name(reference.name) or f"attachment-{number + 1}",
            content_id=normal_content_id(content_id or reference.content_id),
            description=reference.description,
            limit_bytes=budget,
        )
        budget -= unpacked
        attachments.append(attachment)
    return (*attachments, *(_missing(references[number], root) for number in left_over))


def _references(envelope: Block) -> tuple[list[_Reference], bool]:
    body = envelope.block("edXMLBody")
    manifest = body.block("edXMLManifest" if body.has("edXMLManifest") else "Manifest")
    references = []
    for block in manifest.blocks("Reference"):
        content_id = block.text("ContentId") or _href(block.require())
        block.text("ContentType")
        reference = _Reference(content_id, block.text("AttachmentName"), block.text("Description"))
        references.append(reference)
        block.leave()
    manifest.leave()
    body.leave()
    return references, manifest.element is not None


def _href(element: Element) -> str:
    return next((v for name, v in element.attributes.items() if name.endswith(":href")), "")


def _attachment(
    block: Block, *, name: str, content_id: str, description: str, limit_bytes: int
) -> tuple[Attachment, int]:
    """Return the attachment in block, and how many bytes came out of an archive."""
    payload = block.block("ContentTransferEncoded")
    content, fault, unpacked = _content(payload, name, limit_bytes)
    if fault is not None:
        block.notes.findings.append(fault_finding(fault, path=block.path, name=name))
    elif not is_as_named(name, content):
        block.notes.remark("not-as-named", block.path, name)
    attachment = Attachment(
        name=name,
        content=content,
        description=block.text("Description") or description,
        fault=fault,
        content_type=block.text("ContentType"),
        content_id=content_id,
    )
    for known in ("MimeType", "FieldName", "Format"):
        block.text(known)
    block.leave()
    return attachment, unpacked


def _content(payload: Block, name: str, limit_bytes: int) -> tuple[bytes, Fault | None, int]:
    chunks = payload.element.chunks if payload.element else []
    if not any(chunk.strip() for chunk in chunks):
        return b"", Fault.MISSING, 0
    carried = decode_base64(chunks)
    if carried is None:
        return b"", Fault.NOT_BASE64, 0
    content, fault, mended = unwrap(name, carried, limit_bytes=limit_bytes)
    if mended:
        payload.notes.remark("mended-archive", payload.path, name)
    return content, fault, 0 if content is carried else len(content)


def _missing(reference: _Reference, root: Block) -> Attachment:
    name = clean_name(reference.name) or "attachment"
    path = "edXMLEnvelope/edXMLBody/edXMLManifest/Reference"
    root.notes.findings.append(Finding("missing-attachment", path, name))
    return Attachment(
        name=name,
        content=b"",
        description=reference.description,
        fault=Fault.MISSING,
        content_id=normal_content_id(reference.content_id),
    )
