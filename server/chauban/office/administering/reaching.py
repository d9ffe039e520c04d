"""What an administrator may open: his agency's and those below; the province's, all."""

from datetime import date, timedelta

from django.db.models import Q, QuerySet

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotFound, Permission, is_at_the_top, may, require
from chauban.directory.models import Agency, Dated, IssuingBody, Person, Post, Role

ENDING_DAYS = 30


def administered(officer: Officer) -> "QuerySet[Agency]":
    """The agencies, past and present, that the officer's post reaches: his own, and for an
    administrator three levels below it; for the province's all. One query, for counters too."""
    if officer.post.role != Role.ADMINISTRATOR:
        return Agency.objects.filter(pk=officer.agency_id)
    if is_at_the_top(officer.agency):
        return Agency.objects.all()
    top = officer.agency_id
    below = Q(parent=top) | Q(parent__parent=top) | Q(parent__parent__parent=top)
    return Agency.objects.filter(Q(pk=top) | below)


def access_agency(officer: Officer | None, pk: int) -> Agency:
    """Raises: NotAllowed, NotFound."""
    officer = require(officer, Permission.MANAGE_DIRECTORY)
    found = administered(officer).select_related("parent").filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def bodies_for(officer: Officer | None, permission: Permission) -> "QuerySet[IssuingBody]":
    """The bodies at whose registries the officer's post allows something.

    Raises: NotAllowed.
    """
    officer = require(officer, permission)
    return IssuingBody.objects.filter(agency__in=administered(officer)).select_related("agency")


def bodies_in_force(
    officer: Officer | None, permission: Permission, day: date
) -> list[IssuingBody]:
    """Those of `bodies_for` in force on day, the officer's own agency's first, then by name."""
    rows = bodies_for(officer, permission).as_of(day)
    return sorted(rows, key=lambda one: (one.agency_id != officer.agency_id, one.name))


def people_of(officer: Officer) -> "QuerySet[Person]":
    """Who holds or held a post in an agency that the officer administers, or in none at all."""
    if is_at_the_top(officer.agency):
        return Person.objects.all()
    here = Q(posts__agency__in=administered(officer)) | Q(posts=None)
    return Person.objects.filter(here).distinct()


def access_person(officer: Officer | None, pk: int) -> Person:
    """Raises: NotAllowed, NotFound."""
    officer = require(officer, Permission.MANAGE_DIRECTORY)
    found = people_of(officer).filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def may_account(officer: Officer, person: Person) -> bool:
    """Whether the officer looks after a person's account: no post of his is beyond his reach."""
    agencies = {post.agency for post in person.posts.select_related("agency__parent")}
    return all(may(officer, Permission.MANAGE_DIRECTORY, one) for one in agencies)


def ending(model: "type[Dated]", day: date) -> "QuerySet[Dated]":
    """Rows in force on day that end within ENDING_DAYS, the first to end first."""
    soon = day + timedelta(days=ENDING_DAYS)
    return model.objects.as_of(day).filter(valid_to__lte=soon).order_by("valid_to", "pk")


def suspended_people(officer: Officer) -> "QuerySet[Person]":
    """Whose account is suspended, among the people that the officer looks after."""
    held = Post.objects.filter(agency__in=administered(officer)).values("person")
    return Person.objects.filter(user__is_active=False, pk__in=held).select_related("user")
