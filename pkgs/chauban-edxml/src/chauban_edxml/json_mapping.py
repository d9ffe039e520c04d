"""The JSON form in which gateways take and give edXML: the elements' names in small letters.

`{"header": {"messageheader": …, "traceheaderlist": …}, "body": …, "attachments": […]}` for a
document, `{"header": {"status": …}}` or flat `responsefor_organid` keys for a status, either
inside `{"data": …}`. Files travel beside it, or as base64 in `filecontent`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chauban_edxml.attachment_list import require_few
from chauban_edxml.attachments import clean_name, normal_content_id
from chauban_edxml.blocks import Block, Notes
from chauban_edxml.carrying import Pieces, decoded
from chauban_edxml.errors import BadJson, NoMessageHeader, SecretMarking, TooLarge
from chauban_edxml.header_reading import read_document, read_status
from chauban_edxml.model import Dialect, StatusMessage
from chauban_edxml.nodes import Node, document_nodes, status_nodes
from chauban_edxml.parsing import DEFAULT, NAMESPACE, Element, Limits, sender_of
from chauban_edxml.reading import Message, Opened, with_files, with_notes, with_source
from chauban_edxml.secrecy import is_mark_name, is_secret
from chauban_edxml.streams import Room, StreamedAttachment

Json = Any

_HEADER = "edXMLEnvelope/edXMLHeader"
_NAMES = (
    "MessageHeader", "TraceHeaderList", "From", "To", "ResponseFor", "StaffInfo", "StatusCode",
    "Description", "Timestamp", "OrganId", "OrganizationInCharge", "OrganName", "OrganAdd",
    "Email", "Telephone", "Fax", "Website", "DocumentId", "Code", "CodeNumber", "CodeNotation",
    "PromulgationInfo", "Place", "PromulgationDate", "DocumentType", "Type", "TypeDetail",
    "TypeName", "Subject", "Content", "SignerInfo", "Competence", "Position", "FullName",
    "DueDate", "OtherInfo", "Priority", "SphereOfPromulgation", "TyperNotation",
    "PromulgationAmount", "PageAmount", "ReplyFors", "ReplyFor", "Direction", "ReferenceCodes",
    "ReferenceCode", "Appendixes", "Appendix", "SteeringType", "ResponseForTask", "TaskCode",
    "ApplicationType", "ToPlaces", "TraceHeader", "Bussiness", "BussinessDocType",
    "BussinessDocReason", "Paper", "BussinessDocumentInfo", "DocumentInfo", "DocumentReceiver",
    "ReceiverList", "Receiver", "ReceiverType", "ReplacementInfoList", "ReplacementInfo",
    "OrganIdList", "Department", "DepartmentId", "Staff", "StaffId", "Mobile",
)  # fmt: skip
_WIRE_NAMES = {name.lower(): name for name in _NAMES} | {"toes": "To"}
# Lists of texts, whose items have a name on the wire only.
_ITEMS = {
    "ToPlaces": "Place",
    "Appendixes": "Appendix",
    "ReplyFors": "ReplyFor",
    "ReferenceCodes": "ReferenceCode",
    "ResponseForTask": "TaskCode",
}
_ALWAYS_LISTS = ("To", "TraceHeader", "Receiver", "ReplacementInfo", "OrganId")
_FLAT = ("responsefor", "from", "staffinfo")
_NAME = re.compile(r"[^\W\d][\w.\-]{0,99}")


def read_json(
    data: bytes, *, files: Mapping[str, Pieces] | None = None, limits: Limits = DEFAULT
) -> Message:
    """Return the message in data; files gives the content of attachments by name.

    Raises:
        BadJson, NoMessageHeader: no JSON, or not of this form.
        TooLarge, SecretMarking, MissingIdentity, UnsupportedDocType: as for `chauban_edxml.read`.
    """
    return with_source(with_files(*open_json(data, files=files, limits=limits)), data)


def open_json(
    data: bytes, *, files: Mapping[str, Pieces] | None = None, limits: Limits = DEFAULT
) -> Opened:
    """Return the message in data without its files, and these; see `read_json`."""
    told = _loaded(data, limits)
    header: Json = told.get("header", {})
    notes = Notes()
    if not isinstance(header, dict):
        raise NoMessageHeader
    status: Json = _unflattened(told) if "statuscode" in told else header.get("status")
    if isinstance(status, dict):
        block = Block(_tree("MessageHeader", status), f"{_HEADER}/MessageHeader", notes)
        message: Message = replace(read_status(block), dialect=Dialect.JSON)
        block.leave()
        return Opened(with_notes(message, notes), ())
    if not isinstance(header.get("messageheader"), dict):
        raise NoMessageHeader
    top = _tree("edXMLHeader", {**header, "signature": None})
    root = Block(top, _HEADER, notes)
    block = root.block("MessageHeader")
    message = read_document(block, root.block("TraceHeaderList"))
    block.leave()
    root.leave()
    attachments = _attachments(told, files or {}, limits)
    return Opened(with_notes(replace(message, dialect=Dialect.JSON), notes), attachments)


def write_json(message: Message) -> dict[str, Json]:
    """Return message in this form, its files by name and description only.

    Unknown elements are left out: the form has no place for them.
    """
    if isinstance(message, StatusMessage):
        (header,) = status_nodes(message)
        return {"header": {"status": _value(header)}}
    header, traces = document_nodes(message)
    return {
        "header": {"messageheader": _value(header), "traceheaderlist": _value(traces)},
        "attachments": [
            {"attachmentname": each.name, "description": each.description}
            for each in message.attachments
        ],
    }


def _loaded(data: bytes, limits: Limits) -> dict[str, Json]:
    if len(data) > limits.size_bytes:
        raise TooLarge("size in bytes", limited_to=limits.size_bytes)
    # Each costs a hundred bytes once parsed, so they are counted before.
    if sum(data.count(mark) for mark in (b"{", b"[", b",")) > limits.elements:
        raise TooLarge("elements", limited_to=limits.elements)
    try:
        told: Json = json.loads(data)
    except RecursionError as reason:
        raise TooLarge("depth", limited_to=limits.depth) from reason
    except ValueError as reason:
        raise BadJson("JSON") from reason
    if isinstance(told, dict) and isinstance(told.get("data"), dict):
        told = told["data"]
    if not isinstance(told, dict):
        raise BadJson("JSON")
    lowered = {str(key).lower(): value for key, value in told.items()}
    _require_depth(lowered, limits.depth)
    return lowered


def _require_depth(value: Json, depth: int) -> None:
    level = [value]
    for _ in range(depth):
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [child for each in inner for child in each if isinstance(child, dict | list)]
    if level:
        raise TooLarge("depth", limited_to=depth)


def _unflattened(told: dict[str, Json]) -> dict[str, Json]:
    """Return a flat status, `from_organid` and the like, in blocks."""
    result: dict[str, Json] = {}
    for key, value in told.items():
        block, _, name = key.partition("_")
        if name and block in _FLAT:
            result.setdefault(block, {})[name] = value
        else:
            result[key] = value
    return result


def _tree(name: str, value: dict[str, Json]) -> Element:
    element = _element(name, value)
    for path, mark, text in _fields(element, element.name, ""):
        if is_secret(mark, text):
            raise SecretMarking(path, organ_id=sender_of(element) or "?")
    return element


def _element(name: str, value: Json) -> Element:
    if isinstance(value, bool):
        return Element(name, NAMESPACE, text=str(value).lower())
    if isinstance(value, str | int | float):
        return Element(name, NAMESPACE, text=str(value).strip())
    if isinstance(value, list) and name in _ITEMS:
        return Element(name, NAMESPACE, children=[_element(_ITEMS[name], each) for each in value])
    if not isinstance(value, dict):
        raise BadJson(name)
    children = [child for key, inner in value.items() for child in _children(key, inner)]
    return Element(name, NAMESPACE, children=children)


def _children(key: str, value: Json) -> Iterator[Element]:
    if not _NAME.fullmatch(key):
        raise BadJson(key[:60])
    name = _WIRE_NAMES.get(key.lower(), key)
    if isinstance(value, list) and name not in _ITEMS:
        for each in value:
            yield _element(name, each)
    elif value is not None:
        yield _element(name, value)


def _fields(element: Element, path: str, mark: str) -> Iterator[tuple[str, str, str]]:
    """Yield path, name and text of each text; a mark's name covers all inside."""
    if element.text:
        yield path, mark or element.name, element.text
    for child in element.children:
        inner = mark or (child.name if is_mark_name(child.name) else "")
        yield from _fields(child, f"{path}/{child.name}", inner)


def _attachments(
    told: dict[str, Json], files: Mapping[str, Pieces], limits: Limits
) -> tuple[StreamedAttachment, ...]:
    described = [*_described(told.get("attachments"))] or [*_described(_references(told))]
    require_few(len(described), 0, limits)
    room = Room(limits.unpacked_bytes)
    return tuple(
        _attachment(each, number, files, room) for number, each in enumerate(described, start=1)
    )


def _references(told: dict[str, Json]) -> Json:
    found: Json = told
    for key in ("body", "manifest", "references", "reference"):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _described(listed: Json) -> Iterator[dict[str, str]]:
    for each in listed if isinstance(listed, list) else ():
        if not isinstance(each, dict):
            raise BadJson("attachments")
        yield {str(key).lower(): str(value) for key, value in each.items() if value is not None}


def _attachment(
    described: dict[str, str], number: int, files: Mapping[str, Pieces], room: Room
) -> StreamedAttachment:
    given = described.get("attachmentname") or described.get("filename") or ""
    inline = described.get("filecontent", "").encode()
    return StreamedAttachment(
        clean_name(given) or f"attachment-{number}",
        files.get(given) or (lambda: decoded([inline] if inline else [])),
        room=room,
        path=f"attachments[{number}]",
        description=described.get("description", ""),
        content_type=described.get("contenttype", ""),
        content_id=normal_content_id(described.get("contentid", "")),
    )


def _value(node: Node) -> Json:
    if node.name in _ITEMS:
        return [child.text for child in node.children]
    if not node.children:
        return node.text
    by_name: dict[str, list[Node]] = {}
    for child in node.children:
        if child.is_written():
            by_name.setdefault(child.name, []).append(child)
    return {_key(name): _values(name, nodes, node) for name, nodes in by_name.items()}


def _values(name: str, nodes: Sequence[Node], parent: Node) -> Json:
    is_list = name in _ALWAYS_LISTS and (name != "OrganId" or parent.name == "OrganIdList")
    if is_list or len(nodes) > 1:
        return [_value(node) for node in nodes]
    return _value(nodes[0])


def _key(name: str) -> str:
    return "toes" if name == "To" else name.lower()
