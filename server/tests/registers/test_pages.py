"""The registers on screen and as print-ready volumes (Điều 16.2.b, Điều 22.3.b; PL IV)."""

import subprocess
from datetime import timedelta

import pytest
from django.urls import reverse

from chauban.registers.actions import (
    OutgoingEntry,
    cancel_number,
    number_outgoing,
    register_incoming,
)
from chauban.registers.models import OutgoingDocument
from chauban.registers.printing import incoming_register_pdf, outgoing_register_pdf
from chauban.registers.views import PAGE_ROWS
from tests.moments import NOW
from tests.registers.test_incoming import a_received

pytestmark = pytest.mark.django_db


@pytest.fixture
def entered(body, officer):
    def enter(count, subject="Về việc họp"):
        return [
            number_outgoing(
                OutgoingEntry(
                    kind="cong_van",
                    notation="UBND-VX",
                    subject=f"{subject} {index}",
                    signer_name="Nguyễn Văn Thử",
                    signer_position="PHÓ CHỦ TỊCH",
                    to_places=("Sở Tài chính",),
                ),
                body=body("ubnd-tp"),
                officer=officer("van-thu.vp-ubnd"),
                now=NOW + timedelta(days=index // 20),
            )
            for index in range(count)
        ]

    return enter


def text_of(pdf, tmp_path):
    (tmp_path / "register.pdf").write_bytes(pdf)
    return subprocess.run(
        ["pdftotext", "-layout", tmp_path / "register.pdf", "-"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_pages_of_the_register_join_without_gap_or_repeat(entered, signed_in):
    entered(PAGE_ROWS + 7)
    client = signed_in("chuyen-vien.vp-ubnd")
    url = reverse("registers:outgoing-register")
    first = client.get(url, {"body": "ubnd-tp", "year": 2026})
    place = {"before": first.context["next_page"]}
    second = client.get(url, {"body": "ubnd-tp", "year": 2026, **place})
    shown = [it.number for page in (first, second) for it in page.context["documents"]]
    assert shown == list(range(PAGE_ROWS + 7, 0, -1))
    assert second.context["next_page"] == ""


@pytest.mark.parametrize("text", ["03/UBND", "họp 2", "Nguyễn Văn"])
def test_a_register_is_searched_by_number_subject_and_signer(entered, signed_in, text):
    entered(3)
    page = signed_in("van-thu.vp-ubnd").get(
        reverse("registers:outgoing-register"), {"body": "ubnd-tp", "year": 2026, "q": text}
    )
    assert 3 in [it.number for it in page.context["documents"]]
    nothing = signed_in("van-thu.vp-ubnd").get(
        reverse("registers:outgoing-register"), {"body": "ubnd-tp", "year": 2026, "q": "không có"}
    )
    assert nothing.context["documents"] == []


def test_each_body_has_a_register_of_its_own(entered, signed_in):
    entered(1)
    page = signed_in("van-thu.vp-ubnd").get(
        reverse("registers:outgoing-register"), {"body": "vp-ubnd", "year": 2026}
    )
    assert page.context["body"].key == "vp-ubnd"
    assert page.context["documents"] == []


def test_another_agencys_register_is_not_shown(entered, signed_in):
    document = entered(1)[0]
    stranger = signed_in("van-thu.so-tai-chinh")
    page = stranger.get(reverse("registers:outgoing-register"), {"body": "ubnd-tp"})
    assert page.context["body"].key == "so-tai-chinh"
    assert stranger.get(reverse("office:outgoing", args=[document.pk])).status_code == 404


def test_the_outgoing_volume_has_the_decrees_columns_and_its_cancelled_numbers(
    entered, body, officer, tmp_path
):
    documents = entered(3)
    cancel_number(documents[1], reason="Cấp nhầm", officer=officer("chanh-vp.vp-ubnd"), now=NOW)
    text = text_of(outgoing_register_pdf(body("ubnd-tp"), 2026, now=NOW), tmp_path)
    for expected in ("SỔ ĐĂNG KÝ VĂN BẢN ĐI", "Nơi nhận", "01/UBND-VX", "02/UBND-VX", "Số đã hủy"):
        assert expected in text
    assert OutgoingDocument.objects.count() == 3


def test_an_empty_incoming_volume_can_be_printed(body, tmp_path):
    text = text_of(incoming_register_pdf(body("ubnd-tp"), 2026, now=NOW), tmp_path)
    assert "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN" in text


def test_volumes_are_downloaded(entered, signed_in):
    entered(1)
    client = signed_in("van-thu.vp-ubnd")
    for name in ("registers:outgoing-register-file", "registers:incoming-register-file"):
        answer = client.get(reverse(name), {"body": "ubnd-tp", "year": 2026})
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")


def test_the_incoming_register_page(signed_in):
    page = signed_in("van-thu.vp-ubnd").get(reverse("registers:incoming-register"))
    assert page.status_code == 200


def test_a_row_of_the_incoming_register_leads_to_a_document_where_its_reader_may_open_it(
    body, officer, signed_in
):
    document = register_incoming(
        a_received(), body=body("ubnd-tp"), officer=officer("van-thu.vp-ubnd"), now=NOW
    )
    address = reverse("workflow:incoming", args=[document.pk])
    for username, is_open in (("van-thu.vp-ubnd", True), ("the-thuc.vp-ubnd", False)):
        client = signed_in(username)
        register = client.get(reverse("registers:incoming-register"), {"year": 2026})
        shown = register.content.decode()
        assert "Về việc cung cấp số liệu" in shown
        assert (f'href="{address}"' in shown) is is_open
        assert (client.get(address).status_code == 200) is is_open
