"""Update and replacement, linked both ways and answered (edxml.md 6.4, 6.5; Điều 18.3)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chauban.axis.actions import accept_package
from chauban.exchange.actions import accept_delivery, issue, return_delivery
from chauban.exchange.change_rules import differences
from chauban.exchange.models import (
    ChangeRequest,
    Delivery,
    IncomingMessage,
    OutgoingMessage,
    ReceivedRecall,
)
from chauban.exchange.ports import Waiting
from chauban.exchange.receiving import list_waiting, receive_next
from chauban.exchange.succeeding import earlier_of, header_before, newer_than
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.errors import NotReplaceable
from chauban.registers.models import IncomingDocument, Succession
from chauban.workflow.models import Draft
from chauban_edxml.changes import replacement, update
from chauban_edxml.model import ReplacementInfo
from chauban_edxml.writing import write
from tests.exchange.messages import DOC, SENDER, a_message, raw_message
from tests.exchange.test_receiving import OnePackage
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def city(officer):
    return officer("van-thu.vp-ubnd")


@pytest.fixture
def clerk(officer):
    return officer("van-thu.thuan-hoa")


@pytest.fixture
def commune(body):
    return body("ubnd-thuan-hoa").organ_id(NOW.date())


@pytest.fixture
def register(clerk):
    """Register the delivery that has waited longest."""

    def take(now=NOW):
        delivery = Delivery.objects.filter(state="proposed").order_by("pk").first()
        return accept_delivery(delivery, acceptance="information", officer=clerk, now=now)

    return take


@pytest.fixture
def successor(sealed):
    """A sealed document that replaces or amends an issued one."""

    def make(earlier, kind):
        later = sealed(subject=f"{kind} {earlier.code}")
        Draft.objects.filter(outgoing=later).update(succeeds=earlier, succession=kind)
        return later

    return make


@pytest.fixture
def issued(sealed, city, carry):
    document = sealed()
    issue(document, officer=city, now=NOW)
    carry()
    return document


def codes():
    owed = OutgoingMessage.objects.filter(type="status").order_by("pk")
    return list(owed.values_list("status_code", flat=True))


@pytest.mark.parametrize("old_first", [True, False], ids=["in-order", "out-of-order"])
def test_a_replacement_points_both_ways_at_both_ends(
    old_first, issued, successor, city, carry, register
):
    later = successor(issued, "replaces")
    issue(later, officer=city, now=LATER)
    carry(LATER)
    succession = issued.successors.get()
    assert (succession.later, succession.kind) == (later, Succession.Kind.REPLACES)
    assert later.succession.earlier == issued
    old, new = Delivery.objects.order_by("pk")
    assert (new.business_type, new.header["concerns"][0]["document_id"]) == (3, issued.document_id)
    for delivery in (old, new) if old_first else (new, old):
        Delivery.objects.exclude(pk=delivery.pk).filter(state="proposed").update(state="arrived")
        register(LATER)
        carry(LATER)
    first, second = (
        IncomingDocument.objects.get(document_id=one.document_id) for one in (issued, later)
    )
    assert first.replaced_by == second
    assert list(second.replaces.all()) == [first]
    assert Act.objects.on(first).filter(kind=ActKind.INCOMING_REPLACED).count() == 1


def test_a_document_is_replaced_once_and_only_when_issued(issued, sealed, successor, city):
    issue(successor(issued, "replaces"), officer=city, now=LATER)
    second = successor(issued, "replaces")
    with pytest.raises(NotReplaceable):
        issue(second, officer=city, now=LATER)
    second.refresh_from_db()
    assert second.state == "sealed"
    unissued = sealed(subject="Chưa phát hành")
    with pytest.raises(NotReplaceable):
        issue(successor(unissued, "amends"), officer=city, now=LATER)


def test_an_amending_document_is_an_update_that_the_recipient_agrees_to(
    issued, successor, city, carry, register
):
    first = register()
    later = successor(issued, "amends")
    issue(later, officer=city, now=LATER)
    carry(LATER)
    request = ChangeRequest.objects.get()
    assert (request.kind, request.by, request.state) == (2, later, "waiting")
    second = register(LATER)
    carry(LATER)
    request.refresh_from_db()
    assert request.state == "agreed"
    assert second.amends == first
    assert codes() == ["01", "03", "01", "03", "15"]
    assert later.recipients.get().status_code == "03"


def test_an_update_that_is_returned_is_refused_with_its_reason(
    issued, successor, city, carry, register, clerk
):
    register()
    issue(successor(issued, "amends"), officer=city, now=LATER)
    carry(LATER)
    waiting = Delivery.objects.get(state="proposed")
    return_delivery(waiting, reason="Không thuộc thẩm quyền", officer=clerk, now=LATER)
    carry(LATER)
    request = ChangeRequest.objects.get()
    assert (request.state, request.answer) == ("refused", "Không thuộc thẩm quyền")
    assert codes()[-2:] == ["16", "02"]


# From a system outside


@pytest.fixture
def send(axis):
    return lambda raw, now=NOW: accept_package(raw, system=axis[1], now=now)


def updating(commune, **values):
    changed = replace(
        a_message(commune, attachments=[("ban-moi.doc", DOC + b" new")]),
        subject="V/v thử nghiệm (đã sửa)",
    )
    return write(update(changed, updated=changed.document_id, reason="Sửa", at=LATER, **values))


def updating_again(commune, number):
    """A further update under the same identifier, with a subject and a file of its own."""
    changed = replace(
        a_message(commune, attachments=[(f"ban-{number}.doc", DOC + bytes([number]))]),
        subject=f"V/v thử nghiệm (sửa lần {number})",
    )
    return write(update(changed, updated=changed.document_id, reason="Sửa", at=LATER))


def test_an_update_under_the_same_identifier_changes_the_line_that_is_there(
    send, carry, commune, register
):
    send(raw_message(commune))
    carry()
    line = register()
    send(updating(commune), LATER)
    carry(LATER)
    old, new = Delivery.objects.order_by("pk")
    (difference,) = differences(old.header, new.header)
    assert (difference.name, difference.after) == ("subject", "V/v thử nghiệm (đã sửa)")
    assert register(LATER) == line
    line.refresh_from_db()
    assert line.subject == "V/v thử nghiệm (đã sửa)"
    assert [file.name for file in line.files.all()] == ["van-ban.doc", "ban-moi.doc"]
    assert IncomingDocument.objects.count() == 1
    assert codes() == ["01", "03", "01", "15"]
    assert Act.objects.on(line).filter(kind=ActKind.INCOMING_UPDATED).exists()


def test_a_second_update_under_the_same_identifier_is_decided_and_answered_too(
    send, carry, commune, register
):
    send(raw_message(commune))
    carry()
    line = register()
    for number in (1, 2):
        send(updating_again(commune, number), LATER)
        carry(LATER)
        register(LATER)
    line.refresh_from_db()
    assert line.subject == "V/v thử nghiệm (sửa lần 2)"
    assert [file.name for file in line.files.all()] == ["van-ban.doc", "ban-1.doc", "ban-2.doc"]
    first, second = Delivery.objects.filter(business_type=2).order_by("edition")
    assert (first.edition, second.edition, second.updated) == (1, 2, line)
    before = header_before(earlier_of(second)[0], second)
    assert before["subject"] == "V/v thử nghiệm (sửa lần 1)"
    assert codes() == ["01", "03", "01", "15", "01", "15"]
    assert not IncomingMessage.objects.set_aside().exists()


def test_the_same_update_twice_is_answered_as_before(send, carry, commune, register):
    send(raw_message(commune))
    carry()
    register()
    raw = updating_again(commune, 1)
    gateways = [OnePackage(raw, commune), OnePackage(raw, commune)]
    for number, gateway in enumerate(gateways):
        listed = [Waiting(f"goi-{number}", "edoc", SENDER, commune)]
        gateway.waiting = lambda type, now, listed=listed: listed if type == "edoc" else []
        list_waiting(gateway, now=LATER)
        assert receive_next(gateway, now=LATER)
    assert Delivery.objects.filter(business_type=2).count() == 1
    assert codes() == ["01", "03", "01", "01"]


def test_an_update_of_facts_alone_is_one_of_its_own(send, carry, commune, register):
    send(raw_message(commune))
    carry()
    register()
    send(updating(commune), LATER)
    again = replace(
        a_message(commune, attachments=[("ban-moi.doc", DOC + b" new")]), subject="V/v khác nữa"
    )
    send(write(update(again, updated=again.document_id, reason="Sửa", at=LATER)), LATER)
    carry(LATER)
    editions = Delivery.objects.filter(business_type=2).values_list("edition", flat=True)
    assert sorted(editions) == [1, 2]


def test_accepting_a_newer_update_takes_the_older_out_of_the_inbox(
    send, carry, commune, register, clerk
):
    send(raw_message(commune))
    carry()
    line = register()
    for number in (1, 2):
        send(updating_again(commune, number), NOW + timedelta(minutes=number))  # one by one
    carry(LATER)
    older, newer = Delivery.objects.filter(business_type=2).order_by("edition")
    assert list(newer_than(older)) == [newer]
    accept_delivery(newer, acceptance="information", officer=clerk, now=LATER)
    older.refresh_from_db()
    line.refresh_from_db()
    assert (older.state, line.subject) == ("withdrawn", "V/v thử nghiệm (sửa lần 2)")


def test_an_update_that_the_clerk_refuses_leaves_the_line_and_stands_in_its_history(
    send, carry, commune, register, clerk
):
    send(raw_message(commune))
    carry()
    line = register()
    send(updating(commune), LATER)
    carry(LATER)
    waiting = Delivery.objects.get(state="proposed")
    return_delivery(waiting, reason="Đã giải quyết xong", officer=clerk, now=LATER)
    line.refresh_from_db()
    assert line.subject == "V/v thử nghiệm kết nối"
    assert codes()[-1] == "16"
    refused = Act.objects.on(line).get(kind=ActKind.UPDATE_REFUSED)
    assert refused.facts["delivery"] == waiting.pk


def test_an_update_of_what_is_not_decided_takes_its_place_in_the_inbox(
    send, carry, commune, register, clerk
):
    send(raw_message(commune))
    send(updating(commune), LATER)
    carry(LATER)
    old, new = Delivery.objects.order_by("pk")
    line = accept_delivery(new, acceptance="information", officer=clerk, now=LATER)
    old.refresh_from_db()
    assert (old.state, line.subject) == ("withdrawn", "V/v thử nghiệm (đã sửa)")
    assert codes() == ["01", "01", "03", "15"]


def test_an_update_of_what_never_came_is_an_ordinary_document(send, carry, commune, register):
    send(updating(commune), LATER)
    carry(LATER)
    register(LATER)
    assert codes() == ["01", "03"]


def test_an_update_that_removes_us_is_a_recall(send, carry, commune, register):
    send(raw_message(commune))
    carry()
    line = register()
    send(updating(commune, removed=[commune]), LATER)
    carry(LATER)
    line.refresh_from_db()
    assert (ReceivedRecall.objects.get().state, line.recall_asked_at) == ("open", LATER)
    assert Delivery.objects.count() == 1


def test_a_replacement_for_another_agency_leaves_ours_as_it_is(send, carry, commune, register):
    send(raw_message(commune))
    carry()
    line = register()
    new = a_message(commune, number="9000")
    named = ReplacementInfo(line.document_id, (SENDER,))
    send(write(replacement(new, replaced=[named], reason="Thay", at=LATER)), LATER)
    carry(LATER)
    register(LATER)
    line.refresh_from_db()
    assert line.replaced_by is None
