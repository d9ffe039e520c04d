from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from chauban.accounts.access import access_post
from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, may
from chauban.directory.rules import legal_day
from chauban.office import finding, homes
from chauban.office.context import counts_of, groups_of, mark_on, tile
from chauban.office.desk import Place
from chauban.office.places import place_of, places_of
from chauban.trust.expiring import told_to
from chauban.trust.models import Mandate
from chauban.ui.rows import Row

PAGE_ROWS = 40
HOME_ROWS = 6
MOST_LETTERS = 100


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The officer's home: counters, and below them the lists they count."""
    now, officer = timezone.now(), request.officer
    if officer is None:
        return render(request, "office/no_post.html", status=403)
    found = {place.key: place for _, group in places_of(officer) for place in group}
    amounts, home = counts_of(request, officer), homes.HOMES[officer.post.role]
    lists = [
        {"place": place, "count": amounts[place.key], "rows": _rows(place, officer, now, HOME_ROWS)}
        for place in homes.of(home.lists, found)
        if amounts[place.key]
    ]
    context = {
        "tiles": [
            {**tile(it, amounts[it.key]), "place": it} for it in homes.of(home.counters, found)
        ],
        "lists": lists,
        "may_draft": may(officer, Permission.DRAFT),
        "expiring": told_to(officer, now),
    }
    if in_hand := found.get("in-hand"):
        context["load"] = homes.load(in_hand.listed(officer, now), officer, now)
        context["most"] = max((one["count"] for one in context["load"]), default=0)
    return render(request, "office/home.html", context)


def _rows(place: Place, officer: Officer, now: datetime, most: int) -> list[Row]:
    return [place.line(row, now) for row in place.listed(officer, now)[:most]]


@login_required
def place(request: HttpRequest, key: str) -> HttpResponse:
    now, officer = timezone.now(), request.officer
    found = place_of(officer, key) if officer else None
    if found is None:
        raise Http404
    rows = found.narrowed(found.listed(officer, now), request.GET)
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    lines = [found.line(row, now) for row in page]
    return render(request, "office/place.html", {"place": found, "page": page, "rows": lines})


@login_required
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """What matches a few words: as a page, or as the options of the palette that asks for them."""
    officer = request.officer
    if officer is None:
        raise Http404
    text = request.GET.get("q", "")[:MOST_LETTERS]
    context = {
        "text": text,
        "groups": finding.find(
            text,
            officer=officer,
            posts=request.posts,
            places=groups_of(request, officer),
            now=timezone.now(),
        ),
    }
    return render(request, "office/found.html" if request.htmx else "office/find.html", context)


@login_required
@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """A colleague: his post, what he may sign, and for who looks after it his work in hand."""
    now, officer = timezone.now(), request.officer
    if officer is None:
        raise Http404
    day = legal_day(now)
    post = access_post(officer, pk, day)
    context = {
        "post": post,
        "mandates": Mandate.objects.as_of(day).filter(post=post).select_related("body"),
    }
    if (in_hand := place_of(officer, "in-hand")) is not None:
        rows = in_hand.listed(officer, now).filter(assignee=post)
        context["in_hand"] = f"{in_hand.url()}?of={post.pk}"
        context["in_hand_count"] = rows.count()
    return render(request, "office/person.html", context)


@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """The counters beside every page, asked again now and then; `live.Unchanged` answers 304.

    Nothing for who is signed out meanwhile: the page he is reading stays as it is.
    """
    if request.officer is None:
        return HttpResponse(status=204)
    counted = JsonResponse(dict(counts_of(request, request.officer)))
    counted["ETag"] = mark_on(request, request.officer)
    return counted


def health(request: HttpRequest) -> HttpResponse:
    """200 when pages can be answered: the database speaks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
