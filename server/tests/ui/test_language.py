"""Vietnamese first; English is chosen, never guessed (design, decision 13)."""

from django.conf import settings
from django.test import Client


def test_an_english_browser_gets_vietnamese_pages(client: Client, db: None):
    page = client.get("/sign-in", headers={"accept-language": "en"})
    assert page.headers["Content-Language"] == "vi"
    assert "Đăng nhập" in page.content.decode()


def test_a_reader_who_switched_to_english_keeps_it(client: Client, db: None):
    client.post("/language", {"language": "en", "next": "/sign-in"})
    page = client.get("/sign-in")
    assert page.headers["Content-Language"] == "en"
    assert "Sign in" in page.content.decode()


def test_an_unknown_language_is_no_choice(client: Client, db: None):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "xx"
    assert client.get("/sign-in").headers["Content-Language"] == "vi"
