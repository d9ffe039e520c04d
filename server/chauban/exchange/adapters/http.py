"""HTTP with an axis, whichever way it is spoken to: TLS, short waits, limits, no retries."""

import json
import ssl
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3

from chauban.exchange.adapters.lists import holdable
from chauban.exchange.ports import (
    WHOLE_BYTES,
    Coming,
    GatewayUnavailable,
    NotOffered,
    PackageTooLarge,
)

PIECE_BYTES = 1 << 16
ANSWER_BYTES = 1 << 24  # more than a list of 50,000 packages
DIRECTORY_BYTES = 1 << 28
ANSWER_SECONDS = 600
FAILURE_BYTES = 1 << 12
AROUND_BYTES = 1 << 12  # of an answer, besides the package in it
# Silence of half a lease (exchange.sending.LEASE) is taken for no answer.
SILENCE_SECONDS = 30
SLOWEST_BYTES_PER_SECOND = 1 << 21
WRITTEN_BYTES_PER_SECOND = 1 << 24  # to the axis's disk, before it answers


class NotNow(GatewayUnavailable):
    """The axis answers that it cannot, or not for us, whatever it is asked: that is mended."""


class Unreachable(GatewayUnavailable):
    """Nobody answers: another call would not fare better now."""


class Answer:
    """What an axis answers to one call; its body is read once, in pieces."""

    def __init__(self, operation: str, response: urllib3.BaseHTTPResponse) -> None:
        self.operation, self.status = operation, response.status
        self.content_type = response.headers.get("Content-Type", "")
        announced = response.headers.get("Content-Length", "")
        self.size_bytes = int(announced[:20]) if announced.isdecimal() else 0
        self._response = response

    def pieces(self, limit_bytes: int) -> Iterator[bytes]:
        """The body as it comes.

        Raises: PackageTooLarge; GatewayUnavailable: it comes too slowly.
        """
        if self.size_bytes > limit_bytes:
            raise PackageTooLarge(limit_bytes)
        allowed_seconds = ANSWER_SECONDS + self.size_bytes / SLOWEST_BYTES_PER_SECOND
        size_bytes, end = 0, time.monotonic() + allowed_seconds
        for piece in self._response.stream(PIECE_BYTES):
            size_bytes += len(piece)
            if size_bytes > limit_bytes:
                raise PackageTooLarge(limit_bytes)
            if time.monotonic() > end:
                raise GatewayUnavailable(f"{self.operation}: the answer does not end")
            yield piece

    def text(self, limit_bytes: int = ANSWER_BYTES) -> Iterator[bytes]:
        """The body as it comes, where it is no package.

        Raises: GatewayUnavailable: it is longer than that, or comes too slowly.
        """
        try:
            yield from self.pieces(limit_bytes)
        except PackageTooLarge as error:
            raise GatewayUnavailable(f"{self.operation}: the answer is too long") from error

    def base64(self, limit_bytes: int) -> Iterator[bytes]:
        """The body as it comes, where it carries a package of at most limit_bytes in base64.

        Raises: PackageTooLarge; GatewayUnavailable: it comes too slowly.
        """
        try:
            yield from self.pieces(limit_bytes * 4 // 3 + AROUND_BYTES)
        except PackageTooLarge as error:
            raise PackageTooLarge(limit_bytes) from error

    def read(self) -> bytes:
        """The whole body, where it is no package.

        Raises: GatewayUnavailable: as for `text`.
        """
        return b"".join(self.text())

    def beginning(self) -> bytes:
        """As much of the body as tells what is wrong."""
        return self._response.read(FAILURE_BYTES)


class Connection:
    """One axis's address, and the connections to it."""

    def __init__(self, url: str, *, tls: ssl.SSLContext | None = None) -> None:
        self.url = url.rstrip("/")
        self.name = (urlsplit(url).hostname or url)[:35]
        # No retries below us: whether a call may be made again is the outbox's decision.
        self.pool = urllib3.PoolManager(
            retries=False, maxsize=2, blocksize=PIECE_BYTES, ssl_context=tls
        )

    @contextmanager
    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        body: bytes | Iterable[bytes] = b"",
        fields: Mapping[str, str] | None = None,
    ) -> Iterator[Answer]:
        """Make a call; operation is its name in errors, fields follow path as its query.

        Raises: Unreachable: nobody listens, there is silence, or the connection breaks, also
            while the answer is read.
        """
        url = f"{self.url}/{path}".rstrip("/") + (f"?{urlencode(fields)}" if fields else "")
        try:
            response = self.pool.request(
                method,
                url,
                headers=headers,
                body=body,
                timeout=patience(int(headers.get("Content-Length", 0))),
                preload_content=False,
                redirect=False,
                decode_content=False,
            )
            try:
                if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                    raise GatewayUnavailable(f"{operation}: the answer is packed, unasked")
                yield Answer(operation, response)
            finally:
                response.close()  # what was not read is not wanted
                response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(f"{operation}: {error}") from error


def require_answered(answer: Answer, judge: Callable[[str, bytes], object]) -> None:
    """4xx with the axis's own words is its refusal; everything else may pass.

    Raises: what judge does; GatewayUnavailable, which is NotOffered for HTTP 404.
    """
    if answer.status in (200, 201):
        return
    if 400 <= answer.status < 500:
        try:
            judge(answer.operation, answer.beginning())
        except NotNow:
            raise
        except GatewayUnavailable:
            pass
    if answer.status == 404:
        raise NotOffered(f"{answer.operation}: HTTP 404")
    raise GatewayUnavailable(f"{answer.operation}: HTTP {answer.status}")


def parsed_object(operation: str, body: bytes) -> dict[str, Any]:
    """The JSON object that an answer is.

    Raises: GatewayUnavailable: it is something else, such as a proxy's page.
    """
    try:
        answer = json.loads(body.decode("utf-8", "replace"), object_hook=holdable)
    except (ValueError, RecursionError) as error:
        raise GatewayUnavailable(f"{operation}: the answer is no JSON") from error
    if not isinstance(answer, dict):
        raise GatewayUnavailable(f"{operation}: the answer is no object")
    return answer


def listed_in(operation: str, answer: Mapping[str, Any], key: str = "data") -> list[dict[str, Any]]:
    """The list of objects under key in an answer.

    Raises: GatewayUnavailable: there is none; else an outage would look like silence.
    """
    listed = answer.get(key)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise GatewayUnavailable(f"{operation}: the answer has no list")
    return listed


def objects_in(listed: object) -> list[dict[str, Any]]:
    """The objects in what should be a list of them; whatever else is left out."""
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def tls_context(*, ca: str = "", certificate: str = "", key: str = "") -> ssl.SSLContext:
    """TLS with the axis: whom we believe, and what we show (mutual TLS between our own nodes).

    ca, certificate and key are PEM files; an empty ca stands for the system's authorities.

    Raises: OSError, ssl.SSLError: a file is missing, or the key is not the certificate's.
    """
    context = ssl.create_default_context(cafile=ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(certificate, key or None)
    return context


def patience(body_bytes: int) -> urllib3.Timeout:
    """How long we wait for an answer: whoever took much must first bring it to his disk."""
    return urllib3.Timeout(connect=5, read=SILENCE_SECONDS + body_bytes / WRITTEN_BYTES_PER_SECOND)


def as_it_comes(pieces: Generator[bytes, None, None]) -> bytes | Coming:
    """A package: its bytes where they are few, else as they come.

    Raises: what pieces raise.
    """
    head = bytearray()
    for piece in pieces:
        head += piece
        if len(head) > WHOLE_BYTES:
            return Coming(bytes(head), pieces)
    return bytes(head)
