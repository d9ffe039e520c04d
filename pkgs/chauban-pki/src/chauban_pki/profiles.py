"""What an office checks of a certificate besides its path: how long it lasts, and its profile.

Nothing here refuses a signature; each finding says what to ask the issuer for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from chauban_pki import strength
from chauban_pki.certificates import Role, certificate_role, display_name, organ_id
from chauban_pki.crl_status import crl_urls
from chauban_pki.errors import WeakSignatureAlgorithm
from chauban_pki.ocsp_status import ocsp_urls
from chauban_pki.paths import extension, is_certificate_authority
from chauban_pki.reasons import Reason

WARNING_DAYS = (60, 30, 7)
"""How many days ahead its holder and the administrator are told."""

LONGEST_SUBSCRIBER = timedelta(days=5 * 366)
"""Nghị định 68/2024/NĐ-CP: 5 years for a new subscriber certificate."""


@dataclass(frozen=True)
class ExpiryWarning:
    """A certificate that ends soon: `within_days` is the warning reached, 0 once it has ended.

    `days_left` is in whole days, rounded down; `valid_to` UTC.
    """

    within_days: int
    days_left: int
    valid_to: datetime


def expiry_warning(certificate: x509.Certificate, *, now: datetime) -> ExpiryWarning | None:
    """Return the latest of the warnings 60, 30 and 7 days ahead that is due; None before.

    Each stage is a new warning: compare `within_days` with what was told before.
    """
    valid_to = certificate.not_valid_after_utc
    left = valid_to - now
    if left < timedelta(0):
        return ExpiryWarning(0, left.days, valid_to)
    due = [days for days in WARNING_DAYS if left <= timedelta(days=days)]
    return ExpiryWarning(min(due), left.days, valid_to) if due else None


def check_profile(certificate: x509.Certificate, *, at: datetime) -> tuple[Reason, ...]:
    """Return where a subscriber's certificate departs from the profile, in words.

    ETSI EN 319 412-2 and 412-3 for key usage and names, Nghị định 68/2024/NĐ-CP for its life,
    Thông tư 15/2025/TT-BKHCN for its key. `at` is a moment at which the key has to count.
    """
    name = display_name(certificate)
    findings = (
        _WRONG_KIND if is_certificate_authority(certificate) else None,
        _LASTS_LONG if _life(certificate) > LONGEST_SUBSCRIBER else None,
        _KEY_USAGE if not _has_signing_usage(certificate) else None,
        _NO_STATUS if not (ocsp_urls(certificate) or crl_urls(certificate)) else None,
        _ROLE if certificate_role(certificate) is Role.UNKNOWN else None,
        _NO_CODE if _lacks_code(certificate) else None,
        _WEAK if _is_weak(certificate, at) else None,
    )
    return tuple(
        Reason(one.code, one.vi.format(name=name), one.en.format(name=name), one.clause)
        for one in findings
        if one
    )


def _life(certificate: x509.Certificate) -> timedelta:
    return certificate.not_valid_after_utc - certificate.not_valid_before_utc


def _has_signing_usage(certificate: x509.Certificate) -> bool:
    usage = extension(certificate, x509.KeyUsage)
    return usage is not None and (usage.digital_signature or usage.content_commitment)


def _lacks_code(certificate: x509.Certificate) -> bool:
    return certificate_role(certificate) is Role.ORGANISATION and not organ_id(certificate)


def _is_weak(certificate: x509.Certificate, at: datetime) -> bool:
    try:
        strength.require_key(certificate.public_key(), at=at)
    except WeakSignatureAlgorithm:
        return True
    return False


_WRONG_KIND = Reason(
    "profile-authority",
    "Chứng thư số “{name}” là của tổ chức chứng thực, không phải của người ký. "
    "Hãy chọn chứng thư số của thuê bao.",
    "The certificate “{name}” is a certification authority's. Choose the subscriber's own.",
    "RFC 5280 section 4.2.1.9",
)
_LASTS_LONG = Reason(
    "profile-life",
    "Chứng thư số “{name}” có thời hạn trên 5 năm. Hãy hỏi lại nơi cấp.",
    "The certificate “{name}” lasts over five years. Ask its issuer.",
    "Nghị định 68/2024/NĐ-CP",
)
_KEY_USAGE = Reason(
    "profile-key-usage",
    "Chứng thư số “{name}” không nêu mục đích ký số. Hãy xin cấp chứng thư số để ký.",
    "The certificate “{name}” does not state that its key signs. Apply for one that does.",
    "ETSI EN 319 412-2 clause 4.3.2",
)
_NO_STATUS = Reason(
    "profile-no-status",
    "Chứng thư số “{name}” không nêu nơi tra cứu thu hồi. Hãy hỏi nơi cấp địa chỉ CRL hoặc OCSP.",
    "The certificate “{name}” names no place to ask about revocation. "
    "Ask its issuer for the CRL or OCSP address.",
    "ETSI EN 319 412-2 clause 4.4.1",
)
_ROLE = Reason(
    "profile-role",
    "Không rõ chứng thư số “{name}” là của cá nhân hay cơ quan. Hãy ghi rõ khi đăng ký.",
    "Whether the certificate “{name}” is a person's or an agency's is not told. "
    "State it when entering it.",
    "Nghị định 30/2020/NĐ-CP, Phụ lục I II.7, II.8",
)
_NO_CODE = Reason(
    "profile-no-organ-code",
    "Chứng thư số “{name}” của cơ quan không có mã định danh. Hãy đề nghị nơi cấp bổ sung.",
    "The agency's certificate “{name}” has no agency code. Ask its issuer to add it.",
    "Quyết định 20/2020/QĐ-TTg; ETSI EN 319 412-3 clause 4.2.1",
)
_WEAK = Reason(
    "profile-weak-key",
    "Khóa của chứng thư số “{name}” không đủ mạnh. Hãy xin cấp chứng thư số mới.",
    "The key of the certificate “{name}” is too weak. Apply for a new certificate.",
    "Thông tư 15/2025/TT-BKHCN",
)
