"""Signing, sealing and assessing single files: bytes in, bytes or a report out, no database.

The network and the clock arrive as arguments, as in the libraries.
"""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import file_digest
from pathlib import Path

from chauban.cli.file_words import HANOI, NO_TIMESTAMP, NO_TRUST, reason_for
from chauban_docform.symbols import date_texts, number_text
from chauban_pades import (
    Appearance,
    Report,
    add_validation_data,
    assess,
    fill_and_seal,
    fill_and_seal_pending,
    reserve,
    sign,
    sign_attachment,
    sign_attachment_pending,
    sign_pending,
)
from chauban_pades.collecting import validation_data_of
from chauban_pades.concluding import Found, conclude
from chauban_pades.detached import assess_detached
from chauban_pades.errors import AlreadySigned, MissingField
from chauban_pki.cms import detached_signature
from chauban_pki.credentials import Credential
from chauban_pki.errors import CertificateRevoked, PathInvalid, RevocationUnknown
from chauban_pki.paths import require_valid_at
from chauban_pki.reasons import Reason
from chauban_pki.timestamps import Timestamper
from chauban_pki.trust import Fetch, Trust

PDF_MARK, PDF_MARK_WITHIN = b"%PDF-", 1024
SIGNATURE_SUFFIX = ".p7s"


@dataclass(frozen=True)
class Evidence:
    """Whom to ask for proof; `timestamp` None means level B-B, `trust` None no B-LT."""

    timestamp: Timestamper | None
    trust: Trust | None
    fetch: Fetch


@dataclass(frozen=True)
class Made:
    """What was made, at which level, and why it is no better."""

    content: bytes
    level: str
    notes: tuple[Reason, ...]


def is_pdf(path: Path) -> bool:
    """Return whether the file says that it is a PDF (ISO 32000-1 annex H.3.4.1).

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return PDF_MARK in file.read(PDF_MARK_WITHIN)


def sign_letter(
    pdf: bytes,
    *,
    field: str,
    credential: Credential,
    evidence: Evidence,
    now: datetime,
    image: Appearance | None,
) -> Made:
    """Return a PDF with the signature of its signatory; raises as `chauban_pades.sign`."""
    pdf = _with_marked_places_reserved(pdf)
    if evidence.timestamp is None:
        content = sign_pending(pdf, field=field, credential=credential, now=now, image=image)
        return Made(content, "B-B", (NO_TIMESTAMP,))
    content = sign(
        pdf,
        field=field,
        credential=credential,
        timestamp=evidence.timestamp,
        now=now,
        image=image,
    )
    return Made(content, "B-T", ())


def seal_letter(
    pdf: bytes,
    *,
    field: str,
    number: int,
    day: date,
    credential: Credential,
    evidence: Evidence,
    now: datetime,
    image: Appearance | None,
) -> Made:
    """Return a PDF with number, date and seal in one revision, at B-LT where that can be had.

    Raises:
        CertificateRevoked: the seal's or a signer's certificate is revoked.
        And as `chauban_pades.fill_and_seal`.
    """
    values = {"number": number_text(number), **date_texts(day)}
    pdf = _with_marked_places_reserved(pdf)
    if evidence.timestamp is None:
        content = fill_and_seal_pending(
            pdf, field=field, values=values, credential=credential, now=now, image=image
        )
        return Made(content, "B-B", (NO_TIMESTAMP,))
    content = fill_and_seal(
        pdf,
        field=field,
        values=values,
        credential=credential,
        timestamp=evidence.timestamp,
        now=now,
        image=image,
    )
    return _with_validation_data(content, evidence, now)


def seal_attachment(
    pdf: bytes, *, code: str, credential: Credential, evidence: Evidence, now: datetime
) -> Made:
    """Return a PDF attachment with the agency's signature at its top right.

    The text is number and symbol of the main document and the time of signing
    (Nghị định 30/2020/NĐ-CP Phụ lục I II.8.b).
    """
    signed_at = now.astimezone(HANOI)
    lines = (code, f"{signed_at:%d-%m-%Y; %H:%M:%S} +07:00")
    if evidence.timestamp is None:
        content = sign_attachment_pending(pdf, credential=credential, now=now, lines=lines)
        return Made(content, "B-B", (NO_TIMESTAMP,))
    content = sign_attachment(
        pdf, credential=credential, timestamp=evidence.timestamp, now=now, lines=lines
    )
    return _with_validation_data(content, evidence, now)


def sign_beside(path: Path, *, credential: Credential, evidence: Evidence, now: datetime) -> Made:
    """Return the signature, CAdES, that stands beside a file as `<name>.p7s`.

    The file is read in pieces.

    Raises:
        CertificateNotYetValid, CertificateExpired: the certificate is not valid now.
        TimestampUnavailable: no token came.
        OSError: the file cannot be read.
    """
    require_valid_at(credential.certificate, now)
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").digest()
    signature = detached_signature(digest, credential, claimed_at=now, timestamp=evidence.timestamp)
    if evidence.timestamp is None:
        return Made(signature, "B-B", (NO_TIMESTAMP,))
    return Made(signature, "B-T", ())


def assess_file(path: Path, *, trust: Trust, at: datetime, fetch: Fetch | None) -> Report:
    """Return what a file is worth: a PDF by itself, another by the `.p7s` beside it.

    A `.p7s` stands for the file that it signs.

    Raises:
        OSError: it cannot be read.
    """
    if path.suffix == SIGNATURE_SUFFIX and path.with_suffix("").is_file():
        path = path.with_suffix("")
    beside = path.with_name(path.name + SIGNATURE_SUFFIX)
    if beside.is_file():
        with path.open("rb") as content:
            return assess_detached(content, beside.read_bytes(), trust=trust, at=at, fetch=fetch)
    if is_pdf(path):
        return assess(path.read_bytes(), trust=trust, at=at, fetch=fetch)
    return conclude(Found(signatures=(), has_trust=bool(trust.signing)))


def _with_marked_places_reserved(pdf: bytes) -> bytes:
    """The PDF with its marked places made fields; unchanged when that has been done."""
    try:
        return reserve(pdf)
    except (AlreadySigned, MissingField):
        return pdf


def _with_validation_data(pdf: bytes, evidence: Evidence, now: datetime) -> Made:
    if evidence.trust is None:
        return Made(pdf, "B-T", (NO_TRUST,))
    try:
        data = validation_data_of(pdf, trust=evidence.trust, fetch=evidence.fetch, at=now)
    except CertificateRevoked:
        raise
    except (PathInvalid, RevocationUnknown) as error:
        return Made(pdf, "B-T", (reason_for(error),))
    return Made(add_validation_data(pdf, data=data), "B-LT", ())
