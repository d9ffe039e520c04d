"""An installation in the simulation: its database, its files, its clock; it dies at any step."""

import errno
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from django.conf import settings
from django.db import OperationalError, connections
from django.db.backends.sqlite3.base import DatabaseWrapper

WRITES = ("INSERT", "UPDATE", "DELETE")


class Killed(BaseException):
    """The node whose code runs was killed; nothing in the product may catch it."""

    def __init__(self, node: "Node", step: str) -> None:
        super().__init__(f"{node.name} at {step}")
        self.node, self.step = node, step


class NodeConnection(DatabaseWrapper):
    """SQLite as an installation has it; each statement and commit is a step of the node."""

    def __init__(self, node: "Node") -> None:
        described = deepcopy(connections.settings["default"])
        described.update(NAME=str(node.folder / "chauban.sqlite3"))
        super().__init__(described, "default")
        self.node = node
        self.execute_wrappers.append(self._step)

    def _step(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        self.node.step("statement")
        if sql.startswith(WRITES) and self.node.finds_disk_full():
            raise OperationalError("database or disk is full")
        result = execute(sql, *rest)
        self.node.step("statement done")
        return result

    def _commit(self) -> None:
        self.node.step("commit")
        super()._commit()
        self.node.step("committed")


class Node:
    """An office or an axis. It dies where `dies_in` steps end, and lives again by `restart`."""

    def __init__(self, name: str, template: Path, folder: Path, rng: random.Random) -> None:
        self.name, self.folder, self.rng = name, folder, rng
        self.clock_error = timedelta(0)
        self.is_full = self.is_dead = False
        self.dies_in: int | None = None
        self.steps = 0
        folder.mkdir()
        shutil.copy(template, folder / "chauban.sqlite3")
        self.connection = NodeConnection(self)

    def step(self, what: str) -> None:
        """Raises: Killed, when this is where the node dies, and ever after until it restarts."""
        self.steps += 1
        if self.dies_in is not None and not self.is_dead:
            self.dies_in -= 1
            self.is_dead = self.dies_in <= 0
        if self.is_dead:
            if self.connection.connection is not None:
                self.connection.connection.rollback()  # what a killed process leaves uncommitted
            raise Killed(self, what)

    def finds_disk_full(self) -> bool:
        return self.is_full and self.rng.random() < 0.5

    def restart(self) -> None:
        self.close()
        self.connection = NodeConnection(self)
        self.is_dead, self.dies_in = False, None

    def close(self) -> None:
        if self.connection.connection is not None:
            self.connection.connection.close()

    @contextmanager
    def running(self) -> Iterator[None]:
        """The code under test works on this node meanwhile: its database, its files."""
        outer = connections["default"], settings.BLOB_FOLDER, _running[-1]
        connections["default"] = self.connection
        settings.BLOB_FOLDER = self.folder / "blobs"
        _running.append(self)
        try:
            yield
        finally:
            _running.pop()
            connections["default"], settings.BLOB_FOLDER, _ = outer


_running: list[Node | None] = [None]


@contextmanager
def operating_system(rng: random.Random) -> Iterator[None]:
    """Files that a node may die at or find no room for; `os.urandom` from the seed.

    Nothing waits for a disk: what a power cut leaves is not simulated, a killed process is.
    """
    replace = os.replace

    def stepping_replace(source: Any, target: Any, **kwargs: Any) -> None:
        node = _running[-1]
        if node:
            node.step("rename of a stored file")
        replace(source, target, **kwargs)
        if node:
            node.step("stored file renamed")

    def filling_fsync(descriptor: int) -> None:
        node = _running[-1]
        if node and node.finds_disk_full():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with (
        mock.patch("os.replace", stepping_replace),
        mock.patch("os.fsync", filling_fsync),
        mock.patch("os.urandom", rng.randbytes),
    ):
        yield


def settled(source: Path, target: Path) -> None:
    """Copy a database with all that its log still holds."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
