"""An installation begins: its first agency and the administrator who enters all else."""

from datetime import date, datetime

from django.db import transaction

from chauban.accounts import administering
from chauban.accounts.models import User
from chauban.directory import errors
from chauban.directory.models import Agency, AgencyLevel, Person, Post, Role
from chauban.directory.rules import slug
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record


@transaction.atomic
def begin_installation(
    *,
    agency: str,
    place: str,
    valid_from: date,
    full_name: str,
    email: str,
    password: str,
    now: datetime,
) -> User:
    """Enter the agency at the top, its administrator and his account; the operator does it once.

    The user name is the address before the "@"; the password is changed at the first sign-in.

    Raises: AlreadyBegun; UsernameNotUsable, WeakPassword.
    """
    if standing := Agency.objects.first():
        raise errors.AlreadyBegun(standing.name)
    top = Agency.objects.create(
        key=slug(agency)[:60],
        name=agency,
        level=AgencyLevel.CITY,
        place=place,
        valid_from=valid_from,
    )
    record(ActKind.AGENCY_ADDED, on=top, by=None, at=now)
    person = Person.objects.create(full_name=full_name, email=email)
    record(ActKind.PERSON_ADDED, on=person, by=None, at=now)
    post = Post.objects.create(
        person=person,
        agency=top,
        title="Quản trị hệ thống",
        role=Role.ADMINISTRATOR,
        valid_from=valid_from,
    )
    record(ActKind.APPOINTED, on=post, by=None, at=now, agency=top.pk, role=str(post.role))
    return administering.create_account(
        person, username=email.partition("@")[0].lower(), password=password, by=None, now=now
    )
