"""Offering to take back what was just done, and taking it back."""

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chauban.accounts.rights import NotAllowed, Permission
from chauban.ui.words import UNDO_TAG
from chauban.workflow import taking_back
from chauban.workflow.errors import ActedOnMeanwhile, UndoTooLate
from chauban.workflow.models import Draft
from chauban.workflow.words import explain


def offer(request: HttpRequest, subject: models.Model) -> None:
    """Say what was done, on the next page, with a button that takes it back."""
    act = taking_back.undoable(subject, officer=request.officer, now=timezone.now())
    if act is not None:
        text = _("Đã ghi: %(act)s.") % {"act": act.word}
        messages.success(request, text, extra_tags=f"{UNDO_TAG}{act.pk}")


def seen(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The draft's page; who sees it no more, because it has gone on, comes to his desk."""
    if Draft.objects.visible_to(request.officer).filter(pk=draft.pk).exists():
        return redirect("workflow:draft", draft.pk)
    return redirect("office:home")


@require_POST
def undo(request: HttpRequest, act_id: int) -> HttpResponse:
    if request.officer is None:
        raise NotAllowed(None, Permission.ROUTE)
    try:
        subject = taking_back.undo(act_id, officer=request.officer, now=timezone.now())
    except (UndoTooLate, ActedOnMeanwhile) as refusal:
        messages.error(request, str(explain(refusal)))
        return redirect("office:home")
    messages.info(request, _("Đã hoàn tác."))
    if isinstance(subject, Draft):
        return seen(request, subject)
    return redirect("workflow:incoming", subject.pk)
