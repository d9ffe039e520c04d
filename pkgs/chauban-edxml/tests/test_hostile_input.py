"""Whatever stands in the bytes, reading gives a message or one of our refusals."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chauban_edxml import EdXMLError, read

FOLDERS = (
    Path(__file__).resolve().parents[3] / "vectors" / "edxml",
    Path(__file__).resolve().parents[4] / "shared" / "reference" / "edxml-samples",
)


def small_messages() -> Iterator[bytes]:
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*.edxml")):
            if path.stat().st_size < 10_000:
                yield path.read_bytes()


MESSAGES = list(small_messages())
PIECES = [
    b"", b"<", b">", b"&", b"</", b"<!--", b"]]>", b"<![CDATA[", b"\x00", b"\xff", b'"', b"=",
    b"edXML:", b"xmlns=", b"null", b"99999999999999999999", b"-1", b"&#0;", b"&#x110000;",
    b"PK\x03\x04", b"UEsDB", b"<x>" * 50, b"\xef\xbb\xbf", "Tối mật".encode(), b"<?xml?>",
    b"<edXML:StatusCode>03</edXML:StatusCode>", b"<edXML:Code><edXML:Code>",
]  # fmt: skip


@given(st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mutated_message_is_read_or_refused(data):
    message = bytearray(data.draw(st.sampled_from(MESSAGES)))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(message)))
        length = data.draw(st.integers(0, 60))
        message[start : start + length] = data.draw(st.sampled_from(PIECES) | st.binary(max_size=8))
    assert all(words for words in words_on(bytes(message)))


def words_on(data: bytes) -> list[str]:
    """Return what a clerk would be told about data, in both languages."""
    try:
        remarks = read(data).warnings
    except EdXMLError as refusal:
        return [refusal.vi, refusal.en]
    return [words for remark in remarks for words in (remark.vi, remark.en)]


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data):
    with pytest.raises(EdXMLError):
        read(data)


@pytest.mark.parametrize("message", MESSAGES[::4])
def test_a_message_cut_anywhere_is_refused(message):
    end = message.rindex(b">")
    for at in range(0, end, 97):
        with pytest.raises(EdXMLError):
            read(message[:at])
