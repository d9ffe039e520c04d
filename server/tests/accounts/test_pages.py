"""The sign-in page, and who `request.officer` is on every page."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import Http404
from django.test import Client
from django.utils import timezone

from chauban.accounts.middleware import OfficerMiddleware, officer_of
from chauban.accounts.models import User
from chauban.accounts.rights import NotAllowed, NotFound, Permission
from chauban.directory.models import Agency, Post, Role
from tests.databases import DEMO_PASSWORD

pytestmark = pytest.mark.django_db

CLERK = {"username": "van-thu.vp-ubnd", "password": DEMO_PASSWORD}


def test_the_right_password_leads_to_the_desk():
    client = Client()
    answer = client.post("/sign-in", CLERK)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "_auth_user_id" in client.session


def test_the_wrong_password_says_what_to_do_next():
    answer = Client().post("/sign-in", CLERK | {"password": "hue-2025"})
    assert answer.status_code == 422
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in answer.content.decode()


def test_english_readers_get_english_words():
    client = Client()
    client.cookies["django_language"] = "en"
    answer = client.post("/sign-in", CLERK | {"password": "x"})
    assert "The user name or the password is wrong" in answer.content.decode()


def test_after_sign_in_one_returns_to_where_one_was():
    answer = Client().post("/sign-in", CLERK | {"next": "/verify/"})
    assert answer["Location"] == "/verify/"


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "javascript:x"])
def test_never_to_another_site(elsewhere):
    assert Client().post("/sign-in", CLERK | {"next": elsewhere})["Location"] == "/"


def test_the_demo_lists_its_accounts_by_agency_and_an_installation_does_not(settings):
    assert "van-thu.vp-ubnd" not in Client().get("/sign-in").content.decode()
    settings.DEMO = True
    page = Client().get("/sign-in").content.decode()
    assert "van-thu.vp-ubnd" in page
    assert "chu-tich.a-luoi-1" in page


def test_signing_out_needs_a_post_request_and_ends_the_session(signed_in):
    client = signed_in("van-thu.vp-ubnd")
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")
    assert "_auth_user_id" not in client.session


def test_a_form_from_elsewhere_is_refused():
    client = Client(enforce_csrf_checks=True)
    assert client.post("/sign-in", CLERK).status_code == 403


@pytest.fixture
def request_of(rf, signed_in):
    def made(username):
        client = signed_in(username)
        request = rf.get("/")
        request.session = client.session
        request.user = client_user(client)
        return request

    return made


def client_user(client):
    return User.objects.get(pk=client.session["_auth_user_id"])


def test_the_officer_acts_in_the_chosen_post(request_of, officer):
    clerk = officer("van-thu.vp-ubnd")
    second = Post.objects.create(
        person=clerk.person,
        agency=Agency.objects.get(key="thuan-hoa"),
        title="Văn thư",
        role=Role.CLERK,
        valid_from="2026-01-01",
    )
    request = request_of("van-thu.vp-ubnd")
    assert officer_of(request).agency.key == "vp-ubnd"
    request.session["post"] = second.pk
    assert officer_of(request).agency.key == "thuan-hoa"


def test_who_left_yesterday_acts_no_more(request_of, officer):
    request = request_of("van-thu.vp-ubnd")
    yesterday = timezone.now().date() - timedelta(days=1)
    Post.objects.filter(pk=officer("van-thu.vp-ubnd").post_id).update(valid_to=yesterday)
    assert officer_of(request) is None


def test_a_refusal_of_rights_is_a_page_that_says_so(rf, officer):
    request = rf.get("/")
    clerk = officer("van-thu.vp-ubnd")
    request.officer, request.user, request.session = clerk, clerk.user, SessionStore()
    middleware = OfficerMiddleware(lambda request: None)
    answer = middleware.process_exception(request, NotAllowed(clerk, Permission.SIGN))
    assert answer.status_code == 403
    assert "không được giao việc này" in answer.content.decode()
    with pytest.raises(Http404):
        middleware.process_exception(request, NotFound())
    assert middleware.process_exception(request, KeyError()) is None


def test_who_is_not_signed_in_is_led_to_sign_in_and_back(rf):
    request = rf.get("/outgoing/7?page=2")
    request.officer = None
    middleware = OfficerMiddleware(lambda request: None)
    answer = middleware.process_exception(request, NotAllowed(None, Permission.VIEW_REGISTERS))
    assert answer["Location"] == "/sign-in?next=/outgoing/7%3Fpage%3D2"


@pytest.mark.django_db
@pytest.mark.parametrize(("mode", "status"), [("navigate", 302), ("cors", 403), ("no-cors", 403)])
def test_what_a_page_asks_for_unsigned_leaves_the_open_sign_in_form_as_it_is(mode, status):
    visitor = Client(headers={"sec-fetch-mode": mode})
    answer = visitor.get("/registers/outgoing", follow=True)
    first = answer.redirect_chain[0][1] if answer.redirect_chain else answer.status_code
    assert first == status
    assert ("csrftoken" in visitor.cookies) == (mode == "navigate")
