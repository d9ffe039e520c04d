"""Pictures of signatures and seals on the page (Nghị định 30/2020/NĐ-CP, PL I II.7, II.8)."""

import io

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops, PngImagePlugin

from chauban_pades import fill_and_seal_pending, image_appearance, reserve, sign_pending
from chauban_pades.appearance import Box, place_seal, place_signature
from chauban_pades.errors import ImageNotUsable, SealDoesNotFit

MM = 72 / 25.4
BLUE, RED = (20, 40, 180, 255), (200, 20, 20, 255)


def picture(size=(200, 80), colour=BLUE, mode="RGBA", kind="PNG") -> bytes:
    """A filled rectangle with a transparent rim of ten pixels."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    image.paste(colour, (10, 10, size[0] - 10, size[1] - 10))
    written = io.BytesIO()
    image.convert(mode).save(written, kind)
    return written.getvalue()


def coloured_box(pdf: bytes, *, page: int, colour: str) -> Box:
    """The smallest box on the shown page, in points, around what is blue or red."""
    scale = 4
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        height = document[page].get_height()
        shown = document[page].render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    red, _, blue = shown.split()
    more, less = (blue, red) if colour == "blue" else (red, blue)
    mask = ImageChops.subtract(more, less).point(lambda value: 255 if value > 80 else 0)
    left, top, right, bottom = mask.getbbox()
    return Box(left / scale, height - bottom / scale, right / scale, height - top / scale)


def field_box(pdf: bytes, name: str) -> Box:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        field = next(each for each in document.Root.AcroForm.Fields if name == each.T)
        return Box(*(float(each) for each in field.Rect))


@pytest.fixture
def shown(reserved, signatory, seal, now, values):
    """The letter signed and sealed with pictures of the given widths, in millimetres."""

    def through(signature_mm: float, seal_mm: float) -> bytes:
        signed = sign_pending(
            reserved,
            field="signatory-1",
            credential=signatory,
            now=now,
            image=image_appearance(picture(), width_mm=signature_mm),
        )
        return fill_and_seal_pending(
            signed,
            field="seal-1",
            values=values,
            credential=seal,
            now=now,
            image=image_appearance(picture((400, 400), RED), width_mm=seal_mm),
        )

    return through


def test_the_signature_is_centred_in_its_place_between_position_and_name(shown):
    pdf = shown(40, 30)
    field = field_box(pdf, "signatory-1")
    drawn = coloured_box(pdf, page=1, colour="blue")
    rim = 10 / 200 * 40 * MM
    assert drawn.right == pytest.approx(field.centre[0] + 20 * MM - rim, abs=0.5)
    assert drawn.centre[1] == pytest.approx(field.centre[1], abs=0.5)
    assert drawn.height == pytest.approx(16 * MM - 2 * rim, abs=0.5)


def test_the_seal_covers_the_left_third_of_the_signature_at_its_real_size(shown):
    """PL I II.8.a; right edge at a third of the picture, centre lines level."""
    pdf = shown(40, 36)
    field = field_box(pdf, "signatory-1")
    drawn = coloured_box(pdf, page=1, colour="red")
    rim = 10 / 400 * 36 * MM
    third = field.centre[0] - 20 * MM + 40 * MM / 3
    assert drawn.right == pytest.approx(third - rim, abs=0.5)
    assert drawn.width == pytest.approx(36 * MM - 2 * rim, abs=0.5)
    assert drawn.height == pytest.approx(drawn.width, abs=0.5)
    assert drawn.centre[1] == pytest.approx(field.centre[1], abs=0.5)


def test_a_signature_larger_than_its_place_is_scaled_down_and_never_up():
    field = Box(0, 0, 100, 50)
    large = image_appearance(picture((200, 80)), width_mm=100)
    small = image_appearance(picture((200, 80)), width_mm=10)
    placed = place_signature(large, field)
    assert placed.scale == pytest.approx(100 / large.width)
    assert (placed.left, placed.bottom) == pytest.approx((0, 5))
    assert place_signature(small, field).scale == 1


def test_a_seal_is_never_scaled_but_refused_where_its_place_is_too_small(shown):
    """The letter's place for the seal is 45 mm wide and high."""
    shown(40, 45)
    with pytest.raises(SealDoesNotFit, match=r"45\.5 mm"):
        shown(40, 45.5)


def test_a_seal_stays_within_its_place_however_narrow_the_signature():
    seal = image_appearance(picture((400, 400), RED), width_mm=36)
    field = Box(0, 0, 45 * MM, 45 * MM)
    far = place_seal(seal, field, signature=Box(300, 0, 310, 20), name="seal-1")
    assert far.left == pytest.approx(9 * MM)
    assert far.bottom == 0


def test_a_seal_without_a_signature_near_it_stands_in_the_middle():
    seal = image_appearance(picture((400, 400), RED), width_mm=36)
    field = Box(0, 0, 45 * MM, 47 * MM)
    alone = place_seal(seal, field, signature=None, name="seal-1")
    assert (alone.left, alone.bottom) == pytest.approx((4.5 * MM, 5.5 * MM))


def test_each_seal_goes_to_the_signature_nearest_to_it(
    typeset, signatory, seal, now, values, signature_image, seal_image
):
    """Joint documents: seal 2 beside signature 2, not signature 1."""
    pdf = reserve(typeset(signatories=2, seals=2))
    for field in ("signatory-1", "signatory-2"):
        pdf = sign_pending(pdf, field=field, credential=signatory, now=now, image=signature_image)
    pdf = fill_and_seal_pending(
        pdf, field="seal-1", values=values, credential=seal, now=now, image=seal_image
    )
    pdf = sign_pending(pdf, field="seal-2", credential=seal, now=now, image=seal_image)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        contents = [each.AP.N.read_bytes() for each in document.Root.AcroForm.Fields[6:]]
    first, second = ([float(each) for each in content.split()[1:7]] for content in contents)
    assert first == pytest.approx(second, abs=0.01)


def test_the_picture_keeps_its_colours_and_its_transparency(shown):
    """ISO 19005-2 allows soft masks; the output intent is an RGB one."""
    with pikepdf.open(io.BytesIO(shown(40, 36))) as document:
        field = document.Root.AcroForm.Fields[4]
        image = field.AP.N.Resources.XObject["/ChbPicture"].Resources.XObject["/ChbImage"]
        assert image.ColorSpace == pikepdf.Name.DeviceRGB
        assert image.SMask.ColorSpace == pikepdf.Name.DeviceGray
        pixels, mask = image.read_bytes(), image.SMask.read_bytes()
    middle = (40 * 200 + 100) * 3
    assert tuple(pixels[middle : middle + 3]) == BLUE[:3]
    assert (mask[0], mask[40 * 200 + 100]) == (0, 255)


def test_a_picture_that_is_no_png_is_refused():
    image_appearance(picture(), width_mm=40)
    for data in (b"", picture()[:100], picture(mode="RGB", kind="JPEG"), b"<svg/>"):
        with pytest.raises(ImageNotUsable, match="PNG"):
            image_appearance(data, width_mm=40)


def test_a_picture_without_a_transparent_background_is_refused():
    """PL I II.7.d, II.8.a: định dạng .png, nền trong suốt."""
    opaque = io.BytesIO()
    Image.new("RGBA", (50, 50), BLUE).save(opaque, "PNG")
    for data in (picture(mode="RGB"), opaque.getvalue()):
        with pytest.raises(ImageNotUsable, match="transparent"):
            image_appearance(data, width_mm=40)


def test_a_picture_that_would_fill_the_memory_is_refused():
    with pytest.raises(ImageNotUsable, match="pixels"):
        image_appearance(picture((2001, 2001)), width_mm=40)
    note = PngImagePlugin.PngInfo()
    note.add_text("note", "x" * (3 * 1024 * 1024))
    large = io.BytesIO()
    Image.open(io.BytesIO(picture())).save(large, "PNG", pnginfo=note)
    with pytest.raises(ImageNotUsable, match="2 MB"):
        image_appearance(large.getvalue(), width_mm=40)
