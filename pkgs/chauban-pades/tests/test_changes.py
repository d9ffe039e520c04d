"""Every change after a signature is named: what, on which page, where, by which revision.

Each test appends one revision to the complete letter; issue 3, Verification.
"""

import importlib
import io
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pikepdf
import pytest

from chauban_pades import Change, Report, add_document_timestamp, assess
from chauban_pades.report import parse_report
from chauban_pki.timestamps import Timestamper
from chauban_pki.trust import Trust

VECTORS = Path(__file__).parents[3] / "vectors" / "pades"
sys.path.insert(0, str(VECTORS))
tools: ModuleType = importlib.import_module("attacks.revising")
sys.path.remove(str(VECTORS))

Objects = dict[int, bytes]
Edit = Callable[[bytes], Objects]


@pytest.fixture(scope="module")
def changed(sealed_lt: bytes, trust: Trust, now: datetime) -> Callable[[Edit], Report]:
    """The report on the complete letter after one more revision, which nobody signs."""

    def report(edit: Edit) -> Report:
        return assess(tools.appended(sealed_lt, edit(sealed_lt)), trust=trust, at=now)

    return report


def entry(number: int, dictionary: Any, key: str, value: bytes) -> Objects:
    return {number: tools.with_entry(dictionary, key, value)}


def page_entry(key: str, value: bytes) -> Edit:
    def edit(pdf: bytes) -> Objects:
        page = tools.page(pdf)
        return entry(page.objgen[0], page, key, value)

    return edit


def catalog_entry(key: str, value: bytes) -> Edit:
    def edit(pdf: bytes) -> Objects:
        root = tools.opened(pdf).Root
        return entry(root.objgen[0], root, key, value)

    return edit


def content(pdf: bytes) -> Objects:
    return {tools.contents_number(pdf): tools.stream(tools.DRAWN)}


def font(pdf: bytes) -> Objects:
    fonts = tools.page(pdf).Resources.Font
    one = fonts[sorted(fonts.keys())[0]]
    return entry(one.objgen[0], one, "/Encoding", b"/Identity-V")


def annotation(pdf: bytes) -> Objects:
    page, number = tools.page(pdf), tools.free_number(pdf)
    listed = bytes(page.Annots.unparse(resolved=True)).rstrip().removesuffix(b"]")
    body = b"<< /Type /Annot /Subtype /Square /Rect [72 600 300 700] /IC [1 1 1] >>"
    return {
        page.objgen[0]: tools.with_entry(page, "/Annots", listed + b" %d 0 R ]" % number),
        number: body,
    }


def annotation_away(pdf: bytes) -> Objects:
    page = tools.page(pdf)
    kept = b" ".join(bytes(one.unparse()) for one in list(page.Annots)[1:])
    return {page.objgen[0]: tools.with_entry(page, "/Annots", b"[ %b ]" % kept)}


def seal_picture(pdf: bytes) -> Objects:
    """The image within the seal's appearance."""
    field = tools.field(pdf, "seal-1")
    form = field.AP.N
    image = next(iter(form.Resources.XObject.values()))
    body = b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8"
    return {image.objgen[0]: tools.stream(b"\0", body + b" /ColorSpace /DeviceGray")}


def pages(kids: Callable[[list[bytes], int], list[bytes]]) -> Edit:
    def edit(pdf: bytes) -> Objects:
        tree, number = tools.opened(pdf).Root.Pages, tools.free_number(pdf)
        listed = kids([bytes(one.unparse()) for one in tree.Kids], number)
        changed = tools.with_entry(tree, "/Kids", b"[ %b ]" % b" ".join(listed))
        parent = tree.objgen[0]
        blank = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] >>" % parent
        body = changed.replace(b"/Count 2", b"/Count %d" % len(listed))
        return {parent: body, number: blank}

    return edit


def info(pdf: bytes) -> Objects:
    found = tools.opened(pdf).trailer.Info
    return entry(found.objgen[0], found, "/Title", b"(Khac)")


CASES: list[tuple[str, Edit, int | None]] = [
    ("page-content-changed", content, 1),
    ("page-changed", page_entry("/Rotate", b"90"), 1),
    ("font-changed", font, 1),
    ("annotation-added", annotation, 1),
    ("annotation-removed", annotation_away, 1),
    ("field-changed", seal_picture, 2),
    ("page-added", pages(lambda kids, new: [b"%d 0 R" % new, *kids]), 1),
    ("page-removed", pages(lambda kids, new: kids[:1]), 2),
    ("pages-reordered", pages(lambda kids, new: kids[::-1]), None),
    ("action-changed", catalog_entry("/OpenAction", b"<< /S /JavaScript /JS (1) >>"), None),
    ("action-changed", catalog_entry("/Names", b"<< /JavaScript << /Names [] >> >>"), None),
    ("attachments-changed", catalog_entry("/Names", b"<< /EmbeddedFiles << >> >>"), None),
    ("attachments-changed", catalog_entry("/AF", b"[]"), None),
    ("layers-changed", catalog_entry("/OCProperties", b"<< >>"), None),
    ("structure-changed", catalog_entry("/Lang", b"(en)"), None),
    ("catalog-changed", catalog_entry("/PageMode", b"/UseNone"), None),
    ("information-changed", info, None),
]


@pytest.mark.parametrize(("what", "edit", "page"), CASES)
def test_a_change_is_named_with_its_page_and_revision(
    changed: Callable[[Edit], Report], what: str, edit: Edit, page: int | None
) -> None:
    [found] = {one.what: one for one in changed(edit).changes_after_signing}.values()
    assert (found.what, found.page, found.revision, found.signed_by) == (what, page, 5, None)
    assert bool(found.places) is (page is not None and what != "page-removed")
    assert page is None or str(page) in found.vi or found.field


def the_only(report: Report) -> Change:
    [found] = report.changes_after_signing
    return found


def test_an_annotation_is_shown_where_it_stands(changed: Callable[[Edit], Report]) -> None:
    [place] = the_only(changed(annotation)).places
    assert place.as_dict() == {"page": 1, "rectangle": [72.0, 600.0, 300.0, 700.0]}


def test_changed_content_is_shown_as_the_whole_page(changed: Callable[[Edit], Report]) -> None:
    [place] = the_only(changed(content)).places
    assert (place.page, round(place.box.width), round(place.box.height)) == (1, 595, 842)


def test_a_font_that_several_pages_use_names_them_all(changed: Callable[[Edit], Report]) -> None:
    found = the_only(changed(font))
    assert [place.page for place in found.places] == [1, 2]
    assert "1, 2" in found.vi


def test_what_a_fields_appearance_draws_belongs_to_the_field(
    changed: Callable[[Edit], Report],
) -> None:
    found = the_only(changed(seal_picture))
    assert (found.field, [place.page for place in found.places]) == ("seal-1", [2])


def test_what_is_permitted_is_named_too(sealed_lt: bytes, trust: Trust, now: datetime) -> None:
    """Number and date in the revision that the seal signs; validation data, unsigned."""
    report = assess(sealed_lt, trust=trust, at=now)
    assert report.changes_after_signing == ()
    named = [(one.what, one.field, one.page, one.signed_by) for one in report.permitted_changes]
    filled = [("field-filled", name, 1, "seal-1") for name in ("number", "day", "month", "year")]
    assert named == [
        *filled,
        ("field-signed", "seal-1", 2, "seal-1"),
        ("validation-data-added", None, None, None),
    ]
    assert all(len(one.places) == 1 for one in report.permitted_changes[:5])


def test_a_document_timestamp_is_named(
    sealed_lt: bytes, timestamp: Timestamper, trust: Trust, now: datetime
) -> None:
    pdf = add_document_timestamp(sealed_lt, timestamp=timestamp)
    last = assess(pdf, trust=trust, at=now).permitted_changes[-1]
    assert (last.what, last.revision) == ("timestamp-added", 5)
    assert last.signed_by == last.field


def test_the_report_reads_again_with_its_places(changed: Callable[[Edit], Report]) -> None:
    report = changed(annotation)
    again = parse_report(report.as_dict())
    assert again.changes_after_signing == report.changes_after_signing
    assert again.permitted_changes == report.permitted_changes


def test_a_report_kept_before_places_were_told_still_reads(
    changed: Callable[[Edit], Report],
) -> None:
    kept = changed(annotation).as_dict()
    del kept["permitted_changes"], kept["changes_after_signing"][0]["places"]
    del kept["changes_after_signing"][0]["signed_by"]
    assert the_only(parse_report(kept)).what == "annotation-added"


@pytest.mark.parametrize(
    "rectangle", [b"[72 (x)]", b"[72 600 300 (x)]", b"[0 0 1 1%b]" % (b"0" * 400)]
)
def test_a_broken_rectangle_hides_no_change(
    changed: Callable[[Edit], Report], rectangle: bytes
) -> None:
    def edit(pdf: bytes) -> Objects:
        objects = annotation(pdf).items()
        return {n: body.replace(b"[72 600 300 700]", rectangle) for n, body in objects}

    report = changed(edit)
    assert report.document in ("altered", "unreadable")
    assert all(one.places == () for one in report.changes_after_signing)
    json.loads(json.dumps(report.as_dict(), allow_nan=False))


def test_qpdf_reads_what_the_tests_append(sealed_lt: bytes) -> None:
    for _, edit, _ in CASES:
        with pikepdf.open(io.BytesIO(tools.appended(sealed_lt, edit(sealed_lt)))) as it:
            assert len(it.pages) > 0
