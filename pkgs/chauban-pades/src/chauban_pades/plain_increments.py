"""Increments that tell from their bytes alone what they changed: a signature, validation data.

To open every revision with qpdf, and read its fields and places, would cost more than to verify
its signature. An increment is taken here only where it replaces nothing but empty signature
fields and the catalogue, all written plainly; every other one is compared object by object
(`comparing`), which finds the same in these.

ISO 32000-1 clauses 7.5.4 to 7.5.6 (tables, trailers, updates); reserved-fields.md section 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from struct import Struct

import pikepdf

from .comparing import FIELD_SIGNED, VALIDATION_DATA_ADDED, Delta
from .dictionaries import Dictionary, NotPlain, parse_entries, parse_reference
from .originals import ENTRY_BYTES, read_table
from .plain_objects import plain_entries
from .reading import History, Revision
from .views import Field, Place, View

Entries = Mapping[bytes, bytes]

_SIGNING_CHANGES = {b"/V", b"/AP", b"/M"}
_ENTRY = Struct("10s x 5s x c 2x")


@dataclass(frozen=True)
class PlainIncrement:
    """What the table of one revision says, and where the objects stood that it replaces.

    `trailers` are its own and that of the revision before.
    """

    revision: int
    places: Mapping[int, Place]
    replaced: Mapping[int, Place]
    trailers: tuple[Dictionary, Dictionary]

    @property
    def touched(self) -> frozenset[int]:
        """The numbers of the objects that it writes."""
        return frozenset(self.places)

    @property
    def added(self) -> frozenset[int]:
        """The numbers of the objects that come to be with it."""
        return frozenset(self.places.keys() - self.replaced.keys())

    def adds(self, value: bytes | None) -> int | None:
        """The number of the object that a value refers to, if it comes to be here; else None."""
        found = parse_reference(value or b"")
        if found is None or found.generation or found.number in self.replaced:
            return None
        place = self.places.get(found.number)
        return found.number if place is not None and place.generation == 0 else None


def plain_increments(history: History) -> Mapping[int, PlainIncrement]:
    """The increments of a file by the revision that they make; none unless all are plain tables.

    They have to come to what qpdf reads of the file.
    """
    increments: dict[int, PlainIncrement] = {}
    places: dict[int, Place] = {}
    before: Dictionary | None = None
    for revision in history.revisions:
        try:
            written, trailer = _read_section(history.pdf, revision)
        except NotPlain:
            return {}
        replaced = {number: places[number] for number in written if number in places}
        if before is not None:
            increments[revision.number] = PlainIncrement(
                revision.number, written, replaced, (trailer, before)
            )
        places |= written
        before = trailer
    return increments if places == history.newest.places else {}


def _read_section(pdf: bytes, revision: Revision) -> tuple[dict[int, Place], Dictionary]:
    subsections, trailer = read_table(pdf, revision.section.at)
    previous = revision.section.previous
    if trailer.get(b"/Prev") != (None if previous is None else b"%d" % previous):
        raise NotPlain("another history")
    if (previous is None) != (revision.number == 1):
        raise NotPlain("a first revision in two halves")
    if b"/Encrypt" in trailer or b"/XRefStm" in trailer:
        raise NotPlain("more than a table")
    places: dict[int, Place] = {}
    for each in subsections:
        rows = _ENTRY.iter_unpack(pdf[each.at : each.at + each.count * ENTRY_BYTES])
        for number, (where, generation, kind) in enumerate(rows, start=each.first):
            if kind == b"n":
                places[number] = Place(int(generation), False, int(where), 0)
            elif number != 0:
                raise NotPlain("an object is freed")
    return places, trailer


def plain_deltas(pdf: bytes, base: View, increment: PlainIncrement) -> tuple[Delta, ...] | None:
    """What an increment changed, None where it has to be compared object by object.

    `base` is a view of its own or of a later revision, between which nothing else was changed
    than what is known here.
    """
    try:
        return tuple(_deltas(pdf, base, increment))
    except NotPlain:
        return None


def _deltas(pdf: bytes, base: View, increment: PlainIncrement) -> Iterator[Delta]:
    """As `plain_deltas`; raises NotPlain where that gives None."""
    now, before = increment.trailers
    if any(now.get(key) != before.get(key) for key in (b"/Root", b"/Info")):
        raise NotPlain("another catalogue")
    root, form = base.pdf.Root.objgen[0], base.pdf.Root.get("/AcroForm")
    form_number = form.objgen[0] if isinstance(form, pikepdf.Dictionary) else 0
    for number, place in increment.places.items():
        if number != root and base.places.get(number) != place:
            raise NotPlain("written again later")
    for number in sorted(increment.replaced):
        old, new = (
            _plain(pdf, number, places[number]) for places in (increment.replaced, increment.places)
        )
        differing = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        if number == root:
            if differing != {b"/DSS"} or parse_reference(new.get(b"/DSS", b"")) is None:
                raise NotPlain("another catalogue")
            yield Delta(VALIDATION_DATA_ADDED, increment.revision)
        else:
            field = base.numbered_fields.get(number)
            if field is None or field.number != number or field.parents or number == form_number:
                raise NotPlain("no field of its own")
            is_signed = differing <= _SIGNING_CHANGES and _is_signed_in(
                increment, field, old, new, base
            )
            if not is_signed:
                raise NotPlain("more than a signature")
            yield Delta(FIELD_SIGNED, increment.revision, field=field.name)


def _plain(pdf: bytes, number: int, place: Place) -> Entries:
    entries = None if place.generation else plain_entries(pdf, place.where, number)
    if entries is None:
        raise NotPlain("no plain dictionary")
    return entries


def _is_signed_in(
    increment: PlainIncrement, field: Field, old: Entries, new: Entries, base: View
) -> bool:
    """Whether a signature comes to an empty field, as `Comparison` finds it."""
    if field.kind != "/Sig" or b"/V" in old:
        return False
    value, appearance = increment.adds(new.get(b"/V")), new.get(b"/AP")
    if value is None or not isinstance(base.object(value), pikepdf.Dictionary):
        return False
    return appearance is None or parse_entries(appearance, 0)[0].keys() == {b"/N"}
