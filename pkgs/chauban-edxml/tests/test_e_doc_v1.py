"""Requests of e-Doc v1, and what is taken for an answer (section 12.4)."""

from dataclasses import replace

import pytest

from chauban_edxml.e_doc_v1 import (
    Fault,
    document_ids,
    organizations,
    read_reply,
    refusal_of_document,
    request,
    traces,
)
from chauban_edxml.errors import Malformed, NotEdXML
from chauban_edxml.model import Dialect, StatusCode
from chauban_edxml.parsing import DEFAULT, parse
from chauban_edxml.soap_writing import soap_package, unchecked_soap_status

V1 = 'xmlns:edXML="http://www.e-doc.vn/Schema/"'


def envelope(body):
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    return f'<S:Envelope xmlns:S="{soap}" {V1}><S:Body>{body}</S:Body></S:Envelope>'.encode()


def as_answered(status):
    """The status as the hub's answer has it."""
    text = unchecked_soap_status(status).decode()
    return text[text.index("<edXML:Status>") : text.index("</SOAP-ENV:Header>")]


def test_a_request_names_agency_and_document_under_its_own_root():
    root = parse(request("GetDocument", token="t", organ_id="H57", document_id="7"), DEFAULT).root
    assert root.child("Header").child("Token").text == "t"
    (asked,) = root.child("Body").children
    assert (asked.name, asked.namespace) == ("GetDocumentRequest", "http://www.e-doc.vn/Schema/")
    assert [(one.name, one.text) for one in asked.children] == [
        ("OrganId", "H57"),
        ("DocumentId", "7"),
    ]


def test_the_reconstructed_request_and_answer_are_ours(samples):
    name = "reconstructed/edoc_v1_soap_GetPendingDocumentIds_{}.xml"
    theirs = parse(samples.bytes(name.format("request")), DEFAULT).root
    ours = request("GetPendingDocumentIds", token="TOKEN-MAU", organ_id="000.00.01.H53")
    assert parse(ours, DEFAULT).root == theirs
    answer = read_reply(samples.bytes(name.format("response")), "GetPendingDocumentIds")
    assert document_ids(answer) == ("10421", "10422")


def test_a_report_is_read_wherever_it_stands():
    report = (
        "<edXML:Report><edXML:IsSuccess>false</edXML:IsSuccess><edXML:ErrorList><edXML:Error>"
        "<edXML:Code>M.Exist</edXML:Code><edXML:Description>Document is exist</edXML:Description>"
        "</edXML:Error></edXML:ErrorList></edXML:Report>"
    )
    wrapped = f"<edXML:SendDocumentResponse>{report}</edXML:SendDocumentResponse>"
    for body in (report, wrapped):
        reply = read_reply(envelope(body), "SendDocument")
        assert reply.is_success is False
        assert reply.faults == (Fault("M.Exist", "Document is exist"),)
    sent = wrapped.replace("false", "true") + "<edXML:DocumentId>12</edXML:DocumentId>"
    reply = read_reply(envelope(sent), "SendDocument")
    assert (reply.is_success, reply.within("DocumentId").text) == (True, "12")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"<html>proxy</html>", NotEdXML),
        (b"proxy", Malformed),
        (envelope(""), NotEdXML),
        (envelope("<edXML:GetTracesResponse/>"), NotEdXML),
    ],
)
def test_another_answer_is_none(data, refusal):
    with pytest.raises(refusal):
        read_reply(data, "GetPendingDocumentIds")


def test_no_list_is_not_an_empty_list():
    reply = read_reply(envelope("<edXML:AResponse/>"), "A")
    assert (document_ids(reply), organizations(reply), traces(reply)) == (None, None, None)
    empty = "<edXML:AResponse><edXML:DocumentIds/><edXML:Organizations/></edXML:AResponse>"
    reply = read_reply(envelope(empty), "A")
    assert (document_ids(reply), list(organizations(reply))) == ((), [])


def test_traces_are_read_one_by_one_and_what_is_about_nothing_left_out(status):
    second = replace(status, status_code=StatusCode.FINISHED)
    listed = as_answered(status) + "<edXML:Status/>" + as_answered(second)
    body = (
        f"<edXML:GetTracesResponse><edXML:Traces>{listed}</edXML:Traces></edXML:GetTracesResponse>"
    )
    found = traces(read_reply(envelope(body), "GetTraces"))
    assert found == (status, second)
    assert {one.dialect for one in found} == {Dialect.E_DOC_V1}


def test_agencies_are_listed_with_name_and_mail():
    listed = (
        "<edXML:Organization><edXML:OrganId>H53</edXML:OrganId>"
        "<edXML:OrganName>UBND tỉnh</edXML:OrganName>"
        "<edXML:Email>a@example.vn</edXML:Email></edXML:Organization>"
    )
    body = f"<edXML:AResponse><edXML:Organizations>{listed}</edXML:Organizations></edXML:AResponse>"
    (one,) = organizations(read_reply(envelope(body), "A"))
    assert (one.organ_id, one.organ_name, one.email) == ("H53", "UBND tỉnh", "a@example.vn")


def test_an_envelope_may_come_in_a_package_of_its_own():
    body = envelope("<edXML:AResponse><edXML:DocumentIds/></edXML:AResponse>")
    data = (
        b"--MIME_1\r\nContent-Type: text/xml\r\nContent-ID: <a>\r\n\r\n" + body + b"\r\n--MIME_1--"
    )
    for content_type in ("", 'multipart/related; boundary="MIME_1"; start="<a>"'):
        assert document_ids(read_reply(data, "A", content_type=content_type)) == ()


def test_a_document_is_told_from_the_report_that_it_cannot_be_had(message):
    document = b"".join(soap_package(message).pieces())
    assert refusal_of_document(document) is None
    report = "<edXML:Report><edXML:IsSuccess>false</edXML:IsSuccess></edXML:Report>"
    assert refusal_of_document(envelope(report)).is_success is False
    with pytest.raises(NotEdXML):
        refusal_of_document(envelope(""))
