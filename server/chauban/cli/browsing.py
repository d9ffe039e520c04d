"""A person at a browser: signs in, looks at pages, sends the forms that are on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

import urllib3
from lxml import html

TIMEOUT_SECONDS = 30.0
REDIRECTS = (301, 302, 303)
Values = Mapping[str, str | list[str] | tuple[str, bytes]]


class BrowsingError(Exception):
    """Root of what a visit may end with."""


class ServerGone(BrowsingError):
    """The server ended the connection without an answer, or nobody listens."""


class ServerFailed(BrowsingError):
    """The server answered that it had failed (5xx)."""


class NotOffered(BrowsingError):
    """The page has no form for that act."""


@dataclass(frozen=True)
class Page:
    status: int
    url: str
    content: bytes

    @property
    def tree(self) -> html.HtmlElement:
        return html.fromstring(self.content, base_url=self.url)

    @property
    def text(self) -> str:
        return " ".join(self.tree.text_content().split())

    def form_to(self, action: str) -> html.FormElement | None:
        """The form whose own address, or whose button's, is that path."""
        for form in self.tree.forms:
            own = form.get("action") or urlsplit(self.url).path
            for button in form.xpath(".//button"):
                if form.method == "POST" and button.get("formaction", own) == action:
                    return form
        return None

    def offers(self, action: str) -> bool:
        return self.form_to(action) is not None


@dataclass
class Person:
    """Keeps cookies between calls, follows redirects, runs no scripts."""

    base: str
    username: str
    password: str
    cookies: dict[str, str] = field(default_factory=dict)
    pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(timeout=TIMEOUT_SECONDS, retries=False)
    )

    def sign_in(self) -> Page:
        page = self.get("/sign-in")
        return self.submit(page, "/sign-in", username=self.username, password=self.password)

    def get(self, path: str) -> Page:
        return self._call("GET", urljoin(self.base, path))

    def look(self, path: str) -> Page:
        """The page, after signing in where that is asked for."""
        page = self.get(path)
        if urlsplit(page.url).path == "/sign-in":
            self.sign_in()
            page = self.get(path)
        return page

    def submit(self, page: Page, action: str, **given: object) -> Page:
        """Fill in and send the form of a page. Raises: NotOffered, ServerGone."""
        form = page.form_to(action)
        if form is None:
            raise NotOffered(f"{action} on {page.url}: {page.text[:600]}")
        fields = [(name, value) for name, value in form.form_values() if name not in given]
        for name, value in given.items():
            fields += [(name, one) for one in value] if isinstance(value, list) else [(name, value)]
        return self._call("POST", urljoin(self.base, action), fields)

    def _call(self, method: str, url: str, fields: list[tuple[str, object]] | None = None) -> Page:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        try:
            answer = self.pool.request(method, url, fields=fields, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise ServerGone(url) from error
        for line in answer.headers.getlist("Set-Cookie"):
            self.cookies |= {name: it.value for name, it in SimpleCookie(line).items()}
        if answer.status in REDIRECTS:
            return self._call("GET", urljoin(url, answer.headers["Location"]))
        page = Page(answer.status, url, answer.data)
        if page.status >= 500:
            raise ServerFailed(f"{method} {url}: {page.status} {page.text[:2000]}")
        return page
