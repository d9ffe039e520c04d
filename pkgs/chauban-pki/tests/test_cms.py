"""CMS signatures: what we make, others verify; one change, and it is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from asn1crypto import cms as asn1
from asn1crypto import tsp  # noqa: F401  it teaches asn1crypto the signing-certificate attribute

from chauban_pki.cms import add_signature_timestamp, detached_signature, signed_data_size
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo import answers
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.errors import (
    DigestMismatch,
    SignatureMismatch,
    SignedDataMalformed,
    SigningCertificateMismatch,
    TimestampUnavailable,
)
from chauban_pki.signed_data import (
    is_signing_certificate_bound,
    parse_signed_data,
    verify_signed_data,
)

CONTENT = "Kính gửi: Sở Nội vụ".encode()
DIGEST = sha256(CONTENT).digest()


@pytest.fixture(params=["person", "seal"])
def credential(request: pytest.FixtureRequest) -> KeyCredential:
    """RSA-2048 and P-256 in turn."""
    found: KeyCredential = request.getfixturevalue(request.param)
    return found


def _attributes(cms: bytes) -> list[asn1.CMSAttribute]:
    signer_info = asn1.ContentInfo.load(cms)["content"]["signer_infos"][0]
    return list(signer_info["signed_attrs"])


@pytest.mark.parametrize("claims_time", [True, False])
def test_openssl_verifies_what_we_sign(
    credential: KeyCredential,
    claims_time: bool,
    authority: DemoAuthority,
    now: datetime,
    openssl: Callable[..., CompletedProcess[str]],
    tmp_path: Path,
):
    claimed_at = now if claims_time else None
    cms = detached_signature(
        DIGEST, credential, claimed_at=claimed_at, timestamp=answers.timestamper(authority, now)
    )
    (tmp_path / "content").write_bytes(CONTENT)
    (tmp_path / "content.p7s").write_bytes(cms)
    arguments = (
        *("cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-cades"),
        *("-in", tmp_path / "content.p7s", "-CAfile", authority.folder / "root.pem"),
        *("-out", tmp_path / "out", "-content"),
    )
    verified = openssl(*arguments, tmp_path / "content")
    assert verified.returncode == 0, verified.stderr
    (tmp_path / "content").write_bytes(CONTENT + b".")
    assert openssl(*arguments, tmp_path / "content").returncode != 0


def test_signed_attributes_stand_in_the_order_of_a_der_set(
    credential: KeyCredential, now: datetime
):
    # RFC 5652 section 5.3; X.690 clause 11.6
    cms = detached_signature(DIGEST, credential, claimed_at=now, timestamp=None)
    encodings = [attribute.dump() for attribute in _attributes(cms)]
    assert encodings == sorted(encodings)
    assert asn1.ContentInfo.load(cms, strict=True).dump(force=True) == cms


def test_a_pdf_signature_claims_no_time_and_a_file_signature_does(
    person: KeyCredential, now: datetime
):
    # ETSI EN 319 142-1 clause 6.3; EN 319 122-1 clause 6.3
    for_pdf = detached_signature(DIGEST, person, claimed_at=None, timestamp=None)
    for_file = detached_signature(DIGEST, person, claimed_at=now, timestamp=None)
    assert parse_signed_data(for_pdf).signing_time is None
    assert parse_signed_data(for_file).signing_time == now


@pytest.mark.parametrize("year", [2049, 2050])
def test_signing_time_is_a_generalized_time_from_2050(person: KeyCredential, year: int):
    # RFC 5652 section 11.3
    claimed_at = datetime(year, 1, 5, 7, 8, 9, tzinfo=UTC)
    cms = detached_signature(DIGEST, person, claimed_at=claimed_at, timestamp=None)
    time = next(one for one in _attributes(cms) if one["type"].native == "signing_time")
    assert time["values"][0].name == ("utc_time" if year < 2050 else "generalized_time")
    assert parse_signed_data(cms).signing_time == claimed_at


def test_the_signing_certificate_is_bound_in(person: KeyCredential):
    # RFC 5035 section 3; ETSI EN 319 122-1 clause 5.2.2.3
    cms = detached_signature(DIGEST, person, claimed_at=None, timestamp=None)
    assert is_signing_certificate_bound(parse_signed_data(cms))
    bound = next(one for one in _attributes(cms) if one["type"].native == "signing_certificate_v2")
    certificate_hash = bound["values"][0]["certs"][0]["cert_hash"].native
    assert certificate_hash == person.certificate.fingerprint(
        person.certificate.signature_hash_algorithm
    )


def test_the_chain_without_its_root_is_embedded(person: KeyCredential, authority: DemoAuthority):
    cms = detached_signature(DIGEST, person, claimed_at=None, timestamp=None)
    embedded = asn1.ContentInfo.load(cms)["content"]["certificates"]
    serial_numbers = {one.chosen.serial_number for one in embedded}
    assert serial_numbers == {
        person.certificate.serial_number,
        authority.issuing.certificate.serial_number,
    }


def test_the_size_is_known_before_signing(
    person: KeyCredential, seal: KeyCredential, now: datetime
):
    for claimed_at in (None, now):
        exact = detached_signature(DIGEST, person, claimed_at=claimed_at, timestamp=None)
        claims = claimed_at is not None
        assert signed_data_size(person, timestamped=False, claims_time=claims) == len(exact)
    largest = signed_data_size(seal, timestamped=False)
    sizes = {
        len(detached_signature(DIGEST, seal, claimed_at=None, timestamp=None)) for _ in range(20)
    }
    assert max(sizes) <= largest
    assert largest - min(sizes) < 8


def test_a_time_stamp_added_later_gives_what_adding_it_at_once_gives(
    person: KeyCredential, authority: DemoAuthority, now: datetime
):
    plain = detached_signature(DIGEST, person, claimed_at=None, timestamp=None)
    token = answers.timestamper(authority, now)(sha256(parse_signed_data(plain).signature).digest())
    later = add_signature_timestamp(plain, token)
    at_once = detached_signature(DIGEST, person, claimed_at=None, timestamp=lambda _: token)
    assert later == at_once
    assert parse_signed_data(later).timestamp_token == token
    room = len(token)
    assert signed_data_size(person, timestamped=True, token_room_bytes=room) == len(later)


def test_a_second_time_stamp_stands_beside_other_unsigned_attributes(
    person: KeyCredential, authority: DemoAuthority, now: datetime
):
    stamp = answers.timestamper(authority, now)
    once = detached_signature(DIGEST, person, claimed_at=None, timestamp=stamp)
    twice = add_signature_timestamp(once, stamp(bytes(32)))
    unsigned = asn1.ContentInfo.load(twice)["content"]["signer_infos"][0]["unsigned_attrs"]
    assert len(unsigned) == 2


def test_no_time_stamp_no_signature(person: KeyCredential):
    def unavailable(digest: bytes) -> bytes:
        raise TimestampUnavailable("down")

    with pytest.raises(TimestampUnavailable):
        detached_signature(DIGEST, person, claimed_at=None, timestamp=unavailable)


def test_a_time_stamp_is_added_to_signed_data_only():
    with pytest.raises(SignedDataMalformed):
        add_signature_timestamp(b"\x30\x03\x02\x01\x01", b"")


def test_verification_returns_the_signer(credential: KeyCredential, now: datetime):
    cms = detached_signature(DIGEST, credential, claimed_at=now, timestamp=None)
    assert verify_signed_data(parse_signed_data(cms), digest=DIGEST) == credential.certificate


def test_other_content_is_refused(person: KeyCredential, now: datetime):
    signed = parse_signed_data(detached_signature(DIGEST, person, claimed_at=now, timestamp=None))
    with pytest.raises(DigestMismatch):
        verify_signed_data(signed, digest=sha256(CONTENT + b".").digest())


def test_a_changed_signature_value_is_refused(credential: KeyCredential, now: datetime):
    cms = detached_signature(DIGEST, credential, claimed_at=now, timestamp=None)
    signature = parse_signed_data(cms).signature
    changed = signature[:-1] + bytes((signature[-1] ^ 1,))
    with pytest.raises(SignatureMismatch):
        verify_signed_data(parse_signed_data(cms.replace(signature, changed)), digest=DIGEST)


def test_a_changed_signed_attribute_is_refused(person: KeyCredential):
    claimed, other = (datetime(2026, 11, day, tzinfo=UTC) for day in (23, 22))
    cms = detached_signature(DIGEST, person, claimed_at=claimed, timestamp=None)
    assert cms.count(b"261123000000Z") == 1
    changed = parse_signed_data(cms.replace(b"261123000000Z", b"261122000000Z"))
    assert changed.signing_time == other
    with pytest.raises(SignatureMismatch):
        verify_signed_data(changed, digest=DIGEST)


def test_another_certificate_of_the_same_key_is_refused(
    person: KeyCredential, authority: DemoAuthority, now: datetime
):
    # The substitution that the signing-certificate attribute is there for (RFC 5035 section 5).
    signed = parse_signed_data(detached_signature(DIGEST, person, claimed_at=now, timestamp=None))
    without = replace(signed, certificates=signed.certificates[:0])
    with pytest.raises(SigningCertificateMismatch):
        verify_signed_data(without, digest=DIGEST)
    issuing = authority.issuing.certificate
    other_signer = replace(signed, serial_number=issuing.serial_number)
    with pytest.raises(SigningCertificateMismatch):
        verify_signed_data(other_signer, digest=DIGEST)
