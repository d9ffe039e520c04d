from itertools import groupby
from operator import itemgetter
from urllib.parse import urlencode

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.i18n import set_language as remember_language

from chauban.accounts import actions, sessions, single_sign_on
from chauban.accounts.errors import AccountError
from chauban.accounts.flows import POST_IN_SESSION, is_ours
from chauban.accounts.forms import SignInForm
from chauban.accounts.models import Preferences
from chauban.accounts.networks import visit_of
from chauban.accounts.preferring import set_preferences
from chauban.accounts.rights import NotAllowed, Permission
from chauban.accounts.words import explain
from chauban.directory.models import AgencyLevel, Post
from chauban.directory.rules import legal_day
from chauban.ui import themes
from chauban.ui.matching import is_match
from chauban.ui.middleware import policy_with_form_to

# What the demo's sign-in page tells everybody.
DEMO_SECRETS = {"password": "hue-2026", "pin": "246810"}


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None, initial={"username": request.GET.get("username")})
    if request.method == "GET":
        return _sign_in_page(request, form)
    if not form.is_valid():
        return _sign_in_page(request, form, status=422)
    given = form.cleaned_data
    try:
        user = actions.prove_password(**given, visit=visit_of(request), now=timezone.now())
        actions.enter(user, now=timezone.now(), is_demo=settings.DEMO)
    except AccountError as error:
        form.add_error(None, str(explain(error)))
        return _sign_in_page(request, form, status=422)
    if request.user.is_authenticated:
        logout(request)  # nothing of whoever sat here before stays
    return perform_password_login(request, {}, Login(user=user, redirect_url=_next(request)))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.officer is not None:
        actions.sign_out(request.officer, now=timezone.now())
    sessions.forget(request)
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@login_required
@require_GET
def posts(request: HttpRequest) -> HttpResponse:
    """The posts that the person holds today; the one that the address names has the focus."""
    if request.officer is None:
        raise NotAllowed(None, Permission.VIEW_REGISTERS)
    others = [post for post in request.posts if post.pk != request.officer.post_id]
    named = next((post for post in others if str(post.pk) == request.GET.get("to")), None)
    context = {"others": others, "focused": named or next(iter(others), None)}
    return render(request, "accounts/posts.html", context)


@require_POST
def switch_post(request: HttpRequest, post_id: int) -> HttpResponse:
    if request.officer is None:
        return redirect(settings.LOGIN_URL)
    try:
        officer = actions.choose_post(request.officer, post_id, now=timezone.now())
    except AccountError as error:
        return render(request, "accounts/not_allowed.html", {"words": explain(error)}, status=403)
    request.session[POST_IN_SESSION] = officer.post_id
    return redirect(_next(request))


def set_theme(request: HttpRequest) -> HttpResponse:
    """Of this browser, and of the account of whoever is signed in."""
    response: HttpResponse = themes.set_theme(request)
    theme = request.POST.get("theme", "")
    if request.officer is not None and theme in Preferences.Theme.values:
        set_preferences(request.officer.user, theme=theme)
    return response


def set_language(request: HttpRequest) -> HttpResponse:
    """Of this browser, and of the account of whoever is signed in."""
    response: HttpResponse = remember_language(request)
    language = request.POST.get("language", "")
    if request.officer is not None and language in Preferences.Language.values:
        set_preferences(request.officer.user, language=language)
    return response


def _sign_in_page(request: HttpRequest, form: SignInForm, *, status: int = 200) -> HttpResponse:
    wanted = request.GET.get("q", "")
    service = single_sign_on.name()
    context = {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "demo": DEMO_SECRETS if settings.DEMO else None,
        "wanted": wanted,
        "levels": demo_accounts(wanted) if settings.DEMO else [],
        "kept": _but_username(request.GET.dict()),
        "single_sign_on": service,
    }
    page = render(request, "accounts/sign_in.html", context, status=status)
    if service:
        page.headers["Content-Security-Policy"] = policy_with_form_to(single_sign_on.origin())
    return page


def _but_username(asked: dict[str, str]) -> str:
    """What was asked of the page as a query that a user name is to be put behind."""
    asked.pop("username", None)
    return urlencode({**asked, "username": ""})


def demo_accounts(wanted: str = "") -> list[tuple[str, list[tuple[str, list[dict[str, str]]]]]]:
    """The posts of today by level and agency, each with its person's account, for the demo's page.

    With wanted, those whose agency, title, name or user name holds its words.
    """
    posts = (
        Post.objects.as_of(legal_day(timezone.now()))
        .filter(person__user__is_active=True)
        .order_by("agency_id", "id")
        .values(
            "agency_id",
            "title",
            agency_name=F("agency__name"),
            level=F("agency__level"),
            full_name=F("person__full_name"),
            username=F("person__user__username"),
        )
    )
    told = ("agency_name", "title", "full_name", "username")
    found = [one for one in posts if is_match(wanted, *(one[key] for key in told))]
    return [
        (
            str(AgencyLevel(level).label),
            [
                (name, list(some))
                for (_agency, name), some in groupby(
                    of_level, itemgetter("agency_id", "agency_name")
                )
            ],
        )
        for level, of_level in groupby(found, itemgetter("level"))
    ]


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, when that is on this site; else the home page."""
    wanted = request.POST.get("next", "")
    return wanted if is_ours(request, wanted) else resolve_url(settings.LOGIN_REDIRECT_URL)
