"""Entering a certificate: refused where it is not fit to sign with, else with what to ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from chauban.accounts.officers import Officer
from chauban.blobs.models import Blob
from chauban.directory.models import IssuingBody, Person
from chauban.trust.actions import store_certificate
from chauban.trust.errors import CertificateUnfit, KeyReferenceIncomplete
from chauban.trust.models import Certificate, Custody
from chauban_pki.certificates import encoded, parse_certificate
from chauban_pki.errors import CertificateMalformed
from chauban_pki.paths import require_valid_at
from chauban_pki.profiles import check_profile
from chauban_pki.reasons import Reason

# Findings of the profile check with which nothing valid could be signed; the others are told.
REFUSED = frozenset({"profile-authority", "profile-key-usage", "profile-weak-key"})
REFERENCES: Mapping[Custody, tuple[str, ...]] = {
    Custody.DEVICE: ("token", "key"),
    Custody.REMOTE: ("service", "credential"),
    Custody.TELEPHONE: ("service", "credential"),
    Custody.PLUGIN: (),
}


@dataclass(frozen=True)
class Entered:
    certificate: Certificate
    warnings: tuple[Reason, ...]


def certificates_in(content: bytes) -> list[x509.Certificate]:
    """The certificates of a file, PEM or DER, in its order.

    Raises: CertificateMalformed (chauban_pki).
    """
    if b"-----BEGIN" not in content:
        return [parse_certificate(content)]
    try:
        found = x509.load_pem_x509_certificates(content)
    except ValueError as error:
        raise CertificateMalformed(str(error)) from None
    return [parse_certificate(encoded(one)) for one in found]


def findings(certificate: x509.Certificate, *, now: datetime) -> tuple[Reason, ...]:
    """What a certificate departs in from the profile of a signer (`profiles.check_profile`).

    Raises:
        CertificateUnfit: nothing valid can be signed with it.
        CertificateExpired, CertificateNotYetValid (chauban_pki): not valid now.
    """
    found = check_profile(certificate, at=now)
    refused = tuple(one for one in found if one.code in REFUSED)
    if refused:
        raise CertificateUnfit(certificate.subject.rfc4514_string(), refused)
    require_valid_at(certificate, now)
    return found


def enter_certificate(
    certificate: x509.Certificate,
    *,
    holder: Person | IssuingBody,
    custody: Custody,
    key_reference: Mapping[str, str],
    picture: Blob | None = None,
    picture_width_mm: float | None = None,
    officer: Officer | None,
    now: datetime,
) -> Entered:
    """Enter a certificate whose key is kept elsewhere, after the check of its profile.

    Raises:
        CertificateUnfit, CertificateExpired, CertificateNotYetValid: as `findings`.
        KeyReferenceIncomplete: where the key is kept is not said as that custody needs it.
        CertificateOfAnother: it is not of the holder's kind.
    """
    warnings = findings(certificate, now=now)
    if custody not in REFERENCES or set(key_reference) != set(REFERENCES[custody]):
        raise KeyReferenceIncomplete(custody, REFERENCES.get(custody, ()))
    if "key" in key_reference and not _is_hex(key_reference["key"]):
        raise KeyReferenceIncomplete(custody, REFERENCES[custody])
    stored = store_certificate(
        encoded(certificate),
        holder=holder,
        custody=custody,
        key_reference=key_reference,
        picture=picture,
        picture_width_mm=picture_width_mm,
        officer=officer,
        now=now,
    )
    return Entered(stored, warnings)


def _is_hex(text: str) -> bool:
    try:
        return bool(bytes.fromhex(text))
    except ValueError:
        return False
