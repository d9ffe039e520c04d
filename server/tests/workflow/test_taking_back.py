"""One's own last act is taken back for a while, unless it has gone on; the journal shows both."""

from datetime import timedelta

import pytest
from django.urls import reverse

from chauban.accounts.rights import NotFound
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument
from chauban.workflow import actions, routing
from chauban.workflow.errors import ActedOnMeanwhile, UndoTooLate
from chauban.workflow.histories import history_of_draft
from chauban.workflow.models import Check, Draft, Task
from chauban.workflow.rules import UNDO_TIME
from chauban.workflow.taking_back import undo, undoable
from tests.workflow.test_routing import arrived, people  # noqa: F401

pytestmark = pytest.mark.django_db
State = Draft.State


@pytest.fixture
def later(office):
    return office.now + timedelta(minutes=1)


def newest(kind):
    return Act.objects.filter(kind=kind).latest("pk")


@pytest.fixture
def submitted(office):
    return actions.submit_for_check(office.drafted(), officer=office.author, now=office.now)


def test_a_draft_handed_on_comes_back_and_the_journal_shows_both(office, submitted, later):
    act = undoable(submitted, officer=office.author, now=later)
    assert undo(act.pk, officer=office.author, now=later) == submitted
    submitted.refresh_from_db()
    assert submitted.state == State.DRAFTING
    assert [one.word for one in history_of_draft(submitted)][-2:] == ["Trình kiểm tra", "Hoàn tác"]


def test_checks_and_returns_are_taken_back_with_their_records(office, submitted, later):
    for act, officer, before in (
        (actions.check_content, office.unit_head, State.CONTENT_CHECK),
        (actions.return_draft, office.unit_head, State.CONTENT_CHECK),
    ):
        comment = {"comment": "Bổ sung căn cứ."} if act is actions.return_draft else {}
        act(submitted, officer=officer, now=later, **comment)
        assert Check.objects.count() == 1
        done = undoable(submitted, officer=officer, now=later)
        undo(done.pk, officer=officer, now=later)
        submitted.refresh_from_db()
        assert submitted.state == before
        assert not Check.objects.exists()
        later += timedelta(minutes=1)


def test_nothing_is_taken_back_on_which_somebody_has_acted(office, submitted, later):
    act = newest(ActKind.SUBMITTED)
    actions.check_content(submitted, officer=office.unit_head, now=later)
    assert undoable(submitted, officer=office.author, now=later) is None
    with pytest.raises(ActedOnMeanwhile):
        undo(act.pk, officer=office.author, now=later)


def test_nor_after_the_time_for_it(office, submitted):
    act, late = newest(ActKind.SUBMITTED), office.now + UNDO_TIME + timedelta(seconds=1)
    assert undoable(submitted, officer=office.author, now=late) is None
    with pytest.raises(UndoTooLate):
        undo(act.pk, officer=office.author, now=late)


def test_nor_by_another(office, submitted, later):
    with pytest.raises(NotFound):
        undo(newest(ActKind.SUBMITTED).pk, officer=office.unit_head, now=later)


def test_nor_twice(office, submitted, later):
    act = newest(ActKind.SUBMITTED)
    undo(act.pk, officer=office.author, now=later)
    with pytest.raises(ActedOnMeanwhile):
        undo(act.pk, officer=office.author, now=later)


def test_approval_signature_and_number_are_never_taken_back(office, later):
    numbered = office.numbered()
    for kind in (ActKind.APPROVED, ActKind.SIGNED, ActKind.NUMBERED):
        act = newest(kind)
        for officer in (office.signatory, office.clerk):
            with pytest.raises(NotFound):
                undo(act.pk, officer=officer, now=later)
    numbered.refresh_from_db()
    assert numbered.state == State.NUMBERED


def test_a_return_of_what_was_signed_stays(office, later):
    draft = office.sign(office.approved())
    actions.return_draft(draft, comment="Sai số liệu.", officer=office.clerk, now=later)
    assert undoable(draft, officer=office.clerk, now=later) is None


def test_a_return_by_the_signatory_is_taken_back_to_where_it_was(office, later):
    draft = office.approved()
    actions.return_draft(draft, comment="Sai số liệu.", officer=office.signatory, now=later)
    act = undoable(draft, officer=office.signatory, now=later)
    undo(act.pk, officer=office.signatory, now=later)
    draft.refresh_from_db()
    assert draft.state == State.SIGNING


@pytest.fixture
def routed(arrived, people, now):
    document = arrived()
    given = [
        routing.Assignment(Task.Part.LEAD, people["chuyen-vien"].post),
        routing.Assignment(Task.Part.COOPERATE, people["the-thuc"].post),
        routing.Assignment(Task.Part.INFORM, people["truong-phong"].post),
    ]
    routing.route(document, given, officer=people["chanh-vp"], now=now)
    return document


def test_a_routing_is_taken_back_with_its_tasks_and_may_be_given_anew(routed, people, now):
    head, later = people["chanh-vp"], now + timedelta(minutes=1)
    undo(undoable(routed, officer=head, now=later).pk, officer=head, now=later)
    routed.refresh_from_db()
    assert (routed.state, routed.to_places) == (IncomingDocument.State.REGISTERED, "")
    assert not routed.tasks.exists()
    anew = [routing.Assignment(Task.Part.LEAD, people["truong-phong"].post)]
    assert len(routing.route(routed, anew, officer=head, now=later)) == 1


def test_a_second_routing_is_taken_back_alone(routed, people, now):
    head, later = people["chanh-vp"], now + timedelta(minutes=1)
    more = [routing.Assignment(Task.Part.COOPERATE, people["van-thu"].post)]
    routing.route(routed, more, officer=head, now=later)
    undo(undoable(routed, officer=head, now=later).pk, officer=head, now=later)
    routed.refresh_from_db()
    assert routed.state == IncomingDocument.State.ROUTED
    assert routed.tasks.count() == 3
    assert len(routed.to_places.split("; ")) == 3


def test_a_routing_that_somebody_has_begun_to_work_on_stays(routed, people, now):
    act, later = newest(ActKind.ROUTED), now + timedelta(minutes=1)
    task = routed.tasks.get(part=Task.Part.LEAD)
    routing.start_task(task, officer=people["chuyen-vien"], now=later)
    with pytest.raises(ActedOnMeanwhile):
        undo(act.pk, officer=people["chanh-vp"], now=later)
    assert routed.tasks.count() == 3


def test_who_cooperates_may_say_that_he_is_not_done_after_all(routed, people, now):
    task, later = routed.tasks.get(part=Task.Part.COOPERATE), now + timedelta(minutes=1)
    checker = people["the-thuc"]
    routing.finish_task(task, officer=checker, now=later, result="Đã góp ý.")
    undo(undoable(routed, officer=checker, now=later).pk, officer=checker, now=later)
    task.refresh_from_db()
    assert (task.state, task.done_at, task.result) == (Task.State.ASSIGNED, None, "")


def test_what_closed_the_document_stays_for_its_sender_is_told(routed, people, now):
    lead, later = routed.tasks.get(part=Task.Part.LEAD), now + timedelta(minutes=1)
    routing.finish_task(lead, officer=people["chuyen-vien"], now=later)
    assert undoable(routed, officer=people["chuyen-vien"], now=later) is None


def test_the_page_after_a_step_offers_to_take_it_back(office, signed_in):
    client, draft = signed_in("chuyen-vien.vp-ubnd"), office.drafted()
    step = reverse("workflow:take-step", args=[draft.pk, "submit"])
    seen = {"seen_at": draft.changed_at.isoformat()}
    page = client.post(step, seen, follow=True).content.decode()
    address = reverse("workflow:undo", args=[newest(ActKind.SUBMITTED).pk])
    assert f'action="{address}"' in page
    undone = client.post(address, follow=True).content.decode()
    assert "Đã hoàn tác." in undone
    assert address not in undone
    draft.refresh_from_db()
    assert draft.state == State.DRAFTING


def test_who_sees_a_draft_no_more_after_his_step_comes_to_his_desk(office, signed_in):
    draft = office.drafted()
    actions.submit_for_check(draft, officer=office.author, now=office.now)
    actions.check_content(draft, officer=office.unit_head, now=office.now)
    draft.refresh_from_db()
    client = signed_in("the-thuc.vp-ubnd")
    answer = client.post(
        reverse("workflow:take-step", args=[draft.pk, "return"]),
        {"seen_at": draft.changed_at.isoformat(), "comment": "Sai thể thức."},
    )
    assert answer.url == reverse("office:home")
    address = reverse("workflow:undo", args=[newest(ActKind.RETURNED).pk])
    assert address in client.get(answer.url).content.decode()
    assert client.post(address).url == reverse("workflow:draft", args=[draft.pk])
