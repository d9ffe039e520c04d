"""Make the small font programs that the package embeds in documents.

Run once by hand when the letters change, with fonttools and the four Liberation Serif
2.1.5 files (Debian package fonts-liberation2) at hand::

    python fonts/make_subset.py FOLDER_WITH_TTF src/chauban_pades/fonts

Writes, without hints and without the tables that a PDF reader does not use:

- ``serif-digits-regular.ttf``, ``serif-digits-italic.ttf``: 0 to 9, for number and date;
- ``serif-vietnamese-regular.ttf`` and ``serif-vietnamese-regular.json``: Latin letters with
  all Vietnamese letters, for the text of an attachment's signature; the JSON gives, per
  character, glyph index and width in thousandths of the em.

The name table is dropped, so no file here goes by the reserved font name (OFL 1.1 clause 3).
"""

import json
import string
import sys
import unicodedata
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
VOWELS = "aăâeêioôơuưy"
PUNCTUATION = "\u00a0–—‘’“”…·°§№"


def vietnamese_letters() -> str:
    """All precomposed Vietnamese letters (TCVN 6909:2001), lower and upper case."""
    lower = [unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES]
    lower.append("đ")
    return "".join(lower) + "".join(lower).upper()


def subset(source: Path, letters: str) -> TTFont:
    """The font with only those letters, and only the tables that PDF embedding needs."""
    options = Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.legacy_cmap = False
    options.drop_tables += ["name", "OS/2", "GDEF", "GPOS", "GSUB", "gasp", "FFTM", "DSIG"]
    font = TTFont(source, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[ord(letter) for letter in letters])
    subsetter.subset(font)
    for table in ("name", "OS/2"):
        if table in font:
            del font[table]
    return font


def glyph_table(font: TTFont) -> dict[str, list[int]]:
    """Glyph index and width (thousandths of the em) of each character, in code order."""
    units = font["head"].unitsPerEm
    return {
        chr(code): [font.getGlyphID(name), round(font["hmtx"][name][0] * 1000 / units)]
        for code, name in sorted(font.getBestCmap().items())
    }


def main(source: Path, target: Path) -> None:
    for style in ("Regular", "Italic"):
        digits = subset(source / f"LiberationSerif-{style}.ttf", string.digits)
        digits.save(target / f"serif-digits-{style.lower()}.ttf")
    letters = "".join(map(chr, range(0x20, 0x7F))) + vietnamese_letters() + PUNCTUATION
    text = subset(source / "LiberationSerif-Regular.ttf", letters)
    text.save(target / "serif-vietnamese-regular.ttf")
    (target / "serif-vietnamese-regular.json").write_text(
        json.dumps(glyph_table(text), ensure_ascii=False, indent=0) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
