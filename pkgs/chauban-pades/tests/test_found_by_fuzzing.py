"""What `make fuzz` found, kept small: each file once ended in an exception or took for ever.

`reader-failed` is what `assess` says when it had to catch an exception that nobody foresaw.
"""

import io
import re
from datetime import datetime
from typing import Any

import pikepdf
import pytest

from chauban_pades import Report, assess
from chauban_pades.report import ReportMalformed, parse_report
from chauban_pki.reasons import Verdict
from chauban_pki.trust import Trust


def codes(report: Report) -> set[str]:
    """Every code that the report names."""
    found = {one.code for one in report.reasons}
    found |= {one.what for one in report.changes_after_signing}
    return found | {one.code for each in report.signatures for one in each.reasons}


def test_a_box_of_words_is_no_box(sealed: bytes, trust: Trust, now: datetime) -> None:
    """ISO 32000-1 clause 7.9.5: a number's appearance whose /BBox holds a name."""
    found = list(re.finditer(rb"/BBox \[ ?[0-9. ]+\]", sealed))
    assert found
    pdf = bytearray(sealed)
    for match in found:
        pdf[match.start() : match.end()] = b"/BBox [/A 0 0 0".ljust(len(match[0]) - 1) + b"]"
    report = assess(bytes(pdf), trust=trust, at=now)
    assert report.verdict is not Verdict.TOTAL_PASSED
    assert codes(report) >= {"appearance-differs", "digest-mismatch"}
    assert "reader-failed" not in codes(report)


@pytest.mark.parametrize("broken", [[], {}, 5, None, {"code": []}])
@pytest.mark.parametrize("place", ["reasons", "changes_after_signing", "signatures"])
def test_a_report_whose_parts_are_of_another_kind_is_refused(
    signed: bytes, trust: Trust, now: datetime, place: str, broken: Any
) -> None:
    """It was read, and broke the page that showed it."""
    given = assess(signed[:-400], trust=trust, at=now).as_dict()
    parse_report(given)
    with pytest.raises(ReportMalformed):
        parse_report(given | {place: [broken]})


@pytest.mark.parametrize("part", ["code", "vi", "en", "clause"])
def test_a_reason_that_is_no_text_is_refused(
    signed: bytes, trust: Trust, now: datetime, part: str
) -> None:
    given = assess(signed[:-400], trust=trust, at=now).as_dict()
    with pytest.raises(ReportMalformed):
        parse_report(given | {"reasons": [given["reasons"][0] | {part: ["x"]}]})


def test_a_field_that_becomes_a_list_is_a_change(
    sealed: bytes, trust: Trust, now: datetime
) -> None:
    """ISO 32000-1 clause 12.7.3.1: a later revision gives an array in the field's place."""
    reader = pikepdf.open(io.BytesIO(sealed))
    field = next(one for one in reader.Root.AcroForm.Fields if one.T == "number")
    number, root = field.objgen[0], reader.Root.objgen[0]
    previous = int(re.findall(rb"startxref\s+(\d+)", sealed)[-1])
    body = b"%d 0 obj\n[ 1 2 ]\nendobj\n" % number
    section = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (
        number,
        len(sealed),
        int(reader.trailer.Size),
        root,
        previous,
    )
    end = b"startxref\n%d\n%%%%EOF\n" % (len(sealed) + len(body))
    report = assess(sealed + body + section + end, trust=trust, at=now)
    assert report.document == "altered"
    assert "annotation-changed" in codes(report)
