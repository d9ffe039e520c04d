"""The pages of applications: what acts in one's name, with which token, told of what."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, NotFound, Permission, may
from chauban.api import actions
from chauban.api.errors import ApiError
from chauban.api.events import EVENTS, TEST
from chauban.api.forms import ApplicationForm, SubscriptionForm, UntilForm
from chauban.api.models import Announcement, Application, Subscription
from chauban.api.scopes import Scope
from chauban.api.words import SENDING, explain
from chauban.directory.rules import legal_day
from chauban.journal.models import Act

SENT_SHOWN = 50
ACTS_SHOWN = 30


@login_required
@sensitive_variables("secret")
@require_http_methods(["GET", "POST"])
def applications(request: HttpRequest) -> HttpResponse:
    """The officer's applications; the administrator's list has all of the agency."""
    officer, now = _officer(request), timezone.now()
    form = ApplicationForm(request.POST or None, officer=officer, day=legal_day(now))
    if request.method == "POST" and form.is_valid():
        stated = {name: form.cleaned_data[name] for name in ("name", "purpose", "scopes")}
        try:
            made, secret = actions.register_application(
                **stated, expires_at=form.expires_at(), officer=officer, now=now
            )
        except ApiError as error:
            form.add_error(None, str(explain(error)))
        else:
            return _page(request, made, officer, new_token=secret.text)
    listed = Application.objects.visible_to(officer).select_related("post__person")
    context = {
        "applications": listed.order_by("ended_at", "-pk"),
        "form": form,
        "is_administrator": may(officer, Permission.MANAGE_DIRECTORY),
    }
    status = 422 if form.is_bound else 200
    return render(request, "api/applications.html", context, status=status)


def application_page(
    act: Callable[..., HttpResponse],
) -> Callable[..., HttpResponse]:
    """A view of one application, for its officer and the administrator of his agency."""

    @login_required
    @wraps(act)
    def view(request: HttpRequest, pk: int, **named: int) -> HttpResponse:
        officer = _officer(request)
        rows = Application.objects.visible_to(officer).select_related("post__person")
        found = rows.filter(pk=pk).first()
        if found is None:
            raise NotFound(pk)
        try:
            return act(request, found, officer, **named)
        except ApiError as error:
            messages.error(request, str(explain(error)))
            return redirect("applications:one", pk)

    return view


@require_GET
@application_page
def application(request: HttpRequest, found: Application, officer: Officer) -> HttpResponse:
    return _page(request, found, officer)


@require_POST
@application_page
def end(request: HttpRequest, found: Application, officer: Officer) -> HttpResponse:
    actions.end_application(found, officer=officer, now=timezone.now())
    return redirect("applications:one", found.pk)


@require_POST
@application_page
@sensitive_variables("secret")
def renew(request: HttpRequest, found: Application, officer: Officer) -> HttpResponse:
    now = timezone.now()
    form = UntilForm(request.POST, day=legal_day(now))
    if not form.is_valid():
        return _page(request, found, officer, until_form=form, status=422)
    secret = actions.make_token(found, expires_at=form.expires_at(), officer=officer, now=now)
    return _page(request, found, officer, new_token=secret.text)


@require_POST
@application_page
def revoke(request: HttpRequest, found: Application, officer: Officer, token: int) -> HttpResponse:
    held = found.tokens.select_related("application").filter(pk=token).first()
    if held is None:
        raise NotFound(token)
    actions.revoke_token(held, officer=officer, now=timezone.now())
    return redirect("applications:one", found.pk)


@require_POST
@application_page
@sensitive_variables("secret")
def subscribe(request: HttpRequest, found: Application, officer: Officer) -> HttpResponse:
    _require_own(found, officer)
    form = SubscriptionForm(request.POST, scopes=found.scopes)
    if form.is_valid():
        try:
            _, secret = actions.subscribe(
                found, **form.cleaned_data, officer=officer, now=timezone.now()
            )
        except ApiError as error:
            form.add_error(None, str(explain(error)))
        else:
            return _page(request, found, officer, new_secret=secret)
    return _page(request, found, officer, webhook_form=form, status=422)


@require_POST
@application_page
@sensitive_variables("secret")
def renew_secret(
    request: HttpRequest, found: Application, officer: Officer, webhook: int
) -> HttpResponse:
    _require_own(found, officer)
    secret = actions.renew_webhook_secret(
        _webhook(found, webhook), officer=officer, now=timezone.now()
    )
    return _page(request, found, officer, new_secret=secret)


@require_POST
@application_page
def unsubscribe(
    request: HttpRequest, found: Application, officer: Officer, webhook: int
) -> HttpResponse:
    actions.unsubscribe(_webhook(found, webhook), officer=officer, now=timezone.now())
    return redirect("applications:one", found.pk)


@require_POST
@application_page
def test(request: HttpRequest, found: Application, officer: Officer, webhook: int) -> HttpResponse:
    _require_own(found, officer)
    actions.send_test(_webhook(found, webhook), now=timezone.now())
    return redirect("applications:one", found.pk)


@require_POST
@application_page
def send_again(
    request: HttpRequest, found: Application, officer: Officer, sent: int
) -> HttpResponse:
    _require_own(found, officer)
    rows = Announcement.objects.filter(subscription__application=found)
    one = rows.filter(pk=sent, subscription__ended_at=None).first()
    if one is None:
        raise NotFound(sent)
    actions.send_again(one, now=timezone.now())
    return redirect("applications:one", found.pk)


def _officer(request: HttpRequest) -> Officer:
    if request.officer is None:
        raise NotAllowed(None, Permission.DRAFT)
    officer: Officer = request.officer
    return officer


def _require_own(found: Application, officer: Officer) -> None:
    """An administrator looks and ends; what is told to whom is for the officer himself."""
    if found.post_id != officer.post_id:
        raise NotFound(found.pk)


def _webhook(found: Application, pk: int) -> Subscription:
    one = found.subscriptions.select_related("application").filter(pk=pk, ended_at=None).first()
    if one is None:
        raise NotFound(pk)
    return one


def _page(
    request: HttpRequest,
    found: Application,
    officer: Officer,
    *,
    new_token: str = "",
    new_secret: str = "",
    status: int = 200,
    **forms: Form,
) -> HttpResponse:
    now = timezone.now()
    sent = Announcement.objects.filter(subscription__application=found).order_by("-pk")
    names = {event.name: event.words for event in EVENTS.values()} | {TEST: TEST}
    context: dict[str, Any] = {
        "application": found,
        "is_own": found.post_id == officer.post_id,
        "scopes": [Scope(one) for one in found.scopes],
        "tokens": [
            {"token": one, "is_valid": one.is_valid(now) and found.ended_at is None}
            for one in found.tokens.order_by("-pk")
        ],
        "webhooks": [
            {
                "webhook": one,
                "events": [names.get(it, it) for it in one.events],
                "former_until": one.former_until
                if one.former_until and now < one.former_until
                else None,
            }
            for one in found.subscriptions.filter(ended_at=None)
        ],
        "sent": [
            {
                "one": one,
                "event": names[one.event],
                "words": SENDING.get(one.problem),
            }
            for one in sent[:SENT_SHOWN]
        ],
        "acts": Act.objects.on(found).order_by("-pk")[:ACTS_SHOWN],
        "new_token": new_token,
        "new_secret": new_secret,
        "until_form": UntilForm(day=legal_day(now)),
        "webhook_form": SubscriptionForm(scopes=found.scopes),
        **forms,
    }
    response = render(request, "api/application.html", context, status=status)
    if new_token or new_secret:  # shown once, and kept by no browser
        response["Cache-Control"] = "no-store"
    return response
