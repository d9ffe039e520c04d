"""On whose behalf an interface is spoken to, where each agency has a secret of its own."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from chauban.exchange.adapters.http import Unreachable
from chauban.exchange.ports import (
    GatewayError,
    GatewayUnavailable,
    RefusedByAxis,
    Waiting,
)

LONGEST_NAME = 52  # a package's id has 60 characters, and may need a word before it
# It goes into headers and addresses.
_DOC_ID = re.compile(r"[0-9A-Za-z._:-]+")
log = logging.getLogger("chauban.exchange")


@dataclass(frozen=True)
class Account:
    """An agency, or a system, as the interface knows it."""

    organ_id: str
    secret: str = field(repr=False)


class Accounts:
    """The accounts of this installation, by code, in their order."""

    def __init__(self, accounts: Mapping[str, str]) -> None:
        self.all = tuple(Account(code, secret) for code, secret in accounts.items())
        self._by_code = {one.organ_id: one for one in self.all}

    def of(self, organ_id: str) -> Account:
        """The agency's own account, or the one that serves all.

        Raises: RefusedByAxis: no account of ours is the agency's.
        """
        return self.all[0] if len(self.all) == 1 else self.named(organ_id)

    def named(self, organ_id: str) -> Account:
        """Raises: RefusedByAxis: there is no such account of ours, or no longer."""
        if organ_id in self._by_code:
            return self._by_code[organ_id]
        raise RefusedByAxis(
            "no-account",
            vi=f"Cơ quan {organ_id} chưa có tài khoản trên trục này. Hãy báo quản trị hệ thống.",
            en=f"{organ_id} has no account on this axis. Tell the system administrator.",
        )

    def package_id(self, account: Account, doc_id: str) -> str:
        """Our name of a package of an account.

        Raises: GatewayUnavailable: what the axis calls it is no name.
        """
        named = doc_id if len(self.all) == 1 else f"{doc_id}@{account.organ_id}"
        if not _DOC_ID.fullmatch(doc_id) or len(named) > LONGEST_NAME:
            raise GatewayUnavailable(f"{account.organ_id}: an entry without docId")
        return named

    def of_package(self, package_id: str) -> tuple[Account, str]:
        """The account, and what the axis calls the package.

        Raises: RefusedByAxis: the account is ours no longer.
        """
        doc_id, at, organ_id = package_id.partition("@")
        return (self.named(organ_id) if at else self.all[0]), doc_id

    def waiting(self, listed: Callable[[Account], Iterable[Waiting]]) -> list[Waiting]:
        """What waits for all accounts; one that is refused does not hold up the others.

        Raises: GatewayUnavailable: nobody answers, or no account's list could be had.
        """
        found: list[Waiting] = []
        failed: list[GatewayError] = []
        for account in self.all:
            try:
                found += listed(account)
            except Unreachable:
                raise
            except GatewayError as error:
                log.warning("%s: %s", account.organ_id, error)
                failed.append(error)
        if failed and len(failed) == len(self.all):
            raise GatewayUnavailable(str(failed[0])) from failed[0]
        return found
