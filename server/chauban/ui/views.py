"""Refusals that no view of an app gets to answer, in the house's form; the components."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from chauban.ui import examples


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; 413 where what was sent is larger than the server takes."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def not_from_here(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that did not come from a page of ours, or is too old (CSRF)."""
    return render(request, "403_csrf.html", status=403)


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Each component in each state, drawn by the templates that the pages use."""
    return render(request, "ui/components.html", examples.context())
