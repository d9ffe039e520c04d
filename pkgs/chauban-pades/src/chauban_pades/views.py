"""One revision of a PDF as qpdf reads it, without repair: its objects, fields and pages.

What does not read plainly is refused: a reader that repairs can be made to show what nobody
signed. ISO 32000-1 clauses 7.5 (file structure), 7.7.3 (pages) and 12.7.3 (fields).
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import pikepdf
from pikepdf import settings as qpdf_settings

from .errors import PAdESError
from .pages import inherited
from .plain_objects import plain_text, plain_tokens

MAX_OBJECTS = 500_000
MAX_FIELDS = 2_000
MAX_FIELD_DEPTH = 16
MAX_INFLATED_BYTES = 32 * 1024 * 1024
MAX_MAPPED_BYTES = 256 * 1024

# qpdf's limits are process-wide and may be set only before other threads use it: at import.
# They bound decompression bombs in object and cross-reference streams.
qpdf_settings.set_qpdf_limits(
    doc_max_warnings=20,
    parser_max_container_size=2_000_000,
    flate_max_memory=MAX_INFLATED_BYTES,
    png_max_memory=MAX_INFLATED_BYTES,
    run_length_max_memory=MAX_INFLATED_BYTES,
    tiff_max_memory=MAX_INFLATED_BYTES,
)

_BEFORE_R = re.compile(rb"(\d{1,10}) \d{1,5}\Z")
_NOT_SHOWN = ("/Pages", "/StructElem", "/StructTreeRoot")


class Unreadable(PAdESError):
    """The file is not one plain row of revisions; `why` is the reason's code in words.py."""

    code = "unreadable"
    words_vi = "Không đọc được tệp PDF ({detail}). Hãy xin lại tệp gốc đã ký số."
    words_en = "The PDF cannot be read ({detail}). Ask for the original signed file."

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(detail=detail or why)
        self.why = why


class Place(NamedTuple):
    """Where an object stands: an offset, or an object stream and the index in it."""

    generation: int
    is_in_stream: bool
    where: int
    position: int


@dataclass(frozen=True)
class Field:
    """A terminal form field; /FT and /V may come from a parent."""

    name: str
    kind: str
    dictionary: Any
    number: int
    parents: tuple[Any, ...]

    @cached_property
    def value(self) -> Any:
        """What /V holds, None where there is none. To look at it reads the whole signature."""
        holders = (each for each in (self.dictionary, *self.parents) if "/V" in each)
        holder = next(holders, None)
        return None if holder is None else holder.get("/V")

    @property
    def has_value(self) -> bool:
        """Whether the field, or a parent whose value it shares, has a /V."""
        return any("/V" in each for each in (self.dictionary, *self.parents))


class View:
    """The objects of one revision: the bytes of the file up to its end."""

    def __init__(self, pdf: bytes, end: int, *, ignore_xref_streams: bool = False) -> None:
        self._data = pdf if end == len(pdf) else pdf[:end]
        self.pdf = _open(self._data, ignore_xref_streams=ignore_xref_streams)
        self._dumps: dict[int, bytes] = {}
        self._references: dict[int, frozenset[int]] = {}
        self._shown: dict[int, frozenset[int]] = {}
        self._drawn: dict[int, frozenset[int]] = {}
        self._later: View | None = None
        self._changed: frozenset[int] = frozenset()

    @cached_property
    def places(self) -> Mapping[int, Place]:
        """Every object in use, by number."""
        table = self.pdf.get_xref_table()
        if len(table) > MAX_OBJECTS:
            raise Unreadable("too-many-objects")
        places: dict[int, Place] = {}
        for (number, generation), entry in table.items():
            if entry.type == 1:
                places[number] = Place(generation, False, entry.offset or 0, 0)
            elif entry.type == 2:
                stream, index = entry.obj_stream_number, entry.obj_stream_index
                places[number] = Place(generation, True, stream or 0, index or 0)
        return places

    def object(self, number: int) -> Any:
        """The object of that number, None where there is none."""
        place = self.places.get(number)
        if place is None:
            return None
        try:
            return self.pdf.get_object(number, place.generation)
        except (pikepdf.PdfError, ValueError, RuntimeError) as error:
            raise Unreadable("damaged", f"object {number}") from error

    def dump(self, number: int) -> bytes:
        """The object in qpdf's own writing, a stream's raw bytes after its dictionary."""
        if number not in self._dumps:
            self._dumps[number] = _dump(self.object(number))
        return self._dumps[number]

    def references(self, number: int) -> frozenset[int]:
        """The numbers that an object points at."""
        if self._later is not None and number not in self._changed:
            return self._later.references(number)
        if number not in self._references:
            self._references[number] = referenced(self._text(number))
        return self._references[number]

    def may_be_pointed_at(self, numbers: Iterable[int]) -> frozenset[int]:
        """The numbers that any of these objects points at, cheaper than one by one; maybe more."""
        return referenced(b"\n".join([self._tokens(number) for number in numbers]))

    def _tokens(self, number: int) -> bytes:
        """The tokens of an object, of a stream of its dictionary."""
        place = self.places.get(number)
        if place is not None and not place.is_in_stream:
            tokens = plain_tokens(self._data, place.where, number, place.generation)
            if tokens is not None:
                return tokens
        return self._text(number)

    def _text(self, number: int) -> bytes:
        """The object as its file or else qpdf writes it, of a stream the dictionary."""
        place = self.places.get(number)
        if place is not None and not place.is_in_stream:
            text = plain_text(self._data, place.where, number, place.generation)
            if text is not None:
                return text
        value = self.object(number)
        if isinstance(value, pikepdf.Stream):
            value = value.stream_dict
        return bytes(value.unparse(resolved=True)) if is_pdf_object(value) else b""

    def learn_references(self, other: View, changed: Collection[int]) -> None:
        """Let the other view tell about the objects that did not change since."""
        self._later, self._changed = other, frozenset(changed)

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """The terminal fields of the form by full name, in the form's order.

        Raises:
            Unreadable: a field is listed twice or two fields bear one name, the tree is too
                deep or too large.
        """
        found: dict[str, Field] = {}
        for field in _terminal_fields(self.pdf.Root.get("/AcroForm")):
            if field.name in found:
                raise Unreadable("damaged", f"two form fields are called {field.name!r}")
            found[field.name] = field
        return found

    @cached_property
    def numbered_fields(self) -> Mapping[int, Field]:
        """The fields by the numbers of their own objects and of their widgets'."""
        fields = self.fields.values()
        return {n: field for field in fields for n in (*widgets(field), field.number) if n}

    @cached_property
    def pages(self) -> Mapping[int, int]:
        """The place of each page, counted from 1, by object number."""
        return {page.obj.objgen[0]: at for at, page in enumerate(self.pdf.pages, start=1)}

    @cached_property
    def annotated(self) -> Mapping[int, tuple[int, ...]]:
        """The pages, by object number, that list each annotation of a number of its own."""
        found: dict[int, tuple[int, ...]] = {}
        for page in self.pages:
            listed = self.object(page).get("/Annots")
            for number in referenced(written(listed)) if isinstance(listed, pikepdf.Array) else ():
                found[number] = (*found.get(number, ()), page)
        return found

    def shown_on(self, page: int) -> frozenset[int]:
        """The objects that a page of that object number shows or needs, itself left out."""
        if page not in self._shown:
            dictionary = self.object(page)
            parts = [value for key, value in dictionary.items() if key not in ("/Parent", "/Tabs")]
            self._shown[page] = self.reached(*parts, inherited(dictionary, "/Resources"))
        return self._shown[page]

    def drawn_on(self, page: int) -> frozenset[int]:
        """The objects that a page of that object number shows without its annotations."""
        if page not in self._drawn:
            dictionary = self.object(page)
            left_out = ("/Parent", "/Tabs", "/Annots")
            parts = [value for key, value in dictionary.items() if key not in left_out]
            self._drawn[page] = self.reached(*parts, inherited(dictionary, "/Resources"))
        return self._drawn[page]

    def reached(self, *values: Any) -> frozenset[int]:
        """What the values lead to, not through pages, the page tree or the structure tree."""
        found: set[int] = set()
        todo = {number for value in values for number in referenced(written(value))}
        while todo:
            number = todo.pop()
            if number in found or number in self.pages:
                continue
            found.add(number)
            if kind(self.object(number)) not in _NOT_SHOWN:
                todo |= self.references(number) - found
        return frozenset(found)

    @property
    def warned(self) -> bool:
        """Whether qpdf met anything it would have had to repair."""
        return bool(self.pdf.get_warnings())


def widgets(field: Field) -> list[int]:
    """The numbers of the annotations that show a field: itself, or its children."""
    children = field.dictionary.get("/Kids")
    if isinstance(children, pikepdf.Array):
        return [child.objgen[0] for child in children if isinstance(child, pikepdf.Dictionary)]
    return [field.number]


def is_pdf_object(value: Any) -> bool:
    """Whether pikepdf gives the value as an object of its own, not as a Python scalar."""
    return isinstance(value, pikepdf.Object)


def referenced(text: bytes) -> frozenset[int]:
    """The object numbers that a value, as qpdf writes it, points at."""
    # Split first: a signature's long hexadecimal string would slow a search for digits down.
    # Few numbers are pointed at many times: only two words before each R are looked at, once.
    before = {b" ".join(part[-18:].rsplit(b" ", 2)[-2:]) for part in text.split(b" R")[:-1]}
    return frozenset(int(found[1]) for found in map(_BEFORE_R.search, before) if found)


def written(value: Any) -> bytes:
    """A value as it is written where it stands: a reference stays a reference."""
    return value.unparse() if is_pdf_object(value) else repr(value).encode()


def kind(value: Any) -> str:
    """The /Type of a dictionary or stream, else nothing."""
    if isinstance(value, pikepdf.Stream):
        value = value.stream_dict
    return str(value.get("/Type", "")) if isinstance(value, pikepdf.Dictionary) else ""


def _open(data: bytes, *, ignore_xref_streams: bool) -> pikepdf.Pdf:
    try:
        return pikepdf.open(
            _source(data),
            access_mode=pikepdf.AccessMode.mmap,
            attempt_recovery=False,
            inherit_page_attributes=False,
            suppress_warnings=True,
            ignore_xref_streams=ignore_xref_streams,
        )
    except pikepdf.PasswordError as error:
        raise Unreadable("encrypted") from error
    except (pikepdf.PdfError, ValueError, RuntimeError, MemoryError) as error:
        raise Unreadable("damaged", str(error)[:200]) from error


def _source(data: bytes) -> io.BytesIO | io.FileIO:
    """The bytes as qpdf reads them fastest: a small file mapped, else a stream of Python's."""
    if len(data) > MAX_MAPPED_BYTES or not hasattr(os, "memfd_create"):
        return io.BytesIO(data)
    file = io.FileIO(os.memfd_create("view"), "r+")
    file.write(data)
    return file


def _dump(value: Any) -> bytes:
    try:
        if isinstance(value, pikepdf.Stream):
            head: bytes = value.stream_dict.unparse(resolved=True)
            return head + b"\nstream\n" + bytes(value.read_raw_bytes())
        if isinstance(value, pikepdf.Object):
            return bytes(value.unparse(resolved=True))
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise Unreadable("damaged", "an object does not read") from error
    return repr(value).encode()


def _terminal_fields(form: Any) -> Iterator[Field]:
    fields = form.get("/Fields") if isinstance(form, pikepdf.Dictionary) else None
    if not isinstance(fields, pikepdf.Array):
        return
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[Any, tuple[str, ...], tuple[Any, ...]]] = [
        (field, (), ()) for field in reversed(list(fields))
    ]
    while stack:
        field, path, parents = stack.pop()
        if not isinstance(field, pikepdf.Dictionary):
            continue
        if field.objgen != (0, 0) and field.objgen in seen:
            raise Unreadable("damaged", "a form field is listed twice")
        seen.add(field.objgen)
        if len(parents) > MAX_FIELD_DEPTH or len(seen) > MAX_FIELDS:
            raise Unreadable("too-many-objects", "form fields")
        own_name = field.get("/T")
        if own_name is not None:
            path = (*path, str(own_name))
        children = field.get("/Kids")
        if isinstance(children, pikepdf.Array) and _has_fields(children):
            stack.extend((child, path, (field, *parents)) for child in reversed(list(children)))
        else:
            kind = next((each["/FT"] for each in (field, *parents) if "/FT" in each), "")
            yield Field(".".join(path), str(kind), field, field.objgen[0], parents)


def _has_fields(children: Any) -> bool:
    return any(isinstance(child, pikepdf.Dictionary) and "/T" in child for child in children)
