"""e-Doc v1 as we write it: it reads back as it was, in the order and forms of section 12.4."""

import re
from dataclasses import replace
from datetime import date

import pytest

from chauban_edxml.errors import MissingElement, SecretMarking, UnusableAttachment
from chauban_edxml.model import (
    Attachment,
    Bussiness,
    BussinessDocType,
    Dialect,
    DocumentType,
    Extra,
    Fault,
    OtherInfo,
    ResponseFor,
)
from chauban_edxml.parsing import DEFAULT, parse
from chauban_edxml.soap import read_any, read_soap
from chauban_edxml.soap_writing import soap_package, soap_status, unchecked_soap_status
from chauban_edxml.streams import FileAttachment

ORDER = (
    "From To To Code PromulgationInfo DocumentType Subject Content SignerInfo DueDate ToPlaces "
    "OtherInfo SteeringType DocumentId"
)


def written(message, **kwargs):
    package = soap_package(message, **kwargs)
    return b"".join(package.pieces()), package.content_type


def root_of(data):
    start = data.index(b"<?xml")
    return data[start : data.index(b"</SOAP-ENV:Envelope>") + 20]


def header_of(data):
    return parse(root_of(data), DEFAULT).root.child("Header")


@pytest.mark.parametrize(
    ("doc_type", "document_id"),
    [(BussinessDocType.NEW, ""), (BussinessDocType.RECALL, "H57.03,2026/11/20,05/STC-NS")],
)
def test_what_is_written_reads_back_with_its_files(message, doc_type, document_id):
    message = replace(
        message,
        due_date=date(2026, 12, 1),
        response_for=(ResponseFor("H57", "1/UBND", "H57,2026/01/05,1/UBND", date(2026, 1, 5)),),
        bussiness=Bussiness(doc_type, "Nhầm" if doc_type else "", document_id),
        attachments=(message.attachments[0], Attachment("Phụ lục.txt", b"1\n", "Phụ lục")),
    )
    data, content_type = written(message)
    for found in (read_soap(data, content_type=content_type), read_any(data)):
        assert found == message
        assert (found.dialect, found.warnings) == (Dialect.E_DOC_V1, ())


def test_elements_have_the_order_and_dates_the_form_of_the_dialect(message):
    header = header_of(written(message)[0])
    elements = {one.name: one for one in header.child("MessageHeader").children}
    assert " ".join(one.name for one in header.child("MessageHeader").children) == ORDER
    assert elements["PromulgationInfo"].child("PromulgationDate").text == "20/11/2026"
    assert elements["DueDate"].text == "01/01/1900"
    assert [one.name for one in elements["DocumentType"].children] == ["Type", "TypeName"]
    assert elements["From"].child("Fax").text == ""
    (trace,) = header.child("TraceHeaderList").children
    assert trace.child("Timestamp").text == "20/11/2026 16:30:00"


@pytest.mark.parametrize(("given", "expected"), [(1, 1), (2, 2), (18, 2), (71, 2)])
def test_only_the_two_types_of_the_dialect_are_written(message, given, expected):
    message = replace(message, document_type=DocumentType("Công văn", given, 3))
    found = read_any(written(message)[0])
    assert found.document_type == DocumentType("Công văn", expected)


def test_what_the_dialect_has_no_place_for_is_left_out(message):
    info = OtherInfo(direction=True, reply_fors=("a",), reference_codes=("b",))
    data, _ = written(replace(message, other_info=info))
    assert read_any(data).other_info == OtherInfo()
    assert not re.search(rb"Direction|ReplyFor|ReferenceCode|TypeDetail|Bussiness", data)


def test_a_file_is_read_only_when_its_turn_comes_and_again_for_every_try(message):
    taken = []

    def pieces():
        taken.append(1)
        return iter([b"a" * 100_000, b"b" * 3])

    given = (FileAttachment("lon.pdf", pieces),)
    package = soap_package(replace(message, attachments=()), given)
    assert taken == []
    for _ in range(2):
        (file,) = read_any(b"".join(package.pieces())).attachments
        assert file.content == b"a" * 100_000 + b"bbb"
    assert len(taken) == 2
    assert max(map(len, b"".join(package.pieces()).splitlines())) < 200


def test_the_token_stands_in_the_header_escaped(message):
    token = header_of(written(message, token="a<b&c")[0]).child("Token")
    assert (token.namespace, token.text) == ("http://e-doc.vn/xsd", "a<b&c")


def test_unknown_elements_go_along(message):
    extra = Extra("edXMLEnvelope/edXMLHeader/MessageHeader/Mood", "good")
    found = read_any(written(replace(message, extra=(extra,)))[0])
    assert [(one.path, one.text) for one in found.extra] == [(extra.path, "good")]


def test_what_may_not_be_sent_is_refused(message):
    with pytest.raises(MissingElement):
        soap_package(replace(message, subject=""))
    with pytest.raises(UnusableAttachment):
        soap_package(replace(message, attachments=(Attachment("a", b"", fault=Fault.MISSING),)))
    secret = Extra("edXMLEnvelope/edXMLHeader/MessageHeader/OtherInfo/Secret", "Mật")
    with pytest.raises(SecretMarking):
        soap_package(replace(message, extra=(secret,)))


def test_a_status_reads_back_in_the_order_of_the_dialect(status):
    data = soap_status(status)
    assert read_any(data) == status
    children = parse(data, DEFAULT).root.child("Header").child("Status").children
    assert [one.name for one in children] == [
        "ResponseFor",
        "From",
        "Description",
        "TimeStamp",
        "StatusCode",
    ]
    assert children[3].text == "23/11/2026 08:05:09"


def test_a_status_from_elsewhere_is_written_whatever_it_lacks(status):
    lacking = replace(status, response_for=ResponseFor("", "05/STC-NS"), timestamp=None)
    with pytest.raises(MissingElement):
        soap_status(lacking)
    found = read_any(unchecked_soap_status(lacking))
    assert (found.response_for, found.timestamp) == (lacking.response_for, None)
