"""What is written plainly reads as qpdf reads it; what is not is left to qpdf."""

import pikepdf
import pytest

from chauban_pades.plain_objects import plain_text
from chauban_pades.views import View, referenced

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
