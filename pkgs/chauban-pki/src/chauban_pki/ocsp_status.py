"""What an OCSP response says of a certificate, and how one is asked for (RFC 6960)."""

from datetime import datetime
from functools import lru_cache
from hashlib import sha1, sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, OCSPExtensionOID

from chauban_pki import der, paths
from chauban_pki.algorithms import read_scheme, verify_signature
from chauban_pki.errors import (
    PathInvalid,
    PKIError,
    RevocationInformationInvalid,
    SignatureMismatch,
    WeakSignatureAlgorithm,
)
from chauban_pki.revocation_status import CLOCK_SKEW, RevocationStatus, require_known_extensions

OCSP_REQUEST_TYPE = "application/ocsp-request"
_KNOWN_EXTENSIONS = {OCSPExtensionOID.NONCE}
_DIGESTS = {"sha1": sha1, "sha256": sha256}


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
    require_known_extensions(parsed.extensions, _KNOWN_EXTENSIONS)
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
