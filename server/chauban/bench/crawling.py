"""Finding the pages of a running system: by the links that its people find on them."""

import http.client
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin, urlsplit

LINKS = re.compile(r'\s(?:href|hx-get|data-live)="(/[^"]*)"')
EXAMPLES = 3  # of one kind of page for one person
PACKED = {"Accept-Encoding": "gzip"}
PATIENCE_SECONDS = 300.0  # a benchmark may be put to rest for a while


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def is_page(self) -> bool:
        return self.headers.get("content-type", "").startswith("text/html")

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass
class Browser:
    """A person's connection, kept open; or nobody's, without a session. It follows nothing."""

    port: int
    session: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> Answer:
        """As a browser does, once more where the server has closed the kept connection.

        Raises: OSError, HTTPException: no answer came.
        """
        cookie = {"Cookie": f"sessionid={self.session}"} if self.session else {}
        given = {**cookie, **self.headers, **headers}
        is_kept = self.connection is not None
        try:
            return self._asked(method, path, body, given)
        except (ConnectionError, http.client.BadStatusLine):
            if not is_kept:
                raise
            return self._asked(method, path, body, given)

    def _asked(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                "localhost", self.port, timeout=PATIENCE_SECONDS
            )
        began = time.perf_counter()
        try:
            self.connection.request(method, path, body=body, headers=headers)
            response = self.connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.connection = None
            error.add_note(f"asked for {path}")
            raise
        taken = time.perf_counter() - began
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, content, taken)


@dataclass(frozen=True)
class Page:
    view: str  # the full name of its address, such as "workflow:draft"
    username: str  # blank: nobody has signed in
    path: str


@dataclass(frozen=True)
class Found:
    pages: tuple[Page, ...]
    failed: tuple[Page, ...]  # those that answered 5xx
    refused: tuple[Page, ...]  # 4xx: links that lead nowhere for whom they are shown to


def crawl(browser: Browser, username: str, start: str = "/") -> Found:
    """Every kind of page that one person comes to from his home, some examples of each."""
    pages, failed, refused = [], [], []
    for page, answer in _visited(browser, username, start):
        if answer.status >= 500:
            failed.append(page)
        elif answer.status >= 400:
            refused.append(page)
        elif answer.status == 200 and answer.is_page:
            pages.append(page)
    return Found(tuple(pages), tuple(failed), tuple(refused))


def _visited(browser: Browser, username: str, start: str) -> Iterator[tuple[Page, Answer]]:
    waiting, known, seen = [start], {start}, Counter[str]()
    for path in waiting:
        view = view_at(path)
        if view is None or seen[view] >= EXAMPLES:
            continue
        seen[view] += 1
        answer = browser.get(path)
        yield Page(view, username, path), answer
        found = links_of(answer, path) if answer.is_page else []
        waiting += [one for one in found if one not in known]
        known.update(found)


def links_of(answer: Answer, at: str) -> list[str]:
    """The addresses of ours that a page leads to, each once; of a redirection its target."""
    named = [unescape(one) for one in LINKS.findall(answer.text)]
    if moved := answer.headers.get("location"):
        named.append(urljoin(at, moved))
    paths = (urlsplit(one).path for one in named)
    return list(dict.fromkeys(one for one in paths if not one.startswith("/static/")))


def view_at(path: str) -> str | None:
    from django.urls import Resolver404, resolve

    try:
        return resolve(path).view_name
    except Resolver404:
        return None
