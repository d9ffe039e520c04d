"""allauth's flows in our house: who may come in, what is kept, what is written down."""

import time
from base64 import b64decode, b64encode
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from chauban.accounts import actions, kept_secrets, sessions
from chauban.accounts.errors import AccountError, SecretNotReadable
from chauban.accounts.models import User
from chauban.accounts.networks import visit_of
from chauban.accounts.words import explain

POST_IN_SESSION = "post"
FRESH_SECONDS = 300
BACKEND = "chauban.accounts.backends.PersonBackend"
_FACTORS = "chauban factors"


class Accounts(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_password": _("Mật khẩu không đúng."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return visit_of(request).address

    def is_safe_url(self, url: str) -> bool:
        return is_ours(context.request, url)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """allauth's own messages are not ours: each page says what was done."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nobody need have an e-mail address; what was done stands in the journal."""

    def pre_login(self, request: HttpRequest, user: User, **_: Any) -> HttpResponse | None:
        """One proof is given: may this account come in at all today?"""
        try:
            actions.enter(user, now=timezone.now(), is_demo=settings.DEMO)
        except AccountError as error:
            clear_login(request)
            return sent_back(request, error)
        return None

    def login(self, request: HttpRequest, user: User) -> None:
        """All proofs are given: a new session, known to its owner, and the act in the journal."""
        now, visit = timezone.now(), visit_of(request)
        try:
            officer = actions.enter(user, now=now, is_demo=settings.DEMO)
        except AccountError as error:  # suspended between the first proof and the second
            raise ImmediateHttpResponse(sent_back(request, error)) from error
        user.backend = BACKEND
        with transaction.atomic():
            super().login(request, user)
            device, request.device_secret = sessions.known_device(user, visit, now=now)
            sessions.begin(request, user, visit, device, now=now)
            actions.sign_in(
                officer,
                method=method_of(request, user),
                is_new_device=bool(request.device_secret),
                visit=visit,
                now=now,
            )
        request.session[POST_IN_SESSION] = officer.post_id

    def post_login(self, request: HttpRequest, user: User, **given: Any) -> HttpResponse:
        response = super().post_login(request, user, **given)
        if secret := getattr(request, "device_secret", ""):
            sessions.keep_device(response, secret)
        return response

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Who has a second factor proves himself again with that: a password is too little."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        factors = [one for one in methods if one["id"] != "reauthenticate"]
        return factors or methods

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """A proof of the last five minutes will do: that of signing in as well."""
        request = context.request
        given = proofs_of(request)
        needed = "mfa" if self._has_factor(request.user) else None
        return not any(
            time.time() - one["at"] < FRESH_SECONDS and one["method"] == (needed or one["method"])
            for one in given
        )

    def _has_factor(self, user: User | AnonymousUser) -> bool:
        return bool(Factors().is_mfa_enabled(user))


class Factors(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("Mã không đúng hoặc đã dùng. Hãy nhập mã mới."),
    }

    def encrypt(self, text: str) -> str:
        sealed = kept_secrets.sealed(text, purpose=_FACTORS, owner="")
        return b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises: SecretNotReadable."""
        try:
            return kept_secrets.opened(b64decode(encrypted_text), purpose=_FACTORS, owner="")
        except kept_secrets.NotReadable as error:
            raise SecretNotReadable from error

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "Châu Bản"}


def is_ours(request: HttpRequest, url: str | None) -> bool:
    """Whether one may be led there: a page of this site."""
    return url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def proofs_of(request: HttpRequest) -> list[dict[str, Any]]:
    """What was proved in this session: `method`, `type` of a factor, `at` in seconds."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return records


def method_of(request: HttpRequest, user: User) -> str:
    """The proofs as one code for the journal: password, password+totp, webauthn, sso+totp."""
    records = get_authentication_records(request, user)
    names = {"password": "password", "socialaccount": "sso"}
    methods = [names.get(one["method"]) or str(one.get("type")) for one in records]
    return "+".join(dict.fromkeys(methods)) or "none"


def sent_back(request: HttpRequest, error: AccountError) -> HttpResponse:
    """To the sign-in page, which says why."""
    messages.error(request, str(explain(error)))
    return redirect("accounts:sign-in")
