"""Reads a PDF as the row of revisions that it is, strictly (ISO 32000-1 clause 7.5.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from .sections import Section, inflated_size_of, read_sections
from .views import MAX_INFLATED_BYTES, Place, Unreadable, View

MAX_SIZE_BYTES = 256 * 1024 * 1024
MAX_OBJECTS_IN_ALL_REVISIONS = 400_000
_HEADER = re.compile(rb"[\0\t\n\f\r ]{0,8}(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+obj")
_END = re.compile(rb"startxref[ \t\r\n]+0*(\d{1,12})[ \t\r\n]+%%EOF(?:\r\n|\n|\r)?")
KEPT_VIEWS = 8
KEPT_BYTES = 32 * 1024 * 1024
"""So many views of revisions are kept, not opened anew, while their copies stay below."""


@dataclass(frozen=True)
class Revision:
    """One saved state of the file: its bytes from 0 to end."""

    number: int
    end: int
    section: Section


class History:
    """A PDF as the row of its revisions, oldest first."""

    def __init__(self, pdf: bytes, revisions: tuple[Revision, ...]) -> None:
        self.pdf, self.revisions = pdf, revisions
        self._views: dict[int, View] = {}
        self._inflated: dict[int, int] = {}
        self._at_their_places: dict[int, Place] = {}

    @cached_property
    def newest(self) -> View:
        """The objects of the document as it stands."""
        return self.view(len(self.revisions))

    def view(self, number: int) -> View:
        """The objects of the revision of that number, counted from 1.

        Raises:
            Unreadable: qpdf cannot read it, or reads another history than we do.
        """
        if number not in self._views:
            view = self._opened(self.revisions[number - 1])
            kept = len(self._views)
            if kept == KEPT_VIEWS or kept * len(self.pdf) > KEPT_BYTES:
                return view
            self._views[number] = view
        return self._views[number]

    def _opened(self, revision: Revision) -> View:
        view = View(self.pdf, revision.end)
        if view.pdf.is_encrypted:
            raise Unreadable("encrypted")
        if view.pdf.trailer.get("/Prev") != revision.section.previous:
            raise Unreadable("broken-history", "qpdf reads another history")
        self._require_at_their_places(view)
        for stream in {place.where for place in view.places.values() if place.is_in_stream}:
            self._require_bounded(view, stream)
        return view

    def _require_at_their_places(self, view: View) -> None:
        """Check that no object has another's place.

        qpdf would take the other for changed while it reads it, and break (version 12.4).
        """
        known = self._at_their_places
        unchecked = {n: place for n, place in view.places.items() if known.get(n) != place}
        for number, place in unchecked.items():
            if self.pdf.startswith(b"%d %d obj" % (number, place.generation), place.where):
                continue
            header = None if place.is_in_stream else _HEADER.match(self.pdf, place.where)
            if header and (int(header[1]), int(header[2])) != (number, place.generation):
                raise Unreadable("damaged", f"another object in the place of {number}")
        known |= unchecked

    def _require_bounded(self, view: View, number: int) -> None:
        """Check what the object streams inflate to in all, each counted once."""
        place = view.places.get(number)
        if place is None or place.is_in_stream:
            raise Unreadable("damaged", "an object stream that is none")
        if place.where not in self._inflated:
            self._inflated[place.where] = inflated_size_of(view.object(number))
        if sum(self._inflated.values()) > MAX_INFLATED_BYTES:
            raise Unreadable("too-many-objects", "object streams")

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
    ends = _with_ends(pdf, list(read_sections(pdf)))
    revisions = tuple(
        Revision(number, end, section)
        for number, (end, section) in enumerate(reversed(ends), start=1)
    )
    history = History(pdf, revisions)
    if len(history.newest.places) * len(revisions) > MAX_OBJECTS_IN_ALL_REVISIONS:
        raise Unreadable("too-many-objects")
    return history


def _with_ends(pdf: bytes, sections: list[Section]) -> list[tuple[int, Section]]:
    """Each section, newest first, with where its revision ends."""
    found = [(len(pdf), sections[0])]
    for newer, section in pairwise(sections):
        if section.at > newer.at:
            is_last = section is sections[-1]
            if not is_last or b"/Linearized" not in pdf[:1024]:
                raise Unreadable("broken-history", "a later section is named as the earlier")
            # The second half of a linearised file's one revision.
            break
        found.append((_end_of_section(pdf, section.at, before=newer.at), section))
    return found


def _end_of_section(pdf: bytes, xref_at: int, *, before: int) -> int:
    for found in _END.finditer(pdf, xref_at, before):
        if int(found[1]) == xref_at:
            return found.end()
    raise Unreadable("broken-history", f"no end for the section at {xref_at}")
