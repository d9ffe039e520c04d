"""Single sign-on against a service on loopback: code, PKCE, signed id_token; and every refusal."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from chauban.accounts.administering import reset_factors
from chauban.accounts.models import User
from chauban.config.environment import Environment
from chauban.journal.models import Act

pytestmark = pytest.mark.django_db

CLERK = "van-thu.vp-ubnd"
CLIENT_ID, CLIENT_SECRET = "chauban", "secret-of-the-client"
CODE = "code-of-the-service"
BACK = "http://testserver/sign-in/with/sso/back"


class Service(ThreadingHTTPServer):
    """Vouches for whoever `says` names; `spoils` what it signs, once told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.says = {"sub": "7f0c", "preferred_username": CLERK}
        self.told: dict[str, str] = {}  # what changes in the id_token
        self.userinfo: dict[str, str] = {}
        self.signs_with, self.algorithm = self.key, "RS256"
        self.asked: dict[str, str] = {}  # by the browser, at the authorization endpoint
        self.is_broken = False

    def authorize(self, url: str) -> str:
        """What the browser does there: the person signs in and is sent back with a code."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return f"{self.asked['redirect_uri']}?code={CODE}&state={self.asked['state']}"

    def id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 60,
            "nonce": self.asked["nonce"], **self.says, **self.told,
        }  # fmt: skip
        return jwt.encode(claims, self.signs_with, self.algorithm, headers={"kid": "1"})


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        service = self.server
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(service.key.public_key()))
        answers = {
            "/.well-known/openid-configuration": {
                "issuer": service.url,
                "authorization_endpoint": f"{service.url}/authorize",
                "token_endpoint": f"{service.url}/token",
                "userinfo_endpoint": f"{service.url}/userinfo",
                "jwks_uri": f"{service.url}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/keys": {"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]},
            "/userinfo": service.userinfo,
        }
        self.answer(answers[self.path])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        verifier = given.get("code_verifier", "").encode()
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        expected = {
            "grant_type": "authorization_code", "code": CODE, "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET, "redirect_uri": BACK,
        }  # fmt: skip
        is_right = expected.items() <= given.items() and digest == self.server.asked.get(
            "code_challenge"
        )
        if self.server.is_broken or not is_right:
            self.answer({"error": "invalid_grant"}, status=400)
        else:
            self.answer({"access_token": "a", "id_token": self.server.id_token()})

    def answer(self, content: object, status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service(settings) -> Iterator[Service]:
    with Service() as service:
        settings.SOCIALACCOUNT_PROVIDERS = Environment(
            oidc_url=service.url,
            oidc_client_id=CLIENT_ID,
            oidc_client_secret=CLIENT_SECRET,
            oidc_name="Cổng cán bộ",
        ).single_sign_on()
        threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02}).start()
        yield service
        service.shutdown()


def sign_on(service, client=None, **given):
    client = client or Client()
    there = client.post("/sign-in/with/sso", given)
    assert there.status_code == 302
    return client, client.get(service.authorize(there.url))


def is_in(client):
    return client.get("/").status_code == 200


def refusal(service, **changes):
    """The words of the sign-in page after what was refused; nobody is in, nothing is linked."""
    client, answer = sign_on(service, **changes)
    assert answer.url == "/sign-in"
    assert not is_in(client)
    assert not SocialAccount.objects.exists()
    return client.get("/sign-in").content.decode()


def test_who_the_service_vouches_for_is_in_and_linked_once(service):
    client, answer = sign_on(service, next="/verify/")
    assert answer.url == "/verify/"
    assert is_in(client)
    assert service.asked["code_challenge_method"] == "S256"
    kinds = [act.kind for act in Act.objects.on(User.objects.get(username=CLERK))]
    assert kinds == ["sign-on-linked", "signed-in", "new-device"]
    assert Act.objects.get(kind="signed-in").facts["method"] == "sso"
    sign_on(service, client=Client())
    assert SocialAccount.objects.count() == 1


def test_the_sign_in_page_leads_there_and_its_policy_lets_it(service):
    answer = Client().get("/sign-in")
    assert "Cổng cán bộ" in answer.content.decode()
    assert f"form-action 'self' {service.url};" in answer.headers["Content-Security-Policy"]


def test_without_such_a_service_there_is_no_way_to_it():
    assert "/sign-in/with/" not in Client().get("/sign-in").content.decode()
    assert Client().post("/sign-in/with/sso").status_code == 404
    assert Client().get("/sign-in/with/sso/back?code=x&state=y").status_code == 404


def test_a_person_may_be_named_by_his_employee_code(service, settings):
    User.objects.filter(username=CLERK).update(employee_code="H57-0042")
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]
    app |= {"claim": "employee_number", "match": "employee_code"}
    service.says["employee_number"] = "H57-0042"
    assert is_in(sign_on(service)[0])


def test_a_claim_that_the_token_lacks_is_asked_for_of_the_same_person_alone(service):
    del service.says["preferred_username"]
    service.userinfo = {"sub": "another", "preferred_username": CLERK}
    assert "không hợp lệ" in refusal(service)
    service.userinfo = {"sub": "7f0c", "preferred_username": CLERK}
    assert is_in(sign_on(service)[0])


@pytest.mark.parametrize(
    "told",
    [
        {"nonce": "of-another-session"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": int(time.time()) - 120},
    ],
    ids=["nonce", "no-nonce", "audience", "party", "issuer", "expired"],
)
def test_a_token_that_does_not_hold_opens_nothing(service, told):
    service.told = told
    assert "không hợp lệ" in refusal(service)


def test_a_token_signed_by_another_opens_nothing(service):
    service.signs_with = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert "không hợp lệ" in refusal(service)


@pytest.mark.parametrize(("algorithm", "key"), [("none", None), ("HS256", "x" * 32)])
def test_a_token_signed_otherwise_opens_nothing(service, algorithm, key):
    service.algorithm, service.signs_with = algorithm, key
    assert "không hợp lệ" in refusal(service)


def test_when_the_service_refuses_or_is_silent_one_is_sent_back_in_words(service, settings):
    service.is_broken = True
    assert "không hợp lệ" in refusal(service)
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]
    app["server_url"] = "http://127.0.0.1:9"
    assert Client().post("/sign-in/with/sso").url == "/sign-in"


def test_an_unknown_person_gets_no_account(service):
    accounts = User.objects.count()
    service.says["preferred_username"] = "nguoi-la"
    assert "không có tài khoản tương ứng" in refusal(service)
    assert User.objects.count() == accounts


def test_a_suspended_account_stays_shut(service):
    User.objects.filter(username=CLERK).update(is_active=False, suspension="decided")
    client, answer = sign_on(service)
    assert answer.url == "/sign-in"
    assert "đã bị đình chỉ" in client.get("/sign-in").content.decode()
    assert not is_in(client)


def test_a_name_given_to_somebody_else_at_the_service_is_not_the_old_ones(service, now):
    sign_on(service)
    service.says["sub"] = "another"
    client, _ = sign_on(service)
    assert not is_in(client)
    reset_factors(User.objects.get(username=CLERK), by=None, now=now)
    assert is_in(sign_on(service)[0])


def test_the_answer_to_another_session_is_not_taken(service):
    started = Client()
    back = service.authorize(started.post("/sign-in/with/sso").url)
    other = Client()
    assert other.get(back).url == "/sign-in"
    assert not is_in(other)


def test_single_sign_on_leads_to_no_other_site(service):
    assert sign_on(service, next="https://example.com/")[1].url == "/"


def test_from_outside_single_sign_on_alone_is_too_little(service):
    client = Client(REMOTE_ADDR="203.0.113.9")
    sign_on(service, client=client)
    assert client.get("/").url == "/account/second-factor"
