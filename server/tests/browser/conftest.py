"""What the browser's tests share.

`installation`   a province running on loopback, on the database that the run asks for
`visitor()`      a person at a browser window of his own: `visitor("van-thu.vp-ubnd")` has
                 signed in, with the session of an earlier test where there is one. After the
                 test no page may have had a fault: a violation found by axe in either theme, a
                 line on the console, a request to another host, a page too wide
`photographs`    the folder that screenshots go to, CHAUBAN_SCREENSHOTS; without it none are made
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from chauban.config.environment import Environment
from tests.browser.examining import DESKTOP, PHONE, Examiner
from tests.browser.installation import Installation, running
from tests.browser.visitor import Visitor

DATABASE = "browser"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
)
PATIENCE_MILLISECONDS = 15_000
Visiting = Callable[..., Visitor]


# First, since xdist reads the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def installation(
    template: Environment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    data = tmp_path_factory.mktemp("province")
    with _database(template) as url, running(data, database_url=url) as installation:
        yield installation


# Playwright keeps an event loop in the thread, and Django refuses to speak to a database beside
# one: what is started here must end with the package, before another test of the process.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(ARGUMENTS)
        )


@pytest.fixture(scope="package")
def examiner() -> Examiner:
    return Examiner()


@pytest.fixture
def visitor(
    installation: Installation, chromium: Browser, examiner: Examiner
) -> Iterator[Visiting]:
    windows = []

    def arrive(
        username: str = "",
        *,
        phone: bool = False,
        size: ViewportSize = DESKTOP,
        hand: type[Visitor] = Visitor,
        **options: Any,
    ) -> Visitor:
        context = chromium.new_context(
            viewport=PHONE if phone else size,
            is_mobile=phone,
            has_touch=phone,
            locale="vi-VN",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        windows.append(context)
        one = hand(context.new_page(), installation.url, examiner)
        return one.come_in(username) if username else one

    yield arrive
    for context in windows:
        context.close()
    faults, examiner.faults = examiner.faults, []
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="session")
def photographs() -> Path | None:
    given = os.environ.get("CHAUBAN_SCREENSHOTS")
    if given:
        Path(given).mkdir(parents=True, exist_ok=True)
    return Path(given) if given else None


@contextmanager
def _database(template: Environment) -> Iterator[str]:
    """An empty database beside the template's: its URL, or nothing for SQLite."""
    if not template.database_url:
        yield ""
        return
    server, _, name = template.database_url.rpartition("/")
    with psycopg.connect(f"{server}/{name}", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{DATABASE}"')
        yield f"{server}/{DATABASE}"
        connection.execute(f'DROP DATABASE "{DATABASE}" WITH (FORCE)')
