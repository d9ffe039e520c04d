"""`chauban serve` as a process: what all the pages that people keep open ask of it."""

import resource
import socket
from contextlib import ExitStack

import pytest

from chauban.cli.processes import ending_together, free_port, start, wait_listening
from tests.axis.test_live import variables_of

pytestmark = pytest.mark.processes

QUESTION = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
MORE_THAN_GRANIAN_HOLDS = 1_100  # by itself: 1,024 of one process
USUAL_FILES = 1_024  # that a process may open on Debian, until it asks for more


@pytest.fixture
def open_files():
    """The usual limit for the server, and enough for us who hold its connections' other ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * MORE_THAN_GRANIAN_HOLDS:
        pytest.skip(f"a process may open {hard} files here, too few to hold so many connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (USUAL_FILES, hard))
    yield lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_pages_left_open_keep_nobody_out(committed, open_files, tmp_path):
    port = free_port()
    argv = ["chauban.cli.main", "serve", "--port", str(port), "--processes", "1"]
    web = start("web", argv, variables=variables_of(committed), logs=tmp_path / "logs")
    open_files()
    with ending_together([web]), ExitStack() as held:
        wait_listening(web, port, seconds=60)
        for _ in range(MORE_THAN_GRANIAN_HOLDS):
            line = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=15))
            line.sendall(QUESTION)
            assert line.recv(4096).startswith(b"HTTP/1.1 200")
