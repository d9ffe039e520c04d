"""How a message shows that it passes another agency's document on: plain values.

edXML has no element for it. The reason in words says so, the first hop of the trace is the
issuer, whom the document's identifier must not contradict, and From is who passes it on (edxml.md
4.4, 4.5, 6.1): hubs write traces and identifiers of their own, so that one sign would not do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chauban_edxml.identifiers import normal_organ_id, parse_document_id

_PHRASE = "Chuyển tiếp văn bản của "


@dataclass(frozen=True)
class Issuer:
    """Who issued a document that another agency passes on."""

    organ_id: str
    name: str


def passing_reason(issuer_name: str, words: str) -> str:
    """The reason in words of a message that passes a document on."""
    said = f"{_PHRASE}{issuer_name}"
    return f"{said}: {words}"[:500] if words else said[:500]


def issuer_of(
    reason: str, *, hops: Sequence[str], from_organ_id: str, document_id: str
) -> Issuer | None:
    """The issuer of a document that is passed on; None: From issued it, as far as is said.

    hops are the codes of the trace, the oldest first.
    """
    parts = parse_document_id(document_id)
    if not reason.startswith(_PHRASE) or not hops:
        return None
    first = normal_organ_id(hops[0])
    is_named = parts is None or normal_organ_id(parts.organ_id) == first
    is_issuer = is_named and first != normal_organ_id(from_organ_id)
    name = reason.removeprefix(_PHRASE).partition(":")[0].strip()
    return Issuer(hops[0], name) if is_issuer and name else None
