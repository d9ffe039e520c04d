"""Signing where the key is elsewhere: prepared here, signed there, checked before embedding.

openssl plays the device: it makes the CMS, or the bare signature value. Each refusal differs
from what is accepted in one thing.
"""

import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chauban_pades import (
    PreparedSignature,
    add_timestamp,
    complete,
    complete_with_value,
    prepare,
)
from chauban_pades.errors import (
    CertificateNotValid,
    FieldNotFilled,
    NoRoom,
    NotASeal,
    PreparedForOtherDocument,
    PreparedStateInvalid,
    SignatureNotPAdES,
    SignedByAnotherCertificate,
)
from chauban_pki.cms import detached_signature
from chauban_pki.credentials import KeyCredential
from chauban_pki.errors import DigestMismatch, SignatureMismatch, SignedDataMalformed

VALID = {"valid": True, "trusted": True, "timestamped": True}
BARE = {**VALID, "timestamped": False}


@pytest.fixture
def device(tmp_path):
    """The device of a credential's holder: openssl, with key and certificate files."""

    class Device:
        def __init__(self, credential: KeyCredential) -> None:
            self.folder = Path(tmp_path)
            key = credential.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (self.folder / "key.pem").write_bytes(key)
            (self.folder / "certificate.pem").write_bytes(
                credential.certificate.public_bytes(Encoding.PEM)
            )

        def cms(self, content: bytes, *options: str) -> bytes:
            (self.folder / "content").write_bytes(content)
            given = "cms -sign -binary -in content -signer certificate.pem -inkey key.pem"
            return self._openssl(*given.split(), "-outform", "DER", "-md", "sha256", *options)

        def value(self, data: bytes) -> bytes:
            (self.folder / "data").write_bytes(data)
            return self._openssl("dgst", "-sha256", "-sign", "key.pem", "data")

        def _openssl(self, *argv: str) -> bytes:
            return subprocess.run(
                ["openssl", *argv], cwd=self.folder, capture_output=True, check=True
            ).stdout

    return Device


@pytest.fixture
def prepared(reserved, signatory, now):
    return prepare(
        reserved,
        field="signatory-1",
        certificate=signatory.certificate,
        chain=signatory.chain,
        now=now,
    )


def stored(prepared: PreparedSignature) -> bytes:
    """What a database would hold until the answer comes."""
    return prepared.to_bytes()


def test_a_cms_made_by_openssl_is_embedded_and_valid(
    judge, checked, reserved, prepared, signatory, device, timestamp
):
    cms = device(signatory).cms(prepared.covered(reserved), "-cades")
    signed = complete(stored(prepared), reserved, cms=cms)
    checked(signed)
    assert signed.startswith(reserved)
    assert judge(signed)["signatory-1"]["changes"] == "NONE"
    stamped = add_timestamp(signed, field="signatory-1", timestamp=timestamp)
    assert len(stamped) == len(signed)
    assert judge(stamped)["signatory-1"]["timestamped"] is True


def test_a_bare_value_made_elsewhere_gives_what_signing_here_gives(
    judge, checked, reserved, prepared, signatory, device
):
    value = device(signatory).value(prepared.to_be_signed)
    signed = complete_with_value(stored(prepared), reserved, signature=value)
    checked(signed)
    assert judge(signed) == {"signatory-1": {**BARE, "coverage": "ENTIRE_FILE", "changes": "NONE"}}


def test_a_seal_with_number_and_date_is_completed_in_one_revision(
    judge, signed, seal, now, values, device, timestamp, seal_image
):
    prepared = prepare(
        signed,
        field="seal-1",
        values=values,
        certificate=seal.certificate,
        chain=seal.chain,
        now=now,
        image=seal_image,
    )
    value = device(seal).value(prepared.to_be_signed)
    sealed = complete_with_value(stored(prepared), signed, signature=value)
    sealed = add_timestamp(sealed, field="seal-1", timestamp=timestamp)
    assert sealed[len(signed) :].count(b"%%EOF") == 1
    assert judge(sealed) == {
        "signatory-1": {**VALID, "coverage": "ENTIRE_REVISION", "changes": "FORM_FILLING"},
        "seal-1": {**VALID, "coverage": "ENTIRE_FILE", "changes": "NONE"},
    }


def test_what_is_stored_is_small_and_comes_back(prepared):
    assert len(stored(prepared)) < 8000
    assert PreparedSignature.from_bytes(stored(prepared)) == prepared


def test_another_document_is_refused(reserved, prepared, signatory, device):
    value = device(signatory).value(prepared.to_be_signed)
    complete_with_value(prepared, reserved, signature=value)
    at = reserved.index(b"/Title")
    for other in (reserved[:at] + b"/TitlE" + reserved[at + 6 :], reserved + b"\n"):
        with pytest.raises(PreparedForOtherDocument):
            complete_with_value(prepared, other, signature=value)
        with pytest.raises(PreparedForOtherDocument):
            prepared.covered(other)


def test_a_signature_over_other_bytes_is_refused(reserved, prepared, signatory):
    def by_signatory(digest: bytes) -> bytes:
        return detached_signature(digest, signatory, claimed_at=None, timestamp=None)

    complete(prepared, reserved, cms=by_signatory(prepared.digest))
    with pytest.raises(DigestMismatch):
        complete(prepared, reserved, cms=by_signatory(bytes(32)))


def test_a_value_over_other_attributes_is_refused(reserved, prepared, signatory, device):
    value = device(signatory).value(prepared.to_be_signed + b"\0")
    with pytest.raises(SignatureMismatch):
        complete_with_value(prepared, reserved, signature=value)


def test_a_value_by_another_key_is_refused(reserved, prepared, seal, device):
    value = device(seal).value(prepared.to_be_signed)
    with pytest.raises(SignatureMismatch):
        complete_with_value(prepared, reserved, signature=value)


def test_a_valid_signature_by_someone_else_is_refused(reserved, prepared, seal):
    cms = detached_signature(prepared.digest, seal, claimed_at=None, timestamp=None)
    with pytest.raises(SignedByAnotherCertificate, match="Nguyễn Văn Bình"):
        complete(prepared, reserved, cms=cms)


def test_a_cms_that_does_not_bind_its_certificate_in_is_refused(
    reserved, prepared, signatory, device
):
    """EN 319 142-1 clause 6.3: signing-certificate-v2 shall be present."""
    cms = device(signatory).cms(prepared.covered(reserved))
    with pytest.raises(SignatureNotPAdES, match="signing-certificate-v2"):
        complete(prepared, reserved, cms=cms)


def test_a_cms_that_carries_the_content_is_refused(reserved, prepared, signatory, device):
    """ISO 32000-1 clause 12.8.3.3: no data shall be encapsulated."""
    cms = device(signatory).cms(prepared.covered(reserved), "-cades", "-nodetach")
    with pytest.raises(SignatureNotPAdES, match="content"):
        complete(prepared, reserved, cms=cms)


def test_what_is_no_cms_is_refused(reserved, prepared, signatory):
    cms = detached_signature(prepared.digest, signatory, claimed_at=None, timestamp=None)
    for broken in (cms[:-1], cms + b"\0", b""):
        with pytest.raises(SignedDataMalformed):
            complete(prepared, reserved, cms=broken)


def test_a_cms_larger_than_its_room_is_refused(reserved, signatory, now):
    prepared = prepare(
        reserved,
        field="signatory-1",
        certificate=signatory.certificate,
        now=now,
        room_bytes=500,
    )
    cms = detached_signature(prepared.digest, signatory, claimed_at=None, timestamp=None)
    with pytest.raises(NoRoom):
        complete(prepared, reserved, cms=cms)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "chauban-pades-prepared-0"},
        {"digest": "xyz"},
        {"digest_name": "sha1"},
        {"certificates": []},
        {"certificates": ["AAAA"]},
        {"appended": "AAAA"},
        {"original_size": "many"},
    ],
)
def test_a_stored_state_that_does_not_read_is_refused(prepared, change):
    state = json.loads(stored(prepared))
    with pytest.raises(PreparedStateInvalid):
        PreparedSignature.from_bytes(json.dumps({**state, **change}).encode())


def test_a_stored_revision_that_was_changed_is_refused(reserved, prepared, signatory):
    """Its digest is what the signer saw, so another revision does not fit it."""
    state = json.loads(stored(prepared))
    cms = detached_signature(prepared.digest, signatory, claimed_at=None, timestamp=None)
    complete(json.dumps(state).encode(), reserved, cms=cms)
    for key in ("before_gap", "room"):  # the gap moved or resized; the digest stays the same
        other = {**state, key: state[key] - 2}
        with pytest.raises(PreparedForOtherDocument):
            complete(json.dumps(other).encode(), reserved, cms=cms)


def test_what_is_no_json_is_refused():
    for junk in (b"", b"[]", b"null", b"\xff", b"{"):
        with pytest.raises(PreparedStateInvalid):
            PreparedSignature.from_bytes(junk)


def test_preparing_refuses_what_signing_refuses(reserved, signed, signatory, seal, now, values):
    expired = {"now": signatory.certificate.not_valid_after_utc.replace(year=2035)}
    given = {"certificate": signatory.certificate, "now": now}
    with pytest.raises(CertificateNotValid):
        prepare(reserved, field="signatory-1", **{**given, **expired})
    with pytest.raises(NotASeal):
        prepare(reserved, field="signatory-1", values=values, **given)
    with pytest.raises(FieldNotFilled):
        prepare(signed, field="seal-1", certificate=seal.certificate, now=now)
