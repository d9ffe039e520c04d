"""Django's SQLite, whose writers wait at a turnstile of their own.

SQLite has one writer at a time, and whoever finds it taken sleeps: 1 ms first, soon 100. Among a
few busy processes the lock then lies idle while all who want it sleep. Here a transaction first
takes a lock on a file beside the database, asked for every millisecond; the kernel frees it when
a process dies. Nothing rests on it: SQLite's own lock still guards every write.
"""

import fcntl
import os
import time

from django.db.backends.sqlite3 import base

EVERY_SECONDS = 0.001


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's; `timeout` of OPTIONS bounds the wait at the turnstile as well."""

    _turnstile: int | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._enter()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()
        finally:
            self._leave()

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
