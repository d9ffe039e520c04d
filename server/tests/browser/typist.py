"""A person at a browser without a mouse: every act by keys alone.

Wherever the focus comes, it must be seen, be called something, and be further down the page than
before: that is the order of reading (WCAG 2.1.1, 2.1.2, 2.4.3, 2.4.7, 4.1.2).
"""

from datetime import date
from typing import Any

from playwright.sync_api import Locator

from tests.browser.visitor import Visitor

MOST_STOPS = 250
SKIP = "Đến nội dung chính"
# Where the focus is, seen from the element that is looked for.
_FOCUS = """(wanted) => {
  const one = document.activeElement, before = window.focusedBefore;
  window.focusedBefore = one;
  if (one === document.body)
    return {isThere: false, words: '', isNamed: true, seen: true, onward: true};
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const labels = [...(one.labels || [])].map(it => it.innerText).join(' ');
  const by = (one.getAttribute('aria-labelledby') || '').split(' ')
    .map(id => document.getElementById(id)?.innerText || '').join(' ');
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
    && style.outlineColor !== 'rgba(0, 0, 0, 0)';
  const words = (one.getAttribute('aria-label') || by || labels || one.innerText || one.title
    || one.querySelector('img')?.alt || '').trim();
  return {isThere: one === wanted, words, isNamed: words !== '', html: one.outerHTML.slice(0, 200),
    seen: (outlined || style.boxShadow !== 'none' || one.closest('.sheet-head') !== null)
      && box.width > 0 && box.height > 0,
    onward: !before?.isConnected || before === document.body || before === one
      || Boolean(before.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING)};
}"""


class Typist(Visitor):
    """Does by keys what a Visitor does by clicks."""

    def fill(self, label: str, text: str) -> None:
        self._reach(self.field(label))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def set_day(self, label: str, day: date) -> None:
        """Type a day in the order in which this browser's field asks for it."""
        box = self.field(label)
        self._reach(box)
        for order in ("%m%d%Y", "%d%m%Y", "%Y%m%d"):
            for _ in range(3):  # back to the first of day, month and year
                self.page.keyboard.press("ArrowLeft")
            self.page.keyboard.type(f"{day:{order}}")
            if box.input_value() == day.isoformat():
                return
        raise AssertionError(f"“{label}” takes no day by keys: {box.input_value()}")

    def choose(self, label: str, *parts: str) -> None:
        box = self.field(label)
        options = box.locator("option").all_text_contents()
        (wanted,) = [n for n, one in enumerate(options) if all(it in one for it in parts)]
        self._reach(box)
        self.page.keyboard.press("Home")
        for _ in range(wanted):
            self.page.keyboard.press("ArrowDown")
        assert box.evaluate("it => it.selectedIndex") == wanted, (label, parts)

    def tick(self, box: Locator) -> None:
        if box.get_attribute("type") != "radio":
            self._reach(box)
            self.page.keyboard.press("Space")
        else:  # the arrows walk among the answers, Tab comes to the first
            first = self.page.locator(f"input[name='{box.get_attribute('name')}']").first
            self._reach(first)
            self.page.keyboard.press("Space")
            for _ in range(10):
                if box.is_checked():
                    break
                self.page.keyboard.press("ArrowDown")
        assert box.is_checked()

    def use(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Enter")

    def _go(self, target: Locator) -> "Visitor":
        self._reach(target)  # beforehand: skipping the frame is a navigation too
        return super()._go(target)

    def _reach(self, target: Locator) -> None:
        """Press Tab until the focus is on the target; at the head of a page, skip the frame."""
        target.wait_for()
        wanted = target.element_handle()
        focus, stops = wanted.evaluate(_FOCUS), []
        while not focus["isThere"]:
            if focus["words"] == SKIP and wanted.evaluate("it => Boolean(it.closest('main'))"):
                self.page.keyboard.press("Enter")
            self.page.keyboard.press("Tab")
            focus = wanted.evaluate(_FOCUS)
            stops.append(focus["words"])
            self._judge(focus)
            assert len(stops) < MOST_STOPS, f"no way by Tab at {self.page.url}: {stops}"

    def _judge(self, focus: dict[str, Any]) -> None:
        if not focus["isNamed"]:
            self._complain(f"the focus is on what has no name: {focus['html']}")
        if not focus["seen"]:
            self._complain(f"the focus cannot be seen on “{focus['words']}”")
        if not focus["onward"] and focus["words"] != SKIP:  # there it begins again
            self._complain(f"the focus goes back in the page, to “{focus['words']}”")
