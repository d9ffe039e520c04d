"""People: found by name, address or title; each with posts, account, mandates and certificates."""

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from chauban.accounts.rights import Permission, may, require
from chauban.directory.models import Person, Post
from chauban.directory.rules import legal_day
from chauban.office.administering.looking import day_of, page_of, text_of, today
from chauban.office.administering.reaching import (
    access_agency,
    access_person,
    administered,
    may_account,
    people_of,
)
from chauban.trust.models import Certificate, Mandate
from chauban.trust.saying import mandate_in_words
from chauban.ui.matching import is_match
from chauban.workflow.histories import history_of

SHOWN_AS = ("", "without-post", "without-account", "suspended")


@login_required
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """The people whom the administrator looks after, with the posts they hold on a day."""
    officer = require(request.officer, Permission.MANAGE_DIRECTORY)
    day, text, shown = day_of(request), text_of(request), request.GET.get("shown", "")
    here = Post.objects.as_of(day).select_related("agency", "unit")
    rows = people_of(officer).select_related("user").order_by("full_name", "pk")
    if shown == "without-post":
        rows = rows.exclude(posts__in=Post.objects.as_of(day))
    elif shown == "without-account":
        rows = rows.filter(user=None)
    elif shown == "suspended":
        rows = rows.filter(user__is_active=False)
    if text:
        rows = _matching(rows.prefetch_related(Prefetch("posts", here, to_attr="held")), text)
    else:
        rows = rows.prefetch_related(Prefetch("posts", here, to_attr="held"))
    context = {
        "page": page_of(request, rows),
        "day": day,
        "is_today": day == today(),
        "text": text,
        "shown": shown,
    }
    return render(request, "administering/people.html", context)


def _matching(rows: "list[Person]", text: str) -> "list[Person]":
    """Names are looked through here: the database does not know Vietnamese without tone marks."""
    return [
        one
        for one in rows
        if is_match(text, one.full_name, one.email, *(post.title for post in one.held))
    ]


@login_required
@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: posts past, present and to come, account, mandates, certificates, acts."""
    found, now = access_person(request.officer, pk), timezone.now()
    officer, day = request.officer, legal_day(now)
    posts = found.posts.select_related("agency", "unit", "stands_in_for__person").order_by(
        "-valid_from", "-pk"
    )
    within = set(administered(officer).values_list("pk", flat=True))
    mandates = Mandate.objects.filter(person=found).select_related("body", "person", "post")
    user = getattr(found, "user", None)
    context = {
        "person": found,
        "posts": [
            {
                "post": one,
                "state": _state(one, day),
                "may": one.agency_id in within and one.person_id != officer.person.pk,
            }
            for one in posts
        ],
        "user_account": user,
        "may_enter_certificates": may(officer, Permission.MANAGE_TRUST),
        "may_account": may_account(officer, found) and officer.person.pk != found.pk,
        "mandates": [(one, mandate_in_words(one), _state(one, day)) for one in mandates],
        "certificates": Certificate.objects.filter(person=found).order_by("-not_after"),
        "now": now,
        "history": history_of([found, *posts, *([user] if user else [])]),
        "agencies": administered(officer).as_of(day).order_by("name"),
    }
    return render(request, "administering/person.html", context)


def _state(dated: Post | Mandate, day: object) -> str:
    if dated.is_in_force(day):
        return "now"
    return "coming" if dated.valid_from > day else "past"


@login_required
@require_GET
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """On to the page on which the person gets a post in the agency chosen; without one, back."""
    found, asked = access_person(request.officer, pk), request.GET.get("agency", "")
    if not asked.isdecimal():
        return redirect("administering:person", found.pk)
    agency = access_agency(request.officer, int(asked))
    there = reverse("administering:act", args=["agency", agency.pk, "appoint"])
    return redirect(f"{there}?{urlencode({'person': found.email or found.full_name})}")
