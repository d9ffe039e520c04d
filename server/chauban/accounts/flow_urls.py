"""allauth's flows at addresses of ours, under the names by which it calls them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.webauthn import views as webauthn
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.generic import RedirectView

from chauban.accounts import factor_views, single_sign_on, views
from chauban.accounts.security_views import actor_of

View = Callable[..., HttpResponse]


def own(view: View) -> View:
    """For whoever is signed in; others are led to sign in and back, as on every page."""

    @wraps(view)
    def of_somebody(request: HttpRequest, **given: Any) -> HttpResponse:
        actor_of(request)
        return view(request, **given)

    return of_somebody


TO_SECURITY = own(RedirectView.as_view(pattern_name="accounts:security"))
urlpatterns = [
    path("sign-in", views.sign_in, name="account_login"),
    path("sign-in/code", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/with/<slug:provider_id>", single_sign_on.start, name="openid_connect_login"),
    path(
        "sign-in/with/<slug:provider_id>/back",
        single_sign_on.come_back,
        name="openid_connect_callback",
    ),
    path("account/factors", TO_SECURITY, name="mfa_index"),
    path("account/passkeys", TO_SECURITY, name="mfa_list_webauthn"),
    path("account/confirm", own(account.reauthenticate), name="account_reauthenticate"),
    path("account/confirm/code", own(mfa.reauthenticate), name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey",
        own(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/totp/add", own(factor_views.ActivateTOTP.as_view()), name="mfa_activate_totp"),
    path("account/totp/remove", own(factor_views.RemoveTOTP.as_view()), name="mfa_deactivate_totp"),
    path("account/passkeys/add", own(factor_views.AddPasskey.as_view()), name="mfa_add_webauthn"),
    path(
        "account/passkeys/<int:pk>/remove",
        own(factor_views.RemovePasskey.as_view()),
        name="mfa_remove_webauthn",
    ),
    path(
        "account/recovery-codes",
        own(recovery_codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/new",
        own(factor_views.NewRecoveryCodes.as_view()),
        name="mfa_generate_recovery_codes",
    ),
]
