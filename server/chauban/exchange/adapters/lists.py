"""Lists that are read as they come: a directory has 125,000 entries."""

import codecs
import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

from chauban.exchange.ports import GatewayUnavailable

LONGEST_OBJECT = 1 << 18
_OBJECT = re.compile(r"[\s,]*\{")
# JSON can name what neither UTF-8 nor a database can hold.
_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")


def holdable(values: dict[str, Any]) -> dict[str, Any]:
    """An object of JSON, its texts without what cannot be stored."""
    return {
        name: _UNHOLDABLE.sub("\ufffd", value) if isinstance(value, str) else value
        for name, value in values.items()
    }


_DECODER = json.JSONDecoder(object_hook=holdable)


def listed_objects(
    operation: str,
    pieces: Iterable[bytes],
    judge: Callable[[str, bytes], object],
    *,
    key: str = "data",
) -> Iterator[dict[str, Any]]:
    """The objects of the list under key in an answer, one at a time, as its bytes come in.

    judge raises where the answer, with its list left out, is none or a refusal.

    Raises: what judge does, after the objects: what counts is the whole answer.
        GatewayUnavailable: there is no such list, or an object in it does not end.
    """
    start = re.compile(rf'"{re.escape(key)}"\s*:\s*\[')
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    text, around, in_list = "", "", False
    for piece in pieces:
        text += decode(piece)
        if not in_list:
            if not (found := start.search(text)):
                text = _short(operation, text)
                continue
            around, text, in_list = text[: found.end()], text[found.end() :], True
        text = yield from _objects(operation, text)
    if not in_list:
        judge(operation, text.encode())
        raise GatewayUnavailable(f"{operation}: the answer has no list")
    judge(operation, (around + text).encode())


def _short(operation: str, text: str) -> str:
    if len(text) > LONGEST_OBJECT:
        raise GatewayUnavailable(f"{operation}: the answer has no list")
    return text


def _objects(operation: str, text: str) -> Generator[dict[str, Any], None, str]:
    """The whole objects at the head of text, which stands inside a list; what is left of it."""
    at = 0
    while found := _OBJECT.match(text, at):
        try:
            one, at = _DECODER.raw_decode(text, found.end() - 1)
        except (ValueError, RecursionError) as error:  # it may go on in the next piece
            if len(text) - at > LONGEST_OBJECT:
                raise GatewayUnavailable(f"{operation}: an object that does not end") from error
            break
        yield one
    return text[at:]
