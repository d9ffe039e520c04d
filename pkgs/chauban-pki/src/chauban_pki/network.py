"""The network as an argument: an HTTP client with kept connections, for edges to pass in.

The only module here, beside the demonstration service, that opens connections. Redirects are
not followed, and no proxy or setting is read from the environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

import urllib3

from chauban_pki.errors import Unreachable
from chauban_pki.remote_signing import Answer


@dataclass(frozen=True)
class HTTPClient:
    """A `Fetch`, a `Post` and an `Ask`, with connections kept; safe to share between threads.

    `timeout_seconds` bounds connecting, and then the whole answer.
    """

    timeout_seconds: float = 5.0
    largest_answer_bytes: int = 4 * 1024 * 1024
    pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(retries=False, maxsize=4), repr=False
    )

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
        return bytes(content)
