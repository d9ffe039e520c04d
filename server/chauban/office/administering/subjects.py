"""What acts are on, who may reach it, and the page that it is shown on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, NotFound, Permission, may, require
from chauban.directory.models import (
    DecidedDay,
    IssuingBody,
    OrganCode,
    Post,
    Unit,
)
from chauban.office.administering.reaching import (
    access_agency,
    access_person,
    administered,
    bodies_for,
)
from chauban.trust.models import Anchor, Mandate
from chauban.workflow.models import DraftTemplate, RoutingRule

MANAGE = Permission.MANAGE_DIRECTORY


@dataclass(frozen=True)
class Subject:
    """How a subject is reached by an officer, and the page that it is shown on."""

    access: Callable[[Officer | None, int], Any]
    back: Callable[[Any], str]


def _of_agencies(model: Any, agency: str) -> Callable[[Officer | None, int], Any]:
    """Access to rows of agencies that the officer administers; `agency` is the way there."""

    def access(officer: Officer | None, pk: int) -> Any:
        officer = require(officer, MANAGE)
        rows = model.objects.filter(**{f"{agency}__in": administered(officer)})
        return _one(rows.select_related(f"{agency}__parent"), pk)

    return access


def _of_bodies(model: Any, permission: Permission) -> Callable[[Officer | None, int], Any]:
    def access(officer: Officer | None, pk: int) -> Any:
        bodies = bodies_for(officer, permission).values("pk")
        return _one(model.objects.filter(body__in=bodies).select_related("body__agency"), pk)

    return access


def _body(officer: Officer | None, pk: int) -> IssuingBody:
    """A body for any of the acts on bodies; each act asks for its own right."""
    if officer is None:
        raise NotAllowed(officer, MANAGE)
    if not any(may(officer, it) for it in (MANAGE, Permission.DECIDE_SERIES)):
        raise NotAllowed(officer, MANAGE, officer.agency)
    rows = IssuingBody.objects.filter(agency__in=administered(officer))
    return _one(rows.select_related("agency__parent"), pk)


def _decided(officer: Officer | None, pk: int) -> DecidedDay:
    require(officer, Permission.DECIDE_DAYS)
    return _one(DecidedDay.objects.filter(withdrawn_at=None), pk)


def _anchor(officer: Officer | None, pk: int) -> Anchor:
    require(officer, Permission.MANAGE_TRUST)
    return _one(Anchor.objects.all(), pk)


def _one(rows: Any, pk: int) -> Any:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def url_of(name: str, *args: Any, query: str = "") -> str:
    return reverse(f"administering:{name}", args=args) + query


SUBJECTS: Mapping[str, Subject] = {
    "agency": Subject(access_agency, lambda it: url_of("agency", it.pk)),
    "body": Subject(_body, lambda it: url_of("agency", it.agency_id)),
    "unit": Subject(_of_agencies(Unit, "agency"), lambda it: url_of("agency", it.agency_id)),
    "code": Subject(
        _of_agencies(OrganCode, "body__agency"), lambda it: url_of("agency", it.body.agency_id)
    ),
    "person": Subject(access_person, lambda it: url_of("person", it.pk)),
    "post": Subject(_of_agencies(Post, "agency"), lambda it: url_of("person", it.person_id)),
    "mandate": Subject(
        _of_bodies(Mandate, Permission.GRANT_MANDATE),
        lambda it: url_of("mandates", query=f"?body={it.body.key}"),
    ),
    "rule": Subject(
        _of_bodies(RoutingRule, Permission.SET_ROUTING_RULES),
        lambda it: url_of("routing-rules", query=f"?body={it.body.key}"),
    ),
    "anchor": Subject(_anchor, lambda it: url_of("trust")),
    "template": Subject(
        _of_bodies(DraftTemplate, Permission.SET_TEMPLATES),
        lambda it: url_of("kinds", query=f"?body={it.body.key}"),
    ),
    "day": Subject(_decided, lambda it: url_of("calendar", query=f"?year={it.day.year}")),
}
