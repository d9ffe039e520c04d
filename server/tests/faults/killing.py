"""Where a process under test dies: kill -9 of its own process group around one commit.

A test arms a kill by leaving a file; the process whose `CHAUBAN_KILL_FILE` names it takes the
file away and dies when the moment comes, so that its successor lives. Nothing of this is in the
product: a child runs with `tests.faults.settings`.
"""

import json
import os
import re
import signal
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

VARIABLE = "CHAUBAN_KILL_FILE"
RENAME = "rename of a stored file"  # stands for a statement: the rename that shows a blob


@dataclass(frozen=True)
class Kill:
    """Die before or after the commit of the transaction that writes like this."""

    when: str  # "before" or "after"
    statement: str  # a regular expression for the beginning of the SQL
    value: str = ""  # one of the values it writes

    def fits(self, sql: str, values: Any) -> bool:
        is_written = re.match(self.statement, sql) is not None
        return is_written and (not self.value or self.value in _texts(values))


def at_act(when: str, kind: str) -> Kill:
    """Around the commit that brings an act into the journal."""
    return Kill(when, r'INSERT INTO "journal_act"', str(kind))


def arm(file: Path, kill: Kill) -> None:
    unfinished = file.with_suffix(".new")
    unfinished.write_text(json.dumps(asdict(kill)), "utf-8")
    unfinished.replace(file)


def armed() -> Kill | None:
    """The kill that this process is to die of, if one is armed now."""
    try:
        return Kill(**json.loads(Path(os.environ[VARIABLE]).read_text("utf-8")))
    except (KeyError, FileNotFoundError):
        return None


def die() -> NoReturn:
    """kill -9 of the process group of this process."""
    Path(os.environ[VARIABLE]).unlink()
    os.killpg(0, signal.SIGKILL)
    raise AssertionError("alive after SIGKILL")


def _texts(values: Any) -> Iterable[str]:
    """The values, also those of many rows: rows in rows, or a list for each column."""
    if isinstance(values, list | tuple):
        return [text for value in values for text in _texts(value)]
    return [str(values)]
