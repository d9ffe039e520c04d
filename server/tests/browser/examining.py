"""What every page must hold to: axe finds nothing, and nothing runs off a narrow screen.

The scripts are given to the page over Chromium's own protocol, so that the page keeps its real
Content-Security-Policy.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import CDPSession, Page

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core@4.14.1" / "axe.min.js"
TABLET = {"width": 768, "height": 1024}
PHONE = {"width": 390, "height": 1100}
ZOOMED = {"width": 320, "height": 256}  # a desk's screen at 400 % (WCAG 1.4.10)
DESKTOP = {"width": 1280, "height": 960}

# What a page is made of, however many rows its lists have.
_PARTS = """[...new Set([...document.querySelectorAll('body *')].map(one =>
  [one.parentElement, one].map(it => it.tagName + '.' + it.className + '/' + it.role).join('>')
  + [...one.attributes].map(it => it.name).sort().join()))]"""
_NAMELESS = r"(document.querySelector('main')?.innerText ?? '').match(/\S+ object \(\d+\)/)?.[0]"
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Of what axe looks at, the theme changes colours alone: the second run asks for nothing else.
_VIOLATIONS = """(async () => {
  const words = found => found.violations.map(one => one.id + ': ' + one.help + ' at '
    + one.nodes.map(node => node.target.join(' ')).slice(0, 4).join(' | '));
  const options = {resultTypes: ['violations'], preload: false}, root = document.documentElement;
  const kept = root.dataset.theme;
  root.dataset.theme = 'light';
  const light = words(await axe.run(document, options));
  root.dataset.theme = 'dark';
  const dark = words(await axe.run(document, {...options, runOnly: ['color-contrast']}));
  if (kept) root.dataset.theme = kept; else delete root.dataset.theme;
  return [...light, ...dark.map(one => 'dark: ' + one)];
})()"""


class Examiner:
    """Examines a kind of page again when it shows what that kind never did; keeps what is wrong."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.sessions: dict[str, Any] = {}  # cookies of who has signed in, by user name
        self._seen: dict[str, set[str]] = {}

    def look_at(self, page: Page) -> None:
        if nameless := evaluate(page, _NAMELESS):
            self.faults.append(f"a row without words at {page.url}: {nameless}")
        kind = re.sub(r"\d+", "0", urlsplit(page.url).path)
        parts, seen = set(evaluate(page, _PARTS)), self._seen.setdefault(kind, set())
        if parts <= seen:
            return
        seen |= parts
        size = page.viewport_size
        where = f"{page.url} “{page.title()}”"
        self.faults += [f"axe, {where}: {one}" for one in violations(page)]
        page.set_viewport_size(ZOOMED)
        wider = wider_than_screen(page)
        if wider > 0:
            self.faults.append(f"{wider} px wider than a screen at 400 %: {where}")
        page.set_viewport_size(size)


def wider_than_screen(page: Page) -> int:
    """By how many CSS pixels the page has to be scrolled sideways."""
    return evaluate(page, _WIDER)


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands, in the light and in the dark."""
    evaluate(page, _axe(), by_value=False)
    return evaluate(page, _VIOLATIONS)


_sessions: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def evaluate(page: Page, expression: str, *, by_value: bool = True) -> Any:
    """The value of a script's expression; a promise's when it is kept."""
    session = _sessions.get(page) or page.context.new_cdp_session(page)
    _sessions[page] = session  # one that ends takes the page's virtual devices with it
    answer = session.send(
        "Runtime.evaluate",
        {"expression": expression, "awaitPromise": True, "returnByValue": by_value},
    )
    assert "exceptionDetails" not in answer, json.dumps(answer["exceptionDetails"])[:2000]
    return answer["result"].get("value")


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")
