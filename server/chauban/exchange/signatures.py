"""Reading the signatures of a file that came, by two readings (design, decision 2).

Called in a process of its own, hence without settings and database.
"""

from datetime import datetime
from typing import Any

from chauban_pades.assessing import assess
from chauban_pades.collecting import validation_data_of
from chauban_pades.detached import assess_detached
from chauban_pades.errors import PAdESError
from chauban_pades.report import Report
from chauban_pades.second_leg import assess_with_pyhanko
from chauban_pades.two_legs import worse
from chauban_pki.errors import PKIError
from chauban_pki.revocation import ValidationData
from chauban_pki.trust import Fetch, Trust


def read_pdf(
    content: bytes, *, both_legs: bool, trust: Trust, at: datetime, fetch: Fetch | None
) -> dict[str, Any]:
    """The first reading's report, made worse where the second finds worse (decision 2)."""
    report = assess(content, trust=trust, at=at, fetch=fetch)
    if both_legs:
        data = evidence_for(content, report, trust=trust, at=at, fetch=fetch)
        report = worse(report, assess_with_pyhanko(content, trust=trust, at=at, data=data))
    return report.as_dict()


def evidence_for(
    content: bytes, report: Report, *, trust: Trust, at: datetime, fetch: Fetch | None
) -> ValidationData:
    """Revocation information for the second reading, which fetches nothing itself.

    Only what a file lacks is fetched, and only where trust allows; else both readings say that
    there is not enough evidence.
    """
    lacks = any(one.level not in ("B-LT", "B-LTA") for one in report.signatures)
    if fetch is None or not lacks:
        return ValidationData()
    try:
        return validation_data_of(content, trust=trust, fetch=fetch, at=at)
    except (PAdESError, PKIError):
        return ValidationData()


def read_beside(
    content: bytes, signature: bytes, *, trust: Trust, at: datetime, fetch: Fetch | None
) -> dict[str, Any]:
    """The report on a file by the detached signature beside it."""
    return assess_detached(content, signature, trust=trust, at=at, fetch=fetch).as_dict()
