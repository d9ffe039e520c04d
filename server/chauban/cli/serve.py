"""`chauban serve`: the web server (granian, WSGI); static files come from the same process."""

import click
from granian import Granian
from granian.constants import Interfaces

THREADS = 4


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
def command(host: str, port: int) -> None:
    """Serve the pages and the axis over HTTP."""
    Granian(
        "chauban.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_access=False,
    ).serve()
