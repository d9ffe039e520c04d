"""What is written plainly reads as qpdf reads it; what is not is left to qpdf."""

import pikepdf
import pytest

from chauban_pades.dictionaries import HAS_SOUND_PATTERNS
from chauban_pades.plain_objects import plain_entries, plain_text, plain_tokens
from chauban_pades.views import View, referenced

pytestmark = pytest.mark.skipif(
    not HAS_SOUND_PATTERNS, reason="all is left to qpdf before Python 3.11.5 (cpython#106052)"
)

PLAIN = b"7 0 obj\n<< /Type /Page /Kids [ 3 0 R ] /A << /Type /B >> /N (R) /X <0a> >>\nendobj\n"
STREAM = b"7 0 obj\n<< /Length 5 >>\nstream\nabcde\nendstream\nendobj\n"


def test_every_plain_object_of_a_letter_points_where_qpdf_says(sealed_lt: bytes) -> None:
    view = View(sealed_lt, len(sealed_lt))
    texts = {
        number: plain_text(sealed_lt, place.where, number, place.generation)
        for number, place in view.places.items()
    }
    plain = {number: text for number, text in texts.items() if text is not None}
    assert len(plain) > 0.9 * len(texts)
    for number, text in plain.items():
        value = view.object(number)
        if isinstance(value, pikepdf.Stream):
            value = value.stream_dict
        assert referenced(text) == referenced(value.unparse(resolved=True))


@pytest.mark.parametrize("written", [PLAIN, STREAM])
def test_a_plain_object_is_its_value_of_a_stream_the_dictionary(written: bytes) -> None:
    text = plain_text(b"%PDF" + written, 4, 7, 0)
    assert text is not None
    assert text.startswith(b"<<")
    assert text.endswith(b">>")
    assert text in written


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"7 0 obj", b"8 0 obj"),
        (b"7 0 obj", b"7 1 obj"),
        (b"3 0 R", b"3 %\n 0 R"),
        (b"3 0 R", b"3  0 R"),
        (b"/Kids", b"/K#69ds"),
        (b"/B", b"/B /Type /C"),
        (b"/N", b"/Kids"),
        (b"/B", b"/B\x0b9\x0b0\x0bR"),
        (b"(R)", b"(R"),
        (b"(R)", b"((R))"),
        (b"(R)", b"[[[[[1]]]]]"),
        (b"<0a>", b"<0g>"),
        (b"<0a>", b"true1"),
        (b">>\nendobj", b"]\nendobj"),
        (b">>\nendobj", b">>\nend"),
    ],
)
def test_an_object_that_departs_in_one_thing_is_left_to_qpdf(before: bytes, after: bytes) -> None:
    changed = PLAIN.replace(before, after, 1)
    assert changed != PLAIN
    assert plain_text(changed, 0, 7, 0) is None
    assert plain_entries(changed, 0, 7) is None


def test_among_the_tokens_of_an_object_is_all_that_qpdf_finds_it_to_point_at(
    sealed_lt: bytes,
) -> None:
    view = View(sealed_lt, len(sealed_lt))
    for number, place in view.places.items():
        tokens = plain_tokens(sealed_lt, place.where, number, place.generation)
        assert tokens is not None
        value = view.object(number)
        if isinstance(value, pikepdf.Stream):
            value = value.stream_dict
        assert referenced(tokens) == referenced(value.unparse(resolved=True))
    assert view.may_be_pointed_at(view.places) >= {
        number for each in view.places for number in view.references(each)
    }


def test_of_a_key_that_stands_twice_both_values_are_among_the_tokens() -> None:
    twice = PLAIN.replace(b"/N (R)", b"/Kids [ 4 0 R ]")
    assert referenced(plain_tokens(twice, 0, 7, 0) or b"") == {3, 4}


# A reference that a pattern does not find could point at what comes to be after signing.
@pytest.mark.parametrize(
    "hidden",
    [
        b"9  0 R",
        b"9\n0 R",
        b"9 0\tR",
        b"9 %\n0 R",
        b"+9 0 R",
        b"/B\x0b9\x0b0\x0bR",
        b"/B\x0b9 0 R",
        b"/#42 9 0 R",
        b"(\\)) (() 9 0 R",
        b"9 0 R1",
    ],
)
def test_an_object_with_a_reference_that_may_be_hidden_is_left_to_qpdf(hidden: bytes) -> None:
    assert plain_tokens(PLAIN.replace(b"3 0 R", b"9 0 R"), 0, 7, 0) is not None
    assert plain_tokens(PLAIN.replace(b"3 0 R", hidden), 0, 7, 0) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"/Length 5", b"/Length 4"),
        (b"/Length 5", b"/Length 50"),
        (b"/Length 5", b"/Length 5 0 R"),
        (b"/Length 5", b""),
        (b"stream\nabcde", b"stream abcde"),
        (b"endstream", b"endstrea"),
    ],
)
def test_a_stream_without_a_plain_length_is_left_to_qpdf(before: bytes, after: bytes) -> None:
    changed = STREAM.replace(before, after, 1)
    assert changed != STREAM
    assert plain_text(changed, 0, 7, 0) is None
