"""What every answer says to the browser, whatever it answers; what errors leave unsaid."""

from pathlib import Path

import pytest
from django.conf import settings
from django.templatetags.static import static
from django.test import Client

from chauban.config.middleware import FORM_ROOM_BYTES

pytestmark = pytest.mark.django_db

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}


class Unread:
    """A body of which not one byte may be asked for."""

    def read(self, *_):
        raise AssertionError("the body was read")

    readline = read


def too_large(path):
    return Client().generic(
        "POST",
        path,
        content_type="multipart/form-data; boundary=x",
        **{
            "CONTENT_LENGTH": str(settings.MAX_UPLOAD_BYTES + FORM_ROOM_BYTES + 1),
            "wsgi.input": Unread(),
        },
    )


ANSWERS = {
    "a page": (200, lambda: Client().get("/sign-in")),
    "a file of ours": (200, lambda: Client().get(static("ui/mark.svg"))),
    "a redirection": (302, lambda: Client().get("/")),
    "no such page": (404, lambda: Client().get("/khong-co")),
    "a form from elsewhere": (
        403,
        lambda: Client(enforce_csrf_checks=True).post("/sign-in", {"username": "x"}),
    ),
    "a wrong method": (405, lambda: Client().get("/sign-out")),
    "a call of a stranger": (200, lambda: Client().post("/axis/sendEdoc", b"", "text/xml")),
    "another host": (400, lambda: Client().get("/sign-in", headers={"host": "evil.example"})),
    "too large a body": (413, lambda: too_large("/verify/")),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_every_answer_is_guarded(what):
    status, ask = ANSWERS[what]
    answer = ask()
    assert answer.status_code == status
    assert {name: answer[name] for name in ALWAYS} == ALWAYS
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.urls("tests.ui.failing_urls")
def test_an_error_of_ours_is_guarded_and_says_nothing_of_its_inside():
    answer = Client(raise_request_exception=False).get("/fails")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert {name: answer[name] for name in ALWAYS} == ALWAYS
    assert "Traceback" not in page
    assert "ZeroDivisionError" not in page
    assert str(Path(__file__).resolve().parents[2]) not in page


def test_debugging_is_off():
    assert settings.DEBUG is False


def test_a_page_is_not_kept_by_caches(signed_in):
    """After signing out the next person at the machine finds nothing by going back."""
    answer = signed_in("van-thu.vp-ubnd").get("/")
    assert answer["Cache-Control"] == "private, no-cache"


def test_another_host_gets_no_page_and_no_link_to_itself():
    answer = Client().get("/sign-in", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/verify/", "/sign-in", "/language", "/sign-out"])
def test_a_body_over_the_limit_is_refused_before_a_byte_of_it_is_read(path):
    answer = too_large(path)
    assert answer.status_code == 413
    assert "vượt quá giới hạn" in answer.content.decode()


def test_a_body_at_the_limit_is_read():
    answer = Client().post("/sign-in", {"username": "x", "password": "x"})
    assert answer.status_code == 422


def test_a_form_without_files_stays_small():
    answer = Client().post("/sign-in", {"username": "x" * 3_000_000, "password": "x"})
    assert answer.status_code == 413
