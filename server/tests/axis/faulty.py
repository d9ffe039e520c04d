"""A stand-in with faults on purpose: a proxy before a sound axis that spoils one thing."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

from chauban_edxml.vxp import PREFIX, sign_headers, vxp_timestamp

Headers = dict[str, str]
_NAMES = {"docid": "docId", "pagesize": "pageSize", "pageindex": "pageIndex"}


@dataclass(frozen=True)
class Fault:
    """What the stand-in does wrong: to what it hears, or to what it says."""

    hears: Callable[[str, Headers], Headers] = lambda operation, headers: headers
    says: Callable[[str, int, bytes], tuple[int, bytes]] = lambda operation, status, body: (
        status,
        body,
    )


def believing(system: str, secret: str) -> Fault:
    """Checks no signature: every call is taken for one of the system's, with the values sent."""

    def hears(operation: str, headers: Headers) -> Headers:
        skipped = ("version", "sign-header", "sign-header-key", "hash-header", "content-type")
        sent = {
            name[len(PREFIX) :].lower(): value
            for name, value in headers.items()
            if name.lower().startswith(PREFIX.lower())
        }
        named = {_NAMES.get(name, name): sent[name] for name in sent if name not in skipped}
        kind = {"Content-Type": "application/json", "timestamp": vxp_timestamp(datetime.now(UTC))}
        return sign_headers({**kind, **named, "systemid": system}, secret)

    return Fault(hears=hears)


def cutting_files(operation: str, status: int, body: bytes) -> tuple[int, bytes]:
    return (status, body[: len(body) // 2]) if operation == "downloadEdoc" else (status, body)


def hiding_states(operation: str, status: int, body: bytes) -> tuple[int, bytes]:
    if operation != "getSentEdocList":
        return status, body
    answer = json.loads(body)
    for one in answer.get("data", ()):
        one["receiveStatus"] = "INITIAL"
    return status, json.dumps(answer).encode()


def in_utf8(operation: str, status: int, body: bytes) -> tuple[int, bytes]:
    if operation == "downloadEdoc" or not body.startswith(b"{"):
        return status, body
    return status, json.dumps(json.loads(body), ensure_ascii=False).encode()


def always_ok(operation: str, status: int, body: bytes) -> tuple[int, bytes]:
    return 200, b'{"status":"OK","ErrorCode":"0","ErrorDesc":"","data":[],"count":0,"DocId":"1"}'


@contextmanager
def stand_in(url: str, fault: Fault) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            operation = self.path.rpartition("/")[2]
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in ("host", "content-length", "connection")
            }
            with urllib3.PoolManager(retries=False) as pool:
                response = pool.request(
                    self.command,
                    f"{url}/{operation}",
                    headers={**fault.hears(operation, headers), "Connection": "close"},
                    body=body if self.command == "POST" else None,
                )
            status, said = fault.says(operation, response.status, response.data)
            self.send_response(status)
            self.send_header("Content-Type", response.headers.get("Content-Type", "text/plain"))
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
