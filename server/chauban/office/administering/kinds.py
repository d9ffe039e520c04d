"""The kinds of document: an example of each, what an agency uses, texts its drafts begin from."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from chauban.accounts.rights import Permission
from chauban.directory.rules import legal_year
from chauban.office.administering.looking import body_of, today
from chauban.office.administering.reaching import bodies_in_force
from chauban.office.administering.specimens import specimen_of
from chauban.registers.models import OutgoingDocument
from chauban.registers.numbering import groups_of
from chauban.workflow.models import DraftTemplate
from chauban.workflow.rules import DRAFTED
from chauban_docform.kinds import KINDS
from chauban_docform.typesetting import FORMS


@login_required
@require_GET
def kinds(request: HttpRequest) -> HttpResponse:
    """Every kind of the decree: its template, its series, how many a body issued this year."""
    bodies = bodies_in_force(request.officer, Permission.DECIDE_SERIES, today())
    body, year = body_of(request, bodies), legal_year(timezone.now())
    issued = OutgoingDocument.objects.filter(body=body, year=year).values_list("kind")
    used = dict(issued.annotate(Count("pk")).order_by())
    group_of = {
        kind: group.name for group in (groups_of(body) if body else []) for kind in group.kinds
    }
    context = {
        "bodies": bodies,
        "body": body,
        "year": year,
        "rows": [
            {
                "kind": kind,
                "has_template": kind.template in FORMS,
                "is_drafted": kind.code in DRAFTED,
                "group": group_of.get(kind.code, ""),
                "used": used.get(kind.code, 0),
            }
            for kind in KINDS.values()
        ],
        "templates": DraftTemplate.objects.as_of(today()).filter(body=body),
    }
    return render(request, "administering/kinds.html", context)


@login_required
@require_GET
def specimen(request: HttpRequest, kind: str) -> HttpResponse:
    """An example of a kind with a body's own heading, as PDF; nothing of it is kept."""
    bodies = bodies_in_force(request.officer, Permission.DECIDE_SERIES, today())
    body = body_of(request, bodies)
    if body is None or kind not in KINDS or KINDS[kind].template not in FORMS:
        raise Http404
    answer = HttpResponse(specimen_of(kind, body, today()), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="mau-{kind}.pdf"'
    return answer
