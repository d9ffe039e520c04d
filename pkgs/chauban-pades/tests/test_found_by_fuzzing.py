"""What `make fuzz` found, kept small: each file once ended in an exception or took for ever.

`reader-failed` is what `assess` says when it had to catch an exception that nobody foresaw.
"""

import io
import json
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


def revised(pdf: bytes, body: bytes, places: dict[int, int]) -> bytes:
    """The PDF with a revision of that body, whose table gives objects those places."""
    reader = pikepdf.open(io.BytesIO(pdf))
    rows = b"".join(b"%d 1\n%010d 00000 n \n" % (number, at) for number, at in places.items())
    trailer = b"<< /Size %d /Root %d 0 R /Prev %d >>" % (
        int(reader.trailer.Size),
        reader.Root.objgen[0],
        int(re.findall(rb"startxref\s+(\d+)", pdf)[-1]),
    )
    start = len(pdf) + len(body)
    end = b"startxref\n%d\n%%%%EOF\n" % start
    return pdf + body + b"xref\n" + rows + b"trailer\n" + trailer + b"\n" + end


def number_field(pdf: bytes) -> tuple[int, int]:
    """The object numbers of the field that holds the number, and of what it shows."""
    with pikepdf.open(io.BytesIO(pdf)) as reader:
        field = next(one for one in reader.Root.AcroForm.Fields if one.T == "number")
        return field.objgen[0], field.AP.N.objgen[0]


def test_a_field_that_becomes_a_list_is_a_change(
    sealed: bytes, trust: Trust, now: datetime
) -> None:
    """ISO 32000-1 clause 12.7.3.1: a later revision gives an array in the field's place."""
    number, _ = number_field(sealed)
    body = b"%d 0 obj\n[ 1 2 ]\nendobj\n" % number
    report = assess(revised(sealed, body, {number: len(sealed)}), trust=trust, at=now)
    assert report.document == "altered"
    assert "annotation-changed" in codes(report)


def test_an_object_in_the_place_of_another_is_damage(
    sealed: bytes, trust: Trust, now: datetime
) -> None:
    """ISO 32000-1 clause 7.5.4. qpdf 12.4 ended the process.

    A missing byte had moved all later objects by one, so that the place of object 17 held
    "7 0 obj", and 7 was replaced while it was read.
    """
    number, shown = number_field(sealed)
    body = sealed[sealed.rindex(b"\n%d 0 obj" % number) + 1 :]
    body = body[: body.index(b"endobj\n") + 7]
    pdf = revised(sealed, body, {number: len(sealed)})
    assert assess(pdf, trust=trust, at=now).document == "altered"
    crooked = revised(sealed, body, {number: len(sealed), shown: len(sealed)})
    report = assess(crooked, trust=trust, at=now)
    assert (report.document, codes(report)) == ("unreadable", {"damaged"})


@pytest.mark.parametrize(
    ("entry", "document"),
    [(b"/A#ff#c3 1", "altered"), (b"/TU <efbbbfff>", "altered"), (b"/T <efbbbfff>", "unreadable")],
)
def test_names_and_texts_of_a_wrong_encoding_are_findings(
    sealed: bytes, trust: Trust, now: datetime, entry: bytes, document: str
) -> None:
    """ISO 32000-1 clauses 7.3.5 and 7.9.2.2: bytes that are no UTF-8 where it is claimed."""
    number, _ = number_field(sealed)
    body = sealed[sealed.rindex(b"\n%d 0 obj" % number) + 1 :]
    body = body[: body.index(b"endobj\n") + 7].replace(b"/T (number)", b"/T (number) ", 1)
    if entry.startswith(b"/T "):
        body = body.replace(b"/T (number)", entry)
    elif entry.startswith(b"/TU "):
        body = re.sub(rb"/TU <[0-9A-Fa-f]+>", entry, body)
    else:
        body = body.replace(b"<<", b"<< " + entry, 1)
    report = assess(revised(sealed, body, {number: len(sealed)}), trust=trust, at=now)
    assert report.document == document
    assert "reader-failed" not in codes(report)
    json.dumps(report.as_dict(), ensure_ascii=False).encode()
