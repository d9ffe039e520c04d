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


class Disk:
    """What of a node's files a power cut would leave: what it waited for (POSIX, fsync).

    The entry of a file or folder lasts when its folder was synced since, a file's content when
    the file was.
    """

    def __init__(self) -> None:
        self._synced: set[int] = set()  # files by their inode, before they have their place
        self._loose: dict[Path, int] = {}  # entries, by the inode of their folder
        self._unwritten: set[Path] = set()

    def synced(self, inode: int) -> None:
        self._synced.add(inode)
        self._loose = {path: folder for path, folder in self._loose.items() if folder != inode}

    def entered(self, path: Path) -> None:
        """A file was moved to its place, or a folder made."""
        self._loose[path] = path.parent.stat().st_ino
        inode = path.stat().st_ino
        if path.is_file() and inode not in self._synced:
            self._unwritten.add(path)
        self._synced.discard(inode)

    def lose(self, rng: random.Random) -> int:
        """Lose half of what may be lost; return how many entries and contents went."""
        lost = [path for path in self._loose if rng.random() < 0.5]
        for path in lost:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        emptied = [path for path in sorted(self._unwritten) if path.is_file()]
        for path in emptied:
            os.truncate(path, 0)
        self.__init__()
        return len(lost) + len(emptied)


class Node:
    """An office or an axis. It dies where `dies_in` steps end, and lives again by `restart`."""

    def __init__(self, name: str, template: Path, folder: Path, rng: random.Random) -> None:
        self.name, self.folder, self.rng = name, folder, rng
        self.clock_error = timedelta(0)
        self.is_full = self.is_dead = self.loses_power = False
        self.dies_in: int | None = None
        self.steps = 0
        self.disk = Disk()
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

    def restart(self) -> int:
        """Live again; return how many files a power cut has cost, if there was one."""
        self.close()
        lost = self.disk.lose(self.rng) if self.loses_power else 0
        self.connection = NodeConnection(self)
        self.is_dead, self.dies_in, self.loses_power = False, None, False
        return lost

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

    Nothing waits for a disk; what was not waited for, a power cut may take.
    """
    replace, mkdir = os.replace, os.mkdir

    def stepping_replace(source: Any, target: Any, **kwargs: Any) -> None:
        node = _running[-1]
        if node:
            node.step("rename of a stored file")
        replace(source, target, **kwargs)
        if node:
            node.disk.entered(Path(target))
            node.step("stored file renamed")

    def stepping_mkdir(path: Any, *args: Any, **kwargs: Any) -> None:
        mkdir(path, *args, **kwargs)
        node = _running[-1]
        if node:
            node.disk.entered(Path(path))
            node.step("folder made")

    def filling_fsync(descriptor: int) -> None:
        node = _running[-1]
        if node and node.finds_disk_full():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if node:
            node.disk.synced(os.fstat(descriptor).st_ino)

    with (
        mock.patch("os.replace", stepping_replace),
        mock.patch("os.mkdir", stepping_mkdir),
        mock.patch("os.fsync", filling_fsync),
        mock.patch("os.urandom", rng.randbytes),
    ):
        yield


def settled(source: Path, target: Path) -> None:
    """Copy a database with all that its log still holds."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
