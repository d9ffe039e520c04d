"""Errors as problem+json (RFC 9457): what happened and what to do next, in both languages."""

import json
from collections.abc import Iterator
from http.client import responses
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

import chauban.accounts.errors as accounts_errors
import chauban.blobs.errors as blobs_errors
import chauban.exchange.errors as exchange_errors
import chauban.registers.errors as registers_errors
import chauban.trust.errors as trust_errors
import chauban.workflow.errors as workflow_errors
from chauban.accounts.rights import NotAllowed, NotFound
from chauban.api import errors
from chauban.api.words import code_of, explain
from chauban.directory.errors import BodyHasNoCode
from chauban_docform.errors import DocformError
from chauban_edxml.errors import EdXMLError
from chauban_pades.errors import PAdESError
from chauban_pki.errors import PKIError

MEDIA_TYPE = "application/problem+json"
REALM = 'Bearer realm="chauban"'
# Whatever an act may refuse on purpose: it is explained, all else is a fault of the server.
REFUSALS = (
    errors.ApiError,
    NotFound,
    NotAllowed,
    accounts_errors.AccountError,
    registers_errors.RegisterError,
    workflow_errors.WorkflowError,
    exchange_errors.ExchangeError,
    trust_errors.TrustError,
    blobs_errors.BlobError,
    BodyHasNoCode,
    DocformError,
    EdXMLError,
    PAdESError,
    PKIError,
)
# Refused for what was sent, not for how things stand: sending it again will not help.
_CONTENT = (
    workflow_errors.SecretMarking,
    workflow_errors.FileEmpty,
    workflow_errors.FileTooComplex,
    workflow_errors.PagesUnreadable,
    workflow_errors.CommentMissing,
    workflow_errors.NoAssignment,
    workflow_errors.LeadMissing,
    workflow_errors.LeadNamedTwice,
    workflow_errors.AssigneeNamedTwice,
    workflow_errors.AssigneeOutsideAgency,
    workflow_errors.DeadlinePast,
    workflow_errors.RecipientRetired,
    registers_errors.CancellationWithoutReason,
    registers_errors.RecallWithoutReason,
    registers_errors.NotAnnounced,
    exchange_errors.ReturnWithoutReason,
    exchange_errors.RefusalWithoutReason,
    exchange_errors.AcceptanceNotAllowed,
    exchange_errors.NobodyToPassOnTo,
    trust_errors.MandateError,
    trust_errors.CheckBroke,
    DocformError,
    EdXMLError,
)


def status_of(error: Exception) -> int:
    """The status of the answer that refuses with this error."""
    match error:
        case errors.ApiError():
            return error.status
        case NotFound():
            return 404
        case NotAllowed():
            return 403
        case workflow_errors.FileTooLarge() | trust_errors.UploadTooLarge():
            return 413
        case trust_errors.UploadsTooMany() | trust_errors.CheckersBusy():
            return 429
        case blobs_errors.BlobError():
            return 507 if isinstance(error, blobs_errors.StorageFull) else 500
        case _:
            return 422 if isinstance(error, _CONTENT) else 409


def problem(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer that refuses a request with error."""
    words, code, status = explain(error), code_of(error), status_of(error)
    english = request.headers.get("Accept-Language", "").lower().startswith("en")
    told: dict[str, Any] = {
        "type": f"{settings.BASE_URL}/api/problems#{code}",
        "title": responses[status],
        "status": status,
        "code": code,
        "detail": words.en if english else words.vi,
        "vi": words.vi,
        "en": words.en,
    }
    if isinstance(error, errors.NotUnderstood):
        told["errors"] = [
            {"where": one.where, "vi": one.words.vi, "en": one.words.en} for one in error.faults
        ]
    answer = HttpResponse(json.dumps(told, ensure_ascii=False), content_type=MEDIA_TYPE)
    answer.status_code = status
    answer["Content-Language"] = "en" if english else "vi"
    for name, value in _headers(error):
        answer[name] = value
    return answer


def _headers(error: Exception) -> Iterator[tuple[str, str]]:
    """RFC 6750 section 3; RFC 9110 section 10.2.3."""
    if isinstance(error, errors.TokenMissing):
        yield "WWW-Authenticate", REALM
    elif isinstance(error, errors.CallRefused):
        yield "WWW-Authenticate", f'{REALM}, error="invalid_token"'
    elif isinstance(error, errors.ScopeMissing):
        yield (
            "WWW-Authenticate",
            f'{REALM}, error="insufficient_scope", scope="{error.scope}"',
        )
    if isinstance(error, errors.TooManyRequests):
        yield "Retry-After", str(error.seconds)
    elif isinstance(error, trust_errors.UploadsTooMany | trust_errors.CheckersBusy):
        yield "Retry-After", str(getattr(error, "retry_after_seconds", 10))
