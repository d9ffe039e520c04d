"""The API as one interface: every resource, errors as problem+json, the OpenAPI schema."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pydantic_core
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.http import ConditionalGetMiddleware
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.renderers import BaseRenderer

from chauban.api.errors import (
    Fault,
    MethodNotOffered,
    NoSuchAddress,
    NoSuchRow,
    NotExpected,
    NotUnderstood,
)
from chauban.api.problems import REFUSALS, problem
from chauban.api.resources import (
    attachments,
    deliveries,
    desk,
    directory,
    dispatches,
    drafts,
    files,
    incoming,
    outgoing,
    registers,
    signing,
    tasks,
    webhooks,
)
from chauban.ui.words import Words

log = logging.getLogger("chauban.api")
View = Callable[..., HttpResponse]

DESCRIPTION = """
Quản lý văn bản điện tử: những gì các trang làm được, cho ứng dụng khác. / Electronic documents:
what the pages do, for other applications. Hướng dẫn / guide: docs/api.md.
"""
_FAULTS: Mapping[str, Words] = {
    "missing": Words("thiếu", "missing"),
    "extra_forbidden": Words("không có trường này", "there is no such field"),
    "json_invalid": Words("không phải JSON", "not JSON"),
    "string_too_long": Words("quá dài", "too long"),
    "string_pattern_mismatch": Words("có ký tự không dùng được", "has characters that cannot be"),
}
_OTHERWISE = Words("giá trị không hợp lệ", "not a valid value")


class Exact(BaseRenderer):
    """JSON in which moments keep their microseconds: a caller sends them back."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return pydantic_core.to_json(data)


class Interface(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's own name, which programs made from the schema take for theirs."""
        return operation.view_func.__name__


def _interface() -> NinjaAPI:
    interface = Interface(
        title="Châu Bản",
        version="1",
        description=DESCRIPTION.strip(),
        docs_url=None,  # its pages come from elsewhere, which the policy of this site forbids
        urls_namespace="api-v1",
        renderer=Exact(),
    )
    for router in (
        desk, directory, drafts, attachments, signing, outgoing, deliveries, incoming, tasks,
        dispatches, registers, files, webhooks,
    ):  # fmt: skip
        interface.add_router("", router.router)
    for refusal in REFUSALS:
        interface.exception_handler(refusal)(problem)
    interface.exception_handler(ValidationError)(_not_understood)
    interface.exception_handler(HttpError)(_http_error)
    interface.exception_handler(Http404)(lambda request, error: problem(request, NoSuchRow()))
    interface.exception_handler(Exception)(_broke)
    return interface


def _not_understood(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What was sent is not repeated: it may be what nobody should read."""
    faults = [
        Fault("/".join(str(part) for part in one["loc"]), _FAULTS.get(one["type"], _OTHERWISE))
        for one in error.errors
    ]
    return problem(request, NotUnderstood(faults))


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Of ninja's own there is one: a body that is no JSON."""
    return problem(request, NotUnderstood([Fault("body", _FAULTS["json_invalid"])]))


def _broke(request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("%s %s", request.method, request.path)
    return problem(request, NotExpected())


def through_the_door(routes: Iterable[Any]) -> list[Any]:
    """The same addresses, each with what is common to all answers."""
    guarded = list(routes)
    for route in guarded:
        route.callback = _door(route.callback)
    return guarded


def _door(view: View) -> View:
    unchanged = ConditionalGetMiddleware(view)

    def answer(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        response = view(request, *given, **named)
        if response.status_code == 405:
            allowed = response.headers.get("Allow", "")
            response = problem(request, MethodNotOffered())
            response["Allow"] = allowed
        response.headers.setdefault("Vary", "Authorization, Accept-Language")
        return unchanged.process_response(request, response)

    answer.csrf_exempt = True  # type: ignore[attr-defined]  # no session counts here
    answer.__name__ = getattr(view, "__name__", "api")
    return answer


def no_such_address(request: HttpRequest, rest: str = "") -> HttpResponse:
    return problem(request, NoSuchAddress())


no_such_address.csrf_exempt = True  # type: ignore[attr-defined]
interface = _interface()
