"""The pages of a batch: choose and confirm once, then see each result as it is stored."""

from collections import Counter
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import conditional_page, require_GET

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, NotFound, Permission, require
from chauban.directory.models import IssuingBody
from chauban.trust.keys import Keys, keys_under
from chauban.trust.presenting import present
from chauban.workflow import elsewhere
from chauban.workflow.batches import choosing
from chauban.workflow.batches.actions import Chosen, begin_batch, found_after_all
from chauban.workflow.batches.choosing import Key, Sheet
from chauban.workflow.batches.forms import ConfirmForm
from chauban.workflow.batches.models import Batch, BatchItem
from chauban.workflow.batches.running import start
from chauban.workflow.elsewhere_views import call_back_address
from chauban.workflow.rules import MOST_IN_BATCH
from chauban.workflow.services import signing_services
from chauban.workflow.taking_back import undoable
from chauban.workflow.words import REFUSALS, explain

Decision, Outcome, Purpose = BatchItem.Decision, BatchItem.Outcome, Batch.Purpose
NEEDED = {Purpose.SIGN: Permission.SIGN, Purpose.SEAL: Permission.SEAL}


@sensitive_post_parameters("pin")
@never_cache
def sign_batch(request: HttpRequest) -> HttpResponse:
    return _batch_page(request, Purpose.SIGN)


@sensitive_post_parameters("pin")
@never_cache
def seal_batch(request: HttpRequest) -> HttpResponse:
    return _batch_page(request, Purpose.SEAL)


@require_GET
def batch(request: HttpRequest, uid: UUID) -> HttpResponse:
    return render(request, "workflow/batches/batch.html", _batch_context(request, uid))


@require_GET
@conditional_page
def batch_items(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The results alone, asked for again and again until all are there."""
    if request.officer is None:
        return HttpResponse(status=204)
    return render(request, "workflow/batches/items.html", _batch_context(request, uid))


@sensitive_variables()
def _batch_page(request: HttpRequest, purpose: Purpose) -> HttpResponse:
    officer, now = require(request.officer, NEEDED[purpose]), timezone.now()
    bodies = list(choosing.bodies_of(officer)) if purpose == Purpose.SEAL else []
    body = _body(request, bodies)
    key = choosing.key_for(officer, purpose, body, now=now)
    if request.method == "POST":
        drafts = choosing.sent(officer, request.POST.getlist("of"))
        found = choosing.sheets(drafts, purpose, key, officer=officer, now=now, given=request.POST)
        confirm = ConfirmForm(request.POST, asks_pin=key.asks_pin)
        are_valid = all([confirm.is_valid(), *(sheet.form.is_valid() for sheet in found)])
        if are_valid and _acts(found) and confirm.lacks_pin():
            are_valid = False
        try:
            if are_valid:
                return _begin(confirm, found, purpose, key, officer)
        except REFUSALS as refusal:
            return _choose(request, purpose, key, found, confirm, bodies, body, refusal)
        return _choose(request, purpose, key, found, confirm, bodies, body)
    waiting = choosing.awaiting(officer, purpose)
    if body is not None:
        waiting = waiting.filter(body=body)
    chosen = {int(one) for one in request.GET.getlist("of") if one.isdecimal() and len(one) < 19}
    drafts = [one for one in waiting[: 5 * MOST_IN_BATCH] if not chosen or one.pk in chosen]
    is_all = bool(chosen) or "all" in request.GET
    preset = {one.pk: Decision.ACT for one in drafts} if is_all else {}
    found = choosing.sheets(drafts, purpose, key, officer=officer, now=now, preset=preset)
    confirm = ConfirmForm(initial={"uid": uuid4()}, asks_pin=key.asks_pin)
    return _choose(
        request, purpose, key, found, confirm, bodies, body, left=len(drafts) - len(found)
    )


@sensitive_variables()
def _begin(
    confirm: ConfirmForm,
    found: list[Sheet],
    purpose: Purpose,
    key: Key,
    officer: Officer,
) -> HttpResponse:
    """Open the key, write the batch down, and have it carried out beside this request.

    Raises: as `open_key`, `begin_batch`: nothing was written.
    """
    uid, now = confirm.cleaned_data["uid"], timezone.now()
    if not Batch.objects.filter(uid=uid).exists():
        keys = _keys(confirm, found, key, officer)
        turns = [sheet.form.cleaned_data.get("turn", 0) for sheet in found]
        ordered = [found[at] for at in sorted(range(len(found)), key=lambda at: (turns[at], at))]
        chosen = [_chosen(sheet) for sheet in ordered]
        made, is_new = begin_batch(uid, chosen, purpose=purpose, officer=officer, now=now)
        if is_new:
            start(made, keys, officer=officer, call_back=call_back_address())
    return redirect("workflow:batch", uid)


@sensitive_variables()
def _keys(confirm: ConfirmForm, found: list[Sheet], key: Key, officer: Officer) -> Keys | None:
    """The opened key; None where nothing is signed, or a telephone is asked."""
    if not (_acts(found) and key.asks_pin and key.certificate):
        return None
    keys = keys_under(confirm.cleaned_data["pin"], officer=officer, now=timezone.now())
    keys(key.certificate)  # a wrong PIN is refused before anything begins
    return keys


def _acts(found: list[Sheet]) -> bool:
    return any(sheet.form.cleaned_data["decision"] == Decision.ACT for sheet in found)


def _chosen(sheet: Sheet) -> Chosen:
    given = sheet.form.cleaned_data
    return Chosen(
        sheet.draft, Decision(given["decision"]), given["shown"], given.get("comment", "")
    )


def _choose(
    request: HttpRequest,
    purpose: Purpose,
    key: Key,
    found: list[Sheet],
    confirm: ConfirmForm,
    bodies: list[IssuingBody],
    body: IssuingBody | None,
    refusal: Exception | None = None,
    left: int = 0,
) -> HttpResponse:
    is_sent = request.method == "POST"
    context = {
        "purpose": purpose,
        "is_seal": purpose == Purpose.SEAL,
        "key": key,
        "sheets": found,
        "confirm": confirm,
        "bodies": bodies,
        "body": body,
        "left": left,
        "decided": choosing.decided(found),
        "refusal": explain(refusal) if refusal else None,
        "mistakes": sum(bool(sheet.form.errors) for sheet in found) if is_sent else 0,
    }
    return render(request, "workflow/batches/choose.html", context, status=422 if is_sent else 200)


def _body(request: HttpRequest, bodies: list[IssuingBody]) -> IssuingBody | None:
    asked = request.POST.get("body") or request.GET.get("body", "")
    if request.method == "POST" and asked.isdecimal() and len(asked) < 19:
        # Also one for which nothing waits any longer.
        return IssuingBody.objects.filter(pk=int(asked), agency=request.officer.agency_id).first()
    return next((one for one in bodies if str(one.pk) == asked), bodies[0] if bodies else None)


def _batch_context(request: HttpRequest, uid: UUID) -> dict[str, Any]:
    officer, now = request.officer, timezone.now()
    if officer is None:
        raise NotAllowed(None, Permission.SIGN)
    found = Batch.objects.filter(uid=uid, by__person=officer.person).first()
    if found is None:
        raise NotFound(uid)
    items = list(
        found.items.select_related(
            "draft__outgoing", "draft__body", "draft__signing_copy", "draft__mandate__person"
        )
    )
    is_running = found.is_running(now)
    if not is_running:
        _look_for_lost(items, now)
    waiting = [item for item in items if item.outcome == Outcome.WAITING]
    current = next((item for item in waiting if item.began_at), None) if is_running else None
    again = [
        item.draft_id
        for item in items
        if item.decision == Decision.ACT and (item in waiting or item.outcome == Outcome.REFUSED)
    ]
    purpose = Purpose(found.purpose)
    choose = reverse(f"workflow:{purpose}-batch")
    return {
        "batch": found,
        "is_seal": purpose == Purpose.SEAL,
        "is_running": is_running,
        "current": current,
        "asked": elsewhere.asked_of(current.draft) if current else None,
        "lines": [_line(item, officer, now, is_running) for item in items],
        "counts": Counter(item.outcome for item in items),
        "done": sum(item.outcome != Outcome.WAITING for item in items),
        "total": len(items),
        "is_cut_off": bool(waiting) and not is_running,
        "again": f"{choose}?{urlencode([('of', pk) for pk in again])}" if again else "",
        "choose": choose,
    }


def _look_for_lost(items: list[BatchItem], now: datetime) -> None:
    """Show what was done, though the process died before it could note so."""
    services = signing_services(now)
    for item in items:
        if item.outcome == Outcome.WAITING and (found := found_after_all(item, services, now=now)):
            item.outcome, item.report = found


def _line(item: BatchItem, officer: Officer, now: datetime, is_running: bool) -> dict[str, Any]:
    is_back = item.outcome == Outcome.RETURNED and not is_running
    undo = undoable(item.draft, officer=officer, now=now) if is_back else None
    findings = present(item.report) if item.report else None
    return {"item": item, "draft": item.draft, "findings": findings, "undo": undo}
