"""Calls of the axis as a vendor's system makes them, and as an attacker would (edxml.md 11)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import urllib3

from chauban_edxml.vxp import sign_headers, vxp_timestamp

OPERATIONS = (
    "getAgenciesList",
    "getAgenciesListQD20",
    "sendEdoc",
    "getReceivedEdocList",
    "getSentEdocList",
    "getEdoc",
    "downloadEdoc",
    "updateStatus",
    "countReceiveEdoc",
    "countReceiveStatus",
)
Headers = dict[str, str]
Spoil = Callable[[Headers], Headers]


class Silence(Exception):
    """No answer at all came."""


@dataclass(frozen=True)
class Answer:
    """What came back: HTTP status, bytes, and the envelope where there is one."""

    http: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str]

    @property
    def envelope(self) -> dict[str, Any] | None:
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def code(self) -> str:
        return str((self.envelope or {}).get("ErrorCode", ""))

    @property
    def is_ok(self) -> bool:
        """Success: ErrorCode "0" and a status that is not FAIL (11.3)."""
        envelope = self.envelope
        return (
            self.http in (200, 201)
            and envelope is not None
            and self.code == "0"
            and str(envelope.get("status", "")).upper() != "FAIL"
        )

    @property
    def is_refusal(self) -> bool:
        """A refusal in words, or by HTTP status; a crash (5xx) is none."""
        in_words = self.envelope is not None and not self.is_ok and self.code not in ("", "0")
        return 400 <= self.http < 500 or (self.http == 200 and in_words)

    def __str__(self) -> str:
        shown = self.body[:160].decode("utf-8", "replace")
        return f"HTTP {self.http} {shown}"


@dataclass(frozen=True)
class Wire:
    """An axis's address, and who calls."""

    url: str
    system: str
    secret: str = field(repr=False)
    pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=5, read=30), retries=False
        ),
        repr=False,
    )

    def call(
        self,
        operation: str,
        parameters: Mapping[str, str] | None = None,
        *,
        body: bytes = b"",
        at: datetime | None = None,
        secret: str | None = None,
        system: str | None = None,
        spoil: Spoil | None = None,
        method: str = "",
    ) -> Answer:
        """Make a signed call; `spoil` changes its headers after signing.

        Raises: Silence.
        """
        kind = "application/octet-stream" if operation == "sendEdoc" else "application/json"
        fixed = {
            "systemid": system or self.system,
            "timestamp": vxp_timestamp(at or datetime.now(UTC)),
            "Content-Type": kind,
        }
        chosen = self.secret if secret is None else secret
        headers = sign_headers({**(parameters or {}), **fixed}, chosen)
        return self.ask(operation, spoil(headers) if spoil else headers, body=body, method=method)

    def ask(
        self, operation: str, headers: Headers, *, body: bytes = b"", method: str = ""
    ) -> Answer:
        """Raises: Silence."""
        method = method or ("GET" if operation == "downloadEdoc" else "POST")
        # A server may close after a refusal without reading the body: no call is made on its rest.
        headers = {**headers, "Connection": "close"}
        try:
            response = self.pool.request(
                method,
                f"{self.url.rstrip('/')}/{operation}",
                headers=headers,
                body=None if method == "GET" else body,
            )
        except urllib3.exceptions.HTTPError as error:
            raise Silence(f"{operation}: {error}") from error
        finally:
            self.pool.clear()
        return Answer(response.status, response.data, response.headers)
