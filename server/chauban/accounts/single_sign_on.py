"""Single sign-on by OpenID Connect: it says who somebody is; accounts it never opens.

allauth speaks OAuth with the service (authorization code, PKCE, state); what the id_token says is
checked here by signature, issuer, audience, time and nonce (OpenID Connect Core 1.0 section
3.1.3.7), which allauth leaves to TLS.
"""

import hmac
import json
import secrets
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.account.internal.decorators import login_not_required
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from chauban.accounts.errors import AccountError, NoAccountHere, SignOnRefused
from chauban.accounts.flows import is_ours, sent_back
from chauban.accounts.models import User
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record

ALGORITHMS = ("RS256", "PS256", "ES256")
LEEWAY_SECONDS = 30
REQUIRED = ["iss", "sub", "aud", "exp", "iat"]


class SingleSignOn(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The service has said who it is: find his account here, and link it the first time."""
        if sociallogin.is_existing:
            return
        try:
            sociallogin.user = link(sociallogin.account, sociallogin.provider.app.settings)
        except AccountError as error:
            raise ImmediateHttpResponse(sent_back(request, error)) from error

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_: Any) -> None:
        raise ImmediateHttpResponse(sent_back(request, SignOnRefused("no answer that holds")))


class Service(OpenIDConnectOAuth2Adapter):
    """The service that the settings name; `nonce` is what we asked it to repeat."""

    nonce = ""

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **given: Any
    ) -> SocialLogin:
        """Raises: ImmediateHttpResponse, back to the sign-in page: the token does not hold."""
        try:
            said = self._checked(given["response"].get("id_token", ""), app)
            claim = app.settings["claim"]
            if claim not in said:
                told = self._fetch_user_info(token.token)
                if told.get("sub") != said["sub"]:
                    raise SignOnRefused("userinfo of another person")
                said[claim] = told.get(claim, "")
        except AccountError as error:
            raise ImmediateHttpResponse(sent_back(request, error)) from error
        kept = {"sub": said["sub"], claim: said[claim]}
        return self.get_provider().sociallogin_from_response(request, {"id_token": kept})

    def _checked(self, id_token: str, app: SocialApp) -> dict[str, Any]:
        try:
            said: dict[str, Any] = jwt.decode(
                id_token,
                self._key_of(id_token),
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": REQUIRED},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, RequestException) as error:
            raise SignOnRefused(type(error).__name__) from error
        if said.get("azp", app.client_id) != app.client_id:
            raise SignOnRefused("azp")
        if not self.nonce or not hmac.compare_digest(str(said.get("nonce", "")), self.nonce):
            raise SignOnRefused("nonce")
        return said

    def _key_of(self, id_token: str) -> Any:
        """The service's public key that the token names (RFC 7517)."""
        header = jwt.get_unverified_header(id_token)
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = [one for one in answer.json()["keys"] if one.get("use", "sig") == "sig"]
        named = [one for one in keys if one.get("kid") == header.get("kid")]
        if not named or header.get("alg") not in ALGORITHMS:
            raise SignOnRefused("key")
        return jwt.PyJWK.from_json(json.dumps(named[0]), algorithm=header["alg"]).key


class Callback(OAuth2CallbackView):
    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, response


@login_not_required
@require_POST
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the service, with a nonce and a PKCE challenge of this session's own."""
    service = _service(request, provider_id)
    wanted, nonce = request.POST.get("next", ""), secrets.token_urlsafe(24)
    try:
        return service.get_provider().redirect(
            request,
            process="login",
            next_url=wanted if is_ours(request, wanted) else None,
            auth_params={"nonce": nonce},
            scope=["openid", "profile"],
            nonce=nonce,
        )
    except RequestException:
        return sent_back(request, SignOnRefused("not reached"))


@login_not_required
@require_GET
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """From the service, with a code for which it tells us who it is."""
    return Callback.adapter_view(_service(request, provider_id))(request)


@transaction.atomic
def link(account: SocialAccount, matching: dict[str, str]) -> User:
    """Link what the service vouches for to the one account that its claim names.

    A person has one link: who comes with the same claim under another id at the service is
    somebody to whom it gave a used name. Raises: NoAccountHere.
    """
    said = account.extra_data["id_token"].get(matching["claim"], "")
    field = {"email": "person__email"}.get(matching["match"], matching["match"])
    user = User.objects.select_for_update(of=("self",)).filter(**{field: said}).first()
    if not said or user is None:
        raise NoAccountHere
    if SocialAccount.objects.filter(user=user, provider=account.provider).exists():
        raise NoAccountHere
    account.user = user
    account.save()
    record(ActKind.SIGN_ON_LINKED, on=user, by=None, at=timezone.now())
    return user


def name() -> str:
    """What the service's button says; empty: there is no such service."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return str(apps[0]["name"]) if apps else ""


def origin() -> str:
    """Where the sign-in page's form leads in the end, for its policy."""
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    url = urlsplit(app["settings"]["server_url"])
    return f"{url.scheme}://{url.netloc}"


def _service(request: HttpRequest, provider_id: str) -> Service:
    service = Service(request, provider_id)
    try:
        service.get_provider()
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    return service
