"""The operator's pages of systems: who is on the axis, with which secret, limits and agencies."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotFound, Permission, require
from chauban.axis import neighbours, operating
from chauban.axis.errors import OperatingError
from chauban.axis.forms import LimitsForm, MemberForm, NeighbourForm, RotateForm, SystemForm
from chauban.axis.models import Carriage, Member, Neighbour, System
from chauban.axis.querysets import WAITING
from chauban.axis.words import operating_words
from chauban.journal.models import Act

ACTS_SHOWN = 50
FAILED_SHOWN = 50
MEMBERS_SHOWN = 300


@login_required
@require_http_methods(["GET", "POST"])
def systems(request: HttpRequest) -> HttpResponse:
    """Every system with its state, agencies and queue; POST registers one and shows its secret."""
    officer = require(request.officer, Permission.OPERATE_AXIS)
    form = SystemForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            system = operating.open_system(**form.cleaned_data, officer=officer, now=timezone.now())
            return _page(request, system, new_secret=system.secret)
        except OperatingError as error:
            form.add_error(None, str(operating_words(error)))
    listed = System.objects.annotate(
        agencies=_counted(Member.objects.filter(removed_at=None)),
        waiting=_counted(Carriage.objects.filter(state__in=WAITING)),
    )
    context = {"systems": listed.order_by("system_id"), "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "axis/systems.html", context, status=status)


def _counted(rows: "QuerySet[Any]") -> Coalesce:
    """How many of the rows a system has, each kind counted by itself."""
    its_own = rows.filter(system=OuterRef("pk")).order_by().values("system")
    return Coalesce(Subquery(its_own.annotate(amount=Count("pk")).values("amount")), 0)


def system_page(
    act: Callable[[HttpRequest, System, Officer], HttpResponse],
) -> Callable[[HttpRequest, int], HttpResponse]:
    """A view of one system, for whoever operates the axis."""

    @login_required
    @wraps(act)
    def view(request: HttpRequest, system_id: int) -> HttpResponse:
        officer = require(request.officer, Permission.OPERATE_AXIS)
        system = System.objects.filter(pk=system_id).first()
        if system is None:
            raise NotFound
        return act(request, system, officer)

    return view


@require_GET
@system_page
def system(request: HttpRequest, system: System, officer: Officer) -> HttpResponse:
    return _page(request, system)


@require_POST
@system_page
def lock(request: HttpRequest, system: System, officer: Officer) -> HttpResponse:
    operating.lock_system(system, officer=officer, now=timezone.now())
    return redirect("axis:system", system.pk)


@require_POST
@system_page
def unlock(request: HttpRequest, system: System, officer: Officer) -> HttpResponse:
    operating.unlock_system(system, officer=officer, now=timezone.now())
    return redirect("axis:system", system.pk)


@require_POST
@system_page
def rotate(request: HttpRequest, system: System, officer: Officer) -> HttpResponse:
    form = RotateForm(request.POST)
    if not form.is_valid():
        return _page(request, system, rotate_form=form, status=422)
    operating.rotate_secret(
        system, keep_former=form.keep_former(), officer=officer, now=timezone.now()
    )
    return _page(request, system, new_secret=system.secret)


@require_POST
@system_page
def limits(request: HttpRequest, system: System, officer: Officer) -> HttpResponse:
    form = LimitsForm(request.POST)
    if not form.is_valid():
        return _page(request, system, limits_form=form, status=422)
    operating.limit_system(system, **form.cleaned_data, officer=officer, now=timezone.now())
    return redirect("axis:system", system.pk)


@require_POST
@system_page
def add_member(request: HttpRequest, system: System, officer: Officer) -> HttpResponse:
    form = MemberForm(request.POST)
    if form.is_valid():
        try:
            operating.add_member(system, form.registration(), officer=officer, now=timezone.now())
            return redirect("axis:system", system.pk)
        except OperatingError as error:
            form.add_error(None, str(operating_words(error)))
    return _page(request, system, member_form=form, status=422)


@require_POST
@system_page
def connect(request: HttpRequest, system: System, officer: Officer) -> HttpResponse:
    """Enter where a neighbouring axis is, and who we are there."""
    form = NeighbourForm(request.POST)
    if not form.is_valid():
        return _page(request, system, neighbour_form=form, status=422)
    neighbours.connect_neighbour(system, **form.cleaned_data, officer=officer, now=timezone.now())
    return redirect("axis:system", system.pk)


@require_POST
@system_page
def call(request: HttpRequest, system: System, officer: Officer) -> HttpResponse:
    """Let the worker call a neighbour that rests after a silence."""
    neighbour = Neighbour.objects.filter(pk=system.pk).select_related("system").first()
    if neighbour is None:
        raise NotFound
    neighbours.call_now(neighbour, officer=officer, now=timezone.now())
    return redirect("axis:system", system.pk)


@login_required
@require_POST
def remove_member(request: HttpRequest, member_id: int) -> HttpResponse:
    officer = require(request.officer, Permission.OPERATE_AXIS)
    member = Member.objects.on_axis().filter(pk=member_id).select_related("system").first()
    if member is None:
        raise NotFound
    operating.remove_member(member, officer=officer, now=timezone.now())
    return redirect("axis:system", member.system_id)


@login_required
@require_POST
def offer_again(request: HttpRequest, carriage_id: str) -> HttpResponse:
    """Give one recipient its failed copy again."""
    officer = require(request.officer, Permission.OPERATE_AXIS)
    copies = Carriage.objects.select_related("to__system", "package")
    carriage = copies.filter(pk=carriage_id).first()
    if carriage is None:
        raise NotFound
    try:
        operating.offer_copy_again(carriage, officer=officer, now=timezone.now())
    except OperatingError as error:
        messages.error(request, str(operating_words(error)))
    return redirect("axis:queues")


def _page(
    request: HttpRequest, system: System, *, new_secret: str = "", status: int = 200, **forms: Form
) -> HttpResponse:
    now = timezone.now()
    context: dict[str, Any] = {
        "system": system,
        "now": now,
        "members": system.members.on_axis().order_by("organ_id")[:MEMBERS_SHOWN],
        "agencies": system.members.on_axis().count(),
        "former_until": system.former_until
        if system.former_until and system.former_until > now
        else None,
        "queues": Carriage.objects.filter(system=system).queues(),
        "neighbour": (neighbour := neighbours.listed().filter(pk=system.pk).first()),
        "failed": Carriage.objects.filter(system=system)
        .failed()
        .select_related("package", "to")[:FAILED_SHOWN]
        if neighbour
        else (),
        "neighbour_form": NeighbourForm(initial=_as_entered(neighbour)),
        "acts": Act.objects.on(system).order_by("-pk")[:ACTS_SHOWN],
        "new_secret": new_secret,
        "rotate_form": RotateForm(),
        "member_form": MemberForm(),
        "limits_form": LimitsForm(
            initial={
                "calls_per_minute": system.calls_per_minute,
                "max_message_mb": system.max_message_mb,
            }
        ),
        **forms,
    }
    response = render(request, "axis/system.html", context, status=status)
    if new_secret:  # shown once, and kept by no browser
        response["Cache-Control"] = "no-store"
    return response


def _as_entered(neighbour: Neighbour | None) -> dict[str, Any]:
    """What the form shows of a neighbour that was entered before: all but the secret."""
    if neighbour is None:
        return {}
    return {
        "url": neighbour.url,
        "our_system_id": neighbour.our_system_id,
        "is_polled": neighbour.is_polled,
    }
