"""What a person is shown before one confirmation over several documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from chauban.accounts.officers import Officer
from chauban.directory.models import IssuingBody, Role
from chauban.directory.rules import legal_day
from chauban.trust.errors import MandateError, NoUsableCertificate
from chauban.trust.models import Certificate, Custody
from chauban.trust.rules import require_mandate
from chauban.ui.words import Words
from chauban.workflow.batches.forms import ChoiceForm
from chauban.workflow.batches.models import Batch, BatchItem
from chauban.workflow.models import Draft, SigningCopy
from chauban.workflow.rules import MOST_IN_BATCH, Step, open_steps
from chauban.workflow.steps import standings_of
from chauban.workflow.waiting import Waiting, waiting_of
from chauban.workflow.words import explain

STEPS = {
    Batch.Purpose.SIGN: (Step.SIGN,),
    Batch.Purpose.SEAL: (Step.NUMBER, Step.SEAL),
}


@dataclass(frozen=True)
class Sheet:
    """One document as the page shows it: its pages, and why it may not be acted on, if so."""

    draft: Draft
    form: ChoiceForm
    refusal: Words | None
    waiting: Waiting | None

    @property
    def copy(self) -> SigningCopy:
        return self.draft.signing_copy

    @property
    def page_numbers(self) -> range:
        return range(1, len(self.copy.page_digests) + 1)


@dataclass(frozen=True)
class Key:
    """The key that a batch would use: one certificate, or why there is none."""

    certificate: Certificate | None
    refusal: Words | None = None

    @property
    def custody(self) -> str:
        return self.certificate.custody if self.certificate else ""

    @property
    def asks_pin(self) -> bool:
        return self.custody in (Custody.KEYSTORE, Custody.DEVICE, Custody.REMOTE)

    @property
    def signs_many(self) -> bool:
        """Not a program at the holder's own machine: it is handed one document after the other."""
        return self.certificate is not None and self.custody != Custody.PLUGIN


def awaiting(officer: Officer, purpose: Batch.Purpose) -> "QuerySet[Draft]":
    """What waits for the officer, the most urgent first, as the lists of his desk have it."""
    return (
        Draft.objects.awaiting(officer, *STEPS[purpose])
        .for_page()
        .select_related("mandate__post", "mandate__body", "mandate__parent__post", "signing_copy")
        .prefetch_related("recipients")
        .order_by("-priority", "changed_at")
    )


def bodies_of(officer: Officer) -> "QuerySet[IssuingBody]":
    """The bodies whose seal waits for the clerk: each has a key of its own."""
    waiting = Draft.objects.awaiting(officer, *STEPS[Batch.Purpose.SEAL])
    return IssuingBody.objects.filter(pk__in=waiting.values("body")).order_by("pk")


def key_for(
    officer: Officer, purpose: Batch.Purpose, body: IssuingBody | None, *, now: datetime
) -> Key:
    try:
        if purpose == Batch.Purpose.SIGN:
            return Key(Certificate.objects.of_person(officer.person, at=now))
        if body is not None:
            return Key(Certificate.objects.seal_of(body, at=now))
    except NoUsableCertificate as missing:
        return Key(None, explain(missing))
    return Key(None)


def sheets(
    drafts: Sequence[Draft],
    purpose: Batch.Purpose,
    key: Key,
    *,
    officer: Officer,
    now: datetime,
    given: QueryDict | None = None,
    preset: Mapping[int, str] = {},
) -> list[Sheet]:
    return [
        _sheet(draft, turn, purpose, key, officer, now, given, preset)
        for turn, draft in enumerate(drafts[:MOST_IN_BATCH], 1)
    ]


def sent(officer: Officer, keys: Sequence[str]) -> list[Draft]:
    """The drafts of a page that is sent, also those that no longer wait: each is told its fate."""
    wanted = [int(key) for key in keys if key.isdecimal() and len(key) < 19][:MOST_IN_BATCH]
    known = Q(mandate__person=officer.person)
    if officer.post.role == Role.CLERK:
        known |= Q(body__agency=officer.agency_id)
    found = {
        draft.pk: draft
        for draft in Draft.objects.for_page()
        .select_related("mandate__post", "mandate__body", "mandate__parent__post", "signing_copy")
        .prefetch_related("recipients")
        .filter(known, pk__in=wanted, signing_copy__isnull=False)
    }
    return [found[pk] for pk in dict.fromkeys(wanted) if pk in found]


def _sheet(
    draft: Draft,
    turn: int,
    purpose: Batch.Purpose,
    key: Key,
    officer: Officer,
    now: datetime,
    given: QueryDict | None,
    preset: Mapping[int, str],
) -> Sheet:
    refusal = _refusal(draft, purpose, officer, now)
    waiting = waiting_of(draft)
    is_held = waiting is not None and waiting.is_held
    may_act = key.signs_many and refusal is None and not is_held
    decision = preset.get(draft.pk, BatchItem.Decision.SKIP)
    form = ChoiceForm(
        given,
        prefix=f"d{draft.pk}",
        purpose=purpose,
        # What was sent is taken as it is: the act itself refuses, by name.
        may_act=may_act or (given is not None and key.signs_many),
        may_return=Step.RETURN in open_steps(draft.state, standings_of(draft, officer))
        or given is not None,
        initial={
            "decision": decision if may_act else BatchItem.Decision.SKIP,
            "shown": draft.signing_copy.shown,
            "turn": turn,
        },
    )
    return Sheet(draft, form, refusal, waiting)


def _refusal(draft: Draft, purpose: Batch.Purpose, officer: Officer, now: datetime) -> Words | None:
    """Why the officer may not sign it, by the rule that forbids it; None where he may."""
    if purpose == Batch.Purpose.SEAL:
        return None
    try:
        require_mandate(
            draft.mandate,
            person=officer.person,
            body=draft.body,
            kind=draft.kind,
            day=legal_day(now),
        )
    except MandateError as refusal:
        return explain(refusal)
    return None


def decided(found: Sequence[Sheet]) -> dict[str, Any]:
    """How many of the sheets are to be acted on, returned, left."""
    values = [sheet.form["decision"].value() for sheet in found]
    return {decision.name.lower(): values.count(decision) for decision in BatchItem.Decision}
