"""`chauban serve`: the web server (granian, WSGI); static files come from the same process."""

import os
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces

THREADS = 4
# A worker of granian 2.8 may miss the signal to end; what it answers then has this long.
KILLED_AFTER_SECONDS = 10
MOST_PROCESSES = 2  # unless more are asked for
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
        log_access=False,
        ssl_cert=tls_certificate,
        ssl_key=tls_key,
        ssl_ca=tls_client_ca,
        ssl_client_verify=tls_client_ca is not None,
    ).serve()
