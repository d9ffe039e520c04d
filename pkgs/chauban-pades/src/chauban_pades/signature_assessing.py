"""Assess one signature: its bytes, its time, its holder's certificate.

ETSI EN 319 102-1 clauses 5.3 to 5.5: the signature is judged at the earliest time at which it
is proved to have existed. Law: Thông tư 41/2017/TT-BTTTT: valid when the certificate was valid
at the time of signing, the key matches and the content is unchanged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from chauban_pki import certificates
from chauban_pki.certificates import Role, parse_certificates
from chauban_pki.errors import (
    CertificateExpired,
    CertificateNotYetValid,
    CertificateRevoked,
    PathInvalid,
    PKIError,
    RevocationUnknown,
)
from chauban_pki.paths import build_path
from chauban_pki.reasons import Reason, Verdict, worst
from chauban_pki.revocation import ValidationData, check_path_revocation
from chauban_pki.signed_data import SignedData, signer_certificate
from chauban_pki.timestamps import TimestampReport
from chauban_pki.words import reason_for
from cryptography import x509

from .cms_reading import archived_revocation, parse_pdf_signature, verify_pdf_signature
from .evidence import Circumstances, assess_signature_timestamp
from .report import SignatureReport
from .signature_reading import Signature, SignatureMalformed
from .words import reason

_PDF_DATE = re.compile(
    r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z|([+-])(\d\d)'?(\d\d)?'?)?.*", re.DOTALL
)


@dataclass(frozen=True)
class _Trusted:
    """What the certificate's path and revocation say; `from_file`: the file alone proves it."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    from_file: bool


def assess_signature(name: str, signature: Signature, given: Circumstances) -> SignatureReport:
    """The report on one signature, changes after it left aside."""
    signed: SignedData | None = None
    try:
        signed = parse_pdf_signature(signature)
        verified = verify_pdf_signature(given.pdf, signature, signed)
        archived = archived_revocation(signed)
    except PKIError as error:
        return _failed(name, signature, signed, error.verdict, reason_for(error), given)
    except SignatureMalformed as error:
        verdict = (
            Verdict.INDETERMINATE if error.code == "sub-filter-unknown" else Verdict.TOTAL_FAILED
        )
        found = reason(error.code, detail=error.detail)
        return _failed(name, signature, signed, verdict, found, given)
    data = given.data | archived
    data |= ValidationData(certificates=signed.certificates)
    existed_at = given.existed_at(signature.revision)
    stamp = _timestamp(signed, data, existed_at, given)
    is_time_proved = stamp is not None and stamp.verdict is Verdict.TOTAL_PASSED
    time = stamp.time if stamp is not None and is_time_proved else None
    trusted = _trust_in(verified.certificate, data, time or existed_at, given)
    verdict = trusted.verdict
    if trusted.verdict is Verdict.TOTAL_FAILED and existed_at == given.at and time is None:
        # Nothing proves that the signature was not made before (REVOKED_NO_POE).
        verdict = Verdict.INDETERMINATE
    reasons = trusted.reasons
    if stamp is not None and not is_time_proved:
        verdict = worst(verdict, Verdict.INDETERMINATE)
        reasons = (*reasons, *stamp.reasons)
    return _report(
        name,
        signature,
        verified.certificate,
        given,
        level=_level(verified.is_baseline, stamp, trusted, signature, given),
        signing_time=time or _claimed_time(signature, signed),
        is_time_proved=is_time_proved,
        verdict=verdict,
        reasons=reasons,
    )


def _timestamp(
    signed: SignedData, data: ValidationData, existed_at: datetime, given: Circumstances
) -> TimestampReport | None:
    if signed.timestamp_token is None:
        return None
    return assess_signature_timestamp(
        signed.timestamp_token, signed.signature, data=data, at=existed_at, given=given
    )


def _trust_in(
    certificate: x509.Certificate, data: ValidationData, at: datetime, given: Circumstances
) -> _Trusted:
    """Path and revocation at a time; from the file alone first, then with the network."""
    try:
        path = build_path(
            certificate,
            intermediates=parse_certificates(data.certificates),
            trust=given.trust,
            at=at,
        )
    except PathInvalid as error:
        return _Trusted(_path_verdict(error, at, given), (reason_for(error),), False)
    for fetch in (None, given.fetch):
        try:
            check_path_revocation(
                path, data=data, at=at, now=given.at, trust=given.trust, fetch=fetch
            )
        except CertificateRevoked as error:
            return _Trusted(error.verdict, (reason_for(error),), fetch is None)
        except RevocationUnknown as error:
            unknown = _Trusted(error.verdict, (reason_for(error),), False)
        else:
            return _Trusted(Verdict.TOTAL_PASSED, (), fetch is None)
    return unknown


def _path_verdict(error: PathInvalid, at: datetime, given: Circumstances) -> Verdict:
    """EXPIRED and NOT_YET_VALID fail where the time is proved, else no proof of existence."""
    outside = isinstance(error, CertificateExpired | CertificateNotYetValid)
    return Verdict.TOTAL_FAILED if outside and at != given.at else error.verdict


def _level(
    is_baseline: bool,
    stamp: TimestampReport | None,
    trusted: _Trusted,
    signature: Signature,
    given: Circumstances,
) -> str:
    """The PAdES baseline level that is shown (ETSI EN 319 142-1 clause 6.1)."""
    if not is_baseline:
        return "CMS"
    if stamp is None or stamp.verdict is Verdict.TOTAL_FAILED:
        return "B-B"
    if not trusted.from_file or stamp.verdict is not Verdict.TOTAL_PASSED:
        return "B-T"
    has_later_proof = any(number > signature.revision for number in given.proved)
    return "B-LTA" if has_later_proof else "B-LT"


def _failed(
    name: str,
    signature: Signature,
    signed: SignedData | None,
    verdict: Verdict,
    found: Reason,
    given: Circumstances,
) -> SignatureReport:
    certificate: x509.Certificate | None = None
    if signed is not None:
        try:
            certificate = signer_certificate(signed)
        except PKIError:
            certificate = None
    return _report(
        name,
        signature,
        certificate,
        given,
        level="",
        signing_time=_claimed_time(signature, signed),
        is_time_proved=False,
        verdict=verdict,
        reasons=(found,),
    )


def malformed_signature(name: str, found: SignatureMalformed) -> SignatureReport:
    """The report on a signature dictionary that cannot be taken for one."""
    return SignatureReport(
        field=name,
        role=Role.UNKNOWN,
        signer="",
        title="",
        agency="",
        organ_id="",
        level="",
        signing_time=None,
        is_time_proved=False,
        verdict=Verdict.TOTAL_FAILED,
        reasons=(reason(found.code, detail=found.detail),),
        certificate=None,
        certificate_serial="",
        issuer="",
        revision=None,
        covers_whole_document=False,
    )


def _report(
    name: str,
    signature: Signature,
    certificate: x509.Certificate | None,
    given: Circumstances,
    *,
    level: str,
    signing_time: datetime | None,
    is_time_proved: bool,
    verdict: Verdict,
    reasons: tuple[Reason, ...],
) -> SignatureReport:
    return SignatureReport(
        field=name,
        role=certificates.certificate_role(certificate) if certificate else Role.UNKNOWN,
        signer=certificates.display_name(certificate) if certificate else "",
        title=certificates.title(certificate) if certificate else "",
        agency=certificates.agency_name(certificate) if certificate else "",
        organ_id=certificates.organ_id(certificate) if certificate else "",
        level=level,
        signing_time=signing_time,
        is_time_proved=is_time_proved,
        verdict=verdict,
        reasons=reasons,
        certificate=certificates.encoded(certificate) if certificate else None,
        certificate_serial=format(certificate.serial_number, "x") if certificate else "",
        issuer=certificate.issuer.rfc4514_string() if certificate else "",
        revision=signature.revision,
        covers_whole_document=signature.end == len(given.pdf),
    )


def _claimed_time(signature: Signature, signed: SignedData | None) -> datetime | None:
    """The time in /M, else in the CMS: only a claim."""
    claimed = parse_pdf_date(signature.claimed_time or "")
    return claimed or (signed.signing_time if signed else None)


def parse_pdf_date(text: str) -> datetime | None:
    """The moment, UTC, of a PDF date string; None where it is none (ISO 32000-1 clause 7.9.4).

    A date without a zone is taken as UTC.
    """
    match = _PDF_DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        zone = timezone(-offset if sign == "-" else offset)
        return datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=zone,
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
