"""A seal whose CMS is signed with the right key, and wrong in one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import new as new_digest
from hashlib import sha256

from chauban_pki import der
from chauban_pki.certificates import encoded, issuer_of
from chauban_pki.oids import (
    ID_AA_SIGNATURE_TIME_STAMP_TOKEN,
    ID_AA_SIGNING_CERTIFICATE_V2,
    ID_CONTENT_TYPE,
    ID_CT_TST_INFO,
    ID_DATA,
    ID_MESSAGE_DIGEST,
    ID_SIGNED_DATA,
)

from .declaring import Workshop, attack
from .revising import last_gap

SHA1, SHA256 = "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1"
SHA512, ED25519 = "2.16.840.1.101.3.4.2.3", "1.3.101.112"


@dataclass(frozen=True)
class Parts:
    """What the seal's CMS is made of; an attack replaces one of them."""

    content_type: str
    attributes: tuple[bytes, ...]
    digest_algorithm: bytes
    signature_algorithm: bytes
    certificates: tuple[bytes, ...]
    signers: int = 1
    content: bytes | None = None
    signs_attributes: bool = True
    is_stamped: bool = True


def attribute(oid: str, value: bytes) -> bytes:
    return der.encode(der.SEQUENCE, der.encode_oid(oid), der.encode(der.SET, value))


def algorithm(oid: str) -> bytes:
    return der.encode(der.SEQUENCE, der.encode_oid(oid))


def _signing_certificate(certificate: bytes) -> bytes:
    value = der.encode(der.OCTET_STRING, sha256(certificate).digest())
    for _ in range(3):
        value = der.encode(der.SEQUENCE, value)
    return attribute(ID_AA_SIGNING_CERTIFICATE_V2, value)


def _message_digest(content: bytes, name: str = "sha256") -> bytes:
    digest = new_digest(name, content).digest()
    return attribute(ID_MESSAGE_DIGEST, der.encode(der.OCTET_STRING, digest))


def resealed(shop: Workshop, change: Callable[[Parts, bytes], Parts]) -> bytes:
    """The complete letter whose seal's CMS is made anew from changed parts.

    `change` is given the parts and the bytes that are signed.
    """
    sealed = shop.seal(shop.sign(shop.reserved))
    start, end = last_gap(sealed)
    covered = sealed[:start] + sealed[end:]
    certificate = encoded(shop.sealer.certificate)
    honest = Parts(
        content_type=ID_DATA,
        attributes=(
            attribute(ID_CONTENT_TYPE, der.encode_oid(ID_DATA)),
            _message_digest(covered),
            _signing_certificate(certificate),
        ),
        digest_algorithm=algorithm(SHA256),
        signature_algorithm=shop.sealer.signature_algorithm.der,
        certificates=(certificate, encoded(shop.authority.issuing.certificate)),
    )
    cms = _encoded(shop, change(honest, covered), covered)
    filled = cms.hex().encode().ljust(end - start - 2, b"0")
    assert len(filled) == end - start - 2
    return shop.keep(sealed[: start + 1] + filled + sealed[end - 1 :])


def _encoded(shop: Workshop, parts: Parts, covered: bytes) -> bytes:
    attributes = b"".join(sorted(parts.attributes))
    signed = der.encode(der.SET, attributes) if parts.signs_attributes else covered
    value = shop.sealer.sign(signed)
    certificate = shop.sealer.certificate
    token = attribute(ID_AA_SIGNATURE_TIME_STAMP_TOKEN, shop.timestamp(sha256(value).digest()))
    signer = der.encode(
        der.SEQUENCE,
        der.encode_integer(1),
        der.encode(
            der.SEQUENCE, issuer_of(certificate), der.encode_integer(certificate.serial_number)
        ),
        parts.digest_algorithm,
        der.encode(0xA0, attributes) if parts.signs_attributes else b"",
        parts.signature_algorithm,
        der.encode(der.OCTET_STRING, value),
        der.encode(0xA1, token) if parts.is_stamped else b"",
    )
    content = b""
    if parts.content is not None:
        content = der.encode(0xA0, der.encode(der.OCTET_STRING, parts.content))
    data = der.encode(
        der.SEQUENCE,
        der.encode_integer(1),
        der.encode(der.SET, parts.digest_algorithm),
        der.encode(der.SEQUENCE, der.encode_oid(parts.content_type), content),
        der.encode(0xA0, *parts.certificates),
        der.encode(der.SET, *[signer] * parts.signers),
    )
    return der.encode(der.SEQUENCE, der.encode_oid(ID_SIGNED_DATA), der.encode(0xA0, data))


def _as_it_is(shop: Workshop) -> bytes:
    return resealed(shop, lambda parts, _: parts)


@attack("RFC 5652 section 5.1", "invalid", "signer-count-wrong", twin=_as_it_is)
def two_signer_infos(shop: Workshop) -> bytes:
    return resealed(shop, lambda parts, _: replace(parts, signers=2, is_stamped=False))


@attack("RFC 5652 section 5.1", "invalid", "signer-count-wrong", twin=_as_it_is)
def no_signer_info(shop: Workshop) -> bytes:
    return resealed(shop, lambda parts, _: replace(parts, signers=0))


@attack(
    "ETSI EN 319 142-1 clause 6.3; RFC 5652 section 11.1",
    "invalid",
    "content-type-wrong",
    twin=_as_it_is,
)
def wrong_content_type(shop: Workshop) -> bytes:
    """Signed as if it were the contents of a time-stamp."""
    wrong = attribute(ID_CONTENT_TYPE, der.encode_oid(ID_CT_TST_INFO))
    return resealed(
        shop,
        lambda parts, _: replace(
            parts, content_type=ID_CT_TST_INFO, attributes=(wrong, *parts.attributes[1:])
        ),
    )


@attack("RFC 5652 section 11.1", "invalid", "signed-data-malformed", twin=_as_it_is)
def content_type_that_is_not_the_signed_one(shop: Workshop) -> bytes:
    return resealed(shop, lambda parts, _: replace(parts, content_type=ID_CT_TST_INFO))


@attack("RFC 5652 section 5.2", "invalid", "content-type-wrong", twin=_as_it_is)
def content_inside(shop: Workshop) -> bytes:
    """The signature brings contents of its own, which it covers."""
    other = b"other contents"
    return resealed(
        shop,
        lambda parts, _: replace(
            parts,
            content=other,
            attributes=(parts.attributes[0], _message_digest(other), parts.attributes[2]),
        ),
    )


@attack("ETSI EN 319 122-1 clause 5.2.2", "invalid", "signing-certificate-missing", twin=_as_it_is)
def signing_certificate_missing(shop: Workshop) -> bytes:
    return resealed(shop, lambda parts, _: replace(parts, attributes=parts.attributes[:2]))


@attack("RFC 5035 section 3", "invalid", "signing-certificate-mismatch", twin=_as_it_is)
def signing_certificate_of_another(shop: Workshop) -> bytes:
    wrong = _signing_certificate(encoded(shop.authority.issuing.certificate))
    return resealed(
        shop, lambda parts, _: replace(parts, attributes=(*parts.attributes[:2], wrong))
    )


@attack("RFC 5652 section 5.4", "invalid", "signature-algorithm-conflict", twin=_as_it_is)
def two_digest_algorithms(shop: Workshop) -> bytes:
    """The contents hashed with one algorithm, the attributes with another."""
    return resealed(
        shop,
        lambda parts, covered: replace(
            parts,
            digest_algorithm=algorithm(SHA512),
            attributes=(
                parts.attributes[0],
                _message_digest(covered, "sha512"),
                parts.attributes[2],
            ),
        ),
    )


@attack("RFC 5652 section 5.6", "invalid", "signature-algorithm-conflict", twin=_as_it_is)
def algorithm_of_another_kind_of_key(shop: Workshop) -> bytes:
    """The certificate's key is not of the algorithm that the signature names."""
    return resealed(
        shop,
        lambda parts, covered: replace(
            parts,
            digest_algorithm=algorithm(SHA512),
            signature_algorithm=algorithm(ED25519),
            attributes=(
                parts.attributes[0],
                _message_digest(covered, "sha512"),
                parts.attributes[2],
            ),
        ),
    )


@attack("ETSI TS 119 312", "not-enough-evidence", "weak-signature-algorithm", twin=_as_it_is)
def weak_digest(shop: Workshop) -> bytes:
    """The contents hashed with SHA-1, years after it stopped to count."""
    return resealed(
        shop,
        lambda parts, covered: replace(
            parts,
            digest_algorithm=algorithm(SHA1),
            attributes=(parts.attributes[0], _message_digest(covered, "sha1"), parts.attributes[2]),
        ),
    )


@attack("ETSI EN 319 122-1 clause 4.3", "invalid", "signed-data-malformed", twin=_as_it_is)
def no_signed_attributes(shop: Workshop) -> bytes:
    """The value signs the contents alone: nothing binds the certificate in."""
    return resealed(shop, lambda parts, _: replace(parts, signs_attributes=False))


@attack("RFC 5652 section 5.3", "invalid", "signed-data-malformed", twin=_as_it_is)
def attribute_that_stands_twice(shop: Workshop) -> bytes:
    """Two message digests, of which readers may pick either."""
    return resealed(
        shop,
        lambda parts, _: replace(parts, attributes=(*parts.attributes, _message_digest(b"other"))),
    )


@attack("RFC 5652 section 5.1", "invalid", "signing-certificate-mismatch", twin=_as_it_is)
def certificate_left_out(shop: Workshop) -> bytes:
    return resealed(shop, lambda parts, _: replace(parts, certificates=parts.certificates[1:]))
