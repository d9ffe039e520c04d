"""A call of another system: who calls, which parameters are signed, which bytes came."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Case, F, Q, Value, When
from django.http import HttpRequest

from chauban.axis.errors import (
    InvalidFile,
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
from chauban_edxml.vxp import (
    PREFIX,
    BadTimestamp,
    HeadersError,
    SignatureInvalid,
    claimed_system,
    is_hash_of,
    parse_vxp_timestamp,
    verify_headers,
)

log = logging.getLogger("chauban.axis")
WINDOW = timedelta(minutes=15)
PIECE_BYTES = 1 << 16
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


def read_package(request: HttpRequest, call: Call) -> bytes:
    """The message in the body, as `hash-file` names it; the SDK puts a line end after it.

    Too long a body is refused by its announced length before it is read.

    Raises: MessageTooLarge, InvalidFile, MissingParameter.
    """
    claimed = call.required("hash-file")
    limit_bytes = call.system.limit_bytes
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > limit_bytes + 2:
        raise MessageTooLarge(str(limit_bytes // 1_000_000))
    body = bytearray()
    while piece := request.read(PIECE_BYTES):
        body += piece
        if len(body) > limit_bytes + 2:
            raise MessageTooLarge(str(limit_bytes // 1_000_000))
    raw = bytes(body)
    for candidate in (raw, raw.removesuffix(b"\r\n")):
        if is_hash_of(claimed, candidate):
            return candidate
    raise InvalidFile
