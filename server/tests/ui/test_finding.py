"""The palette finds what one can do, documents and people: never what one may not open."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

import chauban
from chauban.directory.models import Agency, Post
from chauban.office import finding
from chauban.office.shortcuts import SHORTCUTS
from chauban.registers.models import IncomingDocument
from tests.moments import NOW

pytestmark = pytest.mark.django_db

CITY, FINANCE = "van-thu.vp-ubnd", "van-thu.so-tai-chinh"
ELSEWHERE = "van-thu.so-noi-vu"
MOST_QUERIES = 14
OWN_KEYS = re.compile(r'aria-keyshortcuts="([^"]+)"')
ASKED = {"HX-Request": "true"}  # as the palette asks


@pytest.fixture
def found(signed_in):
    """Names of what somebody finds, by group."""

    def found(username, text):
        answer = signed_in(username).get(reverse("office:find"), {"q": text})
        assert answer.status_code == 200
        return {group.key: [one.name for one in group.found] for group in answer.context["groups"]}

    return found


def test_documents_are_found_by_words_without_tone_marks_and_by_number(province, found):
    issued, arrived = province.issued.outgoing, province.incoming
    assert issued.subject in found(CITY, "giai quyet DA GIAO")["documents"]
    assert issued.subject in found(CITY, issued.code)["documents"]
    assert arrived.subject in found(FINANCE, arrived.code)["documents"]
    assert "documents" not in found(CITY, "không ở đâu có")


def test_nobody_finds_what_he_may_not_open(province, found, signed_in):
    for username, text in ((ELSEWHERE, "giao"), ("the-thuc.vp-ubnd", "phu luc"), (FINANCE, "cho")):
        client = signed_in(username)
        for group in client.get(reverse("office:find"), {"q": text}).context["groups"]:
            for one in group.found:
                assert client.get(one.url).status_code == 200, (username, one)
    assert "documents" not in found(ELSEWHERE, "đã giao giải quyết")
    assert found("chuyen-vien.vp-ubnd", "Chờ ký")["documents"]
    assert "documents" not in found("chuyen-vien.so-tai-chinh", "Chờ ký")


def test_people_are_those_of_the_own_agency(found, officer):
    author = officer("chuyen-vien.vp-ubnd").person.full_name
    assert author in found(CITY, author)["people"]
    assert author not in found(FINANCE, author).get("people", ())


def test_another_post_is_found_and_one_key_away(officer, signed_in, found):
    who = officer(CITY)
    other = Post.objects.create(
        person=who.person, agency=Agency.objects.get(key="so-noi-vu"), title="Thành viên Tổ thử",
        role="official", valid_from=NOW.date(),
    )  # fmt: skip
    (name,) = found(CITY, "chuyen sang thanh vien to thu")["acts"]
    assert name == "Chuyển sang Thành viên Tổ thử, Sở Nội vụ"
    client = signed_in(CITY)
    (group,) = client.get(reverse("office:find"), {"q": "Thành viên Tổ thử"}).context["groups"]
    page = client.get(group.found[0].url)
    assert page.context["focused"] == other
    assert page.content.decode().count(" autofocus") == 1
    client.post(reverse("accounts:switch-post", args=[other.pk]))
    assert client.get("/").wsgi_request.officer.post_id == other.pk


def test_what_one_can_do_stands_there_before_a_word_is_typed(found):
    acts = found(CITY, "")
    assert list(acts) == ["acts"]
    assert {"Văn bản đến chờ đăng ký", "Sổ văn bản đi", "Soạn văn bản"} <= set(acts["acts"])
    assert "Soạn văn bản" not in found("quan-tri.vp-ubnd", "")["acts"]
    assert found(CITY, "so van ban di")["acts"] == ["Sổ văn bản đi"]


def test_a_number_is_found_however_old_and_a_word_among_the_newest(province, found, monkeypatch):
    code, subject = province.incoming.code, province.incoming.subject
    monkeypatch.setattr(finding, "NEWEST", 0)
    assert found(FINANCE, code)["documents"] == [subject]
    assert "documents" not in found(FINANCE, subject)


def test_the_palette_gets_options_and_few_queries(
    province, signed_in, django_assert_max_num_queries
):
    client = signed_in(CITY)
    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.get(reverse("office:find"), {"q": "giao"}, headers=ASKED)
    html = answer.content.decode()
    assert "<html" not in html
    ids = re.findall(r'role="option"[^>]* id="([\w-]+)"', html)
    assert len(ids) == len(set(ids)) >= 1


def test_what_the_palette_puts_into_the_page_is_text(province, signed_in):
    IncomingDocument.objects.update(subject="<img src=x onerror=alert(1)> giao")
    answer = signed_in(FINANCE).get(reverse("office:find"), {"q": "giao"}, headers=ASKED)
    assert "<img" not in answer.content.decode()
    assert "&lt;img" in answer.content.decode()


def test_shortcuts_are_distinct_and_none_hides_another():
    keys = [one.sequence for one in SHORTCUTS]
    assert len(keys) == len(set(keys))
    assert not [(a, b) for a in keys for b in keys if b.startswith(f"{a} ")]
    assert all(bool(one.act) != bool(one.view) for one in SHORTCUTS)


def test_keys_of_a_page_hide_none_of_the_table():
    pages = Path(chauban.__path__[0]).glob("*/templates/**/*.html")
    own = {key for page in pages for key in OWN_KEYS.findall(page.read_text("utf-8"))}
    firsts = {one.keys[0] for one in SHORTCUTS}
    assert own >= {"s", "e"}
    assert not own & firsts


def test_the_table_of_shortcuts_is_what_the_page_lists(signed_in):
    page = signed_in(CITY).get("/").content.decode()
    listed = re.findall(r'data-keys="([^"]+)"', page)
    assert set(listed) <= {one.sequence for one in SHORTCUTS}
    assert {"Ctrl+K", "?", "j", "k", "n", "g h"} <= set(listed)
    operator = signed_in("quan-tri.vp-ubnd").get("/").content.decode()
    assert 'data-keys="n"' not in operator
