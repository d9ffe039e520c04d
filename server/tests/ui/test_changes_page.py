"""A stored file's changes are shown to who may have the file, within the same limits."""

import pytest
from django.urls import reverse

from chauban.trust import verifying
from chauban.trust.errors import CheckersBusy

pytestmark = pytest.mark.django_db

FINANCE = "van-thu.so-tai-chinh"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def address(province):
    return reverse("exchange:delivered-changes", args=[province.waiting.files.first().pk])


def test_a_delivered_file_is_shown_before_and_after(province, signed_in, address):
    page = signed_in(FINANCE).get(f"{address}?drawn").content.decode()
    assert "Trước: bản đã ký, trang 1, lần ghi 2" in page
    assert page.count("data:image/png;base64,") >= 2
    assert reverse("exchange:delivery", args=[province.waiting.pk]) in page


def test_the_page_stands_before_anything_is_drawn(signed_in, address, monkeypatch):
    def drawn(*_, **__):
        raise AssertionError("the page waited for its pictures")

    monkeypatch.setattr(verifying, "draw_changes_of", drawn)
    page = signed_in(FINANCE).get(address).content.decode()
    assert f'hx-get="{address}?drawn" hx-trigger="load"' in page
    assert f'href="{address}?drawn"' in page  # without JavaScript


def test_what_the_page_asks_for_is_a_part_of_it(signed_in, address):
    part = signed_in(FINANCE).get(f"{address}?drawn", headers=HTMX).content.decode()
    assert "data:image/png;base64," in part
    assert "<html" not in part
    assert "hx-get" not in part  # it does not ask again


def test_the_delivery_leads_there(province, signed_in, address):
    page = signed_in(FINANCE).get(reverse("exchange:delivery", args=[province.waiting.pk]))
    assert address in page.content.decode()


def test_a_file_over_the_limit_is_refused_before_it_is_read(province, signed_in, address, settings):
    settings.MAX_UPLOAD_BYTES = province.waiting.files.first().blob.size_bytes - 1
    answer = signed_in(FINANCE).get(address)
    assert answer.status_code == 413
    assert "data:image/png" not in answer.content.decode()


def test_when_others_are_being_checked_one_is_asked_to_come_back(signed_in, address, monkeypatch):
    def busy(*_, **__):
        raise CheckersBusy

    monkeypatch.setattr(verifying, "draw_changes_of", busy)
    answer = signed_in(FINANCE).get(f"{address}?drawn")
    assert answer.status_code == 503
    assert "Hãy thử lại sau ít phút" in answer.content.decode()
    part = signed_in(FINANCE).get(f"{address}?drawn", headers=HTMX)
    assert part.status_code == 200  # htmx puts no other on the page
    assert "Hãy thử lại sau ít phút" in part.content.decode()
