"""Routing, tasks, answers (Nghị định 30/2020/NĐ-CP Điều 23, 24)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from chauban.accounts.rights import NotAllowed, NotFound
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.actions import Received, mark_issued, register_incoming
from chauban.registers.models import IncomingDocument
from chauban.workflow import actions
from chauban.workflow.access import access_incoming, access_task
from chauban.workflow.errors import (
    AssigneeNamedTwice,
    AssigneeOutsideAgency,
    DeadlinePast,
    DocumentClosed,
    LeadMissing,
    LeadNamedTwice,
    NoAssignment,
    StepNotAllowed,
    TaskNotOpen,
)
from chauban.workflow.models import Answer, Draft, Task
from chauban.workflow.routing import Assignment, close_incoming, finish_task, route, start_task
from tests.moments import NOW

pytestmark = pytest.mark.django_db
Part = Task.Part
State = IncomingDocument.State
TODAY = NOW.date()


@pytest.fixture
def arrived(body, officer):
    def arrive(number="15", where="ubnd-tp", clerk="van-thu.vp-ubnd"):
        received = Received(
            sender_name="Sở Xây dựng",
            code_number=number,
            code_notation="SXD-VP",
            kind_name="Công văn",
            subject="Xin ý kiến",
            acceptance="paper",
            arrived_at=NOW,
        )
        return register_incoming(received, body=body(where), officer=officer(clerk), now=NOW)

    return arrive


@pytest.fixture
def people(officer):
    return {
        name: officer(f"{name}.vp-ubnd")
        for name in ("chu-tich", "truong-phong", "chuyen-vien", "the-thuc", "van-thu", "chanh-vp")
    }


@pytest.fixture
def routed(arrived, people):
    def make(*assignments, by="chu-tich"):
        document = arrived()
        given = [
            Assignment(part, people[name].post, "Tham mưu trả lời", TODAY + timedelta(days=5))
            for part, name in assignments
        ]
        tasks = route(document, given, officer=people[by], now=NOW)
        return document, tasks

    return make


def acts_on(document):
    return list(Act.objects.on(document).order_by("pk").values_list("kind", flat=True))


def test_routing_names_lead_cooperation_and_information_with_a_deadline(routed):
    document, tasks = routed(
        (Part.LEAD, "truong-phong"), (Part.COOPERATE, "chuyen-vien"), (Part.INFORM, "chanh-vp")
    )
    assert document.state == State.ROUTED
    assert [(it.part, it.state) for it in tasks] == [
        ("lead", "assigned"),
        ("cooperate", "assigned"),
        ("inform", "done"),
    ]
    routings = Act.objects.on(document).filter(kind=ActKind.ROUTED).order_by("pk")
    assert [act.facts["task"] for act in routings] == [task.pk for task in tasks]


def test_routing_fills_receivers_and_day_of_the_register(routed):
    document, tasks = routed((Part.LEAD, "truong-phong"), (Part.COOPERATE, "chuyen-vien"))
    names = "; ".join(task.assignee.person.full_name for task in tasks)
    assert (document.to_places, document.handed_over_on) == (names, TODAY)


def test_information_alone_closes_the_document(routed):
    document, _ = routed((Part.INFORM, "chanh-vp"), (Part.INFORM, "truong-phong"))
    assert document.state == State.DONE
    assert acts_on(document)[-1] == ActKind.INCOMING_DONE


@pytest.mark.parametrize(
    ("assignments", "refusal"),
    [
        ([], NoAssignment),
        ([(Part.COOPERATE, "chuyen-vien")], LeadMissing),
        ([(Part.LEAD, "truong-phong"), (Part.LEAD, "chuyen-vien")], LeadNamedTwice),
        ([(Part.LEAD, "truong-phong"), (Part.INFORM, "truong-phong")], AssigneeNamedTwice),
    ],
)
def test_an_instruction_that_cannot_be_followed_is_refused(arrived, people, assignments, refusal):
    document = arrived()
    given = [Assignment(part, people[name].post) for part, name in assignments]
    with pytest.raises(refusal):
        route(document, given, officer=people["chu-tich"], now=NOW)
    document.refresh_from_db()
    assert (document.state, document.tasks.count()) == (State.REGISTERED, 0)


def test_a_person_of_another_agency_is_not_assigned(arrived, people, officer):
    stranger = officer("chuyen-vien.so-tai-chinh")
    with pytest.raises(AssigneeOutsideAgency):
        route(
            arrived(), [Assignment(Part.LEAD, stranger.post)], officer=people["chu-tich"], now=NOW
        )


def test_a_deadline_lies_on_the_day_or_later(arrived, people):
    lead = people["truong-phong"].post
    with pytest.raises(DeadlinePast):
        route(
            arrived(),
            [Assignment(Part.LEAD, lead, "", TODAY - timedelta(days=1))],
            officer=people["chu-tich"],
            now=NOW,
        )
    route(
        arrived("16"), [Assignment(Part.LEAD, lead, "", TODAY)], officer=people["chu-tich"],
        now=NOW,
    )  # fmt: skip


def test_a_second_routing_adds_people_but_no_second_lead(routed, people):
    document, _ = routed((Part.LEAD, "truong-phong"))
    more = [Assignment(Part.COOPERATE, people["chuyen-vien"].post)]
    route(document, more, officer=people["chu-tich"], now=NOW)
    assert document.tasks.count() == 2
    with pytest.raises(LeadNamedTwice):
        route(
            document,
            [Assignment(Part.LEAD, people["the-thuc"].post)],
            officer=people["chu-tich"],
            now=NOW,
        )


def test_leaders_and_the_clerk_route_and_officials_do_not(arrived, people, officer):
    lead = [Assignment(Part.LEAD, people["chuyen-vien"].post)]
    for name in ("chu-tich", "chanh-vp", "van-thu"):
        route(arrived(name), lead, officer=people[name], now=NOW)
    for other in (people["chuyen-vien"], officer("chu-tich.thuan-hoa")):
        with pytest.raises(NotAllowed):
            route(arrived(other.user.username[:9]), lead, officer=other, now=NOW)


def test_a_unit_head_passes_on_only_what_was_given_to_him(arrived, routed, people):
    lead = people["truong-phong"]
    to_official = [Assignment(Part.COOPERATE, people["chuyen-vien"].post)]
    document, _ = routed((Part.LEAD, "truong-phong"))
    route(document, to_official, officer=lead, now=NOW)
    with pytest.raises(NotAllowed):
        route(
            arrived("16"), [Assignment(Part.LEAD, people["chuyen-vien"].post)], officer=lead,
            now=NOW,
        )  # fmt: skip


def test_a_task_is_started_and_finished_by_its_assignee(routed, people):
    document, (task,) = routed((Part.LEAD, "truong-phong"))
    start_task(task, officer=people["truong-phong"], now=NOW)
    assert (task.state, task.document.state) == (Task.State.IN_PROGRESS, State.IN_PROGRESS)
    finish_task(task, officer=people["truong-phong"], now=NOW, result="Đã trả lời")
    document.refresh_from_db()
    assert (task.state, task.result, document.state) == ("done", "Đã trả lời", State.DONE)
    assert acts_on(document) == [
        ActKind.REGISTERED_INCOMING,
        ActKind.ROUTED,
        ActKind.TASK_STARTED,
        ActKind.TASK_DONE,
        ActKind.INCOMING_DONE,
    ]


def test_another_persons_task_is_not_started(routed, people):
    _, (task,) = routed((Part.LEAD, "truong-phong"))
    with pytest.raises(TaskNotOpen):
        start_task(task, officer=people["chuyen-vien"], now=NOW)
    with pytest.raises(NotFound):
        access_task(people["chuyen-vien"], task.pk)


def test_a_task_is_started_once(routed, people):
    _, (task,) = routed((Part.LEAD, "truong-phong"))
    start_task(task, officer=people["truong-phong"], now=NOW)
    with pytest.raises(TaskNotOpen):
        start_task(task, officer=people["truong-phong"], now=NOW)


def test_cooperation_done_leaves_the_document_open_and_the_lead_closes_all(routed, people):
    document, (lead, cooperation) = routed(
        (Part.LEAD, "truong-phong"), (Part.COOPERATE, "chuyen-vien")
    )
    finish_task(lead, officer=people["truong-phong"], now=NOW)
    cooperation.refresh_from_db()
    assert cooperation.state == Task.State.DONE
    document.refresh_from_db()
    with pytest.raises(DocumentClosed):
        close_incoming(document, officer=people["chu-tich"], now=NOW)


def test_a_closed_document_is_not_routed(routed, people):
    document, _ = routed((Part.LEAD, "truong-phong"))
    close_incoming(document, officer=people["chu-tich"], now=NOW)
    with pytest.raises(DocumentClosed):
        route(
            document,
            [Assignment(Part.COOPERATE, people["chuyen-vien"].post)],
            officer=people["chu-tich"],
            now=NOW,
        )


def test_an_incoming_document_is_seen_by_those_who_direct_and_those_who_handle(
    routed, people, officer
):
    document, _ = routed((Part.LEAD, "chuyen-vien"))
    for name in ("chu-tich", "chanh-vp", "van-thu", "chuyen-vien", "truong-phong"):
        assert access_incoming(people[name], document.pk) == document
    for stranger in (people["the-thuc"], officer("van-thu.so-tai-chinh")):
        with pytest.raises(NotFound):
            access_incoming(stranger, document.pk)
    with pytest.raises(NotAllowed):
        access_incoming(None, document.pk)


def test_the_issued_reply_is_linked_and_the_lead_then_closes(office, arrived, people):
    document = arrived()
    lead = [Assignment(Part.LEAD, people["chuyen-vien"].post)]
    (task,) = route(document, lead, officer=people["chu-tich"], now=NOW)
    draft = office.drafted(answers=document)
    with pytest.raises(StepNotAllowed):
        actions.link_answer(draft, officer=office.clerk, now=NOW)
    draft = office.seal(office.numbered(draft=office.approved(draft=draft)))
    mark_issued(draft.outgoing, officer=office.clerk, now=NOW)
    draft = actions.link_answer(draft, officer=office.clerk, now=NOW)
    assert draft.state == Draft.State.ISSUED
    assert Answer.objects.get().incoming == document
    document.refresh_from_db()
    assert document.state == State.ROUTED
    finish_task(task, officer=people["chuyen-vien"], now=NOW)
    document.refresh_from_db()
    assert document.state == State.DONE
    assert ActKind.ANSWERED in acts_on(document)


def test_the_page_routes_and_says_what_is_wrong(arrived, people, signed_in):
    document = arrived()
    client = signed_in("chu-tich.vp-ubnd")
    url = reverse("workflow:incoming", args=[document.pk])
    assert client.get(url).status_code == 200
    refused = client.post(
        reverse("workflow:route", args=[document.pk]),
        {"cooperate": [people["chuyen-vien"].post_id]},
    )
    assert refused.status_code == 422
    assert "chủ trì" in refused.content.decode()
    routed = client.post(
        reverse("workflow:route", args=[document.pk]),
        {"lead": people["chuyen-vien"].post_id, "instruction": "Tham mưu"},
    )
    assert routed.status_code == 302
    handler = signed_in("chuyen-vien.vp-ubnd")
    task = document.tasks.get()
    assert handler.post(reverse("workflow:start-task", args=[task.pk])).status_code == 302
    assert handler.get(url).status_code == 200
    reply = handler.get(reverse("workflow:new-draft"), {"answers": document.pk})
    assert "Sở Xây dựng" in reply.content.decode()
    done = handler.post(reverse("workflow:finish-task", args=[task.pk]), {"result": "Xong"})
    assert done.status_code == 302
    document.refresh_from_db()
    assert document.state == State.DONE
