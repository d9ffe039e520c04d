"""The clerk of the scenario of outages: goes through her list at a browser and seals what she can.

She knows what her pages tell her and nothing else.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event, Thread

from chauban.cli.browsing import Page, Person, ServerGone
from chauban.trust.demo import DEMO_PIN
from chauban.workflow.waiting import Missing

LIST = "/desk/number"
PAGE_ROWS = 40
HELD = (Missing.TIMESTAMP, Missing.REVOCATION)
PAUSE_SECONDS = 1.0


class Outcome(StrEnum):
    SEALED = "sealed"
    HELD = "held"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"  # the server ended meanwhile; the page will tell


@dataclass(frozen=True)
class Attempt:
    """One confirmation of hers: under which outage, and what the page said then."""

    draft: int
    outage: str
    outcome: Outcome
    missing: str  # what the page said was missing


@dataclass
class Clerk:
    """Runs in a thread of its own until her list is empty, or she is told to end."""

    person: Person
    outage: str = ""  # what is down, for the record
    rounds: int = 0  # how often she has gone through her list
    attempts: list[Attempt] = field(default_factory=list)
    states_seen: set[str] = field(default_factory=set)  # in her list
    failure: str = ""
    ended: Event = field(default_factory=Event)

    def start(self) -> Thread:
        thread = Thread(target=self._work, name="clerk", daemon=True)
        thread.start()
        return thread

    def _work(self) -> None:
        try:
            while not self.ended.is_set():
                try:
                    rows = list(self._rows())
                    if not rows:
                        return
                    for draft, state in rows:
                        if not self.ended.is_set():
                            self._deal_with(draft, state)
                    self.rounds += 1
                except ServerGone:
                    pass
                time.sleep(PAUSE_SECONDS)
        except Exception as problem:  # told to who waits for her
            self.failure = f"{type(problem).__name__}: {problem}"

    def _rows(self) -> Iterator[tuple[int, str]]:
        """The drafts of her list, each with the state that stands beside it."""
        seen: set[int] = set()
        for number in range(1, 1000):
            links = self.person.look(f"{LIST}?page={number}").tree.xpath('//ul[@class="rows"]//a')
            rows = {int(link.get("href").rpartition("/")[2]): _state(link) for link in links}
            new = rows.keys() - seen
            yield from ((draft, rows[draft]) for draft in rows if draft in new)
            seen |= new
            if len(rows) < PAGE_ROWS or not new:
                return

    def _deal_with(self, draft: int, state: str) -> None:
        self.states_seen.add(state)
        if state in (str(missing.label) for missing in HELD):
            return
        page = self.person.look(f"/drafts/{draft}")
        if not self._issue(page) and page.tree.xpath(f'//a[@href="/drafts/{draft}/seal"]'):
            self._seal(draft)

    def _seal(self, draft: int) -> None:
        form, outage = f"/drafts/{draft}/seal", self.outage
        page = self.person.look(form)
        if not page.offers(form):
            return
        try:
            answer = self.person.submit(page, form, pin=DEMO_PIN)
        except ServerGone:
            self.attempts.append(Attempt(draft, outage, Outcome.NO_ANSWER, ""))
            raise
        missing = str(answer.tree.xpath("string(//@data-waiting)"))
        if answer.status != 200:
            refusal = str(answer.tree.xpath('string(//*[contains(@class, "banner-bad")])'))
            answer = self.person.look(f"/drafts/{draft}")
            missing = str(answer.tree.xpath("string(//@data-waiting)")) or refusal.strip()
            outcome = Outcome.REFUSED
        else:
            outcome = Outcome.HELD if missing else Outcome.SEALED
        self.attempts.append(Attempt(draft, self.outage or outage, outcome, missing))
        self._issue(answer)

    def _issue(self, page: Page) -> bool:
        for form in page.tree.forms:
            if re.fullmatch(r"/outgoing/\d+/issue", form.get("action") or ""):
                self.person.submit(page, form.get("action"))
                return True
        return False


def _state(link: object) -> str:
    return " ".join(link.xpath('string(.//*[@class="state"])').split())  # type: ignore[attr-defined]
