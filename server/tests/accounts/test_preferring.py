"""What a person prefers is kept with the account and holds on every device."""

import pytest
from django.test import Client

from chauban.accounts.models import User
from chauban.accounts.preferring import (
    Channel,
    Event,
    channels_of,
    preferences_of,
    set_preferences,
)

pytestmark = pytest.mark.django_db

CLERK = "van-thu.vp-ubnd"
CHOSEN = {"theme": "dark", "text_size": "large", "more_contrast": "on", "less_motion": "on"}


@pytest.fixture
def user():
    return User.objects.get(username=CLERK)


def test_until_one_chooses_one_is_told_on_the_page_alone(user):
    """Web push is off until somebody wants it."""
    for event in Event:
        assert channels_of(preferences_of(user), event) == {Channel.ON_PAGE}


def test_what_one_chooses_is_kept_and_the_rest_stays(user, signed_in):
    client = signed_in(CLERK)
    page = client.get("/account")
    boxes = {f"{event}-page": "on" for event in Event} | {"to-sign-push": "on"}
    del boxes["arrived-page"]
    assert page.status_code == 200
    assert client.post("/account", CHOSEN | boxes).url == "/account"
    kept = preferences_of(User.objects.get(pk=user.pk))
    assert channels_of(kept, Event.TO_SIGN) == {Channel.ON_PAGE, Channel.PUSH}
    assert channels_of(kept, Event.ARRIVED) == set()
    assert kept.notices.keys() == {"to-sign", "arrived"}


def test_the_look_holds_on_every_device(user, signed_in):
    signed_in(CLERK).post("/account", CHOSEN)
    page = signed_in(CLERK).get("/account/security").content.decode()
    for attribute in (
        'data-theme="dark"', 'data-text="large"', 'data-contrast="more"', 'data-motion="less"',
        'data-single-keys="off"',
    ):  # fmt: skip
        assert attribute in page
    assert "data-theme" not in signed_in("chuyen-vien.vp-ubnd").get("/account").content.decode()


def test_the_language_holds_on_every_device_and_here_it_may_be_another(user, signed_in):
    set_preferences(user, language="en")
    answer = signed_in(CLERK).get("/account")
    assert "Appearance and notices" in answer.content.decode()
    assert answer.headers["Content-Language"] == "en"
    client = signed_in(CLERK)
    client.post("/language", {"language": "vi", "next": "/account"})
    assert "Giao diện và thông báo" in signed_in(CLERK).get("/account").content.decode()


def test_the_theme_chosen_in_the_menu_is_the_accounts(user, signed_in):
    signed_in(CLERK).post("/theme", {"theme": "light", "next": "/"})
    assert preferences_of(User.objects.get(pk=user.pk)).theme == "light"


def test_before_signing_in_the_browser_keeps_the_theme():
    client = Client()
    client.post("/theme", {"theme": "dark", "next": "/sign-in"})
    assert 'data-theme="dark"' in client.get("/sign-in").content.decode()


@pytest.mark.parametrize("wrong", [{"theme": "x"}, {"text_size": "x"}, {"language": "xx"}])
def test_what_cannot_be_chosen_is_refused(user, signed_in, wrong):
    assert signed_in(CLERK).post("/account", CHOSEN | wrong).status_code == 422
    assert preferences_of(User.objects.get(pk=user.pk)).pk is None
