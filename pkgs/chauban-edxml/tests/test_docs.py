"""docs/edxml.md names only what exists, and leaves out no element, code or dialect."""

import importlib
import re
from pathlib import Path

import pytest

from chauban_edxml import errors, json_form
from chauban_edxml.errors import EdXMLError
from chauban_edxml.findings import _SECTIONS
from chauban_edxml.json_mapping import _NAMES

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "edxml.md"

pytestmark = pytest.mark.skipif(
    not PAGE.exists(), reason="the package stands alone, without the documents"
)


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text("utf-8")


def test_every_test_it_names_exists(text):
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", text)
    assert len(named) > 60
    for file, test in named:
        assert f"def {test}(" in (HERE / file).read_text("utf-8"), (file, test)


def test_every_function_and_class_it_names_exists(text):
    named = re.findall(r"`([a-z_0-9]+)\.([A-Za-z_]\w*)(?:\.\w+)?`", text)
    named = [each for each in named if each[1] != "py"]
    assert len(named) > 40
    for module, name in named:
        assert hasattr(importlib.import_module(f"chauban_edxml.{module}"), name), (module, name)


def test_every_element_of_the_wire_is_in_it(text):
    assert [name for name in _NAMES if not re.search(rf"\b{name}\b", text)] == []


def test_every_refusal_and_remark_is_in_it_under_its_section(text):
    for code, section in _SECTIONS.items():
        assert re.search(rf"^\| .*`{code}`.* \| {re.escape(section)} \|$", text, re.MULTILINE), code
    for kind in (*vars(errors).values(), *vars(json_form).values()):
        is_leaf = isinstance(kind, type) and issubclass(kind, EdXMLError)
        if is_leaf and kind not in (EdXMLError, errors.NotReadable, errors.NotWritable):
            row = rf"^\| .*`{kind.__name__}`.* \| {re.escape(kind.section)} \|"
            assert re.search(row, text, re.MULTILINE), kind.__name__


def test_every_section_that_the_code_names_is_a_heading(text):
    headings = set(re.findall(r"^#+ ([0-9.]+) ", text, re.MULTILINE))
    assert set(_SECTIONS.values()) <= headings
    assert {kind.section for kind in EdXMLError.__subclasses__()} <= headings
