"""A counter is the length of its list, wherever it is shown (users-want 9)."""

import re

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

WHO = (
    "chuyen-vien.vp-ubnd", "truong-phong.vp-ubnd", "the-thuc.vp-ubnd", "pho-chu-tich.vp-ubnd",
    "chanh-vp.vp-ubnd", "van-thu.vp-ubnd", "van-thu.so-tai-chinh", "giam-doc.so-tai-chinh",
    "chuyen-vien.so-tai-chinh", "quan-tri.vp-ubnd",
)  # fmt: skip
COUNTED = re.compile(r'id="to-([\w-]+)".*?class="count"[^>]*>(\d+)<')


def test_every_counter_equals_its_list(province, signed_in):
    seen = set()
    for username in WHO:
        client = signed_in(username)
        home = client.get(reverse("office:home"))
        tiles = {tile["place"].key: tile["count"] for tile in home.context["tiles"]}
        beside = {key: int(n) for key, n in COUNTED.findall(home.content.decode())}
        assert beside == tiles, username
        for key, count in tiles.items():
            page = client.get(reverse("office:place", args=[key]))
            assert page.context["page"].paginator.count == count, (username, key)
            assert page.content.decode().count('class="what"') == min(count, 40), (username, key)
            seen |= {key} if count else set()
    assert seen >= {"sign", "number", "arrived", "tasks", "drafts", "issued"}


def test_a_place_that_is_not_the_officers_is_not_found(signed_in):
    assert signed_in("chuyen-vien.vp-ubnd").get("/desk/sign").status_code == 404


def test_counters_asked_again_answer_304_until_something_changes(office, signed_in):
    client = signed_in("pho-chu-tich.vp-ubnd")
    url = reverse("office:places")
    first = client.get(url)
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    office.approved()
    changed = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_counters_of_who_is_signed_out_meanwhile_leave_his_page_alone(client):
    answer = client.get(reverse("office:places"))
    assert (answer.status_code, answer.content) == (204, b"")


def test_an_officer_without_a_post_today_is_told_whom_to_ask(signed_in, officer, moment):
    client = signed_in("chuyen-vien.vp-ubnd")
    post = officer("chuyen-vien.vp-ubnd").post
    post.valid_to = moment.date()
    post.save()
    answer = client.get("/")
    assert answer.status_code == 403
    assert "người quản trị" in answer.content.decode()
