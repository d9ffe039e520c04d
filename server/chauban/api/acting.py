"""Who calls: the officer for whom an application acts (ADR 31)."""

from dataclasses import dataclass
from datetime import datetime

from chauban.accounts.models import User
from chauban.accounts.officers import Officer
from chauban.api.errors import PostEnded
from chauban.api.models import Application
from chauban.directory.rules import legal_day


@dataclass(frozen=True)
class Acting:
    """One call: the officer in whose name it is made, through which application, when."""

    officer: Officer
    application: Application
    now: datetime
    expires_at: datetime


def acting_through(application: Application, expires_at: datetime, now: datetime) -> Acting:
    """The officer for whom an application acts today, who does so through it.

    Raises: PostEnded.
    """
    post, day = application.post, legal_day(now)
    user = User.objects.filter(person=post.person_id, is_active=True).first()
    if user is None or not (post.is_in_force(day) and post.agency.is_in_force(day)):
        raise PostEnded
    user.person = post.person
    officer = Officer(user, post, {"application": application.pk})
    return Acting(officer, application, now, expires_at)
