"""Codes of agencies and identifiers of documents (QĐ 20/2020/QĐ-TTg, QĐ 395/QĐ-BTTTT)."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chauban_edxml.identifiers import (
    DocumentKey,
    Match,
    OrganIdForm,
    document_id,
    duplicate_key,
    find_documents,
    is_organ_id,
    normal_organ_id,
    organ_id_form,
    parse_document_id,
    same_document,
    without_duplicates,
)
from chauban_edxml.model import Bussiness, BussinessDocType, Code, Organization, ResponseFor

ALIASES = {"000.00.03.H57": "H57.03"}
KNOWN = DocumentKey(
    "H57.03,2026/11/20,05/STC-NS", "H57.03", Code("05", "STC-NS"), date(2026, 11, 20)
)


def canonical(organ_id: str) -> str:
    return ALIASES.get(organ_id, normal_organ_id(organ_id))


@pytest.mark.parametrize(
    ("organ_id", "form"),
    [
        ("000.00.00.H57", OrganIdForm.QCVN_102),
        ("000.46.24.H44", OrganIdForm.QCVN_102),
        ("28.22.H17", OrganIdForm.QCVN_102),
        ("999.010.01.H22", OrganIdForm.QCVN_102),
        ("G12", OrganIdForm.QD_20_STATE),
        ("H57.12.03", OrganIdForm.QD_20_STATE),
        ("H37.DN.001", OrganIdForm.QD_20_STATE),
        ("020100000018", OrganIdForm.QD_20_ENTERPRISE),
        ("0100000018", OrganIdForm.QD_20_ENTERPRISE),
        ("Z01ABC", OrganIdForm.QD_20_OTHER),
        ("02.29.W00", OrganIdForm.SYSTEM),
        ("vxp.saas.03", OrganIdForm.SYSTEM),
        ("T371002", OrganIdForm.UNKNOWN),
    ],
)
def test_a_code_shows_the_rule_it_follows(organ_id, form):
    assert organ_id_form(organ_id) is form
    assert is_organ_id(organ_id)


@pytest.mark.parametrize("text", ["", "H57.", ".H57", "H57,03", "Huế", "H57\n", "A" * 36])
def test_what_is_no_code_is_told(text):
    assert not is_organ_id(text)


def test_a_document_identifier_has_agency_date_number_and_notation():
    assert document_id("H57.03", date(2026, 11, 20), Code("05", "STC-NS")) == KNOWN.document_id


@given(
    st.from_regex(r"[0-9A-Z]{1,4}(\.[0-9A-Z]{1,4}){0,3}", fullmatch=True),
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    st.from_regex(r"[0-9]{1,5}", fullmatch=True),
    st.from_regex(r"[A-ZĐ]{1,5}(-[A-ZĐ]{1,5})?", fullmatch=True),
)
def test_parsing_a_document_identifier_gives_its_parts(organ_id, day, number, notation):
    parts = parse_document_id(document_id(organ_id, day, Code(number, notation)))
    assert parts is not None
    assert (parts.organ_id, parts.promulgated_on, parts.code) == (
        organ_id,
        day,
        Code(number, notation),
    )
    assert parts.year == day.year


@pytest.mark.parametrize(
    ("text", "year", "day", "code"),
    [
        ("000.00.01.H08,2018,10", 2018, None, Code("10", "")),
        ("H57.03,2018-09-28,7/A-B/C", 2018, date(2018, 9, 28), Code("7", "A-B/C")),
        ("G22,2014/02/30,7806/VPCP-TTĐT", 2014, None, Code("7806", "VPCP-TTĐT")),
        ("G22,hôm qua,1/A,B", None, None, Code("1", "A,B")),
    ],
)
def test_older_and_impossible_forms_are_split_at_the_first_two_commas(text, year, day, code):
    parts = parse_document_id(text)
    assert parts is not None
    assert (parts.year, parts.promulgated_on, parts.code) == (year, day, code)


@pytest.mark.parametrize(
    "text", ["9fbfbad2-f1f8-4256-a2eb-50fb1061cddb", "", "a,b", ",,1/A", "a,b,"]
)
def test_a_uuid_or_free_text_has_no_parts(text):
    assert parse_document_id(text) is None


@pytest.mark.parametrize(
    ("response", "issuer", "match"),
    [
        (ResponseFor("x", "", "h57.03,2026/11/20,05/STC-NS "), "x", Match.DOCUMENT_ID),
        (
            ResponseFor("x", "05/STC-NS", "", date(2026, 11, 20)),
            "000.00.03.H57",
            Match.CODE_AGENCY_AND_DATE,
        ),
        (ResponseFor("x", "05/STC-NS"), "H57.03", Match.CODE_AGENCY_AND_DATE),
        (ResponseFor("x", "", "H57.99,2026,05/STC-NS"), "H57.03", Match.CODE_AGENCY_AND_DATE),
        (
            ResponseFor("x", "05/STC-NS", "", date(2026, 11, 21)),
            "H57.03",
            Match.CODE_AND_YEAR,
        ),
        (ResponseFor("x", "05/STC-NS", "", date(2026, 1, 1)), "H57.04", Match.CODE_AND_YEAR),
        (ResponseFor("x", "05/STC-NS", "", date(2025, 11, 20)), "H57.03", Match.NONE),
        (ResponseFor("x", "05/STC-NS"), "H57.04", Match.NONE),
        (ResponseFor("x", "06/STC-NS", "", date(2026, 11, 20)), "H57.03", Match.NONE),
        (ResponseFor("x"), "H57.03", Match.NONE),
    ],
)
def test_a_status_matches_by_identifier_else_code_agency_and_date_else_code_and_year(
    response, issuer, match
):
    assert same_document(response, KNOWN, issuer_organ_id=issuer, canonical=canonical) is match


def test_the_surest_match_wins_and_two_alike_are_for_people():
    year = replace(KNOWN, document_id="a", promulgated_on=date(2026, 3, 1))
    exact = replace(KNOWN, document_id="b")
    response = ResponseFor("H57.03", "05/STC-NS", "other id", date(2026, 11, 20))
    find = {"issuer_organ_id": "H57.03", "canonical": canonical}
    assert find_documents(response, [year, exact], **find) == (exact,)
    assert find_documents(response, [exact, replace(exact, document_id="c")], **find) == (
        exact,
        replace(exact, document_id="c"),
    )
    assert find_documents(ResponseFor("H57.03", "9/X"), [year, exact], **find) == ()


def test_a_take_back_has_its_agencies_swapped(status):
    asked = replace(status, status_code="13")
    assert (status.issuer_organ_id, status.recipient_organ_id) == ("H57.03", "H57.64")
    assert (asked.issuer_organ_id, asked.recipient_organ_id) == ("H57.64", "H57.03")


def test_the_same_document_under_old_and_new_code_is_one_arrival(message):
    old = replace(message, from_=Organization("000.00.03.H57"))
    assert duplicate_key(old, canonical=canonical) == duplicate_key(message, canonical=canonical)


def test_an_update_or_another_document_is_no_duplicate(message):
    update = replace(message, bussiness=Bussiness(BussinessDocType.UPDATE))
    other = replace(message, document_id="H57.03,2026/11/20,06/STC-NS")
    keys = {duplicate_key(each) for each in (message, update, other)}
    assert len(keys) == 3


def test_a_document_without_identifier_is_known_by_code_and_year(message):
    unnamed = replace(message, document_id="")
    assert duplicate_key(unnamed)[1] == "05/stc-ns,2026"


def test_recipients_are_listed_once_under_the_code_that_came_first():
    both = (Organization("H57.03"), Organization("000.00.03.H57"), Organization("H57"))
    assert without_duplicates(both, canonical=canonical) == (both[0], both[2])
