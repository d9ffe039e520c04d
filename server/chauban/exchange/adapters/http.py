"""HTTP with an axis, whichever way it is spoken to: TLS, short waits, limits, no retries."""

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3

from chauban.exchange.ports import GatewayUnavailable, PackageTooLarge

PIECE_BYTES = 1 << 16
ANSWER_BYTES = 1 << 24  # more than a list of 50,000 packages
ANSWER_SECONDS = 600
FAILURE_BYTES = 1 << 12
# Silence of half a lease (exchange.sending.LEASE) is taken for no answer.
TIMEOUT = urllib3.Timeout(connect=5, read=30)


class NotOffered(GatewayUnavailable):
    """The axis knows no such operation."""


class Answer:
    """What an axis answers to one call; its body is read once, in pieces."""

    def __init__(self, operation: str, response: urllib3.BaseHTTPResponse) -> None:
        self.operation, self.status = operation, response.status
        self.content_type = response.headers.get("Content-Type", "")
        self._response = response

    def pieces(self, limit_bytes: int) -> Iterator[bytes]:
        """The body as it comes.

        Raises: PackageTooLarge; GatewayUnavailable: it comes too slowly.
        """
        size_bytes, end = 0, time.monotonic() + ANSWER_SECONDS
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
        self.pool = urllib3.PoolManager(timeout=TIMEOUT, retries=False, maxsize=2, ssl_context=tls)

    @contextmanager
    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        body: bytes | Iterator[bytes] = b"",
        fields: Mapping[str, str] | None = None,
    ) -> Iterator[Answer]:
        """Make a call; operation is its name in errors, fields follow path as its query.

        Raises: GatewayUnavailable: nobody listens, there is silence, or the connection breaks,
            also while the answer is read.
        """
        url = f"{self.url}/{path}" + (f"?{urlencode(fields)}" if fields else "")
        try:
            response = self.pool.request(
                method, url, headers=headers, body=body, preload_content=False, redirect=False
            )
            try:
                yield Answer(operation, response)
            finally:
                response.close()  # what was not read is not wanted
                response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise GatewayUnavailable(f"{operation}: {error}") from error


def parsed_object(operation: str, body: bytes) -> dict[str, Any]:
    """The JSON object that an answer is.

    Raises: GatewayUnavailable: it is something else, such as a proxy's page.
    """
    try:
        answer = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise GatewayUnavailable(f"{operation}: the answer is no JSON") from error
    if not isinstance(answer, dict):
        raise GatewayUnavailable(f"{operation}: the answer is no object")
    return answer


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
