"""Uploads: what is refused, and what is left behind (design, life of a document, step 1)."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from chauban_docform.errors import (
    AlreadySigned,
    EncryptedPDF,
    NoPages,
    NotAPDF,
    TooLarge,
    UploadError,
)
from chauban_docform.normalising import normalise_upload

Change = Callable[[pikepdf.Pdf], Any]

CONTENT = b"BT /F1 12 Tf 72 700 Td (Noi dung) Tj ET"


def an_upload(change: Change = lambda document: None, **save: Any) -> bytes:
    """A one-page PDF with some text, changed in one thing."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    page.obj.Contents = document.make_stream(CONTENT)
    page.obj.Resources = Dictionary(
        Font=Dictionary(F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    )
    change(document)
    target = BytesIO()
    document.save(target, static_id=True, **save)
    return target.getvalue()


def normalised(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(normalise_upload(pdf)))


def annotate(**entries: Any) -> Change:
    def change(document: pikepdf.Pdf) -> None:
        annotation = Dictionary(Type=Name.Annot, Rect=Array([10, 10, 90, 30]), **entries)
        page = document.pages[0].obj
        if "/Annots" not in page:
            page.Annots = Array()
        page.Annots.append(document.make_indirect(annotation))

    return change


def with_form(**entries: Any) -> Change:
    def change(document: pikepdf.Pdf) -> None:
        annotate(Subtype=Name.Widget, FT=Name.Tx, T=String("ten"), F=4, **entries)(document)
        font = document.make_indirect(document.pages[0].obj.Resources.Font.F1)
        document.Root.AcroForm = Dictionary(
            Fields=Array([document.pages[0].obj.Annots[0]]),
            DR=Dictionary(Font=Dictionary(F1=font)),
            DA=String("/F1 12 Tf 0 g"),
            NeedAppearances=True,
        )

    return change


JAVASCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def test_an_ordinary_upload_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "upload.pdf"
    path.write_bytes(normalise_upload(an_upload()))
    assert subprocess.run(["qpdf", "--check", path], capture_output=True).returncode == 0
    with pikepdf.open(path) as document:
        assert document.pages[0].obj.Contents.read_bytes() == CONTENT


def test_the_same_upload_gives_the_same_bytes_and_they_are_final() -> None:
    once = normalise_upload(an_upload())
    assert normalise_upload(an_upload()) == once
    with pikepdf.open(BytesIO(normalise_upload(once))) as document:
        assert document.pages[0].obj.Contents.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 docx", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    with pytest.raises((NotAPDF, NoPages)):
        normalise_upload(data)


def test_bytes_without_the_header_are_refused() -> None:
    assert normalise_upload(an_upload())
    with pytest.raises(NotAPDF):
        normalise_upload(an_upload().replace(b"%PDF-", b"%PDX-"))


@pytest.mark.parametrize("user", ["", "mat khau"])
def test_an_encrypted_pdf_is_refused_with_and_without_a_password(user: str) -> None:
    locked = an_upload(encryption=pikepdf.Encryption(owner="chu", user=user))
    with pytest.raises(EncryptedPDF):
        normalise_upload(locked)


def test_a_file_over_the_limit_is_refused() -> None:
    pdf = an_upload()
    assert normalise_upload(pdf, limit_bytes=len(pdf))
    with pytest.raises(TooLarge) as refused:
        normalise_upload(pdf, limit_bytes=len(pdf) - 1)
    assert refused.value.size_bytes == len(pdf)


def test_a_pdf_without_pages_is_refused() -> None:
    def empty(document: pikepdf.Pdf) -> None:
        del document.pages[0]

    with pytest.raises(NoPages):
        normalise_upload(an_upload(empty))


def test_a_pdf_without_pages_is_refused_alike_where_qpdfs_warnings_are_limited() -> None:
    # qpdf's limits are the process's: a process of its own (chauban_pades sets such a limit).
    program = (
        "import io, pikepdf; from pikepdf import settings;"
        "settings.set_qpdf_limits(doc_max_warnings=20);"
        "from chauban_docform.errors import NoPages;"
        "from chauban_docform.normalising import normalise_upload;"
        "empty = io.BytesIO(); pikepdf.new().save(empty)\n"
        "try: normalise_upload(empty.getvalue())\n"
        "except NoPages: print('no pages')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "no pages\n"


def test_a_signed_pdf_is_refused_and_an_unsigned_field_is_not() -> None:
    def field(**value: Any) -> Change:
        def change(document: pikepdf.Pdf) -> None:
            annotate(Subtype=Name.Widget, FT=Name.Sig, T=String("ky"), **value)(document)
            document.Root.AcroForm = Dictionary(Fields=document.pages[0].obj.Annots)

        return change

    signature = Dictionary(
        Type=Name.Sig, ByteRange=Array([0, 1, 2, 3]), Contents=String(b"\x30\x00")
    )
    assert normalise_upload(an_upload(field()))
    with pytest.raises(AlreadySigned):
        normalise_upload(an_upload(field(V=signature)))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("/OpenAction", JAVASCRIPT),
        ("/AA", Dictionary(WC=JAVASCRIPT)),
        ("/Collection", Dictionary()),
        ("/AF", Array([])),
        ("/Perms", Dictionary()),
        ("/Requirements", Array([])),
    ],
)
def test_the_catalogue_keeps_nothing_that_acts(key: str, value: Any) -> None:
    def change(document: pikepdf.Pdf) -> None:
        document.Root[key] = value

    assert key in pikepdf.open(BytesIO(an_upload(change))).Root
    assert key not in normalised(an_upload(change)).Root


def test_named_scripts_and_embedded_files_go_and_named_places_stay() -> None:
    def change(document: pikepdf.Pdf) -> None:
        document.attachments["a.exe"] = b"MZ"
        document.Root.Names.JavaScript = Dictionary(Names=Array([String("x"), JAVASCRIPT]))
        document.Root.Names.Dests = Dictionary(
            Names=Array([String("muc-1"), Array([document.pages[0].obj, Name.Fit])])
        )

    document = normalised(an_upload(change))
    assert set(document.Root.Names.keys()) == {"/Dests"}
    assert b"MZ" not in b"".join(streams(document))
    assert b"app.alert" not in normalise_upload(an_upload(change))


def streams(document: pikepdf.Pdf) -> list[bytes]:
    return [it.read_raw_bytes() for it in document.objects if isinstance(it, pikepdf.Stream)]


@pytest.mark.parametrize(
    "subtype", ["/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/Text", "/3D"]
)
def test_annotations_that_carry_files_media_or_remarks_go(subtype: str) -> None:
    pdf = an_upload(annotate(Subtype=Name(subtype), Contents=String("ghi chu")))
    document = normalised(pdf)
    assert "/Annots" not in document.pages[0].obj


@pytest.mark.parametrize(
    "action",
    [
        JAVASCRIPT,
        Dictionary(S=Name.Launch, F=String("cmd.exe")),
        Dictionary(S=Name.SubmitForm, F=String("https://example.org")),
        Dictionary(S=Name.GoToR, F=String("khac.pdf")),
        Dictionary(S=Name.URI, URI=String("field:seal-1")),
        Dictionary(S=Name.URI, URI=String("javascript:alert(1)")),
    ],
)
def test_links_that_act_or_pose_as_a_field_go(action: Dictionary) -> None:
    good = Dictionary(S=Name.URI, URI=String("https://hue.gov.vn"))
    kept = normalised(an_upload(annotate(Subtype=Name.Link, A=good)))
    assert kept.pages[0].obj.Annots[0].A.URI == "https://hue.gov.vn"
    gone = normalised(an_upload(annotate(Subtype=Name.Link, A=action)))
    assert "/Annots" not in gone.pages[0].obj


def test_what_follows_a_harmless_action_goes() -> None:
    action = Dictionary(S=Name.URI, URI=String("https://hue.gov.vn"), Next=JAVASCRIPT)
    pdf = normalise_upload(an_upload(annotate(Subtype=Name.Link, A=action)))
    assert b"hue.gov.vn" in pdf
    assert b"JavaScript" not in pdf


def test_an_outline_entry_loses_an_action_that_acts() -> None:
    def change(document: pikepdf.Pdf) -> None:
        item = document.make_indirect(Dictionary(Title=String("Muc"), A=JAVASCRIPT))
        document.Root.Outlines = document.make_indirect(
            Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1)
        )
        item.Parent = document.Root.Outlines

    document = normalised(an_upload(change))
    assert document.Root.Outlines.First.Title == "Muc"
    assert "/A" not in document.Root.Outlines.First


def test_a_filled_form_becomes_part_of_the_page() -> None:
    pdf = an_upload(with_form(V=String("Nguyen Van Nam"), AA=Dictionary(K=JAVASCRIPT)))
    document = normalised(pdf)
    assert "/AcroForm" not in document.Root
    assert "/Annots" not in document.pages[0].obj
    forms = document.pages[0].obj.Resources.XObject
    assert any(b"Nguyen Van Nam" in form.read_bytes() for form in forms.values())
    assert b"app.alert" not in normalise_upload(pdf)


def test_page_boxes_and_rotation_are_kept() -> None:
    def change(document: pikepdf.Pdf) -> None:
        document.pages[0].obj.CropBox = Array([10, 20, 500, 800])
        document.pages[0].obj.Rotate = 90

    document = normalised(an_upload(change))
    page = document.pages[0].obj
    assert [int(it) for it in page.MediaBox] == [0, 0, 595, 842]
    assert [int(it) for it in page.CropBox] == [10, 20, 500, 800]
    assert page.Rotate == 90


def a_hybrid_file() -> bytes:
    """A PDF whose catalogue's /Lang string stands only in the cross-reference stream (7.5.8.4)."""
    parts = [
        b"%PDF-1.5\n",
        b"1 0 obj\n<</Type/Catalog/Pages 2 0 R/Lang 5 0 R>>\nendobj\n",
        b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n",
        b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>\nendobj\n",
        b"4 0 obj\n<</Type/ObjStm/N 1/First 4/Length 8>>\nstream\n5 0 (vi)\nendstream\nendobj\n",
    ]
    offsets = [sum(map(len, parts[:n])) for n in range(len(parts) + 1)]
    entries = bytes([2, 0, 4, 0])
    stream = (
        b"6 0 obj\n<</Type/XRef/W[1 2 1]/Index[5 1]/Size 7/Length %d>>\nstream\n%b\nendstream\n"
        b"endobj\n" % (len(entries), entries)
    )
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(
        b"%010d 00000 n \n" % offsets[n] for n in range(1, 5)
    )
    start = offsets[5] + len(stream)
    trailer = b"trailer\n<</Size 7/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n"
    return b"".join(parts) + stream + table + trailer % (offsets[5], start)


def test_a_hybrid_cross_reference_becomes_one_classic_table() -> None:
    pdf = normalise_upload(a_hybrid_file())
    assert b"/XRefStm" not in pdf
    assert b"/ObjStm" not in pdf
    assert pdf.count(b"startxref") == 1
    assert pikepdf.open(BytesIO(pdf)).Root.Lang == "vi"


def test_several_revisions_become_one() -> None:
    first = an_upload()
    changed = b"1 0 obj\n<</Type/Catalog/Pages 2 0 R/Lang(vi)>>\nendobj\n"
    table = b"xref\n1 1\n%010d 00000 n \n" % len(first)
    previous = int(first.rsplit(b"startxref\n")[1].split()[0])
    trailer = b"trailer\n<</Size 6/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    second = first + changed + table + trailer % (previous, len(first) + len(changed))
    pdf = normalise_upload(second)
    assert pdf.count(b"%%EOF") == 1
    assert pikepdf.open(BytesIO(pdf)).Root.Lang == "vi"


@settings(max_examples=60)
@given(position=st.integers(0, 10_000), value=st.binary(min_size=1, max_size=12), cut=st.booleans())
def test_a_damaged_file_is_read_or_refused_by_name(position: int, value: bytes, cut: bool) -> None:
    pdf = an_upload(with_form(V=String("Nam")))
    position %= len(pdf)
    damaged = pdf[:position] if cut else pdf[:position] + value + pdf[position + len(value) :]
    with suppress(UploadError):
        assert normalise_upload(damaged).startswith(b"%PDF-")
