"""Making CMS signatures (RFC 5652, ETSI EN 319 122-1) from a template per credential.

All that stays the same from one signature to the next is encoded once; a signature then costs
the key operation and some joining of bytes.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import new as new_digest
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from chauban_pki import der
from chauban_pki.algorithms import SignatureAlgorithm
from chauban_pki.certificates import issuer_of
from chauban_pki.credentials import Credential
from chauban_pki.errors import SignedDataMalformed, WrongDigestLength
from chauban_pki.oids import (
    ID_AA_SIGNATURE_TIME_STAMP_TOKEN,
    ID_AA_SIGNING_CERTIFICATE_V2,
    ID_CONTENT_TYPE,
    ID_DATA,
    ID_MESSAGE_DIGEST,
    ID_SIGNED_DATA,
    ID_SIGNING_TIME,
)
from chauban_pki.timestamps import Timestamper

TOKEN_ROOM_BYTES = 6144
"""Room kept for a time-stamp token with its authority's certificates."""

_CONTEXT_0, _CONTEXT_1 = 0xA0, 0xA1
_DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}


def detached_signature(
    digest: bytes,
    credential: Credential,
    *,
    claimed_at: datetime | None,
    timestamp: Timestamper | None,
) -> bytes:
    """Return a detached CMS signature over content with that digest, DER.

    The digest is of the credential's `signature_algorithm.digest`. With `claimed_at` it is
    CAdES, for a `.p7s` file; a PDF signature has none, for its dictionary states the time
    (EN 319 142-1 clause 6.3). With `timestamp` it is at level B-T, else B-B. The certificates
    are the credential's own and its chain without the root.

    Raises:
        TimestampUnavailable: no token came.
        WrongDigestLength: the digest is of another algorithm.
    """
    signed_data = _sign(
        credential,
        content_type=ID_DATA,
        content=None,
        digest=digest,
        claimed_at=claimed_at,
    )
    if timestamp is None:
        return signed_data.encoded()
    token = timestamp(sha256(signed_data.signature).digest())
    return signed_data.encoded(token)


def attached_signature(
    content: bytes,
    credential: Credential,
    *,
    content_type: str,
    claimed_at: datetime | None,
    embeds_certificates: bool = True,
) -> bytes:
    """Return a CMS signature that carries its content, DER; `content_type` is dotted."""
    return _sign(
        credential,
        content_type=content_type,
        content=content,
        digest=new_digest(credential.signature_algorithm.digest, content).digest(),
        claimed_at=claimed_at,
    ).encoded(embeds_certificates=embeds_certificates)


def signed_data_size(
    credential: Credential,
    *,
    timestamped: bool,
    claims_time: bool = False,
    token_room_bytes: int = TOKEN_ROOM_BYTES,
) -> int:
    """Return the size in bytes that `detached_signature` will not exceed.

    Exact for RSA and Ed25519 without a time-stamp; an ECDSA value may be a few bytes shorter.
    """
    template = _template_of(credential, ID_DATA)
    claimed_at = datetime(2000, 1, 1, tzinfo=UTC) if claims_time else None
    signed_data = _SignedData(
        template=template,
        content=None,
        attributes=template.signed_attributes(
            bytes(_DIGEST_BYTES[credential.signature_algorithm.digest]), claimed_at
        ),
        signature=bytes(credential.signature_algorithm.size_bytes),
    )
    return len(signed_data.encoded(bytes(token_room_bytes) if timestamped else None))


def add_signature_timestamp(cms: bytes, token: bytes) -> bytes:
    """Return the CMS signature with a signature-time-stamp added, which makes it B-T.

    The signed part is not touched (EN 319 122-1 clause 5.3).

    Raises:
        SignedDataMalformed: cms is no SignedData in DER with one signer.
    """
    try:
        _, wrapper = der.read_all(cms)
        (signed_data,) = wrapper
        *before, signer_infos = signed_data
        (signer_info,) = der.expect(signer_infos, der.SET)
        fields = signer_info.children()
        attributes = [_timestamp_attribute(token)]
        if fields[-1].tag == _CONTEXT_1:
            attributes += (attribute.encoded for attribute in fields.pop())
    except (der.NotDER, ValueError, IndexError) as error:
        raise SignedDataMalformed(str(error)) from None
    return _content_info(
        *(part.encoded for part in before),
        der.encode(
            der.SET,
            der.encode(
                der.SEQUENCE,
                *(field.encoded for field in fields),
                der.encode(_CONTEXT_1, *sorted(attributes)),
            ),
        ),
    )


@dataclass(frozen=True)
class _Template:
    """The encoded parts of one credential's signatures that never change."""

    version: bytes
    digest_algorithms: bytes
    content_type: bytes
    certificates: bytes
    signer: bytes
    fixed_attributes: tuple[bytes, ...]
    signature_algorithm: bytes

    def signed_attributes(self, digest: bytes, claimed_at: datetime | None) -> bytes:
        """Return the attributes in the order of a DER SET OF (X.690 clause 11.6)."""
        attributes = [
            *self.fixed_attributes,
            _attribute(ID_MESSAGE_DIGEST, der.encode(der.OCTET_STRING, digest)),
        ]
        if claimed_at is not None:
            attributes.append(_attribute(ID_SIGNING_TIME, _time(claimed_at)))
        return b"".join(sorted(attributes))


@dataclass(frozen=True)
class _SignedData:
    template: _Template
    content: bytes | None
    attributes: bytes
    signature: bytes

    def encoded(self, token: bytes | None = None, *, embeds_certificates: bool = True) -> bytes:
        template = self.template
        unsigned = der.encode(_CONTEXT_1, _timestamp_attribute(token)) if token else b""
        signer_info = der.encode(
            der.SEQUENCE,
            template.signer,
            der.encode(_CONTEXT_0, self.attributes),
            template.signature_algorithm,
            der.encode(der.OCTET_STRING, self.signature),
            unsigned,
        )
        content = (
            der.encode(_CONTEXT_0, der.encode(der.OCTET_STRING, self.content))
            if self.content is not None
            else b""
        )
        return _content_info(
            template.version,
            template.digest_algorithms,
            der.encode(der.SEQUENCE, template.content_type, content),
            template.certificates if embeds_certificates else b"",
            der.encode(der.SET, signer_info),
        )


def _sign(
    credential: Credential,
    *,
    content_type: str,
    content: bytes | None,
    digest: bytes,
    claimed_at: datetime | None,
) -> _SignedData:
    name = credential.signature_algorithm.digest
    if len(digest) != _DIGEST_BYTES[name]:
        raise WrongDigestLength(name, len(digest))
    template = _template_of(credential, content_type)
    attributes = template.signed_attributes(digest, claimed_at)
    signature = credential.sign(der.encode(der.SET, attributes))
    return _SignedData(template, content, attributes, signature)


def _template_of(credential: Credential, content_type: str) -> _Template:
    return _template(
        credential.certificate, credential.chain, credential.signature_algorithm, content_type
    )


@lru_cache(maxsize=1024)
def _template(
    certificate: x509.Certificate,
    chain: tuple[x509.Certificate, ...],
    algorithm: SignatureAlgorithm,
    content_type: str,
) -> _Template:
    encoded = certificate.public_bytes(Encoding.DER)
    embedded = [encoded]
    embedded += (one.public_bytes(Encoding.DER) for one in chain if one.issuer != one.subject)
    certificate_id = der.encode(der.OCTET_STRING, sha256(encoded).digest())
    signing_certificate = _sequences(certificate_id, depth=3)
    return _Template(
        # RFC 5652 section 5.1: version 3 as soon as the content is not plain data.
        version=der.encode_integer(1 if content_type == ID_DATA else 3),
        digest_algorithms=der.encode(der.SET, algorithm.digest_identifier),
        content_type=der.encode_oid(content_type),
        certificates=der.encode(_CONTEXT_0, *sorted(embedded)),
        signer=b"".join(
            (
                der.encode_integer(1),
                _issuer_and_serial_number(certificate),
                algorithm.digest_identifier,
            )
        ),
        fixed_attributes=(
            _attribute(ID_CONTENT_TYPE, der.encode_oid(content_type)),
            _attribute(ID_AA_SIGNING_CERTIFICATE_V2, signing_certificate),
        ),
        signature_algorithm=algorithm.der,
    )


def _sequences(contents: bytes, *, depth: int) -> bytes:
    # SigningCertificateV2 { certs { ESSCertIDv2 { certHash } } }; its SHA-256 is the default
    # and so left out (RFC 5035 section 3).
    for _ in range(depth):
        contents = der.encode(der.SEQUENCE, contents)
    return contents


def _issuer_and_serial_number(certificate: x509.Certificate) -> bytes:
    serial_number = der.encode_integer(certificate.serial_number)
    return der.encode(der.SEQUENCE, issuer_of(certificate), serial_number)


@lru_cache(maxsize=16)
def _attribute_type(oid: str) -> bytes:
    return der.encode_oid(oid)


def _attribute(oid: str, value: bytes) -> bytes:
    return der.encode(der.SEQUENCE, _attribute_type(oid), der.encode(der.SET, value))


def _timestamp_attribute(token: bytes) -> bytes:
    return _attribute(ID_AA_SIGNATURE_TIME_STAMP_TOKEN, token)


def _time(moment: datetime) -> bytes:
    """Return a Time: UTCTime up to 2049, GeneralizedTime after (RFC 5652 section 11.3)."""
    utc = moment.astimezone(UTC)
    if utc.year < 2050:
        return der.encode(der.UTC_TIME, utc.strftime("%y%m%d%H%M%SZ").encode())
    return der.encode(der.GENERALIZED_TIME, utc.strftime("%Y%m%d%H%M%SZ").encode())


_SIGNED_DATA_TYPE = der.encode_oid(ID_SIGNED_DATA)


def _content_info(*parts: bytes) -> bytes:
    signed_data = der.encode(der.SEQUENCE, *parts)
    return der.encode(der.SEQUENCE, _SIGNED_DATA_TYPE, der.encode(_CONTEXT_0, signed_data))
