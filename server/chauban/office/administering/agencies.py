"""Agencies as of any day: the list, and one with its bodies, units, codes and people."""

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from chauban.accounts.rights import Permission, is_at_the_top, may, require
from chauban.directory.models import Agency, AgencyLevel, IssuingBody, Name
from chauban.office.administering.looking import day_of, page_of, text_of, today
from chauban.office.administering.reaching import access_agency, administered
from chauban.ui.matching import is_match
from chauban.workflow.histories import history_of


@login_required
@require_GET
def agencies(request: HttpRequest) -> HttpResponse:
    """The agencies that the administrator looks after, as they were on a day."""
    officer = require(request.officer, Permission.MANAGE_DIRECTORY)
    day, text, level = day_of(request), text_of(request), request.GET.get("level", "")
    rows = administered(officer).as_of(day).prefetch_related("names").select_related("parent")
    if level in AgencyLevel.values:
        rows = rows.filter(level=level)
    order = {value: place for place, value in enumerate(AgencyLevel.values)}
    named = ((one, one.name_on(day)) for one in rows)
    found = [(one, name) for one, name in named if is_match(text, name, one.name, one.key)]
    found.sort(key=lambda row: (order[row[0].level], row[1]))
    page = page_of(request, found)
    context = {
        "page": page,
        "rows": page.object_list,
        "day": day,
        "is_today": day == today(),
        "text": text,
        "level": level,
        "levels": AgencyLevel.choices,
    }
    return render(request, "administering/agencies.html", context)


@login_required
@require_GET
def agency(request: HttpRequest, pk: int) -> HttpResponse:
    """One agency as it was on a day."""
    found, day = access_agency(request.officer, pk), day_of(request)
    officer = request.officer
    named = Prefetch("names", Name.objects.order_by("valid_from"))
    bodies = IssuingBody.objects.filter(agency=found).prefetch_related("codes", named)
    posts = found.posts.as_of(day).select_related("person", "unit").order_by("unit_id", "pk")
    context = {
        "agency": found,
        "name": found.name_on(day),
        "day": day,
        "is_today": day == today(),
        "is_in_force": found.is_in_force(day),
        "names": found.names.all(),
        "bodies": [(one, one.name_on(day)) for one in bodies.as_of(day)],
        "units": [
            (one, one.name_on(day))
            for one in found.units.as_of(day).prefetch_related("names").order_by("name")
        ],
        "children": found.children.as_of(day).order_by("name")[:200],
        "predecessors": Agency.objects.predecessors_of(found),
        "successors": Agency.objects.successors_of(found),
        "page": page_of(request, posts),
        "may_enter_certificates": may(officer, Permission.MANAGE_TRUST),
        "history": history_of([found, *bodies, *found.units.all()]),
        "may_decide": is_at_the_top(officer.agency)
        or (found.parent is not None and may(officer, Permission.MANAGE_DIRECTORY, found.parent)),
    }
    return render(request, "administering/agency.html", context)
