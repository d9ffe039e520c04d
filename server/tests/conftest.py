"""What tests of the server share.

The database: `--database sqlite|postgresql`, or CHAUBAN_TEST_DATABASE; the same tests run on
both. It is made once, with Huế, its officers and their accounts in it; a test's changes are
rolled back.

`db` (pytest-django)   a transaction around the test, rolled back; also `mark.django_db`
`committed`            an installation of its own, with a copy of the database in which commits
                       are real: for threads, workers and processes (`databases.variables`).
                       Never `transactional_db`: its flush is what the journal refuses
`now`                  the moment that tests call now: `moments.NOW`, a working morning
`officer(username)`    whoever signs in under it: `officer("van-thu.vp-ubnd")`
`body(key)`            an issuing body: `body("ubnd-tp")`
`signed_in(username)`  a Django test client that carries the officer's session
`demo_pki`             the demo's certification authority in a folder, minted once
`pki_url`              where its services (OCSP, CRL, TSA) answer over HTTP; to them it is `NOW`
`trusted_pki`          the same authority, its root an anchor here and its services mapped by
                       settings; ask for `db` or `committed` before it
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from chauban.accounts.middleware import POST_IN_SESSION
from chauban.accounts.models import User
from chauban.accounts.officers import Officer
from chauban.accounts.querysets import posts_of
from chauban.bench import postgres
from chauban.config.environment import Environment
from chauban.directory.models import IssuingBody
from chauban.directory.rules import legal_day
from chauban.trust.demo import trust_demo_pki
from chauban_pki.demo.authority import DemoAuthority
from tests import databases
from tests.moments import NOW
from tests.services import serving


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default=os.environ.get("CHAUBAN_TEST_DATABASE", "sqlite"),
        help="the database that the server's tests run on",
    )


@pytest.hookimpl(trylast=True)  # after the groups are given
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups first: each is a long piece for one worker, which the short tests then fill up."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.getoption('--database')}"


@pytest.fixture(scope="session")
def template(request: pytest.FixtureRequest) -> Iterator[Environment]:
    """The installation that every test starts from."""
    folder = Path(tempfile.mkdtemp(prefix="chauban-database-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        if request.config.getoption("--database") == "sqlite":
            yield Environment(data=folder)
        else:
            url = stack.enter_context(postgres.server(folder))
            yield Environment(data=folder, database_url=f"{url}/postgres")


@pytest.fixture(scope="session")
def django_db_setup(template: Environment, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        databases.use(template)
        databases.fill()
        yield
        databases.close()


@pytest.fixture
def committed(
    request: pytest.FixtureRequest,
    template: Environment,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path: Path,
) -> Iterator[Environment]:
    if request.node.get_closest_marker("django_db"):
        pytest.fail("`committed` has its own database: leave out mark.django_db")
    with django_db_blocker.unblock(), databases.copy(template, tmp_path) as installation:
        databases.use(installation)
        yield installation
        databases.use(template)


@pytest.fixture(autouse=True)
def blob_folder(settings: Any, tmp_path: Path) -> Path:
    settings.BLOB_FOLDER = tmp_path / "blobs"
    return settings.BLOB_FOLDER


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def officer() -> Callable[[str], Officer]:
    def named(username: str, at: datetime = NOW) -> Officer:
        user = User.objects.select_related("person").get(username=username)
        return Officer(user, posts_of(user.pk, legal_day(at))[0])

    return named


@pytest.fixture
def body() -> Callable[[str], IssuingBody]:
    return lambda key: IssuingBody.objects.select_related("agency").get(key=key)


@pytest.fixture
def signed_in(officer: Callable[[str], Officer]) -> Callable[[str], Client]:
    def client_of(username: str) -> Client:
        who = officer(username)
        client = Client()
        client.force_login(who.user)
        session = client.session
        session[POST_IN_SESSION] = who.post_id
        session.update(proofs(who.user))
        session.save()
        return client

    return client_of


def proofs(user: User, *methods: str) -> dict[str, Any]:
    """What a session keeps of how its owner signed in: just now, with password and factor."""
    given = [{"method": one, "at": time.time()} for one in methods or ("password", "mfa")]
    return {
        "account_authentication_methods": given,
        "account_authentication_methods_user": str(user.pk),
    }


@pytest.fixture(scope="session")
def demo_pki(tmp_path_factory: pytest.TempPathFactory) -> DemoAuthority:
    return DemoAuthority.create(tmp_path_factory.mktemp("demo") / "pki", NOW - timedelta(days=1))


@pytest.fixture(scope="session")
def pki_url(demo_pki: DemoAuthority) -> Iterator[str]:
    with serving(demo_pki, lambda: NOW) as url:
        yield url


@pytest.fixture
def trusted_pki(demo_pki: DemoAuthority, pki_url: str, settings: Any) -> DemoAuthority:
    settings.ADDRESSES = demo_pki.trust(pki_url).addresses
    trust_demo_pki(demo_pki, now=NOW)
    return demo_pki
