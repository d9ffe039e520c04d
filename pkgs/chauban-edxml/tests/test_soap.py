"""e-Doc v1, the exports of 2013 and the provincial status, with and without their files."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chauban_edxml import DEFAULT, read, write
from chauban_edxml.errors import (
    BadPart,
    HasDTD,
    NoMessageHeader,
    NotEdXML,
    SecretMarking,
    TooLarge,
)
from chauban_edxml.model import (
    Attachment,
    Code,
    Dialect,
    DocumentMessage,
    Fault,
    Priority,
    StatusCode,
    StatusMessage,
)
from chauban_edxml.soap import is_soap, open_soap, read_soap

V1 = "http://www.e-doc.vn/Schema/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PDF = b"%PDF-1.7\n%\xc4\xe5\xf2\xe5\n--B\r\n--Boundary2\n\x00 end"
HEADER = """<edXML:MessageHeader>
<edXML:From><edXML:OrganId>000.00.11.H53</edXML:OrganId>
<edXML:OrganInCharge>UBND tỉnh mẫu</edXML:OrganInCharge></edXML:From>
<edXML:To><edXML:OrganId>000.00.01.H53</edXML:OrganId></edXML:To>
<edXML:Code><edXML:CodeNumber>2491</edXML:CodeNumber><edXML:CodeNotation>SM-VP</edXML:CodeNotation>
</edXML:Code><edXML:PromulgationInfo><edXML:PromulgationDate>30/10/2020</edXML:PromulgationDate>
</edXML:PromulgationInfo><edXML:Subject>V/v báo cáo tháng</edXML:Subject>
<edXML:DueDate>01/01/1900</edXML:DueDate><edXML:DocumentId>id-1</edXML:DocumentId>
</edXML:MessageHeader>
<edXML:TraceHeaderList><edXML:TraceHeader><edXML:OrganId>000.00.11.H53</edXML:OrganId>
<edXML:Timestamp>30/10/2020 14:05:00</edXML:Timestamp></edXML:TraceHeader>
<edXML:Business><edXML:BusinessDocType>0</edXML:BusinessDocType></edXML:Business>
</edXML:TraceHeaderList>"""
MANIFEST = """<edXML:Manifest><edXML:Reference xlink:href="cid:att-0001" xlink:type="simple">
<edXML:AttachmentName>bao-cao.pdf</edXML:AttachmentName>
<edXML:Description>Báo cáo</edXML:Description></edXML:Reference></edXML:Manifest>"""


def envelope(header: str = HEADER, body: str = MANIFEST, *, prefixes: bool = True) -> bytes:
    declared = f'xmlns:edXML="{V1}" xmlns:xlink="http://www.w3.org/1999/xlink"' if prefixes else ""
    return (
        f'<S:Envelope xmlns:S="{SOAP}" {declared}><S:Header>{header}</S:Header>'
        f"<S:Body>{body}</S:Body></S:Envelope>"
    ).encode()


def package(
    *parts: tuple[list[bytes], bytes], root: bytes | None = None, line: bytes = b"\r\n"
) -> bytes:
    all_parts = [([b"Content-Type: text/xml; charset=utf-8", b"Content-ID: <start>"], root), *parts]
    out = b""
    for headers, body in all_parts:
        content = envelope() if body is None else body
        out += b"--Boundary" + line + line.join(headers) + line * 2 + content + line
    return out + b"--Boundary--" + line


FILE = ([b"Content-Type: application/pdf", b"Content-ID: <att-0001>"], PDF)
PLAIN = Attachment("bao-cao.pdf", PDF, "Báo cáo")


@pytest.mark.parametrize("line", [b"\r\n", b"\n"])
@pytest.mark.parametrize(
    "content_type",
    ["", 'multipart/related; type="text/xml"; boundary="Boundary"; start="<start>"'],
)
def test_a_package_is_read_with_its_files(line, content_type):
    message = read_soap(package(FILE, line=line), content_type=content_type)
    assert isinstance(message, DocumentMessage)
    assert message.attachments == (PLAIN,)
    assert message.dialect is Dialect.E_DOC_V1
    assert message.from_.organization_in_charge == "UBND tỉnh mẫu"
    assert message.promulgation_info.promulgation_date == date(2020, 10, 30)
    assert message.due_date is None
    assert message.trace[0].timestamp == datetime(2020, 10, 30, 7, 5, tzinfo=UTC)
    assert message.warnings == ()
    assert {"older-name", "date-form"} == {each.code for each in message.repairs}


def test_a_file_in_base64_and_one_wrapped_are_the_same_file(message):
    sent = write(replace(message, attachments=(Attachment("a.doc", b"noi dung"),)))
    start = sent.index(b"UEs")
    text = sent[start : sent.index(b"<", start)]
    headers = [b"Content-ID: <att-0001>", b"Content-Transfer-Encoding: base64"]
    root = envelope(body=MANIFEST.replace("bao-cao.pdf", "a.doc"))
    (attachment,) = read_soap(package((headers, text), root=root)).attachments
    assert (attachment.name, attachment.content) == ("a.doc", b"noi dung")


def test_the_root_is_the_part_that_start_names():
    data = package(([b"Content-ID: <other>"], envelope()), root=PDF)
    content_type = 'multipart/related; boundary=Boundary; start="<other>"'
    assert read_soap(data, content_type=content_type).document_id == "id-1"


def test_text_may_come_before_the_first_part_where_the_boundary_is_told():
    data = b"This is a multipart message.\r\n" + package(FILE)
    found = read_soap(data, content_type="multipart/related; boundary=Boundary")
    assert found.attachments == (PLAIN,)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (package(FILE), True),
        (envelope(), True),
        (b'<?xml version="1.0"?>\n<!-- a -->\n' + envelope(), True),
        (b"<edXML><Envelope>", False),
        (b"<!---->" * 500, False),
        (b"{", False),
    ],
)
def test_soap_is_told_by_the_first_bytes(start, expected):
    assert is_soap(start[:4096]) is expected


def test_a_header_may_run_over_lines():
    data = package(([*FILE[0][:1], b"Content-ID:\r\n <att-0001>"], PDF))
    assert read_soap(data).attachments == (PLAIN,)


def test_a_line_of_the_manifest_without_part_is_a_missing_file():
    message = read_soap(package())
    assert [each.fault for each in message.attachments] == [Fault.MISSING]
    assert [each.code for each in message.warnings] == ["missing-attachment"]


def test_a_part_that_no_line_names_is_kept_and_noted():
    data = package(FILE, ([b"Content-ID: <x>"], b"more"))
    message = read_soap(data)
    assert [each.name for each in message.attachments] == ["bao-cao.pdf", "attachment-1"]
    assert "joined-without-id" in [each.code for each in message.repairs]


def test_a_package_in_a_file_is_read_in_pieces():
    opened = open_soap(io.BytesIO(package(FILE)))
    (attachment,) = opened.attachments
    assert b"".join(attachment.pieces()) == PDF
    assert opened.message.source.size_bytes == len(package(FILE))


def test_a_part_longer_than_what_is_read_at_once_keeps_every_byte():
    content = (b"x" * 786_430 + b"\r\n--Boundar" + b"y" * 10 + b"\r\n--Bound") * 2
    (attachment,) = read_soap(package((FILE[0], content))).attachments
    assert attachment.content == content


def test_what_came_in_soap_is_written_as_edxml(message):
    data = package(FILE, root=envelope(body=MANIFEST + "<edXML:Khac>7</edXML:Khac>"))
    received = read_soap(data)
    (extra,) = received.extra
    sent = replace(message, attachments=received.attachments, extra=received.extra)
    found = read(write(sent))
    assert found == sent
    assert found.extra == (extra,)
    assert extra.namespace == V1


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (package(FILE)[:-14], BadPart),
        (package(FILE, FILE), BadPart),
        (package(([*FILE[0], b"Content-ID: <b>"], PDF)), BadPart),
        (package(([b"no header"], PDF)), BadPart),
        (package(([b"Content-Transfer-Encoding: quoted-printable"], PDF)), BadPart),
        (b"--B\nContent-Transfer-Encoding: base64\n\n<a>\n--B--", BadPart),
        (b"--\r\n\r\n", BadPart),
        (package(FILE, root=envelope(header="")), NoMessageHeader),
        (envelope().replace(SOAP.encode(), b"urn:other"), NotEdXML),
        (b"<!DOCTYPE a [<!ENTITY a 'b'>]>" + envelope(), HasDTD),
    ],
)
def test_what_is_no_package_of_ours_is_refused(data, refusal):
    with pytest.raises(refusal):
        read_soap(data)


def test_a_mark_of_secrecy_is_refused_before_a_part_is_read():
    marked = HEADER.replace(
        "</edXML:MessageHeader>",
        "<edXML:OtherInfo><edXML:Secret>Mật</edXML:Secret></edXML:OtherInfo></edXML:MessageHeader>",
    )
    with pytest.raises(SecretMarking) as refusal:
        read_soap(package(FILE, root=envelope(header=marked)))
    assert refusal.value.organ_id == "000.00.11.H53"


def test_more_parts_than_the_limit_are_refused():
    few = replace(DEFAULT, attachments=1)
    assert read_soap(package(FILE), limits=few).attachments == (PLAIN,)
    with pytest.raises(TooLarge):
        read_soap(package(FILE, ([b"Content-ID: <x>"], b"x")), limits=few)


EXPORT_2013 = """<edXML:MessageHeader OriginalBodyRequested="false"
 ImmediateResponseRequired="true">
<edXML:From><edXML:OrganId edXML:type="edXMLString">EOF1102</edXML:OrganId></edXML:From>
<edXML:To><edXML:OrganId edXML:type="edXMLString">EOF1103</edXML:OrganId></edXML:To>
<edXML:DocumentId> 12 </edXML:DocumentId>
<edXML:Code><edXML:CodeNumber>2</edXML:CodeNumber><edXML:CodeNotation>A</edXML:CodeNotation></edXML:Code>
<edXML:PromulgationInfo><edXML:Date>05/03/2013 10:00:00</edXML:Date></edXML:PromulgationInfo>
<edXML:type><value>7</value><description>Công văn</description></edXML:type>
<edXML:Subject>Về việc họp</edXML:Subject>
<edXML:Author><edXML:Function>Giám đốc</edXML:Function><edXML:FullName>Trần Mẫu</edXML:FullName>
</edXML:Author><edXML:OtherInfo><edXML:Secret>{secret}</edXML:Secret>
<edXML:Priority>Khẩn</edXML:Priority></edXML:OtherInfo></edXML:MessageHeader>
<edXML:TraceHeaderList edXML:id="3490sdo9" edXML:version="1.0" S:mustUnderstand="1"
 S:actor="http://schemas.xmlsoap.org/soap/actor/next"><edXML:TraceHeader>
<edXML:Sender><edXML:OrganId>EOF1102</edXML:OrganId></edXML:Sender>
<edXML:Timestamp>2013/03/05 10:00:00</edXML:Timestamp></edXML:TraceHeader>
</edXML:TraceHeaderList>
<edXML:ErrorList edXML:highestSeverity="error" />"""


@pytest.mark.parametrize("secret", ["Thường", ""])
def test_an_export_of_2013_is_read(secret):
    message = read_soap(envelope(EXPORT_2013.format(secret=secret), "", prefixes=False))
    assert (message.document_id, message.code) == ("12", Code("2", "A"))
    assert message.promulgation_info.promulgation_date == date(2013, 3, 5)
    assert (message.document_type.type, message.document_type.type_name) == (7, "Công văn")
    assert message.signer_info.position == "Giám đốc"
    assert message.other_info.priority is Priority.URGENT
    assert message.trace[0].organ_id == "EOF1102"
    assert [each.code for each in message.warnings] == ["undeclared-prefix"]
    assert {"older-name", "priority-as-word"} <= {each.code for each in message.repairs}


def test_an_export_of_2013_with_a_degree_of_secrecy_is_refused():
    with pytest.raises(SecretMarking):
        read_soap(envelope(EXPORT_2013.format(secret="Tối mật"), "", prefixes=False))


STATUS = """<edXML:Status><edXML:ResponseFor><edXML:OrganId>000.00.00.G22</edXML:OrganId>
<edXML:Code>7816/VPCP-TTĐT</edXML:Code><edXML:PromulgationDate>28/09/2018</edXML:PromulgationDate>
<edXML:DocumentId>x</edXML:DocumentId></edXML:ResponseFor>
<edXML:From><edXML:OrganId>000.00.00.H19</edXML:OrganId></edXML:From>
<edXML:Description>Đã tiếp nhận</edXML:Description>
<edXML:TimeStamp>01/10/2018 08:05:09</edXML:TimeStamp><edXML:StatusCode>3</edXML:StatusCode>
</edXML:Status>"""


@pytest.mark.parametrize(
    ("namespace", "dialect"), [(V1, Dialect.E_DOC_V1), (SOAP, Dialect.PROVINCIAL_SOAP)]
)
def test_a_status_in_soap_is_read(namespace, dialect):
    message = read_soap(envelope(STATUS, "").replace(V1.encode(), namespace.encode()))
    assert isinstance(message, StatusMessage)
    assert message.dialect is dialect
    assert message.status_code is StatusCode.ACCEPTED
    assert message.timestamp == datetime(2018, 10, 1, 1, 5, 9, tzinfo=UTC)
    assert message.response_for.promulgation_date == date(2018, 9, 28)
    assert (message.extra, message.warnings) == ((), ())
    assert {each.code for each in message.repairs} >= {"status-form", "date-form"}


def test_soap_is_no_edxml_file():
    with pytest.raises(NotEdXML):
        read(envelope())


def test_the_reconstructed_messages_are_read(samples):
    root = samples.bytes("reconstructed/edoc_v1_soap_SendDocument_root_part.xml")
    data = package(FILE, root=root)
    message = read_soap(data)
    assert [each.name for each in message.attachments] == ["bao-cao-thang.pdf"]
    assert message.to_places == ("Như trên", "Lưu: VT")
    status = read_soap(samples.bytes("reconstructed/provincial_soap_status.xml"))
    assert status.staff_info.staff == "Nguyễn Thị Mẫu"
    with pytest.raises(NoMessageHeader):
        read_soap(samples.bytes("reconstructed/edoc_v1_soap_GetPendingDocumentIds_request.xml"))
