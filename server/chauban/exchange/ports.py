"""What the exchange needs of an axis: the local one, VXP over HTTP, or a test's."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.directory.synchronising import Listed
from chauban.exchange.receipts import Receipt

WHOLE_BYTES = 1 << 22
"""Messages up to this size are held in memory; larger ones go from file to file in pieces."""


class GatewayError(Exception):
    """Root of what a gateway raises on purpose."""


class GatewayUnavailable(GatewayError):
    """No answer, or one that cannot be read: whether the call took effect is unknown."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotOffered(GatewayUnavailable):
    """The axis knows no such operation."""


class RefusedByAxis(GatewayError):
    """The axis answered and refuses: sending the same again gives the same."""

    def __init__(self, code: str, *, vi: str, en: str = "") -> None:
        super().__init__(f"{code}: {en or vi}")
        self.code, self.vi, self.en = code, vi, en or vi


class PackageTooLarge(GatewayError):
    """A waiting package exceeds our limit and was not read to its end."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"larger than {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class PackageDamaged(GatewayError):
    """What the axis hands out is no package, though its answer is whole."""


@dataclass(frozen=True)
class Refusal:
    """Why one recipient of a message cannot be reached: code and words of the axis."""

    code: str
    vi: str


@dataclass(frozen=True)
class Envelope:
    """A message as it is handed to the axis; one over WHOLE_BYTES stays in the store."""

    type: str  # edoc | status
    from_organ_id: str
    to_organ_ids: tuple[str, ...]
    raw: bytes | Blob = field(repr=False)
    hops: int = 0  # axes that it passed, where an axis hands it on

    def whole(self, limit_bytes: int = 1 << 27) -> bytes:
        """The bytes, for an axis that takes a message in one piece only.

        Raises: RefusedByAxis: they are too many for that.
        """
        if not isinstance(self.raw, Blob):
            return self.raw
        if self.raw.size_bytes <= limit_bytes:
            return store.read(self.raw)
        limit_mb = limit_bytes // 1_000_000
        raise RefusedByAxis(
            "too-large",
            vi=f"Trục này chỉ nhận gói tin đến {limit_mb} MB. Hãy dùng kênh khác.",
            en=f"This axis takes messages of up to {limit_mb} MB. Use another channel.",
        )


@dataclass(frozen=True)
class Coming:
    """A package over WHOLE_BYTES, as its bytes come; they can be walked through once."""

    head: bytes = field(repr=False)
    rest: Generator[bytes, None, None] = field(repr=False)
    size_bytes: int = 0  # as announced; 0: it was not told

    def pieces(self) -> Iterator[bytes]:
        """Raises: a GatewayError, on the way."""
        with closing(self.rest):
            yield self.head
            yield from self.rest


@dataclass(frozen=True)
class Acknowledgement:
    package_id: str
    refusals: Mapping[str, Refusal] = field(default_factory=dict)  # by recipient's code


@dataclass(frozen=True)
class Waiting:
    """A package on the axis for one of our codes; to_organ_id is empty where it is not told."""

    package_id: str
    type: str
    from_organ_id: str
    to_organ_id: str


@dataclass(frozen=True)
class Carried:
    """How far a sent package has come for one recipient: state of edxml.md 5.6."""

    to_organ_id: str
    state: str  # initial | processing | done | fail
    description: str = ""


Sent = Acknowledgement | GatewayError
Fetched = bytes | Coming | Blob | GatewayError


@dataclass(frozen=True)
class Outcome:
    """What became of a package that we fetched: it is `done`, or did `fail`."""

    package_id: str
    state: str
    description: str = ""


class Gateway(Protocol):
    """An axis. It takes several pieces in one call, and each has an outcome of its own.

    `waiting` and `track` may raise GatewayUnavailable, `track` also RefusedByAxis.
    """

    name: str
    """Which axis it is, in at most 35 characters."""
    poll_every: timedelta
    at_once: int
    """How many pieces are worth giving it in one call."""

    def send(self, envelopes: Sequence[Envelope], *, now: datetime) -> Sequence[Sent]: ...

    def waiting(self, type: str, *, now: datetime) -> Sequence[Waiting]:
        """Packages not yet confirmed, oldest first; possibly not all of them at once."""
        ...

    def fetch(self, package_ids: Sequence[str], *, now: datetime) -> Iterator[Fetched]:
        """The packages in their order, each fetched when it is asked for.

        Bytes, where they are few or come in one piece; a blob, where axis and store are ours.
        """
        ...

    def confirm(
        self, outcomes: Sequence[Outcome], *, now: datetime
    ) -> Sequence[GatewayError | None]:
        """Tell the axis what became of packages; saying so twice is harmless."""
        ...

    def track(self, package_id: str, *, now: datetime) -> Sequence[Carried]: ...

    def receipts(self, package_id: str, *, now: datetime) -> Sequence[Receipt]:
        """The signed receipts of a package that we sent, as far as there are any by now.

        Raises: NotOffered: nothing is to be fetched, it states nothing or its receipts are here;
            GatewayUnavailable.
        """
        ...

    def organisations(self, *, now: datetime) -> Iterator[Listed]:
        """Everybody on the axis, one at a time; those with both codes come with their new one.

        Raises: GatewayUnavailable, RefusedByAxis, while it is walked through.
        """
        ...


Thing = TypeVar("Thing")
Result = TypeVar("Result")


def one_by_one(
    act: Callable[[Thing], Result], things: Iterable[Thing]
) -> Iterator[Result | GatewayError]:
    """What act makes of each thing. Once there is no answer, the rest is not asked for."""
    silence: GatewayUnavailable | None = None
    for thing in things:
        if silence:
            yield silence
            continue
        try:
            result: Result | GatewayError = act(thing)
        except GatewayError as error:
            result = error
            silence = error if isinstance(error, GatewayUnavailable) else None
        yield result
