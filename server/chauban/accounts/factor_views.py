"""allauth's pages of second factors, in our words; each change is an act in the journal."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from chauban.accounts.flows import Factors
from chauban.accounts.security_views import actor_of
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record

PROVING = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class ActivateTOTP(ActivateTOTPView):
    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _added(self.request, Authenticator.Type.TOTP)
        return response


class AddPasskey(AddWebAuthnView):
    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _added(self.request, Authenticator.Type.WEBAUTHN)
        return response


class RemoveTOTP(DeactivateTOTPView):
    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _record(self.request, ActKind.FACTOR_REMOVED, type=str(Authenticator.Type.TOTP))
        return response


class RemovePasskey(RemoveWebAuthnView):
    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _record(self.request, ActKind.FACTOR_REMOVED, type=str(Authenticator.Type.WEBAUTHN))
        return response


class NewRecoveryCodes(GenerateRecoveryCodesView):
    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _record(self.request, ActKind.RECOVERY_CODES_MADE)
        return response


@never_cache
@require_GET
def second_factor(request: HttpRequest) -> HttpResponse:
    """Who must have a second factor gives it, or sets one up; nothing else is open to him."""
    if request.owes != "second-factor":
        return redirect("accounts:security" if request.officer else "accounts:sign-in")
    if Factors().is_mfa_enabled(request.user, PROVING):
        return redirect("mfa_reauthenticate")
    return render(request, "accounts/second_factor.html")


def _added(request: HttpRequest, kind: Authenticator.Type) -> None:
    """A factor that was just shown to work has proved its owner in this session too."""
    factor = Authenticator.objects.filter(user=request.user, type=kind).latest("pk")
    record_authentication(request, request.user, "mfa", id=factor.pk, type=str(kind))
    _record(request, ActKind.FACTOR_ADDED, type=str(kind))


def _record(request: HttpRequest, kind: ActKind, **facts: str) -> None:
    record(kind, on=request.user, by=actor_of(request), at=timezone.now(), **facts)
