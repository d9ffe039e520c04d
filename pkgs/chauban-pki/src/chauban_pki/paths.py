"""Building and validating certificate paths (RFC 5280 section 6.1).

Of section 6.1's inputs the policy set is any-policy and no policy is required; a critical
extension that would change that is not understood and so refused. Revocation, step (a)(3),
is in `revocation`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from chauban_pki import oids
from chauban_pki.algorithms import verify_signature
from chauban_pki.certificates import signature_scheme
from chauban_pki.errors import (
    CertificateExpired,
    CertificateMalformed,
    CertificateNotYetValid,
    CertificateSignatureInvalid,
    KeyUsageNotAllowed,
    NameNotPermitted,
    NotACertificateAuthority,
    PathInvalid,
    PathTooLong,
    PurposeNotAllowed,
    SignatureMismatch,
    UnknownCriticalExtension,
    UntrustedAnchor,
    WeakAlgorithm,
    WeakSignatureAlgorithm,
)
from chauban_pki.name_constraints import PermittedNames
from chauban_pki.trust import Trust

Extension = TypeVar("Extension", bound=x509.ExtensionType)


class Purpose(Enum):
    """What the key at the end of a path was used for."""

    SIGNING = "signing"
    TIMESTAMPING = "timestamping"
    OCSP_SIGNING = "ocsp-signing"
    CRL_SIGNING = "crl-signing"


@dataclass(frozen=True)
class CertificatePath:
    """A valid path: the end entity first, the trust anchor last."""

    certificates: tuple[x509.Certificate, ...]

    @property
    def end_entity(self) -> x509.Certificate:
        return self.certificates[0]

    @property
    def anchor(self) -> x509.Certificate:
        return self.certificates[-1]

    def issued(self) -> Iterator[tuple[x509.Certificate, x509.Certificate]]:
        """Return each certificate below the anchor with its issuer, end entity first."""
        return zip(self.certificates[:-1], self.certificates[1:], strict=True)


# A longer search than any real hierarchy needs; a hostile heap of certificates ends it.
_LONGEST_PATH = 8
_MOST_STEPS = 200

_UNDERSTOOD = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.NAME_CONSTRAINTS,
    ExtensionOID.CERTIFICATE_POLICIES,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.ISSUER_ALTERNATIVE_NAME,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ExtensionOID.CRL_DISTRIBUTION_POINTS,
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
}
_SIGNING_PURPOSES = {
    oids.ANY_EXTENDED_KEY_USAGE,
    oids.ID_KP_CLIENT_AUTH,
    oids.ID_KP_EMAIL_PROTECTION,
    oids.ID_KP_DOCUMENT_SIGNING,
    oids.MICROSOFT_DOCUMENT_SIGNING,
    oids.ADOBE_AUTHENTIC_DOCUMENTS,
}


def build_path(
    certificate: x509.Certificate,
    *,
    intermediates: Iterable[x509.Certificate],
    trust: Trust,
    at: datetime,
    purpose: Purpose = Purpose.SIGNING,
) -> CertificatePath:
    """Return a path from the certificate to an anchor that is valid at that time.

    A moment in the past has to be a proved one: an algorithm that counted then is accepted.

    Raises:
        UntrustedAnchor: no chain of names leads to an anchor.
        PathInvalid: a leaf of it, for the first chain found; no other chain is valid either.
    """
    anchors = trust.timestamping if purpose is Purpose.TIMESTAMPING else trust.signing
    helpers = (*intermediates, *trust.intermediates)
    first_failure: PathInvalid | None = None
    for path in _chains(certificate, helpers, anchors):
        try:
            _validate(path, at=at, purpose=purpose)
        except PathInvalid as failure:
            first_failure = first_failure or failure
        else:
            return CertificatePath(path)
    raise first_failure or UntrustedAnchor(subject(certificate))


def subject(certificate: x509.Certificate) -> str:
    """Return the certificate's holder as messages name it: common name and organisation."""
    names = [
        str(found[0].value)
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
        if (found := certificate.subject.get_attributes_for_oid(oid))
    ]
    return ", ".join(dict.fromkeys(names)) or certificate.subject.rfc4514_string()


def require_valid_at(certificate: x509.Certificate, at: datetime) -> None:
    """Check the certificate's own validity period (RFC 5280 section 4.1.2.5).

    Raises:
        CertificateNotYetValid, CertificateExpired: at is before or after it.
    """
    valid_from, valid_to = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at < valid_from:
        raise CertificateNotYetValid(subject(certificate), valid_from=valid_from, at=at)
    if at > valid_to:
        raise CertificateExpired(subject(certificate), valid_to=valid_to, at=at)


def require_issued_by(
    certificate: x509.Certificate, issuer: x509.Certificate, *, at: datetime | None = None
) -> None:
    """Check the issuer's signature on the certificate (RFC 5280 section 6.1.3 (a)(1)).

    `at` is a proved moment at which the algorithm had to count; without one, today. What counts
    today counted before (`strength.counts`).

    Raises:
        CertificateSignatureInvalid: it does not verify, or the two places that name the
            algorithm differ (RFC 5280 section 4.1.1.2).
        WeakAlgorithm: it was made with an algorithm that does not count.
    """
    try:
        _require_issued_by(certificate, issuer, None)
    except WeakAlgorithm:
        if at is None:
            raise
        _require_issued_by(certificate, issuer, at)


# Issuers and their certificates repeat from signature to signature; the answer never changes.
@lru_cache(maxsize=4096)
def _require_issued_by(
    certificate: x509.Certificate, issuer: x509.Certificate, at: datetime | None
) -> None:
    try:
        scheme = signature_scheme(certificate)
        verify_signature(
            issuer.public_key(),
            certificate.signature,
            certificate.tbs_certificate_bytes,
            algorithm=scheme.algorithm,
            scheme=scheme,
            at=at,
        )
    except CertificateMalformed as malformed:
        raise CertificateSignatureInvalid(subject(certificate), malformed.detail) from None
    except SignatureMismatch:
        raise CertificateSignatureInvalid(subject(certificate)) from None
    except WeakSignatureAlgorithm as weak:
        raise WeakAlgorithm(subject(certificate), weak.found) from None


def weakness_of_path(path: CertificatePath) -> str:
    """Return with what a certificate of a valid path was signed that does not count today.

    Empty when nothing; for people.
    """
    for certificate, issuer in path.issued():
        try:
            require_issued_by(certificate, issuer)
        except WeakAlgorithm as weak:
            return weak.detail
    return ""


def _chains(
    certificate: x509.Certificate,
    helpers: tuple[x509.Certificate, ...],
    anchors: tuple[x509.Certificate, ...],
) -> Iterator[tuple[x509.Certificate, ...]]:
    if certificate in anchors:
        yield (certificate,)
        return
    steps = 0
    waiting: list[tuple[x509.Certificate, ...]] = [(certificate,)]
    while waiting and steps < _MOST_STEPS:
        steps += 1
        chain = waiting.pop()
        last = chain[-1]
        for anchor in anchors:
            if anchor.subject == last.issuer and anchor not in chain:
                yield (*chain, anchor)
        if len(chain) < _LONGEST_PATH:
            waiting += (
                (*chain, helper)
                for helper in helpers
                if helper.subject == last.issuer and helper not in chain
            )


def _validate(path: tuple[x509.Certificate, ...], *, at: datetime, purpose: Purpose) -> None:
    """Apply RFC 5280 sections 6.1.3 to 6.1.5, from the anchor's side to the end entity."""
    *certificates, anchor = path
    names = PermittedNames()
    path_length = len(path)
    issuer = anchor
    if anchor is path[0]:
        require_valid_at(anchor, at)
    for certificate in reversed(certificates):
        is_last = certificate is path[0]
        is_self_issued = certificate.subject == certificate.issuer
        require_issued_by(certificate, issuer, at=at)
        require_valid_at(certificate, at)
        if is_last or not is_self_issued:
            refused = names.refuse(certificate)
            if refused is not None:
                raise NameNotPermitted(subject(certificate), refused)
        _require_understood(certificate)
        if not is_last:
            names = names.narrowed_by(certificate)
            path_length = _path_length_below(certificate, path_length, is_self_issued)
            issuer = certificate
    require_purpose(path[0], purpose)


def _path_length_below(certificate: x509.Certificate, allowed: int, is_self_issued: bool) -> int:
    """Apply RFC 5280 section 6.1.4 (k) to (n) to a CA certificate of the path."""
    constraints = extension(certificate, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        raise NotACertificateAuthority(subject(certificate))
    usage = extension(certificate, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        raise KeyUsageNotAllowed(subject(certificate), "keyCertSign")
    if not is_self_issued:
        if allowed <= 0:
            raise PathTooLong(subject(certificate))
        allowed -= 1
    if constraints.path_length is not None:
        return min(allowed, constraints.path_length)
    return allowed


def _require_understood(certificate: x509.Certificate) -> None:
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            raise UnknownCriticalExtension(subject(certificate), extension.oid.dotted_string)


def require_purpose(certificate: x509.Certificate, purpose: Purpose) -> None:
    """Check key usage and extended key usage (RFC 5280 sections 4.2.1.3 and 4.2.1.12).

    Raises:
        KeyUsageNotAllowed, PurposeNotAllowed: they do not allow it.
        NotACertificateAuthority: CRLs are to be signed, and nothing says that it may.
    """
    usage = extension(certificate, x509.KeyUsage)
    if purpose is Purpose.CRL_SIGNING:
        if usage is not None and not usage.crl_sign:
            raise KeyUsageNotAllowed(subject(certificate), "cRLSign")
        if usage is None and not is_certificate_authority(certificate):
            raise NotACertificateAuthority(subject(certificate))
        return
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise KeyUsageNotAllowed(subject(certificate), "digitalSignature, nonRepudiation")
    purposes = _purposes(certificate)
    if purpose is Purpose.SIGNING:
        if purposes and not purposes & _SIGNING_PURPOSES:
            raise PurposeNotAllowed(subject(certificate), ", ".join(sorted(purposes)))
    elif purpose is Purpose.OCSP_SIGNING:
        if oids.ID_KP_OCSP_SIGNING not in purposes:
            raise PurposeNotAllowed(subject(certificate), "OCSPSigning missing")
    else:
        require_timestamping(certificate)


def require_timestamping(certificate: x509.Certificate) -> None:
    """Check that time-stamping is the certificate's one purpose (RFC 3161 section 2.3).

    Raises:
        PurposeNotAllowed: it is not, or the extension is not critical.
    """
    if _purposes(certificate) != {oids.ID_KP_TIME_STAMPING} or not (
        certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).critical
    ):
        raise PurposeNotAllowed(subject(certificate), "timeStamping must be alone and critical")


def _purposes(certificate: x509.Certificate) -> set[str]:
    return {oid.dotted_string for oid in extension(certificate, x509.ExtendedKeyUsage) or ()}


def is_certificate_authority(certificate: x509.Certificate) -> bool:
    """Return whether the certificate says that it is a CA's (RFC 5280 section 4.2.1.9)."""
    constraints = extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    """Return the value of an extension, None when the certificate has none of that kind."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
