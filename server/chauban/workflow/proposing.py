"""Whom to propose an incoming document to: the rule that asks most of it and is met.

From plain values: no database, no clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chauban.directory.working_days import next_working_day
from chauban.ui.matching import bare, is_match


@dataclass(frozen=True)
class Facts:
    """What an incoming document says of itself."""

    sender_name: str
    sender_code: str
    kind_name: str
    subject: str


@dataclass(frozen=True)
class Condition:
    """What a rule asks; blank asks nothing. Case and tone marks do not matter."""

    sender: str = ""  # every word of the sender's name, or its code
    kind_name: str = ""
    words: str = ""  # every word, in the subject

    @property
    def asked(self) -> tuple[str, ...]:
        return tuple(it for it in (self.sender, self.kind_name, self.words) if it)


def matches(condition: Condition, facts: Facts) -> bool:
    """Whether everything that the condition asks holds of the document."""
    is_code = bool(facts.sender_code) and condition.sender.strip() == facts.sender_code
    is_sender = is_code or is_match(condition.sender, facts.sender_name)
    is_kind = not condition.kind_name or bare(condition.kind_name) == bare(facts.kind_name)
    return is_sender and is_kind and is_match(condition.words, facts.subject)


def chosen(conditions: Sequence[Condition], facts: Facts) -> int | None:
    """The place of the condition that is met and asks most, the earliest of several; or None."""
    met = [place for place, one in enumerate(conditions) if matches(one, facts)]
    return min(met, key=lambda place: (-len(conditions[place].asked), place), default=None)


def day_after(day: date, working_days: int) -> date:
    """The working day that many working days after day."""
    for _ in range(working_days):
        day = next_working_day(day)
    return day
