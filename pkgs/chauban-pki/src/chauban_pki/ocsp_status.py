"""What an OCSP response says of a certificate, and how one is asked for (RFC 6960)."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from hashlib import sha1, sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, OCSPExtensionOID

from chauban_pki import der, paths
from chauban_pki.algorithms import read_scheme, verify_signature
from chauban_pki.authorities import (
    NO_SUPPORT,
    Support,
    other_keys,
    weakness_unless_refused,
)
from chauban_pki.errors import (
    PathInvalid,
    PKIError,
    RevocationInformationForged,
    RevocationInformationFromFuture,
    RevocationInformationInvalid,
    RevocationInformationWeak,
    SignatureMismatch,
    WeakAlgorithm,
    WeakSignatureAlgorithm,
)
from chauban_pki.paths import CertificatePath
from chauban_pki.revocation_status import CLOCK_SKEW, RevocationStatus, require_known_extensions

OCSP_REQUEST_TYPE = "application/ocsp-request"
_KNOWN_EXTENSIONS = {OCSPExtensionOID.NONCE}
_DIGESTS = {"sha1": sha1, "sha256": sha256}


def read_ocsp(
    response: bytes,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    now: datetime,
    support: Support = NO_SUPPORT,
) -> RevocationStatus:
    """Return what an OCSP response, DER, says of the certificate.

    The responder is the issuer itself, under any of its keys that support knows of, or holds a
    certificate for OCSP signing. That one counts only if the very key gave it that signed the
    certificate in question (RFC 6960 section 4.2.2.2). Whether another key of the issuer's is in
    force is for the caller to check.

    Raises:
        RevocationInformationInvalid: malformed, not successful, about another certificate,
            of unknown status, from the future, or not signed by one who may.
    """
    try:
        return _read_ocsp(response, certificate, issuer, now=now, support=support)
    except PKIError:
        raise
    except Exception as error:  # the parser's own errors are many; none may escape
        raise RevocationInformationInvalid(f"OCSP response malformed: {error}") from None


@dataclass(frozen=True, eq=False)
class OpenedOCSP:
    """A successful OCSP response, and what it says of each certificate that it is about."""

    encoded: bytes = field(repr=False)
    parsed: ocsp.OCSPResponse
    responses: tuple[ocsp.OCSPSingleResponse, ...]
    serial_numbers: frozenset[int]


# Each of a file's responses is asked about every certificate of every path.
@lru_cache(maxsize=64)
def open_ocsp(response: bytes) -> OpenedOCSP:
    """Return an OCSP response opened; who signed it is checked by `require_signed_for`.

    Raises:
        RevocationInformationInvalid: not successful, or a critical extension is not understood.
        ValueError: malformed; the parser raises others too.
    """
    parsed = ocsp.load_der_ocsp_response(response)
    if parsed.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise RevocationInformationInvalid(f"OCSP: {parsed.response_status.name}")
    require_known_extensions(parsed.extensions, _KNOWN_EXTENSIONS)
    responses = tuple(parsed.responses)
    numbers = frozenset(one.serial_number for one in responses)
    return OpenedOCSP(response, parsed, responses, numbers)


def serial_numbers_in(response: bytes) -> frozenset[int] | None:
    """Return of which certificates a response tells, None where it does not read.

    Of all others `read_ocsp` has no more to say than that it is about another certificate.
    """
    try:
        return open_ocsp(response).serial_numbers
    except Exception:  # as there, and read there it says why
        return None


def _read_ocsp(
    response: bytes,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    now: datetime,
    support: Support,
) -> RevocationStatus:
    opened = open_ocsp(response)
    single = next((one for one in opened.responses if _is_about(one, certificate, issuer)), None)
    if single is None:
        raise RevocationInformationInvalid("OCSP response is about another certificate")
    if single.this_update_utc > now + CLOCK_SKEW:
        raise RevocationInformationFromFuture("OCSP response is from the future")
    if single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise RevocationInformationInvalid("OCSP responder does not know the certificate")
    signed_by, weak = _signer(opened, issuer, support)
    reason = single.revocation_reason
    return RevocationStatus(
        source="ocsp",
        this_update=single.this_update_utc,
        next_update=single.next_update_utc,
        revoked_at=single.revocation_time_utc,
        cause=reason.value if reason else "",
        information=response,
        signed_by=signed_by,
        weak=weak,
    )


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


def _is_about(
    single: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> bool:
    if single.serial_number != certificate.serial_number:
        return False
    digest = _DIGESTS.get(single.hash_algorithm.name)
    return (
        digest is not None
        and single.issuer_name_hash == digest(issuer.subject.public_bytes()).digest()
        and single.issuer_key_hash == digest(_key_bits(issuer)).digest()
    )


@lru_cache(maxsize=256)
def _key_bits(certificate: x509.Certificate) -> bytes:
    """Return the subjectPublicKey's bits, as the key hash of RFC 6960 section 4.1.1 takes them."""
    fields = der.read_all(certificate.tbs_certificate_bytes).children()
    key_info = fields[6 if fields[0].tag == 0xA0 else 5]
    return key_info.children()[1].contents[1:]


def _signer(
    opened: OpenedOCSP, issuer: x509.Certificate, support: Support
) -> tuple[CertificatePath | None, str]:
    """Return the path of the key that signed, None for those it may name, and what is weak."""
    try:
        check = partial(require_signed_for, opened, issuer)
        return None, weakness_unless_refused(check, opened.encoded, support)
    except RevocationInformationInvalid as refused:
        for path in other_keys(issuer, support, at=opened.parsed.produced_at_utc):
            check = partial(_require_signed_by, opened, path.end_entity)
            try:
                return path, weakness_unless_refused(check, opened.encoded, support)
            except RevocationInformationInvalid:
                continue
        raise refused from None


@lru_cache(maxsize=64)
def require_signed_for(
    opened: OpenedOCSP, issuer: x509.Certificate, at: datetime | None = None
) -> None:
    """Check that one signed an OCSP response who may for that issuer, once for each two.

    `at` is a proved moment at which the algorithms had to count; without one, today.

    Raises:
        RevocationInformationWeak: an algorithm does not count.
        RevocationInformationInvalid: the responder is unknown, not authorised, or did not sign.
    """
    response = opened.parsed
    responder = _responder(response, issuer)
    if responder != issuer:
        try:
            paths.require_issued_by(responder, issuer, at=at)
            paths.require_valid_at(responder, response.produced_at_utc)
            paths.require_purpose(responder, paths.Purpose.OCSP_SIGNING)
        except WeakAlgorithm as weak:
            raise RevocationInformationWeak(weak.detail) from None
        except PathInvalid as error:
            raise RevocationInformationForged(f"OCSP responder not authorised: {error}") from None
    _require_signed_by(opened, responder, at)


def _responder(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> x509.Certificate:
    for candidate in (issuer, *response.certificates):
        if response.responder_name == candidate.subject or (
            response.responder_key_hash == sha1(_key_bits(candidate)).digest()
        ):
            return candidate
    raise RevocationInformationInvalid("OCSP responder's certificate is missing")


def _require_signed_by(opened: OpenedOCSP, signer: x509.Certificate, at: datetime | None) -> None:
    """Check the signature on a BasicOCSPResponse: SEQUENCE of data, algorithm, value."""
    response = opened.parsed
    try:
        scheme = read_scheme(der.read_all(_basic_response(opened.encoded)).children()[1])
        verify_signature(
            signer.public_key(),
            response.signature,
            response.tbs_response_bytes,
            algorithm=scheme.algorithm,
            scheme=scheme,
            at=at,
        )
    except WeakSignatureAlgorithm as weak:
        raise RevocationInformationWeak(weak.found) from None
    except (SignatureMismatch, der.NotDER, ValueError, IndexError) as error:
        raise RevocationInformationForged(f"not signed by its issuer: {error}") from None


def _basic_response(response: bytes) -> bytes:
    """Return the BasicOCSPResponse in an OCSPResponse (RFC 6960 section 4.2.1)."""
    try:
        (response_bytes,) = der.read_all(response).children()[1]
        return der.expect(response_bytes.children()[1], der.OCTET_STRING).contents
    except (der.NotDER, ValueError, IndexError) as error:
        raise RevocationInformationInvalid(f"OCSP response malformed: {error}") from None
