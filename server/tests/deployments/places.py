"""Three deployments on loopback: two offices and the axis between them.

Each has its folder, its database and processes started by the product's own commands; offices
reach the axis over mutual TLS, through a proxy. Office A is on SQLite; office B and the axis are
on PostgreSQL, in one server.
"""

import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import psycopg
from django.conf import settings
from django.contrib.auth.hashers import ScryptPasswordHasher, make_password

from chauban.accounts.models import User
from chauban.axis.registering import Registration, register_system
from chauban.bench.postgres import Cluster
from chauban.cli.processes import Child, free_port, kill, start, stop, wait_listening
from chauban.config.environment import Environment
from chauban.directory.rules import legal_day
from chauban.trust.demo import mint_service, trust_demo_pki
from chauban_pki.demo.authority import DemoAuthority
from tests import databases
from tests.deployments.people import Plan
from tests.deployments.proxy import HOST, Proxy
from tests.nodes import node_files
from tests.simulation.clerks import Staff, staff_of

SERVER = Path(__file__).resolve().parents[2]
OFFICES = ("office-a", "office-b")
START_SECONDS = 60.0
PLAN = "plan.json"
OUTLIVED_BY_COMMITS = ("fsync=off", "synchronous_commit=on", "max_connections=60")
"""What a killed server had committed stands; a power cut is not tried here."""


@dataclass
class Deployment:
    """One installation; its processes are killed and started again by their names."""

    name: str
    environment: Environment
    variables: Mapping[str, str]
    port: int
    tls: Sequence[str] = ()  # what `chauban serve` is told besides
    roles: Sequence[str] = ("web", "work")
    processes: dict[str, Child] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.environment.data

    def start(self, role: str) -> None:
        """Raises: DidNotStart."""
        argv = {
            "web": ["chauban.cli.main", "serve", "--port", str(self.port), *self.tls],
            "work": ["chauban.cli.main", "work"],
            "people": [
                "tests.deployments.people",
                str(self.folder.parent / PLAN),
                self.name,
                f"http://{HOST}:{self.port}",
            ],
        }[role]
        logs = self.folder / "logs"
        child = self.processes[role] = start(role, argv, variables=self.variables, logs=logs)
        if role == "web":
            wait_listening(child, self.port, seconds=START_SECONDS)

    def kill(self, role: str) -> None:
        """kill -9 of the process group."""
        kill(self.processes.pop(role))

    def died(self) -> list[str]:
        """Which processes ended though nobody killed them."""
        return [role for role, child in self.processes.items() if child.process.poll() is not None]

    def stop(self) -> None:
        for role in [*self.processes]:
            stop(self.processes.pop(role))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Django in this process works on this deployment meanwhile."""
        databases.use(self.environment)
        with mock.patch.object(settings, "BLOB_FOLDER", self.folder / "blobs"):
            yield
        databases.close()


@dataclass
class Office:
    """As the simulation has it: `judging.faults_of` looks at these."""

    node: Deployment


@dataclass
class Places:
    postgres: Cluster
    axis: Deployment
    offices: dict[str, Office]
    proxies: dict[str, Proxy]

    @property
    def axes(self) -> list[Deployment]:
        return [self.axis]

    def deployments(self) -> list[Deployment]:
        return [self.axis, *(office.node for office in self.offices.values())]


@contextmanager
def set_up(
    folder: Path,
    template: Environment,
    plan: Plan,
    authority: DemoAuthority,
    *,
    seed: int,
    roles: Sequence[str],
) -> Iterator[Places]:
    """Three deployments in a folder; nothing of ours runs yet, and nothing after.

    roles: what runs at an office.

    template: an installation on SQLite with Huế, its officers and their accounts.
    """
    plan.keep(folder / PLAN)
    with ExitStack() as stack:
        # Its user is another where we are root, and may not pass through our folder.
        home = stack.enter_context(TemporaryDirectory(prefix="chauban-postgresql-"))
        cluster = Cluster.initialised(Path(home), settings=OUTLIVED_BY_COMMITS)
        stack.callback(cluster.stop)
        cluster.start()
        near = _made(folder / "office-a")
        shutil.copy(template.database()["NAME"], Environment(near).database()["NAME"])
        axis = _axis(_on_postgresql(cluster, folder, "axis"), authority)
        stack.callback(axis.stop)
        places = Places(cluster, axis, {}, {})
        far = _on_postgresql(cluster, folder, "office-b", copied_from="axis")
        for name, environment in zip(OFFICES, (Environment(near), far), strict=True):
            proxy = places.proxies[name] = Proxy(axis.port, seed=f"{name} {seed}")
            stack.callback(proxy.close)
            node = _office(name, environment, authority, axis_port=proxy.port, roles=roles)
            places.offices[name] = Office(node)
            stack.callback(node.stop)
        for place in places.deployments():
            with place.running():
                trust_demo_pki(authority, now=_now())
                # That of the tests' settings is none which an installation would take.
                password = make_password(databases.DEMO_PASSWORD, hasher=ScryptPasswordHasher())
                User.objects.update(password=password)
        with axis.running():
            _register(plan)
        yield places


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _on_postgresql(
    cluster: Cluster, folder: Path, name: str, *, copied_from: str = ""
) -> Environment:
    """An installation with a database of its own: new, or a copy of another's."""
    database = name.replace("-", "_")
    with psycopg.connect(f"{cluster.url}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database} TEMPLATE {copied_from or 'template0'}")
        # Without it a crash would set a copied sequence back to where it stood when copied.
        connection.execute("CHECKPOINT")
    environment = Environment(data=_made(folder / name), database_url=f"{cluster.url}/{database}")
    if not copied_from:
        databases.use(environment)
        databases.fill()
        databases.close()
    return environment


def _axis(environment: Environment, authority: DemoAuthority) -> Deployment:
    data = environment.data
    files = node_files(authority, data / "tls")
    mint_service(
        authority,
        keystore=data / "service.p12",
        password_file=data / "service.password",
        now=_now(),
    )
    tls = ["--tls-certificate", str(files.certificate), "--tls-key", str(files.key)]
    tls += ["--tls-client-ca", str(authority.folder / "root.pem")]
    return Deployment("axis", environment, _variables(environment), free_port(), tls)


def _office(
    name: str,
    environment: Environment,
    authority: DemoAuthority,
    *,
    axis_port: int,
    roles: Sequence[str],
) -> Deployment:
    files = node_files(authority, environment.data / "tls")
    variables = {
        **_variables(environment),
        "CHAUBAN_AXIS_URL": f"https://{HOST}:{axis_port}/axis",
        "CHAUBAN_AXIS_SYSTEM_ID": name,
        "CHAUBAN_AXIS_SECRET": secret_of(name),
        "CHAUBAN_AXIS_CA": str(authority.folder / "root.pem"),
        "CHAUBAN_AXIS_CLIENT_CERTIFICATE": str(files.certificate),
        "CHAUBAN_AXIS_CLIENT_KEY": str(files.key),
        "CHAUBAN_AXIS_POLL_SECONDS": "1",
        # Both dialects of a recall: one office asks by status 13, the other by a document.
        "CHAUBAN_RECALL_BY_DOCUMENT": "*" if name == OFFICES[-1] else "",
    }
    return Deployment(name, environment, variables, free_port(), roles=roles)


def _variables(environment: Environment) -> dict[str, str]:
    return {
        **databases.variables(environment),
        "CHAUBAN_ALLOWED_HOSTS": HOST,
        "DJANGO_SETTINGS_MODULE": "chauban.config.settings",
        "PYTHONPATH": os.pathsep.join([str(SERVER), os.environ.get("PYTHONPATH", "")]),
    }


def _register(plan: Plan) -> None:
    """Each office is a system of the axis, with the codes of the bodies that it serves."""
    day = legal_day(_now())
    for name, keys in plan.agencies.items():
        members = [
            Registration(code.code, body.name)
            for key in keys
            for body in _staff(key, day).bodies.values()
            for code in body.codes.all()
            if code.is_in_force(day)
        ]
        register_system(name, name, members, secret=secret_of(name))


def secret_of(system_id: str) -> str:
    return f"khóa của {system_id}".encode().hex()


def _staff(agency: str, day: date) -> Staff:
    staff = staff_of(agency, day)
    assert staff
    return staff


def kill_postgresql(cluster: Cluster) -> None:
    """kill -9 of the server and of all that serves a connection: each leads a group of its own."""
    assert cluster.process
    group = [cluster.process.pid, *_children(cluster.process.pid)]
    for pid in group:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    cluster.process.wait()
    cluster.process = None
    while any(Path(f"/proc/{pid}").exists() for pid in group):  # they hold its shared memory
        time.sleep(0.02)


def _children(parent: int) -> list[int]:
    return list(map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()))


def _now() -> datetime:
    return datetime.now(UTC)
