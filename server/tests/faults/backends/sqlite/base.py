from django.db.backends.sqlite3 import base

from tests.faults.backends.dying import DyingAroundCommit


class DatabaseWrapper(DyingAroundCommit, base.DatabaseWrapper):
    pass
