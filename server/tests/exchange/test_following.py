"""Statuses 04, 05, 06 follow the journal (edxml.md 5.5; Nghị định 30/2020/NĐ-CP Điều 23, 24)."""

from datetime import timedelta

import pytest

from chauban.exchange.actions import accept_delivery, issue
from chauban.exchange.following import follow_next
from chauban.exchange.models import Delivery, FollowedAct, OutgoingMessage, Recipient
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.actions import Received, register_incoming
from chauban.workflow.models import Task
from chauban.workflow.routing import Assignment, finish_task, route, start_task
from tests.moments import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(officer):
    return officer("van-thu.thuan-hoa")


@pytest.fixture
def handler(officer):
    return officer("chuyen-vien.thuan-hoa")


@pytest.fixture
def incoming(sealed, officer, carry, clerk):
    issue(sealed(), officer=officer("van-thu.vp-ubnd"), now=NOW)
    carry()
    delivery = Delivery.objects.get()
    return accept_delivery(delivery, acceptance="information", officer=clerk, now=NOW)


def to(handler, part=Task.Part.LEAD):
    return Assignment(assignee=handler.post, part=part)


def test_the_sender_sees_01_03_04_05_06_in_order(incoming, carry, clerk, handler):
    carry()
    (task,) = route(incoming, [to(handler)], officer=clerk, now=NOW)
    carry()
    start_task(task, officer=handler, now=NOW)
    carry()
    task.refresh_from_db()
    finish_task(task, officer=handler, now=NOW)
    carry()
    recipient = Recipient.objects.get()
    assert recipient.status_code == "06"
    assert [one.code for one in recipient.statuses.all()] == ["01", "03", "04", "05", "06"]
    assert {one.effect for one in recipient.statuses.all()} == {"moved"}


def test_a_status_states_the_moment_of_the_act_however_late_it_is_followed(
    incoming, carry, clerk, handler
):
    route(incoming, [to(handler)], officer=clerk, now=NOW + timedelta(minutes=5))
    carry(NOW + timedelta(hours=9))
    stated = Recipient.objects.get().statuses.get(code="04").stated_at
    assert stated == NOW + timedelta(minutes=5)


def test_routing_to_several_people_owes_one_status(incoming, carry, clerk, handler, officer):
    other = officer("truong-phong.thuan-hoa")
    route(incoming, [to(handler), to(other, Task.Part.COOPERATE)], officer=clerk, now=NOW)
    carry()
    assert Act.objects.filter(kind=ActKind.ROUTED).count() == 2
    assert FollowedAct.objects.count() == 2
    assert OutgoingMessage.objects.filter(status_code="04").count() == 1


def test_acts_that_commit_out_of_order_are_all_followed(incoming, carry, clerk, handler):
    (task,) = route(incoming, [to(handler)], officer=clerk, now=NOW)
    start_task(task, officer=handler, now=NOW)
    late = Act.objects.get(kind=ActKind.ROUTED)
    FollowedAct.objects.create(act=Act.objects.get(kind=ActKind.TASK_STARTED))
    assert late.pk < FollowedAct.objects.get().act_id
    assert follow_next(now=NOW)
    assert OutgoingMessage.objects.filter(status_code="04").exists()
    assert not follow_next(now=NOW)


def test_what_came_on_paper_owes_nobody_a_status(axis, body, clerk, handler):
    paper = register_incoming(
        Received(
            sender_name="Công ty TNHH Thử",
            code_number="5",
            code_notation="CV",
            kind_name="Công văn",
            subject="Xin gia hạn",
            acceptance="original",
            arrived_at=NOW,
        ),
        body=body("ubnd-thuan-hoa"),
        officer=clerk,
        now=NOW,
    )
    route(paper, [to(handler)], officer=clerk, now=NOW + timedelta(minutes=1))
    assert follow_next(now=NOW)
    assert FollowedAct.objects.count() == 1
    assert not OutgoingMessage.objects.exists()


def test_an_answer_names_the_document_it_answers(incoming, sealed, officer, carry, clerk):
    reply = sealed(
        "ubnd-thuan-hoa",
        ["ubnd-tp"],
        clerk="van-thu.thuan-hoa",
        answers=incoming,
        subject="Trả lời",
    )
    issue(reply, officer=clerk, now=NOW)
    carry()
    (answer,) = Delivery.objects.get(body__key="ubnd-tp").header["response_for"]
    assert answer["document_id"] == incoming.document_id
    assert incoming.replies.get().outgoing == reply
