"""One confirmation over several documents: each an act of its own, each result as stored."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chauban.blobs import store
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import OutgoingDocument
from chauban.trust import keys as trust_keys
from chauban.trust.actions import end_mandate
from chauban.trust.errors import KeyUnavailable
from chauban.trust.models import Certificate
from chauban.workflow import actions, drafting
from chauban.workflow.batches.actions import Chosen, Means, begin_batch, carry_out
from chauban.workflow.batches.models import Batch, BatchItem
from chauban.workflow.errors import ActedOnMeanwhile, CommentMissing, NothingChosen
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.rules import BATCH_LEASE
from chauban.workflow.taking_back import undo, undoable
from chauban_pades.assessing import assess
from chauban_pki.demo.signing_service import WAITING
from tests.moments import NOW
from tests.workflow.holders import telephones
from tests.workflow.offices import PIN, ProcessKilled

State, Decision, Outcome = Draft.State, BatchItem.Decision, BatchItem.Outcome
MINUTE = timedelta(minutes=1)


def stored(draft):
    return Draft.objects.get(pk=draft.pk)


class Batches:
    """A leader, or a clerk, with one confirmation over several documents."""

    def __init__(self, office):
        self.office, self.uid = office, uuid4()
        self.pin = PIN

    def means(self, officer, now=NOW):
        keys = self.office.keys(self.pin, officer, now)
        return Means(keys, lambda: now, self.office.world.at, pause=lambda: None)

    def begin(self, *decisions, officer=None, purpose=Batch.Purpose.SIGN, now=NOW):
        chosen = [
            one if isinstance(one, Chosen) else Chosen(one, Decision.ACT, one.signing_copy.shown)
            for one in decisions
        ]
        officer = officer or self.office.signatory
        return begin_batch(self.uid, chosen, purpose=purpose, officer=officer, now=now)

    def sign(self, *decisions, means=None, now=NOW):
        batch, _ = self.begin(*decisions, now=now)
        officer = self.office.signatory
        carry_out(batch, means or self.means(officer, now), officer=officer)
        return outcomes(batch)

    def seal(self, *decisions, now=NOW):
        clerk = self.office.clerk
        batch, _ = self.begin(*decisions, officer=clerk, purpose=Batch.Purpose.SEAL, now=now)
        carry_out(batch, self.means(clerk, now), officer=clerk)
        return outcomes(batch)


def outcomes(batch):
    return [item.outcome for item in batch.items.all()]


def problem(draft):
    return BatchItem.objects.get(draft=draft).problem["vi"]


@pytest.fixture
def batches(office):
    return Batches(office)


@pytest.fixture
def three(office):
    return [office.approved(subject=f"Văn bản thứ {number}") for number in (1, 2, 3)]


@pytest.fixture
def opened(monkeypatch):
    """The certificates whose keys were opened."""
    put = []
    real = trust_keys.open_key
    monkeypatch.setattr(
        trust_keys, "open_key", lambda row, pin, **by: put.append(row.pk) or real(row, pin, **by)
    )
    return put


def skipped(draft):
    return Chosen(draft, Decision.SKIP, draft.signing_copy.shown)


def returned(draft, comment="Ghi lại nơi nhận"):
    return Chosen(draft, Decision.RETURN, draft.signing_copy.shown, comment)


def test_a_batch_opens_the_key_once_and_signs_each_document_by_itself(
    batches, three, office, world, opened
):
    assert batches.sign(*three) == ["done"] * 3
    assert len(opened) == 1
    for draft in three:
        assert stored(draft).state == State.SIGNED
        assert Act.objects.on(draft).filter(kind=ActKind.SIGNED).count() == 1
        item = BatchItem.objects.get(draft=draft)
        pages = store.read(stored(draft).signing_copy.signed)
        assert item.report["signatures"][0]["level"] == "B-T"
        read = assess(pages, trust=world.at(NOW).trust, at=NOW, fetch=world.at(NOW).fetch)
        assert item.report == read.as_dict()


def test_what_is_skipped_stays_and_what_is_returned_goes_back_with_its_reason(batches, three):
    signed, left, back = three
    assert batches.sign(signed, skipped(left), returned(back)) == ["done", "skipped", "returned"]
    assert [stored(one).state for one in three] == [State.SIGNED, State.SIGNING, State.DRAFTING]
    check = back.newest_version.checks.last()
    assert (check.passed, check.comment) == (False, "Ghi lại nơi nhận")
    assert Act.objects.on(back).filter(kind=ActKind.RETURNED).exists()


def test_a_return_without_a_reason_begins_nothing(batches, three):
    with pytest.raises(CommentMissing):
        batches.sign(three[0], returned(three[1], " "))
    assert not Batch.objects.exists()


def test_a_batch_in_which_all_is_left_for_later_is_none(batches, three):
    with pytest.raises(NothingChosen):
        batches.begin(*map(skipped, three))


def test_a_batch_sent_twice_is_one(batches, three, office):
    batch, is_new = batches.begin(*three)
    again, is_new_again = batches.begin(*three)
    assert (again, is_new, is_new_again) == (batch, True, False)
    carry_out(batch, batches.means(office.signatory), officer=office.signatory)
    carry_out(again, batches.means(office.signatory), officer=office.signatory)
    assert KeyUse.objects.count() == 3


def test_a_draft_changed_since_it_was_shown_is_refused_and_the_others_are_signed(
    batches, three, office
):
    seen = Chosen(three[1], Decision.ACT, three[1].signing_copy.shown)
    drafting.revise_draft(three[1], office.written(subject="Khác"), officer=office.author, now=NOW)
    office.approved(draft=_submitted_again(three[1], office))
    assert batches.sign(three[0], seen, three[2]) == ["done", "refused", "done"]
    assert "không phải là bản sẽ được ký" in problem(three[1])
    assert stored(three[1]).state == State.SIGNING


def _submitted_again(draft, office):
    """A draft that its author revised stands at the unit head: sent back, it begins anew."""
    draft = stored(draft)
    return actions.return_draft(draft, comment="Xem lại", officer=office.unit_head, now=NOW)


def test_a_draft_that_went_back_meanwhile_is_told_so(batches, three, office):
    drafting.revise_draft(three[0], office.written(), officer=office.author, now=NOW)
    assert batches.sign(three[0], three[1]) == ["refused", "done"]
    assert "không còn chờ" in problem(three[0])


def test_a_mandate_that_ended_meanwhile_refuses_by_its_rule(batches, three, office):
    batch, _ = batches.begin(*three)
    end_mandate(office.mandate, on=NOW.date(), officer=office.office_head, now=NOW)
    carry_out(batch, batches.means(office.signatory), officer=office.signatory)
    assert outcomes(batch) == ["refused"] * 3
    assert "thời hạn của thẩm quyền ký" in problem(three[0])
    assert not KeyUse.objects.exists()


def test_a_wrong_pin_on_the_way_is_tried_once_and_signs_nothing(batches, three, office):
    batches.pin = "000000"
    assert batches.sign(*three) == ["refused"] * 3
    held = Certificate.objects.of_person(office.signatory.person, at=NOW)
    assert held.wrong_pins == 1
    assert Act.objects.on(held).filter(kind=ActKind.PIN_REFUSED).count() == 1
    assert {stored(one).state for one in three} == {State.SIGNING}


def test_a_wrong_pin_stops_signatures_but_no_return(batches, three):
    batches.pin = "000000"
    assert batches.sign(three[0], returned(three[1]), three[2]) == [
        "refused", "returned", "refused",
    ]  # fmt: skip


def test_without_time_stamps_each_signature_is_held_and_told_so(batches, three, world):
    world.has_tsa = False
    assert batches.sign(*three) == ["held"] * 3
    assert {stored(one).state for one in three} == {State.SIGNED}


def test_a_device_that_goes_in_the_middle_leaves_finished_what_is_finished(batches, three, office):
    """Unplugged for the second document, back for the third."""
    means = batches.means(office.signatory)
    asked = []

    def keys(certificate):
        asked.append(certificate)
        if len(asked) == 2:
            raise KeyUnavailable(certificate, "token is gone")
        return means.keys(certificate)

    assert batches.sign(*three, means=replace(means, keys=keys)) == ["done", "refused", "done"]
    assert "Chưa ký gì" in problem(three[1])
    assert stored(three[1]).state == State.SIGNING


def test_what_fails_unforeseen_stops_no_other_and_is_told(batches, three, office, world):
    def broken():
        world.meanwhile = lambda: None
        raise ZeroDivisionError

    world.meanwhile = broken
    assert batches.sign(*three) == ["refused", "done", "done"]
    assert "gặp lỗi" in problem(three[0])


def test_a_process_that_dies_leaves_the_rest_unsigned_until_it_is_confirmed_anew(
    batches, three, office, world
):
    world.dies_at_stamp = 2
    batch, _ = batches.begin(*three)
    with pytest.raises(ProcessKilled):
        carry_out(batch, batches.means(office.signatory), officer=office.signatory)
    batch.refresh_from_db()
    assert outcomes(batch) == ["done", "", ""]
    assert batch.is_running(NOW)
    assert not batch.is_running(NOW + BATCH_LEASE)
    assert [stored(one).state for one in three] == [State.SIGNED, State.SIGNING, State.SIGNING]
    later = NOW + timedelta(minutes=6)
    batches.uid = uuid4()
    assert batches.sign(*map(stored, three[1:]), now=later) == ["done", "done"]
    assert Act.objects.filter(kind=ActKind.SIGNED).count() == 3


# A telephone is asked for one document after the other


def test_a_telephone_confirms_each_document_and_one_refused_stops_no_other(
    batches, three, office, settings, tmp_path
):
    leader = Certificate.objects.of_person(office.signatory.person, at=NOW)
    moments = count()
    asked_at_once = []
    with telephones(settings, tmp_path / "tokens", leader) as service:

        def answer():
            waiting = [key for key, one in service.requests.items() if one["state"] == WAITING]
            asked_at_once.append(len(waiting))
            for response_id in waiting:
                is_second = len(service.requests) == 2
                (service.refuse if is_second else service.confirm)(response_id)

        means = Means(
            None, lambda: NOW + next(moments) * MINUTE / 20, office.world.at, pause=answer
        )
        assert batches.sign(*three, means=means) == ["done", "refused", "done"]
    assert max(asked_at_once) == 1
    assert "từ chối" in problem(three[1])
    assert stored(three[1]).state == State.SIGNING


# The clerk numbers and seals


@pytest.fixture
def signed(office, three):
    return [office.sign(draft) for draft in three]


def test_numbers_are_taken_in_the_chosen_order_and_each_is_sealed(batches, signed, opened):
    chosen = [signed[2], signed[0], signed[1]]
    opened.clear()
    assert batches.seal(*chosen) == ["done"] * 3
    assert [stored(one).outgoing.number for one in chosen] == [1, 2, 3]
    assert {stored(one).state for one in chosen} == {State.SEALED}
    assert len(opened) == 1


def test_what_has_its_number_is_only_sealed(batches, signed, office):
    numbered = actions.number_draft(signed[0], officer=office.clerk, now=NOW)
    assert batches.seal(numbered, signed[1]) == ["done", "done"]
    assert OutgoingDocument.objects.count() == 2


def test_no_number_is_taken_for_pages_other_than_those_shown(batches, signed):
    other = Chosen(signed[0], Decision.ACT, "0" * 64)
    assert batches.seal(other, signed[1]) == ["refused", "done"]
    assert stored(signed[0]).outgoing is None
    assert stored(signed[1]).outgoing.number == 1


def test_a_signature_without_its_time_stamp_takes_no_number(batches, office, three, world):
    world.has_tsa = False
    waiting = office.sign(three[0])
    world.has_tsa = True
    ready = office.sign(three[1])
    assert batches.seal(waiting, ready) == ["refused", "done"]
    assert stored(waiting).outgoing is None


def test_a_seal_without_its_time_stamp_is_held_with_its_number(batches, signed, world):
    world.has_tsa = False
    assert batches.seal(*signed) == ["held"] * 3
    assert {stored(one).state for one in signed} == {State.NUMBERED}


# A return is taken back


def test_a_return_is_taken_back_before_anybody_acted_on_it(batches, three, office):
    batches.sign(returned(three[0]), three[1])
    act = undoable(three[0], officer=office.signatory, now=NOW + MINUTE)
    draft = undo(act.pk, officer=office.signatory, now=NOW + MINUTE)
    assert stored(draft).state == State.SIGNING
    kinds = list(Act.objects.on(draft).order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == [ActKind.RETURNED, ActKind.UNDONE]
    assert office.sign(stored(draft)).state == State.SIGNED


def test_a_return_stands_once_its_author_went_on(batches, three, office):
    batches.sign(returned(three[0]), three[1])
    act = undoable(three[0], officer=office.signatory, now=NOW + MINUTE)
    later = {"officer": office.author, "now": NOW + MINUTE}
    drafting.revise_draft(stored(three[0]), office.written(), **later)
    with pytest.raises(ActedOnMeanwhile):
        undo(act.pk, officer=office.signatory, now=NOW + 2 * MINUTE)


# The pages


def test_a_wrong_pin_is_refused_on_the_page_and_nothing_begins(three, office, client):
    client.force_login(office.signatory.user)
    page = reverse("workflow:sign-batch")
    assert client.get(page).content.count(b'value="act"') == 3
    answer = client.post(page, sent(three, pin="000000"))
    assert answer.status_code == 422
    assert "Mã PIN" in answer.content.decode()
    assert not Batch.objects.exists()
    assert "000000" not in answer.content.decode()


def test_the_page_asks_the_same_number_of_questions_however_many_wait(three, office, client):
    def asked():
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse("workflow:sign-batch")).status_code == 200
        return len(found)

    client.force_login(office.signatory.user)
    asked()  # what is kept from one page to the next
    few = asked()
    office.approved(subject="Văn bản thứ 4")
    assert asked() == few


def test_a_pin_left_out_is_no_wrong_one(three, office, client):
    client.force_login(office.signatory.user)
    assert client.post(reverse("workflow:sign-batch"), sent(three, pin="")).status_code == 422
    assert Certificate.objects.of_person(office.signatory.person, at=NOW).wrong_pins == 0
    assert not Batch.objects.exists()


def test_a_reason_is_asked_for_on_the_page(three, office, client):
    client.force_login(office.signatory.user)
    given = sent(three, pin=PIN) | {f"d{three[1].pk}-decision": "return"}
    answer = client.post(reverse("workflow:sign-batch"), given)
    assert answer.status_code == 422
    assert "Hãy ghi lý do" in answer.content.decode()
    assert not Batch.objects.exists()


def test_nobody_sees_anothers_batch(batches, three, office, client):
    batch, _ = batches.begin(*three)
    for officer, status in ((office.signatory, 200), (office.clerk, 404)):
        client.force_login(officer.user)
        assert client.get(reverse("workflow:batch", args=[batch.uid])).status_code == status


def sent(drafts, *, pin, uid=None):
    """What the page of a batch sends when all is to be signed."""
    given = {"of": [draft.pk for draft in drafts], "uid": str(uid or uuid4()), "pin": pin}
    for draft in drafts:
        given[f"d{draft.pk}-decision"] = "act"
        given[f"d{draft.pk}-shown"] = draft.signing_copy.shown
    return given


def test_the_pin_is_neither_stored_nor_in_the_session(batches, three, office, client):
    """Every column of every table, after a batch under a PIN that is found nowhere else."""
    batches.sign(*three)
    with connection.cursor() as cursor:
        for model in (Batch, BatchItem, KeyUse, Act):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            assert PIN not in repr(cursor.fetchall()), model
