"""PDF dictionaries as their file writes them: keys, and the text of each value.

Nothing is converted until it is asked for and nothing is written anew that did not change, so a
revision repeats what it keeps byte for byte (ISO 32000-1 clause 7.3).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

from pikepdf import Object

_TRIED = re.match(rb"(?:ab?c)*+", b"aca")
HAS_SOUND_PATTERNS = _TRIED is not None and _TRIED.end() == 2
"""Whether Python goes back from where a turn of a possessive repeat has failed.

Before 3.11.5 it stays there (python/cpython#106052), and a pattern of nested values would take
`<< /T >>` for a dictionary. There, values are read token by token, or left to qpdf.
"""

_SPACE = rb"[\x00\t\n\x0c\r ]*+"
_REGULAR = rb"[^\x00-\x20()<>\[\]{}/%]"
"""No control characters: at a vertical tab a name ends for qpdf, though not by clause 7.2.2."""

_KEY_LETTER = rb"[^\x00-\x20()<>\[\]{}/%#]"
"""No #xx, with which a key's name could be disguised."""

_END = rb"(?=[\x00\t\n\x0c\r ()<>\[\]/]|\Z)"
_STRING = rb"\([^()\\]*+(?:\\.[^()\\]*+)*+\)|<[0-9A-Fa-f\x00\t\n\x0c\r ]*+>"
_PLAIN = rb"(?:[0-9]++ [0-9]++ R|[+-]?[0-9.]++|true|false|null)%b|/%b*+|\[[^][()<>{}%%]*+\]|%b" % (
    _END,
    _REGULAR,
    _STRING,
)


def _nesting(value: bytes) -> bytes:
    """A pattern for such a value, and for a dictionary or an array of such values."""
    dictionary = rb"<<(?:%b/%b++%b(?:%b))*+%b>>" % (_SPACE, _REGULAR, _SPACE, value, _SPACE)
    return rb"%b|%b|\[(?:%b(?:%b))*+%b\]" % (value, dictionary, _SPACE, value, _SPACE)


_NESTED = _nesting(_nesting(_PLAIN))
_ENTRY = re.compile(rb"(/%b++)%b(%b)" % (_KEY_LETTER, _SPACE, _NESTED), re.DOTALL)
_DICTIONARY = re.compile(
    rb"<<((?:%b/%b++%b(?:%b))*+)%b>>" % (_SPACE, _KEY_LETTER, _SPACE, _NESTED, _SPACE), re.DOTALL
)
_KEY = re.compile(rb"%b(?:(/%b++)%b|>>)" % (_SPACE, _KEY_LETTER, _SPACE))
_TOKEN = re.compile(rb"%b(?:(<<|\[)|(>>|\])|%b)" % (_SPACE, _PLAIN), re.DOTALL)
_STRING_VALUE = re.compile(_STRING, re.DOTALL)
_PLAIN_TEXT = re.compile(rb"\(([ !\"#$%&'*-\[\]-~]*+)\)")
"""Without escapes, and alike in every encoding that a text string may have."""

_REFERENCE = re.compile(rb"([0-9]{1,10}) ([0-9]{1,5}) R")
_REFERENCES = re.compile(rb"\[(?:%b[0-9]{1,10} [0-9]{1,5} R)*%b\]" % (_SPACE, _SPACE))


class NotPlain(ValueError):
    """The text is no value, is cut off, or is written in a way that is left to a full reader."""


class Reference(NamedTuple):
    """An indirect object's number and generation."""

    number: int
    generation: int


NOWHERE = Reference(0, 0)
"""The reference of what is no object of its own."""


@dataclass(frozen=True)
class Dictionary:
    """The entries of a dictionary, by key with its slash."""

    entries: Mapping[bytes, bytes]
    reference: Reference = NOWHERE

    @classmethod
    def parse(cls, text: bytes, reference: Reference = NOWHERE) -> Self:
        """The dictionary that the text consists of, or begins with.

        Raises:
            NotPlain: it is none, or has a key twice, or hides a key's letters (#xx).
        """
        return cls(parse_entries(text, 0)[0], reference)

    @property
    def is_indirect(self) -> bool:
        return self.reference.number != 0

    def __contains__(self, key: bytes) -> bool:
        return key in self.entries

    def __getitem__(self, key: bytes) -> bytes:
        return self.entries[key]

    def get(self, key: bytes) -> bytes | None:
        """The text of the value; None where there is none."""
        return self.entries.get(key)

    def text(self, changed: Mapping[bytes, bytes] | None = None) -> bytes:
        """The dictionary's text with some entries set to the given text."""
        entries = {**self.entries, **changed} if changed else self.entries
        return b"<< %b >>" % b" ".join(key + b" " + value for key, value in entries.items())


def parse_entries(text: bytes, at: int) -> tuple[dict[bytes, bytes], int]:
    """The entries of the dictionary at that place of a text, and where it ends.

    Raises:
        NotPlain: as `Dictionary.parse`.
    """
    found = _DICTIONARY.match(text, at) if HAS_SOUND_PATTERNS else None
    listed, end = (
        (_ENTRY.findall(found[1]), found.end()) if found else _deeply_nested_entries(text, at)
    )
    entries = dict(listed)
    if len(entries) != len(listed):
        raise NotPlain("a key twice")
    return entries, end


def _deeply_nested_entries(text: bytes, at: int) -> tuple[list[tuple[bytes, bytes]], int]:
    """As `parse_entries`, key by key: for what no pattern of fixed depth matches."""
    if not text.startswith(b"<<", at):
        raise NotPlain("no dictionary")
    at += 2
    entries: list[tuple[bytes, bytes]] = []
    while found := _KEY.match(text, at):
        key, at = found[1], found.end()
        if key is None:
            return entries, at
        end = end_of_value(text, at)
        entries.append((key, text[at:end]))
        at = end
    raise NotPlain("no key or end")


def end_of_value(text: bytes, at: int) -> int:
    """Where the value ends that begins at that place.

    Raises:
        NotPlain: it does not end, or its brackets do not match.
    """
    open_brackets: list[bytes] = []
    while found := _TOKEN.match(text, at):
        at = found.end()
        opened, closed = found[1], found[2]
        if opened:
            open_brackets.append(b">>" if opened == b"<<" else b"]")
        elif closed and (not open_brackets or open_brackets.pop() != closed):
            raise NotPlain("brackets do not match")
        if not open_brackets:
            return at
    raise NotPlain("no end of a value")


def parse_reference(text: bytes) -> Reference | None:
    """``12 0 R``; None for any other value."""
    found = _REFERENCE.fullmatch(text)
    return Reference(int(found[1]), int(found[2])) if found else None


def parse_references(text: bytes) -> list[Reference]:
    """The references that an array consists of.

    Raises:
        NotPlain: it is no array, or holds something else.
    """
    if _REFERENCES.fullmatch(text) is None:
        raise NotPlain("not an array of references")
    return [Reference(int(number), int(again)) for number, again in _REFERENCE.findall(text)]


def parse_string(text: bytes) -> str:
    """A text string (clause 7.9.2.2).

    Raises:
        NotPlain: it is none.
    """
    plain = _PLAIN_TEXT.fullmatch(text)
    return plain[1].decode("ascii") if plain else str(_parsed_string(text))


def parse_bytes(text: bytes) -> bytes:
    """A byte string, such as a signature's /Contents.

    Raises:
        NotPlain: it is none.
    """
    if text.startswith(b"<"):
        return bytes.fromhex(text[1:-1].decode("ascii"))
    return bytes(_parsed_string(text))


def parse_numbers(text: bytes) -> list[float]:
    """The numbers that an array consists of; ValueError where it holds something else."""
    return [float(each) for each in text.removeprefix(b"[").removesuffix(b"]").split()]


def first_string(array: bytes) -> bytes:
    """The text of the string that an array begins with.

    Raises:
        NotPlain: it begins with something else.
    """
    found = _STRING_VALUE.match(array.removeprefix(b"[").lstrip())
    if found is None:
        raise NotPlain("no string")
    return found[0]


def _parsed_string(text: bytes) -> Object:
    if _STRING_VALUE.fullmatch(text) is None:
        raise NotPlain("no string")
    return Object.parse(text)
