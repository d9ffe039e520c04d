"""The administrator's pages: for whom they are meant, as of a day, at a cost that does not grow."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chauban.accounts.models import User
from chauban.directory import days_decided
from chauban.directory.models import Agency, Person, Post
from chauban.exchange.seen import note_worker
from chauban.trust.models import Mandate
from tests.administering.conftest import TODAY
from tests.moments import NOW

pytestmark = pytest.mark.django_db

OPERATOR = "quan-tri.vp-ubnd"
LISTS = ("agencies", "people", "mandates", "series", "kinds", "routing-rules", "calendar", "queues")


def page(client, name, *args, **query):
    answer = client.get(reverse(f"administering:{name}", args=args), query)
    assert answer.status_code == 200
    return answer


def test_agencies_are_listed_as_they_were_on_a_day(signed_in):
    client = signed_in(OPERATOR)
    now = page(client, "agencies", q="thanh pho hue").content.decode()
    then = page(client, "agencies", q="thua thien hue", day="2024-06-01").content.decode()
    assert "Văn phòng Ủy ban nhân dân thành phố Huế" in now
    assert "tỉnh Thừa Thiên Huế" in then
    strange = page(client, "agencies", day="hôm qua", level="x", page="9" * 30)
    assert strange.context["is_today"]


def test_people_are_found_without_tone_marks_and_by_what_they_lack(signed_in, officer, somebody):
    client, clerk = signed_in(OPERATOR), officer("van-thu.so-noi-vu")
    found = page(client, "people", q="van-thu.so-noi-vu").content.decode()
    assert clerk.person.full_name in found
    for lacking in ("without-post", "without-account"):
        assert somebody.full_name in page(client, "people", shown=lacking).content.decode()
    assert somebody.full_name not in page(client, "people", shown="suspended").content.decode()


@pytest.mark.usefixtures("department_administrator")
def test_a_departments_administrator_sees_his_own_alone(signed_in, officer, department):
    client = signed_in("the-thuc.so-tai-chinh")
    assert [it.pk for it, _ in page(client, "agencies").context["rows"]] == [department.pk]
    other = officer("van-thu.so-noi-vu").person
    assert client.get(reverse("administering:person", args=[other.pk])).status_code == 404
    assert client.get(reverse("administering:queues")).status_code == 403
    assert page(client, "calendar").context["form"] is None


def test_the_head_sees_series_and_mandates_and_no_directory(signed_in):
    client = signed_in("giam-doc.so-tai-chinh")
    for name in ("mandates", "series", "kinds", "routing-rules"):
        assert page(client, name).context["body"].key == "so-tai-chinh"
    for name in ("agencies", "people", "calendar"):
        assert client.get(reverse(f"administering:{name}")).status_code == 403


@pytest.mark.parametrize(
    ("act", "listed"),
    [("mandate", "mandates"), ("series", "series"), ("begin", "series"), ("rule", "routing-rules")],
)
def test_the_head_comes_back_from_an_act_to_the_list_that_he_may_open(signed_in, body, act, listed):
    client = signed_in("giam-doc.so-tai-chinh")
    back = page(client, "act", "body", body("so-tai-chinh").pk, act).context["back"]
    assert back == reverse(f"administering:{listed}") + "?body=so-tai-chinh"
    assert client.get(back).status_code == 200


def test_each_form_that_the_decree_prints_has_an_example_and_minutes_are_not_drafted(signed_in):
    client = signed_in("giam-doc.so-tai-chinh")
    rows = {row["kind"].code: row for row in page(client, "kinds").context["rows"]}
    assert [code for code, row in rows.items() if not row["is_drafted"]] == [
        "bien_ban", "hop_dong", "ban_ghi_nho", "ban_thoa_thuan", "thu_cong",
    ]  # fmt: skip
    for code in ("cong_dien", "giay_gioi_thieu", "bien_ban", "giay_nghi_phep"):
        example = client.get(reverse("administering:specimen", args=[code]))
        assert example.content.startswith(b"%PDF"), code
    assert client.get(reverse("administering:specimen", args=["hop_dong"])).status_code == 404


@pytest.mark.parametrize("name", ["agencies", "people", "mandates"])
def test_a_list_asks_as_much_of_the_database_however_long_it_is(signed_in, body, name):
    client = signed_in(OPERATOR)
    page(client, name)
    with CaptureQueriesContext(connection) as before:
        page(client, name, body="so-tai-chinh")
    agency = Agency.objects.get(key="so-tai-chinh")
    for number in range(30):
        person = Person.objects.create(full_name=f"Người {number}")
        User.objects.create(username=f"nguoi-{number}", person=person)
        post = Post.objects.create(
            person=person, agency=agency, title="Chuyên viên", role="official",
            valid_from=TODAY - timedelta(days=9),
        )  # fmt: skip
        Mandate.objects.create(
            person=person, post=post, body=body("so-tai-chinh"), basis="QĐ", valid_from=TODAY
        )
        Agency.objects.create(
            key=f"a-{number}", name=f"Cơ quan {number}", level="department", place="Huế",
            parent=agency, valid_from=TODAY - timedelta(days=9),
        )  # fmt: skip
    with CaptureQueriesContext(connection) as after:
        page(client, name, body="so-tai-chinh")
    assert len(after) <= len(before) + 1  # the calendar, asked anew every half minute


def test_the_palette_finds_the_pages_by_what_people_call_them(signed_in):
    client = signed_in(OPERATOR)
    for words, name in (
        ("sap nhap", "agencies"), ("mat khau", "people"), ("thua uy quyen", "mandates"),
        ("so huy", "series"), ("bieu mau", "kinds"), ("phan phoi", "routing-rules"),
        ("ngay nghi", "calendar"), ("tien trinh", "queues"),
    ):  # fmt: skip
        found = client.get(reverse("office:find"), {"q": words}).content.decode()
        assert reverse(f"administering:{name}") in found, words
    official = signed_in("chuyen-vien.vp-ubnd").get(reverse("office:find"), {"q": "sap nhap"})
    assert "/administration/" not in official.content.decode()


def test_each_kind_with_a_template_has_an_example(signed_in):
    client = signed_in(OPERATOR)
    shown = [row for row in page(client, "kinds").context["rows"] if row["has_template"]]
    assert len(shown) >= 20
    for kind in ("quyet_dinh", "cong_van", "giay_moi"):
        pdf = client.get(reverse("administering:specimen", args=[kind]), {"body": "ubnd-tp"})
        assert pdf.content.startswith(b"%PDF-")
    assert client.get(reverse("administering:specimen", args=["thu_cong"])).status_code == 404


@pytest.mark.usefixtures("calendar_as_it_was")
def test_a_day_is_entered_on_the_calendar_once(signed_in):
    client, url = signed_in(OPERATOR), reverse("administering:calendar")
    given = {"day": "2027-06-04", "is_worked": "off", "source": "TB 9"}
    assert client.post(url, given).status_code == 302
    again = client.post(url, given)
    assert again.status_code == 422
    assert again.context["form"].errors.keys() == {"day"}
    assert "TB 9" in page(client, "calendar", year=2027).content.decode()
    assert len(days_decided.working_days.decided) == 1


def test_the_exchange_at_a_glance_tells_which_workers_are_there(signed_in):
    client = signed_in(OPERATOR)
    assert "Chưa có tiến trình nào chạy" in page(client, "queues").content.decode()
    note_worker("may-chu:1", started_at=NOW, now=NOW)
    assert "may-chu:1" in page(client, "queues").content.decode()
