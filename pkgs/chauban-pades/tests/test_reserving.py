"""Reserving: marked places become fields before anyone has signed (ISO 32000-1 clause 12.7)."""

import io
import subprocess

import pikepdf
import pytest

from chauban_pades import Reserved, reserve
from chauban_pades.errors import (
    AlreadySigned,
    DuplicateField,
    EncryptedPDF,
    MissingField,
    NotAPDF,
    PlaceNotUsable,
    UnknownField,
)

TEXT = ["number", "day", "month", "year"]
A_SIGNATORY = Reserved("signatory-1", page=1, left=300, bottom=200, width=150, height=60)


def fields_of(pdf: bytes) -> tuple[pikepdf.Pdf, dict[str, pikepdf.Object]]:
    document = pikepdf.open(io.BytesIO(pdf))
    return document, {str(field.T): field for field in document.Root.AcroForm.Fields}


def saved(document: pikepdf.Pdf, **options: object) -> bytes:
    written = io.BytesIO()
    document.save(written, **options)
    return written.getvalue()


def renamed(letter: bytes, old: str, new: str) -> bytes:
    """The letter with the mark of one place changed."""
    document = pikepdf.open(io.BytesIO(letter))
    for page in document.pages:
        for annotation in page.Annots:
            if f"field:{old}" == annotation.A.URI:
                annotation.A.URI = pikepdf.String(f"field:{new}")
    return saved(document)


def test_every_marked_place_becomes_a_field_in_order_of_text_and_signing(reserved):
    document, fields = fields_of(reserved)
    assert list(fields) == [*TEXT, "signatory-1", "seal-1"]
    assert [str(fields[name].FT) for name in fields] == ["/Tx"] * 4 + ["/Sig"] * 2
    assert not any("/A" in field or "/Contents" in field for field in fields.values())
    assert document.Root.AcroForm.SigFlags == 3


def test_every_widget_is_printed_and_has_an_empty_appearance_from_the_start(reserved):
    _, fields = fields_of(reserved)
    for field in fields.values():
        left, bottom, right, top = (float(each) for each in field.Rect)
        box = [float(each) for each in field.AP.N.BBox]
        assert field.F == 4
        assert field.AP.N.read_bytes() == b""
        assert box == pytest.approx([0, 0, right - left, top - bottom], abs=0.001)
        assert "/V" not in field


def test_text_fields_are_read_only_and_no_appearance_is_left_to_the_reader(reserved):
    document, fields = fields_of(reserved)
    assert [fields[name].Ff for name in TEXT] == [1] * 4
    assert "/NeedAppearances" not in document.Root.AcroForm


def test_the_number_is_upright_and_the_date_italic_in_the_size_of_the_text(reserved):
    """Nghị định 30/2020/NĐ-CP, PL I II.3.c and II.4.c."""
    _, fields = fields_of(reserved)
    assert str(fields["number"].DA) == "/ChbDigits 13 Tf 0 g"
    assert {str(fields[name].DA) for name in TEXT[1:]} == {"/ChbDigitsItalic 13 Tf 0 g"}


def test_each_digit_font_is_embedded_once_and_named_in_the_resources_of_the_form(reserved):
    document, fields = fields_of(reserved)
    fonts = document.Root.AcroForm.DR.Font
    for name in TEXT:
        (used,) = fields[name].AP.N.Resources.Font.values()
        assert used.objgen in {font.objgen for font in fonts.values()}
    listed = subprocess.run(
        ["pdffonts", "-"], input=reserved, capture_output=True, check=True
    ).stdout.decode()
    digit_fonts = [line.split() for line in listed.splitlines() if line.startswith("CHBA")]
    assert sorted(line[0] for line in digit_fonts) == [
        "CHBAAA+LiberationSerif",
        "CHBAAB+LiberationSerif-Italic",
    ]
    assert all(line[3] == "yes" for line in digit_fonts), "embedded"


def test_the_digit_fonts_hold_nothing_but_ten_digits(reserved):
    document, _ = fields_of(reserved)
    for font in document.Root.AcroForm.DR.Font.values():
        program = font.FontDescriptor.FontFile2.read_bytes()
        assert len(program) == font.FontDescriptor.FontFile2.Length1
        assert len(program) < 2000
        assert (font.FirstChar, font.LastChar) == (ord("0"), ord("9"))


def test_the_structure_element_of_a_field_is_a_form_whose_kid_is_the_object_reference(reserved):
    """In an array a validator takes the filled field for changed structure (see test_traps)."""
    document, fields = fields_of(reserved)
    tree = pikepdf.NumberTree(document.Root.StructTreeRoot.ParentTree)
    for field in fields.values():
        element = tree[int(field.StructParent)]
        assert pikepdf.Name.Form == element.S
        assert element.K.Type == pikepdf.Name.OBJR
        assert element.K.Obj.objgen == field.objgen


def test_a_reserved_letter_is_still_pdfa_2b(letter, reserved, checked):
    """ISO 19005-2: no validator of it is at hand, so its marks are asserted one by one."""
    checked(reserved)
    before, after = (pikepdf.open(io.BytesIO(pdf)) for pdf in (letter, reserved))
    assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
    assert b"<pdfaid:part>2</pdfaid:part>" in after.Root.Metadata.read_bytes()
    assert [str(each.S) for each in after.Root.OutputIntents] == ["/GTS_PDFA1"]
    assert {key: str(value) for key, value in after.docinfo.items()} == {
        key: str(value) for key, value in before.docinfo.items()
    }
    assert len(after.trailer.ID) == 2
    assert "/Filter" not in after.Root.Metadata


def test_the_same_letter_gives_the_same_bytes(letter):
    assert reserve(letter) == reserve(letter)


def test_the_signatory_leaves_open_what_the_office_adds_and_the_seal_locks_all(reserved):
    """ISO 32000-1 clause 12.8.2.4; design: reserved fields, section 3."""
    _, fields = fields_of(reserved)
    assert fields["signatory-1"].Lock.Action == pikepdf.Name.Exclude
    assert [str(name) for name in fields["signatory-1"].Lock.Fields] == [*TEXT, "seal-1"]
    assert fields["seal-1"].Lock.Action == pikepdf.Name.All
    assert "/Fields" not in fields["seal-1"].Lock


def test_of_several_seals_the_first_locks_number_and_date_and_the_last_all_signatures(typeset):
    _, fields = fields_of(reserve(typeset(signatories=3, seals=3)))
    signatures = ["signatory-1", "signatory-2", "signatory-3", "seal-1", "seal-2", "seal-3"]
    assert [str(name) for name in fields["signatory-2"].Lock.Fields] == [*TEXT, *signatures[2:]]
    assert fields["seal-1"].Lock.Action == pikepdf.Name.Include
    assert [str(name) for name in fields["seal-1"].Lock.Fields] == TEXT
    assert "/Lock" not in fields["seal-2"]
    assert fields["seal-3"].Lock.Action == pikepdf.Name.Include
    assert [str(name) for name in fields["seal-3"].Lock.Fields] == signatures
    assert [("/P" in fields[name].Lock) for name in ("seal-1", "seal-3")] == [False, True]
    assert fields["seal-3"].Lock.P == 1


def test_seals_over_a_document_without_text_lock_no_text(typeset):
    document, fields = fields_of(reserve(typeset(signatories=2, seals=2, texts="no")))
    assert len(document.Root.AcroForm.Fields) == 4
    assert "/Lock" not in fields["seal-1"]
    assert "/DR" not in document.Root.AcroForm


def test_a_mark_written_into_the_page_itself_becomes_a_field_as_well(letter):
    """A link annotation may be a direct object of the page's list."""
    document = pikepdf.open(io.BytesIO(letter))
    page = document.pages[0]
    page.Annots = pikepdf.Array([pikepdf.Dictionary(dict(each.items())) for each in page.Annots])
    del document.Root.StructTreeRoot
    _, fields = fields_of(reserve(saved(document)))
    assert list(fields) == [*TEXT, "signatory-1", "seal-1"]


def test_places_can_be_given_where_a_document_has_no_marks(typeset):
    unmarked = typeset(signatories=0, seals=0, texts="no")
    number = Reserved("number", page=1, left=100, bottom=700, width=40, height=14.391)
    _, fields = fields_of(reserve(unmarked, [A_SIGNATORY, number]))
    assert list(fields) == ["number", "signatory-1"]
    assert [float(each) for each in fields["signatory-1"].Rect] == [300, 200, 450, 260]


def test_a_page_that_is_not_there_is_refused(typeset):
    unmarked = typeset(signatories=0, seals=0, texts="no")
    beyond = Reserved("signatory-1", page=9, left=300, bottom=200, width=150, height=60)
    with pytest.raises(PlaceNotUsable):
        reserve(unmarked, [beyond])


def test_a_place_without_area_is_refused(typeset):
    unmarked = typeset(signatories=0, seals=0, texts="no")
    flat = Reserved("signatory-1", page=1, left=300, bottom=200, width=150, height=0)
    with pytest.raises(PlaceNotUsable):
        reserve(unmarked, [flat])


def test_a_place_with_content_inside_is_refused(typeset):
    with pytest.raises(PlaceNotUsable):
        reserve(typeset(content="00"))


def test_an_unknown_name_is_refused(letter):
    with pytest.raises(UnknownField, match="stamp"):
        reserve(renamed(letter, "seal-1", "stamp"))
    with pytest.raises(UnknownField, match="attachment-seal"):
        reserve(renamed(letter, "seal-1", "attachment-seal"))


def test_a_name_used_twice_is_refused(letter):
    with pytest.raises(DuplicateField, match="month"):
        reserve(renamed(letter, "day", "month"))


def test_a_gap_in_the_counting_of_seals_is_refused(letter):
    with pytest.raises(MissingField, match="seal-1"):
        reserve(renamed(letter, "seal-1", "seal-2"))


def test_a_document_without_any_signature_field_is_refused(typeset):
    with pytest.raises(MissingField, match="signatory-1"):
        reserve(typeset(signatories=0, seals=0))


def test_a_document_that_has_such_a_field_already_is_refused(reserved):
    with pytest.raises(DuplicateField, match="signatory-1"):
        reserve(reserved, [A_SIGNATORY])


def test_a_signed_document_is_refused(signed):
    with pytest.raises(AlreadySigned):
        reserve(signed, [A_SIGNATORY])


def test_an_encrypted_document_is_refused(letter):
    encryption = pikepdf.Encryption(owner="o", user="", R=6)
    with pytest.raises(EncryptedPDF):
        reserve(saved(pikepdf.open(io.BytesIO(letter)), encryption=encryption))


def test_what_is_no_pdf_is_refused(letter):
    for data in (b"", b"not a pdf", letter[: len(letter) // 2], b"\n" + letter, letter + b"more"):
        with pytest.raises(NotAPDF):
            reserve(data)
