"""Dated rule sets: which kinds, copies and layout hold on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chauban_docform.errors import NoRuleSet
from chauban_docform.kinds import COPY_KINDS, KINDS, CopyKind, Kind
from chauban_docform.layouts import LAYOUT_ND30_2020, Layout


@dataclass(frozen=True)
class RuleSet:
    """Rules in force from `valid_from` (first day in) to `valid_to` (first day out, None = open).

    Days are legal days of Việt Nam (UTC+7).
    """

    code: str
    source: str
    valid_from: date
    valid_to: date | None
    kinds: Mapping[str, Kind]
    copy_kinds: Mapping[str, CopyKind]
    layout: Layout
    subject_limit: int

    def is_in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


ND30_2020 = RuleSet(
    code="nd30_2020",
    source="Nghị định 30/2020/NĐ-CP",
    valid_from=date(2020, 3, 5),
    valid_to=None,
    kinds=KINDS,
    copy_kinds=COPY_KINDS,
    layout=LAYOUT_ND30_2020,
    # PL VI B.I field 5, trích yếu: 500 characters.
    subject_limit=500,
)

RULE_SETS: tuple[RuleSet, ...] = (ND30_2020,)


def rules_on(day: date) -> RuleSet:
    """Return the rule set in force on a legal day of Việt Nam.

    Raises:
        NoRuleSet: none of ours covers that day.
    """
    for rules in RULE_SETS:
        if rules.is_in_force(day):
            return rules
    raise NoRuleSet(day)
