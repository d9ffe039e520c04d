"""Credentials: what can sign in someone's name."""

from dataclasses import dataclass, field
from typing import Protocol, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs12

from chauban_pki import algorithms, der
from chauban_pki.algorithms import RSASSA_PSS, Digest, PrivateKey, SignatureAlgorithm
from chauban_pki.errors import KeyMismatch, KeystoreInvalid, KeystoreLocked, WeakKey


class Credential(Protocol):
    """A key and its certificate; the key may live in memory, in a device or far away."""

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the key."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Its issuers, direct issuer first, up to the root where known."""

    @property
    def signature_algorithm(self) -> SignatureAlgorithm:
        """How `sign` signs."""

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature value over data; the hash is part of the operation."""


@dataclass(frozen=True)
class KeyCredential:
    """A private key held in memory, with its certificate and chain."""

    key: PrivateKey = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    signature_algorithm: SignatureAlgorithm

    @classmethod
    def of(
        cls,
        key: PrivateKey,
        certificate: x509.Certificate,
        chain: tuple[x509.Certificate, ...] = (),
        *,
        digest: Digest = "sha256",
        pss: bool = False,
    ) -> Self:
        """Return the credential of a key; the certificates may come in any order.

        `digest` and `pss` (RSASSA-PSS instead of PKCS#1 v1.5) say how an RSA key signs; a
        certificate for RSASSA-PSS alone implies it (RFC 4055 section 1.2).

        Raises:
            WeakKey: the key is not accepted for signing.
            KeyMismatch: the certificate is another key's.
        """
        algorithm = signature_algorithm_of(certificate, digest=digest, pss=pss)
        if _spki(key.public_key()) != _spki(certificate.public_key()):
            raise KeyMismatch(certificate.subject.rfc4514_string())
        return cls(key, certificate, in_order(certificate, chain), algorithm)

    @classmethod
    def load(
        cls, p12: bytes, password: str, *, digest: Digest = "sha256", pss: bool = False
    ) -> Self:
        """Return the credential in a PKCS#12 keystore.

        The key is checked here and never again; with the keystore's key derivation that takes
        about 50 ms of processor time, so load once for a session or batch (RFC 7292). `digest`
        and `pss` as in `of`.

        Raises:
            KeystoreLocked: the password is wrong.
            KeystoreInvalid: no PKCS#12, or no key with its certificate in it.
            WeakKey, KeyMismatch: as `of`.
        """
        try:
            stored = pkcs12.load_pkcs12(p12, password.encode())
        except ValueError as error:
            if "password" in str(error).lower():
                raise KeystoreLocked from None
            raise KeystoreInvalid(str(error)) from None
        except Exception as error:  # the parser's own errors are many; none may escape
            raise KeystoreInvalid(str(error)) from None
        if stored.key is None or stored.cert is None:
            raise KeystoreInvalid("it holds no key with its certificate")
        if not isinstance(
            stored.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
        ):
            raise WeakKey(type(stored.key).__name__)
        others = tuple(entry.certificate for entry in stored.additional_certs)
        return cls.of(stored.key, stored.cert.certificate, others, digest=digest, pss=pss)

    def sign(self, data: bytes) -> bytes:
        return algorithms.sign(self.key, data, self.signature_algorithm)


def _spki(key: object) -> bytes:
    encoded: bytes = key.public_bytes(  # type: ignore[attr-defined]
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def signature_algorithm_of(
    certificate: x509.Certificate, *, digest: Digest = "sha256", pss: bool = False
) -> SignatureAlgorithm:
    """Return how the key of a certificate signs; see `KeyCredential.of`.

    Raises:
        WeakKey: the key is not accepted for signing.
    """
    pss = pss or certificate.public_key_algorithm_oid.dotted_string == RSASSA_PSS
    return algorithms.signature_algorithm_for(certificate.public_key(), digest=digest, pss=pss)


def require_signature_by(
    certificate: x509.Certificate, signature: bytes, data: bytes, *, algorithm: SignatureAlgorithm
) -> None:
    """Check a value that came from elsewhere before it is put into a document.

    Raises:
        SignatureMismatch: it is not by the certificate's key over exactly that data.
    """
    scheme = algorithms.read_scheme(der.read_all(algorithm.der))
    algorithms.verify_signature(
        certificate.public_key(), signature, data, algorithm=scheme.algorithm, scheme=scheme
    )


def in_order(
    certificate: x509.Certificate, others: tuple[x509.Certificate, ...]
) -> tuple[x509.Certificate, ...]:
    """Return those that lead from the certificate upwards, direct issuer first."""
    chain: list[x509.Certificate] = []
    current, left = certificate, [other for other in others if other != certificate]
    while issuer := next((one for one in left if one.subject == current.issuer), None):
        chain.append(issuer)
        left.remove(issuer)
        current = issuer
    return tuple(chain)
