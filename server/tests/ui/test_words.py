"""Vietnamese is the source, English the first translation, and neither has holes."""

import ast
import re
from gettext import GNUTranslations
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

import chauban

PACKAGE = Path(chauban.__path__[0])
CATALOGUE = PACKAGE / "config" / "locale" / "en" / "LC_MESSAGES" / "django.mo"
MARKS = {"_", "gettext", "gettext_lazy"}
TEMPLATES = sorted(PACKAGE.glob("**/templates/**/*.html"))
MODULES = sorted(PACKAGE.glob("*/**/*.py"))
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
# The product; a language named in itself; where a map comes from; a browser; the word on the stamp
# of arrival (PL IV.V).
PROPER_NAMES = (
    "Châu Bản", "Tiếng Việt", "Natural Earth", "vietnamadminunits", "Cốc Cốc", "ĐẾN",
)  # fmt: skip


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


class Bare(HTMLParser):
    """The words of a page's source that stand there as they are, between tags and in attributes."""

    SPOKEN = ("aria-label", "aria-description", "title", "placeholder", "alt", "label")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.words += [
            value for name, value in attrs if value and (name in self.SPOKEN or "data-" in name)
        ]

    def handle_data(self, data):
        self.words.append(data)


# What is the same in every language: names, keys of the keyboard, files, measures.
ALIKE = re.compile(
    r"SHA-256|Ctrl|Esc|English|[a-z_/]+\.(html|css)|chauban__|\d+/TB-UBND|TB-UBND|TM\.|PDF|CSV|SVG|PNG"
)
_WORD = re.compile(r"[^\W\d_]{2}")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_said_in_a_template_but_through_translation(path):
    """English words and words without tone marks too, in labels and titles as in texts."""
    bare = re.sub(r"{%.*?%}|{{.*?}}|<!--.*?-->", "", TRANSLATED.sub("", path.read_text("utf-8")))
    for name in PROPER_NAMES:
        bare = bare.replace(name, "")
    said = [ALIKE.sub("", words) for words in Bare(bare).words if not _is_address(words)]
    assert not [words for words in said if _WORD.search(words)]


def _is_address(words: str) -> bool:
    """A value for a script, no words: an address, a key, the name of something."""
    return bool(re.fullmatch(r"[\w:/.?=&#-]*", words)) and words == words.lower()


# Modules whose Vietnamese is not a word of a page, or has its English beside it.
VIETNAMESE_BY_NATURE = {
    "words.py", "errors.py", "apps.py",  # tables of both languages; names of apps
    "cli", "bench", "config", "migrations",  # said in both languages at once, or never shown
    "hue.py", "hue_staff.py", "demo.py", "examples.py", "material.py",  # the demo's data
    "matching.py", "rules.py",  # letters and marks that are looked for
    "printing.py", "postal.py",  # books of the decree, kept in Vietnamese
}  # fmt: skip
# Written into documents, messages and registers, or given as `vi` beside its `en`.
WRITTEN = {
    "accounts/changing/beginning.py", "office/administering/specimens.py",
    "office/pictures/drawing.py", "office/pictures/outlines.py",
    "accounts/changing/people.py", "api/interface.py", "axis/operating.py",
    "exchange/actions.py", "exchange/adapters/accounts.py", "exchange/adapters/bkav.py",
    "exchange/adapters/e_doc_v1.py", "exchange/adapters/error_numbers.py",
    "exchange/addressing.py", "exchange/assessing.py", "exchange/composing.py",
    "exchange/passing_rules.py", "exchange/ports.py", "exchange/reading.py",
    "exchange/recipients.py", "api/resources/registers.py",
    "registers/numbering.py", "registers/standing.py", "trust/presenting.py",
    "workflow/local_program.py", "workflow/telephone.py", "workflow/views.py",
}  # fmt: skip


def unmarked(path: Path) -> list[str]:
    """Vietnamese in a module that neither gettext nor `Words` carries; docstrings apart."""
    tree = ast.parse(path.read_text("utf-8"))
    carried = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in MARKS | {"ngettext", "Words"}
        for part in ast.walk(node)
    }
    carried |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in carried
        and node.value not in PROPER_NAMES
        and VIETNAMESE.search(node.value)
    ]


def test_no_module_says_vietnamese_past_translation():
    said = {}
    for path in MODULES:
        name = path.relative_to(PACKAGE)
        if set(name.parts) & VIETNAMESE_BY_NATURE or str(name) in WRITTEN:
            continue
        if words := unmarked(path):
            said[str(name)] = words
    assert not said


def test_every_exception_is_still_one():
    """A module that has lost its Vietnamese leaves the list."""
    assert [name for name in sorted(WRITTEN) if not unmarked(PACKAGE / name)] == []


SCRIPTS = sorted(
    path
    for path in PACKAGE.glob("*/static/**/*.*js")
    if "vendor" not in path.parts and path.suffix in (".js", ".mjs")
)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_takes_its_words_from_the_page(path):
    """What a script shows stands in the template, translated, as an attribute or a template."""
    source = re.sub(r"(?m)(^|\s)//.*$|/\*.*?\*/", "", path.read_text("utf-8"))
    said = [a or b or c for a, b, c in re.findall(r"'([^'\n]*)'|\"([^\"\n]*)\"|`([^`]*)`", source)]
    assert not [words for words in said if VIETNAMESE.search(words)]
    assert not [words for words in said if re.search(r"[A-Z][a-z]+ [a-z]+ ", words)]
