"""One's own sessions: seen, ended one by one or all at once; a new password ends the others."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chauban.accounts import sessions
from chauban.accounts.agents import named
from chauban.accounts.models import Device, Session, User
from chauban.accounts.networks import DEVICE_COOKIE
from chauban.journal.models import Act
from tests.databases import DEMO_PASSWORD

pytestmark = pytest.mark.django_db

CLERK = "van-thu.vp-ubnd"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
GOOD = "Hue-2026!"


def come_in(username=CLERK, password=DEMO_PASSWORD, client=None):
    client = client or Client(headers={"user-agent": CHROME})
    answer = client.post("/sign-in", {"username": username, "password": password})
    assert answer.status_code == 302
    return client


def is_in(client):
    return client.get("/").status_code == 200


def session_of(client):
    return Session.objects.get(session_key=client.session.session_key)


def kinds():
    return [act.kind for act in Act.objects.on(User.objects.get(username=CLERK))]


def test_each_sign_in_is_listed_with_its_device_and_address():
    client = come_in()
    come_in()
    page = client.get("/account/security").content.decode()
    assert page.count("Chrome, Windows") >= 2
    assert "127.0.0.1" in page
    assert page.count("Phiên này") == 1


@pytest.mark.parametrize(
    ("agent", "browser"),
    [
        (CHROME, "Chrome, Windows"),
        (f"{CHROME} Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18) Version/18 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko Firefox/140.0", "Firefox, Linux"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent, browser):
    assert named(agent) == browser


def test_a_session_that_was_ended_elsewhere_is_out_at_its_next_request():
    here, there = come_in(), come_in()
    answer = here.post(f"/account/sessions/{session_of(there).pk}/end")
    assert answer.url == "/account/security"
    assert not is_in(there)
    assert is_in(here)
    assert kinds()[-1] == "session-ended"


def test_another_persons_session_is_not_found():
    other, client = come_in("chuyen-vien.vp-ubnd"), come_in()
    assert client.post(f"/account/sessions/{session_of(other).pk}/end").status_code == 404
    assert is_in(other)


def test_all_others_end_at_once():
    here, others = come_in(), [come_in(), come_in()]
    here.post("/account/sessions/end-others")
    assert is_in(here)
    assert not any(is_in(one) for one in others)


def test_a_new_password_ends_all_other_sessions_and_renews_this_one():
    here, there = come_in(), come_in()
    before = here.session.session_key
    given = {"present": DEMO_PASSWORD, "new": GOOD, "again": GOOD}
    assert here.post("/account/password", given).url == "/account/security"
    assert is_in(here)
    assert not is_in(there)
    assert here.session.session_key != before
    assert session_of(here)
    assert kinds()[-2:] == ["password-changed", "session-ended"]
    assert come_in(password=GOOD)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"present": "hue-2025"}, "không đúng"),
        ({"new": "hue-2026", "again": "hue-2026"}, "ít nhất 8 ký tự"),
        ({"again": "Hue-2026?"}, "không giống nhau"),
    ],
)
def test_a_password_is_not_changed_when_anything_is_wrong(wrong, words):
    client = come_in()
    given = {"present": DEMO_PASSWORD, "new": GOOD, "again": GOOD} | wrong
    answer = client.post("/account/password", given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert come_in()


def test_a_password_given_by_another_is_changed_before_all_else():
    User.objects.filter(username=CLERK).update(password_changed_at=None)
    client = come_in()
    assert client.get("/account").url == "/account/password"
    given = {"present": DEMO_PASSWORD, "new": GOOD, "again": GOOD}
    assert client.post("/account/password", given).status_code == 302
    assert is_in(client)


def test_signing_out_takes_the_session_off_the_list():
    client = come_in()
    client.post("/sign-out")
    assert not Session.objects.exists()


def test_a_session_holds_ten_hours_however_much_it_is_used():
    client = come_in()
    left = client.session.get_expiry_date() - timezone.now()
    assert timedelta(hours=9, minutes=59) < left <= timedelta(hours=10)
    client.session["touched"] = True
    assert client.session.get_expiry_date() - timezone.now() <= left


def test_a_browser_is_new_once():
    client = come_in()
    assert kinds() == ["signed-in", "new-device"]
    cookie = client.cookies[DEVICE_COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    client.post("/sign-out")
    come_in(client=client)
    assert kinds().count("new-device") == 1
    assert cookie.value not in list(Device.objects.values_list("digest", flat=True))


def test_that_a_session_is_in_use_is_written_now_and_then(django_assert_num_queries):
    client = come_in()
    is_in(client)
    row = session_of(client)
    Session.objects.filter(pk=row.pk).update(last_seen_at=row.since - timedelta(hours=1))
    client.get("/account")
    assert session_of(client).last_seen_at < row.since
    sessions._seen.clear()
    client.get("/account")
    assert session_of(client).last_seen_at >= row.since
