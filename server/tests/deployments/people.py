"""The people of one office, in a process of their own that may be killed at any statement.

What they have done stands in the office's database and nowhere else: after a restart they go on
from there. Clerks register and return what came at a browser; all else is done by the acts.
`python -m tests.deployments.people PLAN.json OFFICE URL`.
"""

import json
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chauban.cli.main import enter_server

if __name__ == "__main__":
    enter_server()

from django.db import DatabaseError, InterfaceError, close_old_connections

from chauban.cli.browsing import Person, ServerFailed, ServerGone
from chauban.directory.rules import legal_day
from chauban.exchange.models import Delivery
from chauban.registers.models import OutgoingDocument
from tests.databases import DEMO_PASSWORD
from tests.simulation.clerks import (
    NOT_FOR_US,
    Decide,
    Intent,
    Staff,
    answer_recalls,
    carry_out,
    decide,
    last_code,
    look_after_failures,
    staff_of,
    subject_of,
    take_back,
    work_off_inbox,
)

PAUSE_SECONDS = 0.3
SOON = timedelta(seconds=4)  # after its issue a document is recalled, or replaced
State = OutgoingDocument.State

log = logging.getLogger("chauban.people")


@dataclass(frozen=True)
class Due:
    """A document that is to be issued from then on."""

    intent: Intent
    at: datetime

    def as_dict(self) -> dict[str, object]:
        return {"intent": asdict(self.intent), "at": self.at.isoformat()}

    @classmethod
    def of(cls, kept: Mapping[str, dict[str, object]]) -> "Due":
        intent = kept["intent"]
        return cls(
            Intent(**{**intent, "recipients": tuple(intent["recipients"])}),
            datetime.fromisoformat(str(kept["at"])),
        )


@dataclass(frozen=True)
class Plan:
    """Who works where, and what is to be issued when."""

    agencies: Mapping[str, Sequence[str]]  # by office
    letters: Mapping[str, str]  # the file that a body sends, by its key
    due: Sequence[Due]

    def keep(self, path: Path) -> None:
        due = [one.as_dict() for one in self.due]
        path.write_text(
            json.dumps({"agencies": self.agencies, "letters": self.letters, "due": due}), "utf-8"
        )

    @classmethod
    def kept(cls, path: Path) -> "Plan":
        kept = json.loads(path.read_text("utf-8"))
        return cls(kept["agencies"], kept["letters"], [Due.of(one) for one in kept["due"]])


class People:
    """The staffs of one office's agencies; everything they do may be done again."""

    def __init__(self, plan: Plan, office: str, *, decide: Decide = decide) -> None:
        day = legal_day(clock())
        self.plan, self.decide = plan, decide
        staffs = {
            name: [staff for key in keys if (staff := staff_of(key, day))]
            for name, keys in plan.agencies.items()
        }
        self.staffs = staffs[office]
        self.bodies = {
            key: body
            for some in staffs.values()
            for one in some
            for key, body in one.bodies.items()
        }
        self.home = {key: staff for staff in self.staffs for key in staff.bodies}

    def visit(self, now: datetime) -> int:
        """Do what is to be done now; return how much of it there was."""
        states = _states()
        done = sum(self._send(one, states, now) for one in self.plan.due)
        for staff in self.staffs:
            done += work_off_inbox(staff, now, decide=self.decide)
            done += answer_recalls(staff, now)
            done += look_after_failures(staff, now)
        return done

    def undone(self) -> int:
        """How many documents the senders have not brought yet to where they want them."""
        states = _states()
        ours = [one.intent for one in self.plan.due if one.intent.sender in self.home]
        wanted = {one.subject: State.RECALLED if one.is_recalled else State.ISSUED for one in ours}
        return sum(states.get(subject) != state for subject, state in wanted.items())

    def _send(self, due: Due, states: Mapping[str, str], now: datetime) -> bool:
        """Issue or recall a document whose time has come; whether there was something to do."""
        intent = due.intent
        staff, state = self.home.get(intent.sender), states.get(intent.subject)
        is_early = intent.replaces and states.get(subject_of(intent.replaces)) != State.ISSUED
        if staff is None or now < due.at or is_early:
            return False
        if state not in (State.ISSUED, State.RECALLED):
            letter = Path(self.plan.letters[intent.sender]).read_bytes()
            carry_out(intent, staff, self.bodies, now, letter=letter)
            return True
        if intent.is_recalled and state == State.ISSUED and now >= due.at + SOON:
            take_back(intent, staff, now)
            return True
        return False


def _states() -> dict[str, str]:
    return dict(OutgoingDocument.objects.values_list("subject", "state"))


def clock() -> datetime:
    return datetime.now(UTC)


def at_browser(url: str) -> Decide:
    """Clerks decide at their pages, each signed in by herself.

    What it returns raises ServerGone, ServerFailed, NotOffered.
    """
    clerks: dict[str, Person] = {}

    def decide(delivery: Delivery, staff: Staff, now: datetime) -> None:
        name, path = staff.clerk.user.username, f"/inbox/{delivery.pk}"
        clerk = clerks.setdefault(name, Person(url, name, DEMO_PASSWORD))
        page = clerk.look(path)
        if last_code(delivery.document_id, delivery.body.key) == "02":
            clerk.submit(page, f"{path}/return", reason=NOT_FOR_US)
        else:
            clerk.submit(page, f"{path}/accept")

    return decide


def work(plan: Plan, office: str, url: str) -> None:
    """Go about one's business until asked to end; database and pages may be away meanwhile."""
    people: People | None = None
    while True:
        close_old_connections()
        try:
            people = people or People(plan, office, decide=at_browser(url))
            done = people.visit(clock())
        except (DatabaseError, InterfaceError, ServerGone, ServerFailed) as away:
            log.warning("%s", away)
            done = 0
        except Exception:
            log.exception("people")
            done = 0
        if not done:
            time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    work(Plan.kept(Path(sys.argv[1])), *sys.argv[2:])
