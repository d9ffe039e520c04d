"""Vietnamese is the source, English the first translation, and neither has holes."""

import ast
import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

import chauban

PACKAGE = Path(chauban.__path__[0])
CATALOGUE = PACKAGE / "config" / "locale" / "en" / "LC_MESSAGES" / "django.mo"
MARKS = {"_", "gettext", "gettext_lazy"}
TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))
MODULES = sorted(PACKAGE.glob("*/*.py"))
CALL = re.compile(
    r"""\bn?gettext\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|\b_\(("(?:[^"\\]|\\.)*")\)"""
)
VIETNAMESE = re.compile(
    "[ăâđêôơưàằầèềìòồờùừỳảẳẩẻểỉỏổởủửỷãẵẫẽễĩõỗỡũữỹáắấéếíóốớúứýạặậẹệịọộợụựỵ]", re.IGNORECASE
)
TRANSLATED = re.compile(
    r"{% comment %}.*?{% endcomment %}|{% translate .*?%}|_\(\"[^\"]*\"\)"
    r"|{% blocktranslate.*?{% endblocktranslate %}",
    re.DOTALL,
)
PROPER_NAMES = ("Châu Bản", "Tiếng Việt")  # the product; a language named in itself


def words_in_template(path: Path) -> set[str]:
    found = CALL.findall(templatize(path.read_text("utf-8")))
    return {ast.literal_eval(first or second) for first, second in found}


def words_in_module(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in MARKS
        and isinstance(node.args[0], ast.Constant)
    }


@pytest.fixture(scope="module")
def english() -> GNUTranslations:
    with CATALOGUE.open("rb") as file:
        return GNUTranslations(file)


def test_every_word_on_the_screen_has_its_english(english):
    marked = {word for path in TEMPLATES for word in words_in_template(path)}
    marked |= {word for path in MODULES for word in words_in_module(path)}
    assert len(marked) > 400
    known = {key[0] if isinstance(key, tuple) else key for key in english._catalog}
    assert not sorted(marked - known), "run `make messages`, then translate"


def test_no_english_is_left_in_vietnamese(english):
    """A translation that is the source again was forgotten; names of laws stay as they are."""
    same = {key for key, words in english._catalog.items() if key and key == words}
    assert same == {"QĐ 20/2020/QĐ-TTg"}


def test_translations_keep_the_places_for_names_and_numbers(english):
    places = re.compile(r"%\(\w+\)s")
    for key, words in english._catalog.items():
        source = key[0] if isinstance(key, tuple) else key
        assert set(places.findall(source)) == set(places.findall(words)) or not source, source


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_template_has_no_words_that_cannot_be_translated(path):
    left = TRANSLATED.sub("", path.read_text("utf-8"))
    for name in PROPER_NAMES:
        left = left.replace(name, "")
    assert not VIETNAMESE.findall(left), [
        line for line in left.split("\n") if VIETNAMESE.search(line)
    ]
