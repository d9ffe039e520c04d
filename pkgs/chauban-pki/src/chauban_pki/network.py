"""The network as an argument: an HTTP client with kept connections, for edges to pass in.

The only module here, beside the demonstration service, that opens connections. Redirects are
not followed, and no proxy or setting is read from the environment.
"""

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Timer
from time import monotonic
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from chauban_pki.errors import Unreachable
from chauban_pki.remote_signing import Answer


class _InTime(HTTPConnection):
    """A connection whose answer's head comes within the time-out, however it dribbles.

    A time-out of a socket starts anew with each byte that arrives.
    """

    def getresponse(self) -> Any:
        end = Timer(float(self.timeout or 0), _hang_up, (self.sock,))
        end.daemon = True
        end.start()
        try:
            return super().getresponse()
        finally:
            end.cancel()


class _InTimeTLS(_InTime, HTTPSConnection):
    """The same over TLS."""


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):  # it ended by itself
        socket.socket.shutdown(connected, socket.SHUT_RDWR)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _InTime


class _PoolTLS(HTTPSConnectionPool):
    ConnectionCls = _InTimeTLS


def _pool() -> urllib3.PoolManager:
    pool = urllib3.PoolManager(retries=False, maxsize=4)
    pool.pool_classes_by_scheme = {"http": _Pool, "https": _PoolTLS}
    return pool


@dataclass(frozen=True)
class HTTPClient:
    """A `Fetch`, a `Post` and an `Ask`, with connections kept; safe to share between threads.

    `timeout_seconds` bounds connecting, and then the whole answer.
    """

    timeout_seconds: float = 5.0
    largest_answer_bytes: int = 4 * 1024 * 1024
    pool: urllib3.PoolManager = field(default_factory=_pool, repr=False)

    def ask(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Return the answer to a POST, whatever its status (`remote_signing.Ask`).

        Raises:
            Unreachable: no answer in time, or too long an answer.
        """
        return self._exchange(url, body, headers)

    def __call__(self, url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        """Return the body of the answer.

        Raises:
            Unreachable: no answer in time, a status other than 200, or too long an answer.
        """
        answer = self._exchange(url, body, {"Content-Type": content_type} if content_type else {})
        if answer.status != 200:
            raise Unreachable(url, f"HTTP {answer.status}")
        return answer.content

    def _exchange(self, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        try:
            answer = self.pool.request(
                "GET" if body is None else "POST",
                url,
                body=body,
                headers=headers,
                timeout=self.timeout_seconds,
                redirect=False,
                preload_content=False,
            )
            try:
                return Answer(answer.status, self._content(url, answer))
            except BaseException:
                answer.close()  # what is left unread must not answer the next request
                raise
            finally:
                answer.release_conn()
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise Unreachable(url, type(error).__name__) from error

    def _content(self, url: str, answer: urllib3.BaseHTTPResponse) -> bytes:
        deadline = monotonic() + self.timeout_seconds
        content = bytearray()
        while piece := answer.read1():
            content += piece
            if len(content) > self.largest_answer_bytes:
                raise Unreachable(url, f"answer over {self.largest_answer_bytes} bytes")
            if monotonic() > deadline:
                raise Unreachable(url, "answer too slow")
        if answer.length_remaining:
            raise Unreachable(url, "answer cut off")
        return bytes(content)
