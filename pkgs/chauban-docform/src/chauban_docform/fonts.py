"""The vendored typefaces and the characters they can show."""

import struct
from functools import cache
from importlib.resources import files
from pathlib import Path
from unicodedata import category

FONT_FOLDER = Path(str(files("chauban_docform"))) / "fonts"
SERIF = tuple(
    FONT_FOLDER / f"LiberationSerif-{style}.ttf"
    for style in ("Regular", "Bold", "Italic", "BoldItalic")
)
# Unicode general categories: controls, formats, line and paragraph separators.
INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp"})
SCRIPT = (FONT_FOLDER / "DancingScript.ttf",)


@cache
def characters_of(faces: tuple[Path, ...]) -> frozenset[int]:
    """Return the code points that every one of these faces can show."""
    return frozenset.intersection(*(mapped_characters(face.read_bytes()) for face in faces))


def unsupported_characters(text: str, faces: tuple[Path, ...]) -> str:
    """Return the characters of text that cannot be seen, each once, in order of appearance.

    Those are characters without a glyph, and controls of direction and width, with which two
    different texts would look alike.
    """
    supported = characters_of(faces)
    unseen = (c for c in text if ord(c) not in supported or category(c) in INVISIBLE)
    return "".join(dict.fromkeys(unseen))


def mapped_characters(font: bytes) -> frozenset[int]:
    """Return the code points in a TrueType font's Unicode BMP table (OpenType cmap, format 4)."""
    cmap = table_offset(font, b"cmap")
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    for index in range(count):
        platform, encoding, offset = struct.unpack_from(">HHL", font, cmap + 4 + 8 * index)
        if (platform, encoding) == (3, 1):
            return frozenset(format_4_characters(font, cmap + offset))
    return frozenset()


def table_offset(font: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, 4)
    for index in range(count):
        name, _, offset, _ = struct.unpack_from(">4sLLL", font, 12 + 16 * index)
        if name == tag:
            return int(offset)
    return 0


def format_4_characters(font: bytes, start: int) -> list[int]:
    (double_segments,) = struct.unpack_from(">H", font, start + 6)
    shape = f">{double_segments // 2}H"
    last, first, delta, offset = (
        struct.unpack_from(shape, font, start + 14 + 2 * (n > 0) + n * double_segments)
        for n in range(4)
    )
    offsets_at = start + 16 + 3 * double_segments
    found = []
    for segment, (low, high) in enumerate(zip(first, last, strict=True)):
        for character in range(low, high + 1):
            glyph = character
            if offset[segment]:
                position = offsets_at + 2 * segment + offset[segment] + 2 * (character - low)
                (glyph,) = (
                    struct.unpack_from(">H", font, position) if position < len(font) else (0,)
                )
                if glyph == 0:
                    continue
            if (glyph + delta[segment]) % 0x10000:
                found.append(character)
    return found
