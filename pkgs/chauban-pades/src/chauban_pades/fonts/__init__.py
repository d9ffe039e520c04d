"""The font programs that are embedded in documents, and their measures.

Liberation Serif 2.1.5, metric equal of Times New Roman (PL I I.3), cut down to the glyphs
needed; see LICENSE-OFL.txt. Measures are in thousandths of the em.
"""

import json
import zlib
from functools import cache
from importlib.resources import files

ASCENT, DESCENT = 891, 216
LINE = ASCENT + DESCENT
DIGIT_WIDTH = 500
"""Every digit of Liberation Serif, upright and italic, is half an em wide."""

_CAP_HEIGHT = 655
_UPRIGHT_FLAGS = 2 + 32  # serif, non-symbolic: ISO 32000-1 Table 123
_SYMBOLIC_FLAGS = 2 + 4
_ITALIC_FLAG = 64


@cache
def font_program(name: str) -> bytes:
    """A TrueType font program of this folder, compressed with Flate."""
    return zlib.compress(files(__package__).joinpath(f"{name}.ttf").read_bytes(), 9)


@cache
def font_program_length(name: str) -> int:
    """Length of the font program before compression, in bytes (/Length1)."""
    return len(zlib.decompress(font_program(name)))


@cache
def glyphs(name: str) -> dict[str, tuple[int, int]]:
    """Glyph index and width per character of a font with Vietnamese letters."""
    table = json.loads(files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return {character: (index, width) for character, (index, width) in table.items()}


def descriptor_entries(base_font: bytes, *, italic: bool, symbolic: bool) -> bytes:
    """A font descriptor without its /FontFile2 (ISO 32000-1 clause 9.8)."""
    flags = (_SYMBOLIC_FLAGS if symbolic else _UPRIGHT_FLAGS) + (_ITALIC_FLAG if italic else 0)
    return (
        b"/Type /FontDescriptor /FontName /%b /Flags %d /FontBBox [-234 -216 1007 905] "
        b"/ItalicAngle %d /Ascent %d /Descent %d /CapHeight %d /StemV 80"
        % (base_font, flags, -16 if italic else 0, ASCENT, -DESCENT, _CAP_HEIGHT)
    )
