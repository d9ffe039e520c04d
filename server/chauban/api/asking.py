"""How an operation is declared: its scope, what it answers, what it may refuse."""

from collections.abc import Callable
from typing import Any

from ninja import Router

from chauban.api.bearing import Token
from chauban.api.once import HEADER
from chauban.api.scopes import Scope
from chauban.api.shapes import Problem

_KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "The same key asks for the same act; it is done once.",
}
_HELD = {"in": "header", "name": "If-None-Match", "required": False, "schema": {"type": "string"}}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}
_REFUSED = {
    400: "Idempotency-Key malformed",
    401: "No token, or none that counts",
    403: "The scope or the post does not allow it",
    404: "No such row for this officer",
    405: "Method not offered",
    409: "As things stand it cannot be done",
    413: "Too large",
    422: "What was sent is not right",
    429: "Too many calls",
}
Declared = Callable[[Callable[..., Any]], Callable[..., Any]]


def reads(router: Router, path: str, scope: Scope | None, answer: Any, **more: Any) -> Declared:
    """An operation that changes nothing; it answers 304 to who has the answer already."""
    extra = _of_reading(scope)
    extra["parameters"] = [_HELD]
    return _declared(router, ["GET"], path, scope, {200: answer}, extra, **more)


def hands_out(router: Router, path: str, scope: Scope, media_type: str, **more: Any) -> Declared:
    """An operation that answers with a file."""
    extra = _of_reading(scope)
    extra["responses"][200] = {"description": "The file", "content": {media_type: _BINARY}}
    return _declared(router, ["GET"], path, scope, {200: None}, extra, **more)


def acts(
    router: Router,
    path: str,
    scope: Scope,
    answer: Any,
    *,
    status: int = 200,
    is_keyed: bool = True,
    **more: Any,
) -> Declared:
    """An operation that acts in the officer's name, once under each Idempotency-Key."""
    extra = _of_act(scope, is_keyed=is_keyed)
    if is_keyed:
        extra["responses"][204] = {"description": "Done; the officer may see it no more"}
    method = more.pop("method", "POST")
    return _declared(router, [method], path, scope, {status: answer}, extra, **more)


def takes_file(
    router: Router,
    path: str,
    scope: Scope,
    answer: Any,
    *,
    status: int = 200,
    is_keyed: bool = True,
) -> Declared:
    """An operation whose body is the file itself, as it is."""
    extra = _of_act(scope, is_keyed=is_keyed)
    extra["requestBody"] = {"required": True, "content": {"application/octet-stream": _BINARY}}
    token = Token(scope, takes_file=True)
    return _declared(router, ["POST"], path, scope, {status: answer}, extra, auth=token)


def _of_reading(scope: Scope | None) -> dict[str, Any]:
    extra = _extra(scope, (401, 403, 404, 405, 422, 429))
    extra["responses"][304] = {"description": "Not modified"}
    return extra


def _of_act(scope: Scope, *, is_keyed: bool) -> dict[str, Any]:
    extra = _extra(scope, tuple(_REFUSED))
    return {**extra, "parameters": [_KEY]} if is_keyed else extra


def _extra(scope: Scope | None, refused: tuple[int, ...]) -> dict[str, Any]:
    problem = {"application/problem+json": _PROBLEM}
    responses = {
        status: {"description": _REFUSED[status], "content": problem} for status in refused
    }
    return {"responses": responses, "x-scope": scope.value if scope else None}


def _declared(
    router: Router,
    methods: list[str],
    path: str,
    scope: Scope | None,
    answers: dict[int, Any],
    extra: dict[str, Any],
    **more: Any,
) -> Declared:
    more.setdefault("auth", Token(scope))
    # Named once with a model, so that the schema of problems is among the components.
    return router.api_operation(
        methods, path, response={**answers, 401: Problem}, openapi_extra=extra, **more
    )
