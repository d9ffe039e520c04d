"""Whether a certificate was revoked: OCSP (RFC 6960) and CRLs (RFC 5280 section 6.3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha1, sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID, OCSPExtensionOID

from chauban_pki import der, paths
from chauban_pki.algorithms import verify_signature
from chauban_pki.certificates import encoded
from chauban_pki.errors import (
    AddressNotAllowed,
    CertificateRevoked,
    PathInvalid,
    PKIError,
    RevocationInformationInvalid,
    RevocationInformationStale,
    RevocationUnknown,
    SignatureMismatch,
    Unreachable,
    WeakSignatureAlgorithm,
)
from chauban_pki.paths import CertificatePath, subject
from chauban_pki.trust import Fetch, Trust

CLOCK_SKEW = timedelta(minutes=5)
"""How far a responder's clock may be ahead of ours."""

OCSP_REQUEST_TYPE = "application/ocsp-request"


@dataclass(frozen=True)
class ValidationData:
    """Certificates, CRLs and OCSP responses (BasicOCSPResponse's container), each DER.

    What a document security store holds (ETSI EN 319 142-1 clause 5.4.2).
    """

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()

    def __or__(self, other: "ValidationData") -> "ValidationData":
        """Return both, each item once, in order."""
        return ValidationData(
            tuple(dict.fromkeys(self.certificates + other.certificates)),
            tuple(dict.fromkeys(self.crls + other.crls)),
            tuple(dict.fromkeys(self.ocsps + other.ocsps)),
        )


@dataclass(frozen=True)
class RevocationStatus:
    """What one piece of information says of one certificate; times are UTC.

    `revoked_at` is None while it stands good. `source` is "ocsp" or "crl", `information` the
    piece itself, DER.
    """

    source: str
    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None
    cause: str
    information: bytes


# Looking into one piece of information


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
        parsed = ocsp.load_der_ocsp_response(response)
        if parsed.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise RevocationInformationInvalid(f"OCSP: {parsed.response_status.name}")
        singles = list(parsed.responses)
        _require_known_extensions(parsed.extensions, _OCSP_EXTENSIONS)
    except ValueError as error:
        raise RevocationInformationInvalid(f"OCSP response malformed: {error}") from None
    single = next((one for one in singles if _is_about(one, certificate, issuer)), None)
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
    try:
        parsed = x509.load_der_x509_crl(crl)
        _require_known_extensions(parsed.extensions, _CRL_EXTENSIONS)
        entry = parsed.get_revoked_certificate_by_serial_number(certificate.serial_number)
        cause = _crl_cause(entry)
    except ValueError as error:
        raise RevocationInformationInvalid(f"CRL malformed: {error}") from None
    if parsed.issuer != issuer.subject:
        raise RevocationInformationInvalid("CRL is of another issuer")
    if parsed.last_update_utc > now + CLOCK_SKEW:
        raise RevocationInformationInvalid("CRL is from the future")
    _require_in_scope(parsed, certificate)
    _require_may_sign_crls(issuer)
    _verify(issuer, parsed.signature, parsed.tbs_certlist_bytes, parsed)
    return RevocationStatus(
        source="crl",
        this_update=parsed.last_update_utc,
        next_update=parsed.next_update_utc,
        revoked_at=entry.revocation_date_utc if entry else None,
        cause=cause,
        information=crl,
    )


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


# Deciding about a certificate and a path


def check_revocation(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    data: ValidationData,
    at: datetime,
    now: datetime,
    trust: Trust | None = None,
    fetch: Fetch | None = None,
) -> RevocationStatus:
    """Return the status, good at `at`, from data at hand or, with fetch, from the network.

    `at` is the moment that counts (of the signature), `now` the moment of asking. A revocation
    after `at` does not undo what was signed before (Thông tư 41/2017/TT-BTTTT: valid when the
    certificate was valid at signing time). The status of an expired certificate is not taken
    from information made after its end: it may have been dropped there.

    Raises:
        CertificateRevoked: it was revoked at or before `at`.
        RevocationUnknown: nothing acceptable was found; `causes` says why not.
    """
    causes: list[PKIError] = []
    at_hand = list(_read_all(data, certificate, issuer, now=now, causes=causes))
    status = _latest_covering(at_hand, certificate, at=at, causes=causes)
    if status is None and trust is not None and fetch is not None:
        fetched = list(_fetch_all(certificate, issuer, trust, fetch, now=now, causes=causes))
        status = _latest_covering(fetched, certificate, at=at, causes=causes)
    if status is None:
        raise RevocationUnknown(subject(certificate), tuple(causes))
    return status


def _latest_covering(
    statuses: Sequence[RevocationStatus],
    certificate: x509.Certificate,
    *,
    at: datetime,
    causes: list[PKIError],
) -> RevocationStatus | None:
    """Return the newest status that covers `at`; any that knows of a revocation by then decides."""
    covering: list[RevocationStatus] = []
    for status in statuses:
        if status.revoked_at is not None and status.revoked_at <= at:
            raise CertificateRevoked(
                subject(certificate), revoked_at=status.revoked_at, cause=status.cause
            )
        try:
            require_fresh(status, at=at)
            _require_still_listed(status, certificate)
        except RevocationInformationStale as cause:
            causes.append(cause)
        else:
            covering.append(status)
    return max(covering, key=lambda status: status.this_update, default=None)


def check_path_revocation(
    path: CertificatePath,
    *,
    data: ValidationData,
    at: datetime,
    now: datetime,
    trust: Trust | None = None,
    fetch: Fetch | None = None,
) -> tuple[RevocationStatus, ...]:
    """Return the status of each certificate below the anchor; raises as `check_revocation`."""
    return tuple(
        check_revocation(certificate, issuer, data=data, at=at, now=now, trust=trust, fetch=fetch)
        for certificate, issuer in path.issued()
    )


def collect_validation_data(
    *path_list: CertificatePath, trust: Trust, fetch: Fetch, at: datetime
) -> ValidationData:
    """Return all that later validation of these paths needs, fetched and checked at `at`.

    For an end entity OCSP comes first, for a CA its issuer's CRL. Give the paths of the signer
    and of the time-stamping authority together.

    Raises:
        CertificateRevoked: a certificate of a path is revoked.
        RevocationUnknown: for one of them no acceptable information could be fetched.
    """
    collected = ValidationData()
    for path in path_list:
        statuses = check_path_revocation(
            path, data=collected, at=at, now=at, trust=trust, fetch=fetch
        )
        collected |= ValidationData(
            certificates=tuple(encoded(one) for one in path.certificates),
            crls=tuple(one.information for one in statuses if one.source == "crl"),
            ocsps=tuple(one.information for one in statuses if one.source == "ocsp"),
        )
    return collected


def _read_all(
    data: ValidationData,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    now: datetime,
    causes: list[PKIError],
) -> Iterable[RevocationStatus]:
    pieces = [(read_ocsp, one) for one in data.ocsps] + [(read_crl, one) for one in data.crls]
    for read, piece in pieces:
        try:
            yield read(piece, certificate, issuer, now=now)
        except RevocationInformationInvalid as cause:
            causes.append(cause)


def _fetch_all(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    trust: Trust,
    fetch: Fetch,
    *,
    now: datetime,
    causes: list[PKIError],
) -> Iterable[RevocationStatus]:
    """Yield the first status that can be fetched: OCSP first for an end entity, CRL for a CA."""
    is_ca = paths.is_certificate_authority(certificate)
    for read in (_fetch_crl, _fetch_ocsp) if is_ca else (_fetch_ocsp, _fetch_crl):
        try:
            yield read(certificate, issuer, trust=trust, fetch=fetch, now=now)
        except (RevocationInformationInvalid, Unreachable) as cause:
            causes.append(cause)
        else:
            return


def _fetch_ocsp(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    trust: Trust,
    fetch: Fetch,
    now: datetime,
) -> RevocationStatus:
    url = _allowed(ocsp_urls(certificate), trust)
    response = fetch(url, ocsp_request(certificate, issuer), OCSP_REQUEST_TYPE)
    return read_ocsp(response, certificate, issuer, now=now)


def _fetch_crl(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    trust: Trust,
    fetch: Fetch,
    now: datetime,
) -> RevocationStatus:
    url = _allowed(crl_urls(certificate), trust)
    return read_crl(fetch(url), certificate, issuer, now=now)


def _allowed(urls: Sequence[str], trust: Trust) -> str:
    if not urls:
        raise RevocationInformationInvalid("the certificate names no address to ask")
    refused: list[AddressNotAllowed] = []
    for url in urls:
        try:
            return trust.resolve(url)
        except AddressNotAllowed as error:
            refused.append(error)
    raise refused[0]


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
    return tuple(
        name.value
        for point in points or ()
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    )


# Checks on one piece of information

_OCSP_EXTENSIONS = {OCSPExtensionOID.NONCE}
_CRL_EXTENSIONS = {
    ExtensionOID.CRL_NUMBER,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.ISSUING_DISTRIBUTION_POINT,
}
_DIGESTS = {"sha1": sha1, "sha256": sha256}


def _require_known_extensions(
    extensions: x509.Extensions, known: set[x509.ObjectIdentifier]
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
    _verify(responder, response.signature, response.tbs_response_bytes, response)


def _responder(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> x509.Certificate:
    for candidate in (issuer, *response.certificates):
        if response.responder_name == candidate.subject or (
            response.responder_key_hash == sha1(_key_bits(candidate)).digest()
        ):
            return candidate
    raise RevocationInformationInvalid("OCSP responder's certificate is missing")


def _verify(
    signer: x509.Certificate,
    signature: bytes,
    data: bytes,
    signed: ocsp.OCSPResponse | x509.CertificateRevocationList,
) -> None:
    try:
        verify_signature(
            signer.public_key(),
            signature,
            data,
            algorithm=signed.signature_algorithm_oid.dotted_string,
            digest=signed.signature_hash_algorithm,
        )
    except (SignatureMismatch, WeakSignatureAlgorithm) as error:
        raise RevocationInformationInvalid(f"not signed by its issuer: {error}") from None


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
    urls = {name.value for name in point.full_name or ()}
    if urls and not urls & set(crl_urls(certificate)):
        raise RevocationInformationInvalid("CRL is of another distribution point")


def _crl_cause(entry: x509.RevokedCertificate | None) -> str:
    if entry is None:
        return "unspecified"
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        return "unspecified"


def _require_still_listed(status: RevocationStatus, certificate: x509.Certificate) -> None:
    if status.revoked_at is None and status.this_update > certificate.not_valid_after_utc:
        raise RevocationInformationStale(
            f"{status.source.upper()} information was made after the certificate expired"
        )
