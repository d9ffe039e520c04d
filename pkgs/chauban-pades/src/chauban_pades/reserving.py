"""Make places for number, date, signatures and seals before anyone has signed.

What a later revision may add must stand in the document from the start: the fields, their
boxes, their font, their locks. The fill then touches nothing but values and appearances.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from . import fonts
from .errors import (
    AlreadySigned,
    DuplicateField,
    MissingField,
    PlaceNotUsable,
    UnknownField,
)
from .filling import ITALIC, UPRIGHT, font_of, text_box
from .locks import lock_of
from .names import TEXT_FIELDS, signature_name, signing_order, tooltip
from .originals import open_original, reading
from .widgets import SIGNATURES_EXIST_APPEND_ONLY

MARK = "field:"
PRINTED = 4
"""/F of every widget: printed, not hidden (ISO 32000-1 Table 165; needed by PDF/A)."""

READ_ONLY = 1


@dataclass(frozen=True)
class Reserved:
    """A place for a field: page counted from 1, lower left corner and size in points."""

    name: str
    page: int
    left: float
    bottom: float
    width: float
    height: float


@dataclass(frozen=True)
class _Place:
    """A place found or given, before it becomes a widget; widget is the annotation to turn."""

    name: str
    page: pikepdf.Object
    widget: pikepdf.Object
    rect: tuple[float, float, float, float]

    @property
    def width(self) -> float:
        return round(self.rect[2] - self.rect[0], 3)

    @property
    def height(self) -> float:
        return round(self.rect[3] - self.rect[1], 3)


def reserve(
    pdf: bytes, fields: Sequence[Reserved] | None = None, *, filled_before_seal: bool = False
) -> bytes:
    """The PDF with its marked places turned into reserved fields.

    A place is a link annotation to ``field:NAME``, or an entry of `fields` where the document
    has no marks. NAME is number, day, month, year, signatory-1 … and seal-1 … . The file is
    written anew, so nothing may be signed yet; PDF/A-2b stays PDF/A-2b. With
    `filled_before_seal` the seal is made where only whole files are signed: number and date are
    filled in the revision before it (`fill_before_seal`).

    Raises:
        NotAPDF, EncryptedPDF, HybridPDF: the file cannot be read.
        AlreadySigned: it carries a signature.
        UnknownField, DuplicateField, MissingField, PlaceNotUsable: the places are not right.
    """
    reader = open_original(pdf).reader
    with reading():
        _require_unsigned(reader.Root)
        places = [*_marked_places(reader), *(_given_place(reader, each) for each in fields or ())]
        _make_fields(reader, places, filled_before_seal)
        return _saved(reader)


def _make_fields(reader: pikepdf.Pdf, places: Sequence[_Place], filled_before_seal: bool) -> None:
    root, names = reader.Root, [place.name for place in places]
    _require_complete(names)
    _require_new(root, names)
    font_resources = _font_resources(reader, names)
    for place in places:
        _turn_into_widget(reader, place, font_resources)
        if signature_name(place.name) is not None:
            lock = lock_of(place.name, names, filled_before=filled_before_seal)
            if lock is not None:
                place.widget.Lock = reader.make_indirect(lock.dictionary())
        _tag_as_form(root, place)
    _enter_in_form(reader, places, font_resources)


def _saved(reader: pikepdf.Pdf) -> bytes:
    """The document written anew: plain objects and a table, quick to read for years to come."""
    written = io.BytesIO()
    reader.save(
        written,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        compress_streams=False,  # what came compressed stays so
        deterministic_id=True,
        preserve_pdfa=True,
        fix_metadata_version=False,
    )
    return written.getvalue()


def _marked_places(reader: pikepdf.Pdf) -> Iterator[_Place]:
    for page in reader.pages:
        annotations = page.obj.get("/Annots", Array())
        for index, annotation in enumerate(list(annotations)):
            target = str(annotation.get("/A", Dictionary()).get("/URI", ""))
            if annotation.get("/Subtype") == Name.Link and target.startswith(MARK):
                if not annotation.is_indirect:  # a field is named from the form, too
                    annotation = reader.make_indirect(annotation)
                    annotations[index] = annotation
                yield _place(target.removeprefix(MARK), page.obj, annotation, annotation.Rect)


def _given_place(reader: pikepdf.Pdf, given: Reserved) -> _Place:
    """The place of a `Reserved`, its widget entered among the page's annotations."""
    if not 1 <= given.page <= len(reader.pages):
        raise PlaceNotUsable(
            given.name,
            detail_vi=f"không có trang {given.page}",
            detail_en=f"there is no page {given.page}",
        )
    page = reader.pages[given.page - 1].obj
    widget = reader.make_indirect(Dictionary(Type=Name.Annot))
    rect = [given.left, given.bottom, given.left + given.width, given.bottom + given.height]
    page.Annots = Array([*page.get("/Annots", []), widget])
    return _place(given.name, page, widget, rect)


def _place(
    name: str, page: pikepdf.Object, widget: pikepdf.Object, rect: pikepdf.Object | list[float]
) -> _Place:
    if name not in TEXT_FIELDS and signature_name(name) is None:
        raise UnknownField(name)
    # To a thousandth of a point, so that box and appearance agree to the last digit.
    x0, y0, x1, y1 = (round(float(each), 3) for each in rect)
    place = _Place(name, page, widget, (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
    if place.width < 1 or place.height < 1:
        raise PlaceNotUsable(name, detail_vi="ô không có diện tích", detail_en="it has no area")
    return place


def _require_unsigned(root: pikepdf.Object) -> None:
    form = root.get("/AcroForm", Dictionary())
    for field in form.get("/Fields", []):
        if field.get("/FT") == Name.Sig and "/V" in field:
            raise AlreadySigned


def _require_complete(names: Sequence[str]) -> None:
    """Each name once, at least one signature, and no gap in the counting of signatures."""
    for name in names:
        if names.count(name) > 1:
            raise DuplicateField(name)
    signatures = [found for name in names if (found := signature_name(name)) is not None]
    if not signatures:
        raise MissingField("signatory-1")
    for is_seal in (False, True):
        count = sum(each.is_seal is is_seal for each in signatures)
        for index in range(1, count + 1):
            expected = f"{'seal' if is_seal else 'signatory'}-{index}"
            if expected not in names:
                raise MissingField(expected)


def _require_new(root: pikepdf.Object, names: Sequence[str]) -> None:
    for field in root.get("/AcroForm", Dictionary()).get("/Fields", []):
        if str(field.get("/T", "")) in names:
            raise DuplicateField(str(field["/T"]))


def _turn_into_widget(reader: pikepdf.Pdf, place: _Place, font_resources: Dictionary) -> None:
    """Make the annotation field and widget in one, with an empty appearance."""
    widget = place.widget
    for key in set(widget.keys()) - {"/Type", "/StructParent"}:
        del widget[key]
    widget.Subtype = Name.Widget
    widget.T = String(place.name)
    widget.TU = String(tooltip(place.name))
    widget.P = place.page
    widget.Rect = Array(list(place.rect))
    widget.F = PRINTED
    resources = Dictionary()
    if place.name in TEXT_FIELDS:
        box = text_box(place.name, width=place.width, height=place.height)
        widget.FT, widget.Ff, widget.Q = Name.Tx, READ_ONLY, box.quadding
        widget.DA = String(box.default_appearance)
        resources = Dictionary(Font=Dictionary({f"/{box.font}": font_resources[f"/{box.font}"]}))
    else:
        widget.FT = Name.Sig
    widget.AP = Dictionary(N=_empty_appearance(reader, place, resources))


def _empty_appearance(reader: pikepdf.Pdf, place: _Place, resources: Dictionary) -> pikepdf.Object:
    form = reader.make_stream(b"")
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array([0, 0, place.width, place.height])
    form.Resources = resources
    return form


def _tag_as_form(root: pikepdf.Object, place: _Place) -> None:
    """Turn the link's structure element into a Form holding nothing but the widget.

    /K must be the object reference itself: in an array, a validator takes the filled field for
    a change of the document's structure.
    """
    if "/StructTreeRoot" not in root or "/StructParent" not in place.widget:
        return
    tree = pikepdf.NumberTree(root.StructTreeRoot.ParentTree)
    element = tree[int(place.widget.StructParent)]
    kids = element.K if isinstance(element.K, Array) else [element.K]
    if len(kids) != 1:
        raise PlaceNotUsable(
            place.name, detail_vi="ô đã có nội dung bên trong", detail_en="it has content inside"
        )
    element.S = Name.Form
    element.K = kids[0]


def _font_resources(reader: pikepdf.Pdf, names: Sequence[str]) -> Dictionary:
    """The digit fonts that the text fields among the names need, each embedded once."""
    needed = {font_of(name) for name in names if name in TEXT_FIELDS}
    programs = {
        UPRIGHT: ("serif-digits-regular", b"CHBAAA+LiberationSerif"),
        ITALIC: ("serif-digits-italic", b"CHBAAB+LiberationSerif-Italic"),
    }
    return Dictionary(
        {
            f"/{font}": _digit_font(reader, *programs[font], font == ITALIC)
            for font in sorted(needed)
        }
    )


def _digit_font(
    reader: pikepdf.Pdf, program: str, base_font: bytes, italic: bool
) -> pikepdf.Object:
    """A simple TrueType font of the ten digits (ISO 32000-1 clause 9.6.3)."""
    embedded = reader.make_stream(
        fonts.font_program(program), Length1=fonts.font_program_length(program)
    )
    embedded.Filter = Name.FlateDecode
    descriptor = pikepdf.Object.parse(
        b"<< " + fonts.descriptor_entries(base_font, italic=italic, symbolic=False) + b" >>"
    )
    descriptor.FontFile2 = embedded
    return reader.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.TrueType,
            BaseFont=Name("/" + base_font.decode("ascii")),
            Encoding=Name.WinAnsiEncoding,
            FirstChar=ord("0"),
            LastChar=ord("9"),
            Widths=Array([fonts.DIGIT_WIDTH] * 10),
            FontDescriptor=reader.make_indirect(descriptor),
        )
    )


def _enter_in_form(
    reader: pikepdf.Pdf, places: Sequence[_Place], font_resources: Dictionary
) -> None:
    """Name the fields in the document's form, in the order of the text and of signing."""
    by_name = {place.name: place.widget for place in places}
    order = [name for name in TEXT_FIELDS if name in by_name]
    order += signing_order(frozenset(by_name))
    root = reader.Root
    form = root.get("/AcroForm", Dictionary())
    form.Fields = Array([*form.get("/Fields", []), *(by_name[name] for name in order)])
    form.SigFlags = SIGNATURES_EXIST_APPEND_ONLY
    if len(font_resources.keys()) > 0:
        resources = form.get("/DR", Dictionary())
        merged = resources.get("/Font", Dictionary())
        for key, font in font_resources.items():
            merged[key] = font
        resources.Font = merged
        form.DR = resources
    if "/NeedAppearances" in form:
        del form.NeedAppearances
    root.AcroForm = form if form.is_indirect else reader.make_indirect(form)
