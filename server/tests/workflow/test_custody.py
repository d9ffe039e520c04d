"""The same acts whatever keeps the key: a device at the server, or a remote signing service."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chauban.blobs import store
from chauban.cli.doctor import custody as examine_custody
from chauban.journal.models import Act
from chauban.trust import devices
from chauban.trust.actions import store_authority
from chauban.trust.errors import (
    KeyElsewhere,
    KeyLocked,
    KeyNotThere,
    KeyRefused,
    KeyUnavailable,
    PINBlocked,
    WrongPIN,
)
from chauban.trust.keys import WRONG_PINS_ALLOWED, open_key, telephone_credential
from chauban.trust.models import Certificate, Custody
from chauban.trust.words import explain
from chauban.workflow.models import Draft, KeyUse, SigningCopy
from chauban_pades.assessing import assess
from chauban_pki import mobile_signing
from chauban_pki.certificates import encoded
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.signing_service import SigningService, make_server
from chauban_pki.errors import DevicePINLocked
from tests.moments import NOW
from tests.workflow.offices import PIN

# One driver a process: its folder of tokens is read when it is loaded.
pytestmark = pytest.mark.xdist_group("softhsm")

State = Draft.State
LIBRARIES = [
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
]
TOKEN, ACCESS = "Máy chủ ký số", "token-of-the-session"
KEYS = {"seal": b"\x0a", "person": b"\x0b"}


def usable(certificate):
    """What opens a stored keystore, to be put elsewhere."""
    return KeyCredential.load(bytes(certificate.pkcs12), PIN)


def kept(certificate, custody, **reference):
    """The same certificate, its key no longer here."""
    Certificate.objects.filter(pk=certificate.pk).update(
        custody=custody, key_reference=reference, pkcs12=None
    )
    certificate.refresh_from_db()
    return certificate


@pytest.fixture(autouse=True)
def known_issuers(office, authority):
    """A key that is not in a keystore brings no chain: its issuers are entered here."""
    for one in (authority.issuing.certificate, authority.root.certificate):
        store_authority(one, officer=None, now=NOW)


@pytest.fixture
def seal(office):
    return Certificate.objects.seal_of(office.city, at=NOW)


@pytest.fixture
def persons(office):
    return Certificate.objects.of_person(office.signatory.person, at=NOW)


# A device at the server


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """SoftHSM2's driver with an empty folder of tokens; the folder."""
    pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    library = next((path for path in LIBRARIES if path.is_file()), None)
    if library is None or not shutil.which("softhsm2-util"):
        pytest.skip("SoftHSM2 is not installed (Debian package softhsm2)")
    folder = tmp_path_factory.mktemp("softhsm") / "tokens"
    folder.mkdir()
    configuration = folder.with_name("softhsm2.conf")
    configuration.write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(configuration))
        pkcs11.lib(str(library)).reinitialize()  # another module may have loaded it
        yield library, folder
    pkcs11.lib(str(library)).reinitialize()


@pytest.fixture
def token(driver, tmp_path, seal, persons, settings):
    """A token with the keys of the seal and of a person; the folder that it is."""
    library, folder = driver
    settings.PKCS11_LIBRARY = str(library)
    label = f"{TOKEN} {tmp_path.name}"[-32:]
    util = ["softhsm2-util", "--pin", PIN]
    _run(*util, "--init-token", "--free", "--label", label, "--so-pin", "12345678")
    for name, certificate in (("seal", seal), ("person", persons)):
        pem = tmp_path / "key.pem"
        pem.write_bytes(
            usable(certificate).key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        identifier = KEYS[name].hex()
        _run(*util, "--import", str(pem), "--token", label, "--label", name, "--id", identifier)
        kept(certificate, Custody.DEVICE, token=label, key=identifier)
    made = max(folder.iterdir(), key=os.path.getmtime)
    yield made
    devices.close_devices()
    shutil.rmtree(made)


def _run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def opened(monkeypatch):
    """The PINs that were put to a token."""
    put = []
    real = devices._open
    monkeypatch.setattr(devices, "_open", lambda label, pin: put.append(pin) or real(label, pin))
    return put


def test_a_draft_is_signed_and_sealed_with_keys_in_a_device(token, office, world, opened):
    draft = office.seal(office.numbered())
    assert draft.state == State.SEALED
    report = assess(store.read(_sealed(draft)), trust=world.at(NOW).trust, at=NOW)
    assert [it.level for it in report.signatures] == ["B-LT", "B-LT"]
    assert opened == [PIN]  # one log-in for both acts


def _sealed(draft):
    return SigningCopy.objects.get(draft=draft).sealed


def test_an_open_session_lets_no_other_pin_through(token, office, opened):
    draft = office.numbered()
    with pytest.raises(WrongPIN):
        office.seal(draft, pin="000000")
    draft.refresh_from_db()
    assert draft.state == State.NUMBERED
    assert not KeyUse.objects.filter(copy__draft=draft, purpose="seal", result__isnull=False)
    assert office.seal(draft).state == State.SEALED
    assert opened == [PIN, "000000", PIN]


def test_a_pin_that_the_token_refused_is_not_sent_again(token, seal, opened, office):
    for _ in range(2):
        with pytest.raises(WrongPIN) as refused:
            open_key(seal, "000000", officer=office.clerk, now=NOW)
    assert opened == ["000000"]
    assert "Thiết bị" in explain(refused.value).vi
    assert Act.objects.on(seal).filter(kind="pin-refused").count() == 2
    with pytest.raises(WrongPIN):
        open_key(seal, "111111", officer=office.clerk, now=NOW)
    assert opened == ["000000", "111111"]
    assert open_key(seal, PIN, officer=office.clerk, now=NOW).sign(b"content")


def test_wrong_pins_shut_the_key_here_before_the_device_is_asked_too_often(token, seal, opened):
    for number in range(WRONG_PINS_ALLOWED):
        with pytest.raises(WrongPIN):
            open_key(seal, f"00000{number}", officer=None, now=NOW)
    with pytest.raises(KeyLocked):
        open_key(seal, PIN, officer=None, now=NOW)
    assert len(opened) == WRONG_PINS_ALLOWED


def test_a_pin_that_the_device_has_blocked_is_said_to_be(token, seal, monkeypatch):
    """SoftHSM2 never blocks a PIN, so its answer is put in its mouth."""

    def blocked(label, pin):
        raise DevicePINLocked(label)

    monkeypatch.setattr(devices, "_open", blocked)
    with pytest.raises(PINBlocked) as refused:
        open_key(seal, PIN, officer=None, now=NOW)
    assert "nơi cấp" in explain(refused.value).vi


def test_while_the_token_is_away_nothing_is_signed_and_after_it_is_back_all_goes_on(
    token, office, seal
):
    draft = office.numbered()
    open_key(seal, PIN, officer=None, now=NOW).sign(b"content")
    away = token.parent.with_name(f"{token.name}-pulled-out")
    token.rename(away)
    try:
        with pytest.raises(KeyUnavailable) as refused:
            office.seal(draft)
    finally:
        away.rename(token)
    assert "Chưa ký gì" in explain(refused.value).vi
    draft.refresh_from_db()
    assert draft.state == State.NUMBERED
    assert office.seal(draft).state == State.SEALED


@pytest.mark.parametrize(
    ("reference", "error"),
    [({"key": "63"}, KeyNotThere), ({"token": "khác"}, KeyUnavailable), ({}, None)],
    ids=["another key", "another token", "as it is"],
)
def test_a_key_is_found_only_where_it_is(token, seal, reference, error):
    seal.key_reference |= reference
    seal.save()

    def sign():
        return open_key(seal, PIN, officer=None, now=NOW).sign(b"content")

    if error is None:
        assert sign()
    else:
        with pytest.raises(error):
            sign()


def test_the_key_of_another_certificate_signs_nothing(token, seal):
    seal.key_reference |= {"key": KEYS["person"].hex()}
    seal.save()
    with pytest.raises(KeyNotThere) as refused:
        open_key(seal, PIN, officer=None, now=NOW).sign(b"content")
    assert "nơi lưu khóa" in explain(refused.value).vi


def test_without_a_driver_the_device_is_out_of_reach(token, seal, settings):
    devices.close_devices()
    settings.PKCS11_LIBRARY = ""
    with pytest.raises(KeyUnavailable, match="CHAUBAN_PKCS11_LIBRARY"):
        open_key(seal, PIN, officer=None, now=NOW)


# A remote signing service


@pytest.fixture
def provider(seal, persons, settings, tmp_path):
    """A service that keeps both keys; settings know it as "ca"."""
    service = SigningService(
        {"seal": usable(seal), "person": usable(persons)}, pin=PIN, access_token=ACCESS
    )
    with make_server(service, "127.0.0.1", 0) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        settings.SIGNING_SERVICES = {"ca": f"http://127.0.0.1:{server.server_port}/csc/v2"}
        settings.SIGNING_TOKEN_FOLDER = tmp_path
        (tmp_path / "ca.token").write_text(f"{ACCESS}\n")
        kept(seal, Custody.REMOTE, service="ca", credential="seal")
        kept(persons, Custody.REMOTE, service="ca", credential="person")
        yield service
        server.shutdown()


def test_a_draft_is_signed_and_sealed_with_keys_at_a_remote_service(provider, office, world):
    draft = office.seal(office.numbered())
    assert draft.state == State.SEALED
    report = assess(store.read(_sealed(draft)), trust=world.at(NOW).trust, at=NOW)
    assert [it.level for it in report.signatures] == ["B-LT", "B-LT"]


def test_a_pin_that_the_service_refuses_is_counted_and_recorded(provider, office, persons):
    draft = office.approved()
    with pytest.raises(WrongPIN) as refused:
        office.sign(draft, pin="000000")
    assert refused.value.left == WRONG_PINS_ALLOWED - 1
    assert Act.objects.on(persons).filter(kind="pin-refused").count() == 1
    draft.refresh_from_db()
    assert draft.state == State.SIGNING
    assert office.sign(draft).state == State.SIGNED
    persons.refresh_from_db()
    assert persons.wrong_pins == 0


def test_wrong_pins_shut_a_remote_key_too(provider, persons):
    for _ in range(WRONG_PINS_ALLOWED):
        with pytest.raises(WrongPIN):
            open_key(persons, "000000", officer=None, now=NOW).sign(b"content")
    with pytest.raises(KeyLocked):
        open_key(persons, PIN, officer=None, now=NOW)


def test_a_service_that_does_not_answer_leaves_the_draft_to_be_signed(provider, office, settings):
    draft = office.approved()
    answering = settings.SIGNING_SERVICES
    settings.SIGNING_SERVICES = {"ca": "http://127.0.0.1:9/csc/v2"}  # nothing listens there
    with pytest.raises(KeyUnavailable) as refused:
        office.sign(draft)
    assert "Chưa ký gì" in explain(refused.value).vi
    draft.refresh_from_db()
    assert draft.state == State.SIGNING
    settings.SIGNING_SERVICES = answering
    assert office.sign(draft).state == State.SIGNED


def _unknown_service(settings, seal, folder):
    settings.SIGNING_SERVICES = {}


def _another_credential(settings, seal, folder):
    kept(seal, Custody.REMOTE, service="ca", credential="person")


def _credential_unknown(settings, seal, folder):
    kept(seal, Custody.REMOTE, service="ca", credential="none")


def _token_expired(settings, seal, folder):
    (folder / "ca.token").write_text("another")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (_unknown_service, KeyNotThere),
        (_another_credential, KeyNotThere),
        (_credential_unknown, KeyRefused),
        (_token_expired, KeyRefused),
    ],
)
def test_a_service_signs_with_the_key_of_the_certificate_only(
    provider, seal, settings, tmp_path, change, error
):
    assert open_key(seal, PIN, officer=None, now=NOW).sign(b"content")
    change(settings, seal, tmp_path)
    with pytest.raises(error) as refused:
        open_key(seal, PIN, officer=None, now=NOW)
    assert explain(refused.value).vi


def test_the_doctor_misses_what_settings_do_not_know(provider, settings, seal):
    assert [finding.ok for finding in examine_custody(NOW)] == [True]
    settings.SIGNING_SERVICES = {}
    named = list(examine_custody(NOW))
    assert [finding.ok for finding in named] == [False, False, False]
    assert "CHAUBAN_SIGNING_SERVICES" in named[0].vi


# Keys that no PIN of ours opens


@pytest.mark.parametrize(
    ("custody", "told"), [(Custody.TELEPHONE, "điện thoại"), (Custody.PLUGIN, "phần mềm ký số")]
)
def test_a_key_elsewhere_is_opened_by_no_pin_of_ours(persons, custody, told):
    kept(persons, custody, service="ca", credential="person")
    with pytest.raises(KeyElsewhere) as refused:
        open_key(persons, PIN, officer=None, now=NOW)
    assert told in explain(refused.value).vi


def test_a_telephone_is_asked_without_a_pin(provider, persons):
    kept(persons, Custody.TELEPHONE, service="ca", credential="person")
    provider.pin = None
    credential = telephone_credential(persons)
    pending = mobile_signing.ask(credential, (b"content",), what="Công văn", now=NOW)
    assert mobile_signing.poll(credential, pending, now=NOW) is None
    provider.confirm(pending.response_id)
    assert mobile_signing.poll(telephone_credential(persons), pending, now=NOW)


# Another's server


@pytest.fixture
def certomancer(persons, settings, tmp_path):
    """certomancer-csc-dummy (CSC API 1.0.4) with the person's key, under a root of its own."""
    pytest.importorskip("csc_dummy", reason="certomancer-csc-dummy is not installed")
    (tmp_path / "keys").mkdir()
    pem = usable(persons).key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "keys" / "own.pem").write_bytes(pem)
    (tmp_path / "certomancer.yml").write_text(_CERTOMANCER)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "csc_dummy", tmp_path / "certomancer.yml", str(port), "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            settings.SIGNING_SERVICES = {"other": f"http://localhost:{port}/csc/v1"}
            settings.SIGNING_TOKEN_FOLDER = tmp_path
            yield
        finally:
            process.terminate()


def _wait_for(port, process):
    deadline = monotonic() + 30
    while monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
        except OSError:
            sleep(0.1)
        else:
            return
    pytest.fail("csc_dummy does not listen")


_CERTOMANCER = """
external-url-prefix: "http://test.invalid"
keysets:
  office: {path-prefix: keys, keys: {own: {path: own.pem}}}
pki-architectures:
  office:
    keyset: office
    entity-defaults: {country-name: VN}
    entities:
      root: {common-name: Root}
      own: {common-name: "An"}
    certs:
      root:
        subject: root
        subject-key: own
        issuer: root
        authority-key: own
        validity: {valid-from: "2020-01-01T00:00:00+0000", valid-to: "2040-01-01T00:00:00+0000"}
        extensions:
          - {id: basic_constraints, critical: true, value: {ca: true}}
      own:
        subject: own
        subject-key: own
        issuer: root
        authority-key: own
        validity: {valid-from: "2020-01-01T00:00:00+0000", valid-to: "2040-01-01T00:00:00+0000"}
"""


def test_a_draft_is_signed_through_anothers_service(certomancer, office, persons, world):
    from chauban.trust.services import signing_service
    from chauban_pki.remote_signing import RemoteCredential

    given = RemoteCredential.of(signing_service("other"), "office/own").certificate
    persons.der = encoded(given)
    persons.save()
    kept(persons, Custody.REMOTE, service="other", credential="office/own")
    draft = office.sign(office.approved())
    assert draft.state == State.SIGNED
    report = assess(
        store.read(SigningCopy.objects.get(draft=draft).signed),
        trust=world.at(NOW).trust,
        at=NOW,
    )
    assert [(it.level, it.signer) for it in report.signatures] == [("B-T", "An")]
