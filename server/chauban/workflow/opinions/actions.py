"""Asking for opinions on a draft, giving one, and saying what was taken in (Điều 10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotFound
from chauban.directory.models import Post, Role, Unit
from chauban.directory.rules import legal_day
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.workflow.errors import ChangedMeanwhile, SecretMarking
from chauban.workflow.models import Draft
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
from chauban.workflow.opinions.models import Opinion, OpinionRound
from chauban.workflow.rules import STATES_OF_OPINIONS, Step, secrecy_mark
from chauban.workflow.steps import require_step


@dataclass(frozen=True)
class Question:
    """What is asked about the newest version of a draft, of whom, until which day."""

    people: Sequence[Post]
    units: Sequence[Unit]
    due_on: date
    words: str = ""


@transaction.atomic
def ask_opinions(
    draft: Draft, question: Question, *, officer: Officer, now: datetime
) -> OpinionRound:
    """Ask people and units of the drafting agency about the draft's newest version.

    The draft goes on meanwhile if its author wants it to: nobody has to wait for answers.

    Raises:
        StepNotAllowed: the draft is not this officer's to ask about, or is approved.
        ChangedMeanwhile: the draft has moved on since it was read; nobody was asked.
        NobodyAsked, AskedHimself, AskedOutsideAgency, AskedAlready, UnitWithoutHead,
        DeadlineBeforeToday: what is wrong with the question.
        SecretMarking
    """
    require_step(draft, Step.ASK_OPINIONS, officer)
    _take(draft)
    version = draft.newest_version
    _require_askable(draft, question, officer=officer, day=legal_day(now))
    _require_unmarked(question.words, "question")
    asked = OpinionRound.objects.create(
        draft=draft,
        version=version,
        question=question.words.strip(),
        due_on=question.due_on,
        asked_by=officer.post,
        asked_at=now,
    )
    people = [Opinion(round=asked, post=post) for post in question.people]
    Opinion.objects.bulk_create(
        people + [Opinion(round=asked, unit=unit) for unit in question.units]
    )
    record(
        ActKind.OPINIONS_ASKED, on=draft, by=officer, at=now, digest=version.pages_id,
        version=version.number, asked=len(question.people) + len(question.units),
    )  # fmt: skip
    return asked


@transaction.atomic
def give_opinion(
    opinion: Opinion, *, stance: str, words: str = "", officer: Officer, now: datetime
) -> Opinion:
    """Answer, once, on the version that was asked about; late answers count as well.

    Raises:
        NotFound: he is not asked.
        OpinionGiven, OpinionNotAwaited
        OpinionWithoutWords: who comments or disagrees says why.
        SecretMarking
    """
    if stance != Opinion.Stance.AGREES and not words.strip():
        raise OpinionWithoutWords
    _require_unmarked(words, "opinion")
    if not Opinion.objects.asked_of(officer).filter(pk=opinion.pk).exists():
        raise NotFound(opinion.pk)
    is_awaited = opinion.round.draft.state in STATES_OF_OPINIONS
    # One guarded write: of two heads of a unit one answers.
    is_given = is_awaited and Opinion.objects.filter(
        pk=opinion.pk, stance="", withdrawn_at=None
    ).update(stance=stance, words=words.strip(), by=officer.post, at=now)
    opinion.refresh_from_db()
    if not is_given:
        raise OpinionGiven(opinion.at) if opinion.at else OpinionNotAwaited
    record(
        ActKind.OPINION_GIVEN, on=opinion.round.draft, by=officer, at=now, opinion=opinion.pk,
        stance=stance, version=opinion.round.version.number,
    )  # fmt: skip
    return opinion


@transaction.atomic
def withdraw_question(asked: OpinionRound, *, officer: Officer, now: datetime) -> OpinionRound:
    """Wait no longer for those who have not answered; they read the draft no more.

    Raises: StepNotAllowed, NothingAwaited.
    """
    require_step(asked.draft, Step.ASK_OPINIONS, officer)
    open_ones = asked.opinions.filter(stance="", withdrawn_at=None)
    amount = open_ones.update(withdrawn_at=now)
    if not amount:
        raise NothingAwaited
    record(
        ActKind.OPINIONS_WITHDRAWN, on=asked.draft, by=officer, at=now, round=asked.pk,
        withdrawn=amount,
    )  # fmt: skip
    return asked


@transaction.atomic
def settle_opinion(
    opinion: Opinion, *, outcome: str, explanation: str = "", officer: Officer, now: datetime
) -> Opinion:
    """Say what the newest version took in of an opinion, and why not the rest.

    Raises:
        StepNotAllowed
        NothingToSettle: no answer yet, or one without a word.
        NoNewerVersion: what is taken in stands in a later version than the one asked about.
        ExplanationMissing
        SecretMarking
    """
    draft = opinion.round.draft
    require_step(draft, Step.ASK_OPINIONS, officer)
    if not opinion.words:
        raise NothingToSettle
    newest, asked_about = draft.newest_version, opinion.round.version
    if outcome == Opinion.Outcome.NOT_TAKEN_IN:
        is_explained = True
    elif newest.number > asked_about.number:
        is_explained = outcome == Opinion.Outcome.PARTLY
    else:
        raise NoNewerVersion(asked_about.number)
    if is_explained and not explanation.strip():
        raise ExplanationMissing
    _require_unmarked(explanation, "explanation")
    opinion.outcome, opinion.explanation = outcome, explanation.strip()
    opinion.settled_in = newest
    opinion.save(update_fields=["outcome", "explanation", "settled_in"])
    record(
        ActKind.OPINION_SETTLED, on=draft, by=officer, at=now, opinion=opinion.pk,
        outcome=outcome, version=newest.number,
    )  # fmt: skip
    return opinion


def _take(draft: Draft) -> None:
    """Take the draft's row, so that nobody revises or approves it while people are asked."""
    as_read = Draft.objects.filter(pk=draft.pk, state=draft.state, changed_at=draft.changed_at)
    if not as_read.update(state=draft.state):
        current = Draft.objects.get(pk=draft.pk)
        raise ChangedMeanwhile(current.changed_at, current.get_state_display())


def _require_askable(draft: Draft, question: Question, *, officer: Officer, day: date) -> None:
    if not question.people and not question.units:
        raise NobodyAsked
    if question.due_on < day:
        raise DeadlineBeforeToday
    asked = Opinion.objects.filter(round__version=draft.newest_version, withdrawn_at=None)
    people = set(asked.values_list("post__person", flat=True))
    units = set(asked.values_list("unit", flat=True))
    for post in question.people:
        name = post.person.full_name
        if post.person_id == officer.post.person_id:
            raise AskedHimself
        if post.agency_id != draft.agency_id or not post.is_in_force(day):
            raise AskedOutsideAgency(name)
        if post.person_id in people:
            raise AskedAlready(name)
        people.add(post.person_id)
    heads = Post.objects.as_of(day).filter(role=Role.UNIT_HEAD, agency=draft.agency_id)
    for unit in question.units:
        if unit.agency_id != draft.agency_id or not unit.is_in_force(day):
            raise AskedOutsideAgency(unit.name)
        if unit.pk in units:
            raise AskedAlready(unit.name)
        if not heads.filter(unit=unit).exclude(person=officer.post.person_id).exists():
            raise UnitWithoutHead(unit.name)
        units.add(unit.pk)


def _require_unmarked(text: str, place: str) -> None:
    if mark := secrecy_mark(text):
        raise SecretMarking(mark, place)
