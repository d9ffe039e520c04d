"""Refusals and remarks come in Vietnamese and English, with their facts filled in."""

import re
from pathlib import Path

import pytest

import chauban_edxml.vxp
from chauban_edxml import errors, findings, json_form
from chauban_edxml.attachments import fault_finding
from chauban_edxml.errors import EdXMLError
from chauban_edxml.findings import Finding
from chauban_edxml.model import BussinessDocType, Fault, Priority, StatusCode

REFUSALS = [
    errors.NotEdXML("Envelope"),
    errors.NoMessageHeader(),
    errors.Malformed("mismatched tag", line=3, column=7),
    errors.JunkBeforeDeclaration("1212"),
    errors.HasDTD(),
    errors.TooLarge("depth", limited_to=32),
    errors.SecretMarking("OtherInfo/Secret", organ_id="H57.03"),
    errors.MissingIdentity(),
    errors.UnsupportedDocType(44),
    errors.BadPart("boundary"),
    errors.BadJson("header"),
    errors.FaultyAttachment("a.pdf", fault="corrupt-pdf"),
    errors.MissingElement("Subject"),
    errors.BadOrganId("H57 03", path="To/OrganId"),
    errors.DuplicateRecipient("H57.03"),
    errors.DoesNotFitDocType("Bussiness/DocumentId", doc_type="NEW", doc_type_vi="văn bản mới"),
    errors.UnusableAttachment("a.pdf"),
    errors.ValueOutOfRange("due_date", value="1900-01-01"),
    errors.NotFaithful("subject"),
    json_form.BadDescription("due_date", "2026-11-20"),
    json_form.UnknownField("colour"),
    chauban_edxml.vxp.NotHeaderText("from"),
    chauban_edxml.vxp.HeaderMissing("systemid"),
    chauban_edxml.vxp.SignatureInvalid(),
    chauban_edxml.vxp.HeadersDisagree("to"),
    chauban_edxml.vxp.BadTimestamp("x"),
]


def leaves(kind: type[EdXMLError]) -> set[type[EdXMLError]]:
    below = [leaf for each in kind.__subclasses__() for leaf in leaves(each)]
    named = {kind} if not kind.__name__.startswith("_") and kind not in ROOTS else set()
    return named | set(below)


ROOTS = (EdXMLError, errors.NotReadable, errors.NotWritable, chauban_edxml.vxp.HeadersError)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: type(refusal).__name__)
def test_a_refusal_says_what_happened_and_what_to_do(refusal):
    for words in (refusal.vi, refusal.en):
        assert words.count(".") + words.count(";") >= 2
        assert "{" not in words
        for fact in vars(refusal).values():
            if isinstance(fact, int):
                assert str(fact) in words
    assert str(refusal) == refusal.en
    for words, step in ((refusal.vi, refusal.next_vi), (refusal.en, refusal.next_en)):
        assert words.endswith(step)
        assert 10 < len(step) < len(words)


def test_no_refusal_is_forgotten_here():
    assert {type(refusal) for refusal in REFUSALS} == leaves(EdXMLError)


@pytest.mark.parametrize("code", sorted(findings._WORDS))
def test_a_remark_names_the_place(code):
    finding = Finding(code, "Subject", "x")
    assert "Subject" in finding.vi
    assert "Subject" in finding.en
    assert "{" not in finding.vi + finding.en
    for words, step in ((finding.vi, finding.next_vi), (finding.en, finding.next_en)):
        assert words.endswith(f"; {step}")


def test_braces_in_a_received_text_are_only_text():
    assert "{path.__class__}" in Finding("bad-date", "Subject", "{path.__class__}").vi


@pytest.mark.parametrize("kind", [BussinessDocType, Priority, StatusCode])
def test_every_code_has_a_word_of_its_own_in_both_languages(kind):
    for words in ([each.vi for each in kind], [each.en for each in kind]):
        assert all(words)
        assert len(set(words)) == len(words)


def test_every_limit_has_its_words():
    source = Path(errors.__file__).parent
    named = {
        what
        for path in source.glob("*.py")
        for what in re.findall(r'TooLarge\(\s*"([^"]+)"', path.read_text("utf-8"))
    }
    assert named == set(errors._LIMIT_WORDS)


def test_every_fault_of_a_file_has_its_words():
    for fault in Fault:
        assert fault_finding(fault, path="Attachment", name="a.pdf").vi
