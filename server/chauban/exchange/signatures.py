"""Reading the signatures of a file that came, by two readings (design, decision 2).

Called in a process of its own, hence without settings and database.
"""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from chauban_pades.assessing import assess
from chauban_pades.detached import assess_detached
from chauban_pades.two_legs import worse
from chauban_pki.revocation import RecordingFetch
from chauban_pki.trust import Fetch, Trust


def read_pdf(
    content: bytes | Path, *, both_legs: bool, trust: Trust, at: datetime, fetch: Fetch | None
) -> dict[str, Any]:
    """The first reading's report, made worse where the second finds worse (decision 2).

    The second fetches nothing itself: it is given what the first had to fetch.
    """
    if isinstance(content, Path):
        content = content.read_bytes()
    fetched = RecordingFetch(fetch) if fetch else None
    report = assess(content, trust=trust, at=at, fetch=fetched)
    if both_legs:
        # The inspector has read it already; whoever only asks the inspector does without pyHanko.
        from chauban_pades.second_leg import assess_with_pyhanko

        data = fetched.data if fetched else None
        report = worse(report, assess_with_pyhanko(content, trust=trust, at=at, data=data))
    return report.as_dict()


def read_beside(
    content: bytes | Path, signature: bytes, *, trust: Trust, at: datetime, fetch: Fetch | None
) -> dict[str, Any]:
    """The report on a file by the detached signature beside it."""
    with content.open("rb") if isinstance(content, Path) else BytesIO(content) as file:
        return assess_detached(file, signature, trust=trust, at=at, fetch=fetch).as_dict()
