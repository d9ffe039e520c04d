"""What a file is worth as a document: each case differs from a complete letter in one thing.

Nghị định 30/2020/NĐ-CP Điều 5: an original bears the signature of the competent person and of
the agency; Điều 25 and Phụ lục I: copies and attachments bear the agency's alone.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chauban_pades import (
    Report,
    add_validation_data,
    assess,
    fill_and_seal,
    reserve,
    sign,
    sign_attachment,
    sign_pending,
)
from chauban_pades.second_leg import assess_with_pyhanko
from chauban_pades.words import change
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.reasons import Verdict
from chauban_pki.revocation import ValidationData
from chauban_pki.timestamps import Timestamper
from chauban_pki.trust import Fetch, Trust

Signing = Callable[..., bytes]


def codes(report: Report) -> list[str]:
    return [one.code for one in report.reasons]


@pytest.fixture(scope="module")
def other_authority(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> DemoAuthority:
    folder: Path = tmp_path_factory.mktemp("other") / "demo"
    return DemoAuthority.create(folder, now - timedelta(days=30))


def test_a_signed_and_sealed_letter_is_complete(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    report = assess(sealed_lt, trust=trust, at=now)
    assert (report.document, report.verdict) == ("complete", Verdict.TOTAL_PASSED)
    assert [one.level for one in report.signatures] == ["B-LT", "B-LT"]
    assert report.changes_after_signing == ()
    assert report.reasons == ()


def test_the_report_is_the_object_that_verify_prints(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    """Design, section 4: the keys of `chauban verify --json`."""
    given = assess(sealed_lt, trust=trust, at=now).as_dict()
    keys = ["verdict", "document", "signatures", "changes_after_signing", "reasons"]
    assert list(given) == [*keys, "permitted_changes"]
    signatory = given["signatures"][0]
    assert signatory == {
        "field": "signatory-1",
        "role": "person",
        "signer": "Nguyễn Văn Bình",
        "agency": "Ủy ban nhân dân thành phố Huế",
        "level": "B-LT",
        "signing_time": "2026-11-23T02:00:00+00:00",
        "verdict": "TOTAL-PASSED",
        "reasons": [],
    }


def test_a_report_keeps_what_a_verifier_must_keep(
    sealed_lt: bytes, trust: Trust, now: datetime, seal: KeyCredential
) -> None:
    """Thông tư 41/2017/TT-BTTTT: certificate, holder and proved time are kept with the file."""
    signatory, sealing = assess(sealed_lt, trust=trust, at=now).signatures
    assert signatory.title == "Phó Chủ tịch"
    assert (sealing.role, sealing.organ_id) == ("organisation", "H57")
    assert sealing.certificate_serial == format(seal.certificate.serial_number, "x")
    assert sealing.is_time_proved
    assert (signatory.revision, sealing.revision) == (2, 3)
    assert not sealing.covers_whole_document


def test_a_letter_without_its_seal_is_no_seal(
    signed: bytes, trust: Trust, now: datetime, fetch: Fetch
) -> None:
    report = assess(signed, trust=trust, at=now, fetch=fetch)
    assert (report.document, codes(report)) == ("no-seal", ["seal-missing"])
    assert report.signatures[0].verdict is Verdict.TOTAL_PASSED


def test_a_letter_that_nobody_signed_is_unsigned(
    reserved: bytes, trust: Trust, now: datetime
) -> None:
    report = assess(reserved, trust=trust, at=now)
    assert (report.document, report.verdict) == ("unsigned", Verdict.INDETERMINATE)


def test_without_anchors_nothing_is_better_than_indeterminate(
    sealed_lt: bytes, now: datetime
) -> None:
    report = assess(sealed_lt, trust=Trust(), at=now)
    assert (report.document, report.verdict) == ("not-enough-evidence", Verdict.INDETERMINATE)
    assert "no-trust" in codes(report)


def test_an_anchor_of_another_authority_shows_nothing(
    sealed_lt: bytes, other_authority: DemoAuthority, now: datetime
) -> None:
    report = assess(sealed_lt, trust=other_authority.trust("http://127.0.0.1:1"), at=now)
    assert (report.document, report.verdict) == ("not-enough-evidence", Verdict.INDETERMINATE)
    # The other authority bears the same names; only its keys are others.
    assert "certificate-signature-invalid" in [one.code for one in report.signatures[0].reasons]


def test_without_revocation_information_the_evidence_is_not_enough(
    sealed: bytes, trust: Trust, now: datetime
) -> None:
    report = assess(sealed, trust=trust, at=now)
    assert (report.document, report.verdict) == ("not-enough-evidence", Verdict.INDETERMINATE)
    assert "revocation-unknown" in [one.code for one in report.signatures[0].reasons]


def test_revocation_information_may_be_fetched(
    sealed: bytes, trust: Trust, now: datetime, fetch: Fetch
) -> None:
    report = assess(sealed, trust=trust, at=now, fetch=fetch)
    assert (report.document, report.verdict) == ("complete", Verdict.TOTAL_PASSED)
    assert [one.level for one in report.signatures] == ["B-T", "B-T"]


@pytest.mark.parametrize("years", [1, 3])
def test_a_letter_with_its_validation_data_outlives_its_certificates(
    sealed_lt: bytes, trust: Trust, now: datetime, years: int
) -> None:
    """ETSI EN 319 142-1 B-LT: nobody need be asked again; the signers' certificates end in 2028."""
    report = assess(sealed_lt, trust=trust, at=now + timedelta(days=365 * years))
    assert report.document == "complete"


@pytest.fixture(scope="module")
def of_two(
    typeset: Signing, signatory: KeyCredential, timestamp: Timestamper, now: datetime
) -> bytes:
    """A letter of two signatories and two seals, with the first signature."""
    return sign(
        reserve(typeset(signatories=2, seals=2)),
        field="signatory-1",
        credential=signatory,
        timestamp=timestamp,
        now=now,
    )


def test_several_signatories_and_seals_are_all_required(
    of_two: bytes,
    signatory: KeyCredential,
    seal: KeyCredential,
    timestamp: Timestamper,
    validation_data: ValidationData,
    values: dict[str, str],
    trust: Trust,
    now: datetime,
) -> None:
    """Design decision 17: the required set is what was reserved in the first signed revision."""

    def kept(pdf: bytes) -> Report:
        return assess(add_validation_data(pdf, data=validation_data), trust=trust, at=now)

    assert kept(of_two).document == "no-signature"
    both = sign(of_two, field="signatory-2", credential=signatory, timestamp=timestamp, now=now)
    assert codes(kept(both)) == ["seal-missing", "seal-missing"]
    numbered = fill_and_seal(
        both, field="seal-1", values=values, credential=seal, timestamp=timestamp, now=now
    )
    assert (kept(numbered).document, codes(kept(numbered))) == ("no-seal", ["seal-missing"])
    whole = sign(numbered, field="seal-2", credential=seal, timestamp=timestamp, now=now)
    assert (kept(whole).document, kept(whole).changes_after_signing) == ("complete", ())


def test_a_person_cannot_seal(
    signed: bytes,
    signatory: KeyCredential,
    timestamp: Timestamper,
    validation_data: ValidationData,
    values: dict[str, str],
    trust: Trust,
    now: datetime,
) -> None:
    """Phụ lục I mục II.8: the seal is the agency's signature, by its own certificate."""
    pdf = fill_and_seal(
        signed, field="seal-1", values=values, credential=signatory, timestamp=timestamp, now=now
    )
    report = assess(add_validation_data(pdf, data=validation_data), trust=trust, at=now)
    assert (report.document, report.verdict) == ("invalid", Verdict.TOTAL_FAILED)
    assert [one.code for one in report.signatures[1].reasons] == ["role-mismatch"]


def test_an_agency_cannot_sign_for_a_person(
    reserved: bytes, seal: KeyCredential, timestamp: Timestamper, trust: Trust, now: datetime
) -> None:
    pdf = sign(reserved, field="signatory-1", credential=seal, timestamp=timestamp, now=now)
    report = assess(pdf, trust=trust, at=now)
    assert report.document == "invalid"
    assert "role-mismatch" in [one.code for one in report.signatures[0].reasons]


@pytest.mark.parametrize(
    ("reason", "document"), [(None, "attachment"), ("SAO Y", "electronic-copy")]
)
def test_attachments_and_copies_need_the_agency_alone(
    letter: bytes,
    seal: KeyCredential,
    timestamp: Timestamper,
    validation_data: ValidationData,
    trust: Trust,
    now: datetime,
    reason: str | None,
    document: str,
) -> None:
    """Phụ lục I mục II.8.b and cell 14: text at the top right of page 1, no picture."""
    pdf = sign_attachment(
        letter,
        credential=seal,
        timestamp=timestamp,
        now=now,
        lines=["05/UBND-VP", "23-11-2026 09:00:00 +07:00"],
        reason=reason,
    )
    pdf = add_validation_data(pdf, data=validation_data)
    for report in (
        assess(pdf, trust=trust, at=now),
        assess_with_pyhanko(pdf, trust=trust, at=now),
    ):
        assert (report.document, report.verdict) == (document, Verdict.TOTAL_PASSED)


def test_a_person_cannot_sign_an_attachment_for_the_agency(
    letter: bytes,
    signatory: KeyCredential,
    timestamp: Timestamper,
    validation_data: ValidationData,
    trust: Trust,
    now: datetime,
) -> None:
    pdf = sign_attachment(
        letter, credential=signatory, timestamp=timestamp, now=now, lines=["05/UBND-VP"]
    )
    report = assess(add_validation_data(pdf, data=validation_data), trust=trust, at=now)
    assert report.document == "invalid"


def test_a_signature_without_time_stamp_proves_no_time(
    reserved: bytes, signatory: KeyCredential, trust: Trust, now: datetime, fetch: Fetch
) -> None:
    pdf = sign_pending(reserved, field="signatory-1", credential=signatory, now=now)
    (signature,) = assess(pdf, trust=trust, at=now, fetch=fetch).signatures
    assert (signature.level, signature.is_time_proved) == ("B-B", False)
    assert (signature.verdict, signature.signing_time) == (Verdict.TOTAL_PASSED, now)


def test_a_signature_without_time_stamp_does_not_outlive_its_certificate(
    reserved: bytes, signatory: KeyCredential, trust: Trust, now: datetime, fetch: Fetch
) -> None:
    """ETSI EN 319 102-1 clause 5.2.6: OUT_OF_BOUNDS_NO_POE."""
    pdf = sign_pending(reserved, field="signatory-1", credential=signatory, now=now)
    later = now + timedelta(days=900)
    (signature,) = assess(pdf, trust=trust, at=later, fetch=fetch).signatures
    assert signature.verdict is Verdict.INDETERMINATE
    assert [one.code for one in signature.reasons] == ["certificate-expired"]


@pytest.mark.parametrize(
    ("field", "word"),
    [
        ("number", "số"),
        ("seal-1", "chữ ký số của cơ quan"),
        ("signatory-2", "chữ ký số của người có thẩm quyền thứ 2"),
        ("Signature1", "Signature1"),
    ],
)
def test_vietnamese_readers_are_told_fields_by_the_decrees_words(field: str, word: str) -> None:
    told = change("field-filled", revision=2, page=1, field=field)
    assert told.vi == f"điền ô {word}"
    assert told.en == f"the field {field} was filled"
