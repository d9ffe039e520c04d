"""What is written, literally; what is refused; and that reading gives it back."""

import string
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from chauban_edxml import DEFAULT, read, write, write_status
from chauban_edxml.checking import cleaned, cleaned_status, soft_limit_findings
from chauban_edxml.errors import (
    BadOrganId,
    DoesNotFitDocType,
    DuplicateRecipient,
    MissingElement,
    SecretMarking,
    TooLarge,
    UnusableAttachment,
    ValueOutOfRange,
)
from chauban_edxml.model import (
    Attachment,
    Bussiness,
    BussinessDocType,
    BussinessDocumentInfo,
    Code,
    DocumentMessage,
    DocumentType,
    Extra,
    Fault,
    Organization,
    OtherInfo,
    Priority,
    PromulgationInfo,
    Receiver,
    ReceiverType,
    ReplacementInfo,
    ResponseFor,
    SignerInfo,
    StaffInfo,
    StatusCode,
    StatusMessage,
    TraceHeader,
)
from chauban_edxml.secrecy import is_secret
from chauban_edxml.values import clean_text
from chauban_edxml.writing import Profile

NS = "http://www.mic.gov.vn/TBT/QCVN_102_2016"


def test_a_message_reads_back_as_it_was(message):
    assert read(write(message)) == message


def test_the_same_message_gives_the_same_bytes(message):
    assert write(message) == write(message)


def test_the_prefix_is_literally_on_every_element_of_the_envelope_and_on_none_outside(message):
    lines = write(message).decode().split("\n")
    assert lines[:4] == [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<edXML xmlns="{NS}">',
        f'  <edXML:edXMLEnvelope xmlns:edXML="{NS}">',
        "    <edXML:edXMLHeader>",
    ]
    end = lines.index("  </edXML:edXMLEnvelope>")
    assert all(line.lstrip().startswith(("<edXML:", "</edXML:")) for line in lines[2:end])
    assert lines[end + 1] == "  <AttachmentEncoded>"
    payload = [line for line in lines if "ContentTransferEncoded" in line]
    assert all(
        line.startswith(f'      <edXML:ContentTransferEncoded xmlns:edXML="{NS}">')
        for line in payload
    )
    others = [line for line in lines[end + 1 :] if line not in payload]
    assert not any("edXML:" in line for line in others)


def test_another_parser_finds_the_same_names_all_in_one_namespace(message):
    root = etree.fromstring(write(message))
    assert {etree.QName(element).namespace for element in root.iter()} == {NS}
    assert root.findtext(f".//{{{NS}}}Subject") == message.subject


def test_bussiness_comes_before_the_trace_and_nothing_signs_the_envelope(message):
    data = write(message)
    assert data.index(b"<edXML:Bussiness>") < data.index(b"<edXML:TraceHeader>")
    assert b"Signature" not in data


def test_empty_elements_are_left_out_and_required_defaults_written(message):
    data = write(message)
    assert b"DueDate" not in data
    assert b"<edXML:TypeDetail>0</edXML:TypeDetail>" in data
    assert b"<edXML:Direction>false</edXML:Direction>" in data
    assert b"<edXML:Paper>0</edXML:Paper>" in data


def test_content_reason_and_superior_are_filled_in_where_none_is_given(message):
    bare = replace(
        message,
        content="",
        bussiness=Bussiness(),
        from_=replace(message.from_, organization_in_charge=""),
    )
    assert read(write(bare)) == message


def test_text_is_normalised_escaped_and_freed_of_control_characters(message):
    odd = replace(message, subject=" Tha\u0300nh\x00 pho\u0302\u0301 & <Huế>\ud800\uffff ")
    written = read(write(odd))
    assert written.subject == "Thành phố & <Huế>"
    assert b"&amp; &lt;Hu" in write(odd)


def test_a_message_without_attachments_has_an_empty_manifest(message):
    data = write(replace(message, attachments=()))
    assert b'<edXML:edXMLManifest version="1.0" />' in data
    assert b"AttachmentEncoded" not in data
    assert read(data).warnings == ()


def test_manifest_and_attachments_have_the_same_order_and_ids(message):
    root = etree.fromstring(write(message))
    manifest = [e.text for e in root.iterfind(f".//{{{NS}}}Reference/{{{NS}}}ContentId")]
    attached = [e.text for e in root.iterfind(f".//{{{NS}}}Attachment/{{{NS}}}ContentId")]
    assert manifest == attached
    assert len(set(attached)) == 2
    assert all(each.startswith("cid:") for each in attached)


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("From/OrganId", {"from_": Organization("", organ_name="Sở Tài chính")}),
        ("From/OrganName", {"from_": Organization("H57.03")}),
        ("To", {"to": ()}),
        ("To/OrganName", {"to": (Organization("H57.64"),)}),
        ("DocumentId", {"document_id": "N/A"}),
        ("Code/CodeNumber", {"code": None}),
        ("Code/CodeNotation", {"code": Code("05", " ")}),
        ("PromulgationInfo/PromulgationDate", {"promulgation_info": PromulgationInfo(None, "Huế")}),
        ("DocumentType/Type", {"document_type": DocumentType("Công văn", type=None)}),
        ("DocumentType/TypeName", {"document_type": DocumentType("")}),
        ("Subject", {"subject": ""}),
        ("SignerInfo/FullName", {"signer_info": None}),
        ("OtherInfo/PageAmount", {"other_info": OtherInfo(page_amount=None)}),
        ("TraceHeaderList/TraceHeader", {"trace": ()}),
        ("TraceHeader/Timestamp", {"trace": (TraceHeader("H57.03", None),)}),
        ("ResponseFor/DocumentId", {"response_for": (ResponseFor("H57"),)}),
    ],
)
def test_a_message_that_lacks_what_all_have_is_refused_by_path(message, path, change):
    with pytest.raises(MissingElement) as refusal:
        write(replace(message, **change))
    assert refusal.value.path == path
    assert path in refusal.value.vi


@pytest.mark.parametrize("organ_id", ["H57 03", "Sở", "H57..03", "H" * 36, "H57-03"])
def test_a_code_that_is_none_is_refused(message, organ_id):
    write(replace(message, from_=Organization("H" * 35, organ_name="Sở Tài chính")))
    with pytest.raises(BadOrganId):
        write(replace(message, from_=Organization(organ_id, organ_name="Sở Tài chính")))


def test_a_recipient_stands_only_once(message):
    with pytest.raises(DuplicateRecipient):
        write(replace(message, to=(*message.to, replace(message.to[0], organ_id="h57.64"))))


@pytest.mark.parametrize(
    ("doc_type", "parts", "misfit"),
    [
        (BussinessDocType.NEW, {"document_id": "x"}, "Bussiness/DocumentId"),
        (BussinessDocType.NEW, {"bussiness_document_info": BussinessDocumentInfo()}, "Info"),
        (BussinessDocType.UPDATE, {"document_id": "x"}, "Bussiness/BussinessDocumentInfo"),
        (
            BussinessDocType.UPDATE,
            {"bussiness_document_info": BussinessDocumentInfo(True)},
            "Bussiness/DocumentId",
        ),
        (BussinessDocType.REPLACEMENT, {}, "Bussiness/ReplacementInfoList"),
        (
            BussinessDocType.RECALL,
            {"replacement_info_list": (ReplacementInfo("x", ("H57",)),)},
            "Bussiness/ReplacementInfoList",
        ),
    ],
)
def test_each_operation_has_the_parts_it_needs_and_no_others(message, doc_type, parts, misfit):
    with pytest.raises(DoesNotFitDocType) as refusal:
        write(replace(message, bussiness=Bussiness(doc_type, **parts)))
    assert misfit in refusal.value.path


@pytest.mark.parametrize(
    "bussiness",
    [
        Bussiness(BussinessDocType.RECALL, "Ban hành nhầm"),
        Bussiness(
            BussinessDocType.UPDATE,
            "Thêm nơi nhận",
            document_id="H57.03,2026/11/20,05/STC-NS",
            bussiness_document_info=BussinessDocumentInfo(
                document_receiver=True, receiver_list=(Receiver("H57", ReceiverType.ADDED),)
            ),
        ),
        Bussiness(
            BussinessDocType.REPLACEMENT,
            "Thay thế",
            paper=True,
            replacement_info_list=(ReplacementInfo("H57.03,2026/01/05,01/STC-NS", ("H57",)),),
            staff_info=StaffInfo("Nguyễn Thị Mẫu", "Văn thư"),
        ),
    ],
)
def test_every_operation_reads_back(message, bussiness):
    changed = replace(message, bussiness=bussiness)
    assert read(write(changed)) == changed


@pytest.mark.parametrize(
    "attachment",
    [
        Attachment("", b"x"),
        Attachment("../", b"x"),
        Attachment("a.pdf", b""),
        Attachment("a.pdf", b"x", fault=Fault.CORRUPT_PDF),
        Attachment("a.pdf", "%PDF-1.5\n%\ufffd\ufffd".encode()),
    ],
)
def test_an_attachment_needs_a_name_content_and_no_fault(message, attachment):
    with pytest.raises(UnusableAttachment):
        write(replace(message, attachments=(attachment,)))


@pytest.mark.parametrize(
    "change",
    [
        {"due_date": date(1900, 1, 1)},
        {"trace": (TraceHeader("H57", datetime(2026, 11, 20)),)},
        {"steering_type": -1},
        {"other_info": OtherInfo(page_amount=10**9)},
    ],
)
def test_values_that_the_wire_cannot_carry_are_refused(message, change):
    with pytest.raises(ValueOutOfRange):
        write(replace(message, **change))


def test_limits_hold_for_what_we_send(message):
    data = write(message)
    with pytest.raises(TooLarge):
        write(message, limits=replace(DEFAULT, size_bytes=len(data) - 1))
    with pytest.raises(TooLarge):
        write(message, limits=replace(DEFAULT, attachments=1))


def test_a_message_marked_secret_is_not_written(message):
    info = replace(message.other_info, sphere_of_promulgation="Tối mật")
    with pytest.raises(SecretMarking):
        write(replace(message, other_info=info))


def test_long_texts_are_remarked_not_refused(message):
    long = replace(message, subject="a" * 501)
    assert soft_limit_findings(message) == ()
    assert [each.path for each in soft_limit_findings(long)] == ["subject"]
    assert read(write(long)).subject == "a" * 501


def test_a_status_reads_back_as_it_was(status):
    assert read(write_status(status)) == status


@pytest.mark.parametrize("code", list(StatusCode))
def test_every_status_is_written_with_two_digits(status, code):
    data = write_status(replace(status, status_code=code))
    assert f"<edXML:StatusCode>{code.value}</edXML:StatusCode>".encode() in data
    assert read(data).status_code is code


def test_a_status_has_neither_recipients_nor_trace_nor_body(status):
    data = write_status(status)
    for absent in (b"<edXML:To>", b"TraceHeaderList", b"edXMLBody", b"AttachmentEncoded"):
        assert absent not in data


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("From/OrganName", {"from_": Organization("H57.64")}),
        ("ResponseFor/OrganId", {"response_for": ResponseFor("", "05/A", "x")}),
        ("ResponseFor/Code", {"response_for": ResponseFor("H57.03", "", "x")}),
        ("ResponseFor/DocumentId", {"response_for": ResponseFor("H57.03", "05/A")}),
        ("StatusCode", {"status_code": ""}),
        ("Timestamp", {"timestamp": None}),
    ],
)
def test_a_status_that_lacks_what_hubs_ask_for_is_refused(status, path, change):
    with pytest.raises(MissingElement) as refusal:
        write_status(replace(status, **change))
    assert refusal.value.path == path


# Texts as people write them, and anything else that XML can carry.
texts = (
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=20)
    | st.text(st.characters(codec="utf-8"), max_size=10)
).filter(lambda text: not is_secret("", clean_text(text)))
words = texts.map(lambda text: f"văn {text} bản")
organ_ids = st.from_regex(r"[0-9A-Z]{1,5}(\.[0-9A-Z]{1,5}){0,4}", fullmatch=True)
days = st.dates(date(1950, 1, 1), date(2100, 1, 1))
moments = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
amounts = st.integers(0, 10**6)
organizations = st.builds(Organization, organ_ids, words, words, texts, texts, texts, texts, texts)
responses = st.builds(ResponseFor, organ_ids, words, words, st.none() | days)
staff = st.builds(StaffInfo, words, texts, texts, texts, texts, texts)
news = st.builds(
    Bussiness,
    st.just(BussinessDocType.NEW),
    words,
    paper=st.booleans(),
    staff_info=st.none() | staff,
)
updates = st.builds(
    Bussiness,
    st.just(BussinessDocType.UPDATE),
    words,
    document_id=words,
    bussiness_document_info=st.builds(
        BussinessDocumentInfo,
        st.booleans(),
        st.booleans(),
        st.lists(st.builds(Receiver, organ_ids, st.sampled_from(ReceiverType)), max_size=2).map(
            tuple
        ),
    ),
)
replacements = st.builds(
    Bussiness,
    st.just(BussinessDocType.REPLACEMENT),
    words,
    replacement_info_list=st.lists(
        st.builds(ReplacementInfo, words, st.lists(organ_ids, min_size=1, max_size=2).map(tuple)),
        min_size=1,
        max_size=2,
    ).map(tuple),
)
attachments = st.builds(
    Attachment,
    st.builds(
        "{}.{}".format,
        st.text(string.ascii_letters, min_size=1, max_size=9),
        st.sampled_from(["pdf", "PDF", "zip", "doc", "docx", "txt"]),
    ),
    st.binary(min_size=1, max_size=500)
    | st.binary(max_size=50).map(lambda rest: b"PK\x03\x04" + rest)
    | st.binary(max_size=50).map(lambda rest: b"%PDF-1.7\n%\xc4\xe5" + rest),
    texts,
)
messages = st.builds(
    DocumentMessage,
    from_=organizations,
    to=st.lists(organizations, min_size=1, max_size=3, unique_by=lambda each: each.organ_id).map(
        tuple
    ),
    document_id=words,
    code=st.builds(Code, words, words),
    subject=words,
    promulgation_info=st.builds(PromulgationInfo, days, texts),
    document_type=st.builds(DocumentType, words, amounts, amounts),
    content=words,
    signer_info=st.builds(SignerInfo, words, texts, texts),
    due_date=st.none() | days,
    other_info=st.builds(
        OtherInfo,
        st.sampled_from(Priority),
        texts,
        texts,
        amounts,
        amounts,
        st.lists(words, max_size=2).map(tuple),
        st.booleans(),
        st.lists(words, max_size=2).map(tuple),
        st.lists(words, max_size=2).map(tuple),
    ),
    response_for=st.lists(responses, max_size=2).map(tuple),
    steering_type=amounts,
    task_codes=st.lists(words, max_size=2).map(tuple),
    application_type=texts,
    to_places=st.lists(words, max_size=2).map(tuple),
    bussiness=news | updates | replacements,
    trace=st.lists(st.builds(TraceHeader, organ_ids, moments), min_size=1, max_size=2).map(tuple),
    attachments=st.lists(attachments, max_size=2).map(tuple),
)


names = st.from_regex(r"[A-Z][a-z]{0,5}[0-9]", fullmatch=True)
leaf_texts = texts.map(lambda text: f"x{clean_text(text)}y")
leaves = st.builds(
    Extra,
    names,
    leaf_texts,
    st.sampled_from([NS, "", "urn:other"]),
    st.lists(st.tuples(names | names.map("{{urn:a}}{}".format), texts.map(clean_text)), max_size=2)
    .map(dict)
    .map(dict.items)
    .map(tuple),
)
PLACES = (
    "",
    "edXMLEnvelope/",
    "edXMLEnvelope/edXMLHeader/",
    "edXMLEnvelope/edXMLHeader/MessageHeader/",
    "edXMLEnvelope/edXMLHeader/MessageHeader/From/",
    "edXMLEnvelope/edXMLHeader/MessageHeader/OtherInfo/",
)
unknown = st.builds(
    lambda place, extra, children: replace(extra, path=place + extra.path, children=children),
    st.sampled_from(PLACES),
    leaves,
    st.lists(leaves, max_size=2).map(tuple),
)


@given(messages, st.sampled_from(Profile), st.lists(unknown, max_size=3))
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
def test_any_message_reads_back_as_it_was_cleaned(message, profile, extra):
    """In both profiles, what the model does not know with it."""
    extra = tuple({each.path: each for each in extra}.values())
    message = replace(message, extra=extra)
    expected = cleaned(message)
    data = write(expected, profile=profile)
    found = read(data)
    assert found == expected
    assert cleaned(expected) == expected
    assert write(message, profile=profile) == data


statuses = st.builds(
    StatusMessage,
    organizations,
    responses,
    st.sampled_from(StatusCode),
    moments,
    words,
    st.none() | staff,
)


@given(statuses, st.sampled_from(Profile))
@settings(max_examples=60)
def test_any_status_reads_back_as_it_was_cleaned(status, profile):
    expected = cleaned_status(status)
    assert read(write_status(status, profile=profile)) == expected
    assert cleaned_status(expected) == expected


def test_dotnet_has_its_own_order_declarations_and_marks(message):
    data = write(message, profile=Profile.DOTNET)
    assert data.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<edXML xmlns:xsi=')
    assert data.index(b"<edXML:TraceHeader>") < data.index(b"<edXML:Bussiness>")
    assert data.index(b"<edXML:ToPlaces>") < data.index(b"<edXML:OtherInfo>")
    assert b"</edXML:SteeringType>\n        <edXML:DocumentId>" in data
    assert b'mustUnderstand="1"' in data
    assert b"<edXML:DigitalSignature />" in data
    assert b"<edXML:ContentTransferEncoded" not in data
    root = etree.fromstring(data)
    (first, _) = root.iterfind(f".//{{{NS}}}Reference")
    href = first.get("{http://www.w3.org/1999/xlink}href")
    assert href == first.findtext(f"{{{NS}}}ContentId")
    assert f"cid:{root.findtext(f'.//{{{NS}}}Attachment/{{{NS}}}ContentId')}" == href


def test_a_given_content_id_is_kept_where_it_is_fit_and_the_only_one(message):
    given_ids = ["209", "cid:x", "7", "7"]
    files = tuple(
        Attachment(f"{number}.txt", b"x", content_id=content_id)
        for number, content_id in enumerate(given_ids)
    )
    found = read(write(replace(message, attachments=files))).attachments
    assert found[0].content_id == "209"
    assert not {each.content_id for each in found[1:]} & {"cid:x", "x", "7"}


@pytest.mark.parametrize("name", ["a b", "a>", "1", "", 'x y="z"'])
def test_an_unknown_element_that_xml_cannot_name_is_refused(message, name):
    good = Extra("edXMLEnvelope/edXMLHeader/MessageHeader/Khac", "7")
    write(replace(message, extra=(good,)))
    with pytest.raises(ValueOutOfRange):
        write(replace(message, extra=(replace(good, path=f"MessageHeader/{name}"),)))
    with pytest.raises(ValueOutOfRange):
        write(replace(message, extra=(replace(good, attributes=((name, "1"),)),)))
