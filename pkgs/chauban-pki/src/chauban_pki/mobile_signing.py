"""Signing that a person confirms on a telephone: ask, then poll or be called back.

The asynchronous mode of CSC API v2 (section 11.10, `operationMode` "A" and
`signatures/signPolling`), as SIM and app services offer it. Between asking and the answer only
a small record is kept, and a process may end and another take it up.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self

from chauban_pki.errors import SigningAnswerInvalid, SigningTimedOut
from chauban_pki.remote_signing import RemoteCredential

LIFETIME = timedelta(minutes=5)
"""How long a person has, unless the caller says otherwise."""


@dataclass(frozen=True)
class PendingSigning:
    """What is kept while a person is asked: no secret, and nothing to sign anew with.

    `data` is what the values are to be over. `control_code` stands on the page and in the
    message to the telephone; a person confirms only when both are the same.
    """

    credential_id: str
    response_id: str
    data: tuple[bytes, ...]
    control_code: str
    asked_at: datetime
    ends_at: datetime

    def as_dict(self) -> dict[str, object]:
        """Return the record as JSON can hold it."""
        return {
            "credential_id": self.credential_id,
            "response_id": self.response_id,
            "data": [b64encode(one).decode("ascii") for one in self.data],
            "control_code": self.control_code,
            "asked_at": self.asked_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, object]) -> Self:
        """Return the record that `as_dict` gave.

        Raises:
            SigningAnswerInvalid: it is no such record.
        """
        try:
            return cls._read(kept)
        except (KeyError, TypeError, ValueError) as error:
            raise SigningAnswerInvalid(f"record of a pending signature: {error!r}") from error

    @classmethod
    def _read(cls, kept: Mapping[str, object]) -> Self:
        data = kept["data"]
        if not isinstance(data, list):
            raise TypeError("data")
        return cls(
            str(kept["credential_id"]),
            str(kept["response_id"]),
            tuple(b64decode(one, validate=True) for one in data),
            str(kept["control_code"]),
            datetime.fromisoformat(str(kept["asked_at"])),
            datetime.fromisoformat(str(kept["ends_at"])),
        )


def control_code(data: Sequence[bytes]) -> str:
    """Return the six digits by which a person knows that both screens mean the same files."""
    digest = sha256(b"".join(sha256(one).digest() for one in data)).digest()
    return f"{int.from_bytes(digest, 'big') % 1_000_000:06d}"


def ask(
    credential: RemoteCredential,
    data: Sequence[bytes],
    *,
    what: str,
    now: datetime,
    lifetime: timedelta = LIFETIME,
    call_back: str = "",
) -> PendingSigning:
    """Ask the person to sign these data; return what to keep until the answer.

    `what` tells at the telephone what is signed, such as "Quyết định về việc …"; the control
    code is put after it. `call_back` is the address where the service may report the end.

    Raises:
        SigningRefused, SigningUnavailable, SigningAnswerInvalid: as `RemoteCredential`.
    """
    code = control_code(data)
    request: dict[str, object] = {
        **credential.authorised(data, description=f"{what} ({code})"),
        "operationMode": "A",
        "validity_period": int(lifetime.total_seconds() * 1000),
        "clientData": code,
    }
    if call_back:
        request["response_uri"] = call_back
    answer = credential.service.call("signatures/signHash", request) or {}
    response_id = answer.get("responseID")
    if not isinstance(response_id, str) or not response_id:
        raise SigningAnswerInvalid("signHash: no responseID")
    return PendingSigning(
        credential.credential_id, response_id, tuple(data), code, now, now + lifetime
    )


def poll(
    credential: RemoteCredential, pending: PendingSigning, *, now: datetime
) -> tuple[bytes, ...] | None:
    """Return the signature values, None while the person has not answered.

    Raises:
        SigningTimedOut: the time is over; a value that comes later is not used.
        SigningRefused: the person or the service said no.
        SigningUnavailable: the service did not answer; asking again may help.
        SigningAnswerInvalid: a value is not by this key over what was asked.
    """
    _require_in_time(pending, now)
    answer = credential.service.call(
        "signatures/signPolling",
        {"credentialID": pending.credential_id, "responseID": pending.response_id},
    )
    if not answer or "signatures" not in answer:
        return None
    return credential.checked(answer, pending.data)


def called_back(
    credential: RemoteCredential, pending: PendingSigning, message: bytes, *, now: datetime
) -> tuple[bytes, ...] | None:
    """Return the values after the service's call back; it is polled where the message has none.

    Whoever sends the message: a value counts only because it is by the expected key over
    exactly the data asked for.

    Raises:
        SigningAnswerInvalid: no message about this request, or a value that does not fit.
        SigningTimedOut, SigningRefused, SigningUnavailable: as `poll`.
    """
    _require_in_time(pending, now)
    try:
        found = json.loads(message)
    except ValueError as error:
        raise SigningAnswerInvalid("call back is no JSON") from error
    if not isinstance(found, dict) or found.get("responseID") != pending.response_id:
        raise SigningAnswerInvalid("call back is about another request")
    if "signatures" not in found:
        return poll(credential, pending, now=now)
    return credential.checked(found, pending.data)


def _require_in_time(pending: PendingSigning, now: datetime) -> None:
    if now >= pending.ends_at:
        raise SigningTimedOut(pending.ends_at.isoformat())
