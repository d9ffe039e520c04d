"""The plan's scoreboard as public pages and files, kept for a minute by whoever reads them."""

import csv
import hashlib
from io import StringIO

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chauban.accounts.rights import may, require
from chauban.directory.rules import legal_year
from chauban.office import scoreboard
from chauban.office.declaring import MAY_DECLARE, DeclarationForm, declare
from chauban.office.models import Declared
from chauban.office.scoreboard import FRESH_SECONDS, Figures, Measure
from chauban.ui.themes import theme_of

BOM = "\ufeff"  # by which Excel knows UTF-8
_ICONS = {"documents": "file-text", "invitations": "calendar-due", "agencies": "certificate"}


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Every target of the plan, with what is known of it for the year asked for."""
    figures = _figures(request)
    context = {
        "tiles": [_tile(one, figures.year) for one in scoreboard.measured(figures)],
        "targets": scoreboard.targets(figures),
        "may_declare": may(request.officer, MAY_DECLARE),
    }
    return _page(request, "office/scoreboard.html", figures, context)


@require_safe
def board_list(request: HttpRequest, key: str) -> HttpResponse:
    """The list behind one figure."""
    figures = _figures(request)
    measure = next((one for one in scoreboard.measured(figures) if one.key == key), None)
    if measure is None:
        raise Http404
    sent = {"documents": figures.documents, "invitations": figures.invitations}.get(key)
    context: dict[str, object] = {"measure": measure}
    if sent is None:
        context["agencies"] = [
            (one.agency, scoreboard.level(one), scoreboard.missing(one)) for one in figures.unsigned
        ]
    else:
        context["sent"] = [(one.agency, scoreboard.amounts(one)) for one in sent]
        context["totals"] = scoreboard.totals(sent)
    return _page(request, "office/scoreboard_list.html", figures, context)


@require_safe
def board_file(request: HttpRequest, key: str) -> HttpResponse:
    """The table of the targets, or a list behind one figure, as CSV (RFC 4180) in UTF-8."""
    figures = _figures(request)
    rows = scoreboard.table(key, figures)
    if rows is None:
        raise Http404
    written = StringIO()
    csv.writer(written).writerows(rows)
    answer = HttpResponse(BOM + written.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"chau-ban-{key}-{figures.year}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    patch_vary_headers(answer, ["Cookie"])  # its language
    return _unless_known(request, answer, answer.content)


@login_required
@require_http_methods(["GET", "POST"])
def declaration(request: HttpRequest, key: str) -> HttpResponse:
    """Declare the figure of one target, for whoever runs the installation."""
    require(request.officer, MAY_DECLARE)
    if key not in Declared.values:
        raise Http404
    target, now = Declared(key), timezone.now()
    form = DeclarationForm(target, scoreboard.FIRST_YEAR, now, request.POST or None)
    if form.is_valid():
        done = declare(target, **form.cleaned_data, officer=request.officer, now=now)
        cache.delete(scoreboard.kept_as(done.year))
        messages.success(request, _("Đã ghi khai báo; trang chỉ tiêu nêu rõ nguồn của số liệu."))
        return redirect(f"{reverse('office:scoreboard')}?nam={done.year}")
    context = {"form": form, "target": target}
    status = 422 if form.is_bound else 200
    return render(request, "office/scoreboard_declare.html", context, status=status)


def _figures(request: HttpRequest) -> Figures:
    now = timezone.now()
    return scoreboard.figures_of(scoreboard.year_of(request.GET.get("nam", ""), now), now)


def _page(
    request: HttpRequest, template: str, figures: Figures, context: dict[str, object]
) -> HttpResponse:
    """The page; not anew for a reader without an account who has it, while nothing changes.

    It holds forms with a token of the reader's, so that no cache on the way may keep it.
    """
    context |= {
        "figures": figures,
        "first_year": scoreboard.FIRST_YEAR,
        "this_year": legal_year(timezone.now()),
    }
    answer = render(request, template, context)
    if request.officer is not None:
        return answer
    answer["Cache-Control"] = f"private, max-age={FRESH_SECONDS}"
    seen = (request.get_full_path(), request.LANGUAGE_CODE, theme_of(request), figures,
            settings.STATIC_SET, request.META.get("CSRF_COOKIE"))  # fmt: skip
    return _unless_known(request, answer, repr(seen).encode())


def _unless_known(request: HttpRequest, answer: HttpResponse, seen: bytes) -> HttpResponse:
    """304 in place of the answer where the reader has what those bytes stand for."""
    answer["ETag"] = f'"{hashlib.sha256(seen).hexdigest()[:32]}"'
    return get_conditional_response(request, answer["ETag"], response=answer) or answer


def _tile(one: Measure, year: int) -> dict[str, object]:
    names = {
        "documents": _("văn bản còn gửi bản giấy"),
        "invitations": _("giấy mời chưa gửi hoàn toàn qua mạng"),
        "agencies": _("cơ quan chưa ký số"),
    }
    url = f"{reverse('office:scoreboard-list', args=[one.key])}?nam={year}"
    return {"url": url, "name": names[one.key], "icon": _ICONS[one.key], "count": one.short}
