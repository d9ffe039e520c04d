"""The Government CA's program on the official's own machine, as pages talk to it.

The page sends a call to `wss://127.0.0.1:8987/<call>`; the program downloads the file, lets the
holder sign with the key device, posts the signed file to an upload address and answers the page.
So the server never sees the key, and must trust neither page nor program: an upload needs a
one-time token for this document, person and digest, and the file that comes back has to begin
with the bytes that were sent and add only what is permitted.

No network and no WebSocket here: texts in, texts out.
"""

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from chauban_pki.errors import SigningAnswerInvalid, SigningRefused, SigningTimedOut

ADDRESS = "wss://127.0.0.1:8987"
LIFETIME = timedelta(minutes=10)
"""How long an upload may take, the holder's reading and PIN included."""


class Call(StrEnum):
    """What the program is asked to do."""

    SIGN_APPROVED = "vgca_sign_approved"
    SIGN_ISSUED = "vgca_sign_issued"
    SIGN_INCOME = "vgca_sign_income"
    SIGN_APPENDIX = "vgca_sign_appendix"
    SIGN_COPY = "vgca_sign_copy"
    COMMENT = "vgca_comment"


# The optional parameters that each call takes.
_TAKES: Mapping[Call, frozenset[str]] = {
    Call.SIGN_APPROVED: frozenset(),
    Call.SIGN_ISSUED: frozenset({"DocNumber", "IssuedDate"}),
    Call.SIGN_INCOME: frozenset({"MetaData"}),
    Call.SIGN_APPENDIX: frozenset({"DocNumber", "MetaData"}),
    Call.SIGN_COPY: frozenset(),
    Call.COMMENT: frozenset(),
}


@dataclass(frozen=True)
class UploadTicket:
    """What the server keeps about one upload it expects; times are UTC.

    `token_digest` is the SHA-256 of the token, which is not kept. `sent_digest` is that of the
    file the program is to sign. `used_at` is set by the first upload, accepted or not.
    """

    call: Call
    document: str
    person: str
    sent_digest: bytes
    token_digest: bytes
    ends_at: datetime
    used_at: datetime | None = None


def issue_ticket(
    call: Call,
    *,
    document: str,
    person: str,
    sent: bytes,
    now: datetime,
    lifetime: timedelta = LIFETIME,
) -> tuple[str, UploadTicket]:
    """Return a new token, to be told to the program alone, and the ticket to keep."""
    token = secrets.token_urlsafe(32)
    ticket = UploadTicket(
        call, document, person, sha256(sent).digest(), _digest(token), now + lifetime
    )
    return token, ticket


def call_address(call: Call, *, base: str = ADDRESS) -> str:
    """Return the WebSocket address of a call."""
    return f"{base}/{call}"


def call_message(
    call: Call,
    *,
    file_address: str,
    upload_address: str,
    session: str,
    token: str,
    number: str = "",
    issued_on: date | None = None,
    metadata: Mapping[str, str] | None = None,
) -> str:
    """Return the JSON text that the page sends for a call.

    `number` is the document's number and symbol (số, ký hiệu), `metadata` the entries of a
    stamp. The token travels as `JWTToken`, which the program repeats when it uploads.

    Raises:
        ValueError: a parameter that the call does not take.
    """
    optional: dict[str, object] = {}
    if number:
        optional["DocNumber"] = number
    if issued_on is not None:
        optional["IssuedDate"] = f"{issued_on:%d/%m/%Y}"
    if metadata:
        optional["MetaData"] = [{"Key": key, "Value": value} for key, value in metadata.items()]
    if unknown := optional.keys() - _TAKES[call]:
        raise ValueError(f"{call} takes no {', '.join(sorted(unknown))}")
    parameters = {
        "FileUploadHandler": upload_address,
        "SessionId": session,
        "JWTToken": token,
        "FileName": file_address,
        **optional,
    }
    return json.dumps(parameters, ensure_ascii=False)


def read_answer(message: str) -> str:
    """Return `FileServer` of the program's answer to the page: what the upload was answered.

    It only tells the page to go on. What was signed is known from the upload alone.

    Raises:
        SigningRefused: `Status` is not 0; the program's own words are the detail.
        SigningAnswerInvalid: no such answer.
    """
    try:
        found = json.loads(message)
        status, told = int(found["Status"]), str(found.get("Message") or "")
        file_server = str(found.get("FileServer") or "")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SigningAnswerInvalid(f"the plug-in's answer: {error!r}") from error
    if status != 0:
        raise SigningRefused(f"{status}: {told}"[:500])
    return file_server


def upload_answer(*, is_accepted: bool, message: str = "", file_server: str = "") -> str:
    """Return the JSON text with which the upload address answers the program."""
    answer = {"Status": is_accepted, "Message": message, "FileName": "", "FileServer": file_server}
    return json.dumps(answer, ensure_ascii=False)


def use_ticket(
    ticket: UploadTicket, token: str, *, document: str, person: str, now: datetime
) -> UploadTicket:
    """Return the ticket as used, to be stored before the uploaded file is looked at.

    Raises:
        SigningRefused: another token, document or person, or the ticket was used before.
        SigningTimedOut: its time is over.
    """
    if not hmac.compare_digest(_digest(token), ticket.token_digest):
        raise SigningRefused("upload token unknown")
    if (document, person) != (ticket.document, ticket.person):
        raise SigningRefused("upload token of another document or person")
    if ticket.used_at is not None:
        raise SigningRefused("upload token used before")
    if now >= ticket.ends_at:
        raise SigningTimedOut(ticket.ends_at.isoformat())
    return replace(ticket, used_at=now)


def accept_returned(
    ticket: UploadTicket,
    *,
    sent: bytes,
    returned: bytes,
    require_permitted: Callable[[bytes, bytes], None],
) -> bytes:
    """Return what the program added, after all checks of the file that came back.

    The ticket is one that `use_ticket` returned. `require_permitted(sent, returned)` raises
    where more was added than a signature by the expected certificate, and whatever else the
    call is for: it knows the format, which this module does not.

    Raises:
        SigningAnswerInvalid: `sent` is not the file of the ticket, or the file that came back
            does not begin with it byte for byte, or adds nothing.
        Exception: what `require_permitted` raises.
    """
    if ticket.used_at is None:
        raise SigningAnswerInvalid("the ticket was not used")
    if not hmac.compare_digest(sha256(sent).digest(), ticket.sent_digest):
        raise SigningAnswerInvalid("the file sent is not the ticket's")
    if not returned.startswith(sent):
        raise SigningAnswerInvalid("the file returned does not begin with the file sent")
    if len(returned) == len(sent):
        raise SigningAnswerInvalid("the file returned adds nothing")
    require_permitted(sent, returned)
    return returned[len(sent) :]


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
