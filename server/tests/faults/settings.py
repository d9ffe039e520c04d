"""Settings of a process that may be told to die, or to find its disk full.

Those of the product, but for the database connection, which dies around an armed commit, and
two calls of the operating system: the rename that makes a stored file visible, around which
death may be armed as well, and the fsync before it, which finds the disk full while the file
that `CHAUBAN_FULL_FILE` names is there.
"""

import errno
import os
from typing import Any

from chauban.config.settings import *  # noqa: F403
from chauban.config.settings import BLOB_FOLDER, DATABASES
from tests.faults import killing

DATABASES["default"]["ENGINE"] = {
    "chauban.config.sqlite": "tests.faults.backends.sqlite",
    "django.db.backends.postgresql": "tests.faults.backends.postgresql",
}[DATABASES["default"]["ENGINE"]]

_replace, _fsync = os.replace, os.fsync


def _replace_around_death(source: Any, target: Any, **kwargs: Any) -> None:
    kill = killing.armed() if str(target).startswith(str(BLOB_FOLDER)) else None
    at_rename = kill is not None and kill.statement == killing.RENAME
    if at_rename and kill.when == "before":
        killing.die()
    _replace(source, target, **kwargs)
    if at_rename:
        killing.die()


def _fsync_on_full_disk(descriptor: int) -> None:
    if os.path.exists(os.environ.get("CHAUBAN_FULL_FILE", "")):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    _fsync(descriptor)


os.replace = _replace_around_death
os.fsync = _fsync_on_full_disk
