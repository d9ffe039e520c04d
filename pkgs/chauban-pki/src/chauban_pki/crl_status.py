"""What a CRL, or a delta CRL with it, says of a certificate (RFC 5280 sections 5 and 6.3)."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from cryptography import x509
from cryptography.x509.oid import CRLEntryExtensionOID

from chauban_pki import paths
from chauban_pki.authorities import (
    NO_SUPPORT,
    Support,
    other_keys,
    weakness_unless_refused,
)
from chauban_pki.crls import OpenedCRL, open_crl, require_signed_by
from chauban_pki.errors import RevocationInformationFromFuture, RevocationInformationInvalid
from chauban_pki.paths import CertificatePath
from chauban_pki.revocation_status import CLOCK_SKEW, RevocationStatus, require_known_extensions

_ENTRY_EXTENSIONS = {CRLEntryExtensionOID.CRL_REASON, CRLEntryExtensionOID.INVALIDITY_DATE}


def read_crl(
    crl: bytes,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    now: datetime,
    support: Support = NO_SUPPORT,
) -> RevocationStatus:
    """Return what a complete CRL of the issuer, DER, says of the certificate.

    The issuer may have signed it with another of its keys that support knows of; whether that
    key is in force is for the caller to check.

    Raises:
        RevocationInformationInvalid: malformed, of another issuer, indirect, a delta, limited
            to other certificates, from the future, or not signed by the issuer.
    """
    opened = open_crl(crl)
    if opened.base_number is not None:
        raise RevocationInformationInvalid("a delta CRL, without the complete one")
    entry, signed_by, weak = _checked_entry(opened, certificate, issuer, now=now, support=support)
    return RevocationStatus(
        source="crl",
        this_update=opened.parsed.last_update_utc,
        next_update=opened.parsed.next_update_utc,
        revoked_at=entry.revocation_date_utc if entry else None,
        cause=_crl_cause(entry),
        information=crl,
        signed_by=signed_by,
        weak=weak,
    )


def is_delta(crl: bytes) -> bool:
    """Return whether a CRL, DER, is a delta CRL; raises RevocationInformationInvalid."""
    return open_crl(crl).base_number is not None


def read_delta_crl(
    delta: bytes,
    known: RevocationStatus,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    now: datetime,
    support: Support = NO_SUPPORT,
) -> RevocationStatus:
    """Return what a complete CRL, read before, and a delta to it say together.

    The delta's entries replace the complete CRL's; `removeFromCRL` lifts a hold
    (RFC 5280 sections 5.2.4 and 6.3.3 (c), (i), (k)).

    Raises:
        RevocationInformationInvalid: as `read_crl`; or the delta builds on a later CRL, is not
            newer, or is of another scope.
    """
    opened, base = open_crl(delta), open_crl(known.information)
    if opened.base_number is None or opened.number is None or base.number is None:
        raise RevocationInformationInvalid("not a delta CRL with numbers")
    if not opened.base_number <= base.number < opened.number:
        raise RevocationInformationInvalid(
            f"delta {opened.base_number} to {opened.number} does not follow CRL {base.number}"
        )
    if _scope(opened.parsed) != _scope(base.parsed):
        raise RevocationInformationInvalid("delta CRL is of another scope")
    entry, signed_by, weak = _checked_entry(opened, certificate, issuer, now=now, support=support)
    is_lifted = entry is not None and _crl_cause(entry) == x509.ReasonFlags.remove_from_crl.value
    changed = replace(
        known,
        this_update=opened.parsed.last_update_utc,
        next_update=opened.parsed.next_update_utc,
        delta=delta,
        signed_by=signed_by or known.signed_by,
        weak=weak or known.weak,
    )
    if entry is None:
        return changed
    return replace(
        changed,
        revoked_at=None if is_lifted else entry.revocation_date_utc,
        cause="" if is_lifted else _crl_cause(entry),
    )


def _checked_entry(
    crl: OpenedCRL,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    now: datetime,
    support: Support,
) -> tuple[x509.RevokedCertificate | None, CertificatePath | None, str]:
    """Return the certificate's entry after checking whose CRL it is (RFC 5280 section 6.3.3).

    With it, the path of another key that signed the CRL, if any, and what is weak now.
    """
    if crl.parsed.issuer != issuer.subject:
        raise RevocationInformationInvalid("CRL is of another issuer")
    if crl.parsed.last_update_utc > now + CLOCK_SKEW:
        raise RevocationInformationFromFuture("CRL is from the future")
    _require_in_scope(crl.parsed, certificate)
    signed_by, weak = _signer(crl, issuer, support)
    try:
        entry = crl.entry(certificate.serial_number)
        extensions = entry.extensions if entry else ()
    except Exception as error:  # the parser's own errors are many; none may escape
        raise RevocationInformationInvalid(f"CRL malformed: {error}") from None
    require_known_extensions(extensions, _ENTRY_EXTENSIONS)
    return entry, signed_by, weak


def _signer(
    crl: OpenedCRL, issuer: x509.Certificate, support: Support
) -> tuple[CertificatePath | None, str]:
    """Return the path of the key that signed the CRL, None for the issuer's, and what is weak."""

    def weakness(key_holder: x509.Certificate) -> str:
        _require_may_sign_crls(key_holder)
        check = partial(require_signed_by, crl, key_holder)
        return weakness_unless_refused(check, crl.encoded, support)

    try:
        return None, weakness(issuer)
    except RevocationInformationInvalid as refused:
        for path in other_keys(issuer, support, at=crl.parsed.last_update_utc):
            try:
                return path, weakness(path.end_entity)
            except RevocationInformationInvalid:
                continue
        raise refused from None


def _scope(crl: x509.CertificateRevocationList) -> x509.IssuingDistributionPoint | None:
    try:
        return crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return None


def freshest_crl_urls(certificate: x509.Certificate, crl: bytes) -> tuple[str, ...]:
    """Return the addresses of delta CRLs, named in the CRL or else in the certificate.

    RFC 5280 sections 4.2.1.15 and 5.2.6.
    """
    try:
        points = open_crl(crl).parsed.extensions.get_extension_for_class(x509.FreshestCRL).value
    except x509.ExtensionNotFound:
        named = paths.extension(certificate, x509.FreshestCRL)
        return _urls(named) if named else ()
    return _urls(points)


def crl_urls(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the CRL addresses in the certificate (RFC 5280 section 4.2.1.13)."""
    points = paths.extension(certificate, x509.CRLDistributionPoints)
    return _urls(points) if points else ()


def _urls(points: x509.CRLDistributionPoints | x509.FreshestCRL) -> tuple[str, ...]:
    return tuple(
        name.value
        for point in points
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    )


def _require_may_sign_crls(issuer: x509.Certificate) -> None:
    usage = paths.extension(issuer, x509.KeyUsage)
    if usage is not None and not usage.crl_sign:
        raise RevocationInformationInvalid("the issuer's key may not sign CRLs")


def _require_in_scope(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> None:
    """Check the issuing distribution point (RFC 5280 sections 5.2.5 and 6.3.3 (b))."""
    try:
        point = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return
    is_ca = paths.is_certificate_authority(certificate)
    if (
        point.indirect_crl
        or point.only_some_reasons
        or point.only_contains_attribute_certs
        or (point.only_contains_ca_certs and not is_ca)
        or (point.only_contains_user_certs and is_ca)
    ):
        raise RevocationInformationInvalid("CRL does not cover the certificate")
    if point.full_name is None and point.relative_name is None:
        return
    names = _point_names(point.full_name, point.relative_name, crl.issuer)
    if names.isdisjoint(_points_of(certificate)):
        raise RevocationInformationInvalid("CRL is of another distribution point")


def _points_of(certificate: x509.Certificate) -> set[x509.GeneralName]:
    """Return the names of all distribution points in a certificate that cover every reason.

    Without any, its issuer's name stands for one (RFC 5280 section 6.3.3). One whose CRL
    another authority issues is left out: indirect CRLs are not accepted.
    """
    points = paths.extension(certificate, x509.CRLDistributionPoints)
    if points is None:
        return {x509.DirectoryName(certificate.issuer)}
    return {
        name
        for point in points
        if point.crl_issuer is None and point.reasons is None
        for name in _point_names(point.full_name, point.relative_name, certificate.issuer)
    }


def _point_names(
    full_name: list[x509.GeneralName] | None,
    relative_name: x509.RelativeDistinguishedName | None,
    issuer: x509.Name,
) -> set[x509.GeneralName]:
    """Return a DistributionPointName's names; a relative one is completed by the issuer's."""
    names = set(full_name or ())
    if relative_name is not None:
        names.add(x509.DirectoryName(x509.Name([*issuer.rdns, relative_name])))
    return names


def _crl_cause(entry: x509.RevokedCertificate | None) -> str:
    if entry is None:
        return ""
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        return ""
    except ValueError as error:
        raise RevocationInformationInvalid(f"CRL entry malformed: {error}") from None
