"""Certificates and anchors as the page lists them: whose, where the key is, until when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from chauban.directory.rules import legal_day
from chauban.trust.models import Anchor, Certificate
from chauban.trust.strengths import key_name, weak_since
from chauban_pki.certificates import display_name, parse_certificate
from chauban_pki.profiles import ExpiryWarning, expiry_warning


@dataclass(frozen=True)
class CertificateLine:
    row: Certificate
    holder: str
    kind: str
    custody: str
    algorithm: str
    weak_since: date | None
    state: str
    tone: str


@dataclass(frozen=True)
class AnchorLine:
    row: Anchor
    ends: datetime
    state: str
    tone: str


def certificate_line(row: Certificate, now: datetime) -> CertificateLine:
    certificate = parse_certificate(bytes(row.der))
    state, tone = _state(expiry_warning(certificate, now=now))
    if now < row.not_before:
        state, tone = _("Chưa đến hạn dùng"), "wait"
    weak = weak_since(row)
    return CertificateLine(
        row,
        holder=str(row.person or row.body or display_name(certificate)),
        kind=str(row.get_holder_display()),
        custody=_custody(row),
        algorithm=key_name(row),
        weak_since=weak if weak is not None and weak <= legal_day(now) else None,
        state=state,
        tone=tone,
    )


def anchor_line(row: Anchor, now: datetime) -> AnchorLine:
    certificate = parse_certificate(bytes(row.der))
    if not row.is_in_force(legal_day(now)):
        return AnchorLine(row, certificate.not_valid_after_utc, _("Không còn tin cậy"), "wait")
    return AnchorLine(
        row, certificate.not_valid_after_utc, *_state(expiry_warning(certificate, now=now))
    )


def _custody(row: Certificate) -> str:
    if not row.custody:
        return "–"
    if row.custody == row._meta.get_field("custody").default and row.pkcs12 is None:
        return _("Không lưu khóa tại đây")
    place = row.key_reference.get("token") or row.key_reference.get("service")
    return f"{row.get_custody_display()} ({place})" if place else str(row.get_custody_display())


def _state(warning: ExpiryWarning | None) -> tuple[str, str]:
    if warning is None:
        return _("Còn hạn"), "good"
    if warning.within_days == 0:
        return _("Đã hết hạn"), "bad"
    tone = "bad" if timedelta(days=warning.days_left) < timedelta(days=7) else "wait"
    return _("Còn %(days)d ngày") % {"days": warning.days_left}, tone
