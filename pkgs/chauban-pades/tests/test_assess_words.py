"""Every code that an assessment can give has its words, in both languages, with what to do next."""

import re
from pathlib import Path

import pytest

import chauban_pades
from chauban_pades import comparing, whereabouts, words
from chauban_pki.reasons import Reason

SOURCES = [path.read_text("utf-8") for path in Path(chauban_pades.__file__).parent.glob("*.py")]
VIETNAMESE = re.compile("[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]")

NEXT_STEP_VI = re.compile("Đề nghị|Không sử dụng|Kiểm tra|Chọn|Giữ|Xác minh|Văn thư ")
NEXT_STEP_EN = re.compile("Ask|Do not use|Check|Give|Keep|The clerk (compares|looks)")


def codes_in(pattern: str) -> set[str]:
    return {code for source in SOURCES for code in re.findall(pattern, source)}


def test_every_reason_that_is_given_has_words() -> None:
    given = codes_in(r'(?:Unreadable|SignatureMalformed|unreadable|(?<![_\w])reason)\("([a-z-]+)"')
    assert len(given) > 20
    assert given <= set(words.REASONS)


def test_every_reason_that_has_words_is_given() -> None:
    text = "".join(SOURCES)
    unused = {code for code in words.REASONS if text.count(f'"{code}"') < 2}
    assert unused == set()


def test_every_change_has_words() -> None:
    given = codes_in(r'(?:_delta|Delta|Part)\("([a-z-]+)"')
    given |= codes_in(r'what = "([a-z]+-[a-z]+)"') | set(whereabouts._CATALOG_PARTS.values())
    given |= {
        value
        for name, value in vars(comparing).items()
        if name.isupper() and isinstance(value, str)
    }
    assert len(given) >= 25
    assert given <= set(words.CHANGES)


def test_every_change_that_has_words_is_named() -> None:
    text = "".join(SOURCES)
    unused = {code for code in words.CHANGES if text.count(f'"{code}"') < 2}
    assert unused == set()


@pytest.mark.parametrize("code", words.REASONS)
def test_a_reason_speaks_both_languages_and_names_its_clause(code: str) -> None:
    vi, en, clause = words.REASONS[code]
    assert VIETNAMESE.search(vi)
    assert not VIETNAMESE.search(en)
    assert clause
    assert vi.endswith(".")
    assert en.endswith(".")


@pytest.mark.parametrize("code", words.REASONS)
def test_a_reason_ends_with_what_to_do_next(code: str) -> None:
    given = Reason(code, *words.REASONS[code])
    assert NEXT_STEP_VI.match(given.next_vi), given.next_vi
    assert NEXT_STEP_EN.match(given.next_en), given.next_en
    assert given.next_vi != given.vi
    assert given.next_en != given.en
    assert "{" not in given.next_vi + given.next_en, "the step is the same whatever the facts"


@pytest.mark.parametrize("code", words.CHANGES)
def test_a_change_speaks_both_languages(code: str) -> None:
    change = words.change(code, revision=2, page=1, field="number", detail="x")
    assert VIETNAMESE.search(change.vi)
    assert not VIETNAMESE.search(change.en)
    assert "{" not in change.vi + change.en
