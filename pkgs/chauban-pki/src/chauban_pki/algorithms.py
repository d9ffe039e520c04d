"""Signature algorithms: those we sign with, and how a signature value is made and checked."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from chauban_pki import der, strength
from chauban_pki.errors import SignatureMismatch, WeakKey, WeakSignatureAlgorithm
from chauban_pki.strength import MINIMUM_RSA_BITS

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Digest = Literal["sha256", "sha384", "sha512"]
"""The digests that we sign with, by hashlib's names."""

GREATEST_SIGNING_RSA_BITS = 4096


@dataclass(frozen=True)
class SignatureAlgorithm:
    """How a credential signs: `digest` is hashlib's name, `der` the AlgorithmIdentifier.

    `size_bytes` is the length of a signature value; for ECDSA the greatest length. The digest
    is also the one that content is hashed with in a CMS signature (RFC 5652 section 5.4).
    """

    name: str
    digest: str
    der: bytes
    size_bytes: int

    @property
    def digest_identifier(self) -> bytes:
        """The digest's AlgorithmIdentifier, DER."""
        return DIGEST_IDENTIFIERS[self.digest]


def _identifier(oid: str, *parameters: bytes) -> bytes:
    return der.encode(der.SEQUENCE, der.encode_oid(oid), *parameters)


NULL = der.encode(der.NULL, b"")
SHA1_OID = "1.3.14.3.2.26"
SHA256_OID = "2.16.840.1.101.3.4.2.1"
SHA384_OID = "2.16.840.1.101.3.4.2.2"
SHA512_OID = "2.16.840.1.101.3.4.2.3"
SHA256_IDENTIFIER = _identifier(SHA256_OID, NULL)
DIGEST_IDENTIFIERS = {
    "sha256": SHA256_IDENTIFIER,
    # Without parameters: RFC 5754 section 2, and RFC 8419 section 2.3 insists.
    "sha384": _identifier(SHA384_OID),
    "sha512": _identifier(SHA512_OID),
}
DIGESTS_BY_NAME: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
DIGESTS: dict[str, hashes.HashAlgorithm] = {
    SHA256_OID: DIGESTS_BY_NAME["sha256"],
    SHA384_OID: DIGESTS_BY_NAME["sha384"],
    SHA512_OID: DIGESTS_BY_NAME["sha512"],
}
"""Digests that count today, by dotted name (ETSI TS 119 312 clause 5)."""
KNOWN_DIGESTS = DIGESTS | {SHA1_OID: DIGESTS_BY_NAME["sha1"]}
"""Those, and the one that counted in old signatures."""

RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
RSASSA_PSS = "1.2.840.113549.1.1.10"
ED25519 = "1.3.101.112"
MGF1 = "1.2.840.113549.1.1.8"
_RSA_WITH: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.113549.1.1.5": DIGESTS_BY_NAME["sha1"],
    "1.2.840.113549.1.1.11": DIGESTS_BY_NAME["sha256"],
    "1.2.840.113549.1.1.12": DIGESTS_BY_NAME["sha384"],
    "1.2.840.113549.1.1.13": DIGESTS_BY_NAME["sha512"],
}
_ECDSA_WITH: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.10045.4.1": DIGESTS_BY_NAME["sha1"],
    "1.2.840.10045.4.3.2": DIGESTS_BY_NAME["sha256"],
    "1.2.840.10045.4.3.3": DIGESTS_BY_NAME["sha384"],
    "1.2.840.10045.4.3.4": DIGESTS_BY_NAME["sha512"],
}


# What we sign with


def rsa_pkcs1v15(bits: int, digest: Digest = "sha256") -> SignatureAlgorithm:
    """Return RSASSA-PKCS1-v1_5 for a key of that many bits (RFC 8017 section 8.2)."""
    oid = next(oid for oid, one in _RSA_WITH.items() if one.name == digest)
    return SignatureAlgorithm(
        f"rsa-pkcs1v15-{digest}", digest, _identifier(oid, NULL), (bits + 7) // 8
    )


def rsa_pss(bits: int, digest: Digest = "sha256") -> SignatureAlgorithm:
    """Return RSASSA-PSS (RFC 8017 section 8.1): MGF1 with the same digest, salt as long as it."""
    digest_identifier = DIGEST_IDENTIFIERS[digest]
    parameters = der.encode(
        der.SEQUENCE,
        der.encode(0xA0, digest_identifier),
        der.encode(0xA1, _identifier(MGF1, digest_identifier)),
        der.encode(0xA2, der.encode_integer(DIGESTS_BY_NAME[digest].digest_size)),
    )
    return SignatureAlgorithm(
        f"rsa-pss-{digest}", digest, _identifier(RSASSA_PSS, parameters), (bits + 7) // 8
    )


ECDSA_P256_SHA256 = SignatureAlgorithm(
    "ecdsa-p256-sha256", "sha256", _identifier("1.2.840.10045.4.3.2"), 72
)
ECDSA_P384_SHA384 = SignatureAlgorithm(
    "ecdsa-p384-sha384", "sha384", _identifier("1.2.840.10045.4.3.3"), 104
)
ECDSA_P521_SHA512 = SignatureAlgorithm(
    "ecdsa-p521-sha512", "sha512", _identifier("1.2.840.10045.4.3.4"), 139
)
ED25519_SHA512 = SignatureAlgorithm("ed25519", "sha512", _identifier(ED25519), 64)
"""RFC 8419: the key signs the attributes themselves; content is hashed with SHA-512."""

_BY_CURVE = {
    "secp256r1": ECDSA_P256_SHA256,
    "secp384r1": ECDSA_P384_SHA384,
    "secp521r1": ECDSA_P521_SHA512,
}


def signature_algorithm_for(
    key: PublicKeyTypes | PrivateKeyTypes, *, digest: Digest = "sha256", pss: bool = False
) -> SignatureAlgorithm:
    """Return the algorithm that a key, private or public, signs with here.

    `digest` and `pss` say how an RSA key signs; the others have one algorithm each.

    Raises:
        WeakKey: RSA below 2048 or above 4096 bits, or another curve or kind of key.
    """
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        if not MINIMUM_RSA_BITS <= key.key_size <= GREATEST_SIGNING_RSA_BITS:
            raise WeakKey(f"RSA {key.key_size}")
        return (rsa_pss if pss else rsa_pkcs1v15)(key.key_size, digest)
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        if key.curve.name not in _BY_CURVE:
            raise WeakKey(f"EC {key.curve.name}")
        return _BY_CURVE[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey):
        return ED25519_SHA512
    raise WeakKey(type(key).__name__)


def sign(key: PrivateKey, data: bytes, algorithm: SignatureAlgorithm | None = None) -> bytes:
    """Return the signature value over data; the hash is part of the operation.

    Without an algorithm the key's first choice in `signature_algorithm_for` is taken.
    """
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, _ecdsa((algorithm or _BY_CURVE[key.curve.name]).digest))
    if algorithm is None:
        return key.sign(data, _PKCS1, DIGESTS_BY_NAME["sha256"])
    scheme = _pss(algorithm.digest) if algorithm.name.startswith("rsa-pss") else _PKCS1
    return key.sign(data, scheme, DIGESTS_BY_NAME[algorithm.digest])


_PKCS1 = padding.PKCS1v15()


@lru_cache(maxsize=8)
def _ecdsa(digest: str) -> ec.ECDSA:
    return ec.ECDSA(DIGESTS_BY_NAME[digest])


@lru_cache(maxsize=8)
def _pss(digest: str) -> padding.PSS:
    digest_algorithm = DIGESTS_BY_NAME[digest]
    return padding.PSS(padding.MGF1(digest_algorithm), digest_algorithm.digest_size)


# What verification accepts


@dataclass(frozen=True)
class Scheme:
    """A signature's AlgorithmIdentifier as found: dotted name, and what PSS parameters name."""

    algorithm: str
    digest: str = ""
    mask_digest: str = ""
    salt_bytes: int = 0


def read_scheme(element: der.Element) -> Scheme:
    """Return what an AlgorithmIdentifier says (RFC 4055 section 3.1 for RSASSA-PSS).

    Raises:
        NotDER, ValueError, IndexError: it is malformed, or of parameters that PSS does not have.
    """
    fields = der.expect(element, der.SEQUENCE).children()
    algorithm = der.read_oid(fields[0])
    if algorithm != RSASSA_PSS:
        return Scheme(algorithm)
    given = {one.tag: one for one in (der.expect(fields[1], der.SEQUENCE) if fields[1:] else ())}
    if given.keys() - {0xA0, 0xA1, 0xA2, 0xA3}:
        raise ValueError("RSASSA-PSS parameters")
    digest = mask_digest = SHA1_OID
    salt_bytes = 20
    if 0xA0 in given:
        digest = _oid_of(given[0xA0].children()[0])
    if 0xA1 in given:
        mask, mask_parameters = der.expect(given[0xA1].children()[0], der.SEQUENCE)
        if der.read_oid(mask) != MGF1:
            raise ValueError("mask generation function other than MGF1")
        mask_digest = _oid_of(mask_parameters)
    if 0xA2 in given:
        salt_bytes = der.read_integer(given[0xA2].children()[0])
    if 0xA3 in given and der.read_integer(given[0xA3].children()[0]) != 1:
        raise ValueError("RSASSA-PSS trailer")
    return Scheme(algorithm, digest, mask_digest, salt_bytes)


def _oid_of(identifier: der.Element) -> str:
    return der.read_oid(der.expect(identifier, der.SEQUENCE).children()[0])


def scheme_digest(scheme: Scheme) -> str | None:
    """Return hashlib's name of the digest that the scheme itself fixes; None where it is open.

    An unknown PSS digest is returned dotted. Ed25519 goes with SHA-512 (RFC 8419 section 3.1).
    """
    if scheme.algorithm == RSASSA_PSS:
        known = KNOWN_DIGESTS.get(scheme.digest)
        return known.name if known else scheme.digest
    if scheme.algorithm == ED25519:
        return "sha512"
    fixed = _RSA_WITH.get(scheme.algorithm) or _ECDSA_WITH.get(scheme.algorithm)
    return fixed.name if fixed else None


def is_for_key(scheme: Scheme, key: PublicKeyTypes) -> bool:
    """Return whether a key of that kind can make such signatures; so of unknown ones."""
    kinds: dict[str, type[PublicKeyTypes]] = dict.fromkeys(_ECDSA_WITH, ec.EllipticCurvePublicKey)
    kinds |= dict.fromkeys((*_RSA_WITH, RSA_ENCRYPTION, RSASSA_PSS), rsa.RSAPublicKey)
    kinds[ED25519] = ed25519.Ed25519PublicKey
    return isinstance(key, kinds.get(scheme.algorithm, object))


def verify_signature(
    key: PublicKeyTypes,
    signature: bytes,
    data: bytes,
    *,
    algorithm: str,
    digest: hashes.HashAlgorithm | None = None,
    scheme: Scheme | None = None,
    at: datetime | None = None,
) -> None:
    """Check a signature value over data; return nothing when it holds.

    `algorithm` is the dotted name of the signature algorithm; `digest` the one named beside
    it, needed where the algorithm leaves it open (rsaEncryption). RSASSA-PSS is checked with
    the parameters in `scheme`. `at` is a proved moment at which the algorithm had to count;
    without one it has to count today.

    Raises:
        SignatureMismatch: the value does not verify.
        WeakSignatureAlgorithm: the algorithm, the key's kind or its size is not accepted.
    """
    strength.require_key(key, at=at)
    try:
        if algorithm == ED25519 and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        elif algorithm in _ECDSA_WITH and isinstance(key, ec.EllipticCurvePublicKey):
            strength.require_digest(_ECDSA_WITH[algorithm].name, at=at)
            key.verify(signature, data, _ecdsa(_ECDSA_WITH[algorithm].name))
        elif algorithm == RSASSA_PSS and isinstance(key, rsa.RSAPublicKey):
            _verify_pss(key, signature, data, digest=digest, scheme=scheme, at=at)
        elif isinstance(key, rsa.RSAPublicKey) and (
            algorithm in _RSA_WITH or algorithm == RSA_ENCRYPTION
        ):
            chosen = _RSA_WITH.get(algorithm) or digest
            if chosen is None:
                raise WeakSignatureAlgorithm(algorithm)
            strength.require_digest(chosen.name, at=at)
            key.verify(signature, data, _PKCS1, chosen)
        else:
            raise WeakSignatureAlgorithm(algorithm)
    except InvalidSignature:
        raise SignatureMismatch from None
    except UnsupportedAlgorithm:
        raise WeakSignatureAlgorithm(algorithm) from None


def _verify_pss(
    key: rsa.RSAPublicKey,
    signature: bytes,
    data: bytes,
    *,
    digest: hashes.HashAlgorithm | None,
    scheme: Scheme | None,
    at: datetime | None,
) -> None:
    """Check RSASSA-PSS; the salt has to fit the key (RFC 8017 section 9.1.1)."""
    if scheme is None:
        if digest is None:
            raise WeakSignatureAlgorithm(RSASSA_PSS)
        strength.require_digest(digest.name, at=at)
        key.verify(signature, data, padding.PSS(padding.MGF1(digest), padding.PSS.AUTO), digest)
        return
    try:
        chosen, mask = KNOWN_DIGESTS[scheme.digest], KNOWN_DIGESTS[scheme.mask_digest]
    except KeyError as unknown:
        raise WeakSignatureAlgorithm(f"RSASSA-PSS {unknown.args[0]}") from None
    strength.require_digest(chosen.name, at=at)
    strength.require_digest(mask.name, at=at)
    greatest_salt = (key.key_size + 6) // 8 - chosen.digest_size - 2
    if not 0 <= scheme.salt_bytes <= greatest_salt:
        raise WeakSignatureAlgorithm(f"RSASSA-PSS salt of {scheme.salt_bytes} bytes")
    key.verify(signature, data, padding.PSS(padding.MGF1(mask), scheme.salt_bytes), chosen)
