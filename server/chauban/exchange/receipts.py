"""Receipts of hand-overs between nodes: what they say, how they are signed and checked.

Each event (ETSI EN 319 522-1) is an entry of its own. A statement lists the SHA-256 of many
entries and carries one detached CMS of the service certificate (design, decision 15), so that a
receipt costs a fraction of a signature. Whoever gets a receipt gets his entry, the statement and
the signature: of other entries he learns a digest and nothing else.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import new, sha256
from typing import Any, Self

from chauban_pki.certificates import Role, certificate_role, display_name, parse_certificates
from chauban_pki.cms import detached_signature
from chauban_pki.credentials import Credential
from chauban_pki.paths import build_path
from chauban_pki.signed_data import parse_signed_data, verify_signed_data
from chauban_pki.trust import Trust

FORMAT = "chauban-receipts-1"


class Event(StrEnum):
    """Names of ETSI EN 319 522-1 for what happens to a message on its way."""

    SUBMISSION_ACCEPTANCE = "SubmissionAcceptance"
    SUBMISSION_REJECTION = "SubmissionRejection"
    RELAY_ACCEPTANCE = "RelayAcceptance"  # an axis took it over from another
    RELAY_REJECTION = "RelayRejection"
    RELAY_FAILURE = "RelayFailure"  # an axis could not hand it on to another
    RELAY_TO_NON_ERDS = "RelayToNonERDS"  # the other axis states nothing itself
    CONTENT_CONSIGNMENT = "ContentConsignment"
    CONTENT_CONSIGNMENT_FAILURE = "ContentConsignmentFailure"
    CONTENT_HANDOVER = "ContentHandover"
    CONTENT_HANDOVER_FAILURE = "ContentHandoverFailure"


ENDS = (
    Event.CONTENT_HANDOVER,
    Event.CONTENT_HANDOVER_FAILURE,
    Event.CONTENT_CONSIGNMENT_FAILURE,
    Event.RELAY_FAILURE,
    Event.RELAY_TO_NON_ERDS,
)
"""With these a message's way to one recipient comes to its end."""


_LONGEST = {"package": 60, "sha256": 64, "from": 35, "to": 35, "at": 40}


class ReceiptInvalid(Exception):
    """The file is no receipt, or its parts do not belong together."""


@dataclass(frozen=True)
class Receipt:
    """One event with its proof: exact texts of entry and statement, and the CMS."""

    entry: str
    statement: str
    signature: bytes = field(repr=False)

    @property
    def facts(self) -> dict[str, Any]:
        """What the entry says: event, package, sha256, from, to, at …"""
        found: dict[str, Any] = json.loads(self.entry)
        return found

    def as_dict(self) -> dict[str, str]:
        signature = base64.b64encode(self.signature).decode()
        return {"entry": self.entry, "statement": self.statement, "signature": signature}

    @classmethod
    def of(cls, parts: Any) -> Self:
        """Raises: ReceiptInvalid."""
        try:
            receipt = cls(
                str(parts["entry"]),
                str(parts["statement"]),
                base64.b64decode(parts["signature"], validate=True),
            )
            facts = receipt.facts
            if not isinstance(facts, dict) or facts["event"] not in list(Event):
                raise ReceiptInvalid("no event")
            if any(len(facts[name]) > longest for name, longest in _LONGEST.items()):
                raise ReceiptInvalid("a name that is too long")
            if datetime.fromisoformat(facts["at"]).tzinfo is None:
                raise ReceiptInvalid("the event's moment has no zone")
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ReceiptInvalid(str(error)) from error
        return receipt


def entry_text(
    event: Event,
    *,
    package: str,
    digest: str,
    sender: str,
    recipient: str,
    at: datetime,
    reason: str = "",
) -> str:
    """An entry as it is hashed: message, hash, from, to, moment; compact JSON."""
    facts = {
        "event": event.value,
        "package": package,
        "sha256": digest,
        "from": sender,
        "to": recipient,
        "at": at.isoformat(),
        **({"reason": reason} if reason else {}),
    }
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def statement_text(entries: Sequence[str], *, node: str, made_at: datetime) -> str:
    """What is signed once for all entries: who states it, when, and the digest of each."""
    digests = [sha256(entry.encode()).hexdigest() for entry in entries]
    stated = {"format": FORMAT, "node": node, "made_at": made_at.isoformat(), "entries": digests}
    return json.dumps(stated, ensure_ascii=False, separators=(",", ":"))


def sign_statement(statement: str, credential: Credential, *, now: datetime) -> bytes:
    """A detached CAdES-B-B signature over the statement, DER (RFC 5652 section 5)."""
    digest = _digest(statement, credential.signature_algorithm.digest)
    return detached_signature(digest, credential, claimed_at=now, timestamp=None)


def verify_receipt(receipt: Receipt, *, trust: Trust) -> str:
    """Return the name of the service that stated the entry.

    The signature was made when the statement says; the certificate has to be valid then.

    Raises: ReceiptInvalid: the entry is not among those stated, or no service signed;
        PKIError: the signature or its certificate.
    """
    require_stated(receipt)
    return verify_statement(receipt.statement, receipt.signature, trust=trust)


def require_stated(receipt: Receipt) -> None:
    """Raises: ReceiptInvalid: the entry is not among those that its statement lists."""
    if sha256(receipt.entry.encode()).hexdigest() not in _stated(receipt.statement)["entries"]:
        raise ReceiptInvalid("the entry is not in the statement")


def verify_statement(statement: str, signature: bytes, *, trust: Trust) -> str:
    """Return the name of the service that signed a statement, as `verify_receipt`.

    Raises: ReceiptInvalid, PKIError.
    """
    stated = _stated(statement)
    signed = parse_signed_data(signature)
    certificate = verify_signed_data(signed, digest=_digest(statement, signed.digest_name))
    build_path(
        certificate,
        intermediates=parse_certificates(signed.certificates),
        trust=trust,
        at=datetime.fromisoformat(stated["made_at"]),
    )
    if certificate_role(certificate) is not Role.SERVICE:
        raise ReceiptInvalid(f"{display_name(certificate)} is no service")
    return display_name(certificate)


def _stated(statement: str) -> dict[str, Any]:
    try:
        stated: dict[str, Any] = json.loads(statement)
        if stated["format"] != FORMAT or not isinstance(stated["entries"], list):
            raise ReceiptInvalid("not a statement of receipts")
        if datetime.fromisoformat(stated["made_at"]).tzinfo is None:
            raise ReceiptInvalid("the statement's moment has no zone")
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ReceiptInvalid(str(error)) from error
    return stated


def _digest(text: str, name: str) -> bytes:
    return new(name, text.encode()).digest()
