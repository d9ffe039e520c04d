"""The pictures as pages, the lists behind their figures, and their tables as files."""

import csv
from io import StringIO
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chauban.accounts.reach import reach_of
from chauban.office.pictures import ground, signing_map
from chauban.office.pictures.all import PICTURES, picture_of
from chauban.office.pictures.asking import Asked, asked_by
from chauban.office.pictures.drawing import DRAWN
from chauban.office.pictures.opening import shut
from chauban.office.pictures.outlines import standing_outlines
from chauban.office.pictures.tables import (
    Column,
    Figure,
    Line,
    Picture,
    ShownCell,
    ShownLine,
    Table,
)

PAGE_ROWS = 40
BOM = "\ufeff"  # by which Excel knows UTF-8


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Which pictures there are."""
    reach_of(request.officer)
    return render(request, "office/pictures/index.html", {"pictures": PICTURES})


@login_required
@require_safe
def picture(request: HttpRequest, key: str) -> HttpResponse:
    """One picture: what it is drawn from stands below it as a table."""
    one, asked = _asked(request, key)
    table = one.table(asked)
    lines = [_shown(one, asked, table, line) for line in table.lines]
    context = {
        "picture": one,
        "asked": asked,
        "table": table,
        "lines": lines,
        "words": urlencode(asked.parameters),
        "agency": asked.reach.agencies[0] if len(asked.reach.agencies) == 1 else None,
    }
    if one.key == "map":
        context |= _map_context()
    elif not table.is_empty:
        context["drawn"] = DRAWN[one.key](lines)
    return render(request, "office/pictures/picture.html", context)


@login_required
@require_safe
def listed(request: HttpRequest, key: str) -> HttpResponse:
    """The list behind one figure: as long as the figure says."""
    one, asked = _asked(request, key)
    rows = one.listed(asked, request.GET.dict())
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    found = list(page)
    open_to_him = one.may_open(asked.officer, found)
    drawn = ((row.pk in open_to_him, one.line(row, asked.now)) for row in found)
    context = {
        "picture": one,
        "page": page,
        "rows": [row if is_open else shut(row) for is_open, row in drawn],
        "words": urlencode(asked.parameters),
    }
    return render(request, "office/pictures/list.html", context)


@login_required
@require_safe
def file(request: HttpRequest, key: str) -> HttpResponse:
    """The picture's table as CSV (RFC 4180) in UTF-8."""
    one, asked = _asked(request, key)
    written = StringIO()
    csv.writer(written).writerows([_plain(it) for it in row] for row in one.table(asked).written())
    answer = HttpResponse(BOM + written.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"chau-ban-{one.key}-{asked.today.isoformat()}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@login_required
@require_safe
def map_ground(request: HttpRequest) -> HttpResponse:
    """What the map is drawn on, as GeoJSON (RFC 7946)."""
    reach_of(request.officer)
    kept = standing_outlines()
    drawn = [*ground.features(), *(kept.features if kept else ())]
    return JsonResponse({"type": "FeatureCollection", "features": drawn})


def _asked(request: HttpRequest, key: str) -> tuple[Picture, Asked]:
    one = picture_of(key)
    if one is None:
        raise Http404
    return one, asked_by(request.officer, request.GET.dict(), tuple(one.ways), timezone.now())


def _shown(one: Picture, asked: Asked, table: Table, line: Line) -> ShownLine:
    """A line of the table with its addresses."""
    there, here = (reverse(f"office:{name}", args=[one.key]) for name in
                   ("picture-list", "picture"))  # fmt: skip
    known = asked.parameters

    def cell(column: Column, figure: Figure) -> ShownCell:
        is_open = figure.opens is not None and figure.value
        url = f"{there}?{urlencode({**known, **(figure.opens or {})})}" if is_open else ""
        return ShownCell(column, figure.value, url)

    within = f"{here}?{urlencode({**known, **line.within})}" if line.within else ""
    cells = [cell(*pair) for pair in zip(table.columns, line.figures, strict=True)]
    return ShownLine(line.heads, within, line.facts, cells)


def _plain(value: object) -> object:
    """A text that a spreadsheet would take for a formula is a text there."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def _map_context() -> dict[str, object]:
    return {
        "city_at": "{},{}".format(*ground.CITY_AT),
        "city_drawn_at": ground.drawn_at(ground.CITY_AT),
        "width": ground.WIDTH,
        "height": ground.HEIGHT,
        "land": ground.path(ground.land(), closed=True),
        "border": ground.path(ground.border()),
        "outlines": standing_outlines(),
        "states": signing_map.state_words(),
    }
