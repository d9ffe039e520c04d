"""What signatures look like on the page (Nghị định 30/2020/NĐ-CP, PL I II.7 and II.8).

A picture is prepared once per credential; each signature then only places it:

- the signatory's: blue, transparent, centred between position and name;
- the agency's: red, transparent, at the seal's real size, its right edge at one third of the
  signatory's picture from the left, centre lines level.
"""

import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

from PIL import Image

from .dictionaries import Dictionary, parse_numbers
from .errors import ImageNotUsable, SealDoesNotFit
from .increments import Increment, stream
from .names import signature_name
from .numbers import POINTS_PER_MM, numbers_text
from .originals import Original

MAX_PIXELS = 4_000_000
MAX_IMAGE_BYTES = 2 * 1024 * 1024
PICTURE = b"/ChbPicture"


@dataclass(frozen=True)
class Appearance:
    """A picture ready to be embedded; width and height in points, streams compressed."""

    width: float
    height: float
    pixels: tuple[int, int]
    colours: bytes
    transparency: bytes

    def add_to(self, increment: Increment) -> int:
        """Add the picture as a form of its own size; return the form's object number."""
        mask = increment.add(self._image(b"/DeviceGray", self.transparency))
        image = increment.add(self._image(b"/DeviceRGB /SMask %d 0 R" % mask, self.colours))
        size = numbers_text(self.width, self.height)
        return increment.add(
            stream(
                b"/Type /XObject /Subtype /Form /BBox [0 0 %b] "
                b"/Resources << /XObject << /ChbImage %d 0 R >> >>" % (size, image),
                b"q %b 0 0 %b 0 0 cm /ChbImage Do Q"
                % (numbers_text(self.width), numbers_text(self.height)),
            )
        )

    def _image(self, colour_space: bytes, content: bytes) -> bytes:
        return stream(
            b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 "
            b"/Filter /FlateDecode /ColorSpace %b" % (*self.pixels, colour_space),
            content,
        )


@dataclass(frozen=True)
class Box:
    """A rectangle on a page, in points."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2


@dataclass(frozen=True)
class Placement:
    """Lower left corner of a picture within its field's box, in points, and its scale."""

    left: float
    bottom: float
    scale: float


def image_appearance(png: bytes, *, width_mm: float) -> Appearance:
    """The picture of a signature or seal, that wide; for a round seal, its real diameter.

    Raises:
        ImageNotUsable: no PNG, too large, or without a transparent background (PL I II.7.d,
            II.8.a).
    """
    if len(png) > MAX_IMAGE_BYTES:
        raise ImageNotUsable(
            detail_vi="tệp lớn hơn 2 MB; hãy thu nhỏ hình", detail_en="the file exceeds 2 MB"
        )
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ImageNotUsable(
                    detail_vi="hình lớn hơn 4 triệu điểm ảnh; hãy thu nhỏ hình",
                    detail_en="the picture has more than 4 million pixels",
                )
            if not image.has_transparency_data:
                raise _not_transparent()
            picture = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as reason:
        raise ImageNotUsable(
            detail_vi="tệp không phải là hình PNG; hãy dùng hình .png",
            detail_en="the file is not a PNG picture",
        ) from reason
    alpha = picture.getchannel("A")
    if alpha.getextrema() == (255, 255):
        raise _not_transparent()
    width = width_mm * POINTS_PER_MM
    return Appearance(
        width=width,
        height=width * picture.height / picture.width,
        pixels=picture.size,
        colours=zlib.compress(picture.convert("RGB").tobytes(), 9),
        transparency=zlib.compress(alpha.tobytes(), 9),
    )


def _not_transparent() -> ImageNotUsable:
    return ImageNotUsable(
        detail_vi="nền của hình phải trong suốt", detail_en="its background must be transparent"
    )


def place_signature(image: Appearance, field: Box) -> Placement:
    """The signatory's picture in the middle of its field, scaled down where it is larger."""
    scale = min(1.0, field.width / image.width, field.height / image.height)
    return Placement(
        left=(field.width - image.width * scale) / 2,
        bottom=(field.height - image.height * scale) / 2,
        scale=scale,
    )


def place_seal(image: Appearance, field: Box, *, signature: Box | None, name: str) -> Placement:
    """The seal at its real size over the left third of the signatory's picture.

    As near to that as its field allows, for the box was fixed before the picture was known;
    in the middle of the field where no signatory's field lies near.

    Raises:
        SealDoesNotFit: the field is smaller than the seal.
    """
    spare_width, spare_height = field.width - image.width, field.height - image.height
    if min(spare_width, spare_height) < -0.01:
        raise SealDoesNotFit(name, size_mm=max(image.width, image.height) / POINTS_PER_MM)
    left, bottom = spare_width / 2, spare_height / 2
    if signature is not None:
        left = signature.left + signature.width / 3 - image.width - field.left
        bottom = signature.centre[1] - image.height / 2 - field.bottom
    return Placement(
        left=min(max(left, 0.0), max(spare_width, 0.0)),
        bottom=min(max(bottom, 0.0), max(spare_height, 0.0)),
        scale=1.0,
    )


def add_appearance(
    increment: Increment, image: Appearance, *, field: Box, placement: Placement
) -> int:
    """Add the field's appearance with the picture in its place; return its object number."""
    picture = image.add_to(increment)
    matrix = numbers_text(placement.scale, 0, 0, placement.scale, placement.left, placement.bottom)
    return increment.add(
        stream(
            b"/Type /XObject /Subtype /Form /BBox [0 0 %b] "
            b"/Resources << /XObject << /ChbPicture %d 0 R >> >>"
            % (numbers_text(field.width, field.height), picture),
            b"q %b cm /ChbPicture Do Q" % matrix,
        )
    )


def box_of(widget: Dictionary) -> Box:
    """The widget's rectangle."""
    x0, y0, x1, y1 = parse_numbers(widget[b"/Rect"])
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def signature_box(original: Original, widget: Dictionary) -> Box:
    """Where a signatory's picture is drawn; its whole field where there is none of ours."""
    field = box_of(widget)
    try:
        picture = widget
        for key in (b"/AP", b"/N", b"/Resources", b"/XObject", PICTURE):
            picture = original.dictionary(picture[key])
        _, _, width, height = parse_numbers(picture[b"/BBox"])
    except (KeyError, ValueError):
        return field
    scale = min(1.0, field.width / width, field.height / height)
    x, y = field.centre
    half_width, half_height = width * scale / 2, height * scale / 2
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)


def nearest_signature(
    original: Original, fields: Mapping[str, Dictionary], seal: Dictionary
) -> Box | None:
    """Where the signatory's picture is drawn that lies nearest to the seal on the same page."""
    x, y = box_of(seal).centre
    boxes = [
        signature_box(original, widget)
        for name, widget in fields.items()
        if (parts := signature_name(name)) is not None
        and not parts.is_seal
        and widget.get(b"/P") == seal.get(b"/P")
    ]
    return min(boxes, key=lambda box: hypot(box.centre[0] - x, box.centre[1] - y), default=None)
