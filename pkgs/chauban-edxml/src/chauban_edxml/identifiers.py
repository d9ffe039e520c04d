"""Codes of agencies and identifiers of documents, in all forms met on the wire."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from chauban_edxml.model import Code, DocumentMessage, Organization, ResponseFor
from chauban_edxml.values import format_date, parse_date

LONGEST_ORGAN_ID = 35  # Sửa đổi 1:2022 QCVN 102:2016/BTTTT; QĐ 20/2020/QĐ-TTg Điều 4
_ORGAN_ID = re.compile(r"[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*")

Canonical = Callable[[str], str]
"""Maps a code, old or new, to the one its agency goes by; from the directory."""


class OrganIdForm(Enum):
    """The rule that a code follows."""

    QCVN_102 = "QCVN 102:2016/BTTTT"  # read right to left: 000.00.00.H57
    QD_20_STATE = "QĐ 20/2020/QĐ-TTg Điều 4"  # read left to right: H57.12.03
    QD_20_ENTERPRISE = "QĐ 20/2020/QĐ-TTg Điều 5"  # registration number
    QD_20_OTHER = "QĐ 20/2020/QĐ-TTg Điều 6"  # Z01…
    SYSTEM = "system"  # connecting centres and test codes
    UNKNOWN = "unknown"


_FORMS = (
    (OrganIdForm.SYSTEM, re.compile(r".*W00|vxp\.saas\.[0-9]+")),
    (OrganIdForm.QCVN_102, re.compile(r"(?:[0-9]{2,3}\.){1,3}[A-Z][0-9A-Z]{2}")),
    (OrganIdForm.QD_20_OTHER, re.compile(r"Z[0-9]{2}[0-9A-Z.]{1,32}")),
    (OrganIdForm.QD_20_STATE, re.compile(r"[A-Y][0-9]{2}(?:\.[0-9A-Z]+)*")),
    (OrganIdForm.QD_20_ENTERPRISE, re.compile(r"(?:02)?[0-9]{10}(?:[0-9]{3})?")),
)


def is_organ_id(text: str) -> bool:
    """Tell whether text may stand in `OrganId`: groups of letters and digits, 35 at most."""
    return len(text) <= LONGEST_ORGAN_ID and _ORGAN_ID.fullmatch(text) is not None


def organ_id_form(organ_id: str) -> OrganIdForm:
    """Return the rule that organ_id follows, by its shape; only a directory knows the agency."""
    matches = (form for form, pattern in _FORMS if pattern.fullmatch(organ_id))
    return next(matches, OrganIdForm.UNKNOWN)


def normal_organ_id(organ_id: str) -> str:
    """Return organ_id for comparison with others: trimmed, capitals."""
    return organ_id.strip().upper()


def without_duplicates(
    recipients: Iterable[Organization], *, canonical: Canonical = normal_organ_id
) -> tuple[Organization, ...]:
    """Return the recipients, each agency once, under the code that came first."""
    by_agency: dict[str, Organization] = {}
    for recipient in recipients:
        by_agency.setdefault(canonical(recipient.organ_id), recipient)
    return tuple(by_agency.values())


def document_id(organ_id: str, promulgated_on: date, code: Code) -> str:
    """Return `<OrganId>,<yyyy/MM/dd>,<number>/<notation>` (QĐ 395/QĐ-BTTTT, with the full date).

    It stays the document's for life, even when the agency's code changes.
    """
    return f"{organ_id},{format_date(promulgated_on)},{code}"


@dataclass(frozen=True)
class DocumentIdParts:
    """What a DocumentId says; its date may be impossible (None) or only a year."""

    organ_id: str
    year: int | None
    promulgated_on: date | None
    code: Code


def parse_document_id(text: str) -> DocumentIdParts | None:
    """Return the parts of a DocumentId, or None where it has another form, such as a UUID.

    The parts need not agree with the header of the same message; never rebuild one from them.
    """
    organ_id, comma, rest = text.partition(",")
    day, second_comma, code = rest.partition(",")
    if not (comma and second_comma and organ_id.strip() and code.strip()):
        return None
    year = re.search(r"(?<![0-9])[0-9]{4}(?![0-9])", day)
    return DocumentIdParts(
        organ_id=organ_id.strip(),
        year=int(year.group()) if year else None,
        promulgated_on=_date_or_none(day.strip()),
        code=Code.parse(code.strip()),
    )


def normal_text(text: str) -> str:
    """Return text for comparison: NFC, trimmed, without regard to capitals."""
    return unicodedata.normalize("NFC", text).strip().casefold()


@dataclass(frozen=True)
class DocumentKey:
    """What we know of a document of ours that a status may be about."""

    document_id: str
    organ_id: str
    code: Code
    promulgated_on: date


class Match(Enum):
    """How surely a status is about a document; the surer comes first."""

    DOCUMENT_ID = 1
    CODE_AGENCY_AND_DATE = 2
    CODE_AND_YEAR = 3
    NONE = 4


def same_document(
    response_for: ResponseFor,
    known: DocumentKey,
    *,
    issuer_organ_id: str,
    canonical: Canonical = normal_organ_id,
) -> Match:
    """Return how response_for matches a known document.

    issuer_organ_id is the agency that the message takes for the document's sender: see
    `StatusMessage.issuer_organ_id`, which minds the swapped roles of a take-back. A document
    may be taken for the one meant only if no other matches as surely: see `find_documents`.
    """
    if response_for.document_id and (
        normal_text(response_for.document_id) == normal_text(known.document_id)
    ):
        return Match.DOCUMENT_ID
    parts = parse_document_id(response_for.document_id)
    codes = {normal_text(response_for.code)} | ({normal_text(str(parts.code))} if parts else set())
    if normal_text(str(known.code)) not in codes:
        return Match.NONE
    day = response_for.promulgation_date or (parts.promulgated_on if parts else None)
    year = day.year if day else (parts.year if parts else None)
    is_issuer = canonical(issuer_organ_id) == canonical(known.organ_id)
    if (
        is_issuer
        and day in (None, known.promulgated_on)
        and year
        in (
            None,
            known.promulgated_on.year,
        )
    ):
        return Match.CODE_AGENCY_AND_DATE
    if year == known.promulgated_on.year:
        return Match.CODE_AND_YEAR
    return Match.NONE


def find_documents(
    response_for: ResponseFor,
    documents: Iterable[DocumentKey],
    *,
    issuer_organ_id: str,
    canonical: Canonical = normal_organ_id,
) -> tuple[DocumentKey, ...]:
    """Return the documents that match most surely: one is the one meant, several are for people."""
    ranked: dict[Match, list[DocumentKey]] = {}
    for known in documents:
        match = same_document(
            response_for, known, issuer_organ_id=issuer_organ_id, canonical=canonical
        )
        ranked.setdefault(match, []).append(known)
    ranked.pop(Match.NONE, None)
    return tuple(ranked[min(ranked, key=lambda match: match.value)]) if ranked else ()


def duplicate_key(
    message: DocumentMessage, *, canonical: Canonical = normal_organ_id
) -> tuple[str, str, int]:
    """Return (agency, DocumentId, operation), by which a second arrival is known.

    A message without DocumentId is known by its code and year instead.
    """
    identity = message.document_id
    if not identity:
        info = message.promulgation_info
        day = info.promulgation_date if info else None
        identity = f"{message.code or ''},{day.year if day else ''}"
    return (
        canonical(message.from_.organ_id),
        normal_text(identity),
        message.bussiness.bussiness_doc_type.value,
    )


def _date_or_none(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
