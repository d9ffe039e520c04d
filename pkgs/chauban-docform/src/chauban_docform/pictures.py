"""Demonstration pictures of a signature and of a seal, as PL I II.7 and II.8 describe them.

A real office uploads pictures of its own; a seal made here says that it is a specimen.
"""

from chauban_docform.compiling import compile_template
from chauban_docform.fonts import SCRIPT

PIXELS_PER_INCH = 300
SPECIMEN = "DẤU MẪU"


def signature_image(full_name: str, *, width_mm: float = 50.0, height_mm: float = 24.0) -> bytes:
    """Return a PNG of a name as if signed by hand: blue, transparent background (PL I II.7.d).

    Raises:
        UnsupportedCharacters: the script typeface has no glyph for a character of the name.
    """
    data = {"name": " ".join(full_name.split()), "width_mm": width_mm, "height_mm": height_mm}
    return compile_template("signature.typ", data, faces=SCRIPT, format="png", ppi=PIXELS_PER_INCH)


def seal_image(body_name: str, *, diameter_mm: float = 36.0, note: str = SPECIMEN) -> bytes:
    """Return a PNG of a round seal: red, real size, transparent background (PL I II.8)."""
    data = {"body_name": body_name.upper(), "note": note, "diameter_mm": diameter_mm}
    return compile_template("seal.typ", data, format="png", ppi=PIXELS_PER_INCH)
