"""Keystores and credentials: opened once, checked once, weak or foreign keys refused."""

from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from chauban_pki.credentials import Credential, KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.errors import KeyMismatch, KeystoreInvalid, KeystoreLocked, WeakKey
from chauban_pki.keystore import open_keystore, write_keystore

PASSWORD = "mật khẩu"


def _self_signed(key, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Thử")])
    return (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    ).sign(key, _digest_of(key))


def _digest_of(key) -> hashes.SHA256 | None:
    is_eddsa = isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    return None if is_eddsa else hashes.SHA256()


def test_a_keystore_opens_with_its_password_to_key_certificate_and_chain(
    person: KeyCredential, authority: DemoAuthority
):
    credential: Credential = person
    assert credential.chain == (authority.issuing.certificate, authority.root.certificate)
    signature = credential.sign(b"data")
    key = credential.certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(signature, b"data", padding.PKCS1v15(), hashes.SHA256())
    assert len(signature) == credential.signature_algorithm.size_bytes


def test_a_wrong_password_leaves_the_keystore_locked(person_keystore: bytes):
    with pytest.raises(KeystoreLocked):
        open_keystore(person_keystore, PASSWORD + ".")


@pytest.mark.parametrize("damage", [lambda p12: b"", lambda p12: p12[:-1], lambda p12: b"%PDF-1.7"])
def test_what_is_no_keystore_is_refused(person_keystore: bytes, damage):
    with pytest.raises(KeystoreInvalid):
        open_keystore(damage(person_keystore), PASSWORD)


def test_a_keystore_without_a_key_is_refused(person: KeyCredential):
    p12 = pkcs12.serialize_key_and_certificates(
        None, None, person.certificate, None, BestAvailableEncryption(PASSWORD.encode())
    )
    with pytest.raises(KeystoreInvalid):
        open_keystore(p12, PASSWORD)


def test_a_key_of_another_certificate_is_refused(person: KeyCredential, seal: KeyCredential):
    p12 = write_keystore(person.key, person.certificate, (), PASSWORD)
    assert open_keystore(p12, PASSWORD).certificate == person.certificate
    with pytest.raises(KeyMismatch):
        KeyCredential.of(seal.key, person.certificate)


@pytest.mark.parametrize(
    ("make_key", "is_refused"),
    [
        (lambda: ec.generate_private_key(ec.SECP256R1()), False),
        (lambda: ec.generate_private_key(ec.SECP384R1()), False),
        (lambda: ec.generate_private_key(ec.SECP521R1()), False),
        (lambda: ed25519.Ed25519PrivateKey.generate(), False),
        (lambda: rsa.generate_private_key(65537, 2048), False),
        (lambda: rsa.generate_private_key(65537, 1024), True),
        (lambda: ec.generate_private_key(ec.SECP256K1()), True),
        (lambda: dsa.generate_private_key(2048), True),
        (lambda: ed448.Ed448PrivateKey.generate(), True),
    ],
    ids=["P-256", "P-384", "P-521", "Ed25519", "RSA-2048", "RSA-1024", "K-256", "DSA", "Ed448"],
)
def test_only_keys_of_the_accepted_kinds_sign(make_key, is_refused: bool, now: datetime):
    # Thông tư 15/2025/TT-BKHCN: RSA of 2048 bits or more, ECDSA of 256 or more.
    key = make_key()
    certificate = _self_signed(key, now)
    if is_refused:
        with pytest.raises(WeakKey):
            KeyCredential.of(key, certificate)
    else:
        assert KeyCredential.of(key, certificate).certificate == certificate


def test_a_keystore_with_another_kind_of_key_is_refused(now: datetime):
    key = ed448.Ed448PrivateKey.generate()
    p12 = pkcs12.serialize_key_and_certificates(
        None, key, _self_signed(key, now), None, BestAvailableEncryption(PASSWORD.encode())
    )
    with pytest.raises(WeakKey):
        open_keystore(p12, PASSWORD)


def test_a_credential_does_not_show_its_key(person: KeyCredential):
    assert "RSAPrivateKey" not in repr(person)
