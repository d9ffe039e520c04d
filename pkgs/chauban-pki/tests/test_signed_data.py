"""Reading CMS: other makers' signatures, and hostile bytes."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from chauban_pki import der
from chauban_pki.cms import detached_signature
from chauban_pki.credentials import KeyCredential
from chauban_pki.errors import PKIError, SignedDataMalformed, WeakSignatureAlgorithm
from chauban_pki.signed_data import (
    is_signing_certificate_bound,
    parse_signed_data,
    parse_time,
    verify_signed_data,
    without_padding,
)

CONTENT = b"content"
DIGEST = sha256(CONTENT).digest()


@pytest.fixture(scope="module")
def cms(person: KeyCredential) -> bytes:
    return detached_signature(DIGEST, person, claimed_at=None, timestamp=None)


@pytest.fixture
def sign_with_openssl(
    person: KeyCredential, tmp_path: Path, openssl: Callable[..., CompletedProcess[str]]
) -> Callable[..., bytes]:
    """Signs CONTENT with `openssl cms -sign` and the person's key, these options added."""

    def sign(*options: str) -> bytes:
        key = person.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        certificate = person.certificate.public_bytes(Encoding.PEM)
        (tmp_path / "signer.pem").write_bytes(key + certificate)
        (tmp_path / "content").write_bytes(CONTENT)
        done = openssl(
            *("cms", "-sign", "-binary", "-outform", "DER", "-in", tmp_path / "content"),
            *("-signer", tmp_path / "signer.pem", "-out", tmp_path / "cms", *options),
        )
        assert done.returncode == 0, done.stderr
        return (tmp_path / "cms").read_bytes()

    return sign


@pytest.mark.parametrize(
    "options",
    [
        ("-md", "sha256"),
        ("-md", "sha256", "-cades"),
        ("-md", "sha256", "-keyopt", "rsa_padding_mode:pss"),
    ],
    ids=["plain", "CAdES", "PSS"],
)
def test_what_openssl_signs_verifies(
    person: KeyCredential, sign_with_openssl: Callable[..., bytes], options: tuple[str, ...]
):
    signed = parse_signed_data(sign_with_openssl(*options))
    assert verify_signed_data(signed, digest=DIGEST) == person.certificate
    assert is_signing_certificate_bound(signed) is ("-cades" in options)


def test_a_signature_over_sha1_is_weak_rather_than_wrong(
    sign_with_openssl: Callable[..., bytes],
):
    signed = parse_signed_data(sign_with_openssl("-md", "sha1"))
    with pytest.raises(WeakSignatureAlgorithm):
        _ = signed.digest_name
    with pytest.raises(WeakSignatureAlgorithm):
        verify_signed_data(signed, digest=signed.message_digest)


def test_a_signature_without_signed_attributes_is_refused(
    sign_with_openssl: Callable[..., bytes],
):
    # ETSI EN 319 122-1 clause 6.3: message-digest and content-type are required.
    with pytest.raises(SignedDataMalformed):
        parse_signed_data(sign_with_openssl("-md", "sha256", "-noattr"))


def test_indefinite_lengths_are_refused(sign_with_openssl: Callable[..., bytes]):
    # ISO 32000-1 section 12.8.3.3: DER.
    with pytest.raises(SignedDataMalformed):
        parse_signed_data(sign_with_openssl("-md", "sha256", "-stream", "-nodetach"))


def test_padding_is_zero_and_nothing_else(cms: bytes):
    assert without_padding(cms) == cms
    assert without_padding(cms + bytes(1000)) == cms
    with pytest.raises(SignedDataMalformed):
        without_padding(cms + bytes(1000) + b"\x01")
    with pytest.raises(SignedDataMalformed):
        without_padding(bytes(100))
    with pytest.raises(SignedDataMalformed):
        parse_signed_data(cms + b"\x00")


def _with_signer_infos(cms: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    oid, wrapper = der.read_all(cms)
    (signed_data,) = wrapper
    *fields, signer_infos = signed_data
    changed = change([one.encoded for one in signer_infos])
    contents = [field.encoded for field in fields] + [der.encode(der.SET, *changed)]
    explicit = der.encode(0xA0, der.encode(der.SEQUENCE, *contents))
    return der.encode(der.SEQUENCE, oid.encoded, explicit)


def test_there_is_exactly_one_signer(cms: bytes):
    assert _with_signer_infos(cms, lambda signers: signers) == cms
    for change in (lambda signers: [], lambda signers: signers * 2):
        with pytest.raises(SignedDataMalformed):
            parse_signed_data(_with_signer_infos(cms, change))


@given(data=st.data())
@settings(max_examples=150)
def test_no_damage_makes_anything_but_our_own_errors(data: st.DataObject, cms: bytes):
    damaged = bytearray(cms)
    for position in data.draw(st.lists(st.integers(0, len(cms) - 1), min_size=1, max_size=4)):
        damaged[position] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(cms)) | st.just(len(cms)))
    try:
        signed = parse_signed_data(bytes(damaged[:end]))
        verify_signed_data(signed, digest=DIGEST)
    except PKIError:
        return
    # What still verifies differs only outside the signature: among the embedded certificates.
    original = parse_signed_data(cms)
    assert signed.signed_attributes == original.signed_attributes
    assert signed.signature == original.signature


@given(st.binary(max_size=64))
def test_der_reads_what_it_writes_and_refuses_the_rest(body: bytes):
    encoded = der.encode(der.OCTET_STRING, body)
    assert der.read_all(encoded).contents == body
    for wrong in (encoded[:-1], encoded + b"\x00"):
        with pytest.raises(der.NotDER):
            der.read_all(wrong)


@pytest.mark.parametrize("length", [0, 127, 128, 255, 256, 65_535, 65_536])
def test_der_lengths_are_minimal(length: int):
    encoded = der.encode(der.OCTET_STRING, bytes(length))
    assert der.read_all(encoded).contents == bytes(length)
    padded = b"\x04\x84" + length.to_bytes(4, "big") + bytes(length)
    with pytest.raises(der.NotDER):
        der.read_all(padded)


@given(st.integers(0, 2**160))
def test_der_integers_survive(value: int):
    assert der.read_integer(der.read_all(der.encode_integer(value))) == value


@pytest.mark.parametrize(
    "oid", ["1.2.840.113549.1.7.2", "2.16.840.1.101.3.4.2.1", "2.999.1", "0.9"]
)
def test_der_names_survive(oid: str):
    assert der.read_oid(der.read_all(der.encode_oid(oid))) == oid


@pytest.mark.parametrize(
    ("tag", "text", "moment"),
    [
        (der.UTC_TIME, b"491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (der.UTC_TIME, b"500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (der.GENERALIZED_TIME, b"20500101000000Z", datetime(2050, 1, 1, tzinfo=UTC)),
        (der.GENERALIZED_TIME, b"20260102030405.25Z", datetime(2026, 1, 2, 3, 4, 5, 250000, UTC)),
    ],
)
def test_a_time_is_read_as_rfc_5280_writes_it(tag: int, text: bytes, moment: datetime):
    assert parse_time(der.read_all(der.encode(tag, text))) == moment


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (der.UTC_TIME, b"261123000000"),
        (der.UTC_TIME, b"261123000000+0700"),
        (der.UTC_TIME, b"2611230000Z"),
        (der.UTC_TIME, b"261123000000.5Z"),
        (der.UTC_TIME, b"261323000000Z"),
        (der.GENERALIZED_TIME, b"261123000000Z"),
        (der.GENERALIZED_TIME, b"20261123000000.Z"),
        (der.OCTET_STRING, b"20261123000000Z"),
    ],
)
def test_a_time_written_otherwise_is_none(tag: int, text: bytes):
    with pytest.raises((ValueError, der.NotDER)):
        parse_time(der.read_all(der.encode(tag, text)))
