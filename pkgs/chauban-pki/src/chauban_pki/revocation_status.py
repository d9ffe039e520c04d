"""What one piece of revocation information says, and whether it is fresh enough to count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from chauban_pki.errors import RevocationInformationInvalid, RevocationInformationStale
from chauban_pki.paths import CertificatePath

CLOCK_SKEW = timedelta(minutes=5)
"""How far a responder's clock may be ahead of ours."""


@dataclass(frozen=True)
class RevocationStatus:
    """What one piece of information says of one certificate; times are UTC.

    `revoked_at` is None while it stands good; `cause` is empty where none is stated. `source` is
    "ocsp" or "crl", `information` the piece itself, DER; `delta` a delta CRL that was read with
    it. `signed_by` is the path of another key of the issuer's that signed it, `weak` what of the
    signatures no longer counts today.
    """

    source: str
    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None
    cause: str
    information: bytes
    delta: bytes = b""
    signed_by: CertificatePath | None = None
    weak: str = ""


def require_fresh(status: RevocationStatus, *, at: datetime) -> None:
    """Check that the information covers a time: it was due for renewal only after it.

    Information made later than `at` covers it too, for it lists what was revoked before.

    Raises:
        RevocationInformationStale: it ended before `at`, or has no end and began before it.
    """
    end = status.next_update or status.this_update
    if end < at:
        raise RevocationInformationStale(
            f"{status.source.upper()} information ended {end.isoformat()}, "
            f"asked about {at.isoformat()}"
        )


def require_known_extensions(
    extensions: Iterable[x509.Extension[x509.ExtensionType]], known: set[x509.ObjectIdentifier]
) -> None:
    for extension in extensions:
        if extension.critical and extension.oid not in known:
            raise RevocationInformationInvalid(
                f"critical extension {extension.oid.dotted_string} not understood"
            )
