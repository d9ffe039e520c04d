"""What a key has made: brought to its level with a time-stamp and validation data.

Nothing here uses a key, so the worker may do it unattended (design, decision 18).
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from hashlib import sha256

from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.trust.models import Certificate
from chauban.workflow.models import KeyUse
from chauban_pades.appearance import Appearance, image_appearance
from chauban_pades.collecting import validation_data_of
from chauban_pades.errors import AlreadyTimestamped
from chauban_pades.signing import add_timestamp
from chauban_pades.validation_data import add_validation_data
from chauban_pki.cms import add_signature_timestamp
from chauban_pki.errors import CertificateRevoked, PKIError, TimestampUnavailable
from chauban_pki.signed_data import parse_signed_data
from chauban_pki.timestamps import Timestamper
from chauban_pki.trust import Fetch, Trust


@dataclass(frozen=True)
class SigningServices:
    """What signing needs from outside: an authority of time, revocation information, anchors."""

    timestamp: Timestamper
    fetch: Fetch
    trust: Trust

    def for_one_act(self) -> "SigningServices":
        """The same, asking for each piece of revocation information once."""
        return replace(self, fetch=cache(self.fetch))


@dataclass(frozen=True)
class Made:
    """A signed file, or a detached signature, as far as it has come."""

    use: KeyUse
    content: bytes
    timestamp_pending: bool
    validation_data_pending: bool
    problem: str = ""

    @property
    def is_pending(self) -> bool:
        return self.timestamp_pending or self.validation_data_pending


def completed(made: Made, services: SigningServices, *, now: datetime) -> Made:
    """Return made with time-stamp and validation data, as far as they can be had now.

    Raises:
        CertificateRevoked: what was made can never be valid.
        NoRoom: the signature, made elsewhere, leaves no room for its time-stamp.
    """
    try:
        if made.timestamp_pending:
            content = _timestamped(made, services.timestamp)
            made = replace(made, content=content, timestamp_pending=False)
        if made.validation_data_pending:
            data = validation_data_of(
                made.content, trust=services.trust, fetch=services.fetch, at=now
            )
            content = add_validation_data(made.content, data=data)
            made = replace(made, content=content, validation_data_pending=False)
    except CertificateRevoked:
        raise
    except TimestampUnavailable as problem:
        return replace(made, problem=str(problem))
    except PKIError as problem:
        return replace(made, problem=str(problem))
    return replace(made, problem="")


def kept(use: KeyUse) -> Made:
    """What use has made, as it was kept."""
    return Made(
        use=use,
        content=store.read(use.result),
        timestamp_pending=use.timestamp_pending,
        validation_data_pending=use.validation_data_pending,
    )


def picture_of(certificate: Certificate) -> Appearance | None:
    """The picture of a signature or seal, prepared once per picture."""
    if certificate.picture is None or certificate.picture_width_mm is None:
        return None
    return _appearance(certificate.picture.pk, certificate.picture_width_mm)


@lru_cache(maxsize=256)
def _appearance(sha256_of_picture: str, width_mm: float) -> Appearance:
    picture = store.read(Blob(sha256=sha256_of_picture))
    return image_appearance(picture, width_mm=width_mm)


def _timestamped(made: Made, timestamp: Timestamper) -> bytes:
    if made.use.field:
        with suppress(AlreadyTimestamped):  # the holder's own program may have asked for one
            return add_timestamp(made.content, field=made.use.field, timestamp=timestamp)
        return made.content
    signature = parse_signed_data(made.content).signature
    return add_signature_timestamp(made.content, timestamp(sha256(signature).digest()))
