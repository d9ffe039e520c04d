"""The façade of Quảng Nam before the national axis, on a WSO2 gateway (edxml.md 12.1)."""

import threading
from base64 import b64encode
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any, Unpack
from urllib.parse import quote

from chauban.directory.rules import superior_code
from chauban.directory.synchronising import Listed
from chauban.exchange.adapters.accounts import Account
from chauban.exchange.adapters.error_numbers import refusal
from chauban.exchange.adapters.http import (
    DIRECTORY_BYTES,
    Answer,
    Unreachable,
    as_it_comes,
    listed_in,
    parsed_object,
    require_answered,
)
from chauban.exchange.adapters.http_gateway import AccountsGateway, HTTPSettings
from chauban.exchange.adapters.lists import listed_objects
from chauban.exchange.adapters.payloads import payload
from chauban.exchange.adapters.sent import Body, addressed
from chauban.exchange.ports import (
    Acknowledgement,
    Coming,
    Envelope,
    GatewayUnavailable,
    Outcome,
    Waiting,
)
from chauban_edxml.carrying import encoded

BASE = "truclienthong/v1.0.0"
SPARE = timedelta(seconds=30)  # a token is not used in its last moments
LASTS = 3600  # seconds; it is asked for again then, whatever was said


class QuangNamGateway(AccountsGateway):
    """Accounts are codes and `secretDonVi`; consumer is ours at the WSO2 gateway.

    The façade does not tell what became of what was sent.
    """

    def __init__(
        self,
        url: str,
        *,
        consumer: Account,
        accounts: Mapping[str, str],
        **settings: Unpack[HTTPSettings],
    ) -> None:
        super().__init__(url, accounts=accounts, **settings)
        self.consumer = consumer
        self._token: tuple[str, datetime] | None = None
        self._asking = threading.Lock()

    def send_one(self, envelope: Envelope, *, now: datetime) -> Acknowledgement:
        account = self.accounts.of(envelope.from_organ_id)
        with addressed(envelope) as body:
            answer = self._call(
                "POST", "vanbans", account, now=now, fields={"loaiVanBan": envelope.type}, body=body
            )
        package_id = str(answer.get("docId") or "")
        if package_id in ("", "0"):
            raise GatewayUnavailable("POST vanbans: no docId in the answer")
        return Acknowledgement(package_id[:60])

    def waiting(self, type: str, *, now: datetime) -> Sequence[Waiting]:
        return self.accounts.waiting(partial(self._listed, type=type, now=now))

    def _listed(self, account: Account, type: str, now: datetime) -> Iterator[Waiting]:
        answer = self._call("GET", "vanbans", account, now=now)
        for one in listed_in("GET vanbans", answer):
            is_waiting = str(one.get("status", "")).lower() in ("initial", "processing")
            if is_waiting and str(one.get("messageType", "")).lower() == type:
                yield Waiting(
                    self.accounts.package_id(account, str(one.get("docId") or "")),
                    type,
                    str(one.get("from") or ""),
                    str(one.get("to") or ""),
                )

    def fetch_one(self, package_id: str, *, now: datetime) -> bytes | Coming:
        account, doc_id = self.accounts.of_package(package_id)
        return as_it_comes(self._document(account, doc_id, now))

    def _document(
        self, account: Account, doc_id: str, now: datetime
    ) -> Generator[bytes, None, None]:
        with self._open("GET", f"vanbans/{quote(doc_id, safe='')}", account, now=now) as answer:
            yield from payload(answer.operation, answer.base64(self.limit_bytes), judged)

    def confirm_one(self, outcome: Outcome, *, now: datetime) -> None:
        account, doc_id = self.accounts.of_package(outcome.package_id)
        path = f"vanbans/{quote(doc_id, safe='')}"
        self._call("PUT", path, account, now=now, fields={"status": outcome.state.upper()})

    def organisations(self, *, now: datetime) -> Iterator[Listed]:
        """Those of the whole country; those of the province are among them."""
        account = self.accounts.all[0]
        with self._open("GET", "donvilienthongs", account, now=now) as answer:
            for one in listed_objects(answer.operation, answer.text(DIRECTORY_BYTES), judged):
                code = str(one.get("code") or "").strip()
                if 0 < len(code) <= 35:
                    name = str(one.get("name") or code).strip()
                    yield Listed(code, name, superior_code(code))

    def _call(self, method: str, path: str, account: Account, **given: Any) -> dict[str, Any]:
        with self._open(method, path, account, **given) as answer:
            return judged(answer.operation, answer.read())

    @contextmanager
    def _open(
        self,
        method: str,
        path: str,
        account: Account,
        *,
        now: datetime,
        fields: Mapping[str, str] | None = None,
        body: Body | None = None,
    ) -> Iterator[Answer]:
        """Make a call; one that is refused for its token is made once more with a new one.

        A gateway may hang up on a long message instead of refusing its token: after a silence
        the token is no longer relied on.

        Raises: GatewayUnavailable, RefusedByAxis.
        """
        operation = f"{method} {path.partition('/')[0]}"
        for token in (self._current_token(now), ""):
            bearer = token or self._new_token(now)
            call = self.connection.call(
                operation,
                method,
                f"{BASE}/{path}",
                headers=_headers(bearer, account, body),
                body=_json_text(body) if body else b"",
                fields=fields,
            )
            try:
                with call as answer:
                    if answer.status == 401 and token:
                        continue
                    require_answered(answer, judged)
                    yield answer
                    return
            except Unreachable:
                self._token = None
                raise

    def _current_token(self, now: datetime) -> str:
        with self._asking:
            if self._token and now < self._token[1]:
                return self._token[0]
        return self._new_token(now)

    def _new_token(self, now: datetime) -> str:
        """Ask for a token by client credentials (RFC 6749 section 4.4).

        Raises: GatewayUnavailable: there is none; a wrong consumer secret is the operator's to
            mend, and what is to be sent waits.
        """
        pair = f"{self.consumer.organ_id}:{self.consumer.secret}".encode()
        headers = {
            "Authorization": f"Basic {b64encode(pair).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = b"grant_type=client_credentials"
        with self.connection.call("token", "POST", "token", headers=headers, body=body) as answer:
            if answer.status != 200:
                raise GatewayUnavailable(f"token: HTTP {answer.status}")
            found = parsed_object("token", answer.read())
        token, seconds = found.get("access_token"), str(found.get("expires_in"))
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise GatewayUnavailable("token: the answer has none")
        lasts = min(int(seconds[:9]), LASTS) if seconds.isdecimal() else LASTS
        with self._asking:
            self._token = token, now + timedelta(seconds=lasts) - SPARE
        return token


def _headers(token: str, account: Account, body: Body | None) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}", "secretDonVi": account.secret}
    if body:
        size_bytes = 2 + (body.size_bytes + 2) // 3 * 4
        headers |= {"Content-Type": "application/json", "Content-Length": str(size_bytes)}
    return headers


def _json_text(body: Body) -> Iterator[bytes]:
    """The message in base64 as a JSON text."""
    return chain((b'"',), encoded(body.pieces()), (b'"',))


def judged(operation: str, body: bytes) -> dict[str, Any]:
    """The answer, where it is none of refusal: its envelope is the axis's own (edxml.md 11.3).

    Raises: GatewayUnavailable, RefusedByAxis.
    """
    answer = parsed_object(operation, body)
    code = str(answer.get("errorCode", ""))
    if code == "0" and str(answer.get("status", "")).upper() != "FAIL":
        return answer
    if not code:
        raise GatewayUnavailable(f"{operation}: the answer has no errorCode")
    raise refusal(operation, code, str(answer.get("errorDesc") or ""))
