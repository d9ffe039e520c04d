"""The calls of e-Doc v1 besides its messages: requests, and what is answered (section 12.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

from chauban_edxml.blocks import SOAP_NAMESPACE, Block, Notes, ordered
from chauban_edxml.errors import MissingIdentity, NotEdXML
from chauban_edxml.header_reading import read_status
from chauban_edxml.model import Dialect, Organization, StatusMessage
from chauban_edxml.multipart import is_multipart, parts_of, root_part
from chauban_edxml.nodes import Node
from chauban_edxml.parsing import DEFAULT, Element, Limits, parse
from chauban_edxml.soap_writing import soap_envelope
from chauban_edxml.values import clean_text

# The body's root element, where it is not the action's own name.
_ROOTS = {
    "GetPendingDocumentIds": "GetPendingDocumentIdsRequest",
    "GetDocument": "GetDocumentRequest",
}


@dataclass(frozen=True)
class Fault:
    """One entry of an `ErrorList`."""

    code: str
    description: str


@dataclass(frozen=True)
class Reply:
    """What an action was answered: its report, and its own elements.

    is_success is None where there is no report.
    """

    is_success: bool | None
    faults: tuple[Fault, ...]
    elements: tuple[Element, ...]

    def within(self, name: str) -> Element | None:
        """The first element of that name, at any depth."""
        return next((one for element in self.elements for one in _all(element, name)), None)


def request(action: str, *, token: str, organ_id: str, document_id: str = "") -> bytes:
    """Return the envelope that asks for action on behalf of an agency."""
    children = [Node("OrganId", organ_id), Node("DocumentId", document_id)]
    return soap_envelope([], Node(_ROOTS.get(action, action), children=children), token=token)


def read_reply(
    data: bytes, action: str, *, content_type: str = "", limits: Limits = DEFAULT
) -> Reply:
    """Return what data answers to action: an envelope, alone or in a package of its own.

    content_type is the HTTP header, of use for a package.

    Raises:
        NotEdXML: no envelope, or one that does not answer action.
        NotReadable: as for `chauban_edxml.read`.
    """
    return _reply(_envelope(data, content_type, limits), action)


def refusal_of_document(
    data: bytes, *, content_type: str = "", limits: Limits = DEFAULT
) -> Reply | None:
    """Return the report that `GetDocument` is answered, or None where it is a document.

    Raises:
        NotEdXML, NotReadable: as for `read_reply`.
    """
    envelope = _envelope(data, content_type, limits)
    header = envelope.child("Header")
    if header and header.child("MessageHeader"):
        return None
    return _reply(envelope, "GetDocument")


def _envelope(data: bytes, content_type: str, limits: Limits) -> Element:
    if content_type.lower().startswith("multipart/") or is_multipart(data[:256]):
        parts = parts_of(BytesIO(data), content_type=content_type, limits=limits)
        data = b"".join(root_part(parts, content_type=content_type).pieces()())
    root = parse(data, limits).root
    if (root.name, root.namespace) != ("Envelope", SOAP_NAMESPACE):
        raise NotEdXML(root.name)
    return root


def _reply(envelope: Element, action: str) -> Reply:
    body = envelope.child("Body")
    answers = body.children if body else []
    named = [one for one in answers if one.name == f"{action}Response"]
    reports = [one for one in answers if one.name == "Report"]
    if not (named or reports):
        raise NotEdXML(answers[0].name if answers else envelope.name)
    elements = tuple(child for one in named for child in one.children) + tuple(
        one for one in answers if one not in named
    )
    report = next((one for element in elements for one in _all(element, "Report")), None)
    if report is None:
        return Reply(None, (), elements)
    faults = tuple(
        Fault(_text(one, "Code"), _text(one, "Description")) for one in _all(report, "Error")
    )
    return Reply(_text(report, "IsSuccess").lower() in ("true", "1"), faults, elements)


def document_ids(reply: Reply) -> tuple[str, ...] | None:
    """The ids in `DocumentIds`; None where the reply has no such list."""
    listed = reply.within("DocumentIds")
    if listed is None:
        return None
    return tuple(text for one in listed.children if (text := clean_text(one.text)))


def organizations(reply: Reply) -> Iterator[Organization] | None:
    """The agencies in `Organizations`; None where the reply has no such list."""
    listed = reply.within("Organizations")
    if listed is None:
        return None
    return (
        Organization(
            _text(one, "OrganId"), organ_name=_text(one, "OrganName"), email=_text(one, "Email")
        )
        for one in listed.children
    )


def traces(reply: Reply) -> tuple[StatusMessage, ...] | None:
    """The statuses in `Traces`; None where the reply has no such list.

    One that names neither sender nor document is about nothing and left out.
    """
    listed = reply.within("Traces")
    return None if listed is None else tuple(_statuses(listed))


def _statuses(listed: Element) -> Iterator[StatusMessage]:
    for element in listed.children:
        if element.name != "Status":
            continue
        notes = Notes()
        block = Block(element, "edXMLEnvelope/edXMLHeader/MessageHeader", notes)
        try:
            status = read_status(block)
        except MissingIdentity:
            continue
        block.leave()
        yield replace(
            status,
            dialect=Dialect.E_DOC_V1,
            extra=ordered(notes.extra),
            warnings=tuple(notes.findings),
            repairs=tuple(notes.repairs),
        )


def _all(element: Element, name: str) -> Iterator[Element]:
    """The elements of that name in element, itself among them, in the order of the source."""
    if element.name == name:
        yield element
    for child in element.children:
        yield from _all(child, name)


def _text(element: Element, name: str) -> str:
    child = element.child(name)
    return clean_text(child.text) if child else ""
