"""Django's SQLite, whose writers wait at a turnstile of their own and for the disk side by side.

SQLite has one writer at a time, and whoever finds it taken sleeps: 1 ms first, soon 100. Among a
few busy processes the lock then lies idle while all who want it sleep. Here a writer first takes
a lock on a file beside the database, asked for every millisecond; the kernel frees it when a
process dies. Nothing rests on it: SQLite's own lock still guards every write.

With `synchronous=NORMAL` SQLite leaves the log of a commit to the kernel. Here a commit ends only
when the log is on the disk, but its writer waits for that after its turn: the next one goes on
meanwhile, and one sync of the log is a sync of all commits before it.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

EVERY_SECONDS = 0.001


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's; `timeout` of OPTIONS bounds the wait at the turnstile as well."""

    _turnstile: int | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):  # what `_sync` completes
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def create_cursor(self, name: str | None = None) -> "Cursor":
        cursor: Cursor = self.connection.cursor(factory=Cursor)
        cursor.wrapper = self
        return cursor

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One statement that writes on its own, outside any transaction."""
        self._enter()
        try:
            yield
        finally:
            self._leave()
        self._sync()

    def _start_transaction_under_autocommit(self) -> None:
        self._enter()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> None:
        has_written = self.connection is not None and self.connection.in_transaction
        try:
            super()._commit()
        finally:
            self._leave()
        if has_written:
            self._sync()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._leave()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._leave()

    def _enter(self) -> None:
        """Wait for the turn; who has waited for too long leaves the rest to SQLite."""
        path = f"{self.settings_dict['NAME']}.turnstile"
        self._turnstile = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + self.settings_dict["OPTIONS"]["timeout"]
        while time.monotonic() < deadline:
            try:
                fcntl.flock(self._turnstile, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(EVERY_SECONDS)
            else:
                return

    def _leave(self) -> None:
        if self._turnstile is not None:
            os.close(self._turnstile)
            self._turnstile = None

    def _sync(self) -> None:
        """Wait until the log is on the disk; a checkpoint has synced what it took out of it.

        Raises: OperationalError: the disk refuses; what was committed may be gone with the power.
        """
        try:
            log = os.open(f"{self.settings_dict['NAME']}-wal", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # the last connection's closing took all of it into the database
            return
        try:
            os.fdatasync(log)
        except OSError as error:
            raise OperationalError(f"the log of the database was not synced: {error}") from error
        finally:
            os.close(log)


class Cursor(base.SQLiteCursorWrapper):
    """A statement that is its own transaction takes its turn like the others."""

    wrapper: DatabaseWrapper

    def execute(self, query: str, params: Any = None) -> Any:
        if self.connection.in_transaction or not _writes(query):
            return super().execute(query, params)
        with self.wrapper.turn():
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        if self.connection.in_transaction or not _writes(query):
            return super().executemany(query, param_list)
        with self.wrapper.turn():
            return super().executemany(query, param_list)


def _writes(query: str) -> bool:
    return query.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE", "REPLAC")
