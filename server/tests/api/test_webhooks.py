"""Applications are told of what happens: signed, retried, and never led where they may not go."""

import base64
import json
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.utils import timezone

from chauban.api import actions, announcing, reaching, telling
from chauban.api.errors import ScopeNotYours, WebhookAddressRefused
from chauban.api.models import Announcement, FollowedEvent, Subscription
from chauban.api.stating import new_secret, signed_headers
from chauban.journal.following import DISTANCE
from chauban.journal.models import Act, Horizon
from chauban_pki.errors import Unreachable
from tests.api.operations import AUTHOR, CITY, ELSEWHERE_CLERK, FINANCE
from tests.api.test_acting import a_draft

URL = "https://nhan.example.gov.vn/su-kien"
PUBLIC = "203.113.131.1"


def known(addresses):
    """A directory of names that knows these."""
    return lambda host, port: [addresses[host]] if host in addresses else []


RESOLVE = known({"nhan.example.gov.vn": PUBLIC})


class Receiver:
    """Where webhooks come: what came, and the statuses that it answers with, one after another."""

    def __init__(self, *statuses):
        self.came, self.statuses = [], list(statuses)

    def __call__(self, target, body, headers):
        self.came.append((target, json.loads(body), dict(headers)))
        status = self.statuses.pop(0) if self.statuses else 200
        if status is None:
            raise Unreachable(target.url, "no answer")
        return status


@pytest.fixture
def subscribed(application_of, officer, monkeypatch):
    """A subscription of an officer's application to events, and its secret."""
    monkeypatch.setattr(reaching.require_reachable, "__kwdefaults__", {"resolve": RESOLVE})

    def of(username, *events):
        application, _ = application_of(username)
        return actions.subscribe(
            application, url=URL, events=events, officer=officer(username), now=timezone.now()
        )

    return of


def work(now):
    while announcing.announce_next(now):
        pass


@pytest.mark.django_db
def test_what_happens_is_told_to_whom_it_concerns_and_to_nobody_else(mandated, subscribed, calling):
    mine, _ = subscribed(AUTHOR, "draft.submitted", "document.issued")
    other, _ = subscribed("chuyen-vien.so-noi-vu", "draft.submitted")
    client = calling(AUTHOR)
    draft = client.act("/drafts", a_draft(client)).json()
    client.act(f"/drafts/{draft['id']}/steps/submit", {"seen_at": draft["changed_at"]})
    now = timezone.now()
    work(now)
    (owed,) = Announcement.objects.all()
    assert (owed.subscription, owed.event, other.announcements.count()) == (
        mine, "draft.submitted", 0,
    )  # fmt: skip
    told = json.loads(owed.body)
    assert told["data"]["id"] == draft["id"]
    assert told["data"].keys() == {"id", "resource", "url", "act"}  # ids, and no text
    assert client.get(told["data"]["url"].removeprefix("http://testserver")).status_code == 200
    assert FollowedEvent.objects.exists()
    work(now)
    assert Announcement.objects.count() == 1


@pytest.mark.django_db
def test_an_event_is_signed_sent_once_and_settled(subscribed, tmp_path):
    subscription, secret = subscribed(CITY, "document.issued")
    owed = actions.send_test(subscription, now=timezone.now())
    receiver, now = Receiver(), timezone.now()
    assert telling.tell_some(now, post=receiver, resolve=RESOLVE) == 1
    assert telling.tell_some(now, post=receiver, resolve=RESOLVE) == 0
    ((target, body, headers),) = receiver.came
    owed.refresh_from_db()
    assert (owed.state, owed.http_status, target.address) == ("sent", 200, PUBLIC)
    assert (body["type"], headers["webhook-id"]) == ("webhook.test", f"msg_{owed.uid}")
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{owed.body}"
    key = base64.b64decode(secret.removeprefix("whsec_")).hex()
    mac = subprocess.run(
        ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}", "-binary"],
        input=signed.encode(), capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"


@pytest.mark.django_db
def test_a_renewed_secret_and_the_one_before_sign_side_by_side_for_the_stated_time(
    subscribed, officer
):
    subscription, former = subscribed(CITY, "document.issued")
    now, receiver = timezone.now(), Receiver()
    new = actions.renew_webhook_secret(subscription, officer=officer(CITY), now=now)
    kept_for = actions.FORMER_COUNTS_FOR
    signed_with = []
    for moment in (now, now + kept_for - timedelta(seconds=1), now + kept_for):
        actions.send_test(subscription, now=moment)
        telling.tell_some(moment, post=receiver, resolve=RESOLVE)
        _, _, headers = receiver.came[-1]
        told = Announcement.objects.latest("pk")
        signed_with.append(
            [
                secret
                for secret in (new, former)
                if signed_headers(str(told.uid), told.body.encode(), secret, now=moment)[
                    "webhook-signature"
                ]
                in headers["webhook-signature"].split(" ")
            ]
        )
    assert signed_with == [[new, former], [new, former], [new]]
    third = actions.renew_webhook_secret(subscription, officer=officer(CITY), now=now)
    assert telling.secrets_of(subscription, now) == [third, new]  # never more than two
    (act,) = Act.objects.filter(kind="webhook-secret-renewed")[:1]
    assert former not in str(act.facts)


@pytest.mark.django_db
def test_a_secret_is_renewed_over_the_api_and_on_the_page(calling, subscribed, signed_in):
    subscribed(CITY, "document.issued")  # of another application
    client = calling(CITY)
    made = client.act("/webhooks", {"url": URL, "events": ["document.issued"]}).json()
    path = f"/webhooks/{made['id']}/secret"
    told = client.act(path, {"keep_former_hours": 2}).json()
    kept = Subscription.objects.get(pk=made["id"])
    assert told["secret"] != made["secret"]
    assert telling.secrets_of(kept, timezone.now()) == [told["secret"], made["secret"]]
    assert datetime.fromisoformat(told["former_secret_until"]) == kept.former_until
    assert client.act(path, {"keep_former_hours": 169}).status_code == 422
    address = f"/applications/{kept.application_id}/webhooks/{kept.pk}/secret"
    page = signed_in(CITY).post(address)
    kept.refresh_from_db()
    newest, former = telling.secrets_of(kept, timezone.now())
    assert former == told["secret"]
    assert newest in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    client.act(f"/webhooks/{kept.pk}", method="DELETE")
    assert client.act(path, {}).status_code == 404


def test_the_signature_is_that_of_standard_webhooks():
    """The example of the specification's reference libraries."""
    headers = signed_headers(
        "p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        now=datetime.fromtimestamp(1614265330, UTC),
    )
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert len(base64.b64decode(new_secret().removeprefix("whsec_"))) == 32


@pytest.mark.django_db
def test_what_fails_is_tried_again_later_and_at_last_by_hand_alone(subscribed):
    subscription, _ = subscribed(CITY, "document.issued")
    owed = actions.send_test(subscription, now=timezone.now())
    receiver, now = Receiver(*[500] * 20), timezone.now()
    for number, pause in enumerate(telling.PAUSES, start=1):
        assert telling.tell_some(now, post=receiver, resolve=RESOLVE) == 1
        owed.refresh_from_db()
        assert (owed.state, owed.attempts, owed.problem) == ("due", number, "refused")
        assert owed.due_at == now + pause
        now = owed.due_at
    telling.tell_some(now, post=receiver, resolve=RESOLVE)
    owed.refresh_from_db()
    assert owed.state == "failed"
    assert telling.tell_some(now + timedelta(days=9), post=receiver, resolve=RESOLVE) == 0
    actions.send_again(owed, now=now)
    telling.tell_some(now, post=Receiver(), resolve=RESOLVE)
    owed.refresh_from_db()
    assert (owed.state, owed.problem) == ("sent", "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "state", "problem"),
    [
        (204, "sent", ""),
        (302, "due", "redirect"),
        (None, "due", "no-answer"),
        (410, "failed", "gone"),
    ],
)
def test_what_a_receiver_answers_decides(subscribed, status, state, problem):
    subscription, _ = subscribed(CITY, "document.issued")
    owed = actions.send_test(subscription, now=timezone.now())
    telling.tell_some(timezone.now(), post=Receiver(status), resolve=RESOLVE)
    owed.refresh_from_db()
    assert (owed.state, owed.problem) == (state, problem)
    subscription.refresh_from_db()
    assert (subscription.ended_at is not None) == (status == 410)


@pytest.mark.django_db
def test_a_sender_that_died_loses_its_claim_and_the_same_event_goes_again(subscribed):
    subscription, _ = subscribed(CITY, "document.issued")
    owed = actions.send_test(subscription, now=timezone.now())
    now = timezone.now()
    Announcement.objects.update(lease_until=now + telling.LEASE, attempts=1)  # what it left
    receiver = Receiver()
    assert telling.tell_some(now, post=receiver, resolve=RESOLVE) == 0
    later = now + telling.LEASE
    assert telling.tell_some(later, post=receiver, resolve=RESOLVE) == 1
    assert receiver.came[0][2]["webhook-id"] == f"msg_{owed.uid}"


@pytest.mark.django_db
def test_nothing_is_told_after_application_or_webhook_was_ended(subscribed, officer):
    first, _ = subscribed(CITY, "document.issued")
    second, _ = subscribed(FINANCE, "incoming.registered")
    now, receiver = timezone.now(), Receiver()
    for one in (first, second):
        actions.send_test(one, now=now)
    actions.unsubscribe(first, officer=officer(CITY), now=now)
    actions.end_application(second.application, officer=officer(FINANCE), now=now)
    telling.tell_some(now, post=receiver, resolve=RESOLVE)
    assert receiver.came == []
    assert set(Announcement.objects.values_list("problem", flat=True)) == {"ended"}


@pytest.mark.django_db
def test_events_before_a_subscription_and_beyond_its_scopes_are_not_told(
    mandated, subscribed, application_of, officer, calling
):
    client = calling(AUTHOR)
    client.act("/drafts", a_draft(client))
    subscribed(AUTHOR, "draft.submitted")
    work(timezone.now())
    assert not Announcement.objects.exists()
    narrow, _ = application_of(CITY, "outgoing:read", "webhooks:manage")
    with pytest.raises(ScopeNotYours):
        actions.subscribe(
            narrow, url=URL, events=["incoming.registered"], officer=officer(CITY),
            now=timezone.now(),
        )  # fmt: skip


@pytest.mark.django_db
def test_what_was_followed_long_ago_lies_below_the_journals_horizon(mandated, subscribed, calling):
    subscription, _ = subscribed(AUTHOR, "draft.submitted")
    client = calling(AUTHOR)
    draft = client.act("/drafts", a_draft(client)).json()
    client.act(f"/drafts/{draft['id']}/steps/submit", {"seen_at": draft["changed_at"]})
    later = timezone.now()
    for _ in range(3):
        work(later)
        later += DISTANCE
    horizon = Horizon.objects.get(follower=FollowedEvent._meta.label_lower)
    assert horizon.up_to == Act.objects.latest("pk").pk
    FollowedEvent.objects.all().delete()
    work(later)
    assert subscription.announcements.count() == 1


PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "224.0.0.1", "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
    "2002:7f00:1::", "::", "::a01:203", "64:ff9b:1::1",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_webhook_reaches_a_private_network(address):
    lookup = known({"noi-bo.example": address})
    with pytest.raises(WebhookAddressRefused) as refused:
        reaching.require_reachable(
            "https://noi-bo.example/", listed=(), is_demo=False, resolve=lookup
        )
    assert refused.value.why == "private"
    public = known({"noi-bo.example": PUBLIC})
    found = reaching.require_reachable(
        "https://noi-bo.example/", listed=(), is_demo=False, resolve=public
    )
    assert found.address == PUBLIC


def test_one_private_address_among_several_is_enough_to_refuse():
    def lookup(host, port):
        return [PUBLIC, "10.0.0.1"]

    with pytest.raises(WebhookAddressRefused):
        reaching.require_reachable(URL, listed=(), is_demo=False, resolve=lookup)


@pytest.mark.parametrize("listed", [("10.0.0.0/8",), ("noi-bo.example",)])
def test_the_operator_lists_private_networks_and_hosts(listed):
    lookup = known({"noi-bo.example": "10.1.2.3", "khac.example": "192.168.0.1"})
    found = reaching.require_reachable(
        "https://noi-bo.example/", listed=listed, is_demo=False, resolve=lookup
    )
    assert found.address == "10.1.2.3"
    with pytest.raises(WebhookAddressRefused):
        reaching.require_reachable(
            "https://khac.example/", listed=listed, is_demo=False, resolve=lookup
        )


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://nhan.example.gov.vn/", "scheme"),
        ("ftp://nhan.example.gov.vn/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("https://", "form"),
        ("https://ten:mat-khau@nhan.example.gov.vn/", "form"),
        ("https://nhan.example.gov.vn/ a", "form"),
        ("https://nhan.example.gov.vn:99999/", "form"),
        ("https://[::1", "form"),
        ("https://khong-co.example/", "unknown"),
        (f"https://nhan.example.gov.vn/{'x' * 500}", "form"),
    ],
)
def test_an_address_that_no_webhook_has_is_refused(url, why):
    with pytest.raises(WebhookAddressRefused) as refused:
        reaching.require_reachable(url, listed=(), is_demo=False, resolve=RESOLVE)
    assert refused.value.why == why


def test_plain_http_is_for_a_demonstrations_own_machine_alone():
    own = known({"localhost": "127.0.0.1"})
    url = "http://localhost:9/"
    assert reaching.require_reachable(url, listed=(), is_demo=True, resolve=own).port == 9
    with pytest.raises(WebhookAddressRefused):
        reaching.require_reachable(url, listed=(), is_demo=False, resolve=own)
    with pytest.raises(WebhookAddressRefused):
        reaching.require_reachable(
            "http://nhan.example.gov.vn/", listed=(), is_demo=True, resolve=RESOLVE
        )


@contextmanager
def answering(status, **headers):
    """A server on this machine that keeps what it is sent."""
    came = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append(
                (
                    self.path,
                    dict(self.headers),
                    self.rfile.read(int(self.headers["Content-Length"])),
                )
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, came
    finally:
        server.shutdown()
        server.server_close()


def test_the_address_that_was_looked_at_is_the_one_called_and_no_redirect_is_followed():
    with answering(302, Location="/khac") as (port, came):
        target = reaching.Target(
            f"http://ten-nao.invalid:{port}/su-kien?a=1", "ten-nao.invalid", port, "127.0.0.1"
        )
        status = reaching.post(target, b"{}", {"webhook-id": "msg_1"})
    ((path, headers, body),) = came
    assert (status, path, body) == (302, "/su-kien?a=1", b"{}")
    assert headers["Host"] == f"ten-nao.invalid:{port}"
    assert headers["webhook-id"] == "msg_1"


@pytest.mark.django_db
def test_a_webhook_is_another_applications_to_nobody(subscribed, calling):
    subscription, _ = subscribed(CITY, "document.issued")
    for username in (CITY, ELSEWHERE_CLERK):  # another application of the same officer, too
        client = calling(username)
        assert client.act(f"/webhooks/{subscription.pk}", method="DELETE").status_code == 404
    assert Subscription.objects.get().ended_at is None


@pytest.mark.django_db
def test_the_secret_is_kept_encrypted_and_told_once(calling, subscribed):
    client = calling(CITY)
    made = client.act("/webhooks", {"url": URL, "events": ["document.issued"]}).json()
    kept = Subscription.objects.get(pk=made["id"])
    assert made["secret"].encode() not in bytes(kept.sealed_secret)
    assert "secret" not in client.ask("/webhooks").json()["items"][0]
    again = client.act(f"/webhooks/{made['id']}/test").json()
    assert again["state"] == "due"
    listed = client.ask(f"/webhooks/{made['id']}/sent").json()["items"]
    assert [one["event"] for one in listed] == ["webhook.test"]
