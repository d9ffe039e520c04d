"""Which rule is chosen: properties that hold of all rules and documents."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from chauban.directory.working_days import is_working_day
from chauban.ui.matching import bare
from chauban.workflow.proposing import Condition, Facts, chosen, day_after, matches

WORDS = st.sampled_from(["đất đai", "ĐẤT", "ngân sách", "năm 2026", "", "Sở Tài chính", "H44"])
KINDS = st.sampled_from(["Công văn", "Quyết định", ""])
CONDITIONS = st.builds(Condition, sender=WORDS, kind_name=KINDS, words=WORDS)
FACTS = st.builds(
    Facts, sender_name=WORDS, sender_code=st.sampled_from(["H44", ""]), kind_name=KINDS,
    subject=st.lists(WORDS, max_size=3).map(" ".join),
)  # fmt: skip


@given(FACTS)
def test_a_rule_that_asks_nothing_is_always_met(facts):
    assert matches(Condition(), facts)


@given(CONDITIONS, FACTS)
def test_case_and_tone_marks_do_not_matter(condition, facts):
    plain = Facts(bare(facts.sender_name), facts.sender_code, bare(facts.kind_name),
                  facts.subject.upper())  # fmt: skip
    assert matches(condition, facts) == matches(condition, plain)


@given(st.lists(CONDITIONS, max_size=6), FACTS)
def test_the_chosen_one_is_met_and_none_that_is_met_asks_more(conditions, facts):
    place = chosen(conditions, facts)
    met = [one for one in conditions if matches(one, facts)]
    if place is None:
        assert not met
        return
    assert matches(conditions[place], facts)
    most = max(len(one.asked) for one in met)
    assert len(conditions[place].asked) == most
    assert not any(matches(one, facts) and len(one.asked) == most for one in conditions[:place])


@given(st.lists(CONDITIONS, max_size=4), CONDITIONS, FACTS)
def test_a_rule_that_is_not_met_changes_nothing(conditions, other, facts):
    if not matches(other, facts):
        assert chosen([*conditions, other], facts) == chosen(conditions, facts)


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(1, 20))
def test_a_deadline_is_a_working_day_that_many_after(day, amount):
    due = day_after(day, amount)
    assert is_working_day(due)
    between = (due - day).days
    days = [day.fromordinal(day.toordinal() + n) for n in range(1, between + 1)]
    assert sum(map(is_working_day, days)) == amount
