"""What is mended is flagged by a stable code, and the clerk is left in peace."""

from dataclasses import replace

import pytest

from chauban_edxml import read, write, write_status
from chauban_edxml.writing import Profile


def changed(data: bytes, old: str, new: str) -> bytes:
    assert old.encode() in data
    return data.replace(old.encode(), new.encode(), 1)


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("date-form", "2026/11/20</edXML:Prom", "20/11/2026</edXML:Prom"),
        ("older-name", "", ""),
        ("older-place", "</edXML:Bussiness>", "</edXML:Bussiness><edXML:Paper>0</edXML:Paper>"),
        ("priority-as-word", "<edXML:Priority>0<", "<edXML:Priority>Thường<"),
        ("joined-without-id", "<edXML:ContentId>cid:", "<edXML:ContentId>cid:x"),
        ("file-renamed", "<AttachmentName>", "<AttachmentName>../../"),
        ("prefix-dropped", "", ""),
        ("leading-space", "<?xml", "\n<?xml"),
    ],
)
def test_what_is_mended_is_flagged_by_its_code(message, code, old, new):
    data = write(message)
    assert read(data).repairs == ()
    if code == "prefix-dropped":
        altered = data.replace(b"edXML:", b"").replace(b"xmlns:edXML", b"xmlns")
    elif code == "older-name":
        altered = data.replace(b"edXML:Bussiness", b"edXML:Business")
    else:
        altered = changed(data, old, new)
    found = read(altered)
    assert code in {each.code for each in found.repairs}
    assert found == message
    assert found.warnings == ()
    assert all(each.section and each.vi and each.en for each in found.repairs)


def test_a_status_of_one_digit_and_with_recipients_is_flagged(status):
    data = changed(write_status(status), "<edXML:StatusCode>03", "<edXML:StatusCode>3")
    to = "<edXML:To><edXML:OrganId>H57.03</edXML:OrganId></edXML:To><edXML:ResponseFor>"
    found = read(changed(data, "<edXML:ResponseFor>", to))
    assert [each.code for each in found.repairs] == ["status-with-recipients", "status-form"]
    assert replace(found, extra=()) == status


def test_a_code_in_two_elements_where_one_text_belongs_is_flagged(status):
    block = (
        "<edXML:Code><edXML:CodeNumber>05</edXML:CodeNumber>"
        "<edXML:CodeNotation>STC-NS</edXML:CodeNotation></edXML:Code>"
    )
    found = read(changed(write_status(status), "<edXML:Code>05/STC-NS</edXML:Code>", block))
    assert [each.code for each in found.repairs] == ["code-as-block"]
    assert found == status


@pytest.mark.parametrize("value", ["1", "0"])
def test_paper_is_read_where_older_messages_have_it(message, value):
    paper = f"</edXML:Bussiness><edXML:Paper>{value}</edXML:Paper>"
    found = read(changed(write(message), "</edXML:Bussiness>", paper))
    assert found.bussiness.paper is (value == "1")


def test_the_envelope_s_signature_is_kept_and_not_written(message):
    dummy = (
        '<Signature><SignedInfo><Reference URI=""/></SignedInfo>'
        "<SignatureValue>GbVb</SignatureValue></Signature></edXML:edXMLHeader>"
    )
    found = read(changed(write(message), "</edXML:edXMLHeader>", dummy))
    (signature,) = found.envelope_signature
    assert [each.path for each in signature.children] == ["SignedInfo", "SignatureValue"]
    assert found == message
    assert b"Signature" not in write(found)
    assert write(found, profile=Profile.DOTNET).count(b"Signature") == 1
