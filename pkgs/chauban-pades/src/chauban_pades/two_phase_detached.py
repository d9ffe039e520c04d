"""A detached signature (.p7s) in two phases: its key is elsewhere, as in `two_phase`.

Standard: ETSI EN 319 122-1 (CAdES B-B, with the signing time that the signer claims).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from chauban_pki.cms import detached_signature
from chauban_pki.credentials import in_order, require_signature_by
from chauban_pki.errors import PKIError

from .errors import PreparedStateInvalid
from .keys_elsewhere import Awaited, KeyElsewhere, awaited

_FORMAT = "chauban-pades-prepared-detached-1"


@dataclass(frozen=True)
class PreparedDetached(Awaited):
    """A detached signature in waiting: who is to sign which digest, claiming which moment (UTC).

    `digest` is the file's.
    """

    claimed_at: datetime

    @property
    def to_be_signed(self) -> bytes:
        """The signed attributes, DER: what a bare signature value is made over."""
        return self.signed_attributes(self.claimed_at)

    def key(self, signature: bytes = b"") -> KeyElsewhere:
        chain = in_order(self.certificate, self.chain)
        return KeyElsewhere(self.certificate, chain, self.signature_algorithm, signature)

    def complete(self, signature: bytes) -> bytes:
        """The CMS signature (.p7s), DER, without a time-stamp.

        Raises:
            SignatureMismatch (of chauban_pki): the value is not by the certificate's key.
        """
        require_signature_by(
            self.certificate, signature, self.to_be_signed, algorithm=self.signature_algorithm
        )
        key = self.key(signature)
        return detached_signature(self.digest, key, claimed_at=self.claimed_at, timestamp=None)

    def to_bytes(self) -> bytes:
        """This as JSON."""
        claimed_at = self.claimed_at.isoformat()
        stated = {"format": _FORMAT, **self.stated(), "claimed_at": claimed_at}
        return json.dumps(stated).encode("ascii")

    @classmethod
    def from_bytes(cls, state: bytes) -> Self:
        """What `to_bytes` wrote.

        Raises:
            PreparedStateInvalid: it is something else.
        """
        try:
            given = json.loads(state)
            if given["format"] != _FORMAT:
                raise PreparedStateInvalid("format")
            claimed_at = datetime.fromisoformat(given["claimed_at"])
            return cls(**awaited(given), claimed_at=claimed_at)
        except (ValueError, KeyError, TypeError, RecursionError, PKIError) as reason:
            raise PreparedStateInvalid(type(reason).__name__) from None
