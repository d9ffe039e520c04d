"""Opinions asked on a version of a draft, given, and taken in (Điều 10; PL VI III.1)."""

from datetime import timedelta

import pytest

from chauban.accounts.rights import NotFound
from chauban.directory.models import Post, Unit
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.workflow import actions, drafting
from chauban.workflow.access import access_blob, access_draft
from chauban.workflow.errors import ChangedMeanwhile, SecretMarking, StepNotAllowed
from chauban.workflow.models import Draft
from chauban.workflow.opinions.access import (
    access_asked_file,
    access_opinion,
    access_round,
    awaited_rounds,
)
from chauban.workflow.opinions.actions import (
    Question,
    ask_opinions,
    give_opinion,
    settle_opinion,
    withdraw_question,
)
from chauban.workflow.opinions.errors import (
    AskedAlready,
    AskedHimself,
    AskedOutsideAgency,
    DeadlineBeforeToday,
    ExplanationMissing,
    NobodyAsked,
    NoNewerVersion,
    NothingAwaited,
    NothingToSettle,
    OpinionGiven,
    OpinionNotAwaited,
    OpinionWithoutWords,
    UnitWithoutHead,
)
from chauban.workflow.opinions.models import Opinion
from tests.moments import NOW

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
AGREES, COMMENTS, DISAGREES = Opinion.Stance.values
TAKEN_IN, PARTLY, NOT_TAKEN_IN = Opinion.Outcome.values


@pytest.fixture
def draft(office):
    return office.drafted()


@pytest.fixture
def colleague(officer):
    """Somebody of the agency who has nothing to do with the draft."""
    return officer("the-thuc.vp-ubnd")


@pytest.fixture
def unit(office):
    return office.unit_head.post.unit


def question(*people, units=(), days=3, words=""):
    return Question([one.post for one in people], units, TODAY + timedelta(days=days), words)


@pytest.fixture
def asked(office, draft, colleague):
    """The colleague's opinion is asked about the first version."""
    found = ask_opinions(
        draft, question(colleague, words="Thời hạn?"), officer=office.author, now=NOW
    )
    return found.opinions.get()


def revised(office, draft, subject="Bản đã tiếp thu"):
    return drafting.revise_draft(
        Draft.objects.get(pk=draft.pk),
        office.written(subject=subject),
        officer=office.author,
        now=NOW + timedelta(hours=1),
    )


def given(opinion, by, stance=COMMENTS, words="Lùi thời hạn.", now=NOW):
    return give_opinion(opinion, stance=stance, words=words, officer=by, now=now)


def test_people_and_units_are_asked_about_the_newest_version(office, draft, colleague, unit):
    one = ask_opinions(
        draft, question(colleague, units=[unit], words="Khoản 2?"), officer=office.author, now=NOW
    )
    assert one.version == draft.newest_version
    assert [it.name for it in one.opinions.all()] == [colleague.person.full_name, unit.name]
    assert Opinion.objects.asked_of(colleague).open().count() == 1
    assert Opinion.objects.asked_of(office.unit_head).open().count() == 1
    assert list(awaited_rounds(office.author)) == [one]
    act = Act.objects.on(draft).get(kind=ActKind.OPINIONS_ASKED)
    assert act.digest == one.version.pages_id
    assert act.facts == {"version": 1, "asked": 2}
    draft.refresh_from_db()
    assert draft.state == Draft.State.DRAFTING


@pytest.mark.parametrize(
    ("step", "who"), [(0, "author"), (1, "unit_head"), (3, "office_head"), (3, "signatory")]
)
def test_whoever_has_the_draft_in_hand_asks(office, draft, colleague, step, who):
    way = (
        lambda: actions.submit_for_check(draft, officer=office.author, now=NOW),
        lambda: actions.check_content(draft, officer=office.unit_head, now=NOW),
        lambda: actions.check_layout(draft, officer=office.checker, now=NOW),
    )
    for go in way[:step]:
        go()
    officer = getattr(office, who)
    other = office.clerk
    assert ask_opinions(draft, question(other), officer=officer, now=NOW).pk
    with pytest.raises(StepNotAllowed):
        ask_opinions(draft, question(other), officer=office.checker, now=NOW)


def test_nobody_is_asked_about_an_approved_draft(office, colleague):
    draft = office.approved()
    for officer in (office.author, office.signatory):
        with pytest.raises(StepNotAllowed):
            ask_opinions(draft, question(colleague), officer=officer, now=NOW)


def test_who_asked_from_an_old_page_asks_nobody(office, draft, colleague):
    old = Draft.objects.get(pk=draft.pk)
    revised(office, draft)
    with pytest.raises(ChangedMeanwhile):
        ask_opinions(old, question(colleague), officer=office.author, now=NOW)
    assert not Opinion.objects.exists()


def test_what_is_wrong_with_a_question(office, officer, draft, colleague, unit):
    def refused(asked, error, by=office.author):
        with pytest.raises(error):
            ask_opinions(draft, asked, officer=by, now=NOW)
        assert not Opinion.objects.exists()

    refused(question(), NobodyAsked)
    refused(question(office.author), AskedHimself)
    refused(question(officer("chuyen-vien.so-tai-chinh")), AskedOutsideAgency)
    strange = Unit.objects.exclude(agency=draft.agency).first()
    refused(question(units=[strange]), AskedOutsideAgency)
    refused(question(colleague, colleague), AskedAlready)
    refused(question(units=[unit, unit]), AskedAlready)
    refused(question(units=[unit]), UnitWithoutHead, by=office.unit_head)
    refused(question(colleague, days=-1), DeadlineBeforeToday)
    refused(question(colleague, words="TỐI MẬT"), SecretMarking)
    assert ask_opinions(draft, question(colleague, days=0), officer=office.author, now=NOW).pk


def test_a_unit_whose_head_has_left_is_not_asked(office, draft, unit):
    Post.objects.filter(unit=unit, role="unit-head").update(valid_to=TODAY)
    with pytest.raises(UnitWithoutHead):
        ask_opinions(draft, question(units=[unit]), officer=office.author, now=NOW)


def test_a_second_round_is_on_the_next_version(office, draft, asked, colleague):
    draft.refresh_from_db()
    with pytest.raises(AskedAlready):
        ask_opinions(draft, question(colleague), officer=office.author, now=NOW)
    newer = revised(office, draft)
    second = ask_opinions(newer, question(colleague), officer=office.author, now=NOW)
    assert (asked.round.version.number, second.version.number) == (1, 2)


def test_an_opinion_is_given_once_on_the_version_that_was_asked_about(
    office, draft, asked, colleague
):
    revised(office, draft)
    given(asked, colleague, stance=DISAGREES)
    assert (asked.stance, asked.words, asked.by) == (DISAGREES, "Lùi thời hạn.", colleague.post)
    act = Act.objects.on(draft).get(kind=ActKind.OPINION_GIVEN)
    assert act.facts == {"opinion": asked.pk, "stance": DISAGREES, "version": 1}
    with pytest.raises(OpinionGiven):
        given(asked, colleague, stance=AGREES)
    asked.refresh_from_db()
    assert asked.stance == DISAGREES
    assert not Opinion.objects.asked_of(colleague).open().exists()


@pytest.mark.parametrize("stance", [COMMENTS, DISAGREES])
def test_who_comments_or_disagrees_says_what(asked, colleague, stance):
    with pytest.raises(OpinionWithoutWords):
        given(asked, colleague, stance=stance, words=" ")
    assert given(asked, colleague, stance=AGREES, words="").stance == AGREES


def test_an_answer_after_its_day_counts_and_a_secret_one_does_not(asked, colleague):
    late = NOW + timedelta(days=30)
    with pytest.raises(SecretMarking):
        given(asked, colleague, words="Mật", now=late)
    assert given(asked, colleague, now=late).at == late


def test_only_who_is_asked_answers(office, draft, asked, unit, officer):
    with pytest.raises(NotFound):
        given(asked, office.clerk)
    draft.refresh_from_db()
    of_unit = ask_opinions(draft, question(units=[unit]), officer=office.author, now=NOW)
    opinion = of_unit.opinions.get()
    with pytest.raises(NotFound):
        given(opinion, office.author)
    assert given(opinion, office.unit_head).by == office.unit_head.post


def test_a_withdrawn_question_is_neither_answered_nor_read(office, draft, asked, colleague):
    assert access_opinion(colleague, asked.pk)
    draft.refresh_from_db()
    withdraw_question(asked.round, officer=office.author, now=NOW)
    with pytest.raises(OpinionNotAwaited):
        given(asked, colleague)
    with pytest.raises(NotFound):
        access_opinion(colleague, asked.pk)
    with pytest.raises(NothingAwaited):
        withdraw_question(asked.round, officer=office.author, now=NOW)
    assert Act.objects.on(draft).filter(kind=ActKind.OPINIONS_WITHDRAWN).count() == 1
    again = ask_opinions(draft, question(colleague), officer=office.author, now=NOW)
    assert again.opinions.get().is_open


def test_only_who_has_the_draft_in_hand_withdraws_and_settles(office, asked, colleague):
    given(asked, colleague)
    for act in (
        lambda: withdraw_question(asked.round, officer=colleague, now=NOW),
        lambda: settle_opinion(
            asked, outcome=NOT_TAKEN_IN, explanation="Vì.", officer=colleague, now=NOW
        ),
    ):
        with pytest.raises(StepNotAllowed):
            act()
    assert settle_opinion(
        asked, outcome=NOT_TAKEN_IN, explanation="Vì.", officer=office.author, now=NOW
    )


def test_who_is_asked_reads_that_version_and_what_lay_with_it_and_no_more(
    office, draft, colleague, a_pdf
):
    lay = office.attach(draft, "Trước.pdf", a_pdf)
    draft.refresh_from_db()
    asked = ask_opinions(
        draft, question(office.clerk), officer=office.author, now=NOW
    ).opinions.get()
    newer = revised(office, draft)
    came_later = office.attach(newer, "Sau.pdf", a_pdf, now=NOW + timedelta(hours=2))
    first, second = (it.pages_id for it in newer.versions.all())
    assert access_blob(office.clerk, first)
    assert access_asked_file(office.clerk, asked.pk, lay.pk) == lay
    for refused in (
        lambda: access_blob(office.clerk, second),
        lambda: access_draft(office.clerk, draft.pk),
        lambda: access_asked_file(office.clerk, asked.pk, came_later.pk),
        lambda: access_round(office.clerk, asked.round_id),
        lambda: access_opinion(colleague, asked.pk),
        lambda: access_blob(colleague, first),
    ):
        with pytest.raises(NotFound):
            refused()


def test_once_the_draft_is_approved_only_who_has_answered_still_reads_it(office, draft, officer):
    people = office.clerk, officer("chanh-vp.vp-ubnd")
    found = ask_opinions(draft, question(*people), officer=office.author, now=NOW)
    answered, silent = found.opinions.all()
    given(answered, office.clerk)
    draft.refresh_from_db()
    office.approved(draft=draft)
    assert access_opinion(office.clerk, answered.pk).words == "Lùi thời hạn."
    with pytest.raises(NotFound):
        access_opinion(people[1], silent.pk)
    silent.refresh_from_db()
    with pytest.raises(OpinionNotAwaited):
        given(Opinion.objects.get(pk=silent.pk), people[1])


def test_a_newer_version_says_what_it_took_in(office, draft, asked, colleague):
    with pytest.raises(NothingToSettle):
        settle_opinion(asked, outcome=TAKEN_IN, officer=office.author, now=NOW)
    given(asked, colleague)
    with pytest.raises(NoNewerVersion):
        settle_opinion(asked, outcome=TAKEN_IN, officer=office.author, now=NOW)
    newer = revised(office, draft)
    opinion = Opinion.objects.get(pk=asked.pk)
    for outcome in (PARTLY, NOT_TAKEN_IN):
        with pytest.raises(ExplanationMissing):
            settle_opinion(opinion, outcome=outcome, officer=office.author, now=NOW)
    with pytest.raises(SecretMarking):
        settle_opinion(
            opinion, outcome=PARTLY, explanation="Tuyệt mật", officer=office.author, now=NOW
        )
    settle_opinion(opinion, outcome=TAKEN_IN, officer=office.author, now=NOW)
    assert opinion.settled_in == newer.newest_version
    act = Act.objects.on(draft).get(kind=ActKind.OPINION_SETTLED)
    assert act.facts == {"opinion": opinion.pk, "outcome": TAKEN_IN, "version": 2}


def test_an_opinion_without_words_has_nothing_to_settle(office, draft, asked, colleague):
    given(asked, colleague, stance=AGREES, words="")
    revised(office, draft)
    with pytest.raises(NothingToSettle):
        settle_opinion(
            Opinion.objects.get(pk=asked.pk), outcome=TAKEN_IN, officer=office.author, now=NOW
        )
