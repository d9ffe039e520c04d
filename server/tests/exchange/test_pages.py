"""The clerk's pages: what came, what the check found, deciding; recipients of what was sent."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chauban.axis.actions import accept_package
from chauban.blobs import store
from chauban.exchange.actions import issue, return_delivery
from chauban.exchange.models import Delivery, OutgoingMessage, Recipient
from chauban.registers.models import IncomingDocument
from chauban.ui.templatetags.ui import vn_moment
from chauban_edxml.model import BussinessDocType
from tests.exchange.messages import raw_message
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def delivery(axis, carry, body):
    """An unsigned .doc for the ward of Thuận Hóa, proposed "for information"."""
    commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
    accept_package(raw_message(commune), system=axis[1], now=NOW)
    carry()
    return Delivery.objects.get()


@pytest.fixture
def clerk(signed_in):
    return signed_in("van-thu.thuan-hoa")


def page(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def recipients(client, document):
    """The section that htmx asks for."""
    address = f"/outgoing/{document.pk}/recipients"
    return client.get(address, headers={"HX-Request": "true"}).content.decode()


def test_the_inbox_shows_what_waits_for_the_clerks_own_bodies(delivery, clerk, signed_in):
    assert "V/v thử nghiệm kết nối" in page(clerk, "/inbox/")
    assert "V/v thử nghiệm kết nối" not in page(signed_in("van-thu.so-noi-vu"), "/inbox/")
    assert "V/v thử nghiệm kết nối" not in page(clerk, "/inbox/?decided=1")


def test_the_delivery_shows_the_proposal_its_reasons_and_the_files(delivery, clerk):
    shown = page(clerk, f"/inbox/{delivery.pk}")
    for text in ("Tiếp nhận để biết", "không có chữ ký số", "van-ban.doc", "7816/UBND-TTĐT"):
        assert text in shown
    assert "Ủy ban nhân dân tỉnh Phú Thọ" in shown
    assert 'value="information"' in shown
    assert 'value="original"' not in shown


def test_a_delivery_of_another_agency_is_not_found(delivery, signed_in):
    page(signed_in("van-thu.so-noi-vu"), f"/inbox/{delivery.pk}", 404)


def test_who_is_not_signed_in_is_led_to_sign_in(delivery, client):
    assert client.get(f"/inbox/{delivery.pk}").status_code == 302


def test_the_clerk_registers_what_is_proposed(delivery, clerk):
    response = clerk.post(f"/inbox/{delivery.pk}/accept", {"acceptance": "information"})
    incoming = IncomingDocument.objects.get()
    address = reverse("workflow:incoming", args=[incoming.pk])
    assert (response.status_code, response["Location"]) == (302, address)
    assert (incoming.acceptance, incoming.arrival_number) == ("information", 1)
    assert 'value="information"' not in page(clerk, f"/inbox/{delivery.pk}")


def test_more_than_the_signatures_are_worth_is_no_choice(delivery, clerk):
    response = clerk.post(f"/inbox/{delivery.pk}/accept", {"acceptance": "original"})
    assert response.status_code == 422
    assert not IncomingDocument.objects.exists()


def test_registering_twice_says_so_and_registers_nothing(axis, delivery, clerk, carry, body):
    clerk.post(f"/inbox/{delivery.pk}/accept", {"acceptance": "information"})
    commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
    accept_package(
        raw_message(commune, business=BussinessDocType.REPLACEMENT), system=axis[1], now=NOW
    )
    carry()
    second = Delivery.objects.get(business_type=3)
    response = clerk.post(f"/inbox/{second.pk}/accept", {"acceptance": "information"})
    assert response.status_code == 422
    assert "Số đến" in response.content.decode() or "số đến" in response.content.decode()
    assert IncomingDocument.objects.count() == 1


def test_only_the_clerk_decides(delivery, signed_in):
    official = signed_in("chuyen-vien.thuan-hoa")
    assert (
        official.post(f"/inbox/{delivery.pk}/accept", {"acceptance": "information"}).status_code
        == 403
    )
    assert official.post(f"/inbox/{delivery.pk}/return", {"reason": "Nhầm"}).status_code == 403
    assert not IncomingDocument.objects.exists()


def test_the_clerk_returns_with_a_reason(delivery, clerk):
    assert clerk.post(f"/inbox/{delivery.pk}/return", {"reason": ""}).status_code == 422
    assert clerk.post(f"/inbox/{delivery.pk}/return", {"reason": "Gửi nhầm"}).status_code == 302
    delivery.refresh_from_db()
    assert (delivery.state, delivery.return_reason) == ("returned", "Gửi nhầm")
    assert "Gửi nhầm" in page(clerk, f"/inbox/{delivery.pk}")


def test_only_a_pdf_opens_in_the_page(delivery, clerk):
    doc = delivery.files.get()
    response = clerk.get(f"/inbox/files/{doc.pk}")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert b"".join(response.streaming_content) == store.read(doc.blob)


def test_files_of_another_agency_are_not_found(delivery, signed_in):
    doc = delivery.files.get()
    assert signed_in("van-thu.so-noi-vu").get(f"/inbox/files/{doc.pk}").status_code == 404


def test_recipients_show_what_each_has_answered(sealed, officer, carry, signed_in):
    document = sealed(recipients=["ubnd-thuan-hoa", "so-noi-vu"])
    issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    carry()
    assert recipients(signed_in("chuyen-vien.vp-ubnd"), document).count("01 Đã đến") >= 2
    other = signed_in("van-thu.so-noi-vu")
    section = other.get(f"/outgoing/{document.pk}/recipients", headers={"HX-Request": "true"})
    assert section.status_code == 404


def test_the_senders_page_tells_who_is_late_and_when_each_did_what(
    sealed, officer, carry, signed_in
):
    then = timezone.now() - timedelta(days=14)
    document = sealed(
        recipients=["ubnd-thuan-hoa", "so-noi-vu"],
        outside=[("", "Hợp tác xã Thủy Biều"), ("H99.99", "Cơ quan không có trên trục")],
        now=then,
    )
    issue(document, officer=officer("van-thu.vp-ubnd"), now=then)
    carry(then)
    returned = Delivery.objects.get(body__key="so-noi-vu")
    clerk = officer("van-thu.so-noi-vu")
    return_delivery(returned, reason="Sai thẩm quyền", officer=clerk, now=then + timedelta(hours=1))
    carry(then + timedelta(hours=30))
    shown = recipients(signed_in("van-thu.vp-ubnd"), document)
    assert "1 chưa gửi được" in shown
    assert "2 quá hạn" in shown
    assert "1 từ chối" in shown
    assert "Quá hạn: nơi nhận chưa tiếp nhận" in shown
    assert "Quá hạn: chưa gửi đi" in shown  # the letter that nobody has posted
    assert "Sai thẩm quyền" in shown
    assert vn_moment(then + timedelta(hours=1)) in shown  # as it says, not as we heard
    assert vn_moment(then + timedelta(hours=30)) not in shown
    assert shown.count("Trục đã nhận") == 2


def test_the_clerk_issues_from_the_page(axis, sealed, signed_in):
    document = sealed()
    clerk = signed_in("van-thu.vp-ubnd")
    assert clerk.post(f"/outgoing/{document.pk}/issue").status_code == 302
    assert OutgoingMessage.objects.count() == 1
    again = clerk.post(f"/outgoing/{document.pk}/issue", follow=True)
    assert "đã được phát hành" in again.content.decode()
    official = signed_in("chuyen-vien.vp-ubnd")
    assert official.post(f"/outgoing/{document.pk}/issue").status_code == 403


def test_the_clerk_sends_again_to_one_recipient(axis, sealed, officer, carry, signed_in):
    document = sealed(outside=[("H99.99", "Cơ quan không có trên trục")])
    issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    carry()
    clerk = signed_in("van-thu.vp-ubnd")
    troubled = Recipient.objects.troubled().get()
    assert f"/recipients/{troubled.pk}/resend" in recipients(clerk, document)
    clerk.post(f"/recipients/{troubled.pk}/resend")
    assert OutgoingMessage.objects.filter(document=document, state="due").count() == 1


def test_a_status_that_failed_is_sent_again_from_the_page_of_what_came(delivery, signed_in):
    failed = delivery.statuses_owed.get()
    OutgoingMessage.objects.filter(pk=failed.pk).update(state="failed", error_code="not-processed")
    clerk = signed_in("van-thu.thuan-hoa")
    assert "sau nhiều lần thử" in page(clerk, f"/inbox/{delivery.pk}")
    assert signed_in("van-thu.so-noi-vu").post(f"/statuses/{failed.pk}/resend").status_code == 404
    assert (
        signed_in("chuyen-vien.thuan-hoa").post(f"/statuses/{failed.pk}/resend").status_code == 403
    )
    clerk.post(f"/statuses/{failed.pk}/resend")
    failed.refresh_from_db()
    assert (failed.state, failed.error_code) == ("due", "")


def test_the_operator_sees_queues_and_failures_and_sends_again(
    axis, sealed, officer, carry, signed_in
):
    document = sealed(recipients=[], outside=[("H99.99", "Cơ quan không có trên trục")])
    issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    carry()
    operator = signed_in("quan-tri.vp-ubnd")
    shown = page(operator, "/axis/queues/")
    assert "H99.99" in shown
    message = OutgoingMessage.objects.get()
    assert operator.post(f"/axis/queues/messages/{message.pk}/retry").status_code == 302
    message.refresh_from_db()
    assert message.state == "due"
    page(signed_in("van-thu.vp-ubnd"), "/axis/queues/", 403)
