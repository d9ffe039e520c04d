"""Number, day, month and year: grammar, appearance, and what readers extract."""

import io
import subprocess
from datetime import date

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chauban_pades import fill_and_seal_pending, reserve, sign_pending
from chauban_pades.errors import (
    FieldAlreadyFilled,
    FieldNotFilled,
    FieldNotReserved,
    NotASeal,
    ValueNotFitting,
)
from chauban_pades.filling import (
    CENTRED,
    FLUSH_RIGHT,
    TextBox,
    field_appearance,
    is_in_grammar,
    parse_text_box,
    text_box,
)

DATES = st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31))


@pytest.fixture
def fill(signed, seal, now):
    """Fills and seals the signed letter with the given values."""

    def filled(values, field="seal-1"):
        return fill_and_seal_pending(signed, field=field, values=values, credential=seal, now=now)

    return filled


def fields_of(pdf: bytes) -> tuple[pikepdf.Pdf, dict[str, pikepdf.Object]]:
    document = pikepdf.open(io.BytesIO(pdf))
    return document, {str(field.T): field for field in document.Root.AcroForm.Fields}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("number", value) for value in ("01", "09", "10", "105", "1234567")),
        *(("day", value) for value in ("01", "09", "10", "31")),
        *(("month", value) for value in ("01", "02", "3", "03", "9", "10", "12")),
        *(("year", value) for value in ("1999", "2026")),
    ],
)
def test_values_as_the_decree_writes_them_are_in_the_grammar(field, value):
    """Nghị định 30/2020/NĐ-CP, PL I II.3, II.4.b."""
    assert is_in_grammar(field, value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("number", value) for value in ("", "0", "1", "00", "010", "5a", " 05", "05\n", "٠٥")),
        *(("day", value) for value in ("", "0", "1", "00", "32", "5 ", "1\n", "３１")),
        *(("month", value) for value in ("", "0", "1", "2", "00", "13", "012")),
        *(("year", value) for value in ("", "26", "02026", "0026", "20261")),
    ],
)
def test_values_the_decree_does_not_write_are_not(field, value):
    assert not is_in_grammar(field, value)


def test_the_appearance_is_a_function_of_value_and_box_alone():
    number = TextBox("ChbDigits", size=13.0, width=34.016, height=14.391, quadding=FLUSH_RIGHT)
    assert field_appearance("05", number) == (
        b"/Tx BMC q BT /ChbDigits 13 Tf 0 g 21.016 2.808 Td (05) Tj ET Q EMC"
    )
    day = TextBox("ChbDigitsItalic", size=13.0, width=19.842, height=14.391, quadding=CENTRED)
    assert field_appearance("05", day) == (
        b"/Tx BMC q BT /ChbDigitsItalic 13 Tf 0 g 3.421 2.808 Td (05) Tj ET Q EMC"
    )


def test_the_number_stands_against_the_slash_of_the_symbol(sealed):
    """PL I II.3.c: Số: 05/UBND-VP."""
    said = subprocess.run(
        ["pdftotext", "-layout", "-l", "1", "-", "-"], input=sealed, capture_output=True, check=True
    ).stdout.decode()
    assert "05/UBND-VP" in said


def test_a_filled_field_shows_byte_for_byte_what_its_value_makes(sealed, values):
    _, fields = fields_of(sealed)
    for name, value in values.items():
        box = parse_text_box(fields[name])
        assert str(fields[name].V) == value
        assert fields[name].AP.N.read_raw_bytes() == field_appearance(value, box)


def test_filling_changes_nothing_of_a_field_but_value_and_content(signed, sealed, values):
    earlier, before = fields_of(signed)
    later, after = fields_of(sealed)
    assert len(later.pages) == len(earlier.pages)
    for name in values:
        assert set(after[name].keys()) - set(before[name].keys()) == {"/V"}
        for key in ("/Rect", "/DA", "/F", "/Ff", "/Q", "/T"):
            assert after[name][key] == before[name][key]
        assert after[name].AP.N.objgen == before[name].AP.N.objgen
        old, new = before[name].AP.N, after[name].AP.N
        assert new.BBox == old.BBox
        assert new.Resources.unparse() == old.Resources.unparse()
        assert set(new.stream_dict.keys()) == set(old.stream_dict.keys())


def test_filling_adds_no_font_and_touches_neither_xmp_nor_info(signed, sealed):
    """So the file stays PDF/A-2b (ISO 19005-2 clause 6.6)."""
    added = sealed[len(signed) :]
    assert sealed.startswith(signed)
    assert b"/FontFile" not in added
    assert b"/Type /Font" not in added
    assert b"/Metadata" not in added
    before, after = pikepdf.open(io.BytesIO(signed)), pikepdf.open(io.BytesIO(sealed))
    assert after.Root.Metadata.objgen == before.Root.Metadata.objgen
    assert after.trailer.Info.objgen == before.trailer.Info.objgen


def test_a_reserved_box_is_read_back_as_it_was_made(reserved):
    _, fields = fields_of(reserved)
    made = text_box("number", width=34.016, height=14.391)
    assert parse_text_box(fields["number"]) == made
    assert parse_text_box(fields["seal-1"]) is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(1, 99999), day=DATES, pads_month=st.booleans())
def test_every_number_and_date_can_be_read_out_of_the_page(fill, number, day, pads_month):
    month = f"{day.month:02}" if pads_month or day.month < 3 else str(day.month)
    values = {
        "number": f"{number:02}",
        "day": f"{day.day:02}",
        "month": month,
        "year": str(day.year),
    }
    sealed = fill(values)
    poppler = subprocess.run(
        ["pdftotext", "-layout", "-l", "1", "-", "-"], input=sealed, capture_output=True, check=True
    ).stdout.decode()
    words = "".join(poppler.split())
    assert f"Số:{values['number']}/UBND-VP" in words
    assert f"ngày{values['day']}tháng{month}năm{day.year}" in words
    assert text_in_boxes(sealed) == values


def text_in_boxes(pdf: bytes) -> dict[str, str]:
    """What PDFium shows within the rectangle of each text field."""
    _document, fields = fields_of(pdf)
    boxes = {
        name: [float(each) for each in field.Rect]
        for name, field in fields.items()
        if pikepdf.Name.Tx == field.FT
    }
    with pypdfium2.PdfDocument(pdf) as shown:
        shown.init_forms()
        shown[0].flatten()
        text = shown[0].get_textpage()
        return {name: text.get_text_bounded(*box).strip() for name, box in boxes.items()}


def test_all_reserved_text_is_filled_with_the_seal(fill, values):
    """Nghị định 30/2020/NĐ-CP Điều 15; a partly filled date is never sealed."""
    for missing in values:
        with pytest.raises(FieldNotFilled, match=missing):
            fill({name: value for name, value in values.items() if name != missing})


def test_a_value_outside_the_grammar_is_refused(fill, values):
    with pytest.raises(ValueNotFitting, match="number"):
        fill({**values, "number": "5"})


def test_a_day_that_is_not_in_the_calendar_is_refused(fill, values):
    fill({**values, "day": "30", "month": "4"})
    with pytest.raises(ValueNotFitting, match="31/4/2026"):
        fill({**values, "day": "31", "month": "4"})


def test_a_number_wider_than_its_box_is_refused(fill, values):
    """Five digits of 13 pt need 32.5 pt; the letter's box is 12 mm wide."""
    fill({**values, "number": "12345"})
    with pytest.raises(ValueNotFitting, match="wider"):
        fill({**values, "number": "123456"})


def test_a_value_for_a_field_that_is_not_reserved_is_refused(fill, values):
    with pytest.raises(FieldNotReserved, match="symbol"):
        fill({**values, "symbol": "05"})
    with pytest.raises(FieldNotReserved, match="signatory-1"):
        fill({**values, "signatory-1": "05"})


def test_a_signatory_fills_nothing(fill, values):
    with pytest.raises(NotASeal):
        fill(values, field="signatory-1")


def test_a_filled_number_is_never_changed(typeset, signatory, seal, now, values):
    """Of two seals the first fills; the second must not fill again."""
    pdf = reserve(typeset(signatories=2, seals=2))
    for field in ("signatory-1", "signatory-2"):
        pdf = sign_pending(pdf, field=field, credential=signatory, now=now)
    pdf = fill_and_seal_pending(pdf, field="seal-1", values=values, credential=seal, now=now)
    with pytest.raises(FieldAlreadyFilled, match="number"):
        fill_and_seal_pending(
            pdf, field="seal-2", values={"number": "06"}, credential=seal, now=now
        )
