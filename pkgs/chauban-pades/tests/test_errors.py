"""Every refusal can be shown to a person: what happened, and what to do next."""

import inspect
import string
from datetime import UTC, datetime

import pytest

from chauban_pades import PAdESError, reason_for
from chauban_pades import errors as module

LEAVES = [
    leaf
    for _, leaf in inspect.getmembers(module, inspect.isclass)
    if issubclass(leaf, PAdESError) and leaf is not PAdESError
]
FACTS = {
    "at": datetime(2026, 11, 23, tzinfo=UTC),
    "needed": 9000,
    "room": 8000,
    "size_mm": 36.0,
}


def made(leaf: type[PAdESError]) -> PAdESError:
    """An error with something for each of its facts."""
    names = list(inspect.signature(leaf).parameters.values())
    positional = [
        FACTS.get(each.name, each.name) for each in names if each.kind is not each.KEYWORD_ONLY
    ]
    keywords = {
        each.name: FACTS.get(each.name, each.name)
        for each in names
        if each.kind is each.KEYWORD_ONLY
    }
    return leaf(*positional, **keywords)


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_each_error_speaks_vietnamese_and_english_with_its_facts(leaf):
    reason = reason_for(made(leaf))
    assert reason.code == leaf.code
    assert str(made(leaf)) == reason.en
    assert set(reason.vi) - set(string.printable), "tone marks"
    for text in (reason.vi, reason.en):
        assert text.endswith(".")
        assert "{" not in text
    for step, whole in ((reason.next_vi, reason.vi), (reason.next_en, reason.en)):
        assert step != whole, "what happened, and what to do next"


def test_no_two_errors_share_a_code():
    codes = [leaf.code for leaf in LEAVES]
    assert len(set(codes)) == len(codes) > 20
