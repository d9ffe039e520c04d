"""The door to administration: what the officer's post lets him look after."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from chauban.accounts.rights import NotAllowed, Permission
from chauban.office.context import administration_of


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Raises: NotAllowed: the post administers nothing."""
    administered = list(administration_of(request.officer)) if request.officer else []
    if not administered:
        raise NotAllowed(request.officer, Permission.MANAGE_DIRECTORY)
    return render(request, "administering/index.html", {"administered": administered})
