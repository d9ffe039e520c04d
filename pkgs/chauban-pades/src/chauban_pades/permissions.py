"""What a signature allows later revisions to change (ISO 32000-1 clauses 12.8.2.2 and 12.8.2.4).

A signatory's signature leaves room for number, date and the signatures that were reserved with
it; a seal for validation data only, save what its own lock expressly leaves open.
Design: reserved-fields.md sections 3 to 5.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pikepdf

from .comparing import (
    FIELD_FILLED,
    FIELD_SIGNED,
    INFORMATION_CHANGED,
    INVISIBLE_SIGNATURE_ADDED,
    SIGNATURE_ADDED,
    TIMESTAMP_ADDED,
    VALIDATION_DATA_ADDED,
    Delta,
)
from .signature_reading import SignatureMalformed

_NO_CHANGES = 1


@dataclass(frozen=True)
class FieldLock:
    """One FieldMDP transform, or the lock of the field where the signature repeats none."""

    action: str
    fields: tuple[str, ...]

    def covers(self, field: str) -> bool:
        """Whether the field, or one that it is part of, is locked."""
        if self.action == "/All":
            return True
        parts = field.split(".")
        named = any(".".join(parts[:depth]) in self._names for depth in range(1, len(parts) + 1))
        return named if self.action == "/Include" else not named

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.fields)


@dataclass(frozen=True)
class Permissions:
    """What one signature locks; `forbids_changes` is /P 1 of a lock or certification."""

    locks: tuple[FieldLock, ...] = ()
    forbids_changes: bool = False

    def locks_field(self, field: str) -> bool:
        """Whether a change to that field breaks the signature."""
        return any(lock.covers(field) for lock in self.locks)


NO_LOCKS = Permissions()


def read_permissions(value: Any, field: Any) -> Permissions:
    """What a signature dictionary and its field lock.

    Raises:
        SignatureMalformed: a lock that does not read.
    """
    locks: list[FieldLock] = []
    forbids = False
    references = value.get("/Reference")
    for reference in references if isinstance(references, pikepdf.Array) else ():
        method = reference.get("/TransformMethod")
        parameters = reference.get("/TransformParams")
        if not isinstance(parameters, pikepdf.Dictionary):
            raise SignatureMalformed("lock-malformed")
        if method == "/FieldMDP":
            locks.append(_lock(parameters))
        elif method == "/DocMDP":
            forbids = forbids or parameters.get("/P", 2) == _NO_CHANGES
    lock = field.get("/Lock")
    if isinstance(lock, pikepdf.Dictionary):
        locks.append(_lock(lock))
        forbids = forbids or lock.get("/P") == _NO_CHANGES
    return Permissions(tuple(dict.fromkeys(locks)), forbids)


def _lock(parameters: Any) -> FieldLock:
    action, fields = str(parameters.get("/Action", "")), parameters.get("/Fields")
    if action == "/All":
        return FieldLock(action, ())
    if action not in ("/Include", "/Exclude") or not isinstance(fields, pikepdf.Array):
        raise SignatureMalformed("lock-malformed")
    return FieldLock(action, tuple(str(name) for name in fields))


@dataclass(frozen=True)
class Surroundings:
    """What else decides whether a change is allowed.

    `is_reserved`: the document was laid out with reserved fields. `sealed_revisions`: the
    revisions that an organisation's signature ends, or that were filled for it.
    """

    is_reserved: bool
    sealed_revisions: Collection[int]


def is_permitted(
    delta: Delta, permissions: Permissions, *, is_seal: bool, surroundings: Surroundings
) -> bool:
    """Whether a signature stays good although a later revision changed that."""
    if delta.what in (VALIDATION_DATA_ADDED, TIMESTAMP_ADDED):
        return True
    field = delta.field or ""
    if delta.what == INFORMATION_CHANGED and surroundings.is_reserved:
        # No page shows it; programs that sign whole files keep it up to date as they do.
        return not permissions.forbids_changes and delta.revision in surroundings.sealed_revisions
    if permissions.forbids_changes or permissions.locks_field(field):
        return False
    if delta.what in (INVISIBLE_SIGNATURE_ADDED, INFORMATION_CHANGED):
        # Other systems keep producer and dates up to date; no page shows them.
        return not surroundings.is_reserved
    if delta.what == SIGNATURE_ADDED:
        # Its picture may hide what was signed, so an agency must stand for it.
        covered = any(revision >= delta.revision for revision in surroundings.sealed_revisions)
        return covered and not surroundings.is_reserved
    if is_seal and not permissions.locks and not surroundings.is_reserved:
        return False
    if delta.what == FIELD_FILLED:
        return delta.revision in surroundings.sealed_revisions
    return delta.what == FIELD_SIGNED
