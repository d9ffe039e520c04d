"""Finds the signatures in a PDF and the bytes that each covers, strictly.

A signature's byte range must be exactly one revision save its own hexadecimal contents. ISO
32000-1 clauses 12.7.3 (fields) and 12.8.1 (signatures); ETSI EN 319 142-1 clause 5.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

from .errors import PAdESError
from .reading import History, Revision
from .sections import ends_revision
from .views import Field

MAX_SIGNATURES = 100


class SignatureMalformed(PAdESError):
    """A signature breaks ISO 32000-1 clause 12.8; `why` is the reason's code in words.py."""

    code = "signature-malformed"
    words_vi = "Chữ ký số trong tệp PDF sai cấu trúc ({detail}). Không sử dụng văn bản này."
    words_en = "A signature in the PDF is malformed ({detail}). Do not use the document."

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(detail=detail or why)
        self.why, self.detail = why, detail


@dataclass(frozen=True)
class Signature:
    """A signature dictionary whose byte range is exactly one revision save its contents."""

    object_number: int
    revision: int
    contents: bytes
    gap: tuple[int, int]
    end: int
    sub_filter: str
    is_timestamp: bool
    claimed_time: str | None


def read_signature(history: History, field: Field) -> Signature:
    """The signature in a field, its byte range being exactly one revision save its contents.

    Raises:
        SignatureMalformed: a missing or wrong /ByteRange or /Contents, bytes left out that are
            not the contents, an end that is no revision's end (ISO 32000-1 clause 12.8.1;
            ETSI EN 319 142-1 clause 5.1).
    """
    value = field.value
    if not isinstance(value, pikepdf.Dictionary):
        raise SignatureMalformed("signature-dictionary-missing")
    start, end = _gap(value)
    contents = _contents(history.pdf, value, start, end)
    covered = _range_end(value)
    revision = _revision_ending_at(history, covered)
    if start < history.end_before(revision.number):
        raise SignatureMalformed("byte-range-wrong", "the contents stand in an earlier revision")
    number = value.objgen[0]
    place = history.newest.places.get(number)
    if place and not (not place.is_in_stream and place.where < start < end < revision.end):
        raise SignatureMalformed("byte-range-wrong", "the gap is outside the signature dictionary")
    sub_filter = str(value.get("/SubFilter", ""))
    return Signature(
        object_number=number,
        revision=revision.number,
        contents=contents,
        gap=(start, end),
        end=covered,
        sub_filter=sub_filter,
        is_timestamp=sub_filter == "/ETSI.RFC3161" or value.get("/Type") == "/DocTimeStamp",
        claimed_time=str(value["/M"]) if "/M" in value else None,
    )


def _byte_range(value: Any) -> tuple[int, int, int, int]:
    given = value.get("/ByteRange")
    if not isinstance(given, pikepdf.Array) or len(given) != 4:
        raise SignatureMalformed("byte-range-missing")
    if not all(isinstance(number, int) for number in given):
        raise SignatureMalformed("byte-range-wrong", "not four whole numbers")
    first, length, second, rest = (int(number) for number in given)
    return first, length, second, rest


def _gap(value: Any) -> tuple[int, int]:
    first, length, second, rest = _byte_range(value)
    if first != 0 or length <= 0 or rest <= 0 or second <= length + 1:
        raise SignatureMalformed("byte-range-wrong", f"{first} {length} {second} {rest}")
    return length, second


def _range_end(value: Any) -> int:
    _, _, second, rest = _byte_range(value)
    return second + rest


def _contents(pdf: bytes, value: Any, start: int, end: int) -> bytes:
    given = value.get("/Contents")
    if not isinstance(given, pikepdf.String) or len(bytes(given)) == 0:
        raise SignatureMalformed("contents-missing")
    hexadecimal = pdf[start + 1 : end - 1]
    if end > len(pdf) or pdf[start : start + 1] != b"<" or pdf[end - 1 : end] != b">":
        raise SignatureMalformed("byte-range-wrong", "the gap is not a hexadecimal string")
    try:
        left_out = binascii.unhexlify(hexadecimal)
    except binascii.Error as error:
        raise SignatureMalformed("byte-range-wrong", "the gap holds more than hex") from error
    if left_out != bytes(given):
        raise SignatureMalformed("byte-range-wrong", "the gap is not this signature's contents")
    return left_out


def _revision_ending_at(history: History, end: int) -> Revision:
    pdf = history.pdf
    for revision in history.revisions:
        if end <= revision.end:
            break
    else:
        raise SignatureMalformed("byte-range-wrong", "past the end of the file")
    if pdf[end : revision.end].strip(b" \t\r\n\0") or not ends_revision(pdf, end):
        raise SignatureMalformed("byte-range-short", f"ends at {end}, revision at {revision.end}")
    return revision


class Covered:
    """The bytes of a file that its signatures cover; what several cover is hashed once."""

    def __init__(self, pdf: bytes, signatures: Iterable[Signature]) -> None:
        self.size = len(pdf)
        self._pdf = memoryview(pdf)
        self._starts = sorted({signature.gap[0] for signature in signatures})
        self._begun: dict[str, dict[int, hashlib._Hash]] = {}

    def digest(self, signature: Signature, algorithm: str) -> bytes:
        """The digest of all of the signature's revision save its contents (hashlib's name)."""
        if algorithm not in self._begun:
            self._begun[algorithm] = dict(self._up_to_each_gap(algorithm))
        start, end = signature.gap
        digest = self._begun[algorithm][start].copy()
        digest.update(self._pdf[end : signature.end])
        return digest.digest()

    def _up_to_each_gap(self, algorithm: str) -> Iterator[tuple[int, hashlib._Hash]]:
        digest, done = hashlib.new(algorithm), 0
        for start in self._starts:
            digest.update(self._pdf[done:start])
            yield start, digest.copy()
            done = start


def digest_of(pdf: bytes, signature: Signature, algorithm: str) -> bytes:
    """As `Covered.digest`, for the file's only signature."""
    return Covered(pdf, (signature,)).digest(signature, algorithm)
