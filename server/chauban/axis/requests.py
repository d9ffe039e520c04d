"""A call of another system: who calls, which parameters are signed, which bytes came."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Case, F, Q, Value, When
from django.http import HttpRequest

from chauban.axis.errors import (
    InvalidFile,
    MalformedMessage,
    MessageTooLarge,
    MissingParameter,
    Replayed,
    RequestTooOld,
    SystemLocked,
    TooManyCalls,
    UnknownSystem,
)
from chauban.axis.models import System, UsedSignature
from chauban.axis.shared_secrets import SecretNotReadable
from chauban.axis.words import PACKED
from chauban_edxml.vxp import (
    PREFIX,
    BadTimestamp,
    HeadersError,
    SignatureInvalid,
    claimed_system,
    is_digest,
    parse_vxp_timestamp,
    verify_headers,
)

log = logging.getLogger("chauban.axis")
WINDOW = timedelta(minutes=15)
PIECE_BYTES = 1 << 16
DRAINED_BYTES = 1 << 22  # of a message that is refused: about what most messages are
_NOBODY = "no-such-secret"


@dataclass(frozen=True)
class Call:
    """A request whose signed parameters have been verified."""

    system: System
    parameters: dict[str, str]
    mac: str = field(repr=False)

    def required(self, name: str) -> str:
        """Raises: MissingParameter."""
        value = self.parameters.get(name, "").strip()
        if not value:
            raise MissingParameter(name)
        return value

    def get(self, name: str) -> str:
        return self.parameters.get(name, "").strip()


def verify_call(request: HttpRequest, *, now: datetime) -> Call:
    """The call, once its HMAC and its time are right (edxml.md 11.2).

    An unknown system takes the same way as a wrong secret and gets the same answer; that a system
    is locked, or calls too often, is told only to who has its secret.

    Raises: UnknownSystem, SystemLocked, RequestTooOld, TooManyCalls.
    """
    headers = dict(request.headers.items())
    try:
        system = System.objects.filter(system_id=claimed_system(headers)).first()
        parameters = _verified(headers, system.secrets(now) if system else (_NOBODY,))
    except HeadersError as error:
        raise UnknownSystem from error
    except SecretNotReadable as error:
        log.error("%s", error)
        raise UnknownSystem from error
    if system is None or parameters.get("systemid") != system.system_id:
        raise UnknownSystem
    if not system.is_active:
        raise SystemLocked
    try:
        called_at = parse_vxp_timestamp(parameters.get("timestamp", ""))
    except BadTimestamp as error:
        raise RequestTooOld from error
    if abs(now - called_at) > WINDOW:
        raise RequestTooOld
    _count_call(system, now=now)
    return Call(system, parameters, request.headers[f"{PREFIX}hash-header"].lower())


def take_signature(call: Call, *, now: datetime) -> None:
    """Let a call that changes something pass once (edxml.md 11.2 has no nonce of its own).

    Raises: Replayed.
    """
    _, is_new = UsedSignature.objects.get_or_create(mac=call.mac, defaults={"at": now})
    if not is_new:
        raise Replayed


def _verified(headers: Mapping[str, str], secrets: tuple[str, ...]) -> dict[str, str]:
    """Raises: HeadersError."""
    for secret in secrets[:-1]:
        try:
            return verify_headers(headers, secret)
        except SignatureInvalid:
            continue
    return verify_headers(headers, secrets[-1])


def _count_call(system: System, *, now: datetime) -> None:
    """One statement, so that calls at one moment are all counted.

    Raises: TooManyCalls.
    """
    minute = now.replace(second=0, microsecond=0)
    counted = (
        System.objects.filter(pk=system.pk)
        .exclude(minute=minute, calls__gte=F("calls_per_minute"))
        .update(
            calls=Case(When(Q(minute=minute), then=F("calls") + 1), default=Value(1)),
            minute=minute,
        )
    )
    if not counted:
        raise TooManyCalls(str(system.calls_per_minute))


def announced_bytes(request: HttpRequest) -> int:
    """How long the body is to be, in its sender's words."""
    announced = request.headers.get("Content-Length", "")
    return int(announced[:20]) if announced.isdecimal() else 0


def is_announced_small(request: HttpRequest) -> bool:
    return announced_bytes(request) <= PIECE_BYTES


class Body:
    """The message in the body of a call, without the line end that the SDK puts after it."""

    def __init__(self, request: HttpRequest, call: Call) -> None:
        """Too long a body is refused by its announced length, a packed one by what it says.

        Raises: MessageTooLarge, MalformedMessage, MissingParameter.
        """
        self._claimed = call.required("hash-file")
        self._limit_bytes = call.system.limit_bytes
        self._request = request
        self._digest = sha256()
        self._taken, self._last = 0, b""
        self._is_at_end = False
        self._announced = announced_bytes(request)
        self._require_small(self._announced)
        if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise MalformedMessage(PACKED.vi)

    @property
    def size_bytes(self) -> int:
        """The size of the message, as announced where it was not read to its end."""
        return self._taken + len(self._named()[1]) if self._is_at_end else self._announced

    @property
    def sha256(self) -> str:
        """The digest of the message; blank where it was not read to its end."""
        return self._named()[0].hex() if self._is_at_end else ""

    def pieces(self) -> Iterator[bytes]:
        """The message as it comes, all but its last bytes before it is known to be the one named.

        Raises: MessageTooLarge, InvalidFile.
        """
        is_blank = True
        for piece in self._read():
            is_blank = is_blank and not piece.strip()
            yield piece
        digest, rest = self._named()
        if (is_blank and not rest.strip()) or not is_digest(self._claimed, digest):
            raise InvalidFile
        if rest:
            yield rest

    def drain(self) -> None:
        """Read on after a refusal, so that the caller, still sending, hears it."""
        with suppress(MessageTooLarge):
            for _ in self._read(until_bytes=self._taken + len(self._last) + DRAINED_BYTES):
                pass

    def _read(self, *, until_bytes: int | None = None) -> Iterator[bytes]:
        """All but the last two bytes, which may be the line end."""
        while until_bytes is None or self._taken + len(self._last) < until_bytes:
            piece = self._request.read(PIECE_BYTES)
            if not piece:
                self._is_at_end = True
                break
            joined = self._last + piece
            ready, self._last = joined[:-2], joined[-2:]
            self._digest.update(ready)
            self._taken += len(ready)
            self._require_small(self._taken + len(self._last))
            yield ready

    def _require_small(self, size_bytes: int) -> None:
        if size_bytes > self._limit_bytes + 2:
            raise MessageTooLarge(str(self._limit_bytes // 1_000_000))

    def _named(self) -> tuple[bytes, bytes]:
        """The digest of the message, and which of the last bytes are its own."""
        whole = self._digest.copy()
        whole.update(self._last)
        if self._last == b"\r\n" and not is_digest(self._claimed, whole.digest()):
            return self._digest.digest(), b""
        return whole.digest(), self._last
