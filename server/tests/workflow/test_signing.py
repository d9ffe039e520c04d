"""The signatory signs: mandate, pages, key, time-stamp; and what a crash leaves behind."""

from datetime import timedelta

import pytest

from chauban.blobs import store
from chauban.cli.doctor import keys as examine_keys
from chauban.directory.rules import HANOI
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.trust.actions import end_mandate
from chauban.trust.errors import (
    KeyLocked,
    MandateOutsidePeriod,
    NoUsableCertificate,
    WrongPIN,
)
from chauban.trust.models import Certificate
from chauban.workflow import actions, drafting
from chauban.workflow.errors import (
    ClaimLost,
    KeyInUse,
    PagesChanged,
    StepNotAllowed,
    TimestampPending,
)
from chauban.workflow.models import Draft, KeyUse, SigningCopy
from chauban.workflow.rules import COMPLETION_LEASE, PENDING_LIMIT, SIGNING_LEASE
from chauban.workflow.signing import claim_signature, settle_signature, sign_claimed
from chauban.workflow.tasks import complete_pending
from chauban_pades.assessing import assess
from chauban_pades.digests import page_digests
from tests.moments import NOW
from tests.workflow.offices import ProcessKilled

State = Draft.State
MINUTE = timedelta(minutes=1)


def stored(draft):
    return Draft.objects.get(pk=draft.pk)


def signed_pages(draft):
    return store.read(SigningCopy.objects.get(draft=draft).signed)


def signature_of(pdf, world):
    return next(
        it
        for it in assess(pdf, trust=world.at(NOW).trust, at=NOW).signatures
        if it.field == "signatory-1"
    )


def test_the_signatory_signs_the_pages_he_saw_at_level_b_t(office, world):
    draft = office.sign(office.approved())
    assert draft.state == State.SIGNED
    signature = signature_of(signed_pages(draft), world)
    assert (signature.level, signature.signer) == ("B-T", office.signatory.person.full_name)
    assert list(page_digests(signed_pages(draft))) == draft.signing_copy.page_digests
    assert signed_pages(draft).startswith(store.read(draft.signing_copy.reserved))


def test_signing_records_claim_mandate_and_result(office):
    draft = office.sign(office.approved())
    use = KeyUse.objects.get()
    assert (use.mandate, use.by, use.purpose) == (office.mandate, office.signatory.post, "sign")
    assert use.digest_before == draft.signing_copy.reserved.sha256
    assert use.result == draft.signing_copy.signed
    acts = Act.objects.on(draft).filter(kind__in=[ActKind.SIGNING_STARTED, ActKind.SIGNED])
    assert [act.kind for act in acts.order_by("pk")] == [ActKind.SIGNING_STARTED, ActKind.SIGNED]
    assert acts.get(kind=ActKind.SIGNING_STARTED).facts["mandate"] == office.mandate.pk
    assert acts.get(kind=ActKind.SIGNED).digest == use.result.sha256


def test_pages_other_than_those_shown_are_not_signed(office):
    draft = office.approved()
    with pytest.raises(PagesChanged):
        office.sign(draft, shown="0" * 64)
    assert not KeyUse.objects.exists()
    assert stored(draft).state == State.SIGNING


def test_only_the_person_of_the_mandate_signs(office, officer):
    draft = office.approved()
    for other in (office.office_head, office.clerk, officer("chu-tich.vp-ubnd")):
        with pytest.raises(StepNotAllowed):
            office.sign(draft, officer=other)
    assert not KeyUse.objects.exists()


def test_a_mandate_that_ended_since_approval_is_refused_by_its_rule(office):
    draft = office.approved()
    end_mandate(office.mandate, on=NOW.date(), officer=office.office_head, now=NOW)
    with pytest.raises(MandateOutsidePeriod) as refusal:
        office.sign(stored(draft))
    assert refusal.value.rule == "within-the-period-of-the-mandate"
    assert not KeyUse.objects.exists()


def test_an_expired_certificate_is_refused_and_the_error_knows_when_it_ended(office):
    draft = office.approved()
    held = Certificate.objects.filter(person=office.signatory.person)
    held.update(not_after=NOW - timedelta(days=1))
    with pytest.raises(NoUsableCertificate) as refusal:
        office.sign(draft)
    assert refusal.value.latest == held.get()
    assert stored(draft).state == State.SIGNING


def test_a_wrong_pin_signs_nothing_and_the_next_try_is_open_at_once(office):
    draft = office.approved()
    with pytest.raises(WrongPIN):
        office.sign(draft, pin="000000")
    assert KeyUse.objects.get().result is None
    assert office.sign(stored(draft)).state == State.SIGNED


def test_five_wrong_pins_shut_the_key(office):
    draft = office.approved()
    for _ in range(5):
        with pytest.raises(WrongPIN):
            office.sign(draft, pin="000000")
    with pytest.raises(KeyLocked):
        office.sign(draft)


# The time-stamp did not come


def test_without_time_stamp_the_signature_stands_and_waits(office, world):
    world.has_tsa = False
    draft = office.sign(office.approved())
    assert draft.state == State.SIGNED
    use = KeyUse.objects.get()
    assert use.timestamp_pending
    assert "TSA down" in use.last_problem
    assert signature_of(signed_pages(draft), world).level == "B-B"


def test_no_number_is_given_while_the_time_stamp_is_pending(office, world):
    world.has_tsa = False
    draft = office.sign(office.approved())
    with pytest.raises(TimestampPending):
        actions.number_draft(draft, officer=office.clerk, now=NOW)
    assert stored(draft).outgoing is None


def test_the_worker_brings_the_time_stamp_without_the_key(office, world):
    world.has_tsa = False
    draft = office.sign(office.approved())
    before = signed_pages(draft)
    world.has_tsa = True
    assert office.complete(NOW + MINUTE)
    after = signed_pages(draft)
    assert len(after) == len(before)
    assert signature_of(after, world).level == "B-T"
    assert KeyUse.objects.count() == 1
    assert Act.objects.on(draft).filter(kind=ActKind.TIMESTAMPED).get().user_id is None
    draft = actions.number_draft(stored(draft), officer=office.clerk, now=NOW + 2 * MINUTE)
    assert draft.state == State.NUMBERED
    assert not office.complete(NOW + 2 * MINUTE)


def test_the_worker_tries_again_after_a_while_and_not_before(office, world):
    world.has_tsa = False
    office.sign(office.approved())
    tried = world.stamps
    assert office.complete(NOW)
    assert not office.complete(NOW + COMPLETION_LEASE - timedelta(seconds=1))
    assert world.stamps == tried + 1
    assert office.complete(NOW + COMPLETION_LEASE)


def test_a_signature_that_waited_too_long_lapses_and_the_signatory_is_asked_again(office, world):
    world.has_tsa = False
    draft = office.sign(office.approved())
    late = NOW + PENDING_LIMIT + MINUTE
    world.has_tsa = True
    assert office.complete(late)
    draft = stored(draft)
    assert draft.state == State.SIGNING
    assert draft.signing_copy.signed is None
    assert Act.objects.on(draft).filter(kind=ActKind.SIGNATURE_LAPSED).exists()
    assert office.sign(draft, now=late).state == State.SIGNED


def test_the_doctor_names_what_waits_how_long_for_what_and_until_when(office, world):
    world.has_tsa = False
    draft = office.sign(office.approved())
    named, total = examine_keys(NOW + 3 * 60 * MINUTE)
    assert (named.ok, total.ok) == (None, None)
    until = f"{(NOW + PENDING_LIMIT).astimezone(HANOI):%H:%M %d/%m/%Y}"
    assert f"Dự thảo {draft.pk} " in named.vi
    assert f"chờ 3.0 giờ, chậm nhất đến {until}; vướng: no time-stamp: TSA down" in named.vi
    world.has_tsa = True
    assert office.complete(NOW + MINUTE)
    (total,) = examine_keys(NOW + MINUTE)
    assert total.ok is True


def test_a_signature_waits_for_48_hours_at_most():
    """Between signing and numbering; a later time-stamp would prove too late a time."""
    assert timedelta(hours=48) == PENDING_LIMIT


def test_the_clerk_returns_what_was_signed_and_must_not_be_issued(office, world):
    world.has_tsa = False
    draft = office.sign(office.approved())
    actions.return_draft(draft, comment="Sai nơi nhận", officer=office.clerk, now=NOW)
    assert (draft.state, draft.signing_copy.signed) == (State.DRAFTING, None)
    world.has_tsa = True
    assert not office.complete(NOW + MINUTE)
    assert KeyUse.objects.get().result is not None  # kept as history
    draft = office.sign(office.approved(draft=draft))
    assert draft.state == State.SIGNED


def test_the_worker_of_an_installation_asks_its_own_services(office, world, settings):
    assert not complete_pending(NOW)
    world.has_tsa = False
    office.sign(office.approved())
    settings.TSA_URLS = ["http://127.0.0.1:9/"]
    assert complete_pending(NOW)
    use = KeyUse.objects.get()
    assert use.timestamp_pending
    assert use.last_problem
    assert not complete_pending(NOW)


# A crash at each boundary: after the claim, in the work, before the settling


def test_after_a_crash_in_the_work_the_person_is_asked_again_when_the_lease_ends(office, world):
    draft = office.approved()
    world.dies_at_stamp = 1
    with pytest.raises(ProcessKilled):
        office.sign(draft)
    assert stored(draft).state == State.SIGNING
    assert not office.complete(NOW + SIGNING_LEASE)  # the worker never uses a key
    with pytest.raises(KeyInUse):
        office.sign(stored(draft), now=NOW + MINUTE)
    draft = office.sign(stored(draft), now=NOW + SIGNING_LEASE)
    assert draft.state == State.SIGNED
    assert [use.result is None for use in KeyUse.objects.order_by("pk")] == [True, False]
    assert Act.objects.on(draft).filter(kind=ActKind.SIGNED).count() == 1


def test_after_a_crash_before_the_settling_nothing_was_signed(office, world):
    draft = office.approved()
    use = claim_signature(draft, shown=draft.signing_copy.shown, officer=office.signatory, now=NOW)
    sign_claimed(use, keys=office.keys(), services=world.at(NOW), now=NOW)
    # The process ends here: the signature exists nowhere.
    assert stored(draft).state == State.SIGNING
    later = NOW + SIGNING_LEASE
    assert office.sign(stored(draft), now=later).state == State.SIGNED


def test_a_result_that_comes_after_its_lease_is_dropped(office, world):
    draft = office.approved()
    shown = draft.signing_copy.shown
    use = claim_signature(draft, shown=shown, officer=office.signatory, now=NOW)
    made = sign_claimed(use, keys=office.keys(), services=world.at(NOW), now=NOW)
    draft = office.sign(stored(draft), now=NOW + SIGNING_LEASE)
    kept = draft.signing_copy.signed
    with pytest.raises(ClaimLost):
        settle_signature(draft, made, officer=office.signatory, now=NOW)
    assert SigningCopy.objects.get(draft=draft).signed == kept


def test_a_draft_is_not_changed_while_it_is_being_signed(office, world):
    draft = office.approved()
    shown = draft.signing_copy.shown
    use = claim_signature(draft, shown=shown, officer=office.signatory, now=NOW)
    with pytest.raises(KeyInUse):
        drafting.revise_draft(draft, office.written(), officer=office.author, now=NOW + MINUTE)
    later = NOW + SIGNING_LEASE
    drafting.revise_draft(draft, office.written(), officer=office.author, now=later)
    made = sign_claimed(use, keys=office.keys(), services=world.at(NOW), now=NOW)
    with pytest.raises(ClaimLost):
        settle_signature(draft, made, officer=office.signatory, now=later)
    assert stored(draft).state == State.CONTENT_CHECK


def test_of_two_confirmations_at_once_only_one_uses_the_key(office):
    draft = office.approved()
    shown = draft.signing_copy.shown
    claim_signature(draft, shown=shown, officer=office.signatory, now=NOW)
    with pytest.raises(KeyInUse):
        claim_signature(draft, shown=shown, officer=office.signatory, now=NOW)
    assert KeyUse.objects.count() == 1
