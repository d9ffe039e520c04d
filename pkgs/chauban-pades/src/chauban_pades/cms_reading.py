"""The CMS signature inside a PDF signature, checked against the bytes that it covers.

ETSI EN 319 142-1 clauses 5.3 and 6.3; RFC 5652 section 5; RFC 5035 (signing certificate).
"""

from __future__ import annotations

from datetime import datetime

from cryptography import x509

from chauban_pki import der
from chauban_pki.errors import SignedDataMalformed, SigningCertificateMissing
from chauban_pki.oids import ID_DATA
from chauban_pki.revocation import ValidationData
from chauban_pki.signed_data import (
    SignedData,
    is_signing_certificate_bound,
    parse_signed_data,
    verify_signed_data,
    without_padding,
)

from .definite_lengths import is_indefinite, with_definite_lengths
from .signature_reading import Covered, Signature, SignatureMalformed

ETSI_CADES = "/ETSI.CAdES.detached"
ADOBE_DETACHED = "/adbe.pkcs7.detached"
_ID_REVOCATION_ARCHIVAL = "1.2.840.113583.1.1.8"


def parse_pdf_signature(signature: Signature) -> SignedData:
    """The CMS in a signature dictionary: detached, over data, of one signer.

    Raises:
        SignatureMalformed: another /SubFilter, another content type, or content inside.
        SignedDataMalformed: no SignedData with one signer; bytes behind it.
        SigningCertificateMissing: no signing-certificate attribute, which a CAdES signature
            must have.
    """
    if signature.sub_filter not in (ETSI_CADES, ADOBE_DETACHED):
        raise SignatureMalformed("sub-filter-unknown", signature.sub_filter.lstrip("/"))
    contents = signature.contents
    if is_indefinite(contents):
        contents = with_definite_lengths(contents)
    signed = parse_signed_data(without_padding(contents))
    if signed.content_type != ID_DATA or signed.content is not None:
        raise SignatureMalformed("content-type-wrong")
    if signature.sub_filter == ETSI_CADES and not is_signing_certificate_bound(signed):
        raise SigningCertificateMissing("ETSI.CAdES.detached")
    return signed


def verify_pdf_signature(
    covered: Covered, signature: Signature, signed: SignedData, *, at: datetime | None
) -> x509.Certificate:
    """Check the signature over its byte range; return the signer's certificate.

    Nothing is said about trust in its holder. `at` is a proved moment at which its algorithms
    had to count; without one they have to count today.

    Raises:
        DigestMismatch, SignatureMismatch, SigningCertificateMismatch, WeakSignatureAlgorithm:
            as `chauban_pki.signed_data.verify_signed_data`.
    """
    digest = covered.digest(signature, signed.digest_name_at(at))
    return verify_signed_data(signed, digest=digest, at=at)


def archived_revocation(signed: SignedData) -> ValidationData:
    """CRLs and OCSP responses in Adobe's signed attribute (ISO 32000-1 clause 12.8.3.3.2).

    Raises:
        SignedDataMalformed: the attribute does not read.
    """
    archive = signed.attributes.get(_ID_REVOCATION_ARCHIVAL)
    if archive is None:
        return ValidationData()
    try:
        parts = {part.tag: part.children()[0].children() for part in der.read_all(archive)}
    except (der.NotDER, IndexError) as error:
        raise SignedDataMalformed(f"revocation archive: {error}") from None
    return ValidationData(
        crls=tuple(crl.encoded for crl in parts.get(0xA0, ())),
        ocsps=tuple(response.encoded for response in parts.get(0xA1, ())),
    )
