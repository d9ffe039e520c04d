"""Pages and addresses of a signature that is made elsewhere: on a telephone, by a program.

The program and the signing service have no session. What they send counts because of a token
that works once, and because the signature in it verifies.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import conditional_page, require_GET, require_POST

from chauban.accounts.rights import NotFound
from chauban.blobs.serving import show_pdf
from chauban.trust.errors import TrustError
from chauban.ui.middleware import policy_with
from chauban.workflow import elsewhere, local_program, telephone
from chauban.workflow.access import access_draft
from chauban.workflow.errors import FileTooLarge
from chauban.workflow.local_program import Handed
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.services import signing_services
from chauban.workflow.words import REFUSALS, explain
from chauban_pki.errors import PKIError, SigningRefused
from chauban_pki.local_plugin import ADDRESS, upload_answer

MAX_CALL_BACK_BYTES = 64 * 1024
# What a signature adds to a file: certificates, a picture, and what a form puts around it.
ROOM_BYTES = 4_000_000


def call_back_address() -> str:
    """Where a signing service reports the end of a request."""
    return f"{settings.BASE_URL}{reverse('workflow:call-back')}"


def asked_context(draft: Draft, request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What the panel of a use that waits elsewhere shows; nothing when none waits."""
    use = elsewhere.asked_of(draft)
    if use is None:
        return {"asked": None}
    left = max(use.ends_at - now, timedelta(0))
    return {
        "asked": use,
        "is_answered": elsewhere.is_answered(use),
        "minutes_left": -(-int(left.total_seconds()) // 60),
        "is_own": use.by.person_id == request.officer.person.pk,
    }


@require_GET
@conditional_page
def asked(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel alone, asked for again and again; when all is over the page loads itself anew."""
    if request.officer is None:
        return HttpResponse(status=204)
    draft = access_draft(request.officer, pk)
    context = asked_context(draft, request, timezone.now())
    if context["asked"] is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "workflow/elsewhere.html", {"draft": draft, **context})


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    draft = access_draft(request.officer, pk)
    with suppress(NotFound):  # answered or ended a moment ago: the draft's page says so
        elsewhere.cancel(draft, officer=request.officer, now=timezone.now())
    return redirect("workflow:draft", pk)


@never_cache
@require_GET
def program(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that speaks to the program on its reader's machine."""
    draft = access_draft(request.officer, pk)
    context = asked_context(draft, request, timezone.now())
    use = context["asked"]
    if use is None or use.sent_id is None or not context["is_own"] or context["is_answered"]:
        return redirect("workflow:draft", pk)
    files = KeyUse.objects.filter(pk=use.pk) | KeyUse.objects.filter(seal=use)
    files = files.select_related("attachment").order_by("pk")
    answer = render(request, "workflow/program.html", {"draft": draft, "files": files, **context})
    answer["Content-Security-Policy"] = policy_with(ADDRESS)
    return answer


@sensitive_variables()
@never_cache
@require_POST
def program_tickets(request: HttpRequest, pk: int) -> JsonResponse:
    """Calls for the program, each with new tokens; the page hands them on and forgets them."""
    draft, now = access_draft(request.officer, pk), timezone.now()
    use = elsewhere.asked_of(draft)
    if use is None:
        return JsonResponse({"calls": []}, status=409)
    handed = local_program.issue_tickets(use, officer=request.officer, now=now)
    return JsonResponse({"calls": [_call(request, one) for one in handed]})


@require_GET
@sensitive_variables()
def program_file(request: HttpRequest, token: str) -> FileResponse:
    answer = show_pdf(local_program.fetch_sent(token, now=timezone.now()))
    answer["Cache-Control"] = "no-store"
    return answer


@csrf_exempt
@sensitive_variables()
@require_POST
def program_upload(request: HttpRequest, token: str) -> HttpResponse:
    """Take a signed file from the program; answer as it expects, in words for its holder."""
    now = timezone.now()
    try:
        ticket = local_program.upload_ticket(token)
    except SigningRefused as unknown:
        return _told(unknown, status=403)
    try:
        limit_bytes = ticket.use.sent.size_bytes + ROOM_BYTES
        returned = _uploaded(request, limit_bytes)
        first = local_program.take_upload(ticket, token, returned, now=now)
        first.refresh_from_db()
        if elsewhere.is_answered(first):
            elsewhere.look_after(first, signing_services(now), now=now)
    except FileTooLarge as refusal:
        return _told(refusal, status=413)
    except REFUSALS as refusal:
        return _told(refusal)
    return HttpResponse(upload_answer(is_accepted=True), content_type="application/json")


@csrf_exempt
@require_POST
def call_back(request: HttpRequest) -> HttpResponse:
    """A signing service says that a request has ended; anybody may say so."""
    announced = request.META.get("CONTENT_LENGTH") or ""
    if not announced.isdecimal() or int(announced[:9]) > MAX_CALL_BACK_BYTES:
        return HttpResponse(status=413)
    try:
        is_ours = telephone.take_call_back(request.body, now=timezone.now())
    except (PKIError, TrustError):
        return HttpResponse(status=400)
    return HttpResponse(status=204 if is_ours else 404)


def _call(request: HttpRequest, handed: Handed) -> dict[str, object]:
    address = partial(_absolute, request)
    message = handed.message(
        file_address=address("workflow:program-file", handed.fetch_token),
        upload_address=address("workflow:program-upload", handed.upload_token),
    )
    return {"use": handed.use.pk, "address": handed.address, "message": message}


def _absolute(request: HttpRequest, name: str, token: str) -> str:
    return request.build_absolute_uri(reverse(name, args=[token]))


def _uploaded(request: HttpRequest, limit_bytes: int) -> bytes:
    """The file of an upload, its length looked at before it is read.

    Raises: FileTooLarge, SigningRefused.
    """
    announced = request.META.get("CONTENT_LENGTH") or ""
    if not announced.isdecimal():
        raise SigningRefused("upload of unknown length")
    if int(announced[:20]) > limit_bytes:
        raise FileTooLarge("uploadfile", int(announced[:20]), limit_bytes)
    file = request.FILES.get("uploadfile")
    if file is None:
        raise SigningRefused("upload without a file")
    return b"".join(file.chunks())


def _told(refusal: Exception, *, status: int = 200) -> HttpResponse:
    """The program shows `Message`; it looks at `Status`, not at HTTP's."""
    answer = upload_answer(is_accepted=False, message=str(explain(refusal)))
    return HttpResponse(answer, content_type="application/json", status=status)
