"""The demonstration PKI over HTTP on loopback: OCSP, CRLs, CA certificates, time-stamps.

`python -m chauban_pki.demo.service --folder DIR --port N` runs it as a process; it prints its
address and answers until it is ended. With port 0 the system chooses one. `--only tsa|ocsp|crl`
answers for that part alone, so that each can be a process that fails on its own.
"""

import argparse
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET
from socketserver import ThreadingMixIn
from typing import IO, Any, cast
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from chauban_pki.demo import answers
from chauban_pki.demo.authority import DemoAuthority, member_certificate
from chauban_pki.ocsp_status import OCSP_REQUEST_TYPE
from chauban_pki.timestamps import QUERY_TYPE

LARGEST_REQUEST_BYTES = 16 * 1024
PARTS = ("tsa", "ocsp", "crl")
"""What the service is made of; "crl" is the CA's own host, with its certificates."""

Clock = Callable[[], datetime]


def application(
    authority: DemoAuthority, clock: Clock, *, parts: Collection[str] = PARTS
) -> WSGIApplication:
    """Return the WSGI application that answers for the authority at the clock's time, UTC."""
    files: dict[str, tuple[str, Callable[[], bytes]]] = {}
    for name in ("root", "issuing") if "crl" in parts else ():
        files[f"/crl/{name}.crl"] = ("application/pkix-crl", _crl(authority, name, clock))
        encoded = member_certificate(authority, name)
        files[f"/ca/{name}.cer"] = ("application/pkix-cert", partial(bytes, encoded))
    posts = {
        "/ocsp": (OCSP_REQUEST_TYPE, "application/ocsp-response", answers.ocsp_response),
        "/tsa": (QUERY_TYPE, "application/timestamp-reply", answers.timestamp_response),
    }
    posts = {path: how for path, how in posts.items() if path.strip("/") in parts}

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if method == "GET" and path in files:
            kind, make = files[path]
            return _reply(start_response, "200 OK", kind, make())
        if method == "POST" and path in posts:
            asked_kind, kind, respond = posts[path]
            if environ.get("CONTENT_TYPE", "").partition(";")[0] != asked_kind:
                return _refuse(start_response, "415 Unsupported Media Type")
            request = _body(environ)
            if request is None:
                return _refuse(start_response, "413 Content Too Large")
            return _reply(start_response, "200 OK", kind, respond(authority, request, now=clock()))
        return _refuse(start_response, "404 Not Found")

    return answer


def _crl(authority: DemoAuthority, name: str, clock: Clock) -> Callable[[], bytes]:
    return lambda: answers.crl(authority, name, now=clock())


def _body(environ: WSGIEnvironment) -> bytes | None:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit() or int(length) > LARGEST_REQUEST_BYTES:
        return None
    return cast(bytes, environ["wsgi.input"].read(int(length)))


def _refuse(start_response: StartResponse, status: str) -> Iterable[bytes]:
    return _reply(start_response, status, "text/plain", f"{status}\n".encode())


def _reply(start_response: StartResponse, status: str, kind: str, body: bytes) -> Iterable[bytes]:
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


class _Server(ThreadingMixIn, WSGIServer):
    application: WSGIApplication
    daemon_threads = True
    request_queue_size = 64

    def server_bind(self) -> None:
        # WSGIServer asks the resolver for the host's full name, which may take seconds.
        self.socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", self.server_address[1]
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    """Keeps connections open (HTTP/1.1), which WSGIRequestHandler does not."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle(self) -> None:
        BaseHTTPRequestHandler.handle(self)

    def do_GET(self) -> None:  # noqa: N802
        self._answer()

    def do_POST(self) -> None:  # noqa: N802
        self._answer()

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            self.send_error(411)
            return
        if int(length) > LARGEST_REQUEST_BYTES:
            self.send_error(413)
            return
        reader, writer = cast(IO[bytes], self.rfile), cast(IO[bytes], self.wfile)
        handler = ServerHandler(reader, writer, self.get_stderr(), self.get_environ())
        handler.http_version = "1.1"
        cast(Any, handler).request_handler = self
        handler.run(cast(_Server, self.server).application)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the demonstration's page has its own journal."""


def make_server(
    folder: Path, host: str, port: int, clock: Clock, *, parts: Collection[str] = PARTS
) -> WSGIServer:
    """Return a threaded server, listening, for the authority in the folder."""
    server = _Server((host, port), _Handler)
    server.application = application(DemoAuthority.open(folder), clock, parts=parts)
    return server


def serve(folder: Path, host: str, port: int, *, parts: Collection[str] = PARTS) -> None:
    """Answer for the authority in the folder until interrupted; print the address first."""
    with make_server(folder, host, port, lambda: datetime.now(UTC), parts=parts) as server:
        print(f"http://{host}:{server.server_port}", flush=True)
        server.serve_forever()


def main() -> None:
    """Run the service on loopback."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--only", choices=PARTS)
    options = parser.parse_args()
    parts = (options.only,) if options.only else PARTS
    try:
        serve(options.folder, "127.0.0.1", options.port, parts=parts)
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
