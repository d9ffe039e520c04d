"""The JSON mapping of gateways: read, written, and held to the same limits."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest

from chauban_edxml import DEFAULT
from chauban_edxml.carrying import pieces_of_bytes
from chauban_edxml.checking import cleaned, cleaned_status
from chauban_edxml.errors import BadJson, MissingIdentity, NoMessageHeader, SecretMarking, TooLarge
from chauban_edxml.json_mapping import read_json, write_json
from chauban_edxml.model import (
    Bussiness,
    BussinessDocType,
    BussinessDocumentInfo,
    Dialect,
    Fault,
    Receiver,
    ReceiverType,
    ReplacementInfo,
    ResponseFor,
    StaffInfo,
    StatusCode,
)


def data_of(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


def without_comments(text: bytes) -> bytes:
    return re.sub(rb"(?m)(?<!:)//[^\r\n]*", b"", text)


@pytest.mark.parametrize(
    "bussiness",
    [
        Bussiness(),
        Bussiness(
            BussinessDocType.UPDATE,
            "Thêm nơi nhận",
            document_id="x",
            bussiness_document_info=BussinessDocumentInfo(
                True, True, (Receiver("H57", ReceiverType.ADDED),)
            ),
            staff_info=StaffInfo("Nguyễn Thị Mẫu", "Văn thư"),
        ),
        Bussiness(
            BussinessDocType.REPLACEMENT,
            replacement_info_list=(ReplacementInfo("x", ("H57", "H57.64")),),
        ),
    ],
)
def test_a_document_comes_back_from_its_mapping(message, bussiness):
    responses = (ResponseFor("H57", "1/A", "x"), ResponseFor("H57", "2/B", "y"))
    letter = message.attachments[:1]
    sent = cleaned(
        replace(message, bussiness=bussiness, response_for=responses, attachments=letter)
    )
    files = {each.name: pieces_of_bytes(each.content) for each in sent.attachments}
    found = read_json(data_of(write_json(sent)), files=files)
    assert found == sent
    assert found.dialect is Dialect.JSON
    assert found.warnings == ()


def test_a_status_comes_back_from_its_mapping(status):
    assert read_json(data_of(write_json(status))) == cleaned_status(status)


def test_a_file_may_stand_in_it_as_base64_or_be_missing(message):
    told = write_json(message)
    told["attachments"] = [{"fileName": "a.txt", "fileContent": "QUJD"}, {"fileName": "b.txt"}]
    found = read_json(data_of(told))
    assert [(each.name, each.content, each.fault) for each in found.attachments] == [
        ("a.txt", b"ABC", None),
        ("b.txt", b"", Fault.MISSING),
    ]


def test_unknown_keys_are_kept_as_unknown_elements(message):
    told = write_json(message)
    told["header"]["messageheader"]["zalo"] = {"id": 7}
    (extra,) = read_json(data_of(told)).extra
    assert extra.path == "edXMLEnvelope/edXMLHeader/MessageHeader/zalo"
    assert extra.children[0].text == "7"


def test_the_annotated_document_of_a_converter_is_read(samples):
    found = read_json(without_comments(samples.bytes("json-mapping/edoc_annotated.jsonc")))
    assert found.from_.organ_id == "mã đơn vị"
    assert found.to[0].organ_name == "tên đơn vị"
    assert found.code.notation == "ký hiệu"
    assert found.to_places == ("tên cơ quan, tổ chức, đơn vị và cá nhân nhận vb",)
    assert found.other_info.appendixes == ("tên phụ lục đính kèm",) * 2
    assert found.trace[0].organ_id == "mã đơn vị"
    assert [each.name for each in found.attachments] == ["pin_25.png", "pin_32.png"]
    assert "bad-date" in [each.code for each in found.warnings]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("status_annotated.jsonc", ""),
        ("status_request_flat.json", "statuscode"),
        ("status_response.json", "statuscode"),
    ],
)
def test_the_converter_s_statuses_are_read_nested_flat_and_wrapped(samples, name, code):
    found = read_json(without_comments(samples.bytes(f"json-mapping/{name}")))
    assert found.from_.organ_id
    assert found.response_for.document_id
    assert found.staff_info is not None
    if code:
        assert found.status_code == code
        assert found.response_for.promulgation_date == date(2023, 3, 14)


def test_a_flat_status_is_read(status):
    told = {
        "responsefor_organid": "H57.03",
        "responsefor_code": "05/STC-NS",
        "responsefor_promulgationdate": "2026/11/20 00:00:00",
        "responsefor_documentid": "H57.03,2026/11/20,05/STC-NS",
        "from_organid": "H57.64",
        "from_organname": "UBND phường Phú Bài",
        "statuscode": 3,
    }
    found = read_json(data_of(told))
    assert found.status_code is StatusCode.ACCEPTED
    assert found.response_for == status.response_for


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"{", BadJson),
        (b"\xff", BadJson),
        (b"7", BadJson),
        (b'{"header": []}', NoMessageHeader),
        (b'{"header": {}}', NoMessageHeader),
        (b'{"header": {"messageheader": {"a<b": "1"}}}', BadJson),
        (b'{"header": {"messageheader": {}}}', MissingIdentity),
        (b'{"header": {"messageheader": {"from": {"organid": [[1]]}}}}', BadJson),
        (b'{"header":' + b'{"a":' * 40 + b"1" + b"}" * 41, TooLarge),
        (b"[" * 5000, TooLarge),
        (b"[" + b"[]," * 700_000 + b"1]", TooLarge),
        (b'{"n": ' + b"1" * 5000 + b"}", BadJson),
    ],
)
def test_what_is_no_message_is_refused(data, refusal):
    with pytest.raises(refusal) as refused:
        read_json(data)
    assert refused.value.vi


def test_a_mark_of_secrecy_is_refused_before_a_file_is_decoded(message):
    told = write_json(message)
    read_json(data_of(told))
    told["header"]["messageheader"]["otherinfo"]["secret"] = {"level": "1"}
    with pytest.raises(SecretMarking) as refusal:
        read_json(data_of(told))
    assert refusal.value.organ_id == "H57.03"
    assert refusal.value.path.endswith("OtherInfo/secret/level")


def test_more_attachments_than_the_limit_are_refused(message):
    told = write_json(message)
    with pytest.raises(TooLarge):
        read_json(data_of(told), limits=replace(DEFAULT, attachments=1))
