"""The documents name only what exists, and every decision is in the index."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_matrix_of_requirements_names_tests_that_exist():
    text = (DOCS / "requirements.md").read_text("utf-8")
    named = re.findall(r"`((?:server|pkgs)/[^`]+)`", text)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_matrix_of_requirements_names_modules_that_exist():
    text = (DOCS / "requirements.md").read_text("utf-8")
    named = set(re.findall(r"`((?!server/|pkgs/)[a-z_*]+(?:/[a-z_]+)*\.py)`", text))
    assert len(named) > 30
    homes = (ROOT / "server" / "chauban", *(ROOT / "pkgs").glob("*/src"))
    assert [one for one in named if not any(any(home.glob(one)) for home in homes)] == []


def test_the_index_of_decisions_lists_every_one():
    index = (DOCS / "adr" / "README.md").read_text("utf-8")
    assert [
        decision.name for decision in DOCS.glob("adr/0*.md") if f"({decision.name})" not in index
    ] == []
