"""Hybrid cross-references: one file that older and newer readers may read differently.

Word writes them. They are harmless where both readings show the same; where they differ, the
file is refused (ISO 32000-1 clause 7.5.8.4; reserved-fields.md section 8).
"""

from __future__ import annotations

from .reading import History
from .views import Unreadable, View


def require_one_document(history: History) -> None:
    """Check that every hybrid revision reads alike with and without its hidden section.

    Objects that only newer readers find are allowed where no page shows them, as Word's
    structure tree.

    Raises:
        Unreadable: the two readings differ.
    """
    for revision in history.revisions:
        if revision.section.hidden is not None:
            _require_nothing_freed(history.pdf[revision.section.at : revision.end])
            plain = View(history.pdf, revision.end, ignore_xref_streams=True)
            _require_alike(history.view(revision.number), plain)


def _require_nothing_freed(section: bytes) -> None:
    """Check that the table beside a hidden section frees no object but 0.

    Readers differ on which of the two then counts; Word gives each a section of its own.
    """
    words = section[: section.find(b"trailer")].split()
    try:
        at = 1
        while at < len(words):
            first, count = int(words[at]), int(words[at + 1])
            kinds = words[at + 4 : at + 2 + 3 * count : 3]
            if b"f" in kinds[1 if first == 0 else 0 :]:
                raise Unreadable("hybrid-differs", "a section frees what it may give")
            at += 2 + 3 * count
    except (ValueError, IndexError):
        raise Unreadable("hybrid-differs", "no plain table beside a hidden section") from None


def _require_alike(full: View, plain: View) -> None:
    if full.pdf.Root.objgen != plain.pdf.Root.objgen:
        raise Unreadable("hybrid-differs", "the catalogues differ")
    for number, place in plain.places.items():
        if full.places.get(number) != place:
            raise Unreadable("hybrid-differs", f"object {number}")
    hidden = full.places.keys() - plain.places.keys()
    form = full.pdf.Root.get("/AcroForm")
    if hidden and form is not None:
        hidden_form = hidden & full.reached(form)
        if hidden_form:
            raise Unreadable("hybrid-differs", "the form is hidden from older readers")
    for page in full.pages:
        if hidden & full.shown_on(page):
            raise Unreadable("hybrid-differs", f"page {full.pages[page]}")
