"""Whom the installation trusts; where its keys are, and whether what they need is there."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from chauban.accounts.rights import Permission, require
from chauban.office.administering.acting import take
from chauban.office.administering.looking import today
from chauban.office.administering.trust_forms import AnchorForm
from chauban.office.models import PushDevice
from chauban.trust import actions, whereabouts
from chauban.trust.expiring import expiring
from chauban.trust.listing import anchor_line, certificate_line
from chauban.trust.models import Anchor, Certificate
from chauban.workflow.models import KeyUse

AUTHORITIES_SHOWN = PENDING_SHOWN = 50


@login_required
@require_http_methods(["GET", "POST"])
def trust(request: HttpRequest) -> HttpResponse:
    """Anchors, the authorities known, what ends soon; a root to add."""
    require(request.officer, Permission.MANAGE_TRUST)
    now, given = timezone.now(), request.POST if request.method == "POST" else None
    form = AnchorForm(given, request.FILES or None, initial={"valid_from": today()})
    if given is not None and take(form, actions.store_anchor, request) is not None:
        messages.success(request, _("Đã thêm gốc tin cậy."))
        return redirect("administering:trust")
    authorities = Certificate.objects.filter(holder=Certificate.Holder.AUTHORITY)
    context = {
        "form": form,
        "anchors": [anchor_line(one, now) for one in Anchor.objects.order_by("purpose", "pk")],
        "authorities": [
            certificate_line(one, now) for one in authorities.order_by("pk")[:AUTHORITIES_SHOWN]
        ],
        "expiring": expiring(now),
        "day": today(),
    }
    return render(
        request, "administering/trust.html", context, status=422 if form.is_bound else 200
    )


@login_required
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    """Key devices, signing services, time-stamps, the service key; what waits for them."""
    require(request.officer, Permission.MANAGE_TRUST)
    now = timezone.now()
    pending = KeyUse.objects.pending().filter(seal=None).select_related("copy__draft")
    context = {
        "devices": whereabouts.devices_here(now),
        "services": whereabouts.signing_services(now),
        "service_key": whereabouts.service_key_here(),
        "custodies": whereabouts.keys_by_custody(now),
        "locked": whereabouts.locked_keys(now),
        "timestampers": settings.TSA_URLS,
        "pending": pending.order_by("claimed_at")[:PENDING_SHOWN],
        "waiting": KeyUse.objects.waiting().count(),
        "push_contact": settings.PUSH_CONTACT,
        "push_devices": PushDevice.objects.count(),
        "push_failing": PushDevice.objects.filter(failures__gt=0).count(),
        "now": now,
    }
    return render(request, "administering/devices.html", context)
