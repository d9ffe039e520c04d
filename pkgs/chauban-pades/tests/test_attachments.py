"""The agency's signature on an attachment (Nghị định 30/2020/NĐ-CP, PL I II.8.b)."""

import io
import subprocess
from datetime import timedelta

import pikepdf
import pypdfium2
import pytest

from chauban_pades import add_timestamp, sign_attachment, sign_attachment_pending
from chauban_pades.errors import CertificateNotValid, ChangesForbidden, NotAPDF, TextNotPrintable
from chauban_pades.numbers import POINTS_PER_MM
from chauban_pki.errors import TimestampUnavailable

LINES = ("Kèm theo Văn bản số 05/QĐ-UBND ngày 23/11/2026", "23-11-2026; 09:00:00 +07:00")


@pytest.fixture
def sign_it(seal, timestamp, now):
    """Signs an attachment with the agency's credential; keywords replace what is given."""

    def signed(pdf, lines=LINES, **changes):
        given = {"credential": seal, "timestamp": timestamp, "now": now}
        return sign_attachment(pdf, lines=lines, **{**given, **changes})

    return signed


@pytest.fixture
def upload(typeset):
    """An uploaded PDF with nothing reserved in it; `change` is applied to it."""

    def uploaded(change=lambda document: None, **options) -> bytes:
        written = io.BytesIO()
        with pikepdf.open(io.BytesIO(typeset(signatories=0, seals=0, texts="no"))) as document:
            change(document)
            document.save(written, **options)
        return written.getvalue()

    return uploaded


def turned(degrees: int):
    def turn(document: pikepdf.Pdf) -> None:
        document.pages[0].Rotate = degrees

    return turn


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_the_text_stands_upright_at_the_top_right_of_the_first_page_as_shown(
    sign_it, upload, degrees
):
    signed = sign_it(upload(turned(degrees)))
    with pypdfium2.PdfDocument(signed) as document:
        document.init_forms()
        page = document[0]
        width = page.get_width()
        shown = page.render(scale=2, may_draw_forms=True).to_pil().convert("L")
    margin = 10 * POINTS_PER_MM
    corner = (shown.width // 2, 0, shown.width, int(2 * (margin + 24)))
    dark = shown.crop(corner).point(lambda value: 255 if value < 128 else 0)
    left, top, right, bottom = dark.getbbox()
    assert shown.width // 2 + right == pytest.approx(2 * (width - margin), abs=3)
    assert top == pytest.approx(2 * margin, abs=8)
    assert right - left > 4 * (bottom - top), "the lines run from left to right"


def test_the_text_is_of_size_10_black_in_an_embedded_serif_font(sign_it, upload, tmp_path):
    signed = sign_it(upload())
    with pikepdf.open(io.BytesIO(signed)) as document:
        widget = document.pages[0].Annots[0]
        content = widget.AP.N.read_bytes()
        assert content.startswith(b"q BT /ChbText 10 Tf 0 g ")
        assert b" Do" not in content, "no picture"
        assert widget.F == 4
    listed = subprocess.run(
        ["pdffonts", "-"], input=signed, capture_output=True, check=True
    ).stdout.decode()
    (font,) = [line.split() for line in listed.splitlines() if line.startswith("CHBA")]
    assert font[0] == "CHBAAC+LiberationSerif"
    assert font[-5:-2] == ["yes", "yes", "yes"], "embedded, subset, with Unicode"


def test_every_vietnamese_letter_can_be_printed_and_read_back(sign_it, upload):
    letters = "aáàảãạăắằẳẵặâấầẩẫậđeéèẻẽẹêếềểễệiíìỉĩịoóòỏõọôốồổỗộơớờởỡợuúùủũụưứừửữựyýỳỷỹỵ"
    signed = sign_it(upload(), lines=(letters, letters.upper()))
    said = subprocess.run(
        ["pdftotext", "-l", "1", "-", "-"], input=signed, capture_output=True, check=True
    ).stdout.decode()
    assert letters in said
    assert letters.upper() in said


def test_a_signed_attachment_is_valid_in_pyhanko_pdfsig_and_qpdf(judge, sign_it, upload, checked):
    signed = sign_it(upload())
    assert judge(signed) == {
        "attachment-seal": {
            "valid": True,
            "trusted": True,
            "timestamped": True,
            "coverage": "ENTIRE_FILE",
            "changes": "NONE",
        }
    }
    said = subprocess.run(["pdfsig", "-nocert", checked(signed)], capture_output=True, text=True)
    assert "Signature is Valid" in said.stdout


def test_a_second_agency_signs_below_a_name_of_its_own(judge, sign_it, upload, checked):
    """A document forwarded as an attachment may carry the first sender's signature."""
    twice = sign_it(sign_it(upload()))
    checked(twice)
    verdicts = judge(twice)
    assert list(verdicts) == ["attachment-seal", "attachment-seal-2"]
    assert [each["valid"] for each in verdicts.values()] == [True, True]


def test_a_sealed_document_is_not_signed_inside_as_an_attachment(sign_it, reserved, sealed):
    """Its locks would break (seen in pyHanko); it travels with a detached signature."""
    sign_it(reserved)
    with pytest.raises(ChangesForbidden) as refused:
        sign_it(sealed)
    assert ".p7s" in refused.value.vi


def indirect_annotations(document: pikepdf.Pdf) -> None:
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([0, 0, 9, 9])
    )
    document.pages[0].Annots = document.make_indirect(pikepdf.Array([note]))


def direct_form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([]))


def indirect_form_and_fields(document: pikepdf.Pdf) -> None:
    fields = document.make_indirect(pikepdf.Array([]))
    document.Root.AcroForm = document.make_indirect(pikepdf.Dictionary(Fields=fields))


def inherited_size(document: pikepdf.Pdf) -> None:
    page = document.pages[0].obj
    page.Parent.MediaBox, page.Parent.Rotate = page.MediaBox, 90
    del page.MediaBox


def cropped(document: pikepdf.Pdf) -> None:
    document.pages[0].CropBox = pikepdf.Array([50, 50, 500, 600])


@pytest.mark.parametrize(
    "change",
    [indirect_annotations, direct_form, indirect_form_and_fields, inherited_size, cropped],
)
@pytest.mark.parametrize("mode", ["generate", "disable"])
def test_pdfs_of_many_shapes_can_be_signed(judge, sign_it, upload, checked, change, mode):
    pdf = upload(change, object_stream_mode=getattr(pikepdf.ObjectStreamMode, mode))
    signed = sign_it(pdf)
    checked(signed)
    assert signed.startswith(pdf)
    assert judge(signed)["attachment-seal"]["valid"] is True


def test_the_text_stays_within_the_crop_box(sign_it, upload):
    with pikepdf.open(io.BytesIO(sign_it(upload(cropped)))) as document:
        _, _, right, top = (float(each) for each in document.pages[0].Annots[0].Rect)
    margin = 10 * POINTS_PER_MM
    assert (right, top) == pytest.approx((500 - margin, 600 - margin), abs=0.001)


def test_a_pending_attachment_is_completed_in_place(judge, upload, seal, now, timestamp):
    pending = sign_attachment_pending(upload(), credential=seal, now=now, lines=LINES)
    assert judge(pending)["attachment-seal"]["timestamped"] is False
    completed = add_timestamp(pending, field="attachment-seal", timestamp=timestamp)
    assert len(completed) == len(pending)
    assert judge(completed)["attachment-seal"]["timestamped"] is True


def test_letters_written_apart_are_joined_before_printing(sign_it, upload):
    """Text may come decomposed (NFD); the font has the composed letters."""
    assert b"/ToUnicode" in sign_it(upload(), lines=("Huế",))
    assert sign_it(upload(), lines=("Hue\u0302\u0301",)).count(b"%%EOF") == 2


def test_a_letter_outside_the_font_is_refused(sign_it, upload):
    with pytest.raises(TextNotPrintable, match="漢"):
        sign_it(upload(), lines=("Kèm theo 漢",))


def test_a_line_wider_than_the_page_is_refused(sign_it, upload):
    with pytest.raises(TextNotPrintable, match="room"):
        sign_it(upload(), lines=("Kèm theo Văn bản " * 12,))


def test_a_certificate_out_of_time_is_refused(sign_it, upload, now):
    with pytest.raises(CertificateNotValid):
        sign_it(upload(), now=now + timedelta(days=5000))


def test_without_a_timestamp_there_is_no_b_t(sign_it, upload):
    def unavailable(digest: bytes) -> bytes:
        raise TimestampUnavailable("tsa.chauban.invalid")

    with pytest.raises(TimestampUnavailable):
        sign_it(upload(), timestamp=unavailable)


def test_what_is_no_pdf_is_refused(sign_it):
    with pytest.raises(NotAPDF):
        sign_it(b"PK\x03\x04")


def test_a_pdf_without_pages_is_refused(sign_it):
    written = io.BytesIO()
    pikepdf.new().save(written)
    with pytest.raises(NotAPDF):
        sign_it(written.getvalue())
