"""The second leg agrees with the first where both can see, and the worse of the two counts.

Design decision 2: a verifier that stands alone is how every published attack got through.
"""

import io
import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic

from chauban_pades import DocumentStatus, Report, assess
from chauban_pades.report import ReportMalformed, parse_report
from chauban_pades.second_leg import assess_apart, assess_with_pyhanko, main
from chauban_pades.two_legs import worse
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.reasons import Verdict
from chauban_pki.revocation import RecordingFetch
from chauban_pki.trust import Fetch, Trust


@pytest.fixture
def root(authority: DemoAuthority, tmp_path: Path) -> Path:
    path = tmp_path / "root.pem"
    path.write_bytes(authority.root.certificate.public_bytes(Encoding.PEM))
    return path


def test_both_legs_find_a_complete_letter_complete(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    first = assess(sealed_lt, trust=trust, at=now)
    second = assess_with_pyhanko(sealed_lt, trust=trust, at=now)
    assert (second.document, second.verdict) == ("complete", Verdict.TOTAL_PASSED)
    assert [(one.field, one.role, one.signer, one.revision) for one in second.signatures] == [
        (one.field, one.role, one.signer, one.revision) for one in first.signatures
    ]
    assert worse(first, second) == first


def test_without_anchors_the_second_leg_proves_nothing_either(
    sealed_lt: bytes, now: datetime
) -> None:
    report = assess_with_pyhanko(sealed_lt, trust=Trust(), at=now)
    assert (report.document, report.verdict) == ("not-enough-evidence", Verdict.INDETERMINATE)


def test_a_changed_byte_is_seen_by_the_second_leg_too(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    at = sealed_lt.index(b"stream\n") + 40
    changed = sealed_lt[:at] + bytes([sealed_lt[at] ^ 1]) + sealed_lt[at + 1 :]
    report = assess_with_pyhanko(changed, trust=trust, at=now)
    assert (report.document, report.verdict) == ("altered", Verdict.TOTAL_FAILED)


@pytest.mark.parametrize("part", [0, 10, 1000, 30_000])
def test_what_pyhanko_raises_on_is_a_report(
    sealed_lt: bytes, trust: Trust, now: datetime, part: int
) -> None:
    """Design decision 3: a parser's crash is a report."""
    report = assess_with_pyhanko(sealed_lt[:part], trust=trust, at=now)
    assert (report.document, report.verdict) == ("unreadable", Verdict.TOTAL_FAILED)


def test_the_worse_verdict_wins_and_the_disagreement_is_a_reason(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    first = assess(sealed_lt, trust=trust, at=now)
    doubted = replace(first.signatures[1], verdict=Verdict.TOTAL_FAILED)
    second = Report(Verdict.TOTAL_FAILED, DocumentStatus.ALTERED, (first.signatures[0], doubted))
    for report in (worse(first, second), worse(second, first)):
        assert (report.document, report.verdict) == ("altered", Verdict.TOTAL_FAILED)
        assert [one.code for one in report.reasons] == ["legs-disagree"]
        assert [one.verdict for one in report.signatures] == [
            Verdict.TOTAL_PASSED,
            Verdict.TOTAL_FAILED,
        ]


def test_the_second_leg_runs_in_a_process_of_its_own(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    report = assess_apart(sealed_lt, trust=trust, at=now)
    assert (report.document, report.verdict) == ("complete", Verdict.TOTAL_PASSED)


def test_the_second_leg_is_given_what_the_first_had_to_fetch(
    sealed: bytes, trust: Trust, now: datetime, fetch: Fetch
) -> None:
    """It asks nobody itself; a letter at B-T holds no revocation information."""
    recording = RecordingFetch(fetch)
    first = assess(sealed, trust=trust, at=now, fetch=recording)
    second = assess_apart(sealed, trust=trust, at=now, data=recording.data)
    assert (second.document, second.verdict) == ("complete", Verdict.TOTAL_PASSED)
    assert worse(first, second) == first
    without = assess_apart(sealed, trust=trust, at=now)
    assert (without.document, without.verdict) == ("not-enough-evidence", Verdict.INDETERMINATE)


def test_a_second_leg_that_takes_too_long_is_a_report(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    report = assess_apart(sealed_lt, trust=trust, at=now, timeout_seconds=0.01)
    assert [one.code for one in report.reasons] == ["second-leg-failed"]


def test_the_command_prints_the_report_and_exits_by_its_worth(
    sealed_lt: bytes, sealed: bytes, root: Path, now: datetime, tmp_path: Path
) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(sealed_lt)
    command = [sys.executable, "-m", "chauban_pades.second_leg", str(file), "--trust", str(root)]
    done = subprocess.run(
        [*command, "--at", now.isoformat(), "--json"], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["document"] == "complete"
    file.write_bytes(sealed)
    assert main([str(file), "--trust", str(root), "--at", now.isoformat()]) == 1


def test_a_report_survives_the_way_between_processes(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    given = assess(sealed_lt[:-400], trust=trust, at=now).as_dict()
    assert parse_report(json.loads(json.dumps(given))).as_dict() == given
    complete = assess(sealed_lt, trust=trust, at=now).as_dict()
    assert parse_report(json.loads(json.dumps(complete))).as_dict() == complete


def test_a_second_leg_that_needs_too_much_memory_is_a_report(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    """Nothing escapes where the process ends without a word."""
    report = assess_apart(sealed_lt, trust=trust, at=now, memory_bytes=10_000_000)
    assert report.document == "unreadable"
    assert [one.code for one in report.reasons] == ["second-leg-failed"]


@pytest.mark.parametrize("broken", [{}, {"verdict": "TOTAL-PASSED"}, {"verdict": 1}])
def test_what_is_no_report_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ReportMalformed):
        parse_report(broken)


def test_pyhanko_reads_a_long_hexadecimal_string_at_once() -> None:
    """The work-around holds only while pyHanko still looks its function up by this name."""
    text = b"<" + b"30" * 400_000 + b">"
    started = time.process_time()
    read = generic.read_object(io.BytesIO(text), container_ref=generic.TrailerReference(None))
    assert len(read.original_bytes) == 400_000
    assert time.process_time() - started < 0.1
