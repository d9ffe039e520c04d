"""Reads a PDF as the row of revisions that it is, strictly (ISO 32000-1 clause 7.5.6).

qpdf reads the objects of each revision by itself; where each revision ends is read here, from
the bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .views import Unreadable, View

MAX_SIZE_BYTES = 256 * 1024 * 1024
MAX_REVISIONS = 256
MAX_OBJECTS_IN_ALL_REVISIONS = 4_000_000

_END_OF_REVISION = re.compile(rb"startxref[ \t\r\n]+(\d{1,12})[ \t\r\n]+%%EOF[ \t\r\n\0]*\Z")
_TAIL_BYTES = 2048


@dataclass(frozen=True)
class Revision:
    """One saved state of the file: its bytes from 0 to end (ISO 32000-1 clause 7.5.6)."""

    number: int
    end: int
    xref_at: int
    is_hybrid: bool


def read_revisions(pdf: bytes) -> tuple[tuple[Revision, ...], View]:
    """The revisions of a PDF, oldest first, and the view of the newest.

    Each revision must be appended to the one before: its cross-reference section stands after
    the end of the revision that its /Prev names. A linearised file counts as one revision.

    Raises:
        Unreadable: no PDF, encrypted, damaged, too large, too many revisions.
    """
    if len(pdf) > MAX_SIZE_BYTES:
        raise Unreadable("too-large")
    if not pdf.startswith(b"%PDF-"):
        raise Unreadable("not-a-pdf")
    # Every revision names startxref once; a linearised file has one more.
    if pdf.count(b"startxref") > 2 * MAX_REVISIONS:
        raise Unreadable("too-many-revisions")
    newest = View(pdf, len(pdf))
    if newest.pdf.is_encrypted:
        raise Unreadable("encrypted")
    found: list[tuple[int, int, bool]] = []
    end, view = len(pdf), newest
    while True:
        xref_at = _xref_at(pdf, end)
        found.append((end, xref_at, "/XRefStm" in view.pdf.trailer))
        if len(found) > MAX_REVISIONS:
            raise Unreadable("too-many-revisions")
        previous = _previous(view)
        if previous is None or _is_linearised_pair(pdf, view, xref_at, previous):
            break
        if previous >= xref_at:
            raise Unreadable("broken-history", "a later section is named as the earlier")
        end = _end_of_section(pdf, previous, before=xref_at)
        view = View(pdf, end)
    if len(newest.places) * len(found) > MAX_OBJECTS_IN_ALL_REVISIONS:
        raise Unreadable("too-many-objects")
    found.reverse()
    revisions = tuple(Revision(number, *each) for number, each in enumerate(found, start=1))
    return revisions, newest


def ends_revision(pdf: bytes, end: int) -> bool:
    """Whether the bytes up to end finish with startxref and the end-of-file mark."""
    return _END_OF_REVISION.search(pdf, max(0, end - _TAIL_BYTES), end) is not None


def _xref_at(pdf: bytes, end: int) -> int:
    match = _END_OF_REVISION.search(pdf, max(0, end - _TAIL_BYTES), end)
    if match is None:
        raise Unreadable("damaged", "no startxref at the end")
    return int(match[1])


def _previous(view: View) -> int | None:
    previous = view.pdf.trailer.get("/Prev")
    if previous is None:
        return None
    try:
        return int(previous)
    except (TypeError, ValueError) as error:
        raise Unreadable("broken-history", "/Prev is no number") from error


def _is_linearised_pair(pdf: bytes, view: View, xref_at: int, previous: int) -> bool:
    return previous > xref_at and view.pdf.is_linearized and b"/Linearized" in pdf[:1024]


def _end_of_section(pdf: bytes, xref_at: int, *, before: int) -> int:
    pattern = rb"startxref[ \t\r\n]+0*%d[ \t\r\n]+%%%%EOF(?:\r\n|\n|\r)?" % xref_at
    match = re.compile(pattern).search(pdf, xref_at, before)
    if match is None:
        raise Unreadable("broken-history", f"no end for the section at {xref_at}")
    return match.end()
