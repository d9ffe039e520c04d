"""`chauban doctor`: is this installation sound? Each check trusts nothing and changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chauban.blobs import store
from chauban.blobs.errors import BlobError
from chauban.blobs.models import Blob
from chauban.directory.rules import HANOI, legal_day
from chauban.exchange.models import Delivery, IncomingMessage, OutgoingMessage, Recipient
from chauban.journal.guard import is_guarded
from chauban.journal.models import Act
from chauban.registers.models import ArrivalSeries, IncomingDocument, OutgoingDocument, Series
from chauban.trust.expiring import expiring
from chauban.trust.models import Anchor, Certificate
from chauban.workflow.models import KeyUse
from chauban.workflow.rules import PENDING_LIMIT

LATE = timedelta(minutes=30)
NAMED_AT_MOST = 20


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `ok` is None for a warning: it works, but somebody should look."""

    check: str
    ok: bool | None
    vi: str
    en: str

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


Check = Callable[[datetime], Iterator[Finding]]


def examine(now: datetime) -> list[Finding]:
    """All findings, in the order of CHECKS; a check that cannot run is itself a finding."""
    found: list[Finding] = []
    for check in CHECKS:
        name = check.__name__.replace("_", "-")
        try:
            found += check(now)
        except Exception as error:  # an examiner reports what it meets, whatever it is
            found.append(
                Finding(name, False, f"Không kiểm tra được: {error!r}", f"Failed: {error!r}")
            )
    return found


def tables(now: datetime) -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    owed = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield Finding(
        "tables",
        not owed,
        f"Cơ sở dữ liệu: còn {len(owed)} bước nâng cấp",
        f"{len(owed)} migrations owed",
    )


def journal(now: datetime) -> Iterator[Finding]:
    yield Finding(
        "journal",
        is_guarded(connection),
        "Nhật ký được bảo vệ chống sửa, xóa",
        "The journal's guard against change stands",
    )
    ahead = Act.objects.filter(at__gt=now + timedelta(seconds=5)).count()
    yield Finding(
        "clock",
        not ahead,
        f"{ahead} việc ghi ở thời điểm sau hiện tại",
        f"{ahead} acts lie in the future",
    )


def registers(now: datetime) -> Iterator[Finding]:
    """Numbers are consecutive from 1, dates never fall in order of number (Điều 15, 22)."""
    for series in Series.objects.select_related("group__body"):
        rows = OutgoingDocument.objects.filter(series=series).order_by("number")
        numbers = list(rows.values_list("number", "issued_on"))
        name = f"{series.group.body.name}, {series.group.name}, {series.year}"
        yield from _consecutive(
            "outgoing", name, [number for number, _ in numbers], series.last_number
        )
        days = [day for _, day in numbers]
        if days != sorted(days):
            yield Finding("outgoing", False, f"{name}: ngày giảm theo số", f"{name}: dates fall")
        if days and days[-1] > legal_day(now):
            yield Finding(
                "outgoing", False, f"{name}: ngày sau hôm nay", f"{name}: dated after today"
            )
    for arrival in ArrivalSeries.objects.select_related("body"):
        entered = IncomingDocument.objects.filter(body=arrival.body, year=arrival.year)
        taken = list(entered.order_by("arrival_number").values_list("arrival_number", flat=True))
        yield from _consecutive(
            "incoming", f"{arrival.body.name}, {arrival.year}", taken, arrival.last_number
        )
    yield Finding("registers", True, "Đã xem mọi sổ đăng ký", "All registers were read")


def _consecutive(check: str, name: str, taken: list[int], last: int) -> Iterator[Finding]:
    first = taken[0] if taken else last + 1
    if taken != list(range(first, last + 1)):
        yield Finding(
            check, False, f"{name}: số không liên tục", f"{name}: numbers are not consecutive"
        )


def files(now: datetime) -> Iterator[Finding]:
    bad = 0
    for blob in Blob.objects.iterator():
        try:
            store.read(blob)
        except BlobError as error:
            bad += 1
            yield Finding(
                "files", False, f"Tệp {blob.sha256}: {error}", f"File {blob.sha256}: {error}"
            )
    total = Blob.objects.count()
    yield Finding(
        "files", not bad, f"{total} tệp, {bad} hỏng hoặc mất", f"{total} files, {bad} damaged"
    )


def trust(now: datetime) -> Iterator[Finding]:
    for purpose in Anchor.Purpose:
        held = Anchor.objects.as_of(legal_day(now)).filter(purpose=purpose).exists()
        yield Finding(
            "trust", held, f"Gốc tin cậy: {purpose.label}", f"Trust anchor: {purpose.value}"
        )
    soon = expiring(now)
    for one in soon:
        yield Finding("certificates", None, one.line.vi, one.line.en)
    yield Finding(
        "certificates",
        None if soon else True,
        f"{len(soon)} chứng thư số, gốc tin cậy hết hạn hoặc sắp hết hạn",
        f"{len(soon)} certificates and anchors have expired or expire soon",
    )


def custody(now: datetime) -> Iterator[Finding]:
    """Every key kept elsewhere is at a device or service that settings know."""
    lost = 0
    for row in Certificate.objects.filter(not_after__gt=now).exclude(key_reference={}):
        reference = row.key_reference
        if "service" in reference:
            is_known, needed = reference["service"] in settings.SIGNING_SERVICES, "SIGNING_SERVICES"
        else:
            is_known, needed = bool(settings.PKCS11_LIBRARY), "PKCS11_LIBRARY"
        if not is_known:
            lost += 1
            yield Finding(
                "custody",
                False,
                f"Khóa của {row.person or row.body}: thiếu cài đặt CHAUBAN_{needed} cho"
                f" {reference.get('service') or reference.get('token')}",
                f"The key of {row.person or row.body} needs CHAUBAN_{needed} for"
                f" {reference.get('service') or reference.get('token')}",
            )
    yield Finding(
        "custody",
        not lost,
        f"{lost} khóa ở thiết bị hoặc dịch vụ mà cài đặt không biết",
        f"{lost} keys at devices or services that settings do not know",
    )


def keys(now: datetime) -> Iterator[Finding]:
    """Each signature that waits for its evidence: since and until when, for what."""
    pending = KeyUse.objects.pending().filter(seal=None).order_by("claimed_at")
    for use in pending.select_related("copy__draft")[:NAMED_AT_MOST]:
        hours = (now - use.claimed_at).total_seconds() / 3600
        until = (use.claimed_at + PENDING_LIMIT).astimezone(HANOI).strftime("%H:%M %d/%m/%Y")
        name = f"{use.copy.draft_id} (…/{use.copy.draft.notation})"
        yield Finding(
            "keys",
            None,
            f"Dự thảo {name}: chữ ký số chờ {hours:.1f} giờ, chậm nhất đến {until};"
            f" vướng: {use.last_problem or 'không rõ'}",
            f"Draft {name}: a signature has waited {hours:.1f} h, until {until} at the latest;"
            f" problem: {use.last_problem or 'unknown'}",
        )
    total = pending.count()
    yield Finding(
        "keys",
        None if total else True,
        f"{total} chữ ký số chờ dấu thời gian hoặc dữ liệu xác thực",
        f"{total} signatures wait for a time-stamp or validation data",
    )


def queues(now: datetime) -> Iterator[Finding]:
    late = OutgoingMessage.objects.filter(state="due", due_at__lt=now - LATE).count()
    failed = OutgoingMessage.objects.failed().count()
    stuck = Delivery.objects.filter(state="arrived", arrived_at__lt=now - LATE).count()
    refused = Recipient.objects.troubled().count()
    yield Finding(
        "outbox", None if late else True, f"{late} gói tin chờ gửi quá lâu", f"{late} late messages"
    )
    yield Finding(
        "outbox", None if failed else True, f"{failed} gói tin gửi lỗi", f"{failed} failed messages"
    )
    yield Finding(
        "outbox",
        None if refused else True,
        f"{refused} nơi nhận chưa nhận được",
        f"{refused} not reached",
    )
    yield Finding(
        "inbox", None if stuck else True, f"{stuck} văn bản đến chưa kiểm tra", f"{stuck} unread"
    )
    aside = IncomingMessage.objects.set_aside().count()
    yield Finding(
        "inbox", None if aside else True, f"{aside} gói tin để riêng", f"{aside} set aside"
    )


def secrets(now: datetime) -> Iterator[Finding]:
    folder = settings.ENVIRONMENT.data
    kept = [*folder.glob("*.key"), *settings.SIGNING_TOKEN_FOLDER.glob("*.token")]
    open_files = [path.name for path in kept if path.stat().st_mode & 0o077]
    yield Finding(
        "secrets",
        not open_files,
        f"Tệp khóa người khác đọc được: {open_files or 'không có'}",
        f"Key files that others can read: {open_files or 'none'}",
    )


CHECKS: tuple[Check, ...] = (
    tables,
    journal,
    registers,
    files,
    trust,
    custody,
    keys,
    queues,
    secrets,
)
