"""What the demonstration authority answers: CRLs, OCSP responses and time-stamps, DER."""

from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import OCSPExtensionOID

from chauban_pki import der
from chauban_pki.algorithms import DIGESTS
from chauban_pki.cms import attached_signature
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo import register
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.demo.hierarchy import certificate_digest
from chauban_pki.oids import ID_CT_TST_INFO
from chauban_pki.timestamps import Timestamper

CRL_LIFETIME = timedelta(days=7)
OCSP_LIFETIME = timedelta(hours=12)
TSA_POLICY = "1.3.6.1.4.1.32473.46.4"


def crl(authority: DemoAuthority, issuer: str, *, now: datetime) -> bytes:
    """Return the complete CRL of "root" or "issuing" (RFC 5280 section 5)."""
    credential = authority.root if issuer == "root" else authority.issuing
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(credential.certificate.subject)
        .last_update(now)
        .next_update(now + CRL_LIFETIME)
        .add_extension(x509.CRLNumber(int(now.timestamp())), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(credential.key.public_key()), False
        )
    )
    for revocation in register.revocations(authority.register_path, issuer=issuer):
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(revocation.serial_number)
            .revocation_date(revocation.revoked_at)
        )
        if revocation.reason is not x509.ReasonFlags.unspecified:
            entry = entry.add_extension(x509.CRLReason(revocation.reason), False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(credential.key, certificate_digest(credential.key)).public_bytes(
        Encoding.DER
    )


def ocsp_response(authority: DemoAuthority, request: bytes, *, now: datetime) -> bytes:
    """Return the answer to an OCSP request about one certificate (RFC 6960 section 2.2).

    A request that cannot be read is answered "malformed", one about another CA "unauthorized".
    """
    try:
        asked = ocsp.load_der_ocsp_request(request)
        nonces = [one for one in asked.extensions if one.oid == OCSPExtensionOID.NONCE]
        digest = asked.hash_algorithm
        name_hash, key_hash = asked.issuer_name_hash, asked.issuer_key_hash
    except (ValueError, NotImplementedError):
        return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    if (name_hash, key_hash) != _issuer_hashes(authority.issuing, digest.name):
        return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    revocation = register.revocation(authority.register_path, asked.serial_number)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=name_hash,
        issuer_key_hash=key_hash,
        serial_number=asked.serial_number,
        algorithm=digest,
        cert_status=_status(authority, asked.serial_number, revocation),
        this_update=now,
        next_update=now + OCSP_LIFETIME,
        revocation_time=revocation.revoked_at if revocation else None,
        revocation_reason=revocation.reason if revocation else None,
    )
    for nonce in nonces:
        builder = builder.add_extension(nonce.value, nonce.critical)
    responder = authority.ocsp
    signed = (
        builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        .certificates([responder.certificate])
        .sign(responder.key, certificate_digest(responder.key))
    )
    return signed.public_bytes(Encoding.DER)


def timestamp_response(authority: DemoAuthority, request: bytes, *, now: datetime) -> bytes:
    """Return the TimeStampResp to a TimeStampReq (RFC 3161 section 2.4)."""
    try:
        version, imprint, *optional = der.expect(der.read_all(request), der.SEQUENCE)
        algorithm, digest = der.expect(imprint, der.SEQUENCE)
        oid = der.read_oid(algorithm.children()[0])
        nonce = next((one for one in optional if one.tag == der.INTEGER), None)
        wants_certificate = any(one.tag == der.BOOLEAN and any(one.contents) for one in optional)
        policy = next((one for one in optional if one.tag == der.OBJECT_IDENTIFIER), None)
        if der.read_integer(version) != 1:
            return _rejection(_BAD_REQUEST)
    except (der.NotDER, ValueError, IndexError):
        return _rejection(_BAD_DATA_FORMAT)
    if oid not in DIGESTS:
        return _rejection(_BAD_ALGORITHM)
    if len(digest.contents) != DIGESTS[oid].digest_size:
        return _rejection(_BAD_DATA_FORMAT)
    if policy and der.read_oid(policy) != TSA_POLICY:
        return _rejection(_UNACCEPTED_POLICY)
    token = _token(
        authority,
        imprint.encoded,
        nonce.encoded if nonce else b"",
        now=now,
        embeds_certificates=wants_certificate,
    )
    granted = der.encode(der.SEQUENCE, der.encode_integer(0))
    return der.encode(der.SEQUENCE, granted, token)


def timestamper(authority: DemoAuthority, at: datetime) -> Timestamper:
    """Return a time-stamper without a network, for which it is always that moment."""

    def timestamp(digest: bytes) -> bytes:
        imprint = der.encode(der.SEQUENCE, _SHA256, der.encode(der.OCTET_STRING, digest))
        return _token(authority, imprint, b"", now=at, embeds_certificates=True)

    return timestamp


# PKIFailureInfo bits (RFC 3161 section 2.4.2)
_BAD_ALGORITHM, _BAD_REQUEST, _BAD_DATA_FORMAT, _UNACCEPTED_POLICY = 0, 2, 5, 15
_REJECTION = 2
_BIT_STRING = 0x03
_SHA256 = der.encode(
    der.SEQUENCE, der.encode_oid("2.16.840.1.101.3.4.2.1"), der.encode(der.NULL, b"")
)
_ACCURACY = der.encode(der.SEQUENCE, der.encode_integer(1))


def _token(
    authority: DemoAuthority,
    imprint: bytes,
    nonce: bytes,
    *,
    now: datetime,
    embeds_certificates: bool,
) -> bytes:
    info = der.encode(
        der.SEQUENCE,
        der.encode_integer(1),
        der.encode_oid(TSA_POLICY),
        imprint,
        der.encode_integer(x509.random_serial_number()),
        der.encode(der.GENERALIZED_TIME, _generalized_time(now)),
        _ACCURACY,
        nonce,
    )
    return attached_signature(
        info,
        authority.tsa,
        content_type=ID_CT_TST_INFO,
        claimed_at=None,
        embeds_certificates=embeds_certificates,
    )


def _generalized_time(moment: datetime) -> bytes:
    """Return UTC with a fraction that has no trailing zeros (RFC 3161 section 2.4.2)."""
    text = moment.astimezone(UTC).strftime("%Y%m%d%H%M%S.%f").rstrip("0").rstrip(".")
    return f"{text}Z".encode()


def _rejection(failure: int) -> bytes:
    octets = bytearray(failure // 8 + 1)
    octets[-1] = 0x80 >> failure % 8
    unused = 7 - failure % 8
    failure_info = der.encode(_BIT_STRING, bytes((unused, *octets)))
    status = der.encode(der.SEQUENCE, der.encode_integer(_REJECTION), failure_info)
    return der.encode(der.SEQUENCE, status)


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


def _issuer_hashes(issuer: KeyCredential, algorithm: str) -> tuple[bytes, bytes]:
    digest = sha256 if algorithm == "sha256" else sha1
    key = x509.SubjectKeyIdentifier.from_public_key(issuer.key.public_key())
    name_hash = digest(issuer.certificate.subject.public_bytes()).digest()
    return name_hash, key.digest


def _status(
    authority: DemoAuthority, serial_number: int, revocation: register.Revocation | None
) -> ocsp.OCSPCertStatus:
    if revocation:
        return ocsp.OCSPCertStatus.REVOKED
    if register.is_issued(authority.register_path, serial_number):
        return ocsp.OCSPCertStatus.GOOD
    return ocsp.OCSPCertStatus.UNKNOWN
