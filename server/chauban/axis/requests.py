"""A call of another system: who calls, which parameters are signed, which bytes came."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from chauban.axis.errors import (
    InvalidFile,
    MessageTooLarge,
    MissingParameter,
    RequestTooOld,
    UnknownSystem,
)
from chauban.axis.models import System
from chauban_edxml.vxp import (
    HeadersError,
    claimed_system,
    is_hash_of,
    parse_vxp_timestamp,
    verify_headers,
)

WINDOW = timedelta(minutes=15)
PIECE_BYTES = 1 << 16
_NOBODY = "no-such-secret"


@dataclass(frozen=True)
class Call:
    """A request whose signed parameters have been verified."""

    system: System
    parameters: dict[str, str]

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

    An unknown system takes the same way as a wrong secret and gets the same answer.

    Raises: UnknownSystem, RequestTooOld.
    """
    headers = dict(request.headers.items())
    try:
        system = System.objects.filter(system_id=claimed_system(headers), is_active=True).first()
        parameters = verify_headers(headers, system.secret if system else _NOBODY)
    except HeadersError as error:
        raise UnknownSystem from error
    if system is None or parameters.get("systemid") != system.system_id:
        raise UnknownSystem
    try:
        called_at = parse_vxp_timestamp(parameters.get("timestamp", ""))
    except ValueError as error:
        raise RequestTooOld from error
    if abs(now - called_at) > WINDOW:
        raise RequestTooOld
    return Call(system, parameters)


def read_package(request: HttpRequest, call: Call) -> bytes:
    """The message in the body, as `hash-file` names it; the SDK puts a line end after it.

    Too long a body is refused by its announced length before it is read.

    Raises: MessageTooLarge, InvalidFile, MissingParameter.
    """
    claimed = call.required("hash-file")
    limit_bytes = settings.MAX_MESSAGE_BYTES
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
