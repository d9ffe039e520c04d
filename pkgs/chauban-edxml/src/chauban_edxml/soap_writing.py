"""e-Doc v1 as it is written: the blocks of edXML in SOAP, files as further parts (section 12.4).

The dialect has no place for DocumentType/TypeDetail, for Direction, ReplyFors and ReferenceCodes,
nor for the reason of a new document: they are left out. All else reads back as it was.
"""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeVar

from chauban_edxml.blocks import SOAP_NAMESPACE, V1_NAMESPACE
from chauban_edxml.carrying import pieces_of_bytes
from chauban_edxml.checking import (
    cleaned,
    cleaned_status,
    require_complete,
    require_complete_status,
    require_same,
)
from chauban_edxml.errors import TooLarge, UnusableAttachment
from chauban_edxml.media_types import media_type
from chauban_edxml.model import (
    Attachment,
    Bussiness,
    BussinessDocType,
    DocumentMessage,
    DocumentType,
    StatusMessage,
)
from chauban_edxml.nodes import HEADER_PATH, Node, by_place, document_nodes, graft, status_nodes
from chauban_edxml.parsing import DEFAULT, NAMESPACE, Limits
from chauban_edxml.rendering import escaped, rendered
from chauban_edxml.soap import read_soap
from chauban_edxml.streams import FileAttachment

TOKEN_NAMESPACE = "http://e-doc.vn/xsd"
_XLINK = "http://www.w3.org/1999/xlink"
_NO_DATE = "01/01/1900"
_ROOT = "root"
_LINE_BYTES = 57  # 76 characters of base64: RFC 2045 section 6.8
_LEGISLATION, _ADMINISTRATION = 1, 2

_Message = TypeVar("_Message", DocumentMessage, StatusMessage)

_ORDER = {
    "MessageHeader": [
        "From",
        "To",
        "Code",
        "PromulgationInfo",
        "DocumentType",
        "Subject",
        "Content",
        "SignerInfo",
        "DueDate",
        "ToPlaces",
        "OtherInfo",
        "SteeringType",
        "DocumentId",
        "ResponseFor",
    ],
    "TraceHeaderList": ["TraceHeader", "Bussiness"],
    "Status": ["ResponseFor", "From", "Description", "TimeStamp", "StatusCode", "StaffInfo"],
}
_WRITTEN_EMPTY = ("From", "To", "PromulgationInfo", "SignerInfo", "OtherInfo", "Appendixes")
_LEFT_OUT = ("TypeDetail", "Direction", "ReplyFors", "ReferenceCodes")
_NAMES = {"Timestamp": "TimeStamp"}  # within a status


@dataclass(frozen=True)
class SoapPackage:
    """A message as the body of a request: content_type is its header, pieces give it anew."""

    content_type: str
    pieces: Callable[[], Iterator[bytes]]


def soap_package(
    message: DocumentMessage,
    attachments: Sequence[FileAttachment] = (),
    *,
    token: str = "",
    limits: Limits = DEFAULT,
) -> SoapPackage:
    """Return message with its own files and then attachments, each read when its turn comes.

    Raises:
        MissingElement, BadOrganId, DuplicateRecipient, DoesNotFitDocType, UnusableAttachment,
        TooLarge, SecretMarking, NotFaithful: as for `chauban_edxml.write_to`.
    """
    message = _named(_carried(cleaned(message)))
    require_complete(message)
    files = [*map(_as_file, message.attachments), *attachments]
    if len(files) > limits.attachments:
        raise TooLarge("attachments", limited_to=limits.attachments)
    places = by_place(message.extra)
    header = [
        _as_v1(graft(node, f"{HEADER_PATH}/{node.name}", places))
        for node in document_nodes(message)
    ]
    references = [_reference(number, file) for number, file in enumerate(files, start=1)]
    manifest = Node("Manifest", children=references, is_kept=True)
    written = read_soap(soap_envelope(header, manifest), limits=limits)
    require_same(replace(message, attachments=()), _without_files(written))
    root = soap_envelope(header, manifest, token=token)
    boundary = f"edoc-{sha256(root).hexdigest()[:40]}"
    return SoapPackage(
        f'multipart/related; type="text/xml"; boundary="{boundary}"; start="<{_ROOT}>"',
        lambda: _parts(root, files, boundary),
    )


def soap_status(status: StatusMessage, *, token: str = "") -> bytes:
    """Return status in a SOAP envelope of its own.

    Raises:
        MissingElement, BadOrganId, SecretMarking, NotFaithful: as for `write_status`.
    """
    status = cleaned_status(status)
    require_complete_status(status)
    require_same(_named(status), read_soap(unchecked_soap_status(status)))
    return unchecked_soap_status(status, token=token)


def unchecked_soap_status(status: StatusMessage, *, token: str = "") -> bytes:
    """Return status, which came from elsewhere, whether or not we would send such."""
    status = _named(status)
    (header,) = status_nodes(status)
    header = graft(header, f"{HEADER_PATH}/MessageHeader", by_place(status.extra))
    return soap_envelope([_as_v1(replace(header, name="Status"))], token=token)


def soap_envelope(header: Sequence[Node], body: Node | None = None, *, token: str = "") -> bytes:
    """Return a SOAP 1.1 envelope whose blocks are of e-Doc v1's namespace."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP_NAMESPACE}" xmlns:edXML="{V1_NAMESPACE}">\n',
        "  <SOAP-ENV:Header>\n",
    ]
    if token:
        lines.append(f'    <Token xmlns="{TOKEN_NAMESPACE}">{escaped(token)}</Token>\n')
    for node in header:
        lines += rendered(node, depth=2)
    lines.append("  </SOAP-ENV:Header>\n  <SOAP-ENV:Body>\n")
    if body:
        lines += rendered(body, depth=2)
    lines.append("  </SOAP-ENV:Body>\n</SOAP-ENV:Envelope>\n")
    return "".join(lines).encode()


def _carried(message: DocumentMessage) -> DocumentMessage:
    """The message without what the dialect cannot say."""
    kind, info = message.document_type, message.other_info
    if kind:
        number = _LEGISLATION if kind.type == _LEGISLATION else _ADMINISTRATION
        kind = DocumentType(kind.type_name, number)
    is_new = message.bussiness.bussiness_doc_type is BussinessDocType.NEW
    return replace(
        message,
        document_type=kind,
        other_info=replace(info, direction=False, reply_fors=(), reference_codes=()),
        bussiness=Bussiness() if is_new else message.bussiness,
    )


def _named(message: _Message) -> _Message:
    """The message with its unknown elements in the namespace of the dialect."""
    extra = (
        replace(one, namespace=V1_NAMESPACE) if one.namespace == NAMESPACE else one
        for one in message.extra
    )
    return replace(message, extra=tuple(extra))


def _without_files(message: DocumentMessage | StatusMessage) -> DocumentMessage | StatusMessage:
    return replace(message, attachments=()) if isinstance(message, DocumentMessage) else message


def _as_v1(node: Node) -> Node:
    order = {name: place for place, name in enumerate(_ORDER.get(node.name, ()))}
    children = [_as_v1(child) for child in node.children if child.name not in _LEFT_OUT]
    if node.name == "Status":
        children = [replace(one, name=_NAMES.get(one.name, one.name)) for one in children]
    if node.name == "TraceHeaderList":
        children = [one for one in children if one.name != "Bussiness" or not _is_new(one)]
    if node.name == "Appendixes" and not children:
        children = [Node("Appendix")]
    if node.name in _WRITTEN_EMPTY:
        children = [replace(one, is_kept=True) for one in children]
    children.sort(key=lambda child: order.get(child.name, len(order)))
    return replace(node, children=children, text=_text_of(node))


def _is_new(bussiness: Node) -> bool:
    kind = next(one.text for one in bussiness.children if one.name == "BussinessDocType")
    return kind == str(BussinessDocType.NEW.value)


def _text_of(node: Node) -> str:
    if node.name in ("PromulgationDate", "DueDate", "Timestamp", "TimeStamp"):
        if not node.text:
            return _NO_DATE if node.name == "DueDate" else ""
        day, space, time = node.text.partition(" ")
        return "/".join(reversed(day.split("/"))) + space + time
    return node.text


def _as_file(attachment: Attachment) -> FileAttachment:
    if attachment.fault is not None:
        raise UnusableAttachment(attachment.name)
    pieces = pieces_of_bytes(attachment.content)
    return FileAttachment(attachment.name, pieces, attachment.description)


def _content_id(number: int) -> str:
    return f"att-{number:04}"


def _reference(number: int, file: FileAttachment) -> Node:
    return Node(
        "Reference",
        children=[Node("AttachmentName", file.name), Node("Description", file.description)],
        attributes=(
            (f"{{{_XLINK}}}href", f"cid:{_content_id(number)}"),
            (f"{{{_XLINK}}}type", "simple"),
        ),
    )


def _parts(root: bytes, files: Sequence[FileAttachment], boundary: str) -> Iterator[bytes]:
    yield _head(boundary, "text/xml; charset=utf-8", "8bit", _ROOT) + root
    for number, file in enumerate(files, start=1):
        yield b"\r\n" + _head(boundary, media_type(file.name), "base64", _content_id(number))
        yield from _lines(file.pieces())
    yield f"\r\n--{boundary}--\r\n".encode()


def _head(boundary: str, content_type: str, encoding: str, content_id: str) -> bytes:
    return (
        f"--{boundary}\r\nContent-Type: {content_type}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\nContent-ID: <{content_id}>\r\n\r\n"
    ).encode()


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        whole = rest + piece
        usable = len(whole) - len(whole) % _LINE_BYTES
        rest = whole[usable:]
        yield encodebytes(whole[:usable])
    yield encodebytes(rest)
