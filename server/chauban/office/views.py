from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chauban.office import desk

PAGE_ROWS = 40
HOME_ROWS = 8


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this officer: counters, and below them the lists they count."""
    now, officer = timezone.now(), request.officer
    if officer is None:
        return render(request, "office/no_post.html", status=403)
    tiles = []
    for _, group in desk.places(officer):
        for place in group:
            rows = place.rows(officer, now)
            first = [place.line(row, now) for row in rows[:HOME_ROWS]]
            tiles.append({"place": place, "count": rows.count(), "rows": first})
    return render(request, "office/home.html", {"tiles": tiles})


@login_required
def place(request: HttpRequest, key: str) -> HttpResponse:
    now, officer = timezone.now(), request.officer
    found = desk.place_of(officer, key) if officer else None
    if found is None:
        raise Http404
    page = Paginator(found.rows(officer, now), PAGE_ROWS).get_page(request.GET.get("page"))
    rows = [found.line(row, now) for row in page]
    return render(request, "office/place.html", {"place": found, "page": page, "rows": rows})


def health(request: HttpRequest) -> HttpResponse:
    """200 when pages can be answered: the database speaks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
