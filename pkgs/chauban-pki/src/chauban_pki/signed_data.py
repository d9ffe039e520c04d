"""Reading and checking CMS signatures (RFC 5652 section 5, ETSI EN 319 122-1).

Strict on purpose: DER only, one signer, signed attributes present, every length accounted
for. What reads loosely can be shown one thing and believe another.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import new as new_digest

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from chauban_pki import der, strength
from chauban_pki.algorithms import (
    KNOWN_DIGESTS,
    RSASSA_PSS,
    Scheme,
    is_for_key,
    read_scheme,
    scheme_digest,
    verify_signature,
)
from chauban_pki.certificates import issuer_of, parse_certificate
from chauban_pki.errors import (
    CertificateMalformed,
    DigestMismatch,
    SignatureAlgorithmConflict,
    SignedDataMalformed,
    SignerCountWrong,
    SigningCertificateMismatch,
    WeakSignatureAlgorithm,
)
from chauban_pki.oids import (
    ID_AA_SIGNATURE_TIME_STAMP_TOKEN,
    ID_AA_SIGNING_CERTIFICATE,
    ID_AA_SIGNING_CERTIFICATE_V2,
    ID_CONTENT_TYPE,
    ID_MESSAGE_DIGEST,
    ID_SIGNED_DATA,
    ID_SIGNING_TIME,
)

_TIME = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?Z")


@dataclass(frozen=True)
class SignedData:
    """A parsed CMS SignedData with its one SignerInfo.

    `certificates` are DER as embedded. `signed_attributes` is the SET that was signed;
    `attributes` holds each attribute's one value, encoded, by dotted type.
    `signing_time` is the signer's claim, UTC; `timestamp_token` proves the time.
    """

    content_type: str
    content: bytes | None
    certificates: tuple[bytes, ...]
    issuer: bytes
    serial_number: int
    digest_algorithm: str
    signed_attributes: bytes
    attributes: dict[str, bytes]
    message_digest: bytes
    signing_time: datetime | None
    scheme: Scheme
    signature: bytes
    timestamp_token: bytes | None

    @property
    def digest_name(self) -> str:
        """hashlib's name of the digest that the content is to be hashed with.

        Raises:
            WeakSignatureAlgorithm: a digest that is not accepted, such as SHA-1.
        """
        return self.digest_name_at(None)

    @property
    def stated_digest_name(self) -> str:
        """hashlib's name of the digest that the signature states, whether it counts or not.

        Raises:
            WeakSignatureAlgorithm: a digest that never counts.
        """
        return _digest(self.digest_algorithm).name

    def digest_name_at(self, at: datetime | None) -> str:
        """Return `digest_name`, a digest that counted at that proved moment included.

        Raises:
            WeakSignatureAlgorithm: it did not count then either.
        """
        digest = _digest(self.digest_algorithm)
        strength.require_digest(digest.name, at=at)
        return digest.name


def without_padding(contents: bytes) -> bytes:
    """Return the DER element at the start of a PDF's /Contents; only zero bytes may follow.

    Raises:
        SignedDataMalformed: no element, or something else than zero bytes after it.
    """
    try:
        end = der.expect(der.read(contents), der.SEQUENCE).end
    except der.NotDER as error:
        raise SignedDataMalformed(str(error)) from None
    if contents.count(0, end) != len(contents) - end:
        raise SignedDataMalformed("bytes other than zero after the signature")
    return contents[:end]


# One assessment asks for the same time-stamp token several times.
@lru_cache(maxsize=64)
def parse_signed_data(cms: bytes) -> SignedData:
    """Return the SignedData in a ContentInfo.

    Raises:
        SignedDataMalformed: no DER SignedData with exactly one signer and signed attributes.
    """
    try:
        return _parse(cms)
    except (der.NotDER, ValueError, IndexError, KeyError, OverflowError) as error:
        raise SignedDataMalformed(str(error)) from None


def verify_signed_data(
    signed: SignedData, *, digest: bytes, at: datetime | None = None
) -> x509.Certificate:
    """Check the signature over content with that digest; return the signer's certificate.

    Says nothing about the certificate's trust: `paths.build_path` does. `at` is a proved
    moment at which the algorithms had to count; without one they have to count today.

    Raises:
        DigestMismatch: the content is not what was signed.
        SignatureMismatch: the value does not verify.
        SignatureAlgorithmConflict: the digest of the signature algorithm is not the one that
            the content was hashed with, or the certificate's key is for another algorithm.
        SigningCertificateMismatch: the certificate is missing, or not the one bound in by
            the signing-certificate attribute (RFC 5035 section 3).
        WeakSignatureAlgorithm: an algorithm that is not accepted.
    """
    if signed.message_digest != digest:
        raise DigestMismatch
    certificate = signer_certificate(signed)
    name = signed.digest_name_at(at)
    _require_one_algorithm(signed, certificate, name)
    verify_signature(
        certificate.public_key(),
        signed.signature,
        signed.signed_attributes,
        algorithm=signed.scheme.algorithm,
        digest=_digest(signed.digest_algorithm),
        scheme=signed.scheme,
        at=at,
    )
    return certificate


def weakness_today(signed: SignedData, certificate: x509.Certificate) -> str:
    """Return what of a signature no longer counts today, for people; empty when nothing."""
    try:
        digest = _digest(signed.digest_algorithm).name
    except WeakSignatureAlgorithm as weak:
        return weak.found
    return strength.weakness_today(certificate.public_key(), digest)


def _require_one_algorithm(signed: SignedData, certificate: x509.Certificate, digest: str) -> None:
    """Check that all places that name the algorithm agree.

    RFC 5652 section 5.4 hashes content and attributes alike, RFC 4056 section 3 and RFC 8419
    section 3.1 say so for their algorithms; a key marked for RSASSA-PSS makes no other
    signatures (RFC 4055 section 1.2).
    """
    fixed = scheme_digest(signed.scheme)
    if fixed is not None and fixed != digest:
        raise SignatureAlgorithmConflict(f"{digest}, {fixed}")
    if (
        certificate.public_key_algorithm_oid.dotted_string == RSASSA_PSS
        and signed.scheme.algorithm != RSASSA_PSS
    ):
        raise SignatureAlgorithmConflict(f"RSASSA-PSS, {signed.scheme.algorithm}")
    if not is_for_key(signed.scheme, certificate.public_key()):
        raise SignatureAlgorithmConflict(signed.scheme.algorithm)


def signer_certificate(signed: SignedData) -> x509.Certificate:
    """Return the embedded certificate that the signer names and, where it does, binds in.

    Raises:
        SigningCertificateMismatch: none is embedded that fits.
    """
    bound = _bound_certificate(signed)
    for encoded in signed.certificates:
        if bound is None or new_digest(bound[0], encoded).digest() == bound[1]:
            certificate = _parse_embedded(encoded)
            named = certificate.serial_number, issuer_of(certificate)
            if named == (signed.serial_number, signed.issuer):
                return certificate
    raise SigningCertificateMismatch("the certificate that the signer named is not embedded")


def is_signing_certificate_bound(signed: SignedData) -> bool:
    """Return whether a signing-certificate attribute is signed, as every AdES level asks."""
    return bool({ID_AA_SIGNING_CERTIFICATE, ID_AA_SIGNING_CERTIFICATE_V2} & set(signed.attributes))


def _parse_embedded(encoded: bytes) -> x509.Certificate:
    try:
        return parse_certificate(encoded)
    except CertificateMalformed as error:
        raise SigningCertificateMismatch(str(error)) from None


def _bound_certificate(signed: SignedData) -> tuple[str, bytes] | None:
    try:
        if ID_AA_SIGNING_CERTIFICATE_V2 in signed.attributes:
            value = der.read_all(signed.attributes[ID_AA_SIGNING_CERTIFICATE_V2])
            fields = value.children()[0].children()[0].children()
            algorithm = "sha256"
            if fields[0].tag == der.SEQUENCE:
                algorithm = _digest(der.read_oid(fields.pop(0).children()[0])).name
                strength.require_digest(algorithm, at=None)
            return algorithm, der.expect(fields[0], der.OCTET_STRING).contents
        if ID_AA_SIGNING_CERTIFICATE in signed.attributes:
            value = der.read_all(signed.attributes[ID_AA_SIGNING_CERTIFICATE])
            fields = value.children()[0].children()[0].children()
            return "sha1", der.expect(fields[0], der.OCTET_STRING).contents
    except (der.NotDER, IndexError, ValueError) as error:
        raise SigningCertificateMismatch(f"signing-certificate malformed: {error}") from None
    return None


def _digest(oid: str) -> hashes.HashAlgorithm:
    if oid not in KNOWN_DIGESTS:
        raise WeakSignatureAlgorithm(oid)
    return KNOWN_DIGESTS[oid]


def _parse(cms: bytes) -> SignedData:
    content_type, wrapper = der.expect(der.read_all(cms), der.SEQUENCE)
    if der.read_oid(content_type) != ID_SIGNED_DATA:
        raise ValueError("no SignedData")
    (signed_data,) = der.expect(wrapper, 0xA0)
    fields = der.expect(signed_data, der.SEQUENCE).children()
    encapsulated = der.expect(fields[2], der.SEQUENCE).children()
    certificates = next((field for field in fields[3:-1] if field.tag == 0xA0), None)
    signer_infos = der.expect(fields[-1], der.SET).children()
    if len(signer_infos) != 1:
        raise SignerCountWrong(len(signer_infos))
    return _with_signer(
        der.expect(signer_infos[0], der.SEQUENCE).children(),
        content_type=der.read_oid(encapsulated[0]),
        content=_content(encapsulated),
        certificates=tuple(one.encoded for one in certificates or () if one.tag == der.SEQUENCE),
    )


def _content(encapsulated: list[der.Element]) -> bytes | None:
    if len(encapsulated) == 1:
        return None
    _, wrapper = encapsulated
    (content,) = der.expect(wrapper, 0xA0)
    return der.expect(content, der.OCTET_STRING).contents


def _with_signer(
    fields: list[der.Element],
    *,
    content_type: str,
    content: bytes | None,
    certificates: tuple[bytes, ...],
) -> SignedData:
    _, identifier, digest_algorithm, signed, algorithm, signature, *unsigned = fields
    issuer, serial_number = der.expect(identifier, der.SEQUENCE)
    attributes = _attributes(der.expect(signed, 0xA0))
    if der.read_oid(der.read_all(attributes[ID_CONTENT_TYPE])) != content_type:
        raise ValueError("content-type attribute and content type differ")
    digest = der.expect(der.read_all(attributes[ID_MESSAGE_DIGEST]), der.OCTET_STRING).contents
    signing_time = attributes.get(ID_SIGNING_TIME)
    others = _attributes(der.expect(unsigned[0], 0xA1)) if unsigned else {}
    return SignedData(
        content_type=content_type,
        content=content,
        certificates=certificates,
        issuer=issuer.encoded,
        serial_number=der.read_integer(serial_number),
        digest_algorithm=_algorithm(digest_algorithm),
        signed_attributes=der.encode(der.SET, signed.contents),
        attributes=attributes,
        message_digest=digest,
        signing_time=parse_time(der.read_all(signing_time)) if signing_time else None,
        scheme=read_scheme(algorithm),
        signature=der.expect(signature, der.OCTET_STRING).contents,
        timestamp_token=others.get(ID_AA_SIGNATURE_TIME_STAMP_TOKEN),
    )


def _attributes(attributes: der.Element) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for attribute in attributes:
        kind, values = der.expect(attribute, der.SEQUENCE)
        if (oid := der.read_oid(kind)) in found:
            raise ValueError(f"attribute {oid} stands twice")
        first, *_ = der.expect(values, der.SET)
        found[oid] = first.encoded
    return found


def _algorithm(element: der.Element) -> str:
    return der.read_oid(der.expect(element, der.SEQUENCE).children()[0])


def parse_time(element: der.Element) -> datetime:
    """Return the moment, UTC, of a UTCTime or GeneralizedTime (RFC 5280 section 4.1.2.5).

    A GeneralizedTime may have fractions of a second (RFC 3161 section 2.4.2).

    Raises:
        ValueError: another form, or no such moment.
    """
    text = element.contents
    if element.tag == der.UTC_TIME:
        text = (b"19" if text[:1] >= b"5" else b"20") + text
    else:
        der.expect(element, der.GENERALIZED_TIME)
    found = _TIME.fullmatch(text)
    if found is None or (found[7] and element.tag == der.UTC_TIME):
        raise ValueError(f"no time in UTC: {text!r}")
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    microsecond = int(found[7][:6].ljust(6, b"0")) if found[7] else 0
    return datetime(year, month, day, hour, minute, second, microsecond, UTC)
