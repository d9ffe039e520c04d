"""A credential without its key: what it would be asked to sign, and how large that gets."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast, get_args

from cryptography import x509

from chauban_pki.algorithms import Digest, SignatureAlgorithm
from chauban_pki.certificates import encoded, parse_certificate
from chauban_pki.cms import detached_signature
from chauban_pki.credentials import signature_algorithm_of

from .errors import PreparedStateInvalid


class KeyElsewhere:
    """Stands in for a credential: notes what is to be signed, answers with what was signed."""

    def __init__(
        self,
        certificate: x509.Certificate,
        chain: tuple[x509.Certificate, ...],
        signature_algorithm: SignatureAlgorithm,
        signature: bytes = b"",
    ) -> None:
        self.certificate = certificate
        self.chain = chain
        self.signature_algorithm = signature_algorithm
        self.asked = b""
        self._signature = signature

    def sign(self, data: bytes) -> bytes:
        self.asked = data
        return self._signature


@dataclass(frozen=True)
class Awaited:
    """A signature in waiting: whose key is to sign which digest, and how."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    pss: bool
    digest_name: Digest
    """hashlib's name of `digest`."""
    digest: bytes

    @property
    def signature_algorithm(self) -> SignatureAlgorithm:
        """How the certificate's key is to sign."""
        return signature_algorithm_of(self.certificate, digest=self.digest_name, pss=self.pss)

    def key(self, signature: bytes = b"") -> KeyElsewhere:
        return KeyElsewhere(self.certificate, self.chain, self.signature_algorithm, signature)

    def signed_attributes(self, claimed_at: datetime | None) -> bytes:
        """What a bare signature value is made over, DER."""
        key = self.key()
        detached_signature(self.digest, key, claimed_at=claimed_at, timestamp=None)
        return key.asked

    def stated(self) -> dict[str, Any]:
        """This as values of JSON."""
        certificates = (self.certificate, *self.chain)
        return {
            "certificates": [b64encode(encoded(one)).decode("ascii") for one in certificates],
            "pss": self.pss,
            "digest_name": self.digest_name,
            "digest": self.digest.hex(),
        }


def awaited(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an `Awaited` from what `stated` made of them.

    Raises:
        PreparedStateInvalid: the digest is none of ours.
        ValueError, KeyError, TypeError, or an error of chauban_pki: it is something else.
    """
    certificate, *chain = (
        parse_certificate(b64decode(one, validate=True)) for one in given["certificates"]
    )
    return {
        "certificate": certificate,
        "chain": tuple(chain),
        "pss": bool(given["pss"]),
        "digest_name": digest_named(given["digest_name"]),
        "digest": bytes.fromhex(given["digest"]),
    }


def digest_named(name: str) -> Digest:
    """Raises: PreparedStateInvalid."""
    if name not in get_args(Digest):
        raise PreparedStateInvalid("digest_name")
    return cast(Digest, name)
