"""An address that may be asked, and behind it a server that means harm (design decision 19).

Each is asked through `HTTPClient`, the only edge, and answers in a way of its own; the client
gives up within its limits and says so with an error of ours.
"""

import gzip
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from time import perf_counter

import pytest

from chauban_pki.errors import Unreachable
from chauban_pki.network import HTTPClient

Answer = Callable[[socket.socket, Event], None]
HEAD = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """A server on loopback that answers each connection so; its address."""
    over = Event()

    def serve(listening: socket.socket) -> None:
        while not over.is_set():
            with suppress(OSError):
                connected, _ = listening.accept()
                with connected:
                    connected.recv(65536)
                    answer(connected, over)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        thread = Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/crl"
        finally:
            over.set()
            thread.join(timeout=5)


def silence(connected: socket.socket, over: Event) -> None:
    """Nothing comes."""
    over.wait(3)


def dribbling_head(connected: socket.socket, over: Event) -> None:
    """A byte of the head now and then, each before the time-out."""
    while not over.wait(0.1):
        connected.sendall(HEAD[:1])


def head_without_end(connected: socket.socket, over: Event) -> None:
    """One header after the other."""
    connected.sendall(HEAD)
    while not over.is_set():
        connected.sendall(b"X-A: " + b"a" * 60_000 + b"\r\n")


def dribbling_body(connected: socket.socket, over: Event) -> None:
    """A byte of the body now and then."""
    connected.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n")
    while not over.wait(0.1):
        connected.sendall(b"x")


def body_without_end(connected: socket.socket, over: Event) -> None:
    """More and more, as fast as it is taken."""
    connected.sendall(HEAD + b"\r\n")
    while not over.is_set():
        connected.sendall(bytes(65536))


def compressed_bomb(connected: socket.socket, over: Event) -> None:
    """A body that says it is compressed: it is never unpacked beyond the limit."""
    body = gzip.compress(bytes(64 * 1024 * 1024))
    connected.sendall(
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )


def length_that_is_a_lie(connected: socket.socket, over: Event) -> None:
    """It promises more than it sends."""
    connected.sendall(HEAD + b"Content-Length: 1000\r\n\r\nshort")


def no_http(connected: socket.socket, over: Event) -> None:
    connected.sendall(b"220 mail.example ESMTP\r\n")


def redirect_inside(connected: socket.socket, over: Event) -> None:
    connected.sendall(
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    )


def good(connected: socket.socket, over: Event) -> None:
    connected.sendall(HEAD + b"Content-Length: 3\r\nConnection: close\r\n\r\nabc")


def test_a_good_answer_comes_back() -> None:
    """The case that all others differ from."""
    with server(good) as url:
        assert HTTPClient(timeout_seconds=0.5)(url) == b"abc"


@pytest.mark.parametrize(
    "answer",
    [
        silence,
        dribbling_head,
        head_without_end,
        dribbling_body,
        body_without_end,
        compressed_bomb,
        length_that_is_a_lie,
        no_http,
        redirect_inside,
    ],
)
def test_a_hostile_answer_ends_within_the_limits(answer: Answer) -> None:
    client = HTTPClient(timeout_seconds=0.5, largest_answer_bytes=100_000)
    with server(answer) as url:
        started = perf_counter()
        with pytest.raises(Unreachable):
            client(url)
        assert perf_counter() - started < 2
