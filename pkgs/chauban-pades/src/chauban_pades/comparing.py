"""Compares two successive revisions, object by object, in the words of the document.

An object that was there before may change only in the ways named here. A new object is harmless
by itself: it is seen only through an object that changed.

Design: reserved-fields.md sections 3 to 5; ISO 32000-1 clauses 7.5.6, 12.7 and 12.8.2; ETSI EN
319 142-1 clause 5.4 (document security store, document time-stamps).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import pikepdf

from .names import TEXT_FIELDS
from .reserved_text import fault_of_filled, is_empty
from .views import Field, View, kind, referenced, written

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


_Handler = Callable[[Any, Any], Iterable["Delta"]]


@dataclass(frozen=True)
class Delta:
    """One thing that a revision changed; page counts from 1, None where it is on no page."""

    what: str
    revision: int
    page: int | None = None
    field: str | None = None
    detail: str = ""


def touched_numbers(old: View, new: View) -> frozenset[int]:
    """The numbers whose object stands elsewhere, or in another object stream, or nowhere now."""
    before, after = old.places, new.places
    touched = {number for number, _ in before.items() ^ after.items()}
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
        yield from self._added_fields()
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
        self, what: str, *, page: int | None = None, field: str | None = None, detail: str = ""
    ) -> Delta:
        return Delta(what, self.revision, page, field, detail)

    def _of_object(self, number: int) -> Iterator[Delta]:
        old, new = self.old.object(number), self.new.object(number)
        handler = self._handlers.get(number)
        if handler is not None and isinstance(new, pikepdf.Dictionary | pikepdf.Array):
            yield from handler(old, new)
        elif number in self._appearances and self._referrers(number) <= {
            self._appearances[number].number
        }:
            yield from self._appearance_in_place(self._appearances[number])
        elif not (_is_xref_stream(old) and _is_xref_stream(new) and not self._referrers(number)):
            yield unexplained(self.old, number, new, self.revision)

    @cached_property
    def _handlers(self) -> dict[int, _Handler]:
        found: dict[int, _Handler] = {}
        for number in self._store_numbers:
            found[number] = partial(self._store, number)
        form = self._form(self.old)
        if form is not None:
            if isinstance(form.get("/Fields"), pikepdf.Array):
                found[form["/Fields"].objgen[0]] = self._field_list
            found[form.objgen[0]] = self._form_entries
        for page, at in self.old.pages.items():
            annotations = self.old.object(page).get("/Annots")
            if isinstance(annotations, pikepdf.Array):
                found[annotations.objgen[0]] = partial(self._annotations, at)
            found[page] = partial(self._page, at)
        for field in self.old.fields.values():
            for number in (*_widgets(field), field.number):
                found[number] = partial(self._field, field)
        info = self.old.pdf.trailer.get("/Info")
        if isinstance(info, pikepdf.Dictionary):
            found[info.objgen[0]] = self._information
        found[self.old.pdf.Root.objgen[0]] = self._catalog
        found.pop(0, None)
        return found

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
                yield self._delta(INFORMATION_CHANGED)
            elif key not in _HARMLESS_CATALOG_KEYS:
                yield self._delta("catalog-changed", detail=key)

    def _form_entries(self, old: Any, new: Any) -> Iterator[Delta]:
        if not isinstance(old, pikepdf.Dictionary) or not isinstance(new, pikepdf.Dictionary):
            yield self._delta("form-changed")
            return
        for key in _differing(old, new):
            if key == "/Fields":
                yield from self._field_list(old.get(key), new.get(key))
            elif key != "/SigFlags":
                yield self._delta("form-changed", detail=key)

    def _field_list(self, old: Any, new: Any) -> Iterator[Delta]:
        before, after = _texts(old), _texts(new)
        if after[: len(before)] != before:
            yield self._delta("form-changed", detail="/Fields")
        added = {f"{field.number} 0 R".encode() for field in self._new_fields}
        if not added.issuperset(after[len(before) :]):
            yield self._delta("form-changed", detail="/Fields")

    def _information(self, old: Any, new: Any) -> Iterator[Delta]:
        if not set(_differing(old, new)) <= {"/ModDate", "/Producer"}:
            yield self._delta(INFORMATION_CHANGED)

    @staticmethod
    def _form(view: View) -> Any:
        form = view.pdf.Root.get("/AcroForm")
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
            yield self._delta(what, field=field.name, page=self._page_of_new(field))

    def _kind_of_new_signature(self, field: Field) -> str:
        if not all(_has_no_area(self.new.object(number)) for number in _widgets(field)):
            return SIGNATURE_ADDED
        is_timestamp = field.value.get("/SubFilter") == "/ETSI.RFC3161"
        return TIMESTAMP_ADDED if is_timestamp else INVISIBLE_SIGNATURE_ADDED

    def _is_plain_new_signature(self, field: Field) -> bool:
        numbers = {field.number, *_widgets(field)}
        return (
            field.kind == "/Sig"
            and isinstance(field.value, pikepdf.Dictionary)
            and field.value.objgen[0] not in self.old.places
            and not numbers & self.old.places.keys()
            and set(field.dictionary.keys()) <= _SIGNATURE_WIDGET_KEYS
            and all(set(self.new.object(n).keys()) <= _SIGNATURE_WIDGET_KEYS for n in numbers)
        )

    def _field(self, field: Field, old: Any, new: Any) -> Iterator[Delta]:
        page = self._page_of_old(field)
        differing = set(_differing(old, new)) - {"/M"}
        if not differing <= {"/V", "/AP"}:
            what = "field-changed"
        elif field.kind == "/Sig":
            what = self._signature_field(field, new, differing)
        elif field.name in TEXT_FIELDS and "/V" in differing and is_empty(field):
            now = self.new.fields[field.name]
            what = fault_of_filled(self.new, now) or FIELD_FILLED
        else:
            what = "field-changed"
        yield self._delta(what, field=field.name, page=page)

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
        yield self._delta("field-changed", field=field.name, page=self._page_of_old(field))

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

    def _page(self, page: int, old: Any, new: Any) -> Iterator[Delta]:
        for key in _differing(old, new):
            if key == "/Annots":
                yield from self._annotations(page, old.get(key), new.get(key))
            else:
                what = _CONTENT_CODES.get(key, "page-changed")
                yield self._delta(what, page=page, detail=key)

    def _annotations(self, page: int, old: Any, new: Any) -> Iterator[Delta]:
        before, after = _texts(old), _texts(new)
        if not set(before) <= set(after):
            yield self._delta("annotation-removed", page=page)
        elif after[: len(before)] != before:
            yield self._delta("annotation-moved", page=page)
        widgets = {number for field in self._new_fields for number in _widgets(field)}
        for added in [one for one in new or () if written(one) not in set(before)]:
            if not isinstance(added, pikepdf.Dictionary) or added.objgen[0] not in widgets:
                kind = str(added.get("/Subtype", "")) if _is_dictionary(added) else ""
                yield self._delta("annotation-added", page=page, detail=kind)

    def _page_of_old(self, field: Field) -> int | None:
        return _page_with(self.old, _widgets(field))

    def _page_of_new(self, field: Field) -> int | None:
        return _page_with(self.new, _widgets(field))

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

    def _store(self, number: int, old: Any, new: Any) -> Iterator[Delta]:
        root = self.old.pdf.Root
        others = (value for key, value in root.items() if key != "/DSS")
        elsewhere = {each for value in others for each in referenced(written(value))}
        known = self._store_numbers | {root.objgen[0]}
        if self._referrers(number) <= known and number not in elsewhere:
            yield self._delta(VALIDATION_DATA_ADDED)
        else:
            yield unexplained(self.old, number, new, self.revision)

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
    found = kind(view.object(number)) or kind(now)
    if found == "/Pages":
        return Delta("pages-changed", revision)
    if found == "/Metadata":
        return Delta(INFORMATION_CHANGED, revision)
    for page_number, page in view.pages.items():
        dictionary = view.object(page_number)
        if f"{number} 0 R".encode() in _texts(dictionary.get("/Annots")):
            return Delta("annotation-changed", revision, page)
        if number in view.shown_on(page_number):
            return Delta("page-content-changed", revision, page)
    return Delta("object-changed", revision, detail=f"{number} {found}".strip())


def _is_dictionary(value: Any) -> bool:
    return isinstance(value, pikepdf.Dictionary)


def _is_xref_stream(value: Any) -> bool:
    return isinstance(value, pikepdf.Stream) and value.stream_dict.get("/Type") == "/XRef"


def _texts(array: Any) -> list[bytes]:
    return [written(one) for one in array] if isinstance(array, pikepdf.Array) else []


def _differing(old: Any, new: Any) -> list[str]:
    keys = sorted(set(old.keys()) | set(new.keys()))
    return [key for key in keys if written(old.get(key)) != written(new.get(key))]


def _widgets(field: Field) -> list[int]:
    """The numbers of the annotations that show a field: itself, or its children."""
    children = field.dictionary.get("/Kids")
    if isinstance(children, pikepdf.Array):
        return [child.objgen[0] for child in children if isinstance(child, pikepdf.Dictionary)]
    return [field.number]


def _has_no_area(widget: Any) -> bool:
    left, bottom, right, top = (float(number) for number in widget["/Rect"])
    return left == right or bottom == top


def _page_with(view: View, widgets: Sequence[int]) -> int | None:
    """The page, counted from 1, among whose annotations one of the widgets is."""
    wanted = {f"{number} 0 R".encode() for number in widgets}
    for number, at in view.pages.items():
        if wanted.intersection(_texts(view.object(number).get("/Annots"))):
            return at
    return None
