"""Web push: off unless switched on; a device learns that something has come, never what."""

import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import jwt
import pytest
import urllib3
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from django.urls import reverse

from chauban.accounts.preferring import Event, set_preferences
from chauban.api.errors import WebhookAddressRefused
from chauban.cli.work import _post
from chauban.office.models import PushDevice
from chauban.office.pushing import keys
from chauban.office.pushing.rules import at_hour, is_known_service
from chauban.office.pushing.sending import LOOK_EVERY, push_next, sum_up_next

pytestmark = pytest.mark.django_db

WHO = "pho-chu-tich.vp-ubnd"
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"
AUTH = b"0123456789abcdef"
TOLD = {"title": "Châu Bản", "words": "Chờ ký số", "url": "/desk/sign"}
POINT = (Encoding.X962, PublicFormat.UncompressedPoint)


def unpadded(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


class Device:
    """A browser: its keys, and what its push service brought it."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.point = self.key.public_key().public_bytes(*POINT)
        self.subscription = {
            "endpoint": ENDPOINT, "p256dh": unpadded(self.point), "auth": unpadded(AUTH)
        }  # fmt: skip

    def read(self, body: bytes) -> dict[str, str]:
        """The message inside (RFC 8291 section 3.4, RFC 8188 section 2)."""
        salt, (_, length) = body[:16], struct.unpack("!LB", body[16:21])
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        shared = self.key.exchange(ec.ECDH(), sender)
        info = b"WebPush: info\0" + self.point + theirs
        secret = HKDF(SHA256(), 32, AUTH, info).derive(shared)
        key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(secret)
        return json.loads(AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")[:-1])


class Service:
    """A push service on loopback, in place of the browser maker's."""

    def __init__(self) -> None:
        self.status, self.taken = 201, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.taken.append((dict(self.headers.items()), body))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def reach(self, url, body, headers):
        path = url.removeprefix("https://fcm.googleapis.com")
        there = f"http://127.0.0.1:{self.server.server_port}{path}"
        return urllib3.request("POST", there, body=body, headers=headers, retries=False).status


@pytest.fixture
def service():
    service = Service()
    yield service
    service.server.shutdown()


@pytest.fixture(autouse=True)
def switched_on(settings, tmp_path):
    settings.PUSH_CONTACT, settings.PUSH_KEY = "van-thu@hue.gov.vn", tmp_path / "push.pem"
    keys.private_key.cache_clear()
    keys.public_key.cache_clear()


@pytest.fixture
def device(signed_in, officer):
    """A device of WHO, who wants to be told of what he is to sign."""
    device, user = Device(), officer(WHO).user
    set_preferences(user, notices={str(Event.TO_SIGN): ["page", "push"]})
    signed_in(WHO).post(reverse("office:add-device"), device.subscription)
    assert PushDevice.objects.get().user == user
    return device


def look(service, moment):
    return push_next(service.reach, now=moment + LOOK_EVERY * 2)


def test_a_device_is_told_once_that_something_has_come_and_not_what(
    office, device, service, moment
):
    draft = office.approved(subject="Trích yếu không ra khỏi hệ thống")
    look(service, moment)
    ((headers, body),) = service.taken
    told = device.read(body)
    assert told == TOLD
    assert draft.subject.encode() not in body
    assert headers["content-encoding"] == "aes128gcm"
    look(service, moment + timedelta(minutes=5))
    assert len(service.taken) == 1


@pytest.fixture
def summed_up(device, officer, moment):
    """The same device, whose owner wants one message a day, at 17:00 of Việt Nam, and no other."""
    wished = {str(Event.TO_SIGN): ["page", "digest"]}
    set_preferences(officer(WHO).user, notices=wished, digest_hour=17)
    PushDevice.objects.update(digest_at=at_hour(moment, 0))
    return device


def sum_up(service, now):
    while sum_up_next(service.reach, now=now):
        pass


def test_the_days_summary_comes_once_at_the_chosen_hour_with_lists_and_numbers(
    office, summed_up, service, moment
):
    draft = office.approved(subject="Trích yếu không ra khỏi hệ thống")
    at = at_hour(moment, 17)
    sum_up(service, at - timedelta(minutes=1))
    assert service.taken == []
    for minutes in (0, 1, 200):
        sum_up(service, at + timedelta(minutes=minutes))
    ((_, body),) = service.taken
    told = summed_up.read(body)
    assert told == {"title": "Châu Bản: việc hôm nay", "words": "Chờ ký số: 1", "url": "/"}
    assert draft.subject.encode() not in body
    sum_up(service, at + timedelta(days=1))
    assert len(service.taken) == 2
    look(service, moment)
    assert len(service.taken) == 2, "who wants a summary is not told at once as well"


def test_a_day_with_nothing_to_do_has_no_summary(summed_up, service, moment):
    sum_up(service, at_hour(moment, 18))
    assert service.taken == []


def test_who_did_not_ask_for_a_summary_gets_none(office, device, service, moment):
    office.approved()
    PushDevice.objects.update(digest_at=at_hour(moment, 0))
    sum_up(service, at_hour(moment, 18))
    assert service.taken == []


def test_a_summary_that_was_not_taken_is_sent_again_the_same_day(
    office, summed_up, service, moment
):
    office.approved()
    at = at_hour(moment, 17)
    service.status = 503
    sum_up(service, at)
    service.status = 201
    sum_up(service, at + timedelta(minutes=20))
    sum_up(service, at + timedelta(minutes=40))
    assert len(service.taken) == 2


def test_an_hour_chosen_anew_counts_from_then_on(office, summed_up, service, moment, officer):
    office.approved()
    sum_up(service, at_hour(moment, 16))
    set_preferences(officer(WHO).user, digest_hour=20)
    sum_up(service, at_hour(moment, 17))
    assert service.taken == []
    sum_up(service, at_hour(moment, 20))
    assert len(service.taken) == 1


def test_the_service_knows_us_by_our_key(office, device, service, moment):
    office.approved()
    look(service, moment)
    token = service.taken[0][0]["authorization"].split("t=")[1].split(",")[0]
    public = load_pem_public_key(keys.public_key())
    claims = jwt.decode(token, public, algorithms=["ES256"], audience="https://fcm.googleapis.com")
    assert claims["sub"] == "mailto:van-thu@hue.gov.vn"
    point = urlsafe_b64decode(keys.application_server_key() + "=")
    assert point == public.public_bytes(*POINT)


def test_the_key_is_made_once_for_its_owner_alone(settings):
    made = keys.private_key()
    keys.private_key.cache_clear()
    assert keys.private_key() == made
    assert settings.PUSH_KEY.stat().st_mode & 0o777 == 0o600


def test_nothing_is_sent_while_it_is_switched_off(office, device, service, moment, settings):
    settings.PUSH_CONTACT = ""
    office.approved()
    assert look(service, moment) is False
    assert service.taken == []


def test_nor_subscribed(signed_in, settings):
    settings.PUSH_CONTACT = ""
    client = signed_in(WHO)
    client.post(reverse("office:add-device"), Device().subscription)
    assert not PushDevice.objects.exists()
    page = client.get(reverse("office:devices")).content.decode()
    assert "chưa bật" in page
    assert "push.mjs" not in page


def test_who_has_not_asked_for_that_is_not_told(office, device, service, moment, officer):
    set_preferences(officer(WHO).user, notices={})
    office.approved()
    look(service, moment)
    assert service.taken == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(office, device, service, moment, status):
    service.status = status
    office.approved()
    look(service, moment)
    assert not PushDevice.objects.exists()


def test_what_a_service_did_not_take_is_sent_again_later(office, device, service, moment):
    service.status = 503
    office.approved()
    look(service, moment)
    assert PushDevice.objects.get().failures == 1
    service.status = 201
    look(service, moment + timedelta(hours=1))
    assert [len(service.taken), PushDevice.objects.get().failures] == [2, 0]


def test_who_left_is_told_nothing_more(office, device, service, moment, officer):
    office.approved()
    post = officer(WHO).post
    post.valid_to = moment.date()
    post.save()
    look(service, moment)
    assert service.taken == []
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x", "https://127.0.0.1/x", "https://evil.example/x",
        "https://fcm.googleapis.com.evil.example/x", "https://fcm.googleapis.com:8443/x",
        "https://x@fcm.googleapis.com/x", "https://notify.windows.com.evil/x", "file:///etc/passwd",
        "https://evil.example/?.push.apple.com", "https://[::1]/x", "https://[/x", "",
        f"https://fcm.googleapis.com/{'x' * 500}",
    ],
)  # fmt: skip
def test_only_push_services_that_we_know_are_called(endpoint, signed_in):
    assert is_known_service(ENDPOINT)
    assert is_known_service("https://updates.push.services.mozilla.com/wpush/v2/abc")
    assert not is_known_service(endpoint)
    given = Device().subscription | {"endpoint": endpoint}
    signed_in(WHO).post(reverse("office:add-device"), given)
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize("name", ["p256dh", "auth"])
def test_keys_that_are_none_are_not_kept(name, signed_in):
    signed_in(WHO).post(reverse("office:add-device"), Device().subscription | {name: "AAAA"})
    assert not PushDevice.objects.exists()


def test_the_worker_calls_no_address_of_an_inner_network():
    with pytest.raises(WebhookAddressRefused):
        _post("https://127.0.0.1/x", b"", {})


def test_a_person_removes_his_own_devices_alone(device, signed_in):
    address = reverse("office:remove-device", args=[PushDevice.objects.get().pk])
    assert signed_in("van-thu.vp-ubnd").post(address).status_code == 404
    signed_in(WHO).post(address)
    assert not PushDevice.objects.exists()
