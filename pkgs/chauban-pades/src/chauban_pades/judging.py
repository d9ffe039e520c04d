"""Judge a signature that verifies: when was it made, and whose certificate made it.

ETSI EN 319 102-1 clauses 5.2.6 and 5.5: it is judged at the earliest time at which it is proved
to have existed. Law: Thông tư 41/2017/TT-BTTTT: valid when the certificate was valid at the time
of signing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from chauban_pki.errors import (
    CertificateExpired,
    CertificateNotYetValid,
    CertificateRevoked,
    PathInvalid,
    RevocationUnknown,
)
from chauban_pki.paths import build_path, weakness_of_path
from chauban_pki.reasons import Reason, Verdict, worst
from chauban_pki.revocation import ValidationData, check_path_revocation
from chauban_pki.signed_data import (
    SignedData,
    is_signing_certificate_bound,
    weakness_today,
)
from chauban_pki.timestamps import TimestampReport
from chauban_pki.words import reason_for, reasons_for

from .evidence import Circumstances, assess_signature_timestamp
from .words import reason

Verify = Callable[[datetime | None], x509.Certificate]
"""Checks the signature value with what counted at a proved moment; returns the certificate."""


@dataclass(frozen=True)
class Judgement:
    """What a signature's time and holder come to; `time` is the proved one, UTC, or None.

    `level` is the baseline level shown without regard to later document time-stamps.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    level: str
    time: datetime | None
    certificate: x509.Certificate


@dataclass(frozen=True)
class _Trusted:
    """What path and revocation say; `from_file`: nothing had to be fetched.

    `weak` names what of them no longer counts today.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    from_file: bool
    weak: tuple[str, ...] = ()


def judge(
    signed: SignedData, verify: Verify, *, existed_at: datetime, given: Circumstances
) -> Judgement:
    """What a signature is worth that is proved to have been there at existed_at.

    Raises:
        PKIError: as verify, which is told the proved moment, if any.
    """
    data = given.data | ValidationData(certificates=signed.certificates)
    stamp = _timestamp(signed, data, existed_at, given)
    is_stamped = stamp is not None and stamp.verdict is Verdict.TOTAL_PASSED
    time = stamp.time if stamp is not None and is_stamped else None
    proved = time or (existed_at if existed_at < given.at else None)
    certificate = verify(proved)
    trusted = _trust_in(certificate, data, proved, given)
    verdict = _at_that_time(trusted, proved)
    reasons = trusted.reasons
    if stamp is not None and not is_stamped:
        verdict = worst(verdict, Verdict.INDETERMINATE)
        reasons = tuple(dict.fromkeys((*reasons, *stamp.reasons)))
    stamp_weakness = stamp.weak if stamp is not None else ""
    weak = (weakness_today(signed, certificate), *trusted.weak, stamp_weakness)
    if any(weak):
        detail = ", ".join(dict.fromkeys(filter(None, weak)))
        reasons = (*reasons, reason("weak-then", detail=detail))
    return Judgement(verdict, reasons, _level(signed, stamp, trusted), time, certificate)


def _timestamp(
    signed: SignedData, data: ValidationData, existed_at: datetime, given: Circumstances
) -> TimestampReport | None:
    if signed.timestamp_token is None:
        return None
    return assess_signature_timestamp(
        signed.timestamp_token, signed.signature, data=data, at=existed_at, given=given
    )


def _trust_in(
    certificate: x509.Certificate,
    data: ValidationData,
    proved: datetime | None,
    given: Circumstances,
) -> _Trusted:
    """Path and revocation at the proved time; from the file alone first, then with the network."""
    at = proved or given.at

    def proved_at(item: bytes) -> datetime | None:
        """What stands within the signature is as old as it; else what its store proves."""
        times = (given.item_proved_at(item), proved if item in given.archived else None)
        return min(filter(None, times), default=None)

    try:
        path = build_path(
            certificate,
            intermediates=data.parsed_certificates,
            trust=given.trust,
            at=at,
        )
    except (CertificateExpired, CertificateNotYetValid) as error:
        return _Trusted(Verdict.TOTAL_FAILED, (reason_for(error),), from_file=True)
    except PathInvalid as error:
        return _Trusted(error.verdict, (reason_for(error),), from_file=False)
    for fetch in (None, given.fetch):
        try:
            statuses = check_path_revocation(
                path,
                data=data,
                at=at,
                now=given.at,
                trust=given.trust,
                fetch=fetch,
                proved_at=proved_at,
            )
        except CertificateRevoked as error:
            return _Trusted(error.verdict, (reason_for(error),), from_file=fetch is None)
        except RevocationUnknown as error:
            unknown = _Trusted(error.verdict, reasons_for(error), from_file=False)
        else:
            weak = (weakness_of_path(path), *(status.weak for status in statuses))
            return _Trusted(Verdict.TOTAL_PASSED, (), from_file=fetch is None, weak=weak)
    return unknown


def _at_that_time(trusted: _Trusted, proved: datetime | None) -> Verdict:
    """Expired or revoked fails where the time is proved; else it may have been good before.

    REVOKED_NO_POE and OUT_OF_BOUNDS_NO_POE of ETSI EN 319 102-1 clause 5.2.6.
    """
    if trusted.verdict is Verdict.TOTAL_FAILED and proved is None:
        return Verdict.INDETERMINATE
    return trusted.verdict


def _level(signed: SignedData, stamp: TimestampReport | None, trusted: _Trusted) -> str:
    """The AdES baseline level that is shown (ETSI EN 319 142-1 clause 6.1)."""
    if not is_signing_certificate_bound(signed):
        return "CMS"
    if stamp is None or stamp.verdict is Verdict.TOTAL_FAILED:
        return "B-B"
    is_long_term = trusted.from_file and stamp.verdict is Verdict.TOTAL_PASSED
    return "B-LT" if is_long_term else "B-T"
