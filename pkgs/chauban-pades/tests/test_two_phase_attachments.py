"""Attachments signed where the key is elsewhere: in a PDF of their own, and beside any file."""

import io
from hashlib import sha256

import pikepdf
import pytest

from chauban_pades import add_timestamp, assess, assess_detached, complete_with_value
from chauban_pades.errors import PreparedForOtherDocument, PreparedStateInvalid
from chauban_pades.two_phase import PreparedSignature, prepare_attachment
from chauban_pades.two_phase_detached import PreparedDetached
from chauban_pki.cms import add_signature_timestamp
from chauban_pki.errors import SignatureMismatch
from chauban_pki.reasons import Verdict
from chauban_pki.signed_data import parse_signed_data

LINES = ("05/QĐ-UBND", "2026-11-23T09:00:00+07:00")


@pytest.fixture(scope="module")
def attachment() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    written = io.BytesIO()
    pdf.save(written)
    return written.getvalue()


@pytest.fixture
def prepared(attachment, seal, now):
    return prepare_attachment(
        attachment, certificate=seal.certificate, chain=seal.chain, now=now, lines=LINES
    )


@pytest.fixture
def detached(attachment, seal, now):
    digest = sha256(attachment).digest()
    return PreparedDetached(seal.certificate, seal.chain, False, "sha256", digest, now)


def test_an_attachment_takes_the_value_that_came_later(
    attachment, prepared, seal, timestamp, trust, now, fetch, judge
):
    kept = PreparedSignature.from_bytes(prepared.to_bytes())
    value = seal.sign(kept.to_be_signed)
    signed = complete_with_value(kept, attachment, signature=value)
    stamped = add_timestamp(signed, field=kept.field, timestamp=timestamp)
    assert judge(stamped)["attachment-seal"]["valid"]
    assert assess(stamped, trust=trust, at=now, fetch=fetch).document == "attachment"


def test_an_attachment_prepared_takes_no_other_file(attachment, prepared, seal):
    value = seal.sign(prepared.to_be_signed)
    with pytest.raises(PreparedForOtherDocument):
        complete_with_value(prepared, attachment + b"\n", signature=value)


def test_a_detached_signature_takes_the_value_that_came_later(
    attachment, detached, seal, timestamp, trust, now, fetch
):
    kept = PreparedDetached.from_bytes(detached.to_bytes())
    assert kept == detached
    cms = kept.complete(seal.sign(kept.to_be_signed))
    token = timestamp(sha256(parse_signed_data(cms).signature).digest())
    report = assess_detached(
        io.BytesIO(attachment),
        add_signature_timestamp(cms, token),
        trust=trust,
        at=now,
        fetch=fetch,
    )
    assert report.verdict is Verdict.TOTAL_PASSED, report


def test_a_detached_signature_takes_no_other_keys_value(detached, seal, signatory):
    with pytest.raises(SignatureMismatch):
        detached.complete(signatory.sign(detached.to_be_signed))
    with pytest.raises(SignatureMismatch):
        detached.complete(seal.sign(detached.to_be_signed + b"x"))


@pytest.mark.parametrize("spoil", [b"", b"[]", b'{"format": "other"}'])
def test_what_is_no_prepared_detached_signature_is_refused(spoil):
    with pytest.raises(PreparedStateInvalid):
        PreparedDetached.from_bytes(spoil)
