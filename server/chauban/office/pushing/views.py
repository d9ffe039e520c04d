"""A person's devices: switched on and off by himself, each for itself."""

import base64
import binascii

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from chauban.accounts.officers import Officer
from chauban.journal.standing import standing_of
from chauban.office.live import agencies_about
from chauban.office.models import PushDevice
from chauban.office.places import counts
from chauban.office.pushing import keys
from chauban.office.pushing.rules import is_known_service

MOST_DEVICES = 10
P256DH_BYTES, AUTH_BYTES = 65, 16  # RFC 8291 section 2


@login_required
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    officer = _officer(request)
    context = {
        "devices": PushDevice.objects.filter(user=officer.user).order_by("-since"),
        "push_key": keys.application_server_key() if settings.PUSH_CONTACT else "",
    }
    return render(request, "office/devices.html", context)


@login_required
@require_POST
def add_device(request: HttpRequest) -> HttpResponse:
    """Keep what the browser's push service gave it; what stands on the desk now is known."""
    officer, now = _officer(request), timezone.now()
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    if not settings.PUSH_CONTACT or not _is_sound(given):
        messages.error(request, _("Trình duyệt này không nhận được thông báo từ hệ thống."))
        return redirect("office:devices")
    own = PushDevice.objects.filter(user=officer.user)
    # A browser is one person's at a time: who uses it now takes it over.
    PushDevice.objects.update_or_create(
        endpoint=given["endpoint"],
        defaults={
            "user": officer.user, "post": officer.post, "since": now, "next_look_at": now,
            "p256dh": given["p256dh"], "auth": given["auth"], "failures": 0,
            "standing": standing_of(agencies_about(officer, now)),
            "told": dict(counts(officer, now)), "digest_at": now,
        },
    )  # fmt: skip
    oldest = own.order_by("-since").values_list("pk", flat=True)[MOST_DEVICES:]
    own.filter(pk__in=list(oldest)).delete()
    messages.success(request, _("Đã bật thông báo trên thiết bị này."))
    return redirect("office:devices")


@login_required
@require_POST
def remove_device(request: HttpRequest, pk: int) -> HttpResponse:
    gone, _by_model = PushDevice.objects.filter(user=_officer(request).user, pk=pk).delete()
    if not gone:
        raise Http404
    messages.success(request, _("Đã tắt thông báo trên thiết bị đó."))
    return redirect("office:devices")


def _officer(request: HttpRequest) -> Officer:
    if request.officer is None:
        raise Http404
    return request.officer


def _is_sound(given: dict[str, str]) -> bool:
    sizes = _size(given["p256dh"]), _size(given["auth"])
    return is_known_service(given["endpoint"]) and sizes == (P256DH_BYTES, AUTH_BYTES)


def _size(text: str) -> int:
    """How many bytes unpadded base64url stands for (RFC 4648 section 5)."""
    try:
        return len(base64.b64decode(f"{text}{'=' * (-len(text) % 4)}", b"-_", validate=True))
    except (binascii.Error, ValueError):
        return -1
