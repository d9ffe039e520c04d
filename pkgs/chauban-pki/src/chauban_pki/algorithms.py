"""Signature algorithms: those we sign with, and those whose signatures we accept."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from chauban_pki import der
from chauban_pki.errors import SignatureMismatch, WeakKey, WeakSignatureAlgorithm

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

MINIMUM_RSA_BITS = 2048
"""Thông tư 15/2025/TT-BKHCN asks for RSA of 2048 bits at least; so does ETSI TS 119 312."""


@dataclass(frozen=True)
class SignatureAlgorithm:
    """How a credential signs: `digest` is hashlib's name, `der` the AlgorithmIdentifier.

    `size_bytes` is the length of a signature value; for ECDSA the greatest length.
    """

    name: str
    digest: str
    der: bytes
    size_bytes: int


def _identifier(oid: str, *parameters: bytes) -> bytes:
    return der.encode(der.SEQUENCE, der.encode_oid(oid), *parameters)


NULL = der.encode(der.NULL, b"")
SHA256_OID = "2.16.840.1.101.3.4.2.1"
SHA256_IDENTIFIER = _identifier(SHA256_OID, NULL)
RSA_SHA256_IDENTIFIER = _identifier("1.2.840.113549.1.1.11", NULL)
ECDSA_SHA256_IDENTIFIER = _identifier("1.2.840.10045.4.3.2")

ECDSA_P256_SHA256 = SignatureAlgorithm("ecdsa-p256-sha256", "sha256", ECDSA_SHA256_IDENTIFIER, 72)


def rsa_sha256(bits: int) -> SignatureAlgorithm:
    """Return RSASSA-PKCS1-v1_5 with SHA-256 for a key of that many bits (RFC 8017 section 8.2)."""
    return SignatureAlgorithm(
        "rsa-pkcs1v15-sha256", "sha256", RSA_SHA256_IDENTIFIER, (bits + 7) // 8
    )


def signature_algorithm_for(key: PublicKeyTypes | PrivateKeyTypes) -> SignatureAlgorithm:
    """Return the algorithm that a key, private or public, signs with here.

    Raises:
        WeakKey: RSA below 2048 bits, another curve than P-256, or another kind of key.
    """
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        if key.key_size < MINIMUM_RSA_BITS:
            raise WeakKey(f"RSA {key.key_size}")
        return rsa_sha256(key.key_size)
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        if not isinstance(key.curve, ec.SECP256R1):
            raise WeakKey(f"EC {key.curve.name}")
        return ECDSA_P256_SHA256
    raise WeakKey(type(key).__name__)


_PKCS1 = padding.PKCS1v15()
_SHA256 = hashes.SHA256()
_ECDSA = ec.ECDSA(_SHA256)


def sign(key: PrivateKey, data: bytes) -> bytes:
    """Return the signature value over data; the hash, SHA-256, is part of the operation."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, _PKCS1, _SHA256)
    return key.sign(data, _ECDSA)


# What verification accepts: ETSI TS 119 312 clause 5 and 6. SHA-1 and MD5 are known by name
# so that an old signature is called weak rather than unknown.
DIGESTS: dict[str, hashes.HashAlgorithm] = {
    SHA256_OID: hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
_RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
_RSA_PSS = "1.2.840.113549.1.1.10"
_RSA_WITH: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.113549.1.1.11": hashes.SHA256(),
    "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
}
_ECDSA_WITH: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.10045.4.3.2": hashes.SHA256(),
    "1.2.840.10045.4.3.3": hashes.SHA384(),
    "1.2.840.10045.4.3.4": hashes.SHA512(),
}
_ED25519 = "1.3.101.112"


def verify_signature(
    key: PublicKeyTypes,
    signature: bytes,
    data: bytes,
    *,
    algorithm: str,
    digest: hashes.HashAlgorithm | None = None,
) -> None:
    """Check a signature value over data; return nothing when it holds.

    `algorithm` is the dotted name of the signature algorithm; `digest` the one named beside
    it, needed where the algorithm leaves it open (rsaEncryption, RSASSA-PSS).

    Raises:
        SignatureMismatch: the value does not verify, or the key is of another kind.
        WeakSignatureAlgorithm: the algorithm or the key's size is not accepted.
    """
    try:
        if algorithm == _ED25519 and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        elif algorithm in _ECDSA_WITH and isinstance(key, ec.EllipticCurvePublicKey):
            _require_curve(key)
            key.verify(signature, data, ec.ECDSA(_ECDSA_WITH[algorithm]))
        elif isinstance(key, rsa.RSAPublicKey):
            chosen = _RSA_WITH.get(algorithm) or digest
            _verify_rsa(key, signature, data, algorithm=algorithm, digest=chosen)
        else:
            raise WeakSignatureAlgorithm(algorithm)
    except InvalidSignature:
        raise SignatureMismatch from None


def _require_curve(key: ec.EllipticCurvePublicKey) -> None:
    if not isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1):
        raise WeakSignatureAlgorithm(f"EC {key.curve.name}")


def _verify_rsa(
    key: rsa.RSAPublicKey,
    signature: bytes,
    data: bytes,
    *,
    algorithm: str,
    digest: hashes.HashAlgorithm | None,
) -> None:
    if key.key_size < MINIMUM_RSA_BITS:
        raise WeakSignatureAlgorithm(f"RSA {key.key_size}")
    if digest is None or isinstance(digest, hashes.SHA1 | hashes.MD5):
        raise WeakSignatureAlgorithm(algorithm if digest is None else digest.name)
    if algorithm == _RSA_PSS:
        scheme: padding.PSS | padding.PKCS1v15 = padding.PSS(padding.MGF1(digest), padding.PSS.AUTO)
    elif algorithm == _RSA_ENCRYPTION or algorithm in _RSA_WITH:
        scheme = _PKCS1
    else:
        raise WeakSignatureAlgorithm(algorithm)
    key.verify(signature, data, scheme, digest)
