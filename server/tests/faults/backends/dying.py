"""A database connection that kills its process around the commit that is armed."""

from collections.abc import Callable
from typing import Any

from tests.faults import killing


class DyingAroundCommit:
    """Mixed in before a DatabaseWrapper of Django's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(self._watched)
        self._kill: killing.Kill | None = None

    def _watched(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        kill = killing.armed() if sql.startswith(("INSERT", "UPDATE")) else None
        if kill is None or not kill.fits(sql, params):
            return execute(sql, params, many, context)
        if self.in_atomic_block:
            self._kill = kill
            return execute(sql, params, many, context)
        if kill.when == "after":  # outside a transaction a statement is its own commit
            execute(sql, params, many, context)
        return killing.die()

    def _commit(self) -> None:
        kill, self._kill = self._kill, None
        if kill and kill.when == "before":
            killing.die()
        super()._commit()
        if kill:
            killing.die()

    def _rollback(self) -> None:
        self._kill = None
        super()._rollback()
