"""Messages as the elements that are written, in the order of the axis's Java library.

`as_dotnet` gives the order and habits of the .NET library instead (edxml.md section 13).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import NAMESPACE_URL, uuid5

from chauban_edxml.model import (
    Bussiness,
    BussinessDocumentInfo,
    DocumentMessage,
    Extra,
    Organization,
    OtherInfo,
    ReplacementInfo,
    ResponseFor,
    StaffInfo,
    StatusMessage,
    TraceHeader,
)
from chauban_edxml.values import format_date, format_moment

HEADER_PATH = "edXMLEnvelope/edXMLHeader"
_XLINK = "http://www.w3.org/1999/xlink"


@dataclass(frozen=True)
class Node:
    """An element to write: text, or children in order. Without either it is left out.

    is_kept: it is written even when empty. extra are unknown elements, after the children.
    """

    name: str
    text: str = ""
    children: Sequence[Node] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    extra: tuple[Extra, ...] = field(default=(), repr=False)
    is_kept: bool = False

    def is_written(self) -> bool:
        if self.text or self.is_kept or self.attributes or self.extra:
            return True
        return any(child.is_written() for child in self.children)


def document_nodes(message: DocumentMessage) -> list[Node]:
    """Return the children of `edXMLHeader` of a document message (sections 4.1 to 4.6)."""
    return [
        Node("MessageHeader", children=_message_header(message)),
        Node(
            "TraceHeaderList",
            children=[
                _bussiness(message.bussiness),
                *(_trace_header(header) for header in message.trace),
            ],
        ),
    ]


def status_nodes(status: StatusMessage) -> list[Node]:
    """Return the children of `edXMLHeader` of a status message (section 9)."""
    children = [
        _organization("From", status.from_),
        _response_for(status.response_for),
        _staff_info(status.staff_info),
        Node("StatusCode", str(status.status_code)),
        Node("Description", status.description),
        Node("Timestamp", _moment(status.timestamp)),
    ]
    return [Node("MessageHeader", children=children)]


def reference_node(content_id: str, content_type: str, description: str, name: str) -> Node:
    """Return a line of the manifest (section 4.7)."""
    return Node(
        "Reference",
        children=[
            Node("ContentId", f"cid:{content_id}"),
            Node("ContentType", content_type),
            Node("Description", description),
            Node("AttachmentName", name),
        ],
    )


def attachment_node(content_id: str, content_type: str, description: str, name: str) -> Node:
    """Return an `Attachment`, whose payload is kept empty for its text to be put in (section 7)."""
    return Node(
        "Attachment",
        children=[
            Node("ContentId", f"cid:{content_id}"),
            Node("AttachmentName", name),
            Node("Description", description),
            Node("ContentType", content_type),
            Node("ContentTransferEncoded", is_kept=True),
        ],
    )


def _message_header(message: DocumentMessage) -> list[Node]:
    code, kind, signer = message.code, message.document_type, message.signer_info
    promulgated = message.promulgation_info
    return [
        _organization("From", message.from_),
        *(_organization("To", recipient) for recipient in message.to),
        Node("DocumentId", message.document_id),
        _block(
            "Code",
            CodeNumber=code.number if code else "",
            CodeNotation=code.notation if code else "",
        ),
        _block(
            "PromulgationInfo",
            Place=promulgated.place if promulgated else "",
            PromulgationDate=_date(promulgated.promulgation_date) if promulgated else "",
        ),
        _block(
            "DocumentType",
            Type=_number(kind.type) if kind else "",
            TypeDetail=str(kind.type_detail) if kind else "",
            TypeName=kind.type_name if kind else "",
        ),
        Node("Subject", message.subject),
        Node("Content", message.content),
        _block(
            "SignerInfo",
            Competence=signer.competence if signer else "",
            Position=signer.position if signer else "",
            FullName=signer.full_name if signer else "",
        ),
        Node("DueDate", _date(message.due_date)),
        _other_info(message.other_info),
        *[_response_for(response) for response in message.response_for],
        Node("SteeringType", str(message.steering_type)),
        _list("ResponseForTask", "TaskCode", message.task_codes),
        Node("ApplicationType", message.application_type),
        _list("ToPlaces", "Place", message.to_places),
    ]


def _organization(name: str, organization: Organization) -> Node:
    return _block(
        name,
        OrganId=organization.organ_id,
        OrganizationInCharge=organization.organization_in_charge,
        OrganName=organization.organ_name,
        OrganAdd=organization.organ_add,
        Email=organization.email,
        Telephone=organization.telephone,
        Fax=organization.fax,
        Website=organization.website,
    )


def _other_info(info: OtherInfo) -> Node:
    return Node(
        "OtherInfo",
        children=[
            Node("Priority", str(info.priority.value)),
            Node("SphereOfPromulgation", info.sphere_of_promulgation),
            Node("TyperNotation", info.typer_notation),
            Node("PromulgationAmount", _number(info.promulgation_amount)),
            Node("PageAmount", _number(info.page_amount)),
            _list("ReplyFors", "ReplyFor", info.reply_fors),
            Node("Direction", "true" if info.direction else "false"),
            _list("ReferenceCodes", "ReferenceCode", info.reference_codes),
            _list("Appendixes", "Appendix", info.appendixes),
        ],
    )


def _response_for(response: ResponseFor) -> Node:
    return _block(
        "ResponseFor",
        OrganId=response.organ_id,
        Code=response.code,
        DocumentId=response.document_id,
        PromulgationDate=_date(response.promulgation_date),
    )


def _trace_header(header: TraceHeader) -> Node:
    return _block("TraceHeader", OrganId=header.organ_id, Timestamp=_moment(header.timestamp))


def _bussiness(bussiness: Bussiness) -> Node:
    replaced = [_replacement_info(info) for info in bussiness.replacement_info_list]
    return Node(
        "Bussiness",
        children=[
            Node("DocumentId", bussiness.document_id),
            Node("BussinessDocType", str(bussiness.bussiness_doc_type.value)),
            Node("BussinessDocReason", bussiness.bussiness_doc_reason),
            Node("Paper", str(int(bussiness.paper))),
            _document_info(bussiness.bussiness_document_info),
            Node("ReplacementInfoList", children=replaced),
            _staff_info(bussiness.staff_info),
        ],
    )


def _document_info(info: BussinessDocumentInfo | None) -> Node:
    if info is None:
        return Node("BussinessDocumentInfo")
    receivers = [
        _block(
            "Receiver",
            OrganId=receiver.organ_id,
            ReceiverType=str(receiver.receiver_type.value),
        )
        for receiver in info.receiver_list
    ]
    return Node(
        "BussinessDocumentInfo",
        children=[
            Node("DocumentInfo", str(int(info.document_info))),
            Node("DocumentReceiver", str(int(info.document_receiver))),
            Node("ReceiverList", children=receivers),
        ],
    )


def _replacement_info(info: ReplacementInfo) -> Node:
    children = [
        Node("DocumentId", info.document_id),
        _list("OrganIdList", "OrganId", info.organ_ids),
    ]
    return Node("ReplacementInfo", children=children)


def _staff_info(info: StaffInfo | None) -> Node:
    info = info or StaffInfo()
    return _block(
        "StaffInfo",
        Department=info.department,
        DepartmentId=info.department_id,
        Staff=info.staff,
        StaffId=info.staff_id,
        Email=info.email,
        Mobile=info.mobile,
    )


def _block(name: str, **texts: str) -> Node:
    return Node(name, children=[Node(child, text) for child, text in texts.items()])


def _list(name: str, child: str, texts: Iterable[str]) -> Node:
    return Node(name, children=[Node(child, text) for text in texts])


def _date(day: date | None) -> str:
    return "" if day is None else format_date(day)


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else format_moment(moment)


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


# What is not named keeps its order, after what is.
_DOTNET_ORDER = {
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
        "ResponseFor",
        "SteeringType",
        "ResponseForTask",
        "ApplicationType",
        "DocumentId",
    ],
    "DocumentType": ["Type", "TypeName", "TypeDetail"],
    "TraceHeaderList": ["TraceHeader", "Bussiness"],
    "Bussiness": ["BussinessDocType", "BussinessDocReason", "StaffInfo", "Paper"],
    "StaffInfo": ["Department", "Staff", "Mobile", "Email"],
    "Reference": ["Description", "AttachmentName", "ContentType", "ContentId"],
    "Attachment": ["ContentType", "ContentId", "Description", "ContentTransferEncoded"],
}
# What .NET writes for nothing.
_DOTNET_EMPTY = {"Place": "N/A", "Department": "N/A", "Mobile": "", "Email": ""}


def as_dotnet(node: Node, *, document_id: str) -> Node:
    """Return node as the .NET library writes it; document_id gives the trace list its id."""
    order = _DOTNET_ORDER.get(node.name, [])
    children = [as_dotnet(child, document_id=document_id) for child in node.children]
    if order:
        known = {name: place for place, name in enumerate(order)}
        children.sort(key=lambda child: known.get(child.name, len(known)))
    node = replace(node, children=children)
    if node.name == "OtherInfo":
        return replace(node, children=[_dotnet_other(child) for child in children])
    if node.name in ("PromulgationInfo", "StaffInfo") and node.is_written():
        return replace(node, children=[_dotnet_empty(child) for child in children])
    if node.name == "TraceHeaderList":
        return replace(node, attributes=(*_trace_attributes(document_id), *node.attributes))
    if node.name == "Reference":
        return replace(node, attributes=(*_xlink_attributes(node), *node.attributes))
    if node.name == "Attachment":
        return replace(node, children=[_without_cid(child) for child in children])
    return node


def _dotnet_other(child: Node) -> Node:
    if child.name == "Direction" and child.text == "false" and not child.is_kept:
        return Node("Direction")
    if child.name == "Appendixes" and not child.is_written():
        return replace(child, children=[Node("Appendix", is_kept=True)])
    return child


def _dotnet_empty(child: Node) -> Node:
    if child.is_written() or child.name not in _DOTNET_EMPTY:
        return child
    return replace(child, text=_DOTNET_EMPTY[child.name], is_kept=True)


def _trace_attributes(document_id: str) -> tuple[tuple[str, str], ...]:
    return (
        ("id", uuid5(NAMESPACE_URL, document_id).hex[:8]),
        ("version", "1.0"),
        ("mustUnderstand", "1"),
        ("actor", "http://schemas.xmlsoap.org/soap/actor/next"),
    )


def _xlink_attributes(reference: Node) -> tuple[tuple[str, str], ...]:
    content_id = next(child.text for child in reference.children if child.name == "ContentId")
    values = (("href", content_id), ("role", "XLinkRole"), ("type", "simple"))
    return tuple((f"{{{_XLINK}}}{name}", value) for name, value in values)


def _without_cid(child: Node) -> Node:
    return replace(child, text=child.text[4:]) if child.name == "ContentId" else child


Extras = Mapping[str, Sequence[Extra]]
"""Unknown elements and attributes, by the path of the element that they stood in."""


def by_place(extra: Iterable[Extra]) -> Extras:
    """Return extra by place; the path of an attribute ends in `@name`."""
    places: dict[str, list[Extra]] = {}
    for each in extra:
        path, at, _ = each.path.partition("@")
        places.setdefault(path if at else path.rpartition("/")[0], []).append(each)
    return places


def graft(node: Node, path: str, extras: Extras) -> Node:
    """Return node, which stands at path, with what the model does not know put back."""
    if not extras:
        return node
    counts: dict[str, int] = {}
    children = []
    for child in node.children:
        counts[child.name] = number = counts.get(child.name, 0) + 1
        at = f"{path}/{child.name}" + ("" if number == 1 else f"[{number}]")
        children.append(graft(child, at, extras))
    elements, attributes = elements_at(path, extras), attributes_at(path, extras)
    # One of a known name, as a second Subject, stands behind the first.
    for each in reversed(elements):
        if local_name(each) in counts:
            last = max(i for i, child in enumerate(children) if child.name == local_name(each))
            if each.path.endswith("]"):  # the first must not go missing, else this one is it
                children[last] = replace(children[last], is_kept=True)
            children.insert(last + 1, Node("", extra=(each,)))
    others = tuple(each for each in elements if local_name(each) not in counts)
    return replace(
        node,
        children=children,
        attributes=(*node.attributes, *attributes),
        extra=(*node.extra, *others),
    )


def elements_at(path: str, extras: Extras) -> tuple[Extra, ...]:
    """Return the unknown elements that stood in the one at path."""
    return tuple(each for each in extras.get(path, ()) if "@" not in each.path)


def attributes_at(path: str, extras: Extras) -> tuple[tuple[str, str], ...]:
    """Return the unknown attributes of the element at path."""
    found = (each.path.partition("@")[2] for each in extras.get(path, ()))
    texts = (each.text for each in extras.get(path, ()))
    return tuple((name, text) for name, text in zip(found, texts, strict=True) if name)


def local_name(extra: Extra) -> str:
    """Return the name of the element."""
    return extra.path.rpartition("/")[2].partition("[")[0]
