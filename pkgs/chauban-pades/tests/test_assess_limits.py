"""Hostile and damaged files: no exception escapes, and no file takes for ever.

Design, section 7: every attack file refused with a reason; no exception escapes.
"""

import io
import os
import time
import zlib
from collections.abc import Callable
from datetime import datetime

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chauban_pades import Report, assess
from chauban_pki.reasons import Verdict
from chauban_pki.trust import Fetch, Trust

SECONDS = 5.0
"""CPU time that no single hostile file may take, on a slow machine."""


def codes(report: Report) -> list[str]:
    return [one.code for one in report.reasons]


# `make fuzz` tries many times as many.
TIMES = int(os.environ.get("CHAUBAN_FUZZ_TIMES", "1"))
quick = settings(
    max_examples=150 * TIMES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@quick
@given(data=st.binary(max_size=300))
def test_random_bytes_are_unreadable(trust: Trust, now: datetime, data: bytes) -> None:
    for pdf in (data, b"%PDF-1.7\n" + data, b"%PDF-1.7\n" + data + b"startxref\n9\n%%EOF"):
        report = assess(pdf, trust=trust, at=now)
        assert (report.document, report.verdict) == ("unreadable", Verdict.TOTAL_FAILED)


@quick
@given(cut=st.integers(min_value=0, max_value=2**20))
def test_a_truncated_file_is_never_complete(
    sealed_lt: bytes, trust: Trust, now: datetime, cut: int
) -> None:
    report = assess(sealed_lt[: cut % len(sealed_lt)], trust=trust, at=now)
    assert not report.document.has_legal_value


@quick
@given(data=st.data())
def test_no_changed_byte_of_the_signed_revisions_goes_unseen(
    sealed: bytes, trust: Trust, now: datetime, fetch: Fetch, data: st.DataObject
) -> None:
    """Every byte of the last signed revision is covered by it, save its own contents."""
    at = data.draw(st.integers(min_value=0, max_value=len(sealed) - 1))
    value = data.draw(st.integers(min_value=0, max_value=255))
    changed = sealed[:at] + bytes([value]) + sealed[at + 1 :]
    report = assess(changed, trust=trust, at=now, fetch=fetch)
    is_same = value == sealed[at] or _is_same_hex(sealed[at], value)
    if not is_same and not _is_in_unsigned_part(sealed, at):
        assert report.verdict is not Verdict.TOTAL_PASSED


def _is_same_hex(before: int, after: int) -> bool:
    return bytes([before]).lower() == bytes([after]).lower()


def _is_in_unsigned_part(pdf: bytes, at: int) -> bool:
    """Whether the byte is of an unsigned attribute: a time-stamp may come and go."""
    start = pdf.rindex(b"/Contents <")
    return start < at < pdf.index(b">", start)


@quick
@given(data=st.data())
def test_a_mangled_file_gives_a_report(
    sealed: bytes, trust: Trust, now: datetime, fetch: Fetch, data: st.DataObject
) -> None:
    """Pieces are cut out, doubled and overwritten at will."""
    pdf = sealed
    for _ in range(data.draw(st.integers(min_value=1, max_value=4))):
        start = data.draw(st.integers(min_value=0, max_value=len(pdf)))
        end = min(len(pdf), start + data.draw(st.integers(min_value=0, max_value=4000)))
        piece = data.draw(
            st.sampled_from([b"", pdf[start:end] * 2, b"null", b"<<", b"endobj", b"0 R", b"\xff"])
        )
        pdf = pdf[:start] + piece + pdf[end:]
    report = assess(pdf, trust=trust, at=now, fetch=fetch)
    assert report.document.has_legal_value == (pdf == sealed)


def test_a_word_of_the_file_replaced_by_another_gives_a_report(
    sealed: bytes, trust: Trust, now: datetime, fetch: Fetch
) -> None:
    """Types where another was due, in every place that the reader looks at."""
    words = [b"/ByteRange", b"/Contents", b"/Fields", b"/Kids", b"/Annots", b"/AcroForm", b"/V "]
    words += [b"/Reference", b"/TransformParams", b"/Rect", b"/AP", b"/DA", b"/M ", b"/T "]
    words += [b"/Lock", b"/Type", b"/Prev", b"/Root", b"/Size", b"/Info"]
    for word in words:
        for value in (b"null", b"42", b"(x)", b"[1 2]", b"<</A 1>>", b"/Name", b"-1.5"):
            after = sealed.rindex(word) + len(word.rstrip()) + 1
            pdf = sealed[:after] + value + b" " + sealed[after + len(value) + 1 :]
            report = assess(pdf, trust=trust, at=now, fetch=fetch)
            assert report.verdict is not Verdict.TOTAL_PASSED, (word, value)


# Bombs


def of_one_stream(entries: bytes, content: bytes) -> bytes:
    """A PDF whose cross-reference stream has these entries and content."""
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    body = b"2 0 obj\n<< /Type /XRef %b /Root 1 0 R /Length %d >>\nstream\n" % (
        entries,
        len(content),
    )
    return head + body + content + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)


def bomb(size: int, byte: bytes = b"\0") -> bytes:
    """That many equal bytes, deflated in pieces."""
    packer = zlib.compressobj(9)
    piece = byte * (1024 * 1024)
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()


def nested(depth: int) -> bytes:
    head = b"%PDF-1.7\n"
    first = b"1 0 obj\n<< /Type /Catalog /X " + b"[" * depth + b"]" * depth + b" >>\nendobj\n"
    xref = len(head) + len(first)
    table = b"xref\n0 2\n0000000000 65535 f \n%010d 00000 n \n" % len(head)
    trailer = b"trailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % xref
    return head + first + table + trailer


@pytest.mark.parametrize(
    "made",
    [
        lambda: of_one_stream(
            b"/Size 3 /W [1 2 1] /Filter /FlateDecode", bomb(200 * 1024 * 1024)
        ),
        lambda: of_one_stream(
            b"/Size 20000000 /W [1 2 1] /Filter /FlateDecode", bomb(60 * 1024 * 1024)
        ),
        lambda: of_one_stream(b"/Size 2000000000 /W [1 2 1] /Index [0 2000000000]", bytes(40)),
        lambda: of_one_stream(b"/Size 3 /W [1 2 1]" + b" /Filter [" + b"/ASCIIHexDecode " * 60
                              + b"]", b"00" * 40),
        lambda: nested(100_000),
        lambda: b"%PDF-1.7\n" + b"startxref\n0\n%%EOF\n" * 200_000,
    ],
    ids=["inflates", "entries", "index", "filters", "nested", "ends"],
)  # fmt: skip
def test_a_bomb_is_refused_in_time(trust: Trust, now: datetime, made: Callable[[], bytes]) -> None:
    pdf = made()
    started = time.process_time()
    report = assess(pdf, trust=trust, at=now)
    assert time.process_time() - started < SECONDS
    assert not report.document.has_legal_value
    assert report.verdict is not Verdict.TOTAL_PASSED


def appended_null(pdf: bytes, times: int) -> bytes:
    """The PDF with as many revisions that add nothing but a null object."""
    out = bytearray(pdf)
    reader = pikepdf.open(io.BytesIO(pdf))
    number, root = int(reader.trailer.Size), reader.Root.objgen[0]
    entries = b"/Root %d 0 R /Info %b" % (root, reader.trailer.Info.unparse())
    previous = int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])
    for _ in range(times):
        at = len(out)
        out += b"%d 0 obj\nnull\nendobj\n" % number
        xref = len(out)
        out += b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d %b /Prev %d >>\n" % (
            number,
            at,
            number + 1,
            entries,
            previous,
        )
        out += b"startxref\n%d\n%%%%EOF\n" % xref
        previous, number = xref, number + 1
    return bytes(out)


def test_two_hundred_revisions_are_read_in_time(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    pdf = appended_null(sealed_lt, 200)
    started = time.process_time()
    report = assess(pdf, trust=trust, at=now)
    assert time.process_time() - started < SECONDS
    assert report.document == "complete"


def test_more_revisions_than_are_checked_are_refused(
    sealed_lt: bytes, trust: Trust, now: datetime
) -> None:
    report = assess(appended_null(sealed_lt, 300), trust=trust, at=now)
    assert (report.document, codes(report)) == ("unreadable", ["too-many-revisions"])
