"""Two people at the same draft at the same moment: one acts, the other is told."""

import pytest

from chauban.directory.models import IssuingBody
from chauban.registers.models import OutgoingDocument, Series
from chauban.trust.demo import trust_demo_pki
from chauban.workflow import actions
from chauban.workflow.errors import ChangedMeanwhile, KeyInUse, StepNotAllowed
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.signing import claim_signature
from tests.moments import NOW
from tests.registers.test_concurrency import WORKERS, in_threads
from tests.workflow.offices import Office, entrust

TOLD = (ChangedMeanwhile, StepNotAllowed, KeyInUse)


@pytest.fixture
def busy_office(committed, authority, keystores, officer, world):
    entrust(IssuingBody.objects.get(key="ubnd-tp"), keystores, now=NOW)
    trust_demo_pki(authority, now=NOW)
    return Office(officer, world, NOW)


def told_or_done(act):
    def run(index):
        try:
            return act()
        except TOLD as refusal:
            return type(refusal)

    return in_threads(run)


def test_clerks_who_number_one_draft_at_once_take_one_number(busy_office):
    office = busy_office
    draft = office.sign(office.approved())

    def number():
        same = Draft.objects.get(pk=draft.pk)
        return actions.number_draft(same, officer=office.clerk, now=NOW).outgoing.number

    results = told_or_done(number)
    assert [it for it in results if isinstance(it, int)] == [1]
    assert len([it for it in results if it in TOLD]) == WORKERS - 1
    assert OutgoingDocument.objects.count() == Series.objects.get().last_number == 1


def test_confirmations_at_once_claim_the_key_once(busy_office):
    office = busy_office
    draft = office.approved()
    shown = draft.signing_copy.shown

    def claim():
        same = Draft.objects.get(pk=draft.pk)
        return claim_signature(same, shown=shown, officer=office.signatory, now=NOW)

    results = told_or_done(claim)
    assert sum(isinstance(it, KeyUse) for it in results) == 1
    assert KeyUse.objects.count() == 1
