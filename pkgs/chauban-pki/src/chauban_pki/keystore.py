"""PKCS#12 keystores (RFC 7292), protected by a password."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from chauban_pki.algorithms import PrivateKey
from chauban_pki.credentials import KeyCredential

_ROUNDS = 100_000


def write_keystore(
    key: PrivateKey,
    certificate: x509.Certificate,
    chain: tuple[x509.Certificate, ...],
    password: str,
) -> bytes:
    """Return a PKCS#12 keystore: PBES2 with AES-256-CBC, HMAC-SHA-256 (RFC 8018 section 6.2)."""
    protection = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(password.encode())
    )
    return pkcs12.serialize_key_and_certificates(None, key, certificate, chain, protection)


open_keystore = KeyCredential.load
