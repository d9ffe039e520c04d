from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation

from chauban.accounts import sessions
from chauban.accounts.errors import SecretNotReadable
from chauban.accounts.flows import POST_IN_SESSION, proofs_of
from chauban.accounts.networks import visit_of
from chauban.accounts.officers import Officer
from chauban.accounts.preferring import look_of
from chauban.accounts.querysets import posts_of
from chauban.accounts.rights import NotAllowed, NotFound
from chauban.accounts.security_rules import (
    administers,
    must_change_password,
    needs_second_factor,
)
from chauban.accounts.words import explain
from chauban.directory.models import Post
from chauban.directory.rules import legal_day

# Where one is led who owes his account something, and what is open to him until then.
OWED = {"password": "accounts:password", "second-factor": "accounts:second-factor"}
OPEN_TO_DEBTORS = {
    "password": {"accounts:password"},
    "second-factor": {
        "accounts:second-factor",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
    },
}
OPEN_TO_ALL = {
    "accounts:sign-in",
    "accounts:sign-out",
    "set-language",
    "set-theme",
    "office:health",
}


class OfficerMiddleware:
    """Sets `request.officer`: the signed-in person in one of his `request.posts` of today, or None.

    Posts are asked "as of" today at every request: who left yesterday acts no more. Who must
    choose a password or set up a second factor first is nobody until he has, and is led there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.officer, request.posts, request.owes = None, [], ""
        if request.user.is_authenticated:
            request.posts = list(posts_of(request.user.pk, legal_day(timezone.now())))
            request.officer = officer_of(request, request.posts)
            request.owes = owed(request, request.posts)
            if request.owes:
                request.debtor, request.officer = request.officer, None
            _put_preferences(request)
            sessions.seen(request, now=timezone.now())
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        if not request.owes:
            return None
        name = request.resolver_match.view_name
        if name in OPEN_TO_ALL | OPEN_TO_DEBTORS[request.owes]:
            return None
        where = redirect(OWED[request.owes])
        if request.headers.get("HX-Request"):  # the page as a whole goes there, not a part of it
            return HttpResponse(status=204, headers={"HX-Redirect": where.url})
        return where

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, NotFound):
            raise Http404 from error
        if isinstance(error, NotAllowed) and error.officer is None and request.method == "GET":
            if is_by_script(request):
                return HttpResponse(explain(error), "text/plain; charset=utf-8", status=403)
            return redirect_to_login(request.get_full_path())
        if isinstance(error, NotAllowed | SecretNotReadable):
            words = {"words": explain(error)}
            return render(request, "accounts/not_allowed.html", words, status=403)
        return None


def is_by_script(request: HttpRequest) -> bool:
    """Whether something in a page asks, not the person for a page (W3C Fetch Metadata 2.2).

    The sign-in page would be of no use to it, and the token in that page would put aside the one
    of a sign-in page that the person has before him.
    """
    return request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"


def officer_of(request: HttpRequest, posts: list[Post] | None = None) -> Officer | None:
    """The person in the post that he has chosen, else in the first that he holds today."""
    if not request.user.is_authenticated:
        return None
    if posts is None:
        posts = list(posts_of(request.user.pk, legal_day(timezone.now())))
    chosen = request.session.get(POST_IN_SESSION)
    post = next((post for post in posts if post.pk == chosen), posts[0] if posts else None)
    return Officer(request.user, post) if post else None


def owed(request: HttpRequest, posts: list[Post]) -> str:
    """What the signed-in person must do before anything else: a key of OWED, or nothing."""
    is_administrator = administers(post.role for post in posts)
    is_inside = visit_of(request).is_inside
    is_at_home = settings.DEMO and is_inside
    user, now = request.user, timezone.now()
    if (
        not is_at_home
        and user.has_usable_password()
        and must_change_password(user.password_changed_at, now, is_administrator=is_administrator)
    ):
        return "password"
    if needs_second_factor(
        is_administrator=is_administrator, is_inside=is_inside, is_demo=settings.DEMO
    ) and not any(one["method"] == "mfa" for one in proofs_of(request)):
        return "second-factor"
    return ""


def _put_preferences(request: HttpRequest) -> None:
    """The account's look and language, where its owner has chosen any."""
    preferences = getattr(request.user, "preferences", None)
    if preferences is None:
        return
    request.look = look_of(preferences)
    if preferences.language:
        translation.activate(preferences.language)
        request.LANGUAGE_CODE = preferences.language
