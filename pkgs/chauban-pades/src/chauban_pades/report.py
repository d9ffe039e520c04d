"""The report of an assessment: what was found, for programs and for people.

Law: Thông tư 41/2017/TT-BTTTT (what a verifier checks and keeps), Nghị định 30/2020/NĐ-CP Điều 5
(which signatures make an original). Standard: ETSI EN 319 102-1 clause 5.1.3 (verdicts).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from chauban_pki.certificates import Role
from chauban_pki.reasons import Reason, Verdict


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
class Change:
    """Something that a revision changed and that the signatures before it do not allow.

    `what` is stable, `vi` and `en` are for people; page counts from 1, None for what is on no
    page; revision counts from 1, the oldest.
    """

    what: str
    page: int | None
    revision: int
    field: str | None
    vi: str
    en: str

    def as_dict(self) -> dict[str, Any]:
        """The change as `chauban verify --json` prints it."""
        return {
            "what": self.what,
            "page": self.page,
            "revision": self.revision,
            "field": self.field,
            "vi": self.vi,
            "en": self.en,
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
    role: Role
    signer: str
    title: str
    agency: str
    organ_id: str
    level: str
    signing_time: datetime | None
    is_time_proved: bool
    verdict: Verdict
    reasons: tuple[Reason, ...]
    certificate: bytes | None
    certificate_serial: str
    issuer: str
    revision: int | None
    covers_whole_document: bool

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


@dataclass(frozen=True)
class Report:
    """An assessment of one file."""

    verdict: Verdict
    document: DocumentStatus
    signatures: tuple[SignatureReport, ...] = ()
    changes_after_signing: tuple[Change, ...] = ()
    reasons: tuple[Reason, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The object that `chauban verify --json` prints for a file, without its name."""
        return {
            "verdict": self.verdict.value,
            "document": self.document.value,
            "signatures": [signature.as_dict() for signature in self.signatures],
            "changes_after_signing": [change.as_dict() for change in self.changes_after_signing],
            "reasons": [reason.as_dict() for reason in self.reasons],
        }
