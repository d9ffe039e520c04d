from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chauban.accounts.rights import Permission, may, require
from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.directory.rules import legal_day
from chauban.trust import expiring, verifying
from chauban.trust.errors import CheckersBusy, TrustError, UploadsTooMany, UploadTooLarge
from chauban.trust.forms import VerifyForm
from chauban.trust.listing import certificate_line
from chauban.trust.models import Certificate
from chauban.trust.presenting import present, present_drawing
from chauban.trust.words import explain
from chauban.ui.words import Words
from chauban_pades import Report

PAGE_ROWS = 40


@login_required
@require_GET
def certificates(request: HttpRequest) -> HttpResponse:
    """The certificates that the officer's post looks after."""
    now, officer = timezone.now(), require(request.officer, Permission.VIEW_CERTIFICATES)
    is_of_installation = may(officer, Permission.MANAGE_TRUST)
    kept = Certificate.objects.kept_by(officer, legal_day(now)).select_related("person", "body")
    page = Paginator(kept.order_by("not_after", "pk"), PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "certificates": [certificate_line(row, now) for row in page],
        "is_of_installation": is_of_installation,
    }
    return render(request, "trust/certificates.html", context)


@login_required
@require_POST
def note_warnings(request: HttpRequest) -> HttpResponse:
    """The officer has seen what ends soon; each step is shown once."""
    if request.officer is not None:
        expiring.note_warnings(request.officer, timezone.now())
    return redirect("office:home")


@never_cache
@require_http_methods(["GET", "POST"])
def verify_file(request: HttpRequest) -> HttpResponse:
    """The public page: anybody checks a signed file, without an account."""
    form = VerifyForm(request.POST or None, request.FILES or None)
    if request.method == "GET":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    now, file = timezone.now(), form.cleaned_data["file"]
    drawing = None
    try:
        if request.officer is None:
            verifying.require_within_rate(request.META["REMOTE_ADDR"], file.size, now=now)
        report = verifying.assess_upload(
            file, file.size, limit_bytes=settings.MAX_UPLOAD_BYTES, now=now
        )
        if form.cleaned_data["pictures"] and _has_changes(report):
            # Nothing of an upload is kept, so its pictures travel within this one answer.
            file.seek(0)
            drawing = present_drawing(verifying.draw_changes_of(file.read(), now=now))
    except TrustError as error:
        form.add_error("file", str(explain(error)))
        return _page(request, form, status=_STATUS.get(type(error), 422))
    is_altered = bool(report.changes_after_signing)
    return _page(
        request,
        VerifyForm(initial={"pictures": form.cleaned_data["pictures"] or is_altered}),
        file_name=file.name,
        report=report,
        findings=present(report),
        standing=standing_of(verifying.sha256_of(file)),
        drawing=drawing,
        asks_again=is_altered and drawing is None,
    )


def standing_of(sha256: str) -> list[Words]:
    """What is known here of the document that a file is, besides its signatures."""
    known: list[Words] = import_string(settings.STANDING_OF)(sha256)
    return known


def show_changes(request: HttpRequest, blob: Blob, *, name: str, back: str) -> HttpResponse:
    """The page that shows a stored file's changes, for views that let officer have that file.

    It stands at once and asks itself, with `drawn`, for the part that takes seconds to draw. The
    pictures stand in that part: they have no addresses of their own to guard.
    """
    context: dict[str, object] = {"name": name, "back": back}
    status = 200
    try:
        if blob.size_bytes > settings.MAX_UPLOAD_BYTES:
            raise UploadTooLarge(blob.size_bytes, settings.MAX_UPLOAD_BYTES)
        if "drawn" in request.GET:
            drawing = verifying.draw_changes_of(store.read(blob), now=timezone.now())
            context |= {"findings": present(drawing.report), "drawing": present_drawing(drawing)}
    except TrustError as error:
        context["refusal"] = explain(error)
        status = _STATUS.get(type(error), 422)
    if request.htmx:  # which puts nothing on the page that has the status of an error
        return render(request, "trust/changes_drawn.html", context)
    return render(request, "trust/changes.html", context, status=status)


def _has_changes(report: Report) -> bool:
    return bool(report.changes_after_signing or report.permitted_changes)


_STATUS = {UploadTooLarge: 413, UploadsTooMany: 429, CheckersBusy: 503}


def _page(
    request: HttpRequest, form: VerifyForm, *, status: int = 200, **context: object
) -> HttpResponse:
    limit_mb = settings.MAX_UPLOAD_BYTES // 1_000_000
    context |= {"form": form, "limit_mb": limit_mb}
    return render(request, "trust/verify_file.html", context, status=status)
