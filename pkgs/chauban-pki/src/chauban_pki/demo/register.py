"""What the demonstration authority has issued and revoked: one SQLite file in its folder.

Several processes may use it at once, and a crash leaves whole transactions only.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from chauban_pki.certificates import encoded
from chauban_pki.errors import UnknownSerialNumber

_TABLES = """
CREATE TABLE certificate (
    serial_number TEXT PRIMARY KEY, issuer TEXT NOT NULL, encoded BLOB NOT NULL
) STRICT;
CREATE TABLE revocation (
    serial_number TEXT PRIMARY KEY REFERENCES certificate, revoked_at TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True)
class Revocation:
    """A revocation: `revoked_at` UTC, `reason` as RFC 5280 section 5.3.1 names it."""

    serial_number: int
    revoked_at: datetime
    reason: x509.ReasonFlags


def create(path: Path) -> None:
    """Make an empty register."""
    with _connected(path) as database:
        database.executescript(_TABLES)


def enter(path: Path, certificate: x509.Certificate, *, issuer: str) -> None:
    """Enter a certificate under the name of the CA that issued it."""
    row = (f"{certificate.serial_number:x}", issuer, encoded(certificate))
    with _connected(path) as database:
        database.execute("INSERT INTO certificate VALUES (?, ?, ?)", row)


def revoke(path: Path, serial_number: int, *, at: datetime, reason: x509.ReasonFlags) -> None:
    """Revoke a certificate; the first revocation stands.

    Raises:
        UnknownSerialNumber: no certificate of that number was entered.
    """
    row = (f"{serial_number:x}", at.isoformat(), reason.name)
    with _connected(path) as database:
        if not _is_entered(database, serial_number):
            raise UnknownSerialNumber(serial_number)
        database.execute("INSERT OR IGNORE INTO revocation VALUES (?, ?, ?)", row)


def is_issued(path: Path, serial_number: int) -> bool:
    """Return whether a certificate of that number was entered."""
    with _connected(path) as database:
        return _is_entered(database, serial_number)


def revocations(path: Path, *, issuer: str) -> tuple[Revocation, ...]:
    """Return what a CA has revoked, in order of serial number."""
    query = """SELECT serial_number, revoked_at, reason FROM revocation
               JOIN certificate USING (serial_number) WHERE issuer = ? ORDER BY serial_number"""
    with _connected(path) as database:
        rows = database.execute(query, (issuer,)).fetchall()
    return tuple(_revocation(row) for row in rows)


def revocation(path: Path, serial_number: int) -> Revocation | None:
    """Return the revocation of one certificate, None while it stands good."""
    query = "SELECT serial_number, revoked_at, reason FROM revocation WHERE serial_number = ?"
    with _connected(path) as database:
        row = database.execute(query, (f"{serial_number:x}",)).fetchone()
    return _revocation(row) if row else None


def _revocation(row: tuple[str, str, str]) -> Revocation:
    return Revocation(int(row[0], 16), datetime.fromisoformat(row[1]), x509.ReasonFlags[row[2]])


def _is_entered(database: sqlite3.Connection, serial_number: int) -> bool:
    query = "SELECT 1 FROM certificate WHERE serial_number = ?"
    return database.execute(query, (f"{serial_number:x}",)).fetchone() is not None


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=20)) as database, database:
        yield database
