"""Files made to cost time or memory, or to break their reader: the server goes on without them."""

import io
import zlib
from decimal import Decimal
from functools import partial

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from chauban.axis.actions import accept_package
from chauban.blobs import inspection
from chauban.exchange.models import Delivery
from chauban.trust import verifying
from chauban.workflow import pages
from chauban.workflow.errors import PagesUnreadable
from tests.exchange.messages import raw_message
from tests.moments import NOW
from tests.security.test_wrong_inputs import require_said

pytestmark = pytest.mark.django_db

BOMB_BYTES = 300_000_000


def saved(document):
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


@pytest.fixture(scope="module")
def bomb():
    """A page whose content is 300 MB of spaces in 0.3 MB of file."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    packed = zlib.compress(bytes([32]) * BOMB_BYTES, 1)
    page.Contents = pikepdf.Stream(document, packed, Filter=pikepdf.Name.FlateDecode)
    return saved(document)


@pytest.fixture
def little_memory(monkeypatch):
    monkeypatch.setattr(inspection, "MEMORY_LIMIT_BYTES", 100_000_000)


def a_book(amount, size=("595", "842")):
    document = pikepdf.new()
    for _ in range(amount):
        document.add_blank_page().MediaBox = pikepdf.Array([0, 0, *map(Decimal, size)])
    return saved(document)


def test_an_upload_that_eats_memory_is_refused_and_nothing_is_kept(
    office, signed_in, bomb, little_memory
):
    draft = office.drafted()
    answer = signed_in("chuyen-vien.vp-ubnd").post(
        reverse("workflow:attach", args=[draft.pk]),
        {"file": SimpleUploadedFile("bom.pdf", bomb)},
    )
    require_said(answer, "heavy", 422)
    assert not draft.attachments.exists()


def test_the_same_upload_is_taken_where_there_is_memory(office, signed_in, a_pdf, little_memory):
    draft = office.drafted()
    signed_in("chuyen-vien.vp-ubnd").post(
        reverse("workflow:attach", args=[draft.pk]),
        {"file": SimpleUploadedFile("thường.pdf", a_pdf)},
    )
    assert draft.attachments.exists()


def test_a_page_that_eats_memory_is_no_page(bomb, little_memory):
    with pytest.raises(PagesUnreadable):
        pages.apart(partial(pages.page_picture, bomb, 1, width_pixels=800))


def test_a_picture_that_takes_too_long_is_no_page(monkeypatch, a_pdf):
    monkeypatch.setattr(pages, "READ_SECONDS", 0)
    with pytest.raises(PagesUnreadable):
        pages.apart(partial(pages.page_picture, a_pdf, 1, width_pixels=800))


@pytest.mark.parametrize(
    "size",
    [("14400", "14400"), ("3", "14400"), ("14400", "3"), ("0.001", "0.001"), ("9999999", "9")],
    ids="×".join,
)
def test_a_page_of_any_size_is_a_picture_of_bounded_size(size):
    content = a_book(1, size)
    picture = pages.apart(partial(pages.page_picture, content, 1, width_pixels=1600))
    width, height = (int.from_bytes(picture[at : at + 4]) for at in (16, 20))
    assert 1 <= width <= 1601  # pixels are rounded up
    assert 1 <= height <= 1601 * pages.MAX_HEIGHT_TO_WIDTH


def test_a_very_long_file_makes_no_long_page(axis, carry, body, signed_in):
    """Its viewer asks for the file, and draws what is looked at."""
    commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
    lies = a_book(1).replace(b"/Count 1", b"/Count 999999")
    clerk = signed_in("van-thu.thuan-hoa")
    sizes = []
    for number, book in enumerate([a_book(1), a_book(500), lies]):
        attachments = [(f"s{number}.pdf", book)]
        raw = raw_message(commune, attachments=attachments, number=f"781{number}")
        accept_package(raw, system=axis[1], now=NOW)
        carry()
        delivery = Delivery.objects.latest("pk")
        clerk.post(reverse("exchange:accept", args=[delivery.pk]), {"acceptance": "information"})
        delivery.refresh_from_db()
        page = clerk.get(reverse("workflow:incoming", args=[delivery.incoming_id]))
        assert page.status_code == 200
        sizes.append(len(page.content))
    assert max(sizes) - min(sizes) < 200


def ask(content=b"%PDF-1.7"):
    return Client().post("/verify/", {"file": SimpleUploadedFile("a.pdf", content)})


def test_a_check_that_takes_too_long_is_told_and_concludes_nothing(monkeypatch, a_pdf):
    monkeypatch.setattr(verifying, "CHECK_SECONDS", 0)
    answer = ask(a_pdf)
    assert answer.status_code == 422
    assert "Chưa kết luận được gì" in answer.content.decode()


def test_a_heavy_file_is_checked_or_refused_and_the_page_answers(bomb, little_memory):
    assert ask(bomb).status_code in (200, 422)
    assert ask().status_code == 200


def test_while_all_places_are_taken_a_check_waits_and_then_says_so(monkeypatch, a_pdf):
    monkeypatch.setattr(verifying, "WAIT_SECONDS", 0.1)
    with verifying._place(), verifying._place():
        busy = ask(a_pdf)
    assert busy.status_code == 503
    assert "Hãy thử lại sau ít phút" in busy.content.decode()
    assert ask(a_pdf).status_code == 200
