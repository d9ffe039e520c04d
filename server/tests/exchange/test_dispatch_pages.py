"""The clerk's pages for what goes off the axis, and for packages to bodies that are no more."""

from io import BytesIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from chauban.directory.models import IssuingBody, OutsideOrganisation
from chauban.directory.rules import legal_day
from chauban.directory.synchronising import Listed, synchronise
from chauban.exchange.actions import issue
from chauban.exchange.models import Delivery, Dispatch, IncomingMessage, Recipient
from chauban.exchange.postal import envelope_pdf, postal_book_pdf, postal_row
from chauban.exchange.receiving import list_waiting, receive_next
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import Priority
from chauban.workflow.models import DraftRecipient
from tests.exchange.messages import raw_message
from tests.exchange.test_receiving import OnePackage
from tests.moments import NOW

pytestmark = pytest.mark.django_db
TODAY = legal_day(timezone.now()).isoformat()


@pytest.fixture
def clerk(signed_in):
    return signed_in("van-thu.vp-ubnd")


@pytest.fixture
def posted(sealed, officer):
    """A letter to be sent by post, owed today."""
    document = sealed(recipients=[], outside=[("", "Hợp tác xã Thủy Biều")])
    issue(document, officer=officer("van-thu.vp-ubnd"), now=timezone.now())
    return Dispatch.objects.get()


def page(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def test_the_work_list_shows_what_is_to_be_sent_by_each_channel(posted, clerk):
    assert "Hợp tác xã Thủy Biều" in page(clerk, "/dispatches/?channel=post")
    assert "Hợp tác xã Thủy Biều" not in page(clerk, "/dispatches/?channel=hand")
    assert "Bưu điện (1)" in page(clerk, "/dispatches/")


def test_another_registry_sees_nothing_of_it(posted, signed_in):
    elsewhere = signed_in("van-thu.so-noi-vu")
    assert "Hợp tác xã Thủy Biều" not in page(elsewhere, "/dispatches/")
    page(elsewhere, f"/dispatches/{posted.pk}", 404)


def test_the_clerk_notes_that_it_was_sent_and_finds_it_in_the_postal_book(posted, clerk):
    given = {"sent_on": TODAY, "postal_number": "RH123456789VN", "envelopes": "2"}
    answer = clerk.post(f"/dispatches/{posted.pk}/note/sent", given)
    assert answer.status_code == 302
    book = page(clerk, "/registers/postal")
    assert "RH123456789VN" in book
    assert posted.recipient.document.code in book


def test_what_is_not_sent_is_not_in_the_postal_book(posted, clerk):
    assert "Hợp tác xã Thủy Biều" not in page(clerk, "/registers/postal")


@pytest.fixture
def letters(sealed, officer):
    """Three letters to be sent by post."""
    clerk, now = officer("van-thu.vp-ubnd"), timezone.now()
    for name in ("Hợp tác xã Thủy Biều", "Hội Làm vườn", "Ban Liên lạc"):
        issue(sealed(recipients=[], outside=[("", name)]), officer=clerk, now=now)
    return list(Dispatch.objects.order_by("pk"))


def ticking(dispatches, what="sent", **given):
    return {"on": TODAY, "what": what, "dispatch": [one.pk for one in dispatches], **given}


def test_several_are_noted_at_once_each_in_an_act_of_its_own(letters, clerk):
    first, second, third = letters
    given = ticking([first, second], **{f"word-{first.pk}": "RH1VN"})
    answer = clerk.post("/dispatches/?channel=post", given)
    assert answer.status_code == 200
    assert "Đã ghi nhận 2, chưa ghi nhận 0" in answer.content.decode()
    states = Dispatch.objects.order_by("pk").values_list("state", "postal_number")
    assert list(states) == [("sent", "RH1VN"), ("sent", ""), ("due", "")]
    assert Act.objects.filter(kind=ActKind.DISPATCHED).count() == 2
    clerk.post("/dispatches/?channel=post", ticking([first, second], "received"))
    assert Act.objects.filter(kind=ActKind.DISPATCH_RECEIVED).count() == 2
    assert Act.objects.on(third.recipient.document).filter(kind=ActKind.DISPATCHED).count() == 0


def test_what_cannot_be_noted_stops_no_other_and_says_why(letters, clerk):
    first, *others = letters
    Dispatch.objects.filter(pk=first.pk).update(state="returned")
    answer = clerk.post("/dispatches/?channel=post", ticking(letters))
    shown = answer.content.decode()
    assert "Đã ghi nhận 2, chưa ghi nhận 1" in shown
    assert "đã được xử lý hoặc đang trên đường" in shown
    assert Dispatch.objects.filter(state="sent").count() == len(others)


def test_the_whole_page_is_ticked_at_once(letters, clerk):
    given = ticking([], all="1", on_page=[one.pk for one in letters])
    clerk.post("/dispatches/?channel=post", given)
    assert Dispatch.objects.filter(state="sent").count() == 3


def test_by_hand_each_is_signed_for_by_somebody(letters, clerk):
    Dispatch.objects.update(channel="hand")
    first, second, _ = letters
    given = ticking([first, second], "received", **{f"word-{first.pk}": "Lê Thị Lan"})
    shown = clerk.post("/dispatches/?channel=hand", given).content.decode()
    assert "Đã ghi nhận 1, chưa ghi nhận 1" in shown
    assert f'id="dispatch-{second.pk}" checked' in shown
    assert "Hãy ghi tên người ký nhận" in shown


def test_a_day_to_come_is_refused_for_each(letters, clerk):
    answer = clerk.post("/dispatches/?channel=post", ticking(letters, on="2199-01-01"))
    assert answer.status_code == 422
    assert "Đã ghi nhận 0, chưa ghi nhận 3" in answer.content.decode()


def test_nothing_ticked_and_no_day_are_said(letters, clerk):
    assert (
        "Chưa chọn văn bản nào"
        in clerk.post("/dispatches/?channel=post", ticking([])).content.decode()
    )
    answer = clerk.post("/dispatches/?channel=post", ticking(letters, on=""))
    assert answer.status_code == 422
    assert Dispatch.objects.filter(state="due").count() == 3


def test_another_registry_marks_nothing(letters, signed_in):
    elsewhere = signed_in("van-thu.so-noi-vu")
    assert elsewhere.post("/dispatches/?channel=post", ticking(letters)).status_code == 404
    assert Dispatch.objects.filter(state="due").count() == 3


def test_a_day_to_come_is_refused_in_words(posted, clerk):
    answer = clerk.post(
        f"/dispatches/{posted.pk}/note/sent", {"sent_on": "2199-01-01", "envelopes": "1"}
    )
    assert answer.status_code == 422
    assert "Ngày phải từ" in answer.content.decode()


def test_a_scanned_receipt_is_kept_and_served(posted, clerk):
    clerk.post(f"/dispatches/{posted.pk}/note/sent", {"sent_on": TODAY, "envelopes": "1"})
    scan = SimpleUploadedFile("phieu-bao.jpg", b"anh quet", "image/jpeg")
    given = {"received_on": TODAY, "received_by": "Lê Thị Lan", "receipt": scan}
    assert clerk.post(f"/dispatches/{posted.pk}/note/received", given).status_code == 302
    answer = clerk.get(f"/dispatches/{posted.pk}/receipt")
    assert b"".join(answer.streaming_content) == b"anh quet"
    assert "Lê Thị Lan" in page(clerk, f"/outgoing/{posted.recipient.document_id}")


def test_what_came_back_is_sent_in_another_way_from_the_document_s_page(posted, clerk):
    clerk.post(f"/dispatches/{posted.pk}/note/returned", {"note": "Sai địa chỉ"})
    shown = page(clerk, f"/outgoing/{posted.recipient.document_id}")
    assert "Sai địa chỉ" in shown
    assert "Gửi bằng cách khác" in shown
    clerk.post(f"/recipients/{posted.recipient_id}/channel", {"channel": "hand"})
    assert list(Dispatch.objects.values_list("channel", "state")) == [
        ("post", "returned"),
        ("hand", "due"),
    ]


def test_a_paper_copy_is_owed_from_the_document_s_page(sealed, officer, clerk):
    document = sealed()
    issue(document, officer=officer("van-thu.vp-ubnd"), now=timezone.now())
    recipient = Recipient.objects.get()
    assert "Gửi thêm bản giấy" in page(clerk, f"/outgoing/{document.pk}")
    clerk.post(f"/recipients/{recipient.pk}/channel", {"channel": "post", "paper": "1"})
    assert Recipient.objects.filter(also_on_paper=True).count() == 1
    assert "thêm bản giấy" in page(clerk, f"/outgoing/{document.pk}")


def test_the_channel_is_chosen_before_issuing(sealed, clerk):
    sealed()
    named = DraftRecipient.objects.get()
    clerk.post(f"/drafts/recipients/{named.pk}/channel", {"channel": "mail"})
    named.refresh_from_db()
    assert named.channel == "mail"


def test_an_envelope_bears_number_recipient_and_urgency(posted):
    document = posted.recipient.document
    document.priority = Priority.URGENT
    with pikepdf.open(BytesIO(envelope_pdf(posted, now=NOW))) as pdf:
        assert len(pdf.pages) == 1


def test_the_postal_book_has_the_decree_s_six_columns(posted, body):
    posted.sent_on, posted.envelopes, posted.address = NOW.date(), 3, "Số 1 Lê Lợi"
    posted.postal_number = "RH1"
    posted.save()
    assert postal_row(posted) == (
        "23/11/2026",
        posted.recipient.document.code,
        "Hợp tác xã Thủy Biều, Số 1 Lê Lợi",
        "3",
        "RH1",
        "",
    )
    with pikepdf.open(BytesIO(postal_book_pdf(body("ubnd-tp"), 2026, now=NOW))) as pdf:
        assert len(pdf.pages) >= 3


@pytest.mark.parametrize("username", ["van-thu.vp-ubnd", "quan-tri.vp-ubnd"])
def test_clerk_and_administrator_set_the_usual_channel(body, signed_in, username):
    commune = body("ubnd-thuan-hoa")
    given = {"channel": "hand", "postal_address": "Số 1 Lê Lợi"}
    client = signed_in(username)
    assert client.post(f"/channels/body/{commune.pk}", given).status_code == 302
    commune.refresh_from_db()
    assert (commune.channel, commune.postal_address) == ("hand", "Số 1 Lê Lợi")
    assert Act.objects.on(commune).filter(kind=ActKind.CHANNEL_CHOSEN).count() == 1


def test_an_official_sets_no_usual_channel(body, signed_in):
    commune = body("ubnd-thuan-hoa")
    client = signed_in("chuyen-vien.vp-ubnd")
    assert client.post(f"/channels/body/{commune.pk}", {"channel": "hand"}).status_code == 403
    assert not IssuingBody.objects.get(pk=commune.pk).channel


def test_organisations_outside_are_looked_for_page_by_page(clerk):
    synchronise(
        [Listed(f"H44.{n}", f"Xã Phú {n}", "H44") for n in range(50)], gateway="axis", now=NOW
    )
    shown = page(clerk, "/channels/?q=xa+phu")
    assert "50 cơ quan" in shown
    assert "Trang 1/2" in shown
    one = OutsideOrganisation.objects.get(code="H44.7")
    clerk.post(f"/channels/outside/{one.pk}", {"channel": "portal"})
    one.refresh_from_db()
    assert one.channel == "portal"


def test_the_administrator_hands_a_package_to_a_successor(body, signed_in):
    gateway = OnePackage(raw_message("000.00.32.H57"), "000.00.32.H57")
    list_waiting(gateway, now=NOW)
    receive_next(gateway, now=NOW)
    message = IncomingMessage.objects.get()
    client = signed_in("quan-tri.vp-ubnd")
    assert body("ubnd-a-luoi-3").name in page(client, "/set-aside/")
    client.post(f"/set-aside/{message.pk}", {"body": body("ubnd-a-luoi-3").pk})
    assert Delivery.objects.get().body == body("ubnd-a-luoi-3")
    assert "Không có gói tin nào" in page(client, "/set-aside/")
