"""One installation under test: where it lies, how its processes are started and killed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from django.db.models import Model

from chauban.cli import province
from chauban.cli.processes import Child, free_port, is_listening, kill
from chauban.config.environment import Environment
from chauban.exchange.models import Delivery, IncomingMessage, OutgoingMessage
from chauban.workflow.models import KeyUse
from tests.faults import killing

SERVER = Path(__file__).resolve().parents[2]
PYTHONPATH = os.pathsep.join([str(SERVER), os.environ.get("PYTHONPATH", "")])
PATIENCE_SECONDS = 30.0
KEYS = (KeyUse,)
QUEUES = (OutgoingMessage, IncomingMessage, Delivery)


@dataclass(frozen=True)
class Installation:
    environment: Environment
    port: int
    pki_port: int
    variables: Mapping[str, str]

    @classmethod
    def of(cls, environment: Environment) -> Self:
        port, pki_port = free_port(), free_port()
        given = {"CHAUBAN_DATABASE_URL": environment.database_url}
        variables = province.settings(environment.data, port=port, pki_port=pki_port, given=given)
        variables["PYTHONPATH"] = PYTHONPATH
        addressed = replace(environment, addresses=variables["CHAUBAN_ADDRESSES"])
        return cls(addressed, port, pki_port, variables)

    @property
    def data(self) -> Path:
        return self.environment.data

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def mortal(self, name: str) -> dict[str, str]:
        """The variables of a process that can be told to die: see tests.faults.killing."""
        return {
            **self.variables,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            killing.VARIABLE: str(self.kill_file(name)),
            "CHAUBAN_FULL_FILE": str(self.data / "disk-is-full"),
        }

    def kill_file(self, name: str) -> Path:
        return self.data / f"kill-{name}.json"


def terminal() -> dict[str, str]:
    """The variables of somebody's terminal: none of the tests' own settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CHAUBAN_", "DJANGO_", "PYTEST_"))
    }
    return {**kept, "PYTHONPATH": PYTHONPATH}


def start_pki(place: Installation) -> Child:
    return province.start_pki(place.data, port=place.pki_port, variables=place.variables)


def start_web(place: Installation, *, port: int = 0) -> Child:
    return province.start_web(
        place.data,
        port=port or place.port,
        variables=place.mortal("web"),
        options=("--processes", "1"),  # it is killed and started again all the time
    )


def start_worker(place: Installation) -> Child:
    return province.start_worker(place.data, variables=place.mortal("work"))


def work_once(place: Installation) -> None:
    """A worker that pays everything owed, and ends."""
    argv = [sys.executable, "-m", "chauban.cli.main", "work", "--once"]
    environment = {**os.environ, **place.mortal("work")}
    ran = subprocess.run(
        argv, env=environment, capture_output=True, timeout=PATIENCE_SECONDS * 2, check=True
    )
    assert b"Traceback" not in ran.stderr, ran.stderr.decode()


def require_dead(child: Child, *, port: int = 0) -> None:
    """Wait until not one process of the child's group is left, and its port is dead."""
    until(lambda: child.process.poll() is not None, f"{child.name} lives on")
    until(lambda: not alive_in_group(child.process.pid), f"a process of {child.name} lives on")
    if port:  # threads of a dead process let go of its sockets a moment later
        until(lambda: not is_listening(port), f"port {port} still answers")


def kill_group(child: Child, *, port: int = 0) -> None:
    kill(child)
    require_dead(child, port=port)


def alive_in_group(group: int) -> list[int]:
    """The processes of a group that run still; a zombie runs no more."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(entry)):
            state, process_group = fields[0], int(fields[2])
            if process_group == group and state not in "ZX":
                found.append(int(entry.name))
    return found


def _stat(entry: Path) -> list[str]:
    try:
        return (entry / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:  # it ended while we looked
        return []


def let_time_pass(*models: type[Model]) -> None:
    """Minutes go by: leases that a crash left run out, what was put off is due again."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    for model in models or (*KEYS, *QUEUES):
        for name in ("lease_until", "due_at"):
            if name in [field.name for field in model._meta.get_fields()]:
                ahead = model._default_manager.filter(**{f"{name}__gt": past})
                ahead.update(**{name: past})


def until(
    holds: Callable[[], object], otherwise: str, *, seconds: float = PATIENCE_SECONDS
) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def processes_of(data: Path) -> list[int]:
    """Every running process that was started for the installation in folder data."""
    wanted = f"CHAUBAN_DATA={data.resolve()}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in variables and (fields := _stat(entry)) and fields[0] not in "ZX":
            found.append(int(entry.name))
    return found
