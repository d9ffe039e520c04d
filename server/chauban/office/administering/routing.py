"""The rules by which a body's incoming documents are proposed to somebody."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from chauban.accounts.rights import Permission
from chauban.office.administering.looking import body_of, page_of, today
from chauban.office.administering.reaching import bodies_in_force
from chauban.workflow.models import RoutingRule
from chauban.workflow.routing_rules import reason_of


@login_required
@require_GET
def routing_rules(request: HttpRequest) -> HttpResponse:
    """The rules of a body in force, in the order in which they were set."""
    bodies = bodies_in_force(request.officer, Permission.SET_ROUTING_RULES, today())
    body = body_of(request, bodies)
    rows = RoutingRule.objects.as_of(today()).filter(body=body)
    page = page_of(request, rows.select_related("post__person", "unit"))
    context = {
        "bodies": bodies,
        "body": body,
        "page": page,
        "rows": [(one, reason_of(one)) for one in page],
    }
    return render(request, "administering/routing_rules.html", context)
