"""Calls of applications: each carries its token, and there is no session."""

from django.urls import include, path, re_path

from chauban.api.catalogue import problems
from chauban.api.interface import interface, no_such_address, through_the_door

_routes, _app, _space = interface.urls

urlpatterns = [
    path("v1/", include((through_the_door(_routes), _app), namespace=_space)),
    path("problems", problems, name="problems"),
    re_path(r"^(?P<rest>.*)$", no_such_address, name="no-such-call"),
]
