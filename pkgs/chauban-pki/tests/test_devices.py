"""Keys in a device, with SoftHSM2: never outside it, found again after a loss, PIN never risked."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import new as new_digest
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

pytest.importorskip("pkcs11", reason="the extra `pkcs11` is not installed")

from pkcs11 import Mechanism
from pkcs11.exceptions import PinLocked

from chauban_pki import devices
from chauban_pki.certificates import encoded
from chauban_pki.cms import detached_signature, signed_data_size
from chauban_pki.credentials import Credential, KeyCredential
from chauban_pki.demo.authority import DemoAuthority, KeyKind
from chauban_pki.devices import Device, DeviceCredential, token_labels
from chauban_pki.errors import (
    DeviceBusy,
    DeviceError,
    DevicePINLocked,
    DevicePINWrong,
    DeviceUnavailable,
    KeyNotFound,
    SignatureMismatch,
)
from chauban_pki.signed_data import parse_signed_data, verify_signed_data

# One driver a process, and its folder of tokens is read when it is loaded.
pytestmark = pytest.mark.xdist_group("softhsm")
LIBRARIES = [
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
]
PIN, CONTENT = "246810", b"content"
KINDS: tuple[KeyKind, ...] = ("rsa2048", "p256", "p384", "p521", "ed25519")


def _run(*arguments: str | Path) -> None:
    command = list(map(str, arguments))
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """SoftHSM2's driver, with a folder of tokens of the tests' own."""
    found = next((path for path in LIBRARIES if path.is_file()), None)
    if found is None:
        pytest.skip("SoftHSM2 is not installed (Debian package softhsm2)")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n"
    )
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    yield found
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture(scope="module")
def keys(authority: DemoAuthority, now: datetime) -> dict[str, KeyCredential]:
    period = {"valid_from": now - timedelta(days=1), "valid_to": now + timedelta(days=1)}
    return {
        kind: KeyCredential.load(
            authority.issue_seal(f"Cơ quan {kind}", "H57", password="x", key=kind, **period), "x"
        )
        for kind in KINDS
    }


@pytest.fixture(scope="module")
def token(library: Path, keys: dict[str, KeyCredential], tmp_path_factory) -> Path:
    """A token "con dấu" with a key of each kind, and the first one's certificates; its folder."""
    folder = tmp_path_factory.mktemp("keys")
    tokens = Path(os.environ["SOFTHSM2_CONF"]).parent / "tokens"
    util = ("softhsm2-util", "--pin", PIN)
    _run(*util, "--init-token", "--free", "--label", "con dấu", "--so-pin", "12345678")
    for number, (kind, credential) in enumerate(keys.items()):
        pem = folder / f"{kind}.pem"
        pem.write_bytes(
            credential.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        _run(*util, "--import", pem, "--token", "con dấu", "--label", kind, "--id", f"0{number}")
        pem.unlink()
    (made,) = tokens.iterdir()
    return made


def _stored(device: Device, identifier: bytes, credential: KeyCredential) -> None:
    """Write a certificate into the token, as its issuer does."""
    import pkcs11
    from pkcs11 import Attribute, CertificateType, ObjectClass

    del device
    library = next(path for path in LIBRARIES if path.is_file())
    session = pkcs11.lib(str(library)).get_token(token_label="con dấu").open(rw=True)
    session.create_object(
        {
            Attribute.CLASS: ObjectClass.CERTIFICATE,
            Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
            Attribute.TOKEN: True,
            Attribute.ID: identifier,
            Attribute.SUBJECT: credential.certificate.subject.public_bytes(),
            Attribute.VALUE: encoded(credential.certificate),
        }
    )
    session.close()


@pytest.fixture
def device(library: Path, token: Path) -> Iterator[Device]:
    with Device(library, token_label="con dấu", pin=PIN) as opened:
        yield opened


def _credential(device: Device, keys: dict[str, KeyCredential], kind: str, **options: object):
    known = keys[kind]
    identifier = bytes((KINDS.index(kind),))
    return DeviceCredential.of(
        device,
        identifier=identifier,
        certificate=known.certificate,
        chain=known.chain,
        **options,
    )


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        *((kind, {}) for kind in KINDS),
        ("rsa2048", {"pss": True}),
        ("rsa2048", {"pss": True, "digest": "sha384"}),
        ("rsa2048", {"digest": "sha512"}),
    ],
    ids=str,
)
def test_a_device_signs_with_every_algorithm(
    device: Device,
    keys: dict[str, KeyCredential],
    kind: str,
    options: dict[str, object],
    authority: DemoAuthority,
    openssl: Callable[..., CompletedProcess[str]],
    tmp_path: Path,
):
    credential: Credential = _credential(device, keys, kind, **options)
    assert credential.chain == keys[kind].chain
    digest = new_digest(credential.signature_algorithm.digest, CONTENT).digest()
    cms = detached_signature(digest, credential, claimed_at=None, timestamp=None)
    signed = parse_signed_data(cms)
    assert verify_signed_data(signed, digest=digest) == credential.certificate
    assert len(cms) <= signed_data_size(credential, timestamped=False)
    if kind == "ed25519":
        return  # OpenSSL 3.0 checks no Ed25519 in CMS: test_algorithms.
    (tmp_path / "content").write_bytes(CONTENT)
    (tmp_path / "content.p7s").write_bytes(cms)
    verified = openssl(
        *("cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-cades"),
        *("-in", tmp_path / "content.p7s", "-CAfile", authority.folder / "root.pem"),
        *("-out", tmp_path / "out", "-content", tmp_path / "content"),
    )
    assert "Verification successful" in verified.stderr, verified.stderr


def test_the_token_gives_its_certificate_where_it_stores_one(
    device: Device, keys: dict[str, KeyCredential]
):
    with pytest.raises(KeyNotFound):
        DeviceCredential.of(device)
    _stored(device, b"\x00", keys["rsa2048"])
    found = DeviceCredential.of(device)
    assert found.certificate == keys["rsa2048"].certificate
    assert found.sign(CONTENT) == keys["rsa2048"].sign(CONTENT)
    with pytest.raises(KeyNotFound):
        DeviceCredential.of(device, identifier=b"\x01")


def test_a_key_that_the_token_does_not_hold_is_named(
    device: Device, keys: dict[str, KeyCredential]
):
    credential = _credential(device, keys, "p256")
    with pytest.raises(KeyNotFound):
        replace(credential, identifier=b"\x63").sign(CONTENT)
    credential.sign(CONTENT)


def test_a_value_by_another_key_is_not_let_out(device: Device, keys: dict[str, KeyCredential]):
    other = replace(_credential(device, keys, "p256"), certificate=keys["p384"].certificate)
    with pytest.raises(SignatureMismatch):
        other.sign(CONTENT)


def test_what_the_key_cannot_do_is_not_taken_for_a_lost_token(
    device: Device, keys: dict[str, KeyCredential], monkeypatch: pytest.MonkeyPatch
):
    # SoftHSM2 has no SHA-3, as many USB tokens have no SHA-384.
    monkeypatch.setitem(devices._RSA, "sha384", Mechanism.SHA3_384_RSA_PKCS)
    _credential(device, keys, "rsa2048", digest="sha512").sign(CONTENT)
    with pytest.raises(DeviceError, match="MechanismInvalid") as refused:
        _credential(device, keys, "rsa2048", digest="sha384").sign(CONTENT)
    assert not isinstance(refused.value, DeviceUnavailable)


def test_the_session_stays_open_between_signatures(
    device: Device, keys: dict[str, KeyCredential], monkeypatch: pytest.MonkeyPatch
):
    """Log-in and look-up cost more than a signature: they happen once."""
    credential = _credential(device, keys, "p256")
    credential.sign(CONTENT)
    key = device._keys[credential.identifier]
    monkeypatch.setattr(Device, "_open", lambda self: pytest.fail("logged in again"))
    for _ in range(20):
        credential.sign(CONTENT)
    assert device._keys[credential.identifier] is key


def test_a_lost_token_is_logged_in_to_again_when_it_is_back(
    device: Device, keys: dict[str, KeyCredential], token: Path
):
    credential = _credential(device, keys, "rsa2048")
    before = credential.sign(CONTENT)
    away = token.with_name("pulled-out")
    token.rename(away.parent.parent / away.name)
    try:
        for _ in range(2):
            with pytest.raises(DeviceUnavailable):
                credential.sign(CONTENT)
    finally:
        (away.parent.parent / away.name).rename(token)
    assert credential.sign(CONTENT) == before


def test_a_driver_that_starts_anew_costs_no_signature(
    device: Device, keys: dict[str, KeyCredential], library: Path
):
    import pkcs11

    credential = _credential(device, keys, "rsa2048")
    before = credential.sign(CONTENT)
    pkcs11.lib(str(library)).reinitialize()
    assert credential.sign(CONTENT) == before


def test_a_token_that_is_open_is_not_opened_under_another_pin(device: Device, library: Path):
    """PKCS #11 section 5.6: log-in holds for all sessions of a process, whatever PIN they give."""
    with pytest.raises(DeviceBusy):
        Device(library, token_label="con dấu", pin="000000")


def test_after_closing_nothing_is_signed(device: Device, keys: dict[str, KeyCredential]):
    credential = _credential(device, keys, "p256")
    assert device.is_open
    device.close()
    assert not device.is_open
    with pytest.raises(DeviceUnavailable):
        credential.sign(CONTENT)


@pytest.mark.parametrize("wrong", ["library", "token"])
def test_a_device_that_is_not_there_is_said_to_be_missing(library: Path, token: Path, wrong: str):
    with pytest.raises(DeviceUnavailable):
        Device(
            Path("/no/such/driver.so") if wrong == "library" else library,
            token_label="khác" if wrong == "token" else "con dấu",
            pin=PIN,
        )


def test_a_wrong_pin_is_refused_and_the_right_one_opens_afterwards(
    library: Path, token: Path, keys: dict[str, KeyCredential]
):
    with pytest.raises(DevicePINWrong):
        Device(library, token_label="con dấu", pin="999999")
    with Device(library, token_label="con dấu", pin=PIN) as opened:
        _credential(opened, keys, "p256").sign(CONTENT)


def test_the_tokens_at_a_driver_are_named_without_a_pin(library: Path, token: Path, tmp_path: Path):
    assert "con dấu" in token_labels(library)
    with pytest.raises(DeviceUnavailable):
        token_labels(tmp_path / "khong-co.so")


def test_a_locked_pin_is_said_to_be_locked(monkeypatch: pytest.MonkeyPatch, library: Path):
    """SoftHSM2 never locks a PIN, so the driver's answer is put in its mouth."""

    class LockedToken:
        def get_token(self, token_label: str) -> "LockedToken":
            return self

        def open(self, user_pin: str) -> None:
            raise PinLocked

    monkeypatch.setattr("pkcs11.lib", lambda path: LockedToken())
    with pytest.raises(DevicePINLocked):
        Device(library, token_label="con dấu", pin=PIN)


# python-pkcs11 ends its searches when it is collected, here after the driver has started anew.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_pin_changed_meanwhile_is_never_sent_twice(
    library: Path, token: Path, keys: dict[str, KeyCredential]
):
    import pkcs11

    device = Device(library, token_label="con dấu", pin=PIN)
    credential = _credential(device, keys, "p256")
    pkcs11.lib(str(library)).reinitialize()
    changed = pkcs11.lib(str(library)).get_token(token_label="con dấu").open(rw=True, user_pin=PIN)
    changed.set_pin(PIN, "13579135")
    changed.close()
    try:
        with pytest.raises(DevicePINWrong):
            credential.sign(CONTENT)
        with pytest.raises(DeviceUnavailable, match="closed"):
            credential.sign(CONTENT)
    finally:
        with Device(library, token_label="con dấu", pin="13579135"):
            pass
        restored = (
            pkcs11.lib(str(library))
            .get_token(token_label="con dấu")
            .open(rw=True, user_pin="13579135")
        )
        restored.set_pin("13579135", PIN)
        restored.close()
