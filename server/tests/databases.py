"""The database that the tests run on: made once, copied where commits must be real."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from chauban.accounts.actions import open_accounts
from chauban.config.environment import Environment
from chauban.directory.actions import load_hue
from tests.moments import NOW

DEMO_PASSWORD = "hue-2026"


def use(environment: Environment) -> None:
    """Point Django's default connection, in every thread, at an installation's database."""
    connections["default"].close()
    del connections["default"]
    connections.settings["default"].update({"OPTIONS": {}, "CONN_MAX_AGE": 0})
    connections.settings["default"].update(environment.database())


def close() -> None:
    connections["default"].close()


def fill() -> None:
    """Make the tables and enter Huế, its officers and their accounts."""
    call_command("migrate", verbosity=0, skip_checks=True)
    load_hue(NOW)
    open_accounts(DEMO_PASSWORD)


@contextmanager
def copy(template: Environment, data: Path) -> Iterator[Environment]:
    """Yield an installation in folder data whose database is a copy of the template's."""
    connections["default"].close()
    if not template.database_url:
        copied = Environment(data=data)
        _copy_sqlite(template.database()["NAME"], copied.database()["NAME"])
        yield copied
        return
    server, _, name = template.database_url.rpartition("/")
    fresh = f"copy_{data.name}".replace("-", "_")[:60].lower()
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{fresh}" TEMPLATE "{name}"')
    yield Environment(data=data, database_url=f"{server}/{fresh}")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{fresh}" WITH (FORCE)')


def variables(environment: Environment) -> dict[str, Any]:
    """What a process started by a test needs to work on the same installation."""
    return {
        "CHAUBAN_DATA": str(environment.data),
        "CHAUBAN_DATABASE_URL": environment.database_url,
        # The axis's secrets in the database are kept under this key.
        "CHAUBAN_SECRET_KEY": settings.SECRET_KEY,
    }


def _copy_sqlite(source: str, target: str) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
