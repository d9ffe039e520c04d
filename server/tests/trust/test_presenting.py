"""What a page says of a signature that was made while its algorithm still counted."""

from datetime import UTC, datetime

from chauban.trust.presenting import present
from chauban_pades.words import reason


def test_a_signature_by_an_algorithm_that_is_weak_today_was_valid_then():
    """Thông tư 15/2025/TT-BKHCN; ETSI EN 319 102-1 clause 5.2.8."""
    signature = {
        "field": "signatory-1",
        "role": "person",
        "signer": "Trần Thị Lan",
        "agency": "Văn phòng",
        "level": "B-LT",
        "signing_time": datetime(2018, 6, 1, tzinfo=UTC).isoformat(),
        "verdict": "TOTAL-PASSED",
        "reasons": [reason("weak-then", detail="SHA-1").as_dict()],
    }
    (shown,) = present(
        {
            "verdict": "TOTAL-PASSED",
            "document": "complete",
            "signatures": [signature],
            "changes_after_signing": [],
            "reasons": [],
        }
    ).signatures
    assert shown.verdict == "TOTAL-PASSED"
    assert "hợp lệ vào lúc ký, nhưng thuật toán nay đã yếu (SHA-1)" in shown.reasons[0].vi
    assert "weak now" in shown.reasons[0].en
