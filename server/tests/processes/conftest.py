"""What tests of real processes share: a province on disk, its servers, its people.

`installation`  a copy of a prepared demo province, with commits that are real; the test's own
                Django works on it as well
`running`       whatever is put into this list is ended after the test
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from chauban.cli import province
from chauban.cli.processes import Child, ending_together, free_port
from chauban.config.environment import Environment
from tests import databases
from tests.processes.installation import Installation, terminal


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here starts processes: those of a module one after the other."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.processes)
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def new_database(template: Environment) -> Callable[[str], str]:
    """new_database("name"): the URL of a database without tables, "" for a file of SQLite's."""

    def made(name: str) -> str:
        if not template.database_url:
            return ""
        with psycopg.connect(template.database_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return template.database_url.rpartition("/")[0] + f"/{name}"

    return made


@pytest.fixture(scope="session")
def prepared(
    new_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    environment = Environment(
        data=tmp_path_factory.mktemp("province"), database_url=new_database("province")
    )
    given = {"CHAUBAN_DATABASE_URL": environment.database_url}
    variables = province.settings(
        environment.data, port=free_port(), pki_port=free_port(), given=given
    )
    argv = [sys.executable, "-m", "tests.processes.preparing"]
    subprocess.run(argv, env={**terminal(), **variables}, check=True)
    return environment


@pytest.fixture
def installation(
    prepared: Environment,
    template: Environment,
    tmp_path: Path,
    settings: Any,
    django_db_blocker: Any,
) -> Iterator[Installation]:
    for folder in ("blobs", "pki"):
        shutil.copytree(prepared.data / folder, tmp_path / folder)
    with django_db_blocker.unblock(), databases.copy(prepared, tmp_path) as environment:
        databases.use(environment)
        found = Installation.of(environment)
        settings.DEMO_PKI_FOLDER = tmp_path / "pki"
        settings.ADDRESSES = found.environment.address_map()
        yield found
        databases.use(template)


@pytest.fixture
def running() -> Iterator[list[Child]]:
    with ending_together([]) as children:
        yield children
