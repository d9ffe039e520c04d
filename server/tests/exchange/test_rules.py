"""Statuses and proposals from plain values (edxml.md 5.5; Nghị định 30/2020/NĐ-CP Điều 21)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chauban.exchange.rules import (
    FileFacts,
    Proposal,
    delay_after,
    is_last_attempt,
    may_accept,
    propose,
    sender_key,
    status_after,
)


def report(document, **values):
    return {"document": document, "signatures": [], "verdict": "TOTAL-PASSED", **values}


def a_file(document=None, name="cong-van.pdf", **values):
    return FileFacts(name=name, fault="", report=report(document) if document else None, **values)


def proposed(*files, sender_known=True, seal_agrees=True):
    proposal, grounds = propose(files, sender_known=sender_known, seal_agrees=seal_agrees)
    return proposal, [ground.code for ground in grounds]


@pytest.mark.parametrize("path", [["01", "03", "04", "05", "06"], ["03", "05"], ["01", "03", "06"]])
def test_statuses_move_forward_and_may_skip_steps(path):
    current = ""
    for code in path:
        transition = status_after(current, code)
        assert (transition.status_code, transition.effect) == (code, "moved")
        current = transition.status_code


@pytest.mark.parametrize(
    ("current", "late"), [("03", "01"), ("06", "04"), ("05", "05"), ("02", "01")]
)
def test_a_late_or_repeated_status_is_recorded_and_moves_nothing(current, late):
    transition = status_after(current, late)
    assert (transition.status_code, transition.effect) == (current, "late")


@pytest.mark.parametrize("current", ["", "01"])
def test_a_refusal_before_the_acceptance_ends(current):
    assert status_after(current, "02").status_code == "02"


@pytest.mark.parametrize(("current", "other"), [("03", "02"), ("06", "02"), ("02", "03")])
def test_refusal_and_acceptance_of_one_document_are_a_conflict(current, other):
    transition = status_after(current, other)
    assert (transition.status_code, transition.effect) == (current, "conflict")


@pytest.mark.parametrize("code", ["07", "12", "13", "14", "15", "16", "99", ""])
def test_a_status_without_known_meaning_is_noted_and_moves_nothing(code):
    transition = status_after("03", code)
    assert (transition.status_code, transition.effect) == ("03", "noted")


@pytest.mark.parametrize(
    ("document", "proposal"),
    [
        ("complete", Proposal.ACCEPT),
        ("stamped-by-issuer", Proposal.ACCEPT),
        ("electronic-copy", Proposal.ACCEPT_COPY),
        ("no-seal", Proposal.INFORMATION),
        ("no-signature", Proposal.INFORMATION),
        ("unsigned", Proposal.INFORMATION),
        ("not-enough-evidence", Proposal.INFORMATION),
        ("altered", Proposal.RETURN),
        ("invalid", Proposal.RETURN),
        ("unreadable", Proposal.RETURN),
    ],
)
def test_the_proposal_follows_the_worth_of_the_document(document, proposal):
    assert proposed(a_file(document)) == (proposal, [document])


def test_an_unsigned_doc_is_proposed_for_information():
    assert proposed(a_file(name="van-ban.doc")) == (Proposal.INFORMATION, ["unsigned"])


def test_a_message_without_a_file_is_proposed_for_return():
    assert proposed() == (Proposal.RETURN, ["no-file"])


def test_an_altered_attachment_makes_the_proposal_a_return():
    attachment = a_file("altered", name="phu-luc.pdf")
    assert proposed(a_file("complete"), attachment)[0] == Proposal.RETURN
    assert proposed(a_file("complete"), a_file("attachment", name="phu-luc.pdf"))[0] == "accept"


def test_an_unsigned_attachment_is_said_and_changes_no_proposal():
    attachment = a_file(name="phu-luc.xlsx")
    assert proposed(a_file("complete"), attachment) == (
        Proposal.ACCEPT,
        ["complete", "attachment-unsigned"],
    )


def test_an_attachment_without_enough_evidence_is_said_and_changes_no_proposal():
    attachment = a_file("not-enough-evidence", name="phu-luc.pdf")
    assert proposed(a_file("complete"), attachment) == (
        Proposal.ACCEPT,
        ["complete", "not-enough-evidence"],
    )


def test_a_damaged_file_is_proposed_for_return_whatever_its_name():
    damaged = FileFacts(name="cong-van.pdf", fault="corrupt-pdf", report=None)
    assert proposed(damaged) == (Proposal.RETURN, ["file-corrupt-pdf"])


def test_the_main_document_is_the_first_pdf_wherever_it_stands():
    assert proposed(a_file(name="bieu.xlsx"), a_file("complete"))[0] == Proposal.ACCEPT


def test_a_detached_signature_is_no_file_of_its_own():
    signature = a_file(name="bieu.xlsx.p7s", is_signature=True)
    files = (a_file("complete"), a_file("attachment", name="bieu.xlsx"), signature)
    assert proposed(*files) == (Proposal.ACCEPT, ["complete"])


def test_a_sender_outside_the_directory_is_no_ground_to_refuse():
    assert proposed(a_file("complete"), sender_known=False, seal_agrees=None) == (
        Proposal.ACCEPT,
        ["complete", "authority-not-assessed"],
    )


def test_a_seal_of_another_body_is_good_for_information_only():
    assert proposed(a_file("complete"), seal_agrees=False) == (
        Proposal.INFORMATION,
        ["complete", "seal-of-another-body"],
    )


def test_what_misses_a_signature_is_registered_for_information_only():
    assert may_accept("information", "information")
    assert not may_accept("information", "original")
    assert not may_accept("accept-copy", "original")
    assert may_accept("accept", "original")


def test_every_ground_has_words_in_both_languages():
    for document in ("complete", "no-seal", "altered", "unsigned", "electronic-copy"):
        _, grounds = propose([a_file(document)], sender_known=False, seal_agrees=False)
        assert all(ground.vi and ground.en and "{" not in ground.vi for ground in grounds)


@given(st.lists(st.sampled_from(["01", "02", "03", "04", "05", "06", "13", "99"])))
def test_no_sequence_of_statuses_ever_moves_one_back(reported):
    order, current = ["", "01", "03", "04", "05", "06"], ""
    for code in reported:
        after = status_after(current, code).status_code
        if current == "02":
            assert after == "02"
        elif after != "02":
            assert order.index(after) >= order.index(current)
        current = after


def test_delays_double_up_to_an_hour_and_end_with_a_person():
    delays = [delay_after(attempts) for attempts in range(1, 10)]
    assert delays[0] == timedelta(seconds=30)
    assert delays[1] == timedelta(seconds=60)
    assert delays[-1] == timedelta(hours=1)
    assert [is_last_attempt(9), is_last_attempt(10)] == [False, True]


def test_one_agency_has_one_key_whatever_code_it_uses():
    assert sender_key("H57.01", "vp-ubnd") == sender_key("000.00.01.H57", "vp-ubnd")
    assert sender_key("h44", None) == sender_key("H44 ", None) != sender_key("H45", None)
