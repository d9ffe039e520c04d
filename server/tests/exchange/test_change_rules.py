"""Who answers what about a recall; a recipient's statuses in any order (edxml.md 5.5, 6.3).

Two tables, and two state machines: one recipient's status and answers as the sender sees them,
and one document at a recipient, where what came is compared with the record of all that came.
"""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chauban.exchange.change_rules import (
    Answered,
    Difference,
    Request,
    Step,
    concerns,
    differences,
    is_undecided,
    may_answer,
    may_ask_again,
    may_refuse,
    on_recall,
    request_after,
    request_to,
)
from chauban.exchange.rules import status_after

ANSWERS = [
    # where the request stands, the status that comes, where it stands then, how it is recorded
    ("waiting", "15", "agreed", "moved"),
    ("waiting", "16", "refused", "moved"),
    ("waiting", "02", "agreed", "moved"),
    ("waiting", "03", "waiting", "noted"),
    ("undelivered", "15", "agreed", "moved"),
    ("undelivered", "16", "refused", "moved"),
    ("refused", "15", "agreed", "moved"),
    ("refused", "16", "refused", "late"),
    ("refused", "02", "agreed", "moved"),
    ("agreed", "15", "agreed", "late"),
    ("agreed", "02", "agreed", "late"),
    ("agreed", "16", "agreed", "conflict"),
    ("unsent", "15", "unsent", "conflict"),
    ("apart", "16", "apart", "conflict"),
    ("agreed", "13", "agreed", "noted"),
    ("waiting", "07", "waiting", "noted"),
]


@pytest.mark.parametrize(("request_", "code", "after", "effect"), ANSWERS)
def test_what_an_answer_makes_of_a_request(request_, code, after, effect):
    assert request_after(Request(request_), code) == Answered(Request(after), effect)


BEGINNINGS = [
    # on the axis, may have left, refused by the axis, status so far, where the request begins
    (True, True, False, "", "waiting"),
    (True, True, False, "03", "waiting"),
    (True, True, False, "06", "waiting"),
    (True, True, False, "02", "agreed"),
    (True, True, True, "", "unsent"),
    (True, False, False, "", "unsent"),
    (False, True, False, "", "apart"),
    (False, False, False, "", "unsent"),
]


@pytest.mark.parametrize(("axis", "left", "refused", "status", "begins"), BEGINNINGS)
def test_where_a_request_begins(axis, left, refused, status, begins):
    assert (
        request_to(
            is_on_axis=axis, may_have_left=left, is_refused_by_axis=refused, status_code=status
        )
        == begins
    )


RECALLS = [
    # the delivery, our answer so far, the same message again: what comes of the recall
    ("arrived", "", False, Step(withdraws=True, asks=True)),
    ("proposed", "", False, Step(withdraws=True, asks=True)),
    ("registered", "", False, Step(asks=True)),
    ("registered", "", True, Step(asks=True)),
    ("registered", "16", False, Step(asks=True)),
    ("registered", "16", True, Step(answers="16")),
    ("withdrawn", "15", False, Step(answers="15")),
    ("withdrawn", "15", True, Step(answers="15")),
    ("withdrawn", "", False, Step(asks=True)),
    ("returned", "", False, Step(answers="15")),
    ("", "", False, Step(asks=True)),
    ("", "15", True, Step(answers="15")),
    ("proposed", "15", False, Step(withdraws=True, answers="15")),
]


@pytest.mark.parametrize(("delivery", "answered", "repeat", "step"), RECALLS)
def test_what_a_recall_does_here(delivery, answered, repeat, step):
    assert on_recall(delivery, answered, is_repeat=repeat) == step


@pytest.mark.parametrize(
    ("answered", "agrees", "may"),
    [
        ("", True, True),
        ("", False, True),
        ("16", True, True),
        ("16", False, False),
        ("15", False, False),
        ("15", True, False),
    ],
)
def test_what_the_clerk_may_still_answer(answered, agrees, may):
    assert may_answer(answered, agrees=agrees) is may


def test_only_what_is_registered_is_kept_against_the_senders_will():
    assert [one for one in ("", "arrived", "proposed", "registered", "returned", "withdrawn")
            if may_refuse(one)] == ["registered"]  # fmt: skip


def test_facts_that_an_update_changes_are_named_in_the_order_of_the_form():
    before = {"subject": "A", "due_on": None, "priority": 0}
    after = {"subject": "B", "due_on": "2026-12-01", "priority": 0}
    assert differences(before, after) == [
        Difference("subject", "A", "B"),
        Difference("due_on", "", "2026-12-01"),
    ]


def test_a_replacement_concerns_those_it_names_or_everybody():
    header = {
        "concerns": [
            {"document_id": "1", "organ_ids": ["H57.41"]},
            {"document_id": "2", "organ_ids": ["H99"]},
            {"document_id": "3", "organ_ids": []},
        ]
    }
    assert [one["document_id"] for one in concerns(header, ["h57.41"])] == ["1", "3"]


RANKS = {"": 0, "01": 1, "03": 3, "04": 4, "05": 5, "06": 6}
CODES = st.sampled_from(["01", "02", "03", "04", "05", "06", "07", "13", "15", "16"])


class Recipient(RuleBasedStateMachine):
    """What one recipient reports, in any order and repeated, before and after we recall."""

    def __init__(self):
        super().__init__()
        self.status = ""
        self.request = None
        self.told, self.since = [], []
        self.rank = 0

    @rule(code=CODES)
    def report(self, code):
        before = self.status
        transition = status_after(before, code)
        self.status = transition.status_code
        self.told.append(code)
        if before in RANKS and self.status in RANKS:
            assert RANKS[self.status] >= RANKS[before], "a rank never falls"
        if code not in RANKS and code != "02":
            assert transition.effect in ("noted", "late"), "13, 15, 16, unknown ones"
            assert self.status == before
        if code == "02" and RANKS.get(before, 9) >= 3:
            assert transition.effect in ("conflict", "late"), "a refusal after an acceptance"
        if self.request is None or (code == "02" and transition.effect != "moved"):
            return
        was = self.request
        answered = request_after(was, code)
        self.request = answered.request
        if code in ("15", "16", "02"):
            self.since.append(code)
        if was == Request.AGREED:
            assert self.request == Request.AGREED, "15 is final"
        if answered.effect != "moved":
            assert self.request == was

    @precondition(lambda self: self.request is None)
    @rule()
    def recall(self):
        self.request = request_to(
            is_on_axis=True,
            may_have_left=True,
            is_refused_by_axis=False,
            status_code=self.status,
        )

    @precondition(lambda self: self.request is not None and may_ask_again(self.request))
    @rule()
    def ask_again(self):
        self.request = Request.WAITING
        self.since.clear()

    @rule()
    def repeat_the_last(self):
        """The same message once more; one that answered a request is known by its bytes."""
        if self.told:
            code = self.told[-1]
            assert status_after(self.status, code).status_code == self.status

    @invariant()
    def the_end_does_not_depend_on_the_order_of_answers(self):
        if self.request in (Request.WAITING, Request.REFUSED):
            assert not {"15", "02"} & set(self.since)
            assert (self.request == Request.REFUSED) == ("16" in self.since)

    @invariant()
    def a_status_is_the_highest_reported_or_a_refusal_that_came_before_it(self):
        ranked = [RANKS[code] for code in self.told if code in RANKS]
        if self.status == "02":
            first = self.told.index("02")
            assert not {"03", "04", "05", "06"} & set(self.told[:first])
        else:
            assert RANKS[self.status] == max(ranked, default=0)


class Document(RuleBasedStateMachine):
    """One document at a recipient: it comes, is recalled in any order, and the clerk acts."""

    def __init__(self):
        super().__init__()
        self.delivery, self.answer = "", ""
        self.asked, self.seen, self.owed = False, set(), []
        self.was_registered = False

    @precondition(lambda self: self.delivery == "")
    @rule()
    def arrive(self):
        self.delivery = "withdrawn" if self.asked else "arrived"

    @precondition(lambda self: self.delivery == "arrived")
    @rule()
    def assess(self):
        self.delivery = "proposed"

    @precondition(lambda self: self.delivery == "proposed")
    @rule(accepts=st.booleans())
    def decide(self, accepts):
        self.delivery = "registered" if accepts else "returned"
        self.was_registered = accepts

    @rule(message=st.integers(0, 3))
    def recalled(self, message):
        step = on_recall(self.delivery, self.answer, is_repeat=message in self.seen)
        assert step.asks != bool(step.answers), "a recall is asked about or answered"
        assert not (step.withdraws and self.delivery == "registered"), "the clerk alone decides"
        self.asked = True
        self.seen.add(message)
        if step.withdraws:
            self.delivery = "withdrawn"
        if step.asks:
            self.answer = ""
        if step.answers:
            self.owed.append(step.answers)
            self.answer = step.answers

    @precondition(lambda self: self.asked)
    @rule(agrees=st.booleans())
    def answer_it(self, agrees):
        if not may_answer(self.answer, agrees=agrees):
            return
        if not agrees and not may_refuse(self.delivery):
            return
        self.answer = "15" if agrees else "16"
        self.owed.append(self.answer)
        if agrees and self.delivery not in ("", "returned"):
            self.delivery = "withdrawn"

    @invariant()
    def nothing_recalled_waits_in_the_inbox(self):
        assert not (self.asked and is_undecided(self.delivery))

    @invariant()
    def what_was_agreed_to_is_not_in_use(self):
        if self.answer == "15":
            assert self.delivery != "registered"

    @invariant()
    def after_agreeing_no_refusal_is_sent(self):
        if "15" in self.owed:
            assert "16" not in self.owed[self.owed.index("15") :]

    @invariant()
    def what_is_refused_is_registered_and_in_use(self):
        if self.answer == "16":
            assert self.delivery == "registered"


TestRecipient = Recipient.TestCase
TestDocument = Document.TestCase
for machine in (TestRecipient, TestDocument):
    machine.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
