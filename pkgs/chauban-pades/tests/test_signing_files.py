"""Signing from file to file: the same document as in memory, in bounded memory."""

import io
import os
import subprocess
import sys

import pikepdf
import pytest

from chauban_pades import fill_and_seal_file, reserve, sign_file
from chauban_pades.errors import FieldNotReserved, HybridPDF, NotAPDF
from chauban_pki.errors import TimestampUnavailable

VALID = {"valid": True, "trusted": True, "timestamped": True}
LARGE = 64 * 1024 * 1024


@pytest.fixture
def given(signatory, timestamp, now):
    return {"field": "signatory-1", "credential": signatory, "timestamp": timestamp, "now": now}


@pytest.fixture
def source(reserved, tmp_path):
    path = tmp_path / "reserved.pdf"
    path.write_bytes(reserved)
    return path


def test_a_file_is_signed_and_then_sealed(
    judge, checked, source, reserved, given, seal, values, tmp_path
):
    signed, sealed = tmp_path / "signed.pdf", tmp_path / "sealed.pdf"
    sign_file(source, signed, **given)
    sealing = {**given, "field": "seal-1", "credential": seal, "values": values}
    fill_and_seal_file(signed, sealed, **sealing)
    assert sealed.read_bytes().startswith(signed.read_bytes())
    assert signed.read_bytes().startswith(reserved)
    checked(sealed.read_bytes())
    assert judge(sealed.read_bytes()) == {
        "signatory-1": {**VALID, "coverage": "ENTIRE_REVISION", "changes": "FORM_FILLING"},
        "seal-1": {**VALID, "coverage": "ENTIRE_FILE", "changes": "NONE"},
    }


def test_a_file_with_cross_reference_streams_is_signed(judge, reserved, given, tmp_path):
    """qpdf reads it, from the file."""
    source, target = tmp_path / "streams.pdf", tmp_path / "signed.pdf"
    with pikepdf.open(io.BytesIO(reserved)) as document:
        document.save(source, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    sign_file(source, target, **given)
    assert judge(target.read_bytes())["signatory-1"]["valid"] is True


def test_nothing_is_left_where_signing_fails(source, given, tmp_path):
    def unavailable(digest: bytes) -> bytes:
        raise TimestampUnavailable("tsa.chauban.invalid")

    target = tmp_path / "signed.pdf"
    for change, refusal in (
        ({"timestamp": unavailable}, TimestampUnavailable),
        ({"field": "signatory-9"}, FieldNotReserved),
    ):
        with pytest.raises(refusal):
            sign_file(source, target, **{**given, **change})
        assert not target.exists()


def test_a_file_that_is_there_is_not_overwritten(source, given, tmp_path):
    target = tmp_path / "signed.pdf"
    target.write_bytes(b"kept")
    with pytest.raises(FileExistsError):
        sign_file(source, target, **given)
    assert target.read_bytes() == b"kept"


def test_what_is_refused_in_memory_is_refused_as_a_file(source, given, tmp_path):
    content = source.read_bytes()
    for number, (broken, refusal) in enumerate(
        (
            (content[:-40], NotAPDF),
            (content.replace(b"/Info 2 0 R", b"/XRefStm 99"), HybridPDF),
            (b"", NotAPDF),
        )
    ):
        source.write_bytes(broken)
        with pytest.raises(refusal):
            sign_file(source, tmp_path / f"{number}.pdf", **given)


SIGN_ALONE = """
import resource, sys
from datetime import datetime
from pathlib import Path
from chauban_pades import sign_file
from chauban_pki.credentials import KeyCredential
source, target, keystore, moment = sys.argv[1:]
credential = KeyCredential.load(Path(keystore).read_bytes(), "x")
given = {"field": "signatory-1", "credential": credential, "timestamp": None}
small = Path(source).with_name("reserved.pdf")
sign_file(small, Path(target + ".small"), now=datetime.fromisoformat(moment), **given)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sign_file(Path(source), Path(target), now=datetime.fromisoformat(moment), **given)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_file_of_64_mb_is_signed_with_little_more_memory_than_a_small_one(
    letter, source, authority, now, tmp_path
):
    """Measured in a process of its own: the greatest resident size, in KiB."""
    with pikepdf.open(io.BytesIO(letter)) as document:
        document.Root.Extra = document.make_stream(os.urandom(1024) * (LARGE // 1024))
        written = io.BytesIO()
        document.save(written, compress_streams=False)
    large, target = tmp_path / "large.pdf", tmp_path / "signed.pdf"
    large.write_bytes(reserve(written.getvalue()))
    assert large.stat().st_size > LARGE
    keystore = tmp_path / "key.p12"
    keystore.write_bytes(
        authority.issue_person(
            "Trần Thị Cúc",
            "Chủ tịch",
            "Ủy ban nhân dân",
            password="x",
            key="p256",
            valid_from=now.replace(year=2026, month=1),
            valid_to=now.replace(year=2027),
        )
    )
    argv = [sys.executable, "-c", SIGN_ALONE, large, target, keystore, now.isoformat()]
    extra_kib = int(subprocess.run(argv, capture_output=True, check=True).stdout)
    assert extra_kib < 16 * 1024
    assert target.stat().st_size > LARGE
    said = subprocess.run(["pdfsig", "-nocert", target], capture_output=True, text=True).stdout
    assert "Signature Validation: Signature is Valid." in said
    assert "Total document signed" in said
