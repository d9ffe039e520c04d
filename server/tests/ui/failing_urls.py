"""The pages of an installation, and one that fails."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from chauban.config.urls import handler400, urlpatterns

__all__ = ["handler400", "urlpatterns"]


def fails(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("at the bottom")


urlpatterns = [*urlpatterns, path("fails", fails)]
