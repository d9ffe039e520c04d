"""Who may sign what for a body, in words; past mandates below."""

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from chauban.accounts.rights import Permission
from chauban.office.administering.looking import body_of, day_of, page_of, today
from chauban.office.administering.reaching import bodies_in_force
from chauban.trust.models import Mandate
from chauban.trust.saying import mandate_in_words


@login_required
@require_GET
def mandates(request: HttpRequest) -> HttpResponse:
    """The mandates of a body on a day, or all it ever gave."""
    day, with_past = day_of(request), "all" in request.GET
    bodies = bodies_in_force(request.officer, Permission.GRANT_MANDATE, today())
    body = body_of(request, bodies)
    rows: QuerySet[Mandate] = Mandate.objects.filter(body=body).select_related(
        "person", "post__unit", "body", "parent"
    )
    if not with_past:
        rows = rows.as_of(day)
    page = page_of(request, rows.order_by("-valid_from", "pk"))
    context = {
        "bodies": bodies,
        "body": body,
        "day": day,
        "is_today": day == today(),
        "with_past": with_past,
        "page": page,
        "rows": [
            (one, mandate_in_words(one), one.is_in_force(day) and one.post.is_in_force(day))
            for one in page
        ],
    }
    return render(request, "administering/mandates.html", context)
