"""Recall, both dialects, from the sender to everybody a document was routed to (Điều 18.4).

edxml.md 6.3; Nghị định 30/2020/NĐ-CP PL VI III.8.a-c.
"""

from datetime import timedelta

import pytest

from chauban.accounts.rights import NotAllowed
from chauban.axis.actions import accept_package
from chauban.axis.adapters.local import LocalGateway
from chauban.exchange.actions import accept_delivery, issue, resend, retry, return_delivery
from chauban.exchange.dispatching import change_channel, mark_sent
from chauban.exchange.errors import (
    AlreadyDecided,
    ChannelNotPossible,
    NothingToAsk,
    NothingToResend,
    RecallAnswered,
    RecallNotRefusable,
    RefusalWithoutReason,
)
from chauban.exchange.models import (
    ChangeRequest,
    Delivery,
    Dispatch,
    IncomingMessage,
    OutgoingMessage,
    ReceivedRecall,
    Recipient,
)
from chauban.exchange.ports import Acknowledgement, GatewayUnavailable, Refusal
from chauban.exchange.recalling import ask_again, note_given_back, recall
from chauban.exchange.rules import MAX_ATTEMPTS
from chauban.exchange.sending import LEASE, send_next
from chauban.exchange.statuses import Told, take_statuses
from chauban.exchange.withdrawing import answer_recall
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.errors import NotAnnounced, NotRecallable, RecallWithoutReason
from chauban.registers.models import IncomingDocument
from chauban.workflow.access import access_blob, access_incoming_file
from chauban.workflow.errors import DocumentClosed, TaskNotOpen
from chauban.workflow.models import Task
from chauban.workflow.routing import Assignment, route, start_task
from chauban_edxml.changes import take_back
from chauban_edxml.model import BussinessDocType, StatusCode
from chauban_edxml.reading import read
from chauban_edxml.writing import write_status
from tests.exchange.messages import SENDER, a_message, a_status, raw_message
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)
MUCH_LATER = NOW + timedelta(minutes=30)
WHY = "Ban hành nhầm"


@pytest.fixture
def city(officer):
    return officer("van-thu.vp-ubnd")


@pytest.fixture
def clerk(officer):
    return officer("van-thu.thuan-hoa")


@pytest.fixture
def commune(body):
    return body("ubnd-thuan-hoa").organ_id(NOW.date())


@pytest.fixture(params=["status-13", "document-type-1"])
def dialect(request, settings):
    """Both ways to ask for a document back."""
    settings.RECALL_BY_DOCUMENT = ("*",) if request.param == "document-type-1" else ()
    return request.param


@pytest.fixture
def issued(sealed, city, carry):
    """A document that has arrived, and is checked, at one recipient."""
    document = sealed()
    issue(document, officer=city, now=NOW)
    carry()
    return document


@pytest.fixture
def registered(issued, clerk, carry):
    incoming = accept_delivery(
        Delivery.objects.get(), acceptance="information", officer=clerk, now=NOW
    )
    carry()
    return incoming


def request_of(document):
    return ChangeRequest.objects.get(recipient__document=document)


def codes_owed():
    return list(OutgoingMessage.objects.order_by("pk").values_list("status_code", flat=True))


class Unreachable:
    at_once = 10

    def send(self, envelopes, *, now):
        return [GatewayUnavailable("cut") for _ in envelopes]


class Refusing:
    """An axis that takes a message for nobody."""

    at_once = 10

    def send(self, envelopes, *, now):
        refusal = Refusal("18", "Không có nơi nhận")
        return [
            Acknowledgement("goi", dict.fromkeys(one.to_organ_ids, refusal)) for one in envelopes
        ]


def test_a_registered_document_is_withdrawn_everywhere_on_the_clerks_word(
    dialect, issued, registered, city, clerk, carry, officer
):
    handler = officer("chuyen-vien.thuan-hoa")
    (task,) = route(registered, [Assignment(Task.Part.LEAD, handler.post)], officer=clerk, now=NOW)
    recall(issued, reason=WHY, officer=city, now=LATER)
    carry(LATER)
    asked = ReceivedRecall.objects.get()
    registered.refresh_from_db()
    assert (asked.state, asked.reason, asked.delivery.incoming) == ("open", WHY, registered)
    assert (registered.state, registered.recall_asked_at) == ("routed", LATER)
    assert request_of(issued).state == "waiting"

    answer_recall(asked, agrees=True, officer=clerk, now=LATER)
    carry(LATER)
    registered.refresh_from_db()
    task.refresh_from_db()
    issued.refresh_from_db()
    assert (registered.state, registered.recall_reason) == ("recalled", WHY)
    assert (task.state, issued.state, issued.recall_reason) == ("stopped", "recalled", WHY)
    request = request_of(issued)
    assert (request.state, request.answered_at) == ("agreed", LATER)
    with pytest.raises(TaskNotOpen):
        start_task(task, officer=handler, now=LATER)
    with pytest.raises(DocumentClosed):
        route(
            registered,
            [Assignment(Task.Part.COOPERATE, officer("truong-phong.thuan-hoa").post)],
            officer=clerk,
            now=LATER,
        )
    file = registered.files.get()
    assert access_incoming_file(clerk, registered.pk, file.ordinal) == file
    with pytest.raises(NotAllowed):
        access_incoming_file(handler, registered.pk, file.ordinal)
    assert access_blob(clerk, file.blob_id) == file.blob
    kinds = set(Act.objects.on(registered).values_list("kind", flat=True))
    assert {ActKind.REGISTERED_INCOMING, ActKind.INCOMING_WITHDRAWN} <= kinds


def test_an_undecided_document_leaves_the_inbox_at_once_and_is_confirmed(
    dialect, issued, city, clerk, carry
):
    recall(issued, reason=WHY, officer=city, now=LATER)
    carry(LATER)
    delivery, asked = Delivery.objects.get(), ReceivedRecall.objects.get()
    assert (delivery.state, asked.state) == ("withdrawn", "open")
    with pytest.raises(AlreadyDecided):
        accept_delivery(delivery, acceptance="information", officer=clerk, now=LATER)
    with pytest.raises(RecallNotRefusable):
        answer_recall(asked, agrees=False, reason="Đã dùng", officer=clerk, now=LATER)
    assert request_of(issued).state == "waiting"
    answer_recall(asked, agrees=True, officer=clerk, now=LATER)
    carry(LATER)
    assert request_of(issued).state == "agreed"
    assert not IncomingDocument.objects.exists()


def test_a_refusal_has_a_reason_and_leaves_the_document_in_use_and_may_be_asked_again(
    dialect, issued, registered, city, clerk, carry
):
    recall(issued, reason=WHY, officer=city, now=LATER)
    carry(LATER)
    asked = ReceivedRecall.objects.get()
    with pytest.raises(RefusalWithoutReason):
        answer_recall(asked, agrees=False, reason=" ", officer=clerk, now=LATER)
    answer_recall(asked, agrees=False, reason="Đã giải quyết xong", officer=clerk, now=LATER)
    carry(LATER)
    registered.refresh_from_db()
    request = request_of(issued)
    assert (request.state, request.answer) == ("refused", "Đã giải quyết xong")
    assert (registered.state, registered.recall_asked_at) == ("registered", None)

    ask_again(request, officer=city, now=MUCH_LATER)
    carry(MUCH_LATER)
    asked.refresh_from_db()
    registered.refresh_from_db()
    assert (asked.state, registered.recall_asked_at) == ("open", MUCH_LATER)
    answer_recall(asked, agrees=True, officer=clerk, now=MUCH_LATER)
    carry(MUCH_LATER)
    assert request_of(issued).state == "agreed"
    with pytest.raises(NothingToAsk):
        ask_again(request, officer=city, now=MUCH_LATER)


def test_after_refusing_the_clerk_may_agree_but_not_the_reverse(
    issued, registered, city, clerk, carry
):
    recall(issued, reason=WHY, officer=city, now=LATER)
    carry(LATER)
    asked = ReceivedRecall.objects.get()
    answer_recall(asked, agrees=False, reason="Đang dùng", officer=clerk, now=LATER)
    answer_recall(asked, agrees=True, officer=clerk, now=LATER)
    answer_recall(asked, agrees=True, officer=clerk, now=LATER)
    with pytest.raises(RecallAnswered):
        answer_recall(asked, agrees=False, reason="Đang dùng", officer=clerk, now=LATER)
    carry(LATER)
    assert request_of(issued).state == "agreed"
    assert codes_owed()[-2:] == ["16", "15"]


def test_only_the_registry_answers_and_only_who_issues_recalls(
    issued, registered, city, clerk, carry, officer
):
    with pytest.raises(NotAllowed):
        recall(issued, reason=WHY, officer=clerk, now=LATER)
    recall(issued, reason=WHY, officer=city, now=LATER)
    carry(LATER)
    with pytest.raises(NotAllowed):
        answer_recall(
            ReceivedRecall.objects.get(),
            agrees=True,
            officer=officer("chuyen-vien.thuan-hoa"),
            now=LATER,
        )


def test_a_recall_has_a_reason_a_document_that_announces_it_and_happens_once(issued, sealed, city):
    with pytest.raises(RecallWithoutReason):
        recall(issued, reason=" ", officer=city, now=LATER)
    with pytest.raises(NotAnnounced):
        recall(issued, reason=WHY, announced_by="9/UBND-TH", officer=city, now=LATER)
    unissued = sealed(subject="Chưa phát hành")
    with pytest.raises(NotAnnounced):
        recall(issued, reason=WHY, announced_by=unissued.code, officer=city, now=LATER)
    with pytest.raises(NotRecallable):
        recall(unissued, reason=WHY, officer=city, now=LATER)
    announcing = sealed(subject="Thông báo thu hồi")
    issue(announcing, officer=city, now=NOW)
    recall(issued, reason=WHY, announced_by=announcing.code, officer=city, now=LATER)
    issued.refresh_from_db()
    assert (issued.recall_announced_by, issued.recalled_at) == (announcing, LATER)
    with pytest.raises(NotRecallable):
        recall(issued, reason=WHY, officer=city, now=LATER)
    assert Act.objects.on(issued).filter(kind=ActKind.RECALLED).count() == 1


def test_what_was_not_sent_yet_is_frozen_and_nobody_is_asked(sealed, city, carry):
    document = sealed()
    issue(document, officer=city, now=NOW)
    recall(document, reason=WHY, officer=city, now=NOW)
    carry(LATER)
    assert OutgoingMessage.objects.get().state == "frozen"
    assert request_of(document).state == "unsent"
    assert not IncomingMessage.objects.exists()


def test_what_may_have_left_is_frozen_and_asked_for_although_no_answer_came(
    axis, sealed, city, clerk, carry
):
    document = sealed()
    issue(document, officer=city, now=NOW)
    send_next(Unreachable(), now=NOW)
    recall(document, reason=WHY, officer=city, now=NOW)
    carry(LATER)
    assert OutgoingMessage.objects.get(type="edoc").state == "frozen"
    assert request_of(document).state == "waiting"
    aside = IncomingMessage.objects.get(state="set-aside")
    assert aside.refusal == "recall-of-unknown"
    answer_recall(ReceivedRecall.objects.get(), agrees=True, officer=clerk, now=LATER)
    carry(LATER)
    assert request_of(document).state == "agreed"


def test_what_failed_and_was_put_back_may_have_left_too(axis, sealed, city):
    document = sealed()
    issue(document, officer=city, now=NOW)
    OutgoingMessage.objects.update(attempts=MAX_ATTEMPTS - 1)  # the worker died as often
    send_next(Unreachable(), now=NOW)
    message = OutgoingMessage.objects.get()
    assert message.state == "failed"
    retry(message, now=NOW + timedelta(days=1))
    recall(document, reason=WHY, officer=city, now=NOW + timedelta(days=1))
    assert request_of(document).state == "waiting"


def test_a_worker_that_was_sending_settles_nothing_after_the_recall(sealed, city, axis, gateway):
    document = sealed()
    issue(document, officer=city, now=NOW)

    class Recalling:
        at_once = 10

        def send(self, envelopes, *, now):
            recall(document, reason=WHY, officer=city, now=now)
            return gateway.send(envelopes, now=now)

    send_next(Recalling(), now=NOW)
    assert OutgoingMessage.objects.get(type="edoc").state == "frozen"
    assert request_of(document).state == "waiting"


def test_a_recalled_document_is_not_sent_again(sealed, city, axis):
    document = sealed()
    issue(document, officer=city, now=NOW)
    send_next(Refusing(), now=NOW)
    recipient = Recipient.objects.get()
    recall(document, reason=WHY, officer=city, now=LATER)
    with pytest.raises(NothingToResend):
        resend(recipient, officer=city, now=LATER)


def test_what_failed_of_a_document_recalled_since_is_no_failure_any_more(sealed, city, axis):
    document = sealed(recipients=[], outside=[("H99.99", "Cơ quan không có trên trục")])
    issue(document, officer=city, now=NOW)
    send_next(LocalGateway(), now=NOW)
    failed = OutgoingMessage.objects.failed().get()
    recall(document, reason=WHY, officer=city, now=LATER)
    assert not OutgoingMessage.objects.failed().exists()
    retry(failed, now=LATER)
    failed.refresh_from_db()
    assert (failed.state, failed.error_code) == ("frozen", "18")
    assert Act.objects.on(document).filter(kind=ActKind.SENDING_FAILED).count() == 1


def test_a_request_that_the_axis_refuses_is_shown_and_asked_again(
    dialect, issued, registered, city, carry
):
    recall(issued, reason=WHY, officer=city, now=LATER)
    send_next(Refusing(), now=LATER)
    request = request_of(issued)
    assert (request.state, request.answer) == ("undelivered", "Không có nơi nhận")
    ask_again(request, officer=city, now=LATER)
    carry(LATER)
    assert ReceivedRecall.objects.get().state == "open"


def test_what_goes_off_the_axis_is_stopped_or_asked_back_by_hand(sealed, city, axis):
    sent, due = (sealed(recipients=[], outside=[("", name)]) for name in ("Đã gửi", "Chưa gửi"))
    for document in (sent, due):
        issue(document, officer=city, now=NOW)
    (dispatch,) = Dispatch.objects.filter(recipient__document=sent)
    mark_sent(dispatch, sent_on=NOW.date(), officer=city, now=NOW)
    for document in (sent, due):
        recall(document, reason=WHY, officer=city, now=LATER)
    assert (request_of(sent).state, request_of(due).state) == ("apart", "unsent")
    stopped = Dispatch.objects.get(recipient__document=due)
    assert stopped.state == "given-up"
    with pytest.raises(ChannelNotPossible):
        change_channel(stopped.recipient, "hand", officer=city, now=LATER)
    note_given_back(request_of(sent), officer=city, now=LATER)
    assert request_of(sent).state == "agreed"
    with pytest.raises(NothingToAsk):
        note_given_back(request_of(due), officer=city, now=LATER)
    assert not ChangeRequest.objects.unsettled().exists()


def test_a_recipient_that_returned_the_document_holds_none(issued, city, clerk, carry):
    return_delivery(Delivery.objects.get(), reason="Gửi nhầm", officer=clerk, now=NOW)
    carry()
    recall(issued, reason=WHY, officer=city, now=LATER)
    assert request_of(issued).state == "agreed"
    assert not OutgoingMessage.objects.filter(status_code="13").exists()


def test_a_recall_that_crosses_a_return_is_answered_by_it_and_by_the_machine(
    dialect, issued, city, clerk, carry
):
    recall(issued, reason=WHY, officer=city, now=LATER)
    return_delivery(Delivery.objects.get(), reason="Gửi nhầm", officer=clerk, now=LATER)
    carry(LATER)
    assert request_of(issued).state == "agreed"
    assert ReceivedRecall.objects.get().state == "agreed"
    assert Delivery.objects.get().state == "returned"
    assert "15" in codes_owed()


def test_a_recall_that_crosses_an_acceptance_is_the_clerks_to_decide(
    dialect, issued, city, clerk, carry
):
    recall(issued, reason=WHY, officer=city, now=LATER)
    accept_delivery(Delivery.objects.get(), acceptance="information", officer=clerk, now=LATER)
    carry(LATER)
    assert Recipient.objects.get().status_code == "03"
    assert (request_of(issued).state, ReceivedRecall.objects.get().state) == ("waiting", "open")
    assert Delivery.objects.get().state == "registered"


def test_an_answer_twice_and_out_of_order_leads_to_the_same_end(axis, sealed, city, carry):
    document = sealed(recipients=[], outside=[(SENDER, "Phú Thọ")])
    issue(document, officer=city, now=NOW)
    recall(document, reason=WHY, officer=city, now=NOW)
    carry()
    request = request_of(document)
    assert request.state == "unsent"
    ChangeRequest.objects.update(state="waiting")
    for code in ("15", "16", "15"):
        raw = a_status(code, of=document, reporter=SENDER, description=f"lời {code}")
        accept_package(raw, system=axis[1], now=LATER)
        carry(LATER)
    request.refresh_from_db()
    assert (request.state, request.answer) == ("agreed", "lời 15")


def test_a_refusal_that_is_repeated_after_we_asked_again_answers_nothing(axis, sealed, city, carry):
    document = sealed(recipients=[], outside=[(SENDER, "Phú Thọ")])
    issue(document, officer=city, now=NOW)
    carry()
    recall(document, reason=WHY, officer=city, now=LATER)
    refusal = a_status("16", of=document, reporter=SENDER, description="Đang dùng")
    accept_package(refusal, system=axis[1], now=LATER)
    carry(LATER)
    request = request_of(document)
    assert request.state == "refused"
    ask_again(request, officer=city, now=MUCH_LATER)
    status = request.recipient.statuses.get(code="16")
    IncomingMessage.objects.create(
        package_id="lan-nua",
        type="status",
        from_organ_id=SENDER,
        listed_at=MUCH_LATER,
        due_at=MUCH_LATER,
    )
    (message,) = IncomingMessage.objects.filter(package_id="lan-nua")
    take_statuses([Told(read(refusal), message, status.raw)], now=MUCH_LATER)
    request.refresh_from_db()
    assert request.state == "waiting"
    assert request.recipient.statuses.filter(code="16").count() == 2


# From a system outside


@pytest.fixture
def send(axis):
    return lambda raw, now=NOW: accept_package(raw, system=axis[1], now=now)


@pytest.fixture
def ask(send, commune):
    """Recall a document of the system outside, by either dialect."""

    def by(dialect, now=LATER, reason=WHY):
        if dialect == "document-type-1":
            raw = raw_message(
                commune, business=BussinessDocType.RECALL, attachments=(), traced_at=now
            )
        else:
            raw = write_status(take_back(a_message(commune), commune, reason=reason, at=now))
        return send(raw, now)

    return by


DIALECTS = pytest.mark.parametrize("how", ["status-13", "document-type-1"])


@DIALECTS
def test_a_foreign_recall_twice_is_one_question_and_one_answer(
    how, send, ask, carry, commune, clerk
):
    send(raw_message(commune))
    carry()
    ask(how)
    carry(LATER)
    ask(how, MUCH_LATER)
    carry(MUCH_LATER)
    asked = ReceivedRecall.objects.get()
    answer_recall(asked, agrees=True, officer=clerk, now=MUCH_LATER)
    assert codes_owed() == ["01", "15"]
    ask(how, MUCH_LATER + timedelta(minutes=1))
    carry(MUCH_LATER + timedelta(minutes=1))
    assert codes_owed() == ["01", "15", "15"]
    asked.refresh_from_db()
    assert asked.state == "agreed"


def test_both_dialects_in_a_row_are_one_question(send, ask, carry, commune):
    send(raw_message(commune))
    carry()
    ask("status-13")
    ask("document-type-1")
    carry(LATER)
    assert ReceivedRecall.objects.get().state == "open"
    assert Delivery.objects.get().state == "withdrawn"


@DIALECTS
def test_a_recall_before_its_document_withdraws_it_when_it_comes(
    how, send, ask, carry, commune, clerk
):
    ask(how)
    carry(LATER)
    aside = IncomingMessage.objects.get(state="set-aside")
    assert aside.refusal == "recall-of-unknown"
    send(raw_message(commune), MUCH_LATER)
    carry(MUCH_LATER)
    delivery, asked = Delivery.objects.get(), ReceivedRecall.objects.get()
    assert (delivery.state, asked.delivery, asked.state) == ("withdrawn", delivery, "open")
    aside.refresh_from_db()
    assert (aside.state, aside.refusal) == ("read", "")


def test_a_recall_confirmed_before_its_document_came_still_withdraws_it(
    send, ask, carry, commune, clerk
):
    ask("status-13")
    carry(LATER)
    answer_recall(ReceivedRecall.objects.get(), agrees=True, officer=clerk, now=LATER)
    carry(LATER)
    send(raw_message(commune), MUCH_LATER)
    carry(MUCH_LATER)
    assert Delivery.objects.get().state == "withdrawn"


def test_a_recall_names_its_document_by_another_form_of_its_identifier(send, carry, commune):
    send(raw_message(commune))
    carry()
    about = a_message(commune, document_id=f"{SENDER},2026,7816/UBND-TTĐT")
    send(write_status(take_back(about, commune, reason=WHY, at=LATER)), LATER)
    carry(LATER)
    assert Delivery.objects.get().state == "withdrawn"


def test_another_agency_recalls_nothing(carry, sealed, officer, send, commune, city):
    issue(sealed(), officer=city, now=NOW)
    carry()
    ours = Delivery.objects.get()
    foreign = a_message(commune, document_id=ours.document_id)
    send(write_status(take_back(foreign, commune, reason=WHY, at=LATER)), LATER)
    carry(LATER)
    ours.refresh_from_db()
    assert ours.state == "proposed"
    assert IncomingMessage.objects.get(state="set-aside").refusal == "recall-of-unknown"


def test_a_recall_is_asked_again_after_a_crash_and_asks_once(issued, city, carry, gateway):
    class Dying:
        at_once = 10

        def send(self, envelopes, *, now):
            gateway.send(envelopes, now=now)
            raise KeyboardInterrupt

    recall(issued, reason=WHY, officer=city, now=LATER)
    with pytest.raises(KeyboardInterrupt):
        send_next(Dying(), now=LATER)
    assert OutgoingMessage.objects.get(status_code=StatusCode.TAKE_BACK).state == "due"
    carry(LATER + LEASE)
    carry(LATER + LEASE * 2)
    assert ReceivedRecall.objects.count() == 1
    assert OutgoingMessage.objects.get(status_code=StatusCode.TAKE_BACK).state == "sent"
