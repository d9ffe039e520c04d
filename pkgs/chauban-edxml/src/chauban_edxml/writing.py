"""Writing messages strictly, as the axis's own Java library does.

Consumers look up literal tag names and some refuse messages whose prefixes a tree serialiser
chose, so the qualified names are written out here: `edXML:` on all within the envelope, none on
the root and the attachments, and once more, declared again, on `ContentTransferEncoded`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import TypeAlias
from uuid import NAMESPACE_URL, uuid5

from chauban_edxml.attachments import Carried, carry, encode_base64
from chauban_edxml.checking import (
    cleaned,
    cleaned_status,
    require_complete,
    require_complete_status,
    require_faithful,
)
from chauban_edxml.errors import TooLarge
from chauban_edxml.model import (
    Bussiness,
    BussinessDocumentInfo,
    DocumentMessage,
    Organization,
    OtherInfo,
    ResponseFor,
    StaffInfo,
    StatusMessage,
    TraceHeader,
)
from chauban_edxml.parsing import DEFAULT, NAMESPACE, Limits
from chauban_edxml.values import format_date, format_moment

# An element: its name, and its text or its children in order. An empty one is not written.
Node: TypeAlias = "tuple[str, str | Sequence[Node]]"
_INDENT = "  "


def write(message: DocumentMessage, *, limits: Limits = DEFAULT) -> bytes:
    """Return message as edXML in UTF-8; the same message always gives the same bytes.

    Texts are normalised first (NFC, trimmed); an empty content is the subject. Content ids are
    made from DocumentId and position. extra, warnings and envelope signatures are not written.

    Raises:
        MissingElement, BadOrganId, DuplicateRecipient, DoesNotFitDocType, UnusableAttachment,
        ValueOutOfRange: message is not one that may be sent.
        TooLarge: it would exceed limits, which the receiver may hold us to.
        SecretMarking: a field marks a state secret.
        NotFaithful: what was written does not read back as message.
    """
    message = cleaned(message)
    require_complete(message)
    if len(message.attachments) > limits.attachments:
        raise TooLarge("attachments", limited_to=limits.attachments)
    out = BytesIO()
    out.write(_OPENING)
    _render(out, _message_header(message), depth=3)
    _render(out, _trace_header_list(message), depth=3)
    out.write(b"    </edXML:edXMLHeader>\n    <edXML:edXMLBody>\n")
    _write_attachments(out, message)
    out.write(b"</edXML>\n")
    data = out.getvalue()
    require_faithful(message, data, limits=limits)
    return data


def write_status(status: StatusMessage) -> bytes:
    """Return status as edXML in UTF-8.

    Raises:
        MissingElement, BadOrganId, ValueOutOfRange: status is not one that may be sent.
        NotFaithful: what was written does not read back as status.
    """
    status = cleaned_status(status)
    require_complete_status(status)
    out = BytesIO()
    out.write(_OPENING)
    _render(out, _status_header(status), depth=3)
    out.write(b"    </edXML:edXMLHeader>\n  </edXML:edXMLEnvelope>\n</edXML>\n")
    data = out.getvalue()
    require_faithful(status, data, limits=DEFAULT)
    return data


_OPENING = f"""<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="{NAMESPACE}">
  <edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}">
    <edXML:edXMLHeader>
""".encode()


def _message_header(message: DocumentMessage) -> Node:
    return (
        "MessageHeader",
        [
            _organization("From", message.from_),
            *(_organization("To", recipient) for recipient in message.to),
            ("DocumentId", message.document_id),
            _code(message),
            _promulgation_info(message),
            _document_type(message),
            ("Subject", message.subject),
            ("Content", message.content),
            _signer_info(message),
            ("DueDate", _date(message.due_date)),
            _other_info(message.other_info),
            *(_response_for(response) for response in message.response_for),
            ("SteeringType", str(message.steering_type)),
            ("ResponseForTask", _each("TaskCode", message.task_codes)),
            ("ApplicationType", message.application_type),
            ("ToPlaces", _each("Place", message.to_places)),
        ],
    )


def _status_header(status: StatusMessage) -> Node:
    return (
        "MessageHeader",
        [
            _organization("From", status.from_),
            _response_for(status.response_for),
            *_staff_info(status.staff_info),
            ("StatusCode", str(status.status_code)),
            ("Description", status.description),
            ("Timestamp", _moment(status.timestamp)),
        ],
    )


def _organization(name: str, organization: Organization) -> Node:
    return (
        name,
        [
            ("OrganId", organization.organ_id),
            ("OrganizationInCharge", organization.organization_in_charge),
            ("OrganName", organization.organ_name),
            ("OrganAdd", organization.organ_add),
            ("Email", organization.email),
            ("Telephone", organization.telephone),
            ("Fax", organization.fax),
            ("Website", organization.website),
        ],
    )


def _code(message: DocumentMessage) -> Node:
    code = message.code
    if code is None:
        return ("Code", "")
    return ("Code", [("CodeNumber", code.number), ("CodeNotation", code.notation)])


def _promulgation_info(message: DocumentMessage) -> Node:
    info = message.promulgation_info
    if info is None:
        return ("PromulgationInfo", "")
    day = _date(info.promulgation_date)
    return ("PromulgationInfo", [("Place", info.place), ("PromulgationDate", day)])


def _document_type(message: DocumentMessage) -> Node:
    kind = message.document_type
    if kind is None:
        return ("DocumentType", "")
    return (
        "DocumentType",
        [
            ("Type", _number(kind.type)),
            ("TypeDetail", str(kind.type_detail)),
            ("TypeName", kind.type_name),
        ],
    )


def _signer_info(message: DocumentMessage) -> Node:
    signer = message.signer_info
    if signer is None:
        return ("SignerInfo", "")
    return (
        "SignerInfo",
        [
            ("Competence", signer.competence),
            ("Position", signer.position),
            ("FullName", signer.full_name),
        ],
    )


def _other_info(info: OtherInfo) -> Node:
    return (
        "OtherInfo",
        [
            ("Priority", str(info.priority.value)),
            ("SphereOfPromulgation", info.sphere_of_promulgation),
            ("TyperNotation", info.typer_notation),
            ("PromulgationAmount", _number(info.promulgation_amount)),
            ("PageAmount", _number(info.page_amount)),
            ("ReplyFors", _each("ReplyFor", info.reply_fors)),
            ("Direction", "true" if info.direction else "false"),
            ("ReferenceCodes", _each("ReferenceCode", info.reference_codes)),
            ("Appendixes", _each("Appendix", info.appendixes)),
        ],
    )


def _response_for(response: ResponseFor) -> Node:
    return (
        "ResponseFor",
        [
            ("OrganId", response.organ_id),
            ("Code", response.code),
            ("DocumentId", response.document_id),
            ("PromulgationDate", _date(response.promulgation_date)),
        ],
    )


def _trace_header_list(message: DocumentMessage) -> Node:
    return (
        "TraceHeaderList",
        [
            _bussiness(message.bussiness),
            *(_trace_header(header) for header in message.trace),
        ],
    )


def _trace_header(header: TraceHeader) -> Node:
    moment = _moment(header.timestamp)
    return ("TraceHeader", [("OrganId", header.organ_id), ("Timestamp", moment)])


def _bussiness(bussiness: Bussiness) -> Node:
    return (
        "Bussiness",
        [
            ("DocumentId", bussiness.document_id),
            ("BussinessDocType", str(bussiness.bussiness_doc_type.value)),
            ("BussinessDocReason", bussiness.bussiness_doc_reason),
            ("Paper", str(int(bussiness.paper))),
            *_document_info(bussiness.bussiness_document_info),
            (
                "ReplacementInfoList",
                [
                    (
                        "ReplacementInfo",
                        [
                            ("DocumentId", info.document_id),
                            ("OrganIdList", _each("OrganId", info.organ_ids)),
                        ],
                    )
                    for info in bussiness.replacement_info_list
                ],
            ),
            *_staff_info(bussiness.staff_info),
        ],
    )


def _document_info(info: BussinessDocumentInfo | None) -> Iterable[Node]:
    if info is None:
        return
    receivers: list[Node] = [
        (
            "Receiver",
            [
                ("OrganId", receiver.organ_id),
                ("ReceiverType", str(receiver.receiver_type.value)),
            ],
        )
        for receiver in info.receiver_list
    ]
    yield (
        "BussinessDocumentInfo",
        [
            ("DocumentInfo", str(int(info.document_info))),
            ("DocumentReceiver", str(int(info.document_receiver))),
            ("ReceiverList", receivers),
        ],
    )


def _staff_info(info: StaffInfo | None) -> Iterable[Node]:
    if info is None:
        return
    yield (
        "StaffInfo",
        [
            ("Department", info.department),
            ("DepartmentId", info.department_id),
            ("Staff", info.staff),
            ("StaffId", info.staff_id),
            ("Email", info.email),
            ("Mobile", info.mobile),
        ],
    )


def _each(name: str, texts: Iterable[str]) -> list[Node]:
    return [(name, text) for text in texts]


def _date(day: date | None) -> str:
    return "" if day is None else format_date(day)


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else format_moment(moment)


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def _write_attachments(out: BytesIO, message: DocumentMessage) -> None:
    """Write the manifest, the end of the envelope and the attachments, in one order."""
    carried = [
        carry(attachment, uuid=str(uuid5(NAMESPACE_URL, f"{message.document_id}#{number}")))
        for number, attachment in enumerate(message.attachments)
    ]
    if carried:
        out.write(b'      <edXML:edXMLManifest version="1.0">\n')
        for item in carried:
            _render(out, _reference(item), depth=4)
        out.write(b"      </edXML:edXMLManifest>\n")
    else:
        out.write(b'      <edXML:edXMLManifest version="1.0" />\n')
    out.write(b"    </edXML:edXMLBody>\n  </edXML:edXMLEnvelope>\n")
    if carried:
        out.write(b"  <AttachmentEncoded>\n")
        for item in carried:
            _write_attachment(out, item)
        out.write(b"  </AttachmentEncoded>\n")


def _reference(item: Carried) -> Node:
    return (
        "Reference",
        [
            ("ContentId", f"cid:{item.uuid}"),
            ("ContentType", item.content_type),
            ("Description", item.description),
            ("AttachmentName", item.name),
        ],
    )


def _write_attachment(out: BytesIO, item: Carried) -> None:
    out.write(b"    <Attachment>\n")
    for node in (
        ("ContentId", f"cid:{item.uuid}"),
        ("AttachmentName", item.name),
        ("Description", item.description),
        ("ContentType", item.content_type),
    ):
        _render(out, node, depth=3, prefix="")
    out.write(f'      <edXML:ContentTransferEncoded xmlns:edXML="{NAMESPACE}">'.encode())
    for piece in encode_base64(item.content):
        out.write(piece)
    out.write(b"</edXML:ContentTransferEncoded>\n    </Attachment>\n")


def _render(out: BytesIO, node: Node, *, depth: int, prefix: str = "edXML:") -> None:
    name, value = node
    if not _has_text(node):
        return
    indent = _INDENT * depth
    if isinstance(value, str):
        out.write(f"{indent}<{prefix}{name}>{_escaped(value)}</{prefix}{name}>\n".encode())
        return
    out.write(f"{indent}<{prefix}{name}>\n".encode())
    for child in value:
        _render(out, child, depth=depth + 1, prefix=prefix)
    out.write(f"{indent}</{prefix}{name}>\n".encode())


def _has_text(node: Node) -> bool:
    _, value = node
    return bool(value) if isinstance(value, str) else any(map(_has_text, value))


def _escaped(text: str) -> str:
    """Return text with `& < > "` as references (edXML reference, XML 1.0 section 2.4)."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return text.replace(">", "&gt;").replace('"', "&quot;")
