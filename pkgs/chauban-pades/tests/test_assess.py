"""What an assessment says of letters that differ in one thing from a complete one."""

from datetime import datetime

from chauban_pades import assess
from chauban_pki.reasons import Verdict
from chauban_pki.trust import Trust


def test_a_signed_and_sealed_letter_is_complete(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    report = assess(sealed_lt, trust=trust, at=now)
    assert (report.document, report.verdict) == ("complete", Verdict.TOTAL_PASSED)
    assert [one.level for one in report.signatures] == ["B-LT", "B-LT"]
    assert report.changes_after_signing == ()
