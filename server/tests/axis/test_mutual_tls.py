"""Mutual TLS between our own nodes: real processes on loopback, certificates of the demo's PKI."""

import ssl
import time
from datetime import UTC, date, datetime, timedelta

import pytest

from chauban.axis.demo import OUTSIDE_SECRET, OUTSIDE_SYSTEM, register_demo_axis
from chauban.cli.processes import ending_together, free_port, start, wait_listening
from chauban.exchange.adapters.http import tls_context
from chauban.exchange.adapters.vxp import VXPGateway
from chauban.exchange.ports import GatewayUnavailable
from chauban_pki.demo.authority import DemoAuthority
from tests.axis.test_live import variables  # noqa: F401
from tests.nodes import HOST, node_files

pytestmark = pytest.mark.processes


@pytest.fixture
def authority(tmp_path):
    return DemoAuthority.create(tmp_path / "pki", datetime.now(UTC) - timedelta(days=1))


@pytest.fixture
def stranger(tmp_path):
    return DemoAuthority.create(tmp_path / "stranger", datetime.now(UTC) - timedelta(days=1))


@pytest.fixture
def url(variables, authority, tmp_path):
    """The axis of `chauban serve` that lets in only certified nodes."""
    register_demo_axis(date(2026, 11, 23))
    port = free_port()
    files = node_files(authority, tmp_path / "server")
    argv = ["chauban.cli.main", "serve", "--host", HOST, "--port", str(port)]
    argv += ["--tls-certificate", str(files.certificate), "--tls-key", str(files.key)]
    argv += ["--tls-client-ca", str(authority.folder / "root.pem")]
    web = start("web", argv, variables=variables, logs=tmp_path / "logs")
    with ending_together([web]):
        wait_listening(web, port, seconds=60)
        yield f"https://{HOST}:{port}/axis"


def gateway(url, *, ca, shown=None):
    own = {"certificate": str(shown.certificate), "key": str(shown.key)} if shown else {}
    return VXPGateway(
        url,
        system_id=OUTSIDE_SYSTEM,
        secret=OUTSIDE_SECRET,
        limit_bytes=1_000_000,
        tls=tls_context(ca=str(ca.folder / "root.pem"), **own),
    )


def test_a_certified_node_gets_in_and_no_other(url, authority, stranger, tmp_path):
    ours = node_files(authority, tmp_path / "ours")
    deadline = time.monotonic() + 30
    while True:  # the port listens a moment before the first worker answers
        try:
            found = gateway(url, ca=authority, shown=ours).waiting("edoc", now=datetime.now(UTC))
            break
        except GatewayUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert found == []
    with pytest.raises(GatewayUnavailable):
        gateway(url, ca=authority).waiting("edoc", now=datetime.now(UTC))
    theirs = node_files(stranger, tmp_path / "theirs")
    with pytest.raises(GatewayUnavailable):
        gateway(url, ca=authority, shown=theirs).waiting("edoc", now=datetime.now(UTC))
    with pytest.raises(GatewayUnavailable):
        gateway(url, ca=stranger, shown=ours).waiting("edoc", now=datetime.now(UTC))


def test_a_server_under_another_name_is_not_spoken_to(url, authority, tmp_path):
    ours = node_files(authority, tmp_path / "ours")
    elsewhere = url.replace(HOST, "localhost")
    with pytest.raises(GatewayUnavailable, match=r"(?i)mismatch|match"):
        gateway(elsewhere, ca=authority, shown=ours).waiting("edoc", now=datetime.now(UTC))


def test_a_key_of_another_certificate_is_refused_at_once(authority, tmp_path):
    one = node_files(authority, tmp_path / "one")
    other = node_files(authority, tmp_path / "two")
    with pytest.raises(ssl.SSLError):
        tls_context(certificate=str(one.certificate), key=str(other.key))
