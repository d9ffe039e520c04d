"""Detached signatures beside files that are no PDF (Phụ lục I mục II.8.b; ETSI EN 319 122-1)."""

import io
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

import pytest

from chauban_pades import Report, assess_detached
from chauban_pki.cms import detached_signature
from chauban_pki.credentials import KeyCredential
from chauban_pki.reasons import Verdict
from chauban_pki.revocation import ValidationData
from chauban_pki.timestamps import Timestamper
from chauban_pki.trust import Fetch, Trust

CONTENT = "Phụ lục kèm theo\n".encode() * 1000
Asked = Callable[..., Report]


@pytest.fixture
def p7s(seal: KeyCredential, timestamp: Timestamper, now: datetime) -> bytes:
    return detached_signature(sha256(CONTENT).digest(), seal, claimed_at=now, timestamp=timestamp)


@pytest.fixture
def asked(trust: Trust, now: datetime, validation_data: ValidationData) -> Asked:
    def ask(content: bytes, p7s: bytes) -> Report:
        return assess_detached(content, p7s, trust=trust, at=now, data=validation_data)

    return ask


def codes(report: Report) -> list[str]:
    return [one.code for one in report.signatures[0].reasons]


def test_a_file_signed_by_the_agency_is_an_attachment(asked: Asked, p7s: bytes) -> None:
    report = asked(CONTENT, p7s)
    assert (report.document, report.verdict) == ("attachment", Verdict.TOTAL_PASSED)
    (signature,) = report.signatures
    assert (signature.role, signature.is_time_proved) == ("organisation", True)


def test_a_file_is_read_in_pieces(
    p7s: bytes, trust: Trust, now: datetime, validation_data: ValidationData
) -> None:
    report = assess_detached(io.BytesIO(CONTENT), p7s, trust=trust, at=now, data=validation_data)
    assert report.document == "attachment"


def test_a_changed_file_is_altered(asked: Asked, p7s: bytes) -> None:
    report = asked(CONTENT + b".", p7s)
    assert (report.document, codes(report)) == ("altered", ["digest-mismatch"])


def test_revocation_information_may_be_fetched(
    p7s: bytes, trust: Trust, now: datetime, fetch: Fetch
) -> None:
    assert assess_detached(CONTENT, p7s, trust=trust, at=now).document == "not-enough-evidence"
    report = assess_detached(CONTENT, p7s, trust=trust, at=now, fetch=fetch)
    assert report.document == "attachment"
    assert report.signatures[0].level == "B-T"


def test_without_anchors_nothing_is_better_than_indeterminate(
    p7s: bytes, now: datetime, validation_data: ValidationData
) -> None:
    report = assess_detached(CONTENT, p7s, trust=Trust(), at=now, data=validation_data)
    assert report.verdict is Verdict.INDETERMINATE


def test_a_person_s_signature_does_not_make_an_attachment(
    asked: Asked, signatory: KeyCredential, timestamp: Timestamper, now: datetime
) -> None:
    made = detached_signature(
        sha256(CONTENT).digest(), signatory, claimed_at=now, timestamp=timestamp
    )
    assert asked(CONTENT, made).document == "no-seal"


@pytest.mark.parametrize(
    "broken", [b"", b"\x30\x80\0\0", b"not a signature", bytes(5_000_000)], ids=range(4)
)
def test_what_is_no_signature_is_invalid(asked: Asked, broken: bytes) -> None:
    report = asked(CONTENT, broken)
    assert (report.document, report.verdict) == ("invalid", Verdict.TOTAL_FAILED)


def test_a_truncated_signature_is_invalid(asked: Asked, p7s: bytes) -> None:
    assert asked(CONTENT, p7s[:-1]).document == "invalid"
