"""The report of an assessment: what was found, for programs and for people.

Law: Thông tư 41/2017/TT-BTTTT (what a verifier checks and keeps), Nghị định 30/2020/NĐ-CP Điều 5
(which signatures make an original). Standard: ETSI EN 319 102-1 clause 5.1.3 (verdicts).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography import x509

from chauban_pki import certificates
from chauban_pki.certificates import Role
from chauban_pki.reasons import Reason, Verdict, parse_reason

from .appearance import Box
from .errors import PAdESError


class ReportMalformed(PAdESError):
    """The object is no report of ours."""

    code = "report-malformed"
    words_vi = "Kết quả kiểm tra không đọc được ({detail}). Hãy kiểm tra lại tệp."
    words_en = "The report cannot be read ({detail}). Check the file again."

    def __init__(self, detail: str) -> None:
        super().__init__(detail=detail)


class DocumentStatus(StrEnum):
    """What a file is worth as a document."""

    COMPLETE = "complete"
    ELECTRONIC_COPY = "electronic-copy"
    ATTACHMENT = "attachment"
    NO_SEAL = "no-seal"
    NO_SIGNATURE = "no-signature"
    STAMPED_BY_ISSUER = "stamped-by-issuer"
    ALTERED = "altered"
    INVALID = "invalid"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"
    NOT_ENOUGH_EVIDENCE = "not-enough-evidence"

    @property
    def has_legal_value(self) -> bool:
        """Whether all signatures that such a document requires are there (Điều 5, Điều 25)."""
        return self in (self.COMPLETE, self.ELECTRONIC_COPY, self.ATTACHMENT)


@dataclass(frozen=True)
class PlaceOnPage:
    """A rectangle on a page, in points of the page's own space; page counts from 1."""

    page: int
    box: Box

    def as_dict(self) -> dict[str, Any]:
        """The place as `chauban verify --json` prints it: left, bottom, right, top."""
        box = self.box
        return {"page": self.page, "rectangle": [box.left, box.bottom, box.right, box.top]}


@dataclass(frozen=True)
class Change:
    """Something that a revision changed after a signature.

    `what` is stable, `vi` and `en` are for people. `page` counts from 1 as the document stands
    now (a page no longer there: as it stood before), None for what is on no page; `places` tells
    where it shows, a whole page where its content changed. `revision` counts from 1, the oldest;
    `signed_by` is the field whose signature that revision carries, None where nobody signed it.
    """

    what: str
    page: int | None
    revision: int
    field: str | None
    vi: str
    en: str
    places: tuple[PlaceOnPage, ...] = ()
    signed_by: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The change as `chauban verify --json` prints it."""
        return {
            "what": self.what,
            "page": self.page,
            "revision": self.revision,
            "field": self.field,
            "vi": self.vi,
            "en": self.en,
            "places": [place.as_dict() for place in self.places],
            "signed_by": self.signed_by,
        }


@dataclass(frozen=True)
class SignatureReport:
    """One signature: whose, when, at which level, and whether it holds.

    `level` is the PAdES baseline level shown (``B-B``, ``B-T``, ``B-LT``, ``B-LTA``), or ``CMS``
    for a signature without the signing-certificate attribute, or empty where nothing reads.
    `signing_time` is the time that a valid time-stamp proves, else the one claimed, UTC;
    `is_time_proved` tells which. `covers_whole_document` is False when later revisions follow.
    """

    field: str
    role: Role = Role.UNKNOWN
    signer: str = ""
    agency: str = ""
    level: str = ""
    signing_time: datetime | None = None
    verdict: Verdict = Verdict.INDETERMINATE
    reasons: tuple[Reason, ...] = ()
    title: str = ""
    organ_id: str = ""
    is_time_proved: bool = False
    certificate: bytes | None = attribute(default=None, repr=False)
    certificate_serial: str = ""
    issuer: str = ""
    revision: int | None = None
    covers_whole_document: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The signature as `chauban verify --json` prints it."""
        return {
            "field": self.field,
            "role": self.role.value,
            "signer": self.signer,
            "agency": self.agency,
            "level": self.level,
            "signing_time": self.signing_time.isoformat() if self.signing_time else None,
            "verdict": self.verdict.value,
            "reasons": [reason.as_dict() for reason in self.reasons],
        }


def with_holder(report: SignatureReport, certificate: x509.Certificate) -> SignatureReport:
    """The report with what the certificate says of its holder."""
    return replace(
        report,
        role=certificates.certificate_role(certificate),
        signer=certificates.display_name(certificate),
        title=certificates.title(certificate),
        agency=certificates.agency_name(certificate),
        organ_id=certificates.organ_id(certificate),
        certificate=certificates.encoded(certificate),
        certificate_serial=format(certificate.serial_number, "x"),
        issuer=certificate.issuer.rfc4514_string(),
    )


@dataclass(frozen=True)
class Report:
    """An assessment of one file.

    `changes_after_signing` are those that a signature before them does not allow;
    `permitted_changes` are all others, such as number and date, the seal, validation data.
    """

    verdict: Verdict
    document: DocumentStatus
    signatures: tuple[SignatureReport, ...] = ()
    changes_after_signing: tuple[Change, ...] = ()
    reasons: tuple[Reason, ...] = ()
    permitted_changes: tuple[Change, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The object that `chauban verify --json` prints for a file, without its name."""
        return {
            "verdict": self.verdict.value,
            "document": self.document.value,
            "signatures": [signature.as_dict() for signature in self.signatures],
            "changes_after_signing": [change.as_dict() for change in self.changes_after_signing],
            "reasons": [reason.as_dict() for reason in self.reasons],
            "permitted_changes": [change.as_dict() for change in self.permitted_changes],
        }


def parse_report(given: Mapping[str, Any]) -> Report:
    """The report that `Report.as_dict` gave, as far as it goes there.

    Raises:
        ReportMalformed: it is no such object.
    """
    try:
        return Report(
            verdict=Verdict(given["verdict"]),
            document=DocumentStatus(given["document"]),
            signatures=tuple(_parse_signature(one) for one in given["signatures"]),
            changes_after_signing=tuple(map(_parse_change, given["changes_after_signing"])),
            reasons=tuple(parse_reason(one) for one in given["reasons"]),
            permitted_changes=tuple(map(_parse_change, given.get("permitted_changes", ()))),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReportMalformed(str(error)) from None


def _typed(value: Any, *kinds: type) -> Any:
    if not isinstance(value, kinds):
        raise TypeError(f"{type(value).__name__} in a report")
    return value


def _parse_change(given: Mapping[str, Any]) -> Change:
    change = Change(**{**given, "places": tuple(map(_parse_place, given.get("places", ())))})
    for text in (change.what, change.vi, change.en):
        _typed(text, str)
    for name in (change.field, change.signed_by):
        _typed(name, str, type(None))
    _typed(change.revision, int)
    _typed(change.page, int, type(None))
    return change


def _parse_place(given: Mapping[str, Any]) -> PlaceOnPage:
    rectangle = (_typed(number, int, float) for number in given["rectangle"])
    return PlaceOnPage(_typed(given["page"], int), Box(*rectangle))


def _parse_signature(given: Mapping[str, Any]) -> SignatureReport:
    time = given["signing_time"]
    return SignatureReport(
        field=_typed(given["field"], str),
        role=Role(given["role"]),
        signer=_typed(given["signer"], str),
        agency=_typed(given["agency"], str),
        level=_typed(given["level"], str),
        signing_time=datetime.fromisoformat(time) if time else None,
        verdict=Verdict(given["verdict"]),
        reasons=tuple(parse_reason(one) for one in given["reasons"]),
    )
