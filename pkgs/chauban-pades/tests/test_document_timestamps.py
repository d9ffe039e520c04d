"""Level B-LTA: document time-stamps over signatures and validation data.

ETSI EN 319 142-1 clauses 5.4.3 and 6.3; judged by pyHanko, pdfsig, qpdf and our own reading.
"""

import io
import subprocess

import pikepdf
import pytest

from chauban_pades import (
    add_document_timestamp,
    add_validation_data,
    assess,
    fill_and_seal,
    reserve,
    sign,
)
from chauban_pades.collecting import validation_data_of
from chauban_pades.errors import NoRoom, NotSigned
from chauban_pki.errors import TimestampUnavailable
from chauban_pki.reasons import Verdict

VALID = {"valid": True, "trusted": True, "timestamped": True}


@pytest.fixture(scope="module")
def archived(sealed_lt, timestamp):
    """The sealed letter at B-LTA."""
    return add_document_timestamp(sealed_lt, timestamp=timestamp)


@pytest.fixture(scope="module")
def renewed(archived, trust, fetch, now, timestamp):
    """The same with the first time-stamp's validation data and a second time-stamp."""
    data = validation_data_of(archived, trust=trust, fetch=fetch, at=now)
    return add_document_timestamp(add_validation_data(archived, data=data), timestamp=timestamp)


@pytest.mark.parametrize("level", ["archived", "renewed"])
def test_signatures_and_time_stamps_are_valid_in_pyhanko(judge, checked, request, level):
    pdf = request.getfixturevalue(level)
    checked(pdf)
    assert judge(pdf) == {
        "signatory-1": {**VALID, "coverage": "ENTIRE_REVISION", "changes": "FORM_FILLING"},
        "seal-1": {**VALID, "coverage": "ENTIRE_REVISION", "changes": "LTA_UPDATES"},
    }


def test_pyhanko_finds_each_time_stamp_valid_by_itself(judge, renewed):
    verdicts = judge(renewed, "timestamps")
    assert {name: each["valid"] for name, each in verdicts.items()} == {
        "document-timestamp": True,
        "document-timestamp-2": True,
    }
    assert verdicts["document-timestamp-2"]["coverage"] == "ENTIRE_FILE"


def test_pdfsig_finds_the_signatures_valid_and_leaves_time_stamps_unjudged(renewed, checked):
    """poppler checks no document time-stamp; it lists each as a signature not yet verified."""
    said = subprocess.run(
        ["pdfsig", "-nocert", checked(renewed)], capture_output=True, text=True, check=True
    ).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 2
    assert said.count("Signature has not yet been verified.") == 2


def test_our_own_reading_says_b_lta(archived, renewed, trust, now):
    for pdf in (archived, renewed):
        report = assess(pdf, trust=trust, at=now)
        assert report.verdict is Verdict.TOTAL_PASSED, report.reasons
        assert [each.level for each in report.signatures] == ["B-LTA", "B-LTA"]


def test_the_last_of_several_seals_allows_a_time_stamp_after_it(
    judge, typeset, signatory, seal, timestamp, now, values, validation_data
):
    """Its lock forbids every change (/P 1) but those that prolong the proof."""
    given = {"timestamp": timestamp, "now": now}
    pdf = reserve(typeset(seals=2, signatories=2))
    for field in ("signatory-1", "signatory-2"):
        pdf = sign(pdf, field=field, credential=signatory, **given)
    pdf = fill_and_seal(pdf, field="seal-1", values=values, credential=seal, **given)
    pdf = sign(pdf, field="seal-2", credential=seal, **given)
    pdf = add_document_timestamp(
        add_validation_data(pdf, data=validation_data), timestamp=timestamp
    )
    assert [each["valid"] for each in judge(pdf).values()] == [True] * 4


def test_it_is_appended_and_covers_the_whole_file(sealed_lt, archived):
    assert archived.startswith(sealed_lt)
    with pikepdf.open(io.BytesIO(archived)) as document:
        token = document.Root.AcroForm.Fields[-1].V
        assert (token.Type, token.SubFilter) == ("/DocTimeStamp", "/ETSI.RFC3161")
        start, gap_start, gap_end, rest = (int(each) for each in token.ByteRange)
        assert "/M" not in token
        assert "/Cert" not in token
    assert (start, gap_end + rest) == (0, len(archived))
    assert archived[gap_start : gap_start + 1] + archived[gap_end - 1 : gap_end] == b"<>"


def test_its_field_shows_nothing_and_needs_no_appearance(archived):
    """ISO 19005-2 clause 6.3: printed, not hidden, no appearance as it has no area."""
    with pikepdf.open(io.BytesIO(archived)) as document:
        widget = document.pages[0].Annots[-1]
        assert widget.T == "document-timestamp"
        assert [float(each) for each in widget.Rect] == [-1.0] * 4
        assert widget.F == 4
        assert "/AP" not in widget


def test_one_byte_changed_afterwards_is_found(archived, judge, trust, now):
    at = archived.index(b"/Title")
    changed = archived[:at] + b"/TitlE" + archived[at + 6 :]
    assert judge(archived, "timestamps")["document-timestamp"]["valid"] is True
    assert judge(changed, "timestamps")["document-timestamp"]["valid"] is False
    assert assess(changed, trust=trust, at=now).verdict is not Verdict.TOTAL_PASSED


def test_nothing_signed_nothing_to_prolong(reserved, timestamp):
    with pytest.raises(NotSigned):
        add_document_timestamp(reserved, timestamp=timestamp)


def test_without_a_token_there_is_no_b_lta(sealed_lt):
    def unavailable(digest: bytes) -> bytes:
        raise TimestampUnavailable("tsa.chauban.invalid")

    with pytest.raises(TimestampUnavailable):
        add_document_timestamp(sealed_lt, timestamp=unavailable)


def test_a_token_larger_than_its_room_is_refused(sealed_lt, timestamp):
    with pytest.raises(NoRoom):
        add_document_timestamp(sealed_lt, timestamp=timestamp, room_bytes=1000)


def test_the_validation_data_of_a_time_stamp_are_its_authoritys(archived, trust, fetch, now):
    data = validation_data_of(archived, trust=trust, fetch=fetch, at=now)
    assert data.certificates
    assert data.crls
