"""A package that comes as base64 within a JSON answer, decoded as it comes."""

import re
from collections.abc import Callable, Generator, Iterable

from chauban.exchange.ports import GatewayUnavailable, PackageDamaged
from chauban_edxml.carrying import NotBase64, decoded

LONGEST_AROUND = 1 << 18
# `\/`, and `=`, `+` and the like as `\u003d`: what writers of JSON escape in base64.
_ESCAPE = re.compile(rb"\\(?:u00([0-9a-fA-F]{2})|(.))", re.DOTALL)


def payload(
    operation: str,
    pieces: Iterable[bytes],
    judge: Callable[[str, bytes], object],
    *,
    key: str = "data",
) -> Generator[bytes, None, None]:
    """The bytes that the text under key stands for.

    judge raises where the answer, with that text left out, is none or a refusal. What was
    yielded counts only once it has not.

    Raises: what judge does, at the end; PackageDamaged: no such text, or it is no base64.
    """
    walk = _Walk(operation, key)
    letters = walk.letters(pieces)
    try:
        yield from decoded(letters)
    except NotBase64 as error:
        for _ in letters:
            pass
        judge(operation, walk.around())
        raise PackageDamaged(f"{operation}: {key} is no base64") from error
    judge(operation, walk.around())
    if not walk.is_found:
        raise PackageDamaged(f"{operation}: the answer has no {key}")


class _Walk:
    """One pass over an answer: what stands before the text, in it, and after it."""

    def __init__(self, operation: str, key: str) -> None:
        self.operation = operation
        self.start = re.compile(rb'"%b"\s*:\s*"' % re.escape(key.encode()))
        self.before, self.after = bytearray(), bytearray()
        self.is_found = self.is_over = False

    def around(self) -> bytes:
        return bytes(self.before + self.after)

    def letters(self, pieces: Iterable[bytes]) -> Generator[bytes, None, None]:
        rest = b""
        for piece in pieces:
            if self.is_over:
                self._keep(self.after, piece)
            elif self.is_found:
                rest = yield from self._text(rest + piece)
            else:
                self._keep(self.before, piece)
                if found := self.start.search(self.before):
                    self.is_found = True
                    text = bytes(self.before[found.end() :])
                    del self.before[found.end() :]
                    rest = yield from self._text(text)

    def _text(self, text: bytes) -> Generator[bytes, None, bytes]:
        """The base64 letters of text, up to its closing quote; an escape cut off is given back."""
        text, quote, after = text.partition(b'"')
        if quote:
            self.is_over = True
            self._keep(self.after, quote + after)
            yield _unescaped(text)
            return b""
        cut = text.rfind(b"\\", max(0, len(text) - 5))
        if cut < 0:
            yield _unescaped(text)
            return b""
        yield _unescaped(text[:cut])
        return text[cut:]

    def _keep(self, where: bytearray, piece: bytes) -> None:
        where += piece
        if len(where) > LONGEST_AROUND:
            raise GatewayUnavailable(f"{self.operation}: the answer has no end")


def _unescaped(text: bytes) -> bytes:
    if b"\\" not in text:
        return text
    return _ESCAPE.sub(
        lambda found: bytes.fromhex(found[1].decode()) if found[1] else found[2], text
    )
