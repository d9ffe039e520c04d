from django.db.backends.postgresql import base

from tests.faults.backends.dying import DyingAroundCommit


class DatabaseWrapper(DyingAroundCommit, base.DatabaseWrapper):
    pass
