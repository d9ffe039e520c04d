"""What one OCSP response (RFC 6960) or CRL (RFC 5280 section 6.3) says of a certificate."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha1, sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    CRLEntryExtensionOID,
    OCSPExtensionOID,
)

from chauban_pki import der, paths
from chauban_pki.algorithms import read_scheme, verify_signature
from chauban_pki.crls import OpenedCRL, open_crl, require_signed_by
from chauban_pki.errors import (
    PathInvalid,
    PKIError,
    RevocationInformationInvalid,
    RevocationInformationStale,
    SignatureMismatch,
    WeakSignatureAlgorithm,
)

CLOCK_SKEW = timedelta(minutes=5)
"""How far a responder's clock may be ahead of ours."""

OCSP_REQUEST_TYPE = "application/ocsp-request"


@dataclass(frozen=True)
class RevocationStatus:
    """What one piece of information says of one certificate; times are UTC.

    `revoked_at` is None while it stands good. `source` is "ocsp" or "crl", `information` the
    piece itself, DER; `delta` a delta CRL that was read with it.
    """

    source: str
    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None
    cause: str
    information: bytes
    delta: bytes = b""


def read_ocsp(
    response: bytes, certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime
) -> RevocationStatus:
    """Return what an OCSP response, DER, says of the certificate.

    The responder is the issuer itself, or holds a certificate that the same issuer gave it for
    OCSP signing (RFC 6960 section 4.2.2.2).

    Raises:
        RevocationInformationInvalid: malformed, not successful, about another certificate,
            of unknown status, from the future, or not signed by one who may.
    """
    try:
        return _read_ocsp(response, certificate, issuer, now=now)
    except PKIError:
        raise
    except Exception as error:  # the parser's own errors are many; none may escape
        raise RevocationInformationInvalid(f"OCSP response malformed: {error}") from None


def _read_ocsp(
    response: bytes, certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime
) -> RevocationStatus:
    parsed = ocsp.load_der_ocsp_response(response)
    if parsed.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise RevocationInformationInvalid(f"OCSP: {parsed.response_status.name}")
    _require_known_extensions(parsed.extensions, _OCSP_EXTENSIONS)
    single = next((one for one in parsed.responses if _is_about(one, certificate, issuer)), None)
    if single is None:
        raise RevocationInformationInvalid("OCSP response is about another certificate")
    if single.this_update_utc > now + CLOCK_SKEW:
        raise RevocationInformationInvalid("OCSP response is from the future")
    if single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise RevocationInformationInvalid("OCSP responder does not know the certificate")
    _verify_ocsp(parsed, issuer)
    reason = single.revocation_reason
    return RevocationStatus(
        source="ocsp",
        this_update=single.this_update_utc,
        next_update=single.next_update_utc,
        revoked_at=single.revocation_time_utc,
        cause=reason.value if reason else "unspecified",
        information=response,
    )


def read_crl(
    crl: bytes, certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime
) -> RevocationStatus:
    """Return what a complete CRL of the issuer, DER, says of the certificate.

    Raises:
        RevocationInformationInvalid: malformed, of another issuer, indirect, a delta, limited
            to other certificates, from the future, or not signed by the issuer.
    """
    opened = open_crl(crl)
    if opened.base_number is not None:
        raise RevocationInformationInvalid("a delta CRL, without the complete one")
    entry = _checked_entry(opened, certificate, issuer, now=now)
    return RevocationStatus(
        source="crl",
        this_update=opened.parsed.last_update_utc,
        next_update=opened.parsed.next_update_utc,
        revoked_at=entry.revocation_date_utc if entry else None,
        cause=_crl_cause(entry),
        information=crl,
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
    entry = _checked_entry(opened, certificate, issuer, now=now)
    is_lifted = entry is not None and _crl_cause(entry) == x509.ReasonFlags.remove_from_crl.value
    changed = replace(
        known,
        this_update=opened.parsed.last_update_utc,
        next_update=opened.parsed.next_update_utc,
        delta=delta,
    )
    if entry is None:
        return changed
    return replace(
        changed,
        revoked_at=None if is_lifted else entry.revocation_date_utc,
        cause="unspecified" if is_lifted else _crl_cause(entry),
    )


def _checked_entry(
    crl: OpenedCRL, certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime
) -> x509.RevokedCertificate | None:
    """Return the certificate's entry after checking whose CRL it is (RFC 5280 section 6.3.3)."""
    if crl.parsed.issuer != issuer.subject:
        raise RevocationInformationInvalid("CRL is of another issuer")
    if crl.parsed.last_update_utc > now + CLOCK_SKEW:
        raise RevocationInformationInvalid("CRL is from the future")
    _require_in_scope(crl.parsed, certificate)
    _require_may_sign_crls(issuer)
    require_signed_by(crl, issuer)
    try:
        entry = crl.entry(certificate.serial_number)
        extensions = entry.extensions if entry else ()
    except Exception as error:  # the parser's own errors are many; none may escape
        raise RevocationInformationInvalid(f"CRL malformed: {error}") from None
    _require_known_extensions(extensions, _ENTRY_EXTENSIONS)
    return entry


def _scope(crl: x509.CertificateRevocationList) -> x509.IssuingDistributionPoint | None:
    try:
        return crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return None


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


def ocsp_request(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """Return an OCSP request, DER, without a nonce: freshness is read from the answer."""
    # SHA-1 only names the issuer here, as responders expect (RFC 5019 section 2.1.1).
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())
    return builder.build().public_bytes(Encoding.DER)


def ocsp_urls(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the OCSP addresses in the certificate (RFC 5280 section 4.2.2.1)."""
    access = paths.extension(certificate, x509.AuthorityInformationAccess)
    return tuple(
        one.access_location.value
        for one in access or ()
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    )


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


_OCSP_EXTENSIONS = {OCSPExtensionOID.NONCE}
_ENTRY_EXTENSIONS = {CRLEntryExtensionOID.CRL_REASON, CRLEntryExtensionOID.INVALIDITY_DATE}
_DIGESTS = {"sha1": sha1, "sha256": sha256}


def _require_known_extensions(
    extensions: Iterable[x509.Extension[x509.ExtensionType]], known: set[x509.ObjectIdentifier]
) -> None:
    for extension in extensions:
        if extension.critical and extension.oid not in known:
            raise RevocationInformationInvalid(
                f"critical extension {extension.oid.dotted_string} not understood"
            )


def _is_about(
    single: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> bool:
    digest = _DIGESTS.get(single.hash_algorithm.name)
    return (
        digest is not None
        and single.serial_number == certificate.serial_number
        and single.issuer_name_hash == digest(issuer.subject.public_bytes()).digest()
        and single.issuer_key_hash == digest(_key_bits(issuer)).digest()
    )


@lru_cache(maxsize=256)
def _key_bits(certificate: x509.Certificate) -> bytes:
    """Return the subjectPublicKey's bits, as the key hash of RFC 6960 section 4.1.1 takes them."""
    fields = der.read_all(certificate.tbs_certificate_bytes).children()
    key_info = fields[6 if fields[0].tag == 0xA0 else 5]
    return key_info.children()[1].contents[1:]


def _verify_ocsp(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> None:
    responder = _responder(response, issuer)
    if responder != issuer:
        try:
            paths.require_issued_by(responder, issuer)
            paths.require_valid_at(responder, response.produced_at_utc)
            paths.require_purpose(responder, paths.Purpose.OCSP_SIGNING)
        except PathInvalid as error:
            raise RevocationInformationInvalid(f"OCSP responder not authorised: {error}") from None
    basic = _basic_response(response.public_bytes(Encoding.DER))
    _verify(responder, response.signature, response.tbs_response_bytes, basic)


def _responder(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> x509.Certificate:
    for candidate in (issuer, *response.certificates):
        if response.responder_name == candidate.subject or (
            response.responder_key_hash == sha1(_key_bits(candidate)).digest()
        ):
            return candidate
    raise RevocationInformationInvalid("OCSP responder's certificate is missing")


def _verify(signer: x509.Certificate, signature: bytes, data: bytes, signed: bytes) -> None:
    """Check the signature on a CRL or BasicOCSPResponse: SEQUENCE of data, algorithm, value."""
    try:
        scheme = read_scheme(der.read_all(signed).children()[1])
        verify_signature(
            signer.public_key(), signature, data, algorithm=scheme.algorithm, scheme=scheme
        )
    except (SignatureMismatch, WeakSignatureAlgorithm, der.NotDER, ValueError, IndexError) as error:
        raise RevocationInformationInvalid(f"not signed by its issuer: {error}") from None


def _basic_response(response: bytes) -> bytes:
    """Return the BasicOCSPResponse in an OCSPResponse (RFC 6960 section 4.2.1)."""
    try:
        (response_bytes,) = der.read_all(response).children()[1]
        return der.expect(response_bytes.children()[1], der.OCTET_STRING).contents
    except (der.NotDER, ValueError, IndexError) as error:
        raise RevocationInformationInvalid(f"OCSP response malformed: {error}") from None


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
        return "unspecified"
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        return "unspecified"
    except ValueError as error:
        raise RevocationInformationInvalid(f"CRL entry malformed: {error}") from None
