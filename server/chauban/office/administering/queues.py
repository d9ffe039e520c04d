"""The exchange at a glance: what waits, since when, what failed, and who is at work on it."""

from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from chauban.accounts.rights import Permission, require
from chauban.axis.models import Carriage
from chauban.exchange.models import (
    IncomingMessage,
    OutgoingMessage,
    Recipient,
    WorkerSeen,
)
from chauban.workflow.models import KeyUse

SEEN_WITHIN = timedelta(minutes=2)
WORKERS_SHOWN = 10


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    require(request.officer, Permission.OPERATE_AXIS)
    now = timezone.now()
    workers = WorkerSeen.objects.order_by("-seen_at")[:WORKERS_SHOWN]
    context = {
        "now": now,
        "waiting": _waiting(),
        "failed": _failed(),
        "workers": [(one, now - one.seen_at <= SEEN_WITHIN) for one in workers],
    }
    return render(request, "administering/queues.html", context)


def _waiting() -> list[dict[str, object]]:
    queues = reverse("axis:queues")
    outbox, inbox = OutgoingMessage.objects.outbox(), IncomingMessage.objects.backlog()
    carried = list(Carriage.objects.queues())
    pending = KeyUse.objects.filter(timestamp_pending=True) | KeyUse.objects.filter(
        validation_data_pending=True
    )
    held = pending.aggregate(length=Count("pk"), oldest=Min("claimed_at"))
    return [
        _row(_("Gói tin chờ gửi"), outbox["length"], outbox["oldest"], queues),
        _row(_("Gói tin chờ lấy về"), inbox["length"], inbox["oldest"], queues),
        _row(
            _("Gói tin trên trục chờ các hệ thống lấy"),
            sum(one["length"] for one in carried),
            min((one["oldest"] for one in carried), default=None),
            reverse("axis:systems"),
        ),
        _row(
            _("Chữ ký chờ dấu thời gian, dữ liệu xác thực"),
            held["length"],
            held["oldest"],
            reverse("administering:devices"),
        ),
    ]


def _failed() -> list[dict[str, object]]:
    return [
        _row(
            _("Gói tin gửi không thành công"),
            OutgoingMessage.objects.failed().count(),
            None,
            reverse("office:place", args=["failed"]),
        ),
        _row(
            _("Nơi nhận chưa nhận được"),
            Recipient.objects.troubled().count(),
            None,
            reverse("office:place", args=["stuck"]),
        ),
        _row(
            _("Gói tin cần người xem"),
            IncomingMessage.objects.set_aside().count(),
            None,
            reverse("office:place", args=["unclaimed"]),
        ),
        _row(
            _("Gói tin trên trục không chuyển được"),
            Carriage.objects.failed().count(),
            None,
            reverse("axis:queues") + "#uncarried",
        ),
    ]


def _row(name: str, count: int, oldest: datetime | None, url: str) -> dict[str, object]:
    return {"name": name, "count": count, "oldest": oldest, "url": url}
