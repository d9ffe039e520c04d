"""Assess one signature of a PDF: its bytes, its time, its holder (ETSI EN 319 102-1 clause 5.3)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

from cryptography import x509

from chauban_pki.errors import PKIError
from chauban_pki.reasons import Reason, Verdict
from chauban_pki.signed_data import SignedData, signer_certificate
from chauban_pki.words import reason_for

from .cms_reading import archived_revocation, parse_pdf_signature, verify_pdf_signature
from .evidence import Circumstances
from .judging import judge
from .report import SignatureReport, with_holder
from .signature_reading import Covered, Signature, SignatureMalformed
from .words import reason

_PDF_DATE = re.compile(
    r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z|([+-])(\d\d)'?(\d\d)?'?)?.*", re.DOTALL
)


def assess_signature(
    covered: Covered, name: str, signature: Signature, given: Circumstances
) -> SignatureReport:
    """The report on the signature in the field of that name, later changes left aside."""
    report = SignatureReport(
        name,
        signing_time=parse_pdf_date(signature.claimed_time or ""),
        revision=signature.revision,
        covers_whole_document=signature.end == covered.size,
    )
    signed: SignedData | None = None
    try:
        signed = parse_pdf_signature(signature)
        archive = archived_revocation(signed)
        found = judge(
            signed,
            partial(_verified, covered, signature, signed),
            existed_at=given.existed_at(signature.revision),
            given=replace(
                given,
                data=given.data | archive,
                archived=frozenset((*archive.crls, *archive.ocsps)),
            ),
        )
    except PKIError as error:
        return _refused(report, signed, error.verdict, reason_for(error))
    except SignatureMalformed as error:
        unknown = error.why == "sub-filter-unknown"
        verdict = Verdict.INDETERMINATE if unknown else Verdict.TOTAL_FAILED
        return _refused(report, signed, verdict, reason(error.why, detail=error.detail))
    is_proved_later = any(number > signature.revision for number in given.proved)
    report = replace(
        report,
        verdict=found.verdict,
        reasons=found.reasons,
        level="B-LTA" if found.level == "B-LT" and is_proved_later else found.level,
        signing_time=found.time or report.signing_time or signed.signing_time,
        is_time_proved=found.time is not None,
    )
    return with_holder(report, found.certificate)


def _verified(
    covered: Covered, signature: Signature, signed: SignedData, at: datetime | None
) -> x509.Certificate:
    return verify_pdf_signature(covered, signature, signed, at=at)


def malformed_signature(name: str, found: SignatureMalformed) -> SignatureReport:
    """The report on a signature dictionary that cannot be taken for one."""
    given = reason(found.why, detail=found.detail)
    return SignatureReport(name, verdict=Verdict.TOTAL_FAILED, reasons=(given,))


def _refused(
    report: SignatureReport, signed: SignedData | None, verdict: Verdict, found: Reason
) -> SignatureReport:
    """The report on a signature that does not verify, with the holder whom it claims."""
    report = replace(report, verdict=verdict, reasons=(found,))
    if signed is None:
        return report
    try:
        return with_holder(report, signer_certificate(signed))
    except PKIError:
        return report


def parse_pdf_date(text: str) -> datetime | None:
    """The moment, UTC, of a PDF date string; None where it is none (ISO 32000-1 clause 7.9.4).

    A date without a zone is taken as UTC.
    """
    match = _PDF_DATE.fullmatch(text)
    if match is None:
        return None
    *numbers, sign, hours, minutes = match.groups()
    year, month, day, hour, minute, second = (
        int(given or default) for given, default in zip(numbers, (1, 1, 1, 0, 0, 0), strict=True)
    )
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        zone = timezone(-offset if sign == "-" else offset)
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
