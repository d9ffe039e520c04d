"""Compares two successive revisions, object by object, in the words of the document.

An object that was there before may change only in the ways named here. A new object is harmless
by itself: it is seen only through an object that changed.

Design: reserved-fields.md sections 3 to 5; ISO 32000-1 clauses 7.5.6, 12.7 and 12.8.2; ETSI EN
319 142-1 clause 5.4 (document security store, document time-stamps).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pikepdf

from .metadata import say_the_same
from .names import TEXT_FIELDS
from .pages import four_numbers
from .reserved_text import fault_of_filled, is_empty
from .views import Field, View, kind, referenced, widgets, written
from .whereabouts import (
    Spot,
    annotation_spots,
    catalog_part,
    changed_pages,
    page_spots,
    part_of,
)

FIELD_FILLED = "field-filled"
FIELD_SIGNED = "field-signed"
SIGNATURE_ADDED = "signature-added"
INVISIBLE_SIGNATURE_ADDED = "invisible-signature-added"
TIMESTAMP_ADDED = "timestamp-added"
VALIDATION_DATA_ADDED = "validation-data-added"
INFORMATION_CHANGED = "information-changed"

_HARMLESS_CATALOG_KEYS = {"/Extensions", "/Version"}
_SIGNATURE_WIDGET_KEYS = frozenset(
    {
        "/T",
        "/TU",
        "/FT",
        "/Ff",
        "/V",
        "/F",
        "/P",
        "/Rect",
        "/Type",
        "/Subtype",
        "/AP",
        "/Lock",
        "/SV",
        "/DA",
        "/DR",
        "/MK",
        "/Kids",
        "/Parent",
        "/M",
        "/NM",
        "/Border",
        "/BS",
    }
)
_CONTENT_CODES = {"/Contents": "page-content-changed"}


@dataclass(frozen=True)
class Delta:
    """One thing that a revision changed; page counts from 1, None for what a field tells.

    `spots` is where it shows, for all but fields; empty where no page shows it.
    """

    what: str
    revision: int
    page: int | None = None
    field: str | None = None
    detail: str = ""
    spots: tuple[Spot, ...] = ()


def touched_numbers(old: View, new: View) -> frozenset[int]:
    """The numbers whose object stands elsewhere, or in another object stream, or nowhere now."""
    before, after = old.places, new.places
    touched = {number for number, place in after.items() if before.get(number) != place}
    touched |= before.keys() - after.keys()
    inside = {
        number
        for number, place in after.items()
        if place.is_in_stream and place.where in touched and number in before
    }
    return frozenset(touched | inside)


@dataclass(frozen=True)
class Comparison:
    """Two successive revisions, and the numbers that the later one touched."""

    old: View
    new: View
    revision: int
    touched: frozenset[int]

    def deltas(self) -> Iterator[Delta]:
        """Everything that changed, each with what it is."""
        yield from self._trailer()
        for number in sorted(self._changed):
            yield from self._of_object(number)

    @cached_property
    def _changed(self) -> set[int]:
        return {
            number
            for number in self.touched & self.old.places.keys()
            if self.old.dump(number) != self.new.dump(number)
        }

    def _delta(
        self,
        what: str,
        *,
        page: int | None = None,
        field: str | None = None,
        detail: str = "",
        spots: tuple[Spot, ...] = (),
    ) -> Delta:
        return Delta(what, self.revision, page, field, detail, spots)

    def _of_object(self, number: int) -> Iterable[Delta]:
        """What changed in one object, by the first part that it plays in the document.

        Parts that may change in much are played by nothing that has a second part.
        """
        old, new = self.old.object(number), self.new.object(number)
        root, form = self.old.pdf.Root, self._form
        if _are_alike(old, new):
            if number == root.objgen[0]:
                return self._catalog(old, new)
            if form is not None and number == form.objgen[0]:
                return self._form_entries(old, new)
            if form is not None and number == _number_of(form.get("/Fields")):
                return self._field_list(old, new)
            if number in self.old.numbered_fields:
                return self._field(self.old.numbered_fields[number], old, new)
            if number in self.old.pages:
                return self._page(number, old, new)
            if number in self._annotation_lists:
                return self._annotations(self._annotation_lists[number], old, new)
            if "/Pages" in (kind(old), kind(new)):
                return self._row_of_pages()
            if number in self._store_numbers and self._is_of_root_alone(number, "/DSS"):
                return [self._delta(VALIDATION_DATA_ADDED)]
        if self._is_information(number) or (_is_xref_stream(old) and _is_xref_stream(new)):
            return self._information(number, old, new)
        if number in self._appearances:
            field = self._appearances[number]
            if self._referrers(number) <= {field.number}:
                return self._appearance_in_place(field)
        if self._is_row_of_pages(number):
            return self._row_of_pages()
        return [unexplained(self.old, number, new, self.revision)]

    # Trailer, catalog, form

    def _trailer(self) -> Iterator[Delta]:
        old, new = self.old.pdf.trailer, self.new.pdf.trailer
        if old.Root.objgen != new.Root.objgen:
            yield self._delta("catalog-changed", detail="/Root")
        if written(old.get("/Info")) != written(new.get("/Info")):
            yield self._delta(INFORMATION_CHANGED)

    def _catalog(self, old: Any, new: Any) -> Iterator[Delta]:
        for key in _differing(old, new):
            if key == "/DSS":
                yield self._delta(VALIDATION_DATA_ADDED)
            elif key == "/AcroForm":
                yield from self._form_entries(old.get(key), new.get(key))
            elif key == "/Metadata":
                if not say_the_same(old.get(key), new.get(key)):
                    yield self._delta(INFORMATION_CHANGED)
            elif key == "/Pages":
                yield from self._row_of_pages()
            elif key == "/Names":
                yield from self._names(old.get(key), new.get(key))
            elif key not in _HARMLESS_CATALOG_KEYS:
                yield self._delta(catalog_part(key).what, detail=key)

    def _names(self, old: Any, new: Any) -> Iterator[Delta]:
        none = pikepdf.Dictionary()
        before, after = (one if _is_dictionary(one) else none for one in (old, new))
        paths = [f"/Names{key}" for key in _differing(before, after)]
        for path in paths or ["/Names"]:
            yield self._delta(catalog_part(path).what, detail=path)

    def _form_entries(self, old: Any, new: Any) -> Iterator[Delta]:
        harmless = {"/SigFlags"}
        if old is None:
            # The form comes to be with its first signature, and with it the text of its fields.
            old, harmless = pikepdf.Dictionary(), {"/SigFlags", "/DA", "/DR"}
        if not isinstance(old, pikepdf.Dictionary) or not isinstance(new, pikepdf.Dictionary):
            yield self._delta("form-changed")
            return
        for key in _differing(old, new):
            if key == "/Fields":
                yield from self._field_list(old.get(key), new.get(key))
            elif key not in harmless:
                yield self._delta("form-changed", detail=key)

    def _field_list(self, old: Any, new: Any) -> Iterator[Delta]:
        yield from self._added_fields()
        before, after = _texts(old), _texts(new)
        if after[: len(before)] != before:
            yield self._delta("form-changed", detail="/Fields")
        added = {f"{field.number} 0 R".encode() for field in self._new_fields}
        if not added.issuperset(after[len(before) :]):
            yield self._delta("form-changed", detail="/Fields")

    def _is_information(self, number: int) -> bool:
        """Whether the object is the file's /Info or its metadata, and nothing else."""
        if number == _number_of(self.old.pdf.trailer.get("/Info")):
            return not self._referrers(number)
        is_metadata = number == _number_of(self.old.pdf.Root.get("/Metadata"))
        return is_metadata and self._is_of_root_alone(number, "/Metadata")

    def _information(self, number: int, old: Any, new: Any) -> Iterator[Delta]:
        if _is_xref_stream(old):
            if self._referrers(number):
                yield unexplained(self.old, number, new, self.revision)
            return
        if say_the_same(old, new):
            return
        both = isinstance(old, pikepdf.Dictionary) and isinstance(new, pikepdf.Dictionary)
        if not both or not set(_differing(old, new)) <= {"/ModDate", "/Producer"}:
            yield self._delta(INFORMATION_CHANGED)

    def _is_of_root_alone(self, number: int, key: str) -> bool:
        """Whether only that entry of the catalogue, and what stands under it, leads there."""
        root = self.old.pdf.Root
        others = (value for name, value in root.items() if name != key)
        elsewhere = {each for value in others for each in referenced(written(value))}
        known = {root.objgen[0]} | (self._store_numbers if key == "/DSS" else set())
        return self._referrers(number) <= known and number not in elsewhere

    @cached_property
    def _form(self) -> Any:
        form = self.old.pdf.Root.get("/AcroForm")
        return form if isinstance(form, pikepdf.Dictionary) else None

    # Fields

    @cached_property
    def _new_fields(self) -> tuple[Field, ...]:
        return tuple(f for name, f in self.new.fields.items() if name not in self.old.fields)

    def _added_fields(self) -> Iterator[Delta]:
        for field in self._new_fields:
            what = "field-added"
            if self._is_plain_new_signature(field):
                what = self._kind_of_new_signature(field)
            yield self._delta(what, field=field.name)

    def _kind_of_new_signature(self, field: Field) -> str:
        if not all(_has_no_area(self.new.object(number)) for number in widgets(field)):
            return SIGNATURE_ADDED
        is_timestamp = field.value.get("/SubFilter") == "/ETSI.RFC3161"
        return TIMESTAMP_ADDED if is_timestamp else INVISIBLE_SIGNATURE_ADDED

    def _is_plain_new_signature(self, field: Field) -> bool:
        numbers = {field.number, *widgets(field)}
        return (
            field.kind == "/Sig"
            and isinstance(field.value, pikepdf.Dictionary)
            and field.value.objgen[0] not in self.old.places
            and not numbers & self.old.places.keys()
            and set(field.dictionary.keys()) <= _SIGNATURE_WIDGET_KEYS
            and all(set(self.new.object(n).keys()) <= _SIGNATURE_WIDGET_KEYS for n in numbers)
        )

    def _field(self, field: Field, old: Any, new: Any) -> Iterator[Delta]:
        differing = set(_differing(old, new)) - {"/M"}
        if not differing <= {"/V", "/AP"}:
            what = "field-changed"
        elif field.kind == "/Sig":
            what = self._signature_field(field, new, differing)
        elif field.name in TEXT_FIELDS and "/V" in differing and is_empty(field):
            now = replace(field, dictionary=new)
            what = fault_of_filled(self.new, now) or FIELD_FILLED
        else:
            what = "field-changed"
        yield self._delta(what, field=field.name)

    def _signature_field(self, field: Field, new: Any, differing: set[str]) -> str:
        if field.has_value or field.dictionary.objgen != new.objgen:
            return "signature-replaced" if "/V" in differing else "field-changed"
        value, appearance = new.get("/V"), new.get("/AP")
        if not isinstance(value, pikepdf.Dictionary) or value.objgen[0] in self.old.places:
            return "field-changed"
        if appearance is not None and set(appearance.keys()) != {"/N"}:
            return "field-changed"
        return FIELD_SIGNED

    def _appearance_in_place(self, field: Field) -> Iterator[Delta]:
        if field.number in self._changed and not field.has_value:
            return  # The field changed too, and is judged with its new appearance.
        yield self._delta("field-changed", field=field.name)

    @cached_property
    def _appearances(self) -> dict[int, Field]:
        found: dict[int, Field] = {}
        for field in self.old.fields.values():
            appearance = field.dictionary.get("/AP")
            if isinstance(appearance, pikepdf.Dictionary) and "/N" in appearance:
                found[appearance["/N"].objgen[0]] = field
        found.pop(0, None)
        return found

    # Pages

    def _row_of_pages(self) -> Iterator[Delta]:
        for part, page in changed_pages(self.old, self.new):
            yield self._delta(part.what, page=page, spots=part.spots)

    def _is_row_of_pages(self, number: int) -> bool:
        """Whether the object is a list of pages that stands apart from its node of the tree."""
        holders = (self.old.object(holder) for holder in self._referrers(number))
        return any(
            kind(one) == "/Pages" and _number_of(one.get("/Kids")) == number for one in holders
        )

    def _page(self, number: int, old: Any, new: Any) -> Iterator[Delta]:
        page, spots = self.old.pages[number], page_spots(self.new, number)
        for key in _differing(old, new):
            if key == "/Annots":
                yield from self._annotations(number, old.get(key), new.get(key))
            else:
                what = _CONTENT_CODES.get(key, "page-changed")
                yield self._delta(what, page=page, detail=key, spots=spots)

    def _annotations(self, number: int, old: Any, new: Any) -> Iterator[Delta]:
        page = self.old.pages[number]
        before, after = _texts(old), _texts(new)
        if not set(before) <= set(after):
            removed = [one for one in old if written(one) not in set(after)]
            spots = annotation_spots(removed, number)
            yield self._delta("annotation-removed", page=page, spots=spots)
        elif after[: len(before)] != before:
            spots = page_spots(self.new, number)
            yield self._delta("annotation-moved", page=page, spots=spots)
        added_widgets = {number for field in self._new_fields for number in widgets(field)}
        for added in [one for one in new or () if written(one) not in set(before)]:
            if not isinstance(added, pikepdf.Dictionary) or added.objgen[0] not in added_widgets:
                detail = str(added.get("/Subtype", "")) if _is_dictionary(added) else ""
                spots = annotation_spots([added], number)
                yield self._delta("annotation-added", page=page, detail=detail, spots=spots)

    @cached_property
    def _annotation_lists(self) -> dict[int, int]:
        """The page, by its object number, by the number of its list of annotations."""
        lists = {_number_of(self.old.object(n).get("/Annots")): n for n in self.old.pages}
        return {number: page for number, page in lists.items() if number}

    # Document security store

    @cached_property
    def _store_numbers(self) -> frozenset[int]:
        """The dictionaries and arrays of the store in use; its streams never change."""
        found: set[int] = set()
        store = self.old.pdf.Root.get("/DSS")
        todo = [(store, 0)]
        while todo:
            value, depth = todo.pop()
            if depth > 4 or not isinstance(value, pikepdf.Dictionary | pikepdf.Array):
                continue
            found.add(value.objgen[0])
            inner = value.values() if isinstance(value, pikepdf.Dictionary) else value
            todo.extend((one, depth + 1) for one in inner)
        return frozenset(found - {0})

    # Whatever else

    def _referrers(self, number: int) -> frozenset[int]:
        return self._all_referrers.get(number, frozenset())

    @cached_property
    def _all_referrers(self) -> dict[int, frozenset[int]]:
        """Which objects point at each changed one."""
        found: dict[int, set[int]] = {}
        for holder in self.old.places:
            for number in self.old.references(holder) & self._changed:
                found.setdefault(number, set()).add(holder)
        return {number: frozenset(holders) for number, holders in found.items()}


def unexplained(view: View, number: int, now: Any, revision: int) -> Delta:
    """What to call a change that is not among the known ones, by where the object is shown."""
    part = part_of(view, number, now)
    page = view.pages[part.spots[0].page] if part.spots else None
    return Delta(part.what, revision, page, part.field, part.detail, part.spots)


def _are_alike(old: Any, new: Any) -> bool:
    """Whether both are dictionaries, or both arrays."""
    kinds = (pikepdf.Dictionary, pikepdf.Array)
    return any(isinstance(old, one) and isinstance(new, one) for one in kinds)


def _is_dictionary(value: Any) -> bool:
    return isinstance(value, pikepdf.Dictionary)


def _is_xref_stream(value: Any) -> bool:
    return isinstance(value, pikepdf.Stream) and value.stream_dict.get("/Type") == "/XRef"


def _texts(array: Any) -> list[bytes]:
    return [written(one) for one in array] if isinstance(array, pikepdf.Array) else []


def _differing(old: Any, new: Any) -> list[str]:
    before, after = dict(old.items()), dict(new.items())
    keys = sorted(before.keys() | after.keys())
    differing = [key for key in keys if written(before.get(key)) != written(after.get(key))]
    # A name may be of bytes that are no UTF-8; people are shown it, and JSON carries it.
    return [key.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for key in differing]


def _has_no_area(widget: Any) -> bool:
    place = four_numbers(widget.get("/Rect"))
    return place is not None and (place[0] == place[2] or place[1] == place[3])


def _number_of(value: Any) -> int:
    """The number of an indirect object, 0 for any other value."""
    return int(value.objgen[0]) if isinstance(value, pikepdf.Object) else 0
