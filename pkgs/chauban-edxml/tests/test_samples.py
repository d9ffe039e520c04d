"""The public samples that travelled or came with the operator's library, where they are at hand."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from lxml import etree

from chauban_edxml import read, write, write_status
from chauban_edxml.checking import cleaned, cleaned_status, violations
from chauban_edxml.errors import JunkBeforeDeclaration, MissingElement, NotEdXML
from chauban_edxml.model import (
    BussinessDocType,
    Code,
    DocumentMessage,
    DocumentType,
    Fault,
    PromulgationInfo,
    ReceiverType,
    SignerInfo,
    StatusCode,
    StatusMessage,
    TraceHeader,
)
from chauban_edxml.vxp import sign_headers, verify_headers
from chauban_edxml.writing import Profile


def document(data: bytes) -> DocumentMessage:
    message = read(data)
    assert isinstance(message, DocumentMessage)
    return message


def status(data: bytes) -> StatusMessage:
    message = read(data)
    assert isinstance(message, StatusMessage)
    return message


def elements(data: bytes, *, without: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    """Yield qualified name, namespace, attributes and text of each element in order, by lxml."""
    for element in etree.fromstring(data).iter(etree.Element):
        prefix = f"{element.prefix}:" if element.prefix else ""
        name = etree.QName(element)
        path = [etree.QName(each).localname for each in (element, *element.iterancestors())]
        if not set(path) & set(without):
            text = "" if name.localname == "ContentTransferEncoded" else (element.text or "")
            yield prefix + name.localname, name.namespace, dict(element.attrib), text.strip()


@pytest.mark.parametrize("name", ["edoc_sdk_built_2019", "edoc_revocation", "edoc_update"])
def test_what_we_write_equals_the_library_s_own_message_element_for_element(samples, name):
    """But for the envelope's dummy signature, which section 8 says to leave out.

    The recall and the update are hand-made: in them TraceHeader stands before Bussiness, where
    the library has it after (section 4.4).
    """
    sample = samples.bytes(f"vxp-java-sdk/{name}.edxml")
    written = list(elements(write(document(sample)), without=("Signature",)))
    theirs = list(elements(sample, without=("Signature",)))
    if name == "edoc_sdk_built_2019":
        assert written == theirs
    else:
        assert sorted(map(str, written)) == sorted(map(str, theirs))


def test_the_files_in_what_we_write_are_the_library_s(samples):
    sample = document(samples.bytes("vxp-java-sdk/edoc_sdk_built_2019.edxml"))
    assert document(write(sample)).attachments == sample.attachments


def test_what_we_write_for_dotnet_equals_its_own_message_element_for_element(samples):
    sample = samples.bytes("reconstructed/dotnet_sdk_edoc_new.edxml")
    written = write(document(sample), profile=Profile.DOTNET)
    theirs = list(elements(sample, without=("Attachment", "TraceHeaderList")))
    assert list(elements(written, without=("Attachment", "TraceHeaderList"))) == theirs
    ours, his = (etree.fromstring(data) for data in (written, sample))
    for path in ("TraceHeaderList", "Attachment"):
        mine, other = (root.find(f".//{{*}}{path}") for root in (ours, his))
        assert list(mine.attrib) == list(other.attrib)
        assert [etree.QName(each).localname for each in mine.iter()] == [
            etree.QName(each).localname for each in other.iter()
        ]


def test_a_status_of_the_library_is_written_byte_for_byte(samples):
    sample = samples.bytes("vxp-java-sdk/status_sdk_built_01.edxml")
    assert write_status(status(sample)) == sample.replace(b"\r\n", b"\n")


def test_a_short_recipient_code_and_an_entry_of_another_extension(samples):
    message = document(samples.bytes("vxp-java-sdk/edoc_new.edxml"))
    assert [to.organ_id for to in message.to] == ["28.22.H17"]
    assert message.document_id == "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"
    assert message.code == Code("74fass22", "VPCP-TTĐT")
    (attachment,) = message.attachments
    assert attachment.name == "1896_QD-TTg_m_294779.doc"
    assert attachment.content.startswith(b"<?xml")
    assert attachment.content_type == "application/zip"
    assert message.bussiness.document_id == ""
    assert any(extra.text.endswith("7806/VPCP-TTĐT") for extra in message.extra)


def test_both_places_of_bussiness_are_read_alike(samples):
    first = document(samples.bytes("vxp-java-sdk/edoc_sdk_built_2019.edxml"))
    last = document(samples.bytes("vxp-java-sdk/edoc_new.edxml"))
    assert first.bussiness == last.bussiness
    assert [to.organ_id for to in first.to] == ["000.00.00.H41", "000.00.00.H14", "000.00.00.G17"]
    assert first.trace[0].timestamp == datetime(2019, 4, 10, 17, tzinfo=UTC)


def test_an_update_names_removed_and_added_recipients(samples):
    bussiness = document(samples.bytes("vxp-java-sdk/edoc_update.edxml")).bussiness
    assert bussiness.bussiness_doc_type is BussinessDocType.UPDATE
    assert bussiness.bussiness_document_info is not None
    assert [
        (receiver.organ_id, receiver.receiver_type)
        for receiver in bussiness.bussiness_document_info.receiver_list
    ] == [("000.00.00.H41", ReceiverType.REMOVED), ("000.00.00.H14", ReceiverType.ADDED)]


def test_a_recall_names_the_document_it_answers(samples):
    message = document(samples.bytes("vxp-java-sdk/edoc_revocation.edxml"))
    assert message.bussiness.bussiness_doc_type is BussinessDocType.RECALL
    (response,) = message.response_for
    assert response.code == "267/VPCP-TTĐT"
    assert response.promulgation_date == date(2018, 9, 28)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("status_inbox_01", StatusCode.ARRIVED),
        ("status_sdk_built_01", StatusCode.ARRIVED),
        ("status_rejection_02", StatusCode.REFUSED),
        ("status_assignment_04", StatusCode.ASSIGNED),
        ("status_finish_06", StatusCode.FINISHED),
        ("status_change-rejection_16", StatusCode.CHANGE_REFUSED),
    ],
)
def test_a_status_goes_from_the_receiver_to_the_sender(samples, name, code):
    message = status(samples.bytes(f"vxp-java-sdk/{name}.edxml"))
    assert message.status_code is code
    assert message.recipient_organ_id == "000.00.00.H41"
    assert message.issuer_organ_id == "000.00.00.G22"
    assert message.staff_info is not None
    assert message.staff_info.mobile == "84900000001"


def test_a_take_back_goes_from_the_sender_to_the_receiver(samples):
    message = status(samples.bytes("vxp-java-sdk/status_cancellation_13.edxml"))
    assert message.status_code is StatusCode.TAKE_BACK
    assert message.issuer_organ_id == message.from_.organ_id == "000.00.00.G22"
    assert message.recipient_organ_id == "000.00.00.H41"


def test_undeclared_prefixes_are_mended_and_a_placeholder_is_no_file(samples):
    message = document(samples.bytes("vxp-java-sdk/edoc_template_undeclared_prefix.edxml"))
    codes = [each.code for each in message.warnings]
    assert codes == ["undeclared-prefix", "undeclared-prefix", "not-base64"]
    assert message.response_for == ()
    assert [each.fault for each in message.attachments] == [Fault.NOT_BASE64]


def test_the_text_null_is_no_agency_and_a_destroyed_pdf_is_found(samples):
    message = document(samples.bytes("axis-returned/edoc_returned_2025_corrupt_pdf.edxml"))
    assert [hop.organ_id for hop in message.trace] == ["", ""]
    assert message.other_info.direction
    assert [each.fault for each in message.attachments] == [Fault.CORRUPT_PDF]


def test_what_the_axis_hands_out_is_read_like_what_was_sent(samples):
    message = document(samples.bytes("axis-returned/edoc_returned_2019.edxml"))
    assert message.to[0].organization_in_charge == ""
    assert [hop.organ_id for hop in message.trace] == ["01.02.G22", "001.00.20.TT2"]
    assert message.attachments[0].name == "GUIDE_INSTALL OPENVPN.SIGNED.PDF"


def test_one_agency_under_both_codes_and_no_due_date(samples):
    message = document(samples.bytes("axis-production-2025/edoc_enterprise_to_ministry.edxml"))
    assert [to.organ_id for to in message.to] == ["G12", "000.00.00.G12"]
    assert message.due_date is None
    assert message.document_type is not None
    assert (message.document_type.type, message.document_type.type_name) == (71, "Công văn")
    assert [each.content[:5] for each in message.attachments] == [b"%PDF-", b"{\\rtf"]
    assert message.warnings == ()


def test_three_attachments_and_no_bussiness(samples):
    message = document(samples.bytes("gateway-2025/edoc_three_attachments_zip.edxml"))
    assert message.bussiness.bussiness_doc_type is BussinessDocType.NEW
    assert [each.content for each in message.attachments] == [
        b"LOCAL AGG A",
        b"LOCAL AGG B",
        b"LOCAL AGG C",
    ]


def test_the_smallest_message_seen(samples):
    message = document(samples.bytes("gateway-2025/edoc_minimal.edxml"))
    assert (message.document_id, message.code) == ("test-doc", None)
    assert message.attachments[0].content == b"Clean test"


def test_attachments_inside_the_envelope_are_reported_not_used(samples):
    name = "gateway-2025/edoc_nonstandard_attachments_inside_envelope.edxml"
    message = document(samples.bytes(name))
    assert message.attachments == ()
    assert "no-attachment-list" in [each.code for each in message.warnings]


def test_day_first_dates_and_a_party_code(samples):
    message = document(samples.bytes("bkav/edoc_new_tayninh.edxml"))
    assert message.promulgation_info is not None
    assert message.promulgation_info.promulgation_date == date(2020, 10, 30)
    assert message.to[0].organ_id == "000.00.01.A53"
    assert message.signer_info is None


def test_xlink_references_and_ids_without_cid(samples):
    message = document(samples.bytes("reconstructed/dotnet_sdk_edoc_new.edxml"))
    (attachment,) = message.attachments
    assert attachment.name == "cong-van.pdf"
    assert attachment.content_id == "5a8e7c10-3c9c-4d0e-8a55-1f2e3d4c5b6a"
    assert attachment.content.startswith(b"%PDF-")
    assert message.promulgation_info is not None
    assert message.promulgation_info.place == ""


def test_children_without_the_prefix_are_the_same_names(samples):
    message = document(samples.bytes("reconstructed/rejected_prefix_dropped_on_children.edxml"))
    assert message.code == Code("05", "CV-DNM")


def test_junk_before_the_declaration_is_refused_by_name(samples):
    with pytest.raises(JunkBeforeDeclaration, match="1212"):
        read(samples.bytes("malformed/edoc_new_junk_before_xml_decl.edxml"))


@pytest.mark.parametrize(
    "name",
    [
        "rejected_wrong_root_and_namespace.xml",
        "edoc_v1_soap_SendDocument_root_part.xml",
        "provincial_soap_status.xml",
    ],
)
def test_another_root_is_not_edxml(samples, name):
    with pytest.raises(NotEdXML):
        read(samples.bytes(f"reconstructed/{name}"))


def test_a_signed_request_equals_the_test_vector(samples):
    vector = json.loads(samples.bytes("api-json/vxp_getReceivedEdocList_request.json"))
    headers, secret = vector["headers"], vector["secret_for_this_example"]
    names = ("messagetype", "systemid", "servicetype", "timestamp", "Content-Type")
    params = {name: headers[f"XroadVnpt-{name}"] for name in names}
    assert sign_headers(params, secret) == headers
    assert verify_headers(headers, secret) == params


def whole(message: DocumentMessage | StatusMessage) -> DocumentMessage | StatusMessage:
    """Return message with what section 14 says that we never leave out, where the sender did.

    Files with a fault are left away: they are never sent on.
    """
    if isinstance(message, StatusMessage):
        return cleaned_status(message)
    message = cleaned(message)
    files = tuple(each for each in message.attachments if each.fault is None)
    missing = {each.path for each in violations(message) if isinstance(each, MissingElement)}
    own: dict[str, object] = {
        "Code/CodeNumber": {"code": Code("1", "CV")},
        "DocumentType/Type": {"document_type": DocumentType("Công văn")},
        "SignerInfo/FullName": {"signer_info": SignerInfo("Trần Văn Mẫu")},
        "PromulgationInfo/PromulgationDate": {
            "promulgation_info": PromulgationInfo(date(2026, 11, 20))
        },
        "TraceHeaderList/TraceHeader": {
            "trace": (TraceHeader("H57", datetime(2026, 11, 23, tzinfo=UTC)),)
        },
    }
    for path in missing & set(own):
        message = replace(message, **own[path])
    named = tuple(replace(each, organ_name=each.organ_name or "?") for each in message.to)
    trace = (replace(message.trace[0], organ_id=message.trace[0].organ_id or "H57"),)
    amounts = replace(
        message.other_info,
        promulgation_amount=message.other_info.promulgation_amount or 1,
        page_amount=message.other_info.page_amount or 1,
    )
    bussiness = message.bussiness
    if bussiness.bussiness_doc_type is BussinessDocType.UPDATE and not bussiness.document_id:
        bussiness = replace(bussiness, document_id=message.document_id)
    message = replace(
        message,
        to=named,
        from_=replace(message.from_, organ_name=message.from_.organ_name or "?"),
        trace=(*trace, *message.trace[1:]),
        attachments=files,
        other_info=amounts,
        bussiness=bussiness,
    )
    return cleaned(message)


STATUS_NAMES = (
    "assignment_04",
    "cancellation_13",
    "change-rejection_16",
    "finish_06",
    "inbox_01",
    "rejection_02",
    "sdk_built_01",
)
READABLE = [
    *(f"vxp-java-sdk/edoc_{name}" for name in ("new", "revocation", "sdk_built_2019", "update")),
    "vxp-java-sdk/edoc_template_undeclared_prefix",
    *(f"vxp-java-sdk/status_{name}" for name in STATUS_NAMES),
    "axis-production-2025/edoc_enterprise_to_ministry",
    "axis-returned/edoc_returned_2019",
    "axis-returned/edoc_returned_2025_corrupt_pdf",
    "bkav/edoc_new_tayninh",
    "gateway-2025/edoc_minimal",
    "gateway-2025/edoc_nonstandard_attachments_inside_envelope",
    "gateway-2025/edoc_three_attachments_zip",
    "reconstructed/dotnet_sdk_edoc_new",
    "reconstructed/rejected_prefix_dropped_on_children",
]


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("name", READABLE)
def test_the_round_trip_of_a_sample_loses_nothing(samples, name, profile):
    """Unknown elements with it; only the envelope's signature and damaged files stay behind."""
    message = read(samples.bytes(f"{name}.edxml"))
    sent = whole(message)
    assert sent.extra == message.extra
    if isinstance(sent, StatusMessage):
        assert read(write_status(sent, profile=profile)) == sent
    else:
        assert read(write(sent, profile=profile)) == sent


def test_no_sample_message_is_left_out_here(samples):
    found = {
        path.relative_to(samples.folder).as_posix() for path in samples.folder.rglob("*.edxml")
    }
    refused = "malformed/edoc_new_junk_before_xml_decl.edxml"
    assert found == {f"{name}.edxml" for name in READABLE} | {refused}
