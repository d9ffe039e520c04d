"""Objects that are written plainly, read from the file's bytes: what they point at costs no more.

Only what qpdf would read alike and without complaint is taken; all else is left to qpdf. ISO
32000-1 clauses 7.3 (objects) and 7.3.8 (streams).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .dictionaries import HAS_SOUND_PATTERNS, NotPlain, parse_entries

_SPACE = rb"[\x00\t\n\x0c\r ]*+"
_NAME = rb"/[^\x00-\x20()<>\[\]{}/%#]++"
"""Without control characters: a vertical tab ends a name for qpdf, though not by clause 7.2.2."""

_NUMBER = rb"[+-]?(?:[0-9]{1,18}+(?:\.[0-9]*+)?|\.[0-9]++)"
_WORD = (
    rb"(?:[0-9]{1,10}+ [0-9]{1,5}+ R|%b|true|false|null)(?=[\x00\t\n\x0c\r ()<>\[\]/])" % _NUMBER
)
_STRING = rb"\([^()\\]*+(?:\\.[^()\\]*+)*+\)|<[0-9A-Fa-f]*+>"
_SCALAR = rb"%b|%b|%b" % (_NAME, _WORD, _STRING)


def _nested(value: bytes) -> bytes:
    """A pattern for a scalar, and for a dictionary or an array of such values."""
    entry = rb"%b%b%b(?:%b)" % (_SPACE, _NAME, _SPACE, value)
    return rb"%b|<<(?:%b)*+%b>>|\[(?:%b(?:%b))*+%b\]" % (
        _SCALAR,
        entry,
        _SPACE,
        _SPACE,
        value,
        _SPACE,
    )


_VALUE = _nested(_nested(_nested(_nested(_SCALAR))))
_OBJECT = re.compile(
    rb"([0-9]{1,10}) ([0-9]{1,5}) obj%b(%b)%b(?:(endobj)|stream\r?\n)" % (_SPACE, _VALUE, _SPACE),
    re.DOTALL,
)
_TOKENS = re.compile(
    rb"([0-9]{1,10}) ([0-9]{1,5}) obj((?:%b(?:%b|%b|<<|>>|\[|\]|%b))*+)%b(?:endobj|stream\r?\n)"
    % (_SPACE, _NAME, _WORD, _STRING, _SPACE),
    re.DOTALL,
)
"""An object of plain tokens, however they nest: qpdf finds no other references in it."""

_KEY = re.compile(rb"(%b)(?:%b%b)?" % (_NAME, _SPACE, _NAME))
"""A key with its value where that is a name; in an array, more than keys."""

_INNERMOST = re.compile(rb"<<[^<>()]*+>>")
_LENGTH = re.compile(rb"/Length ([0-9]{1,10})(?=[ \r\n/>])(?! [0-9])")
_END_OF_STREAM = re.compile(rb"[\r\n]{0,2}endstream%bendobj" % _SPACE)


def plain_text(pdf: bytes, at: int, number: int, generation: int) -> bytes | None:
    """The text of the object that begins there, of a stream its dictionary.

    None where it is written in a way that is left to qpdf: comments, disguised names, a key
    that might stand twice, deep nesting, another number, a stream without a plain length.
    """
    found = _plain_object(pdf, at, number, generation)
    return None if found is None or not _has_each_key_once(found[3]) else found[3]


def plain_tokens(pdf: bytes, at: int, number: int, generation: int) -> bytes | None:
    """The tokens of the object that begins there, of a stream those of its dictionary.

    All that it points at is among them, and maybe more, for a key may stand twice. None where a
    token is left to qpdf.
    """
    found = _TOKENS.match(pdf, at) if HAS_SOUND_PATTERNS else None
    if found is None or (int(found[1]), int(found[2])) != (number, generation):
        return None
    return found[3]


def plain_entries(pdf: bytes, at: int, number: int) -> Mapping[bytes, bytes] | None:
    """The entries of the dictionary, no stream, that begins there as object of that number.

    None where it is something else, or is left to qpdf.
    """
    found = _plain_object(pdf, at, number, 0)
    if found is None or found[4] is None or not _has_each_key_once(found[3]):
        return None
    try:
        entries, end = parse_entries(found[3], 0)
    except NotPlain:
        return None
    return entries if end == len(found[3]) else None


def _plain_object(pdf: bytes, at: int, number: int, generation: int) -> re.Match[bytes] | None:
    """Its match; a dictionary in it may name a key twice."""
    found = _OBJECT.match(pdf, at) if HAS_SOUND_PATTERNS else None
    if found is None or (int(found[1]), int(found[2])) != (number, generation):
        return None
    if found[4] is None and not _is_stream_of_its_length(pdf, found[3], found.end()):
        return None
    return found


def _has_each_key_once(text: bytes) -> bool:
    """Whether no dictionary in it names a key twice; where that is not easily told, False."""
    while len(set(keys := _KEY.findall(text))) != len(keys):
        innermost = _INNERMOST.findall(text)
        if not innermost or not all(_are_different(_KEY.findall(each)) for each in innermost):
            return False
        text = _INNERMOST.sub(b"0", text)
    return True


def _are_different(keys: list[bytes]) -> bool:
    return len(set(keys)) == len(keys)


def _is_stream_of_its_length(pdf: bytes, dictionary: bytes, start: int) -> bool:
    length = _LENGTH.search(dictionary)
    return length is not None and bool(_END_OF_STREAM.match(pdf, start + int(length[1])))
