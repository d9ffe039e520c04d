"""A demo province with its stories told, in real processes: what pages are measured on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chauban.cli import province
from chauban.cli.processes import Child, DidNotStart, ending_together, free_port

TELLING_SECONDS = 900.0


@dataclass(frozen=True)
class Told:
    """Where it answers, and the processes that the office itself consists of."""

    port: int
    web: Child
    work: Child

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


@contextmanager
def told(data: Path, *, database_url: str = "") -> Iterator[Told]:
    """Make the demo in folder data, or go on with the one there; this process enters it.

    Raises: DidNotStart.
    """
    port, pki_port = free_port(), free_port()
    given = {"CHAUBAN_DATABASE_URL": database_url}
    variables = province.settings(data, port=port, pki_port=pki_port, given=given)
    province.enter(variables)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ending_together([]) as children:
        province.prepare(data)
        children.append(province.start_pki(data, port=pki_port, variables=variables))
        web = province.start_web(data, port=port, variables=variables)
        children.append(web)
        work = province.start_worker(data, variables=variables)
        children.append(work)
        stories = province.start_storyteller(data, variables=variables)
        children.append(stories)
        if stories.process.wait(TELLING_SECONDS):
            raise DidNotStart(stories.name, stories.log)
        yield Told(port, web, work)


def session_of(username: str) -> str:
    """The key of a new session of that account, as signing in leaves it; a hash less."""
    from django.conf import settings
    from django.contrib.auth import login
    from django.contrib.sessions.backends.db import SessionStore
    from django.test import RequestFactory

    from chauban.accounts.middleware import POST_IN_SESSION
    from chauban.cli import acting

    officer = acting.officer(username, datetime.now(UTC))
    request = RequestFactory().post(settings.LOGIN_URL)
    request.session = SessionStore()
    login(request, officer.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[POST_IN_SESSION] = officer.post_id
    request.session.save()
    return str(request.session.session_key)
