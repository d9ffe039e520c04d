"""What a page weighs on the wire, as a real Chromium counts it: at the first visit and later."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from shutil import which
from typing import Any
from urllib.parse import urlsplit

from chauban.bench.crawling import Page

ARGUMENTS = ("--no-sandbox", "--disable-background-networking", "--disable-gpu", "--no-first-run")
# The document that a page shows, as a file or as pictures, and what draws it.
DOCUMENT = re.compile(r"/pdfjs[@/]|^/pages/|\.pdf$|/files/\d+$|/ui/viewer|thumbnail")
PATIENCE_MS = 120_000


class NoChromium(Exception):
    """Playwright or Debian's chromium is not installed."""


@dataclass(frozen=True)
class Weight:
    """Bytes that travel, headers included; the document and its viewer stand apart."""

    first_bytes: int
    later_bytes: int
    document_bytes: int


def weigh(
    url: str, pages: Sequence[Page], sessions: Mapping[str, str]
) -> Iterator[tuple[Page, Weight]]:
    """Raises: NoChromium."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise NoChromium("playwright is not installed") from error
    chromium = which("chromium")
    if chromium is None:
        raise NoChromium("no chromium on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        for page in pages:
            context = browser.new_context(locale="vi-VN", service_workers="block")
            if session := sessions.get(page.username):
                context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
            tab = context.new_page()
            first, document = _weight_of_visit(tab, url + page.path)
            later, _ = _weight_of_visit(tab, url + page.path)
            yield page, Weight(first, later, document)
            context.close()
        browser.close()


def _weight_of_visit(tab: Any, address: str) -> tuple[int, int]:
    """The bytes of what the page asks for, and apart from them those of the document shown."""
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session = tab.context.new_cdp_session(tab)
    session.on(
        "Network.requestWillBeSent",
        lambda event: addresses.update({event["requestId"]: event["request"]["url"]}),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])}),
    )
    session.send("Network.enable")
    tab.goto("about:blank")
    addresses.clear()
    sizes.clear()
    tab.goto(address, wait_until="networkidle", timeout=PATIENCE_MS)
    session.detach()
    document = sum(
        size
        for request, size in sizes.items()
        if DOCUMENT.search(urlsplit(addresses.get(request, "")).path)
    )
    return sum(sizes.values()) - document, document
