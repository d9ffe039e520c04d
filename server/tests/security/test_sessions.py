"""Signing in gives a new session, signing out ends it; its cookie is the browser's alone."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db

CLERK = {"username": "van-thu.vp-ubnd", "password": "hue-2026"}
OTHER = {"username": "chuyen-vien.vp-ubnd", "password": "hue-2026"}


def test_a_session_planted_before_signing_in_is_worth_nothing_after():
    attacker = Client()
    session = attacker.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    victim = Client()
    victim.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert victim.post("/sign-in", CLERK).status_code == 302
    assert victim.session.session_key != planted
    attacker.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert attacker.get("/").status_code == 302


def test_who_signs_in_after_another_gets_nothing_of_his_session():
    client = Client()
    client.post("/sign-in", CLERK)
    session = client.session
    session["kept"] = "of the clerk"
    session.save()
    client.post("/sign-in", OTHER)
    assert "kept" not in client.session


def test_a_session_that_was_ended_does_not_open_again():
    client = Client()
    client.post("/sign-in", CLERK)
    key = client.session.session_key
    assert client.get("/").status_code == 200
    client.post("/sign-out")
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert client.get("/").status_code == 302


def test_an_account_that_is_shut_is_out_at_once(signed_in, officer):
    client = signed_in("van-thu.vp-ubnd")
    assert client.get("/").status_code == 200
    user = officer("van-thu.vp-ubnd").user
    user.is_active = False
    user.save()
    assert client.get("/").status_code == 302


def test_no_script_reads_the_cookie_and_no_other_site_sends_it():
    client = Client()
    client.post("/sign-in", CLERK)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["secure"]  # these tests speak HTTP


@pytest.mark.parametrize("name", ["SESSION", "CSRF", "LANGUAGE"])
def test_over_https_every_cookie_is_for_https_alone(name, monkeypatch):
    import importlib

    from chauban.config import settings as installation

    monkeypatch.setenv("CHAUBAN_BASE_URL", "https://vanban.example.vn")
    try:
        assert getattr(importlib.reload(installation), f"{name}_COOKIE_SECURE")
    finally:
        monkeypatch.undo()
        importlib.reload(installation)


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "\\\\example.com"])
def test_choosing_a_language_leads_to_no_other_site(elsewhere):
    answer = Client().post(reverse("set-language"), {"language": "en", "next": elsewhere})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com"])
def test_switching_posts_leads_to_no_other_site(signed_in, officer, elsewhere):
    post = officer("van-thu.vp-ubnd").post
    client = signed_in("van-thu.vp-ubnd")
    answer = client.post(reverse("accounts:switch-post", args=[post.pk]), {"next": elsewhere})
    assert answer["Location"] == "/"


def test_an_address_of_two_slashes_leads_back_here():
    answer = Client().get("//example.com/inbox/", follow=False)
    assert not answer.get("Location", "").startswith("//")
