"""`chauban serve`: the web server (granian, WSGI); static files come from the same process."""

import os
import resource
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces

THREADS = 4
# A worker of granian 2.8 may miss the signal to end; what it answers then has this long.
KILLED_AFTER_SECONDS = 10
MOST_PROCESSES = 2  # unless more are asked for
# Held by one process. Every open page keeps one, idle most of the time; a process that holds all
# it may accepts nobody else until one of them has been silent for half a minute.
MOST_CONNECTIONS = 16_384
BACKLOG = 4096  # those who come at once, as all open pages do after a restart
OTHER_FILES = 512  # what a process has open besides: databases, documents, its own questions
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option(
    "--processes",
    default=min(MOST_PROCESSES, os.cpu_count() or 1),
    show_default="one a core, at most 2",
    help="How many processes answer, some 90 MB each.",
)
@click.option("--tls-certificate", type=EXISTING, help="PEM: our certificate and its chain.")
@click.option("--tls-key", type=EXISTING, help="PEM: its key (PKCS#8).")
@click.option("--tls-client-ca", type=EXISTING, help="PEM: only clients it certified may call.")
def command(
    host: str,
    port: int,
    processes: int,
    tls_certificate: Path | None,
    tls_key: Path | None,
    tls_client_ca: Path | None,
) -> None:
    """Serve the pages and the axis over HTTP, or over TLS 1.2 and later.

    With --tls-client-ca nobody without a certificate gets in, people's browsers included: give
    the axis for other nodes a port of its own.
    """
    if bool(tls_certificate) != bool(tls_key) or (tls_client_ca and not tls_certificate):
        raise click.UsageError("--tls-certificate, --tls-key (--tls-client-ca): đi cùng nhau")
    Granian(
        "chauban.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        workers_kill_timeout=KILLED_AFTER_SECONDS,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        backpressure=_connections_held(),
        log_access=False,
        ssl_cert=tls_certificate,
        ssl_key=tls_key,
        ssl_ca=tls_client_ca,
        ssl_client_verify=tls_client_ca is not None,
    ).serve()


def _connections_held() -> int:
    """How many connections a process may hold; raises the limit on its open files for them."""
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    if most_files == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(1, min(MOST_CONNECTIONS, most_files - OTHER_FILES))
