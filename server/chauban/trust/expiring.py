"""Certificates and anchors that end soon: told 60, 30 and 7 days ahead, each step once.

The holder, the clerk and the administrator are told; who has seen a step is not told of it
again, and the next step is a new warning.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, may
from chauban.directory.rules import HANOI, legal_day
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.journal.recording import record
from chauban.trust.models import Anchor, Certificate
from chauban.trust.querysets import CertificateQuerySet
from chauban.ui.words import Words
from chauban_pki.certificates import display_name, parse_certificate
from chauban_pki.profiles import WARNING_DAYS, ExpiryWarning, expiry_warning

LONGEST_WARNING = timedelta(days=max(WARNING_DAYS))


@dataclass(frozen=True)
class Expiring:
    """A certificate or anchor that ends soon, and the warning it has reached."""

    row: Certificate | Anchor
    name: str
    warning: ExpiryWarning

    @property
    def line(self) -> Words:
        """What ends when, and what to do."""
        day = f"{self.warning.valid_to.astimezone(HANOI):%d/%m/%Y}"
        left = self.warning.days_left
        if self.warning.within_days == 0:
            return Words(
                f"Chứng thư số “{self.name}” đã hết hạn ngày {day}. Hãy xin cấp mới trước khi ký.",
                f"The certificate “{self.name}” expired on {day}. Apply for a new one to sign.",
            )
        return Words(
            f"Chứng thư số “{self.name}” hết hạn ngày {day}, còn {left} ngày. Hãy đề nghị gia hạn.",
            f"The certificate “{self.name}” expires on {day}, in {left} days. Have it renewed.",
        )


def expiring(now: datetime) -> list[Expiring]:
    """All of this installation that are due a warning, the soonest first.

    One that a newer certificate of the same holder has replaced is left out.
    """
    return _warned([*_soon(Certificate.objects.all(), now), *_anchors(now)], now)


def told_to(officer: Officer, now: datetime) -> list[Expiring]:
    """The warnings that officer is to be shown now: the steps that he has not noted yet."""
    rows: list[Certificate | Anchor] = [*_soon(Certificate.objects.told_to(officer, now), now)]
    if may(officer, Permission.MANAGE_TRUST):
        rows += _anchors(now)
    return [one for one in _warned(rows, now) if not _is_noted(one, officer)]


@transaction.atomic
def note_warnings(officer: Officer, now: datetime) -> None:
    """Record that officer has seen every warning due to him; these steps are not shown again."""
    for one in told_to(officer, now):
        record(
            ActKind.EXPIRY_NOTED,
            on=one.row,
            by=officer,
            at=now,
            within_days=one.warning.within_days,
        )


def _soon(rows: CertificateQuerySet, now: datetime) -> Iterable[Certificate]:
    """What ended lately counts as well: it may still be in use somewhere."""
    return rows.unreplaced().filter(
        not_after__gt=now - LONGEST_WARNING, not_after__lte=now + LONGEST_WARNING
    )


def _anchors(now: datetime) -> Iterable[Anchor]:
    return Anchor.objects.as_of(legal_day(now)).order_by("id")


def _warned(rows: Iterable[Certificate | Anchor], now: datetime) -> list[Expiring]:
    found = []
    for row in rows:
        certificate = parse_certificate(bytes(row.der))
        warning = expiry_warning(certificate, now=now)
        if warning is not None:
            found.append(Expiring(row, display_name(certificate), warning))
    return sorted(found, key=lambda one: one.warning.valid_to)


def _is_noted(one: Expiring, officer: Officer) -> bool:
    noted = Act.objects.on(one.row).filter(kind=ActKind.EXPIRY_NOTED, user_id=officer.user_id)
    return any(
        facts.get("within_days") == one.warning.within_days
        for facts in noted.values_list("facts", flat=True)
    )
