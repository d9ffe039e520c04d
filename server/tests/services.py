"""The demo PKI's services, running in a thread of the tests' own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread

from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.demo.service import make_server


@contextmanager
def serving(authority: DemoAuthority, clock: Callable[[], datetime]) -> Iterator[str]:
    """Yield the address at which OCSP, CRLs and time-stamps answer, at the clock's time."""
    with make_server(authority.folder, "127.0.0.1", 0, clock) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
