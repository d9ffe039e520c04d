from chauban.config.sqlite import base
from tests.faults.backends.dying import DyingAroundCommit


class DatabaseWrapper(DyingAroundCommit, base.DatabaseWrapper):
    pass
