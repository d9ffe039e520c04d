"""Every error that a call may be answered with: where the `type` of a problem leads."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

import chauban.blobs.errors as blobs
import chauban.exchange.errors as exchange
import chauban.registers.errors as registers
import chauban.trust.errors as trust
import chauban.workflow.errors as workflow
from chauban.accounts.rights import NotAllowed
from chauban.api import errors as api
from chauban.api.problems import status_of
from chauban.api.words import kebab
from chauban.directory.errors import BodyHasNoCode

_ROOTS = (
    api.ApiError,
    registers.RegisterError,
    workflow.WorkflowError,
    exchange.ExchangeError,
    trust.TrustError,
    blobs.BlobError,
)
# Roots of a part, and the machine's own refusal of a package, which nobody asks for by a call.
_NOT_ANSWERED = {*_ROOTS, api.CallRefused, workflow.TaskError, exchange.Refused}


def every_code() -> dict[str, int]:
    """The codes of all errors of the apps, with the status that each is answered with."""
    found = {leaf for root in _ROOTS for leaf in leaves(root)} - _NOT_ANSWERED
    named = {kebab(cls.__name__): cls for cls in (*found, NotAllowed, BodyHasNoCode)}
    return {code: status_of(cls.__new__(cls)) for code, cls in sorted(named.items())}


def leaves(root: type[Exception]) -> set[type[Exception]]:
    """A class of errors and all below it."""
    return {root, *(leaf for cls in root.__subclasses__() for leaf in leaves(cls))}


@require_GET
def problems(request: HttpRequest) -> JsonResponse:
    listed = [{"code": code, "status": status} for code, status in every_code().items()]
    return JsonResponse({"problems": listed})
