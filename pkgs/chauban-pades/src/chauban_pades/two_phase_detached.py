"""A detached signature (.p7s) in two phases: its key is elsewhere, as in `two_phase`.

Standard: ETSI EN 319 122-1 (CAdES B-B, with the signing time that the signer claims).
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Self, cast, get_args

from cryptography import x509

from chauban_pki.algorithms import Digest, SignatureAlgorithm
from chauban_pki.certificates import encoded, parse_certificate
from chauban_pki.cms import detached_signature
from chauban_pki.credentials import in_order, require_signature_by, signature_algorithm_of
from chauban_pki.errors import PKIError

from .errors import PreparedStateInvalid
from .keys_elsewhere import KeyElsewhere

_FORMAT = "chauban-pades-prepared-detached-1"


@dataclass(frozen=True)
class PreparedDetached:
    """A detached signature in waiting: who is to sign which digest, claiming which moment (UTC).

    `digest` is the file's, made with `digest_name` (hashlib's name).
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    pss: bool
    digest_name: Digest
    digest: bytes
    claimed_at: datetime

    @property
    def signature_algorithm(self) -> SignatureAlgorithm:
        """How the certificate's key is to sign."""
        return signature_algorithm_of(self.certificate, digest=self.digest_name, pss=self.pss)

    @property
    def to_be_signed(self) -> bytes:
        """The signed attributes, DER: what a bare signature value is made over."""
        key = self._key()
        detached_signature(self.digest, key, claimed_at=self.claimed_at, timestamp=None)
        return key.asked

    def complete(self, signature: bytes) -> bytes:
        """The CMS signature (.p7s), DER, without a time-stamp.

        Raises:
            SignatureMismatch (of chauban_pki): the value is not by the certificate's key.
        """
        require_signature_by(
            self.certificate, signature, self.to_be_signed, algorithm=self.signature_algorithm
        )
        key = self._key(signature)
        return detached_signature(self.digest, key, claimed_at=self.claimed_at, timestamp=None)

    def to_bytes(self) -> bytes:
        """This as JSON."""
        certificates = (self.certificate, *self.chain)
        return json.dumps(
            {
                "format": _FORMAT,
                "certificates": [b64encode(encoded(one)).decode() for one in certificates],
                "pss": self.pss,
                "digest_name": self.digest_name,
                "digest": self.digest.hex(),
                "claimed_at": self.claimed_at.isoformat(),
            }
        ).encode("ascii")

    @classmethod
    def from_bytes(cls, state: bytes) -> Self:
        """What `to_bytes` wrote.

        Raises:
            PreparedStateInvalid: it is something else.
        """
        try:
            given = json.loads(state)
            if given["format"] != _FORMAT or given["digest_name"] not in get_args(Digest):
                raise PreparedStateInvalid("format")
            certificate, *chain = (
                parse_certificate(b64decode(one, validate=True)) for one in given["certificates"]
            )
            return cls(
                certificate=certificate,
                chain=tuple(chain),
                pss=bool(given["pss"]),
                digest_name=cast(Digest, given["digest_name"]),
                digest=bytes.fromhex(given["digest"]),
                claimed_at=datetime.fromisoformat(given["claimed_at"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError, PKIError) as reason:
            raise PreparedStateInvalid(type(reason).__name__) from None

    def _key(self, signature: bytes = b"") -> KeyElsewhere:
        chain = in_order(self.certificate, self.chain)
        return KeyElsewhere(self.certificate, chain, self.signature_algorithm, signature)
