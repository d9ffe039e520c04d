"""Applications that call the API for officers of the province.

`calling(username, *scopes)`  a client whose calls carry a token of that officer's application
`application_of(username, *scopes)`  the application and its secret
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chauban.api.actions import register_application
from chauban.api.counting import forget_counts
from chauban.api.models import Application
from chauban.api.scopes import scopes_of_role
from chauban.api.tokens import Secret
from chauban.directory.rules import legal_day
from chauban.trust.demo import grant_demo_mandate, signatories_of
from tests.ui.conftest import *  # noqa: F403  the province


@pytest.fixture(autouse=True)
def calls_counted_anew():
    forget_counts()


@pytest.fixture
def mandated(db, body):
    """The city's signatories may be drafted for; without their keys, which take time to make."""
    now = timezone.now()
    for signatory, post in signatories_of(body("ubnd-tp"), legal_day(now)):
        grant_demo_mandate(signatory, post, body("ubnd-tp"), now=now)


@pytest.fixture
def application_of(officer) -> Callable[..., tuple[Application, Secret]]:
    def registered(username: str, *scopes: str) -> tuple[Application, Secret]:
        who, now = officer(username), timezone.now()
        return register_application(
            name="Phần mềm một cửa",
            scopes=scopes or [one.value for one in scopes_of_role(who.post.role)],
            expires_at=now + timedelta(days=30),
            officer=who,
            now=now,
        )

    return registered


class Caller(Client):
    """A client that speaks JSON and carries a token."""

    def __init__(self, token: str) -> None:
        super().__init__(headers={"Authorization": f"Bearer {token}"})

    def ask(self, path: str, **more: Any) -> Any:
        return self.get(f"/api/v1{path}", **more)

    def act(self, path: str, given: Any = None, *, method: str = "POST", **more: Any) -> Any:
        body = "" if given is None else json.dumps(given)
        return self.generic(method, f"/api/v1{path}", body, content_type="application/json", **more)


@pytest.fixture
def calling(application_of) -> Callable[..., Caller]:
    def of(username: str, *scopes: str) -> Caller:
        return Caller(application_of(username, *scopes)[1].text)

    return of
