"""Passing an incoming document on, and what its sender then recalls or replaces (Điều 23, 18.4)."""

from datetime import timedelta

import pytest

from chauban.accounts.rights import NotAllowed
from chauban.axis.actions import accept_package
from chauban.axis.adapters.local import LocalGateway
from chauban.blobs import store
from chauban.exchange.actions import accept_delivery, issue, retry, return_delivery
from chauban.exchange.errors import AlreadyPassedOn, NobodyToPassOnTo, NothingToAsk, NotToPassOn
from chauban.exchange.models import Delivery, IncomingMessage, PassedOn, Recipient
from chauban.exchange.passing_on import Receiver, ask_holder_again, pass_on, receiver_of
from chauban.exchange.passing_rules import Issuer, issuer_of, passing_reason
from chauban.exchange.recalling import recall
from chauban.exchange.sending import send_next
from chauban.exchange.withdrawing import answer_recall
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.errors import AlreadyRegistered
from chauban.registers.models import IncomingDocument
from chauban.workflow.models import Draft
from chauban_edxml.model import Code
from tests.exchange.messages import raw_message
from tests.exchange.test_succeeding import updating
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)
MUCH_LATER = NOW + timedelta(minutes=30)
WORDS = "Giao Ủy ban nhân dân phường Thuận Hóa giải quyết"
TODAY = NOW.date()


@pytest.fixture
def city(officer):
    return officer("van-thu.vp-ubnd")


@pytest.fixture
def finance(officer):
    """The clerk of Sở Tài chính, who passes on."""
    return officer("van-thu.so-tai-chinh")


@pytest.fixture
def clerk(officer):
    """The clerk of phường Thuận Hóa, to whom it is passed on."""
    return officer("van-thu.thuan-hoa")


@pytest.fixture
def commune(body):
    return receiver_of(body("ubnd-thuan-hoa"), now=NOW)


@pytest.fixture
def issued(sealed, city, carry):
    """A document of the city's that Sở Tài chính has got."""
    document = sealed(recipients=["so-tai-chinh"])
    issue(document, officer=city, now=NOW)
    carry()
    return document


def registered_by(officer, now=NOW, **which):
    waiting = Delivery.objects.filter(state="proposed", body__agency=officer.agency, **which)
    return accept_delivery(waiting.latest("pk"), acceptance="information", officer=officer, now=now)


@pytest.fixture
def held(issued, finance, carry):
    document = registered_by(finance)
    carry()
    return document


@pytest.fixture
def passed_on(held, commune, finance, carry):
    (row,) = pass_on(held, [commune], words=WORDS, officer=finance, now=LATER)
    carry(LATER)
    row.refresh_from_db()
    return row


def at_commune(**which):
    return Delivery.objects.get(body__key="ubnd-thuan-hoa", **which)


def test_it_goes_on_as_it_came_and_shows_who_passed_it_on(passed_on, held, issued, body):
    delivery = at_commune()
    header = delivery.header
    finance = body("so-tai-chinh")
    assert (delivery.from_organ_id, header["sender_name"]) == (
        finance.organ_id(TODAY),
        finance.name,
    )
    assert header["issuer"] == {
        "organ_id": issued.body.organ_id(TODAY),
        "name": issued.body.name,
    }
    assert WORDS in header["reason"]
    assert (delivery.document_id, header["subject"]) == (issued.document_id, issued.subject)
    assert Code(header["code_number"], header["code_notation"]) == Code.parse(issued.code)
    original = issued.files.get()
    assert [file.blob for file in delivery.files.all()] == [original.blob]
    assert Act.objects.on(held).filter(kind=ActKind.PASSED_ON).count() == 1


def test_its_author_in_the_register_is_who_issued_it(passed_on, clerk, issued, body):
    line = registered_by(clerk, LATER)
    assert line.sender_name == issued.body.name
    assert line.sender_organ_id == issued.body.organ_id(TODAY)
    assert line.remark == f"{body('so-tai-chinh').name} chuyển tiếp"


def test_who_has_it_from_the_issuer_is_warned_of_the_same_document(
    sealed, city, carry, finance, clerk, commune
):
    issue(sealed(recipients=["so-tai-chinh", "ubnd-thuan-hoa"]), officer=city, now=NOW)
    carry()
    held = registered_by(finance)
    registered_by(clerk)
    pass_on(held, [commune], officer=finance, now=LATER)
    carry(LATER)
    with pytest.raises(AlreadyRegistered):
        registered_by(clerk, LATER)


def test_what_the_receiver_reports_stands_where_it_was_passed_on(
    sealed, city, carry, finance, clerk, commune
):
    document = sealed(recipients=["so-tai-chinh", "ubnd-thuan-hoa"])
    issue(document, officer=city, now=NOW)
    carry()
    (row,) = pass_on(registered_by(finance), [commune], officer=finance, now=LATER)
    carry(LATER)
    again = Delivery.objects.get(from_organ_id=finance_code(row))
    return_delivery(again, reason="Đã nhận trực tiếp", officer=clerk, now=MUCH_LATER)
    carry(MUCH_LATER)
    row.refresh_from_db()
    assert (row.status_code, row.answer) == ("02", "Đã nhận trực tiếp")
    direct = Recipient.objects.get(document=document, organ_id=commune.organ_id)
    assert direct.status_code == "01"
    assert not IncomingMessage.objects.set_aside().exists()


def finance_code(row):
    return row.incoming.body.organ_id(TODAY)


def test_a_recall_is_carried_to_whom_it_was_passed_on(
    passed_on, held, issued, city, finance, clerk, carry
):
    line = registered_by(clerk, LATER)
    recall(issued, reason="Ban hành nhầm", officer=city, now=LATER)
    carry(LATER)
    answer_recall(held.delivery.recall, agrees=True, officer=finance, now=MUCH_LATER)
    carry(MUCH_LATER)
    passed_on.refresh_from_db()
    assert passed_on.request == "waiting"
    asked = line.delivery.recall
    assert (asked.reason, asked.from_organ_id) == ("Ban hành nhầm", finance_code(passed_on))
    answer_recall(asked, agrees=True, officer=clerk, now=MUCH_LATER)
    carry(MUCH_LATER)
    passed_on.refresh_from_db()
    line.refresh_from_db()
    assert (passed_on.request, line.state) == ("agreed", "recalled")
    assert line.files.exists()


def test_a_refusal_to_give_it_back_is_shown_with_its_reason(
    passed_on, held, issued, city, finance, clerk, carry
):
    line = registered_by(clerk, LATER)
    recall(issued, reason="Ban hành nhầm", officer=city, now=LATER)
    carry(LATER)
    answer_recall(held.delivery.recall, agrees=True, officer=finance, now=MUCH_LATER)
    carry(MUCH_LATER)
    answer_recall(
        line.delivery.recall,
        agrees=False,
        reason="Đã thực hiện xong",
        officer=clerk,
        now=MUCH_LATER,
    )
    carry(MUCH_LATER)
    passed_on.refresh_from_db()
    assert (passed_on.request, passed_on.answer) == ("refused", "Đã thực hiện xong")
    again = MUCH_LATER + timedelta(hours=1)
    ask_holder_again(passed_on, officer=finance, now=again)
    carry(again)
    asked = line.delivery.recall
    asked.refresh_from_db()
    assert asked.state == "open"
    answer_recall(asked, agrees=True, officer=clerk, now=again)
    carry(again)
    with pytest.raises(NothingToAsk):
        ask_holder_again(passed_on, officer=finance, now=again)


def test_a_recall_that_is_refused_is_carried_nowhere(passed_on, held, issued, city, finance, carry):
    recall(issued, reason="Ban hành nhầm", officer=city, now=LATER)
    carry(LATER)
    answer_recall(
        held.delivery.recall, agrees=False, reason="Đã giải quyết", officer=finance, now=MUCH_LATER
    )
    passed_on.refresh_from_db()
    assert passed_on.request == ""


def test_what_has_not_left_is_stopped(held, issued, commune, city, finance, carry):
    recall(issued, reason="Ban hành nhầm", officer=city, now=LATER)
    carry(LATER)
    IncomingDocument.objects.update(recall_asked_at=None)  # it crosses the recall
    (row,) = pass_on(held, [commune], officer=finance, now=LATER)
    answer_recall(held.delivery.recall, agrees=True, officer=finance, now=LATER)
    row.refresh_from_db()
    assert (row.request, row.message.state) == ("unsent", "frozen")
    carry(MUCH_LATER)
    assert not Delivery.objects.filter(body__key="ubnd-thuan-hoa").exists()


def test_a_replacement_follows_to_whom_the_earlier_was_passed_on(
    passed_on, held, issued, sealed, city, finance, clerk, carry
):
    first = registered_by(clerk, LATER)
    later = sealed(recipients=["so-tai-chinh"], subject="Thay thế")
    Draft.objects.filter(outgoing=later).update(succeeds=issued, succession="replaces")
    issue(later, officer=city, now=LATER)
    carry(LATER)
    registered_by(finance, MUCH_LATER)
    carry(MUCH_LATER)
    second = registered_by(clerk, MUCH_LATER)
    first.refresh_from_db()
    assert first.replaced_by == second
    assert (second.document_id, second.sender_name) == (later.document_id, issued.body.name)
    row = PassedOn.objects.latest("pk")
    assert (row.incoming.document_id, row.earlier) == (later.document_id, held)


def test_an_update_under_the_same_identifier_follows_too(
    axis, commune, finance, clerk, carry, body
):
    code = body("so-tai-chinh").organ_id(TODAY)
    accept_package(raw_message(code), system=axis[1], now=NOW)
    carry()
    pass_on(registered_by(finance), [commune], officer=finance, now=NOW)
    carry()
    line = registered_by(clerk)
    accept_package(updating(code), system=axis[1], now=LATER)
    carry(LATER)
    registered_by(finance, LATER)
    carry(LATER)
    registered_by(clerk, LATER)
    line.refresh_from_db()
    assert line.subject == "V/v thử nghiệm (đã sửa)"


def test_each_has_it_once_and_nobody_gets_back_what_he_sent(
    passed_on, held, commune, finance, issued
):
    with pytest.raises(AlreadyPassedOn):
        pass_on(held, [commune], officer=finance, now=LATER)
    issuer = Receiver(issued.body.organ_id(TODAY), issued.body.name)
    with pytest.raises(AlreadyPassedOn):
        pass_on(held, [issuer], officer=finance, now=LATER)
    assert PassedOn.objects.count() == 1


def test_only_the_registry_passes_on_and_to_somebody(held, commune, officer, finance):
    with pytest.raises(NotAllowed):
        pass_on(held, [commune], officer=officer("chuyen-vien.so-tai-chinh"), now=LATER)
    with pytest.raises(NobodyToPassOnTo):
        pass_on(held, [], officer=finance, now=LATER)


def test_what_its_sender_asks_back_is_not_passed_on(held, commune, finance):
    IncomingDocument.objects.update(recall_asked_at=NOW)
    with pytest.raises(NotToPassOn):
        pass_on(held, [commune], officer=finance, now=LATER)


def test_who_is_not_on_the_axis_is_shown_and_tried_again(held, axis, finance, carry):
    (row,) = pass_on(held, [Receiver("H99.99", "Cơ quan mới")], officer=finance, now=LATER)
    carry(LATER)
    row.refresh_from_db()
    assert (row.refusal, row.message.state) == ("18", "failed")
    axis[1].members.create(organ_id="H99.99", name="Cơ quan mới")
    retry(row.message, now=MUCH_LATER)
    carry(MUCH_LATER)
    row.refresh_from_db()
    assert (row.refusal, row.message.state) == ("", "sent")


def test_a_file_that_is_missing_fails_the_message_and_nothing_else(held, commune, finance):
    (row,) = pass_on(held, [commune], officer=finance, now=LATER)
    store.path_of(held.files.get().blob_id).unlink()
    assert send_next(LocalGateway(), now=LATER)
    row.message.refresh_from_db()
    assert (row.message.state, row.message.error_code) == ("failed", "file-damaged")


def test_the_clerk_looks_for_an_agency_and_passes_on_from_the_page(held, signed_in, carry, commune):
    address = f"/incoming/{held.pk}/pass-on"
    clerk = signed_in("van-thu.so-tai-chinh")
    assert "Chuyển tiếp đến cơ quan khác" in clerk.get(f"/incoming/{held.pk}").content.decode()
    shown = clerk.get(address, {"q": "thuan hoa"}).content.decode()
    assert f'value="{commune.organ_id}"' in shown
    empty = clerk.post(address, {"q": "thuan hoa", "words": ""})
    assert empty.status_code == 422
    assert "Chưa chọn cơ quan nhận" in empty.content.decode()
    clerk.post(address, {"to": [commune.organ_id, "không có"], "words": WORDS})
    carry(LATER)
    assert commune.name in clerk.get(address).content.decode()
    assert PassedOn.objects.get().words == WORDS
    assert signed_in("chuyen-vien.so-tai-chinh").get(address).status_code == 404


# The signs by which a message shows it


def test_one_sign_alone_does_not_make_another_the_issuer():
    reason = passing_reason("Ủy ban nhân dân tỉnh Phú Thọ", WORDS)
    signs = {
        "hops": ["H44", "H57.03"],
        "from_organ_id": "H57.03",
        "document_id": "H44,2026/11/20,1/X",
    }
    assert issuer_of(reason, **signs) == Issuer("H44", "Ủy ban nhân dân tỉnh Phú Thọ")
    assert issuer_of(reason, **{**signs, "document_id": "9fbfbad2"}) is not None
    assert issuer_of("Văn bản mới", **signs) is None
    assert issuer_of(reason, **{**signs, "hops": ["H57.03"]}) is None
    assert issuer_of(reason, **{**signs, "hops": []}) is None
    assert issuer_of(reason, **{**signs, "document_id": "H45,2026/11/20,1/X"}) is None


def test_an_ordinary_message_has_no_other_issuer(axis, carry, commune):
    accept_package(raw_message(commune.organ_id), system=axis[1], now=NOW)
    carry()
    assert "issuer" not in at_commune().header
