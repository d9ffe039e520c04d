"""Why a signature or seal is not complete, or was not made: what a person is told of it.

Held is what a key has made and what still lacks its evidence: the worker asks again until a
limit. Else it is a person's turn: the key could not be reached, or what it made came to nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chauban.directory.rules import HANOI
from chauban.trust.models import Custody
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.rules import PENDING_LIMIT

Purpose = KeyUse.Purpose
# Which key a draft waits for in a state.
_DUE = {Draft.State.SIGNING: Purpose.SIGN, Draft.State.NUMBERED: Purpose.SEAL}


class Missing(TextChoices):
    """What is missing; the label stands in lists."""

    TIMESTAMP = "timestamp", _("Đang giữ: chờ dấu thời gian")
    REVOCATION = "revocation", _("Đang giữ: chờ trạng thái chứng thư số")
    DEVICE = "device", _("Chưa ký được: thiếu thiết bị khóa")
    SERVICE = "service", _("Chưa ký được: dịch vụ ký số không trả lời")
    LAPSED = "lapsed", _("Cần ký lại: quá thời hạn chờ")
    REJECTED = "rejected", _("Cần ký lại: không qua kiểm tra")


_PROBLEMS = {
    "pending-too-long": Missing.LAPSED,
    "CertificateRevoked": Missing.REJECTED,
    "ResultNotValid": Missing.REJECTED,
}


@dataclass(frozen=True)
class Waiting:
    """What is missing since when; for what is held, the worker's next try and last moment."""

    missing: Missing
    since: datetime
    is_seal: bool
    next_try: datetime | None = None
    until: datetime | None = None

    @property
    def is_held(self) -> bool:
        return self.until is not None

    @property
    def tone(self) -> str:
        return "wait" if self.is_held else "bad"

    @property
    def text(self) -> str:
        """What has happened."""
        values = {"at": _moment(self.since), "who": self._who()}
        match self.missing:
            case Missing.TIMESTAMP:
                text = gettext("%(who)s lúc %(at)s, đang chờ dấu thời gian.")
            case Missing.REVOCATION:
                text = gettext("%(who)s lúc %(at)s, đang chờ trạng thái chứng thư số (OCSP, CRL).")
            case Missing.DEVICE:
                text = gettext("Lúc %(at)s không kết nối được thiết bị khóa; chưa ký gì.")
            case Missing.SERVICE:
                text = gettext("Lúc %(at)s dịch vụ ký số từ xa không trả lời; chưa ký gì.")
            case Missing.LAPSED:
                text = gettext(
                    "Lần ký lúc %(at)s hết hiệu lực: quá thời hạn mà chưa đủ dấu thời gian và trạng"
                    " thái chứng thư số."
                )
            case Missing.REJECTED:
                text = gettext("Lần ký lúc %(at)s không qua được kiểm tra nên đã bỏ.")
        return text % values

    @property
    def next(self) -> str:
        """What happens, or is to be done, next."""
        if self.next_try and self.until:
            values = {"next": _moment(self.next_try), "until": _moment(self.until)}
            return " ".join(
                (
                    gettext("Văn bản đang được giữ, chưa phát hành được.")
                    if self.is_seal
                    else gettext("Văn bản đang được giữ, chưa cấp số được."),
                    gettext("Hệ thống tự hỏi lại, lần tới lúc %(next)s; không cần ký lại.")
                    % values,
                    gettext("Nếu đến %(until)s vẫn chưa đủ, lần ký hết hiệu lực và phải ký lại.")
                    % values,
                )
            )
        match self.missing:
            case Missing.DEVICE:
                todo = gettext("Hãy cắm lại thiết bị hoặc bật lại máy giữ khóa, rồi ký lại.")
            case Missing.SERVICE:
                todo = gettext("Hãy chờ ít phút rồi ký lại.")
            case Missing.REJECTED:
                todo = gettext("Hãy báo người quản trị kiểm tra chứng thư số, rồi ký lại.")
            case _:
                todo = gettext("Hãy ký lại.")
        kept = gettext("Số và ngày đã cấp được giữ nguyên.")
        return f"{todo} {kept}" if self.is_seal else todo

    @property
    def note(self) -> str:
        """The same in one line of a list."""
        if self.next_try and self.until:
            return gettext("Từ %(since)s · hỏi lại lúc %(next)s · chậm nhất %(until)s") % {
                "since": _moment(self.since),
                "next": _hour(self.next_try),
                "until": _moment(self.until),
            }
        return gettext("Từ %(since)s") % {"since": _moment(self.since)} + f" · {self.next}"

    def _who(self) -> str:
        return gettext("Đã ký số của cơ quan") if self.is_seal else gettext("Đã ký")


def waiting_of(draft: Draft) -> Waiting | None:
    """What the draft's signature or seal waits for; None where it waits for nothing.

    It asks nothing of the database for drafts of `Draft.objects.for_page()`, but for the few
    whose key could not be reached.
    """
    copy = getattr(draft, "signing_copy", None)
    if copy is None:
        return None
    uses = sorted(copy.key_uses.all(), key=lambda use: use.pk)
    pending = [use for use in uses if use.is_pending]
    if pending:
        return _held(pending)
    done = [use for use in uses if use.purpose == _DUE.get(draft.state) and use.settled_at]
    return _of_last(done[-1]) if done else None


def _held(pending: list[KeyUse]) -> Waiting:
    lacks_time = any(use.timestamp_pending for use in pending)
    first = pending[0]
    return Waiting(
        Missing.TIMESTAMP if lacks_time else Missing.REVOCATION,
        first.claimed_at,
        is_seal=first.purpose != Purpose.SIGN,
        next_try=first.lease_until,
        until=first.claimed_at + PENDING_LIMIT,
    )


def _of_last(use: KeyUse) -> Waiting | None:
    missing = _PROBLEMS.get(use.last_problem)
    if use.result_id is None and use.last_problem == "KeyUnavailable":
        is_device = use.certificate.custody == Custody.DEVICE
        missing = Missing.DEVICE if is_device else Missing.SERVICE
    if missing is None:
        return None
    return Waiting(missing, use.claimed_at, is_seal=use.purpose == Purpose.SEAL)


def _moment(at: datetime) -> str:
    return at.astimezone(HANOI).strftime("%H:%M %d/%m/%Y")


def _hour(at: datetime) -> str:
    return at.astimezone(HANOI).strftime("%H:%M:%S")
