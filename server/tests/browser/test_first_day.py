"""docs/first-day.md is followed to the letter: each step by its own account, in its own words."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.conftest import Visiting
from tests.browser.visitor import Visitor

PAGE = Path(__file__).resolve().parents[3] / "docs" / "first-day.md"
STEP = re.compile(r"^(\d+)\. [^(\n]+\(`([\w.-]+)`\)(.+)$", re.MULTILINE)
ACT = re.compile(r"(mở|bấm|chọn|gõ|đánh dấu|thấy) \*\*(.+?)\*\*(?:: `([^`]+)`)?")


@dataclass(frozen=True)
class Step:
    number: int
    username: str
    acts: tuple[tuple[str, str, str], ...]


def steps() -> list[Step]:
    found = STEP.findall(PAGE.read_text("utf-8"))
    return [Step(int(n), username, tuple(ACT.findall(said))) for n, username, said in found]


def test_the_page_names_who_does_what_in_every_step() -> None:
    found = steps()
    assert [one.number for one in found] == list(range(1, 15))
    assert all(one.acts for one in found)
    text = PAGE.read_text("utf-8")
    assert text.count("**") // 2 - 1 == sum(len(one.acts) for one in found)


def test_a_first_time_user_gets_from_a_draft_to_its_answer(visitor: Visiting) -> None:
    people: dict[str, Visitor] = {}
    for step in steps():
        person = people.get(step.username) or visitor(step.username)
        people[step.username] = person.open("/")
        for verb, words, value in step.acts:
            try:
                _do(person, verb, words, value)
            except Exception as failure:
                pytest.fail(f"step {step.number}, {verb} “{words}”: {failure}\n{person.text()}")


def _do(person: Visitor, verb: str, words: str, value: str) -> None:
    match verb:
        case "mở":
            person.wait_until(lambda page: page.found("link", words, exact=False).count() > 0)
            person.follow(words, exact=False)
        case "bấm":
            person.wait_until(lambda page: page.found("button", words).count() > 0)
            person.press(words)
        case "chọn":
            person.choose(words, value)
        case "gõ":
            person.fill(words, value)
        case "đánh dấu":
            person.check(words)
        case "thấy":
            person.wait_until(lambda page: words in page.text())
