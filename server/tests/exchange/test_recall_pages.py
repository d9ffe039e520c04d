"""Pages of recall, update and replacement, and what the public is told (Điều 18.3, 18.4)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chauban.exchange.actions import accept_delivery, issue
from chauban.exchange.models import ChangeRequest, Delivery, ReceivedRecall
from chauban.exchange.recalling import recall
from chauban.exchange.withdrawing import answer_recall
from chauban.registers.standing import standing_of
from chauban.workflow.models import Draft, Task
from chauban.workflow.routing import Assignment, route
from tests.exchange.conftest import LETTER
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)
CITY, CLERK, HANDLER = "van-thu.vp-ubnd", "van-thu.thuan-hoa", "chuyen-vien.thuan-hoa"


@pytest.fixture
def issued(sealed, officer, carry):
    document = sealed()
    issue(document, officer=officer(CITY), now=NOW)
    carry()
    return document


@pytest.fixture
def registered(issued, officer, carry):
    clerk = officer(CLERK)
    delivery = Delivery.objects.get()
    incoming = accept_delivery(delivery, acceptance="information", officer=clerk, now=NOW)
    handler = officer(HANDLER).post
    route(incoming, [Assignment(Task.Part.LEAD, handler)], officer=clerk, now=NOW)
    carry()
    return incoming


def page(client, name, *args, **asked):
    return client.get(reverse(name, args=args), asked).content.decode()


def test_a_document_is_recalled_from_its_page_and_every_end_sees_it(
    issued, registered, signed_in, carry
):
    city, clerk, handler = signed_in(CITY), signed_in(CLERK), signed_in(HANDLER)
    assert "Thu hồi văn bản" in page(city, "office:outgoing", issued.pk)
    city.post(reverse("exchange:recall", args=[issued.pk]), {"reason": "Ban hành nhầm"})
    soon = timezone.now() + timedelta(minutes=1)  # pages act at the real time
    shown = page(city, "office:outgoing", issued.pk)
    assert "đã được thu hồi" in shown
    assert "Chưa trả lời" in shown
    carry(soon)
    assert "Yêu cầu thu hồi chờ trả lời" in page(clerk, "office:home")
    assert "Nơi gửi yêu cầu thu hồi" in page(handler, "workflow:incoming", registered.pk)
    asked = ReceivedRecall.objects.get()
    assert "Ban hành nhầm" in page(clerk, "exchange:received-recall", asked.pk)
    assert "Đồng ý thu hồi" in page(clerk, "exchange:delivery", asked.delivery_id)
    refusing = clerk.post(reverse("exchange:refuse-recall", args=[asked.pk]), {"reason": ""})
    assert refusing.status_code == 422
    answer = clerk.post(reverse("exchange:agree-recall", args=[asked.pk]))
    assert answer.status_code == 302
    carry(soon)
    assert "Đồng ý" in page(city, "office:outgoing", issued.pk)
    for client in (clerk, handler):
        assert "đã được thu hồi lúc" in page(client, "workflow:incoming", registered.pk)
    for client, register in ((city, "outgoing"), (clerk, "incoming")):
        assert ">Đã thu hồi<" in page(client, f"registers:{register}-register", year=NOW.year)
    file = reverse("workflow:incoming-file", args=[registered.pk, 1])
    assert file in page(clerk, "workflow:incoming", registered.pk)
    assert file not in page(handler, "workflow:incoming", registered.pk)
    assert handler.get(file).status_code == 403
    assert clerk.get(file).status_code == 200


def test_a_recall_without_a_reason_says_so(issued, signed_in):
    city = signed_in(CITY)
    answer = city.post(reverse("exchange:recall", args=[issued.pk]), {"reason": ""}, follow=True)
    assert "Hãy ghi lý do thu hồi" in answer.content.decode()
    issued.refresh_from_db()
    assert issued.state == "issued"


def test_who_refused_is_asked_again_from_the_page(issued, registered, officer, signed_in, carry):
    recall(issued, reason="Ban hành nhầm", officer=officer(CITY), now=LATER)
    carry(LATER)
    answer_recall(
        ReceivedRecall.objects.get(),
        agrees=False,
        reason="Đang dùng",
        officer=officer(CLERK),
        now=LATER,
    )
    carry(LATER)
    city = signed_in(CITY)
    shown = page(city, "office:outgoing", issued.pk)
    assert "Đang dùng" in shown
    assert "Yêu cầu lại" in shown
    assert "Thu hồi chưa đủ trả lời" in page(city, "office:home")
    request = ChangeRequest.objects.get()
    city.post(reverse("exchange:ask-again", args=[request.pk]))
    request.refresh_from_db()
    assert request.state == "waiting"


def test_a_replacement_is_drafted_from_the_document_it_replaces(issued, signed_in):
    city = signed_in(CITY)
    shown = city.get(reverse("workflow:new-draft"), {"replaces": issued.pk}).content.decode()
    assert "Thay thế văn bản" in shown
    assert f'name="replaces" value="{issued.pk}"' in shown
    elsewhere = signed_in("van-thu.so-noi-vu")
    answer = elsewhere.get(reverse("workflow:new-draft"), {"replaces": issued.pk})
    assert answer.status_code == 404


def test_a_recall_is_shown_and_answered_by_its_registry_alone(issued, officer, signed_in, carry):
    recall(issued, reason="Ban hành nhầm", officer=officer(CITY), now=LATER)
    carry(LATER)
    asked = ReceivedRecall.objects.get()
    elsewhere, handler = signed_in("van-thu.so-noi-vu"), signed_in(HANDLER)
    for name in ("exchange:agree-recall", "exchange:refuse-recall"):
        assert elsewhere.post(reverse(name, args=[asked.pk])).status_code == 404
        assert handler.post(reverse(name, args=[asked.pk])).status_code == 403
    asked.refresh_from_db()
    assert asked.state == "open"


# The public page


def digest_of(document):
    return document.files.get().blob_id


def test_the_public_is_told_that_a_document_was_recalled_and_no_more(issued, officer):
    assert standing_of(digest_of(issued)) == []
    recall(issued, reason="Lý do nội bộ", officer=officer(CITY), now=LATER)
    (said,) = standing_of(digest_of(issued))
    assert f"Công văn số {issued.code}" in said.vi
    assert "đã được thu hồi ngày 23/11/2026" in said.vi
    assert "nội bộ" not in said.vi + said.en
    assert standing_of("0" * 64) == []


def test_the_public_is_told_by_what_a_document_was_replaced_once_that_is_issued(
    issued, sealed, officer
):
    later = sealed(files=(("moi.pdf", LETTER + b"2"),), subject="Trích yếu văn bản mới")
    Draft.objects.filter(outgoing=later).update(succeeds=issued, succession="replaces")
    assert standing_of(digest_of(issued)) == []
    issue(later, officer=officer(CITY), now=LATER)
    (said,) = standing_of(digest_of(issued))
    assert f"đã được thay thế bởi Công văn số {later.code} ngày 23/11/2026" in said.vi
    assert "Trích yếu" not in said.vi
    assert standing_of(digest_of(later)) == []


def test_the_page_of_anybody_shows_it(issued, officer):
    recall(issued, reason="Ban hành nhầm", officer=officer(CITY), now=LATER)
    file = SimpleUploadedFile("cong-van.pdf", LETTER, "application/pdf")
    shown = Client().post(reverse("trust:verify-file"), {"file": file}).content.decode()
    assert "đã được thu hồi ngày 23/11/2026" in shown
    other = SimpleUploadedFile("khac.pdf", LETTER + b" ", "application/pdf")
    assert (
        "thu hồi"
        not in Client().post(reverse("trust:verify-file"), {"file": other}).content.decode()
    )
