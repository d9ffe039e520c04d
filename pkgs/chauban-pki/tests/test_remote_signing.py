"""Remote signing by the CSC API: with another's server (1.0.4) and with ours (v2, PIN, phone)."""

import json
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import new as new_digest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from subprocess import CompletedProcess
from threading import Thread
from time import monotonic, sleep

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chauban_pki import mobile_signing
from chauban_pki.cms import detached_signature, signed_data_size
from chauban_pki.credentials import Credential, KeyCredential
from chauban_pki.demo.authority import DemoAuthority, KeyKind
from chauban_pki.demo.signing_service import SigningService, make_server
from chauban_pki.errors import (
    PKIError,
    SigningAnswerInvalid,
    SigningRefused,
    SigningTimedOut,
    SigningUnavailable,
    Unreachable,
)
from chauban_pki.mobile_signing import PendingSigning
from chauban_pki.network import HTTPClient
from chauban_pki.remote_signing import Answer, RemoteCredential, RemoteService
from chauban_pki.signed_data import parse_signed_data, verify_signed_data

CONTENT, PIN, TOKEN = b"content", "246810", "token-of-the-session"
KINDS: tuple[KeyKind, ...] = ("rsa2048", "p256", "p384", "p521", "ed25519")
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def keys(authority: DemoAuthority, now: datetime) -> dict[str, KeyCredential]:
    period = {"valid_from": now - timedelta(days=1), "valid_to": now + timedelta(days=1)}
    return {
        kind: KeyCredential.load(
            authority.issue_person("An", "Phó", "UBND", password="x", key=kind, **period), "x"
        )
        for kind in KINDS
    }


@pytest.fixture(scope="module")
def provider(keys: dict[str, KeyCredential]) -> SigningService:
    return SigningService(keys, pin=PIN, access_token=TOKEN, most_signatures=3)


@pytest.fixture(scope="module")
def base_url(provider: SigningService) -> Iterator[str]:
    with make_server(provider, "127.0.0.1", 0) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/csc/v2"
        server.shutdown()


@pytest.fixture
def service(base_url: str) -> RemoteService:
    return RemoteService(base_url, HTTPClient().ask, access_token=TOKEN)


def _of(service: RemoteService, kind: str, pin: str = PIN, **options) -> RemoteCredential:
    return RemoteCredential.of(service, kind, secrets=lambda: {"PIN": pin}, **options)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("rsa2048", {}),
        ("rsa2048", {"pss": True}),
        ("rsa2048", {"digest": "sha512"}),
        ("p256", {}),
        ("p384", {}),
        ("p521", {}),
    ],
    ids=str,
)
def test_a_remote_key_signs_with_every_algorithm_that_takes_digests(
    service: RemoteService,
    keys: dict[str, KeyCredential],
    kind: str,
    options: dict[str, object],
    authority: DemoAuthority,
    openssl: Callable[..., CompletedProcess[str]],
    tmp_path: Path,
):
    credential: Credential = _of(service, kind, **options)
    assert (credential.certificate, credential.chain) == (keys[kind].certificate, keys[kind].chain)
    digest = new_digest(credential.signature_algorithm.digest, CONTENT).digest()
    cms = detached_signature(digest, credential, claimed_at=None, timestamp=None)
    assert len(cms) <= signed_data_size(credential, timestamped=False)
    assert verify_signed_data(parse_signed_data(cms), digest=digest) == credential.certificate
    (tmp_path / "content").write_bytes(CONTENT)
    (tmp_path / "content.p7s").write_bytes(cms)
    verified = openssl(
        *("cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-cades"),
        *("-in", tmp_path / "content.p7s", "-CAfile", authority.folder / "root.pem"),
        *("-out", tmp_path / "out", "-content", tmp_path / "content"),
    )
    assert "Verification successful" in verified.stderr, verified.stderr


def test_one_confirmation_covers_a_batch_up_to_the_services_limit(service: RemoteService):
    """Design decision 18: a key opens for one confirmation or batch."""
    asked: list[int] = []

    def secrets() -> Mapping[str, str]:
        asked.append(1)
        return {"PIN": PIN}

    credential = RemoteCredential.of(service, "p256", secrets=secrets)
    assert len(credential.sign_all((b"1", b"2", b"3"))) == 3
    assert asked == [1]
    with pytest.raises(SigningRefused, match="at most 3"):
        credential.sign_all((b"1", b"2", b"3", b"4"))
    with pytest.raises(SigningRefused):
        credential.sign_all(())


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda service: _of(service, "p256", pin="000000").sign(CONTENT), "invalid_pin"),
        (lambda service: _of(service, "unknown"), "credentialID"),
        (lambda service: _of(service, "ed25519"), "digests"),
        (lambda service: _of(replace(service, access_token="other"), "p256"), "invalid_token"),
        (lambda service: service.call("credentials/none", {}), "not_found"),
    ],
    ids=["PIN", "credential", "Ed25519", "token", "method"],
)
def test_a_refusal_is_told_with_the_services_words(
    service: RemoteService, make: Callable[[RemoteService], object], told: str
):
    _of(service, "p256").sign(CONTENT)
    with pytest.raises(SigningRefused, match=told):
        make(service)


def test_an_activation_is_for_the_digests_it_was_given(service: RemoteService):
    """CEN EN 419 241-1, SCAL 2: what was confirmed is what is signed, once."""
    credential = _of(service, "p256")
    request = credential.authorised((b"shown",))
    other = credential.authorised((b"other",))
    with pytest.raises(SigningRefused, match="SAD"):
        service.call("signatures/signHash", {**request, "hashes": other["hashes"]})
    fresh = credential.authorised((b"shown",))
    assert service.call("signatures/signHash", fresh) is not None
    with pytest.raises(SigningRefused, match="SAD"):
        service.call("signatures/signHash", fresh)


class _Tampering:
    """The network with one answer changed on its way."""

    def __init__(self, method: str, change: Callable[[dict], object]) -> None:
        self.method, self.change, self.client = method, change, HTTPClient()

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        answer = self.client.ask(url, body, headers)
        if not url.endswith(self.method):
            return answer
        changed = self.change(json.loads(answer.content))
        return changed if isinstance(changed, Answer) else Answer(200, json.dumps(changed).encode())


def _other_signature(keys: dict[str, KeyCredential]) -> str:
    return b64encode(keys["p256"].sign(b"another document")).decode()


@pytest.mark.parametrize(
    ("method", "change", "error"),
    [
        ("signHash", lambda got: {"signatures": []}, SigningAnswerInvalid),
        ("signHash", lambda got: {"signatures": ["****"]}, SigningAnswerInvalid),
        ("signHash", lambda got: {"signatures": [None]}, SigningAnswerInvalid),
        ("signHash", lambda got: {"signatures": got["signatures"] * 2}, SigningAnswerInvalid),
        ("signHash", lambda got: [], SigningAnswerInvalid),
        ("signHash", lambda got: Answer(202, b""), SigningAnswerInvalid),
        ("signHash", lambda got: Answer(200, b"<html>"), SigningAnswerInvalid),
        ("signHash", lambda got: Answer(502, b""), SigningUnavailable),
        ("signHash", lambda got: Answer(403, b"<html>"), SigningRefused),
        ("authorize", lambda got: {"SAD": ""}, SigningAnswerInvalid),
        ("info", lambda got: {}, SigningAnswerInvalid),
        ("info", lambda got: got | {"cert": {"certificates": ["AAAA"]}}, SigningAnswerInvalid),
        ("info", lambda got: got | {"cert": {"certificates": []}}, SigningAnswerInvalid),
        ("info", lambda got: got | {"key": {"status": "disabled", "algo": []}}, SigningRefused),
        (
            "info",
            lambda got: got | {"key": {"status": "enabled", "algo": ["1.2.840.113549.1.1.1"]}},
            SigningRefused,
        ),
    ],
)
def test_an_answer_that_does_not_fit_is_not_used(
    base_url: str, method: str, change: Callable[[dict], object], error: type[PKIError]
):
    ask = _Tampering(method, change)
    with pytest.raises(error) as raised:
        _of(RemoteService(base_url, ask, access_token=TOKEN), "p256").sign(CONTENT)
    assert type(raised.value) is error


def test_a_value_over_other_data_is_not_used(base_url: str, keys: dict[str, KeyCredential]):
    """What comes back is by the expected certificate over exactly that digest."""
    other = _other_signature(keys)
    ask = _Tampering("signHash", lambda got: {"signatures": [other]})
    with pytest.raises(SigningAnswerInvalid):
        _of(RemoteService(base_url, ask, access_token=TOKEN), "p256").sign(CONTENT)


def test_a_service_out_of_reach_is_said_to_be(base_url: str):
    def ask(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        raise Unreachable(url, "timeout")

    with pytest.raises(SigningUnavailable, match="timeout"):
        RemoteService(base_url, ask).call("credentials/info", {})
    closed = RemoteService("http://127.0.0.1:9/csc/v2", HTTPClient(timeout_seconds=0.5).ask)
    with pytest.raises(SigningUnavailable):
        closed.call("credentials/info", {})


# Another's server: certomancer-csc-dummy speaks version 1.0.4.


@pytest.fixture(scope="module")
def certomancer(keys: dict[str, KeyCredential], tmp_path_factory) -> Iterator[str]:
    pytest.importorskip("csc_dummy", reason="certomancer-csc-dummy is not installed")
    folder = tmp_path_factory.mktemp("certomancer")
    (folder / "keys").mkdir()
    entries = []
    for kind in ("rsa2048", "p256"):
        pem = keys[kind].key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "keys" / f"{kind}.pem").write_bytes(pem)
        entries.append(f"      {kind}: {{path: {kind}.pem}}\n")
    (folder / "certomancer.yml").write_text(_CERTOMANCER.replace("KEYS", "".join(entries)))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "csc_dummy", folder / "certomancer.yml", str(port), "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            _wait_for(port, process)
            yield f"http://localhost:{port}/csc/v1"
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + 30
    while monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
        except OSError:
            sleep(0.1)
        else:
            return
    process.terminate()
    pytest.fail(process.stderr.read().decode() if process.stderr else "no server")


_CERTOMANCER = """
external-url-prefix: "http://test.invalid"
keysets:
  office:
    path-prefix: keys
    keys:
KEYS
pki-architectures:
  office:
    keyset: office
    entity-defaults: {country-name: VN}
    entities:
      root: {common-name: Root}
      rsa2048: {common-name: Signer}
      p256: {common-name: Seal}
    certs:
      root:
        subject: root
        subject-key: p256
        issuer: root
        authority-key: p256
        validity: {valid-from: "2020-01-01T00:00:00+0000", valid-to: "2040-01-01T00:00:00+0000"}
        extensions:
          - {id: basic_constraints, critical: true, value: {ca: true}}
      rsa:
        subject: rsa2048
        subject-key: rsa2048
        issuer: root
        authority-key: p256
        validity: {valid-from: "2020-01-01T00:00:00+0000", valid-to: "2040-01-01T00:00:00+0000"}
      ec:
        subject: p256
        subject-key: p256
        issuer: root
        authority-key: p256
        validity: {valid-from: "2020-01-01T00:00:00+0000", valid-to: "2040-01-01T00:00:00+0000"}
"""


@pytest.mark.parametrize(
    ("label", "options"), [("rsa", {}), ("rsa", {"pss": True}), ("ec", {})], ids=str
)
def test_anothers_csc_server_signs_for_us(
    certomancer: str, label: str, options: dict[str, object], keys: dict[str, KeyCredential]
):
    service = RemoteService(certomancer, HTTPClient().ask, version=1)
    credential = RemoteCredential.of(service, f"office/{label}", **options)
    kind = "rsa2048" if label == "rsa" else "p256"
    assert credential.certificate.public_key() == keys[kind].certificate.public_key()
    digest = new_digest("sha256", CONTENT).digest()
    cms = detached_signature(digest, credential, claimed_at=None, timestamp=None)
    assert verify_signed_data(parse_signed_data(cms), digest=digest) == credential.certificate
    with pytest.raises(SigningRefused):
        RemoteCredential.of(service, "office/none")


# Confirmed on a telephone


def _asked(
    service: RemoteService, now: datetime, **options
) -> tuple[RemoteCredential, PendingSigning]:
    credential = _of(service, "rsa2048")
    what = "Quyết định về việc bổ nhiệm"
    return credential, mobile_signing.ask(credential, (CONTENT,), what=what, now=now, **options)


def test_a_person_is_asked_and_polled_until_the_answer(
    service: RemoteService, provider: SigningService, now: datetime
):
    credential, pending = _asked(service, now)
    assert mobile_signing.poll(credential, pending, now=now + MINUTE) is None
    provider.confirm(pending.response_id)
    # The record is kept between processes.
    kept = PendingSigning.from_dict(json.loads(json.dumps(pending.as_dict())))
    assert kept == pending
    assert mobile_signing.poll(_of(service, "rsa2048"), kept, now=now + 2 * MINUTE) == (
        credential.sign(CONTENT),
    )


def test_the_control_code_is_the_same_on_both_screens(
    service: RemoteService, provider: SigningService, now: datetime
):
    _, pending = _asked(service, now)
    asked = provider.requests[pending.response_id]["asked"]
    assert asked["clientData"] == pending.control_code
    assert len(pending.control_code) == 6
    assert mobile_signing.control_code((b"other",)) != pending.control_code
    assert asked["validity_period"] == 5 * 60 * 1000


def test_a_person_who_says_no_refuses(
    service: RemoteService, provider: SigningService, now: datetime
):
    credential, pending = _asked(service, now)
    provider.refuse(pending.response_id)
    with pytest.raises(SigningRefused, match="declined"):
        mobile_signing.poll(credential, pending, now=now)


def test_after_its_time_even_a_good_answer_is_not_used(
    service: RemoteService, provider: SigningService, now: datetime
):
    credential, pending = _asked(service, now, lifetime=MINUTE)
    message = json.dumps(provider.confirm(pending.response_id)).encode()
    last_moment = now + MINUTE - timedelta(seconds=1)
    assert mobile_signing.poll(credential, pending, now=last_moment) is not None
    for act in (
        lambda: mobile_signing.poll(credential, pending, now=now + MINUTE),
        lambda: mobile_signing.called_back(credential, pending, message, now=now + MINUTE),
    ):
        with pytest.raises(SigningTimedOut):
            act()


def test_a_call_back_ends_the_waiting(
    service: RemoteService, provider: SigningService, now: datetime
):
    """The service posts to `response_uri`; here to a server of the test's own."""
    received: list[bytes] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        Thread(target=receiver.handle_request, daemon=True).start()
        address = f"http://127.0.0.1:{receiver.server_port}/called-back"
        credential, pending = _asked(service, now, call_back=address)
        message = provider.confirm(pending.response_id)
        to = provider.requests[pending.response_id]["asked"]["response_uri"]
        HTTPClient().ask(to, json.dumps(message).encode(), {"Content-Type": "application/json"})
    values = mobile_signing.called_back(credential, pending, received[0], now=now)
    assert values == (credential.sign(CONTENT),)
    # One that only says "ready" is followed by a poll.
    ready = json.dumps({"responseID": pending.response_id}).encode()
    assert mobile_signing.called_back(credential, pending, ready, now=now) == values


def test_a_forged_call_back_is_not_used(
    service: RemoteService,
    provider: SigningService,
    keys: dict[str, KeyCredential],
    now: datetime,
):
    credential, pending = _asked(service, now)
    good = provider.confirm(pending.response_id)
    forged = b64encode(keys["rsa2048"].sign(b"another document")).decode()
    for message in (
        {**good, "responseID": "other"},
        {**good, "signatures": [forged]},
        {**good, "signatures": []},
        [],
    ):
        with pytest.raises(SigningAnswerInvalid):
            mobile_signing.called_back(credential, pending, json.dumps(message).encode(), now=now)
    with pytest.raises(SigningAnswerInvalid):
        mobile_signing.called_back(credential, pending, b"<html>", now=now)
    assert mobile_signing.called_back(credential, pending, json.dumps(good).encode(), now=now)


def test_an_answer_without_a_request_number_is_refused(base_url: str, now: datetime):
    ask = _Tampering("signHash", lambda got: {})
    with pytest.raises(SigningAnswerInvalid):
        _asked(RemoteService(base_url, ask, access_token=TOKEN), now)


@pytest.mark.parametrize("damage", [{"data": None}, {"asked_at": "yesterday"}, {"data": ["*"]}])
def test_a_damaged_record_is_refused(
    service: RemoteService, now: datetime, damage: dict[str, object]
):
    _, pending = _asked(service, now)
    with pytest.raises(SigningAnswerInvalid):
        PendingSigning.from_dict(pending.as_dict() | damage)
