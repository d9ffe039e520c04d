"""Writing messages strictly: as the axis's own Java library does, or as the .NET library."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from io import BytesIO
from typing import BinaryIO
from uuid import NAMESPACE_URL, uuid5

from chauban_edxml.attachments import clean_name
from chauban_edxml.carrying import Carried, carry, encoded, pieces_of_bytes
from chauban_edxml.checking import (
    cleaned,
    cleaned_status,
    require_complete,
    require_complete_status,
    require_same,
)
from chauban_edxml.errors import TooLarge, UnusableAttachment
from chauban_edxml.model import Attachment, DocumentMessage, Source, StatusMessage
from chauban_edxml.nodes import (
    HEADER_PATH,
    Extras,
    Node,
    as_dotnet,
    attachment_node,
    attributes_at,
    by_place,
    document_nodes,
    elements_at,
    graft,
    reference_node,
    status_nodes,
)
from chauban_edxml.parsing import DEFAULT, NAMESPACE, PAYLOAD, Limits
from chauban_edxml.reading import Intake
from chauban_edxml.rendering import PREFIX, attributes_text, rendered, rendered_extra
from chauban_edxml.streams import FileAttachment
from chauban_edxml.values import clean_text

_CONTENT_ID = re.compile(r"[0-9A-Za-z._@+-]{1,200}")
_BODY_PATH = "edXMLEnvelope/edXMLBody"
_LIST_PATH = "AttachmentEncoded"


class Profile(StrEnum):
    """Whose form is written; chosen for each hub (edxml.md section 13)."""

    JAVA = "java"
    DOTNET = "dotnet"


def write(
    message: DocumentMessage, *, profile: Profile = Profile.JAVA, limits: Limits = DEFAULT
) -> bytes:
    """Return message as edXML in UTF-8; the same message always gives the same bytes.

    Errors, and what becomes of the values, as for `write_to`.
    """
    out = BytesIO()
    write_to(out, message, profile=profile, limits=limits)
    return out.getvalue()


def write_to(
    out: BinaryIO,
    message: DocumentMessage,
    attachments: Sequence[FileAttachment] = (),
    *,
    profile: Profile = Profile.JAVA,
    limits: Limits = DEFAULT,
) -> Source:
    """Write message, with its own files and then attachments, and return size and digest.

    Files are read in pieces, twice: memory does not grow with them. Texts are normalised first
    (NFC, trimmed); an empty content is the subject. Content ids are made from DocumentId and
    position where an attachment has none. Unknown elements are put back; warnings and envelope
    signatures are not written. What is written is read back on the way. After an error, out
    holds a part of a message.

    Raises:
        MissingElement, BadOrganId, DuplicateRecipient, DoesNotFitDocType, UnusableAttachment,
        ValueOutOfRange: message is not one that may be sent; nothing was written.
        TooLarge: it would exceed limits, which the receiver may hold us to.
        SecretMarking: a field marks a state secret.
        NotFaithful: what was written does not read back as message.
    """
    message = cleaned(message)
    files = [*map(_as_file, message.attachments), *map(_cleaned_file, attachments)]
    require_complete(message)
    if len(files) > limits.attachments:
        raise TooLarge("attachments", limited_to=limits.attachments)
    carried = _carried(message, files)
    paper = _Paper(out, profile, message.document_id, by_place(message.extra), limits)
    paper.open_envelope()
    for node in document_nodes(message):
        paper.put(node, HEADER_PATH, depth=3)
    paper.close_header()
    _put_body(paper, carried)
    paper.end()
    written = paper.intake.close()
    require_same(replace(message, attachments=()), written)
    assert written.source is not None
    return written.source


def write_status(status: StatusMessage, *, profile: Profile = Profile.JAVA) -> bytes:
    """Return status as edXML in UTF-8.

    Raises:
        MissingElement, BadOrganId, ValueOutOfRange: status is not one that may be sent.
        SecretMarking: a field marks a state secret.
        NotFaithful: what was written does not read back as status.
    """
    status = cleaned_status(status)
    require_complete_status(status)
    out = BytesIO()
    document_id = status.response_for.document_id
    paper = _Paper(out, profile, document_id, by_place(status.extra), DEFAULT)
    paper.open_envelope()
    for node in status_nodes(status):
        paper.put(node, HEADER_PATH, depth=3)
    paper.close_header(signature=False)
    paper.put_extra("edXMLEnvelope", depth=2)
    paper.write("  </edXML:edXMLEnvelope>\n")
    paper.end()
    require_same(status, paper.intake.close())
    return out.getvalue()


def _as_file(attachment: Attachment) -> FileAttachment:
    if attachment.fault is not None:
        raise UnusableAttachment(attachment.name)
    return FileAttachment(
        attachment.name,
        pieces_of_bytes(attachment.content),
        attachment.description,
        attachment.content_id,
    )


def _cleaned_file(file: FileAttachment) -> FileAttachment:
    return FileAttachment(
        clean_name(clean_text(file.name)),
        file.pieces,
        clean_text(file.description),
        file.content_id,
    )


def _carried(
    message: DocumentMessage, files: Sequence[FileAttachment]
) -> list[tuple[str, FileAttachment, Carried]]:
    """Return each file with its content id, which no other has, and the form it travels in."""
    given = [file.content_id for file in files]
    result: list[tuple[str, FileAttachment, Carried]] = []
    for number, file in enumerate(files):
        uuid = str(uuid5(NAMESPACE_URL, f"{message.document_id}#{number}"))
        is_own = _CONTENT_ID.fullmatch(file.content_id) and given.count(file.content_id) == 1
        carried, fault = carry(file.name, file.pieces, uuid=uuid)
        if fault is not None or not file.name:
            raise UnusableAttachment(file.name)
        result.append((file.content_id if is_own else uuid, file, carried))
    return result


def _put_body(paper: _Paper, carried: Sequence[tuple[str, FileAttachment, Carried]]) -> None:
    """Write the manifest, the end of the envelope and the attachments, in one order."""
    paper.write(f"    <edXML:edXMLBody{paper.attributes(_BODY_PATH)}>\n")
    texts = [
        (content_id, item.content_type, file.description, file.name)
        for content_id, file, item in carried
    ]
    manifest = Node(
        "edXMLManifest",
        children=[reference_node(*text) for text in texts],
        attributes=(("version", "1.0"),),
    )
    paper.put(manifest, _BODY_PATH, depth=3)
    paper.put_extra(_BODY_PATH, depth=3)
    paper.write("    </edXML:edXMLBody>\n")
    paper.put_extra("edXMLEnvelope", depth=2)
    paper.write("  </edXML:edXMLEnvelope>\n")
    if carried:
        paper.write(f"  <AttachmentEncoded{paper.attributes(_LIST_PATH)}>\n")
        for number, (text, (_, _, item)) in enumerate(zip(texts, carried, strict=True), 1):
            paper.put_attachment(attachment_node(*text), number, item)
        paper.put_extra(_LIST_PATH, depth=2, prefix="")
        paper.write("  </AttachmentEncoded>\n")


class _Paper:
    """What is being written: each piece goes out, and is read back at once."""

    def __init__(
        self, out: BinaryIO, profile: Profile, document_id: str, extras: Extras, limits: Limits
    ) -> None:
        self._out, self._profile, self._document_id = out, profile, document_id
        self._extras = extras
        self._waiting: list[str] = []
        self.intake = Intake(limits)

    def write(self, text: str) -> None:
        self._waiting.append(text)

    def attributes(self, path: str) -> str:
        return attributes_text(attributes_at(path, self._extras))

    def open_envelope(self) -> None:
        is_java = self._profile is Profile.JAVA
        self.write(f'<?xml version="1.0" encoding="{"UTF-8" if is_java else "utf-8"}"?>\n')
        others = (
            ""
            if is_java
            else ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        )
        self.write(f'<edXML{others} xmlns="{NAMESPACE}"{self.attributes("")}>\n')
        envelope = self.attributes("edXMLEnvelope")
        self.write(f'  <edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}"{envelope}>\n')
        self.write(f"    <edXML:edXMLHeader{self.attributes(HEADER_PATH)}>\n")

    def put(self, node: Node, parent: str, *, depth: int) -> None:
        """Write an element of the envelope, with the unknown ones that belong in it."""
        node = self._formed(graft(node, f"{parent}/{node.name}", self._extras))
        for line in rendered(node, depth=depth):
            self.write(line)

    def put_extra(self, path: str, *, depth: int, prefix: str = PREFIX) -> None:
        """Write the unknown elements that stood directly in the one at path."""
        for extra in elements_at(path, self._extras):
            for line in rendered_extra(extra, depth=depth, prefix=prefix):
                self.write(line)

    def close_header(self, *, signature: bool = True) -> None:
        self.put_extra(HEADER_PATH, depth=3)
        if signature and self._profile is Profile.DOTNET:
            self.write("      <edXML:DigitalSignature />\n")
        self.write("    </edXML:edXMLHeader>\n")

    def put_attachment(self, node: Node, number: int, carried: Carried) -> None:
        """Write an attachment, the text of its file in pieces."""
        path = f"{_LIST_PATH}/Attachment" + ("" if number == 1 else f"[{number}]")
        node = self._formed(graft(node, path, self._extras))
        self.write(f"    <Attachment{attributes_text(node.attributes)}>\n")
        for child in node.children:
            if child.name == PAYLOAD:
                self._put_payload(carried)
                continue
            for line in rendered(child, depth=3, prefix=""):
                self.write(line)
        for extra in node.extra:
            for line in rendered_extra(extra, depth=3, prefix=""):
                self.write(line)
        self.write("    </Attachment>\n")

    def end(self) -> None:
        self.put_extra("", depth=1, prefix="")
        self.write("</edXML>\n")
        self._put_waiting()

    def _put_payload(self, carried: Carried) -> None:
        is_java = self._profile is Profile.JAVA
        tag = f"{PREFIX}{PAYLOAD}" if is_java else PAYLOAD
        declared = f' xmlns:edXML="{NAMESPACE}"' if is_java else ""
        self.write(f"      <{tag}{declared}>")
        self._put_waiting()
        for piece in encoded(carried.pieces()):
            self._put(piece)
        self.write(f"</{tag}>\n")

    def _formed(self, node: Node) -> Node:
        if self._profile is Profile.JAVA:
            return node
        return as_dotnet(node, document_id=self._document_id)

    def _put_waiting(self) -> None:
        self._put("".join(self._waiting).encode())
        self._waiting.clear()

    def _put(self, data: bytes) -> None:
        self.intake.feed(data)
        self._out.write(data)
