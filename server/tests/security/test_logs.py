"""What proves a person or a system never reaches a log, however much is logged."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from chauban.axis.demo import OUTSIDE_SECRET
from tests.axis.conftest import sending
from tests.exchange.messages import raw_message
from tests.workflow.offices import PIN

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(("django", "chauban", "urllib3", "pyhanko")):
            caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def test_neither_right_nor_wrong_passwords_are_logged(log):
    for password in ("hue-2026", "hue-2025-wrong"):
        Client().post("/sign-in", {"username": "van-thu.vp-ubnd", "password": password})
    assert "Unprocessable" in log.text
    assert "hue-202" not in log.text


@pytest.mark.parametrize("pin", [PIN, "135791"], ids=["right", "wrong"])
def test_neither_right_nor_wrong_pins_are_logged(log, province, signed_in, settings, pin):
    settings.TSA_URLS = ["http://127.0.0.1:9/"]
    draft = province.signing
    signed_in("pho-chu-tich.vp-ubnd").post(
        reverse("workflow:sign", args=[draft.pk]), {"pin": pin, "shown": draft.signing_copy.shown}
    )
    draft.refresh_from_db()
    assert draft.state == ("signed" if pin == PIN else "signing")
    assert log.text
    assert pin not in log.text


@pytest.mark.urls("tests.ui.failing_urls")
def test_not_even_an_error_of_ours_logs_what_was_sent(log):
    Client(raise_request_exception=False).post("/fails", {"password": "hue-2026", "pin": PIN})
    assert "ZeroDivisionError" in log.text
    assert "hue-2026" not in log.text
    assert PIN not in log.text


def test_the_axis_logs_no_secret_and_answers_with_none(log, axis):
    raw = raw_message("G22")
    answers = [
        Client().generic("POST", "/axis/sendEdoc", raw, "application/octet-stream", headers=sent)
        for sent in (sending(raw), sending(raw, secret=f"{OUTSIDE_SECRET}x"))
    ]
    assert [it.json()["status"] for it in answers] == ["OK", "FAIL"]
    assert OUTSIDE_SECRET not in log.text + "".join(it.content.decode() for it in answers)
