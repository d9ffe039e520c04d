"""A person at a browser: finds things by what they are called, as people and readers do."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response, TimeoutError

from tests.browser.examining import DESKTOP, PHONE, Examiner, evaluate

COLOURS = 256
PASSWORD = "hue-2026"
PIN = "246810"
# Chromium writes every answer above 399 to the console; a refusal in words is such an answer.
_REFUSAL_ON_CONSOLE = "Failed to load resource: the server responded with a status of 4"


class Visitor:
    """One browser window; every page it comes to is examined, every request watched."""

    def __init__(self, page: Page, url: str, examiner: Examiner) -> None:
        self.page, self.url, self.examiner = page, url, examiner
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._complain(f"script error: {error}"))
        page.on("request", self._watch)
        page.on("response", self._check)

    # moving

    def open(self, path: str) -> "Visitor":
        self.page.goto(self.url + path)
        return self.arrive()

    def arrive(self) -> "Visitor":
        """A page has come: let it load, and examine it."""
        self.page.wait_for_load_state("load")
        self.examiner.look_at(self.page)
        return self

    def follow(self, name: str, *, exact: bool = True) -> "Visitor":
        """Follow the first link of that name; when not exact, the first that holds it."""
        return self._go(self.found("link", name, exact=exact))

    def press(self, name: str) -> "Visitor":
        return self._go(self.found("button", name))

    def come_in(self, username: str) -> "Visitor":
        """Be signed in: with the session that an earlier window got, if it still holds."""
        if kept := self.examiner.sessions.get(username):
            self.page.context.add_cookies(kept)
            self.open("/")
            if not self.path().startswith("/sign-in"):
                return self
        self.sign_in(username)
        self.examiner.sessions[username] = self.page.context.cookies()
        return self

    def sign_in(self, username: str, password: str = PASSWORD) -> "Visitor":
        """Sit down here in place of whoever did before, whose page asks for nothing more."""
        self.page.goto("about:blank")
        self.page.context.clear_cookies()
        self.open("/sign-in")
        self.fill("Tên đăng nhập", username)
        self.fill("Mật khẩu", password)
        return self.press("Đăng nhập")

    def download(self, name: str, *, exact: bool = True) -> bytes:
        with self.page.expect_download() as started:
            self.found("link", name, exact=exact).click()
        return Path(started.value.path()).read_bytes()

    # filling in

    def fill(self, label: str, text: str) -> None:
        self.field(label).fill(text)

    def choose(self, label: str, *parts: str) -> None:
        """Choose the one option whose words hold all parts."""
        box = self.field(label)
        options = box.locator("option").all_text_contents()
        found = [one for one in options if all(part in one for part in parts)]
        assert len(found) == 1, (label, parts, options)
        box.select_option(label=found[0].strip())

    def check(self, label: str, *, within: str = "", exact: bool = True) -> None:
        """Tick what is so called; within a group of choices where several hold the same."""
        self.tick(self.choice("checkbox", label, within, exact=exact))

    def pick(self, label: str) -> None:
        """One of several answers, of which one counts."""
        self.tick(self.choice("radio", label))

    def choice(self, role: Any, label: str, within: str = "", *, exact: bool = True) -> Locator:
        among = self.page.get_by_role("group", name=within) if within else self.page
        return among.get_by_role(role, name=label, exact=exact).first

    def tick(self, box: Locator) -> None:
        box.check()

    def unfold(self, words: str) -> None:
        """Open what is folded up under these words."""
        self.use(self.page.locator("summary").filter(has_text=words).first)

    def set_day(self, label: str, day: date) -> None:
        self.field(label).fill(day.isoformat())

    def to_place(self, name: str) -> "Visitor":
        """To a place in the frame, which a phone shows when asked."""
        menu = self.found("button", "Mở danh sách nơi làm việc")
        if menu.is_visible():
            self.use(menu)
        places = self.page.get_by_role("navigation", name="Nơi làm việc")
        link = places.get_by_role("link", name=re.compile(rf"^{re.escape(name)}\s*\d*$"))
        return self._go(link)

    def use(self, target: Locator) -> None:
        target.click()

    def upload(self, label: str, path: Path) -> None:
        self.field(label).set_input_files(path)

    # looking

    def found(self, role: Any, name: str, *, exact: bool = True) -> Locator:
        return self.page.get_by_role(role, name=name, exact=exact).first

    def field(self, label: str) -> Locator:
        """The field whose label begins so."""
        labelled = self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}"))
        return labelled.and_(self.page.locator("input, select, textarea"))

    def text(self) -> str:
        return self.page.get_by_role("main").inner_text()

    def alert(self) -> str:
        """The words of the page's refusal."""
        return self.page.get_by_role("alert").first.inner_text()

    def value(self, label: str) -> str:
        return self.field(label).input_value()

    def is_checked(self, label: str) -> bool:
        return self.page.get_by_role("checkbox", name=label, exact=True).is_checked()

    def path(self) -> str:
        return self.page.url.removeprefix(self.url).partition("#")[0]

    def wait_until(self, holds: Callable[["Visitor"], bool], *, seconds: float = 30) -> None:
        """Load the page again and again until the machine has brought something about."""
        for _ in range(int(seconds / 0.25)):
            if holds(self):
                self.arrive()
                return
            self.page.wait_for_timeout(250)
            self.page.reload()
        raise AssertionError(f"waited too long at {self.page.url}:\n{self.text()}")

    def photograph(self, folder: Path | None, name: str, *, from_heading: str = "") -> None:
        """Keep the page, from a heading of it on, as a phone and as a desk show it, by day and
        by night; without a folder nothing is kept."""
        if folder is None:
            return
        own_size = self.page.viewport_size
        assert own_size is not None
        for size in (PHONE, DESKTOP):
            self.page.set_viewport_size(size)
            evaluate(self.page, _PICTURES_LOADED)
            if from_heading:
                self.found("heading", from_heading).evaluate(
                    "it => it.scrollIntoView({behavior: 'instant'})"
                )
            for theme in ("light", "dark"):
                evaluate(self.page, f"document.documentElement.dataset.theme = '{theme}'")
                kept = folder / f"{name}-{'dark-' * (theme == 'dark')}{size['width']}.png"
                self.page.screenshot(path=kept)
                with Image.open(kept) as picture:
                    reduced = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
                reduced.save(kept, optimize=True)
        evaluate(self.page, "delete document.documentElement.dataset.theme")
        self.page.set_viewport_size(own_size)

    def _go(self, target: Locator) -> "Visitor":
        try:
            with self.page.expect_navigation():
                self.use(target)
        except TimeoutError as error:
            raise AssertionError(f"{error}\nat {self.page.url}:\n{self.text()}") from error
        return self.arrive()

    # watching

    def _complain(self, fault: str) -> None:
        self.examiner.faults.append(f"{fault}, at {self.page.url}")

    def _hear(self, message: ConsoleMessage) -> None:
        is_refusal = message.text.startswith(_REFUSAL_ON_CONSOLE)
        if message.type in ("error", "warning") and not is_refusal:
            self._complain(f"console {message.type}: {message.text}")

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:")):
            self._complain(f"request to {request.url}")

    def _check(self, response: Response) -> None:
        # A form is refused by its page's answer, whoever sent it: the browser or a script.
        is_page = response.request.is_navigation_request() or response.request.method == "POST"
        if response.status >= (500 if is_page else 400):
            self._complain(f"{response.status} from {response.url}")
        policy = response.headers.get("content-security-policy", "")
        is_html = response.headers.get("content-type", "").startswith("text/html")
        if is_html and ("script-src 'self';" not in policy or "unsafe" in policy):
            self._complain(f"{response.url} comes with the policy “{policy}”")


_PICTURES_LOADED = """(async () => {
  await Promise.all([...document.images]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().top < innerHeight)
    .map(one => one.decode().catch(() => null)));
  const viewer = document.querySelector('.viewer');
  while (viewer?.offsetParent && !viewer.dataset.pages)
    await new Promise(next => setTimeout(next, 50));
  return true;
})()"""
