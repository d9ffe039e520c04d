"""The PAdES baseline profile, attribute by attribute (ETSI EN 319 142-1 clause 6.3)."""

import io
from hashlib import new as new_digest
from hashlib import sha256

import pikepdf
import pytest
from asn1crypto import cms, tsp
from cryptography.hazmat.primitives.serialization import Encoding

from chauban_pades import sign_pending
from chauban_pki.credentials import KeyCredential
from chauban_pki.signed_data import parse_signed_data, without_padding
from chauban_pki.timestamps import timestamp_info

REVOCATION_ARCHIVAL = "1.2.840.113583.1.1.8"


def signature_of(pdf: bytes) -> tuple[set[str], bytes, bytes]:
    """The dictionary's keys, the CMS without its padding, the bytes it covers."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fields = {str(each.T): each for each in document.Root.AcroForm.Fields}
        signature = fields["signatory-1"].V
        start, end, last, rest = (int(each) for each in signature.ByteRange)
        covered = pdf[start:end] + pdf[last : last + rest]
        return set(signature.keys()), without_padding(bytes(signature.Contents)), covered


@pytest.fixture(params=["sha256", "sha384", "sha512"])
def by_digest(request, signatory: KeyCredential) -> KeyCredential:
    return KeyCredential.of(
        signatory.key, signatory.certificate, signatory.chain, digest=request.param
    )


def test_the_dictionary_holds_what_the_profile_allows(signed):
    keys, _, _ = signature_of(signed)
    allowed = {"/Type", "/Filter", "/SubFilter", "/ByteRange", "/Contents", "/M", "/Name"}
    assert keys - {"/Reference"} == allowed


def test_the_cms_has_one_signer_no_content_and_the_attributes_of_the_profile(
    reserved, by_digest, now
):
    """RFC 5652 section 5; asn1crypto reads it here, not we."""
    pdf = sign_pending(reserved, field="signatory-1", credential=by_digest, now=now)
    signed_data = cms.ContentInfo.load(signature_of(pdf)[1], strict=True)["content"]
    assert signed_data["version"].native == "v1"
    assert signed_data["encap_content_info"]["content_type"].native == "data"
    assert signed_data["encap_content_info"]["content"].native is None
    (signer,) = signed_data["signer_infos"]
    attributes = {each["type"].dotted: each["values"] for each in signer["signed_attrs"]}
    assert set(attributes) == {
        "1.2.840.113549.1.9.3",  # content-type
        "1.2.840.113549.1.9.4",  # message-digest
        "1.2.840.113549.1.9.16.2.47",  # signing-certificate-v2
    }
    assert attributes["1.2.840.113549.1.9.3"][0].native == "data"
    encoded = attributes["1.2.840.113549.1.9.16.2.47"][0].dump()
    (bound,) = tsp.SigningCertificateV2.load(encoded)["certs"]
    assert bound["cert_hash"].native == sha256(_der(by_digest)).digest()
    assert len(signer["unsigned_attrs"]) == 0
    assert REVOCATION_ARCHIVAL not in attributes


def test_the_cms_carries_the_path_without_the_root(signed, signatory):
    """Clause 6.3, note on SignedData.certificates; the root is the validator's to know."""
    certificates = parse_signed_data(signature_of(signed)[1]).certificates
    assert _der(signatory) in certificates
    assert len(certificates) == len(signatory.chain)


def test_the_message_digest_is_of_the_covered_bytes(reserved, by_digest, now):
    pdf = sign_pending(reserved, field="signatory-1", credential=by_digest, now=now)
    _, encoded, covered = signature_of(pdf)
    signed = parse_signed_data(encoded)
    assert signed.digest_name == by_digest.signature_algorithm.digest
    assert signed.message_digest == new_digest(signed.digest_name, covered).digest()


def test_the_signature_time_stamp_is_over_the_signature_value(signed):
    """EN 319 122-1 clause 5.3."""
    cms_signature = parse_signed_data(signature_of(signed)[1])
    assert cms_signature.timestamp_token is not None
    info = timestamp_info(parse_signed_data(cms_signature.timestamp_token))
    assert info.imprint == sha256(cms_signature.signature).digest()


def _der(credential: KeyCredential) -> bytes:
    return credential.certificate.public_bytes(Encoding.DER)
