"""Collect what a PDF's signatures need to be checked for ever (PAdES B-LT).

Standard: ETSI EN 319 142-1 clause 5.4 (document security store).
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from chauban_pki.certificates import parse_certificates
from chauban_pki.paths import CertificatePath, Purpose, build_path
from chauban_pki.revocation import ValidationData, collect_validation_data
from chauban_pki.signed_data import SignedData, parse_signed_data, without_padding
from chauban_pki.timestamps import verify_timestamp
from chauban_pki.trust import Fetch, Trust

from .dictionaries import parse_bytes
from .errors import NotSigned
from .originals import open_original, reading
from .signatures import fields_of, is_timestamp


def validation_data_of(pdf: bytes, *, trust: Trust, fetch: Fetch, at: datetime) -> ValidationData:
    """The certificates and revocation information of every signer and time-stamping authority.

    `at` is the moment of asking, UTC.

    Raises:
        UntrustedAnchor, PathInvalid: a signer's or an authority's path is not valid.
        CertificateRevoked: a certificate of a path is revoked.
        RevocationUnknown: no acceptable information could be fetched.
        SignedDataMalformed, SignedDataInvalid: a signature or a time-stamp does not read.
        NotSigned: there is no signature to collect anything for.
        NotAPDF, EncryptedPDF, HybridPDF: the file cannot be read.
    """
    original = open_original(pdf)
    with reading():
        signatures = [
            original.dictionary(field[b"/V"])
            for field in fields_of(original).values()
            if field.get(b"/FT") == b"/Sig" and b"/V" in field
        ]
        contents = [(each, parse_bytes(each[b"/Contents"])) for each in signatures]
    if not signatures:
        raise NotSigned
    paths = dict.fromkeys(
        path
        for each, cms in contents
        for path in _paths(
            parse_signed_data(without_padding(cms)),
            trust=trust,
            at=at,
            purpose=Purpose.TIMESTAMPING if is_timestamp(each) else Purpose.SIGNING,
        )
    )
    return collect_validation_data(*paths, trust=trust, fetch=fetch, at=at)


def _paths(
    signed: SignedData, *, trust: Trust, at: datetime, purpose: Purpose
) -> Iterator[CertificatePath]:
    embedded = parse_certificates(signed.certificates)
    for certificate in embedded:
        is_issued = certificate.issuer.public_bytes() == signed.issuer
        if is_issued and certificate.serial_number == signed.serial_number:
            yield build_path(
                certificate, intermediates=embedded, trust=trust, at=at, purpose=purpose
            )
    if signed.timestamp_token is None:
        return
    _, authority = verify_timestamp(signed.timestamp_token, sha256(signed.signature).digest())
    helpers = parse_certificates(parse_signed_data(signed.timestamp_token).certificates)
    yield build_path(
        authority, intermediates=helpers, trust=trust, at=at, purpose=Purpose.TIMESTAMPING
    )
