"""The face of an envelope, bì văn bản (Phụ lục IV mục II)."""

from dataclasses import dataclass
from datetime import datetime

from chauban_docform.compiling import set_in_type
from chauban_docform.letters import Heading, Urgency


@dataclass(frozen=True)
class Envelope:
    """Who sends which document to whom; a blank address is left out.

    `code` is số, ký hiệu as written on the document, `05/QĐ-UBND`.
    """

    issuer: Heading
    code: str
    recipient: str
    address: str = ""
    sender_address: str = ""
    urgency: Urgency | None = None


def typeset_envelope(envelope: Envelope, *, created_at: datetime) -> bytes:
    """Return the face as PDF/A-2b of one page, C5 (229 x 162 mm), the mark of urgency in red.

    Raises:
        UnsupportedCharacters: a text holds a character without a glyph.
    """
    issuer = envelope.issuer
    data = {
        "title": f"Bì văn bản {envelope.code}",
        "author": " ".join(issuer.issuer_lines),
        "parent_lines": [line.upper() for line in issuer.parent_lines],
        "issuer_lines": [line.upper() for line in issuer.issuer_lines],
        "code": envelope.code,
        "recipient": envelope.recipient,
        "address": envelope.address,
        "sender_address": envelope.sender_address,
        "urgency": envelope.urgency.value if envelope.urgency else "",
    }
    return set_in_type("envelope.typ", data, created_at=created_at)
