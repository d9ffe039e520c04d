"""The demonstration PKI's service as a process on loopback, asked by other programs."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from chauban_pki.cms import detached_signature
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.demo.hierarchy import TSA_URL
from chauban_pki.demo.service import LARGEST_REQUEST_BYTES, PARTS
from chauban_pki.errors import (
    CertificateRevoked,
    DemoFolderInvalid,
    DemoFolderTaken,
    RevocationUnknown,
    TimestampUnavailable,
    Unreachable,
)
from chauban_pki.network import HTTPClient
from chauban_pki.paths import build_path
from chauban_pki.reasons import Verdict
from chauban_pki.revocation import collect_validation_data
from chauban_pki.signed_data import parse_signed_data
from chauban_pki.timestamps import assess_timestamp, http_timestamper

OpenSSL = Callable[..., CompletedProcess[str]]
pytestmark = pytest.mark.processes


@contextmanager
def running(authority: DemoAuthority, *options: str) -> Iterator[str]:
    """The address of the service, running in a process of its own."""
    command = [sys.executable, "-m", "chauban_pki.demo.service"]
    with subprocess.Popen(
        [*command, "--folder", str(authority.folder), "--port", "0", *options],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@pytest.fixture
def now() -> datetime:
    """The service goes by its own clock, so these tests go by the present moment."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def address(authority: DemoAuthority) -> Iterator[str]:
    with running(authority) as address:
        yield address


@pytest.fixture
def client() -> HTTPClient:
    return HTTPClient(timeout_seconds=10)


def test_a_signature_gets_its_time_and_validation_data_over_http(
    authority: DemoAuthority, address: str, client: HTTPClient, person: KeyCredential, now: datetime
):
    trust = authority.trust(address)
    timestamp = http_timestamper(trust.resolve(TSA_URL), post=client)
    cms = detached_signature(bytes(32), person, claimed_at=now, timestamp=timestamp)
    signed = parse_signed_data(cms)
    later = now + timedelta(minutes=1)
    assert signed.timestamp_token is not None
    report = assess_timestamp(
        signed.timestamp_token,
        sha256(signed.signature).digest(),
        trust=trust,
        at=later,
        fetch=client,
    )
    assert report.verdict is Verdict.TOTAL_PASSED
    path = build_path(person.certificate, intermediates=person.chain, trust=trust, at=now)
    assert report.path is not None
    data = collect_validation_data(path, report.path, trust=trust, fetch=client, at=later)
    assert (len(data.ocsps), len(data.crls)) == (2, 1)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_alone_answers_for_itself(authority: DemoAuthority, part: str):
    """So that one of them can be killed while the others go on."""
    with running(authority, "--only", part) as address:
        connection = HTTPConnection(urlsplit(address).netloc, timeout=10)

        def status(method: str, path: str) -> int:
            connection.request(method, path, headers={"Content-Length": "0"})
            answer = connection.getresponse()
            answer.read()
            return answer.status

        answered = {
            "crl": (status("GET", "/crl/root.crl"), status("GET", "/ca/issuing.cer")),
            "ocsp": status("POST", "/ocsp"),
            "tsa": status("POST", "/tsa"),
        }
        connection.close()
    absent = {"crl": (404, 404), "ocsp": 404, "tsa": 404}
    # Nothing was asked of the two: the type of the question is missing.
    present = {"crl": (200, 200), "ocsp": 415, "tsa": 415}
    assert answered == {**absent, part: present[part]}


def test_openssl_accepts_the_ocsp_answers(
    authority: DemoAuthority,
    address: str,
    issue_seal: Callable[[], KeyCredential],
    now: datetime,
    openssl: OpenSSL,
    tmp_path: Path,
):
    seal = issue_seal()
    (tmp_path / "seal.pem").write_bytes(seal.certificate.public_bytes(Encoding.PEM))
    arguments = (
        *("ocsp", "-issuer", authority.folder / "issuing.pem", "-cert", tmp_path / "seal.pem"),
        *("-url", f"{address}/ocsp", "-CAfile", authority.folder / "root.pem"),
    )
    good = openssl(*arguments)
    assert "Response verify OK" in good.stderr
    assert "seal.pem: good" in good.stdout
    assert "WARNING" not in good.stderr
    reason = x509.ReasonFlags.affiliation_changed
    authority.revoke(seal.certificate.serial_number, now, reason)
    revoked = openssl(*arguments)
    assert "seal.pem: revoked" in revoked.stdout
    assert "Reason: affiliationChanged" in revoked.stdout


def test_openssl_accepts_the_crls(
    authority: DemoAuthority,
    address: str,
    client: HTTPClient,
    issue_seal: Callable[[], KeyCredential],
    now: datetime,
    openssl: OpenSSL,
    tmp_path: Path,
):
    seal = issue_seal()
    (tmp_path / "seal.pem").write_bytes(seal.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "issuing.cer").write_bytes(client(f"{address}/ca/issuing.cer"))

    def verify() -> CompletedProcess[str]:
        for name in ("root", "issuing"):
            (tmp_path / f"{name}.crl").write_bytes(client(f"{address}/crl/{name}.crl"))
        return openssl(
            *("verify", "-crl_check_all", "-x509_strict"),
            *("-CAfile", authority.folder / "root.pem", "-untrusted", tmp_path / "issuing.cer"),
            *("-CRLfile", tmp_path / "root.crl", "-CRLfile", tmp_path / "issuing.crl"),
            tmp_path / "seal.pem",
        )

    before = verify()
    assert before.returncode == 0, before.stderr
    authority.revoke(seal.certificate.serial_number, now)
    after = verify()
    assert after.returncode != 0
    assert "certificate revoked" in after.stderr


def test_a_revocation_is_seen_by_the_running_service(
    authority: DemoAuthority,
    address: str,
    client: HTTPClient,
    issue_seal: Callable[[], KeyCredential],
    now: datetime,
):
    seal, trust = issue_seal(), authority.trust(address)
    path = build_path(seal.certificate, intermediates=seal.chain, trust=trust, at=now)
    later = now + timedelta(minutes=1)
    collect_validation_data(path, trust=trust, fetch=client, at=later)
    authority.revoke(seal.certificate.serial_number, now)
    with pytest.raises(CertificateRevoked):
        collect_validation_data(path, trust=trust, fetch=client, at=later)


def test_a_certificate_that_was_never_entered_is_unknown(
    authority: DemoAuthority, address: str, client: HTTPClient, mint, now: datetime
):
    issuing = authority.issuing
    stranger = mint("Lạ", issuing).certificate
    trust = authority.trust(address)
    path = build_path(stranger, intermediates=[issuing.certificate], trust=trust, at=now)
    with pytest.raises(RevocationUnknown):
        collect_validation_data(path, trust=trust, fetch=client, at=now)


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/crl/root.crl", None, {}, 200),
        ("GET", "/", None, {}, 404),
        ("GET", "/crl/../register.sqlite3", None, {}, 404),
        ("GET", "/root.key", None, {}, 404),
        ("GET", "/tsa", None, {}, 404),
        ("DELETE", "/tsa", None, {}, 501),
        ("POST", "/tsa", b"", {"Content-Type": "text/plain"}, 415),
        ("POST", "/tsa", b"", {"Content-Type": "application/timestamp-query"}, 200),
        ("POST", "/ocsp", b"junk", {"Content-Type": "application/ocsp-request"}, 200),
        ("POST", "/ocsp", bytes(LARGEST_REQUEST_BYTES + 1), {}, 413),
        ("POST", "/ocsp", iter([b"chunk"]), {"Transfer-Encoding": "chunked"}, 411),
        ("POST", "/ocsp", None, {"Content-Length": "-1"}, 411),
    ],
)
def test_only_what_is_offered_is_answered(
    address: str, method: str, path: str, body, headers: dict[str, str], status: int
):
    connection = HTTPConnection(urlsplit(address).netloc, timeout=10)
    connection.request(method, path, body=body, headers=headers)
    assert connection.getresponse().status == status
    connection.close()


def test_a_connection_is_kept_for_the_next_request(address: str):
    connection = HTTPConnection(urlsplit(address).netloc, timeout=10)
    sockets = set()
    for _ in range(3):
        connection.request("GET", "/ca/root.cer")
        assert len(connection.getresponse().read()) > 500
        sockets.add(id(connection.sock))
    assert len(sockets) == 1
    connection.close()


def test_the_client_keeps_to_its_limits(address: str):
    url = f"{address}/ca/root.cer"
    size = len(HTTPClient()(url))
    assert len(HTTPClient(largest_answer_bytes=size)(url)) == size
    with pytest.raises(Unreachable, match="over"):
        HTTPClient(largest_answer_bytes=size - 1)(url)
    with pytest.raises(Unreachable, match="404"):
        HTTPClient()(f"{address}/nothing")
    with pytest.raises(Unreachable):
        HTTPClient(timeout_seconds=2)("http://127.0.0.1:1/")
    with pytest.raises(TimestampUnavailable):
        http_timestamper("http://127.0.0.1:1/", post=HTTPClient(timeout_seconds=2))(bytes(32))


@pytest.fixture
def dripping() -> Iterator[str]:
    """The address of a service that gives one byte of a long answer each tenth of a second."""
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        with suppress(OSError):
            connection, _ = listening.accept()
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while True:
                connection.sendall(b".")
                time.sleep(0.1)

    threading.Thread(target=drip, daemon=True).start()
    with listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def test_an_answer_that_drips_in_is_given_up(dripping: str):
    began = time.monotonic()
    with pytest.raises(Unreachable, match="slow"):
        HTTPClient(timeout_seconds=0.5)(dripping)
    assert time.monotonic() - began < 5


def test_a_client_goes_on_after_an_answer_that_was_too_long(address: str):
    client = HTTPClient(largest_answer_bytes=1000)
    for _ in range(2):
        with pytest.raises(Unreachable, match="over"):
            client(f"{address}/ca/issuing.cer")
    with pytest.raises(Unreachable, match="404"):
        client(f"{address}/nothing")


def test_a_folder_opens_again_as_it_was_made(authority: DemoAuthority):
    opened = DemoAuthority.open(authority.folder)
    for name in ("root", "issuing", "tsa", "ocsp"):
        was, is_now = getattr(authority, name), getattr(opened, name)
        assert (was.certificate, was.chain) == (is_now.certificate, is_now.chain)
        assert (authority.folder / f"{name}.key").stat().st_mode & 0o077 == 0


def test_a_folder_in_use_is_not_overwritten(authority: DemoAuthority, now: datetime):
    with pytest.raises(DemoFolderTaken):
        DemoAuthority.create(authority.folder, now)


def test_an_unfinished_folder_is_begun_again(tmp_path: Path, now: datetime):
    folder = tmp_path / "demo"
    (tmp_path / "demo.unfinished").mkdir()
    (tmp_path / "demo.unfinished" / "root.pem").write_text("half")
    with pytest.raises(DemoFolderInvalid):
        DemoAuthority.open(folder)
    DemoAuthority.create(folder, now)
    assert DemoAuthority.open(folder)
    (folder / "tsa.key").write_text("half")
    with pytest.raises(DemoFolderInvalid):
        DemoAuthority.open(folder)
