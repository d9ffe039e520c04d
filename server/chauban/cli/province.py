"""The demo province: its settings, what it is made of, the processes it runs in."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from chauban.cli.processes import Child, start, wait_listening
from chauban_pki.demo.authority import CA_HOST, OCSP_HOST, TSA_HOST

START_SECONDS = 40.0
DEMO_PASSWORD = "hue-2026"
# The bodies whose keys are made before the first page: the Committee's Office serves both.
FIRST_BODIES = ("ubnd-tp", "vp-ubnd")


def settings(
    data: Path, *, port: int, pki_port: int, given: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The CHAUBAN_* variables of a demo in folder data; a database given by URL is kept."""
    hosts = dict.fromkeys((CA_HOST, OCSP_HOST, TSA_HOST), pki_port)
    return {
        "DJANGO_SETTINGS_MODULE": "chauban.config.settings",
        "CHAUBAN_DATA": str(data.resolve()),
        "CHAUBAN_DATABASE_URL": given.get("CHAUBAN_DATABASE_URL", ""),
        "CHAUBAN_BASE_URL": f"http://localhost:{port}",
        "CHAUBAN_ALLOWED_HOSTS": "localhost,127.0.0.1",
        "CHAUBAN_ADDRESSES": addresses(hosts),
        "CHAUBAN_DEMO": "true",
    }


def addresses(ports: Mapping[str, int]) -> str:
    """CHAUBAN_ADDRESSES: hosts of the demo's PKI, and the ports of this machine they are at."""
    return ",".join(f"{host}=http://127.0.0.1:{port}" for host, port in ports.items())


def enter(variables: Mapping[str, str]) -> None:
    """Make this process one of that installation's; before anything of the server is imported."""
    import django

    os.environ.update(variables)
    django.setup()


def prepare(data: Path) -> None:
    """Make what is missing: tables, Huế, accounts, the demo's PKI, its axis, the first keys.

    Again on an old folder it changes nothing.
    """
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from chauban.accounts.actions import open_accounts
    from chauban.axis.demo import register_demo_axis
    from chauban.directory.actions import load_hue
    from chauban.directory.models import IssuingBody
    from chauban.directory.rules import legal_day
    from chauban.trust.demo import mint_for_body, mint_service, open_demo_pki, trust_demo_pki

    now = datetime.now(UTC)
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    load_hue(now)
    open_accounts(DEMO_PASSWORD)
    register_demo_axis(legal_day(now))
    authority = open_demo_pki(data / "pki", now=now)
    trust_demo_pki(authority, now=now)
    mint_service(
        authority,
        keystore=data / "service.p12",
        password_file=data / "service.password",
        now=now,
    )
    for key in FIRST_BODIES:
        mint_for_body(IssuingBody.objects.get(key=key), authority=authority, now=now)


def start_pki(data: Path, *, port: int, variables: Mapping[str, str], only: str = "") -> Child:
    """The demo's OCSP responder, CRLs and time-stamping authority, listening; or one of them."""
    argv = ["chauban_pki.demo.service", "--folder", str(data / "pki"), "--port", str(port)]
    argv += ["--only", only] if only else []
    child = start(only or "pki", argv, variables=variables, logs=data / "logs")
    wait_listening(child, port, seconds=START_SECONDS)
    return child


def start_web(
    data: Path, *, port: int, variables: Mapping[str, str], options: Sequence[str] = ()
) -> Child:
    argv = ["chauban.cli.main", "serve", "--port", str(port), *options]
    child = start("web", argv, variables=variables, logs=data / "logs")
    wait_listening(child, port, seconds=START_SECONDS)
    return child


def start_worker(data: Path, *, variables: Mapping[str, str]) -> Child:
    return start("work", ["chauban.cli.main", "work"], variables=variables, logs=data / "logs")


def start_storyteller(data: Path, *, variables: Mapping[str, str]) -> Child:
    """The process that makes the demo's keys and documents, in sight of whoever looks."""
    return start("stories", ["chauban.cli.stories"], variables=variables, logs=data / "logs")
