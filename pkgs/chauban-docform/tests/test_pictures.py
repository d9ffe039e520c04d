"""PL I II.7 and II.8: a signature's picture is blue, a seal's red; both on nothing."""

from io import BytesIO

import pytest
from PIL import Image

from chauban_docform.errors import UnsupportedCharacters
from chauban_docform.pictures import seal_image, signature_image


def picture(png: bytes) -> Image.Image:
    image = Image.open(BytesIO(png))
    assert image.mode == "RGBA"
    return image


def opaque(image: Image.Image) -> set[tuple[int, int, int]]:
    colours = image.getcolors(image.width * image.height)
    return {(r, g, b) for _, (r, g, b, alpha) in colours if alpha == 255}


def test_pl_i_ii_7_a_signature_is_blue_on_nothing() -> None:
    image = picture(signature_image("Nguyễn Thị Minh Hương"))
    assert image.size == (591, 283)
    assert opaque(image)
    assert all(blue > 120 > red for red, _, blue in opaque(image))
    left, top, right, bottom = image.getchannel("A").getbbox()
    assert 0 < left < right < 591
    assert 0 < top < bottom < 283


@pytest.mark.parametrize("diameter", [30.0, 36.0])
def test_pl_i_ii_8_a_seal_is_red_on_nothing_and_of_its_real_size(diameter: float) -> None:
    image = picture(seal_image("Sở Tài chính", diameter_mm=diameter))
    assert image.width == image.height == pytest.approx(diameter / 25.4 * 300, abs=1)
    assert opaque(image)
    assert all(red > 180 > 80 > max(green, blue) for red, green, blue in opaque(image))
    assert image.getpixel((0, 0))[3] == 0
    left, _, right, _ = image.getchannel("A").getbbox()
    assert right - left == pytest.approx(image.width, rel=0.03)


@pytest.mark.parametrize(
    "name",
    ["Văn phòng", "Sở Nông nghiệp và Môi trường thành phố Huế", "UBND xã Chân Mây - Lăng Cô"],
)
def test_a_body_s_name_of_any_length_stays_between_the_rings(name: str) -> None:
    image = picture(seal_image(name, note=" ")).getchannel("A")
    middle = image.width / 2
    reach = {
        round(((x - middle) ** 2 + (y - middle) ** 2) ** 0.5)
        for x in range(image.width)
        for y in range(image.height // 2)
        if image.getpixel((x, y)) > 128
    }
    assert {it for it in reach if 0.62 * middle < it < 0.875 * middle}
    assert not reach & {round(middle * 0.62), round(middle * 0.875)}


def test_pictures_are_the_same_bytes_each_time() -> None:
    assert seal_image("Sở Tài chính") == seal_image("Sở Tài chính")
    assert signature_image("Lê Văn Đức") != signature_image("Lê Văn Đạt")


def test_a_name_that_the_script_cannot_write_is_refused() -> None:
    with pytest.raises(UnsupportedCharacters) as refused:
        signature_image("Nguyễn 明")
    assert refused.value.characters == "明"
