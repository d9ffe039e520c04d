"""Series and numbers of a body: groups, where each year stands, numbers void or not yet used."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from chauban.accounts.rights import Permission
from chauban.directory.rules import legal_year
from chauban.office.administering.looking import body_of, page_of, today
from chauban.office.administering.reaching import bodies_in_force
from chauban.registers.models import ArrivalSeries, OutgoingDocument, Series
from chauban.registers.numbering import groups_of
from chauban.trust.saying import kinds_in_words

State = OutgoingDocument.State
YEARS_SHOWN = 4


@login_required
@require_GET
def series(request: HttpRequest) -> HttpResponse:
    """What is numbered together, the last number of each year, and the numbers to look after."""
    bodies = bodies_in_force(request.officer, Permission.DECIDE_SERIES, today())
    body = body_of(request, bodies)
    this_year = legal_year(timezone.now())
    years = range(this_year, this_year - YEARS_SHOWN, -1)
    numbers = Series.objects.filter(group__body=body, year__in=years)
    stands = {(it.group_id, it.year): it for it in numbers}
    arrivals = ArrivalSeries.objects.filter(body=body, year__in=years)
    arrived = {it.year: it.last_number for it in arrivals}
    open_numbers = OutgoingDocument.objects.filter(
        body=body, state__in=(State.CANCELLED, State.NUMBERED, State.SEALED)
    ).select_related("series__group", "cancellation_approver__person")
    context = {
        "bodies": bodies,
        "body": body,
        "years": years,
        "next_year": this_year + 1,
        "groups": [
            (group, kinds_in_words(group.kinds), [stands.get((group.pk, it)) for it in years])
            for group in (groups_of(body) if body else [])
            if group.kinds or any((group.pk, it) in stands for it in years)
        ],
        "arrived": [arrived.get(it) for it in years],
        "decisions": body.series_decisions.select_related("by__person")[:10] if body else (),
        "page": page_of(request, open_numbers.order_by("-year", "-numbered_at", "-pk")),
    }
    return render(request, "administering/series.html", context)
