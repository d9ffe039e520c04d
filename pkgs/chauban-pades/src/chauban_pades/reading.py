"""Reads a PDF as the row of revisions that it is, strictly (ISO 32000-1 clause 7.5.6).

qpdf reads the objects of each revision by itself; where each revision ends is read here, from
the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .views import Unreadable, View

MAX_SIZE_BYTES = 256 * 1024 * 1024
MAX_REVISIONS = 256
MAX_OBJECTS_IN_ALL_REVISIONS = 4_000_000

KEPT_BYTES = 32 * 1024 * 1024
"""Views of revisions are kept, not opened anew, while their copies of the file stay below."""

_END_OF_REVISION = re.compile(rb"startxref[ \t\r\n]+(\d{1,12})[ \t\r\n]+%%EOF[ \t\r\n\0]*\Z")
_TAIL_BYTES = 2048


@dataclass(frozen=True)
class Revision:
    """One saved state of the file: its bytes from 0 to end."""

    number: int
    end: int
    xref_at: int
    is_hybrid: bool


@dataclass(frozen=True)
class History:
    """A PDF as the row of its revisions, oldest first; `newest` is the view of the last."""

    pdf: bytes
    revisions: tuple[Revision, ...]
    newest: View
    _views: Mapping[int, View]

    def view(self, number: int) -> View:
        """The objects of the revision of that number, counted from 1."""
        end = self.revisions[number - 1].end
        return self._views.get(end) or View(self.pdf, end)

    def end_before(self, number: int) -> int:
        """Where the revision before the one of that number ends, 0 before the first."""
        return self.revisions[number - 2].end if number > 1 else 0


def read_history(pdf: bytes) -> History:
    """The revisions of a PDF.

    Each must be appended to the one before: its cross-reference section stands after the end of
    the revision that its /Prev names. A linearised file counts as one revision.

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
    views = {len(pdf): newest}
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
        if len(views) * len(pdf) < KEPT_BYTES:
            views[end] = view
    if len(newest.places) * len(found) > MAX_OBJECTS_IN_ALL_REVISIONS:
        raise Unreadable("too-many-objects")
    found.reverse()
    revisions = tuple(Revision(number, *each) for number, each in enumerate(found, start=1))
    return History(pdf, revisions, newest, views)


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
