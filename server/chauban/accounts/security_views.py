"""The person's own security: password, factors, sessions."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chauban.accounts import actions, sessions
from chauban.accounts.agents import named
from chauban.accounts.errors import AccountError
from chauban.accounts.forms import PasswordForm
from chauban.accounts.networks import visit_of
from chauban.accounts.officers import Officer
from chauban.accounts.passwords import change_password
from chauban.accounts.rights import NotAllowed, NotFound, Permission
from chauban.accounts.words import explain


def actor_of(request: HttpRequest) -> Officer:
    """The officer, or who will be one as soon as he has done what he owes.

    Raises: NotAllowed.
    """
    officer: Officer | None = request.officer or getattr(request, "debtor", None)
    if officer is None:
        raise NotAllowed(None, Permission.VIEW_REGISTERS)
    return officer


@never_cache
@require_GET
def security(request: HttpRequest) -> HttpResponse:
    officer = actor_of(request)
    factors = Authenticator.objects.filter(user=officer.user).order_by("pk")
    by_kind = {kind: [one for one in factors if one.type == kind] for kind in Authenticator.Type}
    codes = by_kind[Authenticator.Type.RECOVERY_CODES]
    held = sessions.sessions_of(officer.user, now=timezone.now())
    context = {
        "totp": next(iter(by_kind[Authenticator.Type.TOTP]), None),
        "passkeys": by_kind[Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else None,
        "sessions": [{"row": one, "browser": named(one.agent)} for one in held],
        "user_changed": officer.user.password_changed_at,
        "own": request.session.get(sessions.OWN_SESSION),
    }
    return render(request, "accounts/security.html", context)


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    officer = actor_of(request)
    if not sessions.end_session(officer.user, pk, by=officer, now=timezone.now()):
        raise NotFound(pk)
    messages.success(request, _("Đã kết thúc phiên đăng nhập."))
    return redirect("accounts:security")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    officer = actor_of(request)
    ended = sessions.end_other_sessions(
        officer.user, by=officer, now=timezone.now(), but=request.session.session_key
    )
    messages.success(request, _("Số phiên đăng nhập đã kết thúc: %(ended)s.") % {"ended": ended})
    return redirect("accounts:security")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """The present one proves the person once more; all his other sessions end."""
    officer, now = actor_of(request), timezone.now()
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given, visit = form.cleaned_data, visit_of(request)
        try:
            actions.prove_password(officer.user.username, given["present"], visit=visit, now=now)
            _change(request, officer, given["new"])
        except AccountError as error:
            form.add_error(None, str(explain(error)))
        else:
            messages.success(request, _("Đã đổi mật khẩu. Các phiên đăng nhập khác đã kết thúc."))
            return redirect("accounts:security" if request.officer else "office:home")
    status = 422 if form.is_bound else 200
    context = {"form": form, "must": request.owes == "password"}
    return render(request, "accounts/password.html", context, status=status)


@transaction.atomic
def _change(request: HttpRequest, officer: Officer, new: str) -> None:
    now = timezone.now()
    change_password(officer.user, new, by=officer, now=now)
    sessions.end_other_sessions(officer.user, by=officer, now=now, but=request.session.session_key)
    update_session_auth_hash(request, officer.user)
    sessions.rename(request)
