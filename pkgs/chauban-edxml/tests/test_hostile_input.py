"""Whatever stands in the bytes, reading gives a message or one of our refusals."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "edxml"
SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "reference" / "edxml-samples"
sys.path.insert(0, str(VECTORS))
properties = importlib.import_module("edxml_properties")
sys.path.remove(str(VECTORS))


def samples() -> Iterator[bytes]:
    for path in sorted(SAMPLES.rglob("*")):
        if path.is_file() and path.suffix != ".md" and path.stat().st_size < 10_000:
            form = {".edxml": b"x", ".xml": b"s"}.get(path.suffix, b"j")
            yield form + path.read_bytes()


MESSAGES = [*properties.seeds().values(), *samples()]
PIECES = [
    b"", b"<", b">", b"&", b"</", b"<!--", b"]]>", b"<![CDATA[", b"\x00", b"\xff", b'"', b"=",
    b"edXML:", b"xmlns=", b"null", b"99999999999999999999", b"-1", b"&#0;", b"&#x110000;",
    b"PK\x03\x04", b"UEsDB", b"<x>" * 50, b"\xef\xbb\xbf", "Tối mật".encode(), b"<?xml?>",
    b"<edXML:StatusCode>03</edXML:StatusCode>",
    b'<Khac xmlns="u:x">7</Khac>', b' la="1"', b"<edXML:Code><edXML:Code>",
]  # fmt: skip


@given(st.data())
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_a_mutated_message_is_read_or_refused_and_what_holds_for_any_holds(data):
    """In pieces it is the same, it has words, and what may be sent reads back."""
    message = bytearray(data.draw(st.sampled_from(MESSAGES)))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(message)))
        length = data.draw(st.integers(0, 60))
        message[start : start + length] = data.draw(st.sampled_from(PIECES) | st.binary(max_size=8))
    properties.require_properties(bytes(message))


@pytest.mark.parametrize("message", MESSAGES)
def test_what_holds_for_any_holds_for_each_vector_and_sample(message):
    properties.require_properties(message)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data):
    for form in properties.READERS:
        assert not properties.require_properties(form + data)


@pytest.mark.parametrize("message", [each for each in MESSAGES if each[:1] == b"x"][::4])
def test_a_message_cut_anywhere_is_refused(message):
    end = message.rindex(b">")
    for at in range(1, end, 97):
        assert not properties.require_properties(message[:at])
