"""pyHanko still needs the corrections that docs/upstream.md describes; one that does not may go."""

import importlib.util
import io
from datetime import datetime

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError, PdfStreamError
from pyhanko.pdf_utils.reader import PdfFileReader

from chauban_pades.pyhanko_corrections import read_hex_string
from chauban_pades.second_leg import assess_with_pyhanko
from chauban_pki.trust import Trust


@pytest.fixture(scope="module")
def plain() -> bytes:
    made = io.BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    document.save(made, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return made.getvalue()


@pytest.mark.parametrize(
    ("sound", "damaged", "error"),
    [
        (b" 00000 n", b"x00000 n", ValueError),
        (b"/Size", b"/SiZe", KeyError),
        (b"startxref\n", b"startxref\n-", ValueError),
    ],
    ids=["cross-reference line", "size", "offset"],
)
def test_pyhanko_raises_what_is_no_pdf_error(
    plain: bytes, now: datetime, sound: bytes, damaged: bytes, error: type[Exception]
) -> None:
    assert sound in plain
    broken = plain.replace(sound, damaged, 1)
    with pytest.raises(error) as raised:
        PdfFileReader(io.BytesIO(broken))
    assert not isinstance(raised.value, PdfError)
    report = assess_with_pyhanko(broken, trust=Trust(), at=now)
    assert [one.code for one in report.reasons] == ["second-leg-failed"]


def test_pyhanko_raises_on_a_signature_that_is_no_cms(signed: bytes) -> None:
    at = signed.index(b"/Contents <") + len(b"/Contents <")
    broken = signed[:at] + b"ff" * 8 + signed[at + 16 :]
    with pytest.raises(ValueError) as raised:  # noqa: PT011 (the parser has no error of its own)
        _ = PdfFileReader(io.BytesIO(broken)).embedded_signatures
    assert not isinstance(raised.value, PdfError)


class Counting(io.BytesIO):
    """How often it is read from."""

    reads = 0

    def read(self, size: int | None = -1) -> bytes:
        self.reads += 1
        return super().read(size)


def test_pyhanko_reads_a_hexadecimal_string_byte_by_byte() -> None:
    """Asked of a copy of its module, in which ours has put nothing."""
    spec = importlib.util.find_spec("pyhanko.pdf_utils.generic")
    assert spec
    assert spec.loader
    untouched = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(untouched)
    assert untouched.read_hex_string_from_stream is not read_hex_string
    text = b"<" + b"30" * 1000 + b">"
    theirs, ours = Counting(text), Counting(text)
    untouched.read_hex_string_from_stream(theirs)
    read_hex_string(ours)
    assert theirs.reads > 2000
    assert ours.reads < 4


@pytest.mark.parametrize("text", [b"<>", b"<41>", b"<4 1\n4>", b"<" + b"41" * 70_000 + b">"])
def test_the_corrected_reading_gives_what_the_slow_one_gave(text: bytes) -> None:
    """ISO 32000-1 clause 7.3.4.3: spaces do not count, a missing last digit is 0."""
    stream = io.BytesIO(text + b" /Next")
    read = read_hex_string(stream)
    digits = b"".join(text[1:-1].split())
    expected = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    assert read.original_bytes == expected
    assert stream.read() == b" /Next"
    assert generic.read_hex_string_from_stream is read_hex_string


@pytest.mark.parametrize("text", [b"<41", b"<4g>"])
def test_the_corrected_reading_refuses_what_is_no_such_string(text: bytes) -> None:
    with pytest.raises(PdfStreamError):
        read_hex_string(io.BytesIO(text))
