"""What every stand-in shares: a server on loopback, what it was asked, and faults to come."""

import json
import sys
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Answer:
    body: bytes
    status: int = 200
    content_type: str = "application/json; charset=utf-8"


def as_json(http_status=200, **values):
    return Answer(json.dumps(values, ensure_ascii=False).encode(), http_status)


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client may hang up when it has read enough; what else breaks is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class StandIn:
    """Subclasses answer; faults, one for each request to come, spoil what they do.

    `lost`: the request takes effect, its answer does not arrive. `page`: nothing happens, and a
    proxy's page comes with HTTP 200. `down`: HTTP 503. None: as it should be.
    """

    def __init__(self):
        self.requests: list[Request] = []
        self.faults: deque[str | None] = deque()

    def answer(self, request: Request) -> Answer:
        raise AssertionError(request)

    def asked(self, path):
        return [one for one in self.requests if one.path.endswith(path)]

    def _handle(self, request: Request) -> Answer | None:
        self.requests.append(request)
        fault = self.faults.popleft() if self.faults else None
        if fault == "page":
            return Answer(PAGE, content_type="text/html")
        if fault == "down":
            return Answer(b"", 503)
        answer = self.answer(request)
        return None if fault == "lost" else answer

    @contextmanager
    def running(self):
        """The base URL, while it listens."""
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                parts = urlsplit(self.path)
                request = Request(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query)),
                    self.headers,
                    self.read_body(),
                )
                answer = stand_in._handle(request)
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def read_body(self):
                if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            do_GET = do_POST = do_PUT = handle_any  # noqa: N815

            def log_message(self, *args):
                pass

        server = Server(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
