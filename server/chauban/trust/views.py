from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chauban.trust import verifying
from chauban.trust.errors import CheckersBusy, TrustError, UploadsTooMany, UploadTooLarge
from chauban.trust.forms import VerifyForm
from chauban.trust.presenting import present
from chauban.trust.words import explain


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
    try:
        if request.officer is None:
            verifying.require_within_rate(request.META["REMOTE_ADDR"], file.size, now=now)
        report = verifying.assess_upload(
            file, file.size, limit_bytes=settings.MAX_UPLOAD_BYTES, now=now
        )
    except TrustError as error:
        form.add_error("file", str(explain(error)))
        return _page(request, form, status=_STATUS.get(type(error), 422))
    return _page(request, form, file_name=file.name, report=report, findings=present(report))


_STATUS = {UploadTooLarge: 413, UploadsTooMany: 429, CheckersBusy: 503}


def _page(
    request: HttpRequest, form: VerifyForm, *, status: int = 200, **context: object
) -> HttpResponse:
    limit_mb = settings.MAX_UPLOAD_BYTES // 1_000_000
    context |= {"form": form, "limit_mb": limit_mb}
    return render(request, "trust/verify_file.html", context, status=status)
