"""The second factor: where it is needed, how it is set up, given, lost and kept."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.sessions.models import Session as StoredSession
from django.core.cache import cache
from django.test import Client

from chauban.accounts.administering import reset_factors
from chauban.accounts.flows import Factors
from chauban.accounts.models import User
from chauban.accounts.tries import WRONG_ALLOWED
from chauban.journal.models import Act
from tests.conftest import proofs
from tests.databases import DEMO_PASSWORD

pytestmark = pytest.mark.django_db

CLERK = "van-thu.vp-ubnd"
ADMINISTRATOR = "quan-tri.vp-ubnd"
OUTSIDE = {"REMOTE_ADDR": "203.0.113.9"}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def forgotten_codes():
    """allauth keeps used codes by user for half a minute, also those of a test before."""
    cache.clear()


def code_of(secret, *, steps=0):
    counter = int(time.time()) // 30 + steps
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def user_named(username):
    return User.objects.get(username=username)


def give_telephone(username, secret=SECRET):
    user = user_named(username)
    totp.TOTP.activate(user, secret)
    return RecoveryCodes.activate(user)


def signing_in(username=CLERK, *, client=None, **where):
    client = client or Client(**where)
    answer = client.post("/sign-in", {"username": username, "password": DEMO_PASSWORD})
    return client, answer


def is_in(client):
    return client.get("/").status_code == 200


def kinds_on(username):
    return [act.kind for act in Act.objects.on(user_named(username))]


def test_inside_a_password_will_do():
    client, _ = signing_in()
    assert is_in(client)


@pytest.mark.parametrize(
    ("username", "where"), [(CLERK, OUTSIDE), (ADMINISTRATOR, {})], ids=["outside", "administrator"]
)
def test_who_needs_a_factor_and_has_none_sets_one_up_before_all_else(username, where):
    client, _ = signing_in(username, **where)
    for page in ("/", "/registers/outgoing", "/account", "/account/security", "/verify/"):
        answer = client.get(page)
        assert (answer.status_code, answer.url) == (302, "/account/second-factor"), page
    assert client.post("/drafts/new").url == "/account/second-factor"
    part = client.get("/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (204, "/account/second-factor")
    assert client.get("/account/second-factor").status_code == 200
    page = client.get("/account/totp/add")
    secret = re.search(r'class="secret">([A-Z2-7]+)<', page.content.decode())[1]
    wrong = "0" * 6 if code_of(secret) != "0" * 6 else "1" * 6
    assert client.post("/account/totp/add", {"code": wrong}).status_code == 200
    assert not Authenticator.objects.exists()
    assert client.post("/account/totp/add", {"code": code_of(secret)}).status_code == 302
    assert is_in(client)
    assert kinds_on(username)[-1] == "factor-added"
    codes = client.get("/account/recovery-codes").content.decode()
    assert len(re.findall(r"<li><code>\d{8}</code>", codes)) == 10
    assert "<li><code>" in codes
    assert not re.search(
        r"<code>\d{8}</code>", client.get("/account/recovery-codes").content.decode()
    )


def test_in_the_demo_nobody_on_this_machine_needs_one(settings):
    settings.DEMO = True
    client, _ = signing_in(ADMINISTRATOR)
    assert is_in(client)
    client, _ = signing_in(ADMINISTRATOR, **OUTSIDE)
    assert not is_in(client)


def test_a_session_begun_inside_needs_the_factor_when_it_goes_outside():
    client, _ = signing_in()
    assert is_in(client)
    assert client.get("/", **OUTSIDE).url == "/account/second-factor"


def test_password_and_code_open():
    give_telephone(CLERK)
    client, answer = signing_in(**OUTSIDE)
    assert answer.url == "/sign-in/code"
    assert not is_in(client)
    assert client.post("/sign-in/code", {"code": code_of(SECRET)}).url == "/"
    assert is_in(client)
    act = Act.objects.on(user_named(CLERK)).get(kind="signed-in")
    assert act.facts == {"method": "password+totp", "inside": False}


def test_a_code_counts_once():
    give_telephone(CLERK)
    code = code_of(SECRET)
    assert signing_in()[0].post("/sign-in/code", {"code": code}).status_code == 302
    again = signing_in()[0].post("/sign-in/code", {"code": code})
    assert "Mã không đúng hoặc đã dùng" in again.content.decode()


def test_a_recovery_code_opens_once():
    code = give_telephone(CLERK).get_unused_codes()[0]
    client, _ = signing_in()
    assert client.post("/sign-in/code", {"code": code}).status_code == 302
    assert is_in(client)
    client, _ = signing_in()
    assert client.post("/sign-in/code", {"code": code}).status_code == 200


def test_wrong_codes_are_counted_and_then_the_right_one_waits_too():
    give_telephone(CLERK)
    client, _ = signing_in()
    for _ in range(WRONG_ALLOWED):
        assert "không đúng" in client.post("/sign-in/code", {"code": "x"}).content.decode()
    answer = client.post("/sign-in/code", {"code": code_of(SECRET)})
    assert "Tạm khóa đăng nhập" in answer.content.decode()
    assert not is_in(client)
    assert "account-locked" in kinds_on(CLERK)


def test_the_second_step_without_the_first_leads_back():
    assert Client().get("/sign-in/code").url == "/sign-in"
    assert Client().post("/sign-in/code", {"code": code_of(SECRET)}).url == "/sign-in"


def test_after_the_second_step_one_returns_to_where_one_was_but_to_no_other_site():
    give_telephone(CLERK)
    wanted = {"/verify/": "/verify/", "https://example.com/": "/", "//example.com": "/"}
    for step, (asked, led) in enumerate(wanted.items()):
        client = Client()
        given = {"username": CLERK, "password": DEMO_PASSWORD, "next": asked}
        client.post("/sign-in", given)
        answer = client.post("/sign-in/code", {"code": code_of(SECRET, steps=step - 1)})
        assert answer.url == led


@pytest.mark.parametrize(
    "page",
    ["/account/totp/add", "/account/passkeys/add"],
)
def test_factors_are_changed_only_after_proving_oneself_again(signed_in, page):
    client = signed_in("chuyen-vien.vp-ubnd")
    assert client.get(page).status_code == 200
    forget_proofs(client)
    answer = client.get(page)
    assert answer.url == f"/account/confirm?next={page.replace('/', '%2F')}"
    wrong = client.post(answer.url, {"password": "hue-2025"})
    assert "không đúng" in wrong.content.decode()
    assert client.get(page).status_code == 302
    assert client.post(answer.url, {"password": DEMO_PASSWORD}).url == page
    assert client.get(page).status_code == 200


def test_who_has_a_factor_proves_himself_again_with_that(signed_in):
    give_telephone(CLERK)
    client = signed_in(CLERK)
    forget_proofs(client)
    session = client.session
    session.update(proofs(user_named(CLERK), "password"))  # a password of just now is too little
    session.save()
    answer = client.get("/account/totp/remove")
    assert answer.url.startswith("/account/confirm/code?")
    assert client.get("/account/confirm").url.startswith("/account/confirm/code")
    assert client.post(answer.url, {"code": code_of(SECRET)}).url == "/account/totp/remove"
    assert client.post("/account/totp/remove").status_code == 302
    assert not Authenticator.objects.exists()  # recovery codes alone are no factor
    assert kinds_on(CLERK)[-1] == "factor-removed"


def test_proving_oneself_again_leads_to_no_other_site(signed_in):
    client = signed_in(CLERK)
    for elsewhere in ("https://example.com/", "//example.com"):
        given = {"password": DEMO_PASSWORD, "next": elsewhere}
        assert client.post(f"/account/confirm?next={elsewhere}", given).url == "/"


def test_anothers_passkey_is_not_found(signed_in):
    own = Authenticator.objects.create(
        user=user_named(CLERK), type="webauthn", data={"name": "Khóa", "credential": {}}
    )
    page = f"/account/passkeys/{own.pk}/remove"
    assert signed_in("chuyen-vien.vp-ubnd").post(page).status_code == 404
    assert signed_in(CLERK).get(page).status_code == 200


def test_the_telephones_secret_is_never_kept_in_the_clear(signed_in, caplog):
    caplog.set_level("DEBUG")
    client = signed_in(CLERK)
    page = client.get("/account/totp/add").content.decode()
    secret = re.search(r'class="secret">([A-Z2-7]+)<', page)[1]
    assert secret not in str([one.get_decoded() for one in StoredSession.objects.all()])
    client.post("/account/totp/add", {"code": code_of(secret)})
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept
    assert Factors().decrypt(kept) == secret
    assert secret not in caplog.text


def test_under_another_secret_key_a_factor_is_refused_in_words(settings):
    give_telephone(CLERK)
    client, _ = signing_in()
    Authenticator.objects.filter(type="totp").update(data={"secret": "AAAA" * 12})
    answer = client.post("/sign-in/code", {"code": code_of(SECRET)})
    assert "không đọc được yếu tố xác thực" in answer.content.decode().lower()


def test_reset_factors_end_every_session_and_the_next_sign_in_sets_up_anew(officer, now):
    give_telephone(CLERK)
    client, _ = signing_in()
    client.post("/sign-in/code", {"code": code_of(SECRET)})
    assert is_in(client)
    assert reset_factors(user_named(CLERK), by=officer(ADMINISTRATOR), now=now) == 1
    assert not is_in(client)
    assert kinds_on(CLERK)[-2:] == ["factors-reset", "session-ended"]
    client, answer = signing_in(**OUTSIDE)
    assert client.get(answer.url).url == "/account/second-factor"


@pytest.mark.parametrize("sent", ["{}", "x", '{"id": "x", "response": {}}', "[]"])
def test_what_is_no_passkey_opens_nothing(sent):
    client = Client()
    client.get("/sign-in/passkey", headers={"Accept": "application/json"})
    assert client.post("/sign-in/passkey", {"credential": sent}).url == "/sign-in"
    assert not is_in(client)


def forget_proofs(client):
    session = client.session
    for key in list(session.keys()):
        if key.startswith("account_authentication"):
            session[key] = [] if key.endswith("methods") else session[key]
    session.save()
