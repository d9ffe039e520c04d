"""Words on the grounds that the style sheets give them (WCAG 2.2, 1.4.3), states of a moment too.

axe sees a page at rest; what a pointer, a press or a key changes it does not see.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chauban import ui

STATIC = Path(ui.__file__).parent / "static" / "ui"
OF_WORDS = 4.5
THEMES = ("light", "dark")
TOKEN = re.compile(r"--([\w-]+):\s*(?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}))\s*;")
RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")
GROUND = re.compile(r"(?:^|;)\s*background: var\(--([\w-]+)\)")
WORDS = re.compile(r"(?:^|;)\s*color: var\(--([\w-]+)\)")


def tokens() -> dict[str, tuple[str, str]]:
    """By name, the colour in the light and in the dark."""
    found = TOKEN.findall((STATIC / "tokens.css").read_text())
    return {name: (light or both, dark or both) for name, light, dark, both in found}


def pairs() -> Iterator[tuple[str, str, str]]:
    """(selector, ground, words) of each rule that sets both."""
    for sheet in sorted(STATIC.glob("*.css")):
        for selector, declarations in RULE.findall(sheet.read_text()):
            ground, words = GROUND.search(declarations), WORDS.search(declarations)
            if ground and words:
                yield " ".join(selector.split()), ground[1], words[1]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_the_widest_contrast():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
def test_words_stand_out_from_their_ground_in_every_state(theme):
    colours = {name: of[THEMES.index(theme)] for name, of in tokens().items()}
    known = [(selector, ground, words) for selector, ground, words in pairs() if ground in colours]
    assert any(":hover" in selector for selector, _, _ in known)
    faint = {
        f"{selector}: {words} on {ground}": round(contrast(colours[words], colours[ground]), 2)
        for selector, ground, words in known
        if contrast(colours[words], colours[ground]) < OF_WORDS
    }
    assert faint == {}
