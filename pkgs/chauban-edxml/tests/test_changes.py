"""Recall in both dialects, update, replacement, and their answers."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chauban_edxml import read, write, write_status
from chauban_edxml.changes import (
    ChangeAsked,
    answer,
    answering_organ_id,
    changes_asked,
    part_in_update,
    recall,
    replacement,
    take_back,
    update,
)
from chauban_edxml.identifiers import DocumentKey, find_documents
from chauban_edxml.model import (
    BussinessDocType,
    Code,
    Organization,
    ReceiverType,
    ReplacementInfo,
    ResponseFor,
    StatusCode,
)

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
WARD = Organization("H57.64", "UBND phường Phú Bài", "UBND phường Phú Bài")
CONCERNED = ResponseFor("H57.03", "05/STC-NS", "H57.03,2026/11/20,05/STC-NS", date(2026, 11, 20))


def test_both_dialects_of_a_recall_ask_for_the_same(message):
    by_status = read(write_status(take_back(message, "H57.64", reason="Ban hành nhầm", at=NOW)))
    by_document = read(write(recall(message, reason="Ban hành nhầm", at=NOW)))
    (asked_one,) = changes_asked(by_status)
    (asked_all,) = changes_asked(by_document)
    assert asked_one == replace(asked_all, organ_ids=("H57.64",))
    assert asked_all == ChangeAsked(BussinessDocType.RECALL, CONCERNED, "Ban hành nhầm")
    assert by_document.attachments == ()


def test_what_a_recall_concerns_is_found_among_our_documents(message):
    known = DocumentKey(message.document_id, "H57.03", Code("05", "STC-NS"), date(2026, 11, 20))
    for asking in (
        take_back(message, "H57.64", reason="x", at=NOW),
        recall(message, reason="x", at=NOW),
    ):
        (asked,) = changes_asked(asking)
        issuer = asked.concerned.organ_id
        assert find_documents(asked.concerned, [known], issuer_organ_id=issuer) == (known,)


def test_an_update_may_name_another_document_and_changes_recipients(message):
    changed = update(
        message,
        updated="H57.03,2026/11/19,04/STC-NS",
        reason="Đổi số",
        at=NOW,
        removed=["H57.64"],
        added=["H57"],
    )
    found = read(write(changed))
    assert found == replace(changed, content=message.subject)
    (asked,) = changes_asked(found)
    assert asked.kind is BussinessDocType.UPDATE
    assert asked.concerned == ResponseFor("H57.03", "", "H57.03,2026/11/19,04/STC-NS")
    assert part_in_update(found, "h57.64") is ReceiverType.REMOVED
    assert part_in_update(found, "H57") is ReceiverType.ADDED
    assert part_in_update(found, "H57.65") is None


def test_an_update_of_a_document_under_its_own_id_repeats_its_header(message):
    (asked,) = changes_asked(update(message, updated=message.document_id, reason="x", at=NOW))
    assert asked.concerned == CONCERNED


def test_a_replacement_asks_for_each_document_and_the_agencies_it_is_replaced_for(message):
    replaced = (
        ReplacementInfo("H57.03,2026/01/05,01/STC-NS", ("H57", "H57.64")),
        ReplacementInfo("H57.03,2026/01/06,02/STC-NS", ("H57",)),
    )
    found = read(write(replacement(message, replaced=replaced, reason="Thay thế", at=NOW)))
    asked = changes_asked(found)
    assert [(each.concerned.document_id, each.organ_ids) for each in asked] == [
        (each.document_id, each.organ_ids) for each in replaced
    ]
    assert found.attachments == message.attachments


def test_a_new_document_and_other_statuses_ask_for_nothing(message, status):
    assert changes_asked(message) == ()
    assert changes_asked(status) == ()


@pytest.mark.parametrize(
    ("agrees", "code"), [(True, StatusCode.CHANGE_AGREED), (False, StatusCode.CHANGE_REFUSED)]
)
def test_an_answer_goes_to_the_agency_that_asked(message, agrees, code):
    (asked,) = changes_asked(take_back(message, "H57.64", reason="x", at=NOW))
    found = read(write_status(answer(asked, by=WARD, agrees=agrees, at=NOW, description="Đã trả")))
    assert found.status_code is code
    assert (found.issuer_organ_id, found.recipient_organ_id) == ("H57.03", "H57.64")
    assert found.response_for == CONCERNED


@pytest.mark.parametrize(
    ("written", "listed", "answering"),
    [("H57.64", "H57.64", "H57.64"), ("h57.03", "H57.64", "H57.64"), ("H57.03", "", "H57.03")],
)
def test_an_answer_with_the_asking_agency_as_sender_is_the_listed_one_s(
    message, written, listed, answering
):
    (asked,) = changes_asked(recall(message, reason="x", at=NOW))
    status = answer(asked, by=replace(WARD, organ_id=written), agrees=True, at=NOW)
    assert answering_organ_id(status, listed_from=listed, asked_by="H57.03") == answering
