"""What gateways over HTTP have in common: one connection, and one call for each piece."""

import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NotRequired, TypedDict, Unpack

from chauban.directory.synchronising import Listed
from chauban.exchange.adapters.accounts import Accounts
from chauban.exchange.adapters.http import Connection
from chauban.exchange.ports import (
    Acknowledgement,
    Carried,
    Coming,
    Envelope,
    Fetched,
    GatewayError,
    NotOffered,
    Outcome,
    Sent,
    Waiting,
    one_by_one,
)
from chauban.exchange.receipts import Receipt


class HTTPSettings(TypedDict):
    limit_bytes: int
    tls: NotRequired[ssl.SSLContext | None]
    poll_every: NotRequired[timedelta]


class HTTPGateway(ABC):
    """exchange.ports.Gateway over HTTP; an answer that cannot be read is no answer.

    `send_one`, `fetch_one` and `confirm_one` raise GatewayUnavailable and RefusedByAxis,
    `fetch_one` also PackageTooLarge.
    """

    at_once = 10

    def __init__(self, url: str, **settings: Unpack[HTTPSettings]) -> None:
        self.connection = Connection(url, tls=settings.get("tls"))
        self.name = self.connection.name
        self.limit_bytes = settings["limit_bytes"]
        self.poll_every = settings.get("poll_every", timedelta(minutes=1))

    @abstractmethod
    def send_one(self, envelope: Envelope, *, now: datetime) -> Acknowledgement: ...

    @abstractmethod
    def fetch_one(self, package_id: str, *, now: datetime) -> bytes | Coming: ...

    @abstractmethod
    def confirm_one(self, outcome: Outcome, *, now: datetime) -> None: ...

    @abstractmethod
    def waiting(self, type: str, *, now: datetime) -> Sequence[Waiting]: ...

    @abstractmethod
    def organisations(self, *, now: datetime) -> Iterator[Listed]: ...

    def send(self, envelopes: Sequence[Envelope], *, now: datetime) -> Sequence[Sent]:
        return list(one_by_one(partial(self.send_one, now=now), envelopes))

    def fetch(self, package_ids: Sequence[str], *, now: datetime) -> Iterator[Fetched]:
        return one_by_one(partial(self.fetch_one, now=now), package_ids)

    def confirm(
        self, outcomes: Sequence[Outcome], *, now: datetime
    ) -> Sequence[GatewayError | None]:
        return list(one_by_one(partial(self.confirm_one, now=now), outcomes))

    def track(self, package_id: str, *, now: datetime) -> Sequence[Carried]:
        """Nothing, where the interface has no such question: the recipients' statuses tell."""
        return ()

    def receipts(self, package_id: str, *, now: datetime) -> Sequence[Receipt]:
        raise NotOffered("it states nothing of what it does")


class AccountsGateway(HTTPGateway):
    """One on which each agency speaks for itself, with a secret of its own."""

    def __init__(
        self, url: str, *, accounts: Mapping[str, str], **settings: Unpack[HTTPSettings]
    ) -> None:
        super().__init__(url, **settings)
        self.accounts = Accounts(accounts)
