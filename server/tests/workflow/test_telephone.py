"""A key behind a telephone: asked, waited for, embedded once; every other end signs nothing."""

import io
import json
from datetime import timedelta

import pytest
from django.test import Client

from chauban.accounts.rights import NotFound
from chauban.blobs import store
from chauban.journal.models import Act
from chauban.trust.models import Certificate
from chauban.workflow import actions, elsewhere, telephone
from chauban.workflow.errors import KeyInUse, PagesChanged, SealHeld, StepNotAllowed
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.rules import FIRST_LOOK, LOOK_LEASE
from chauban_pades import assess
from chauban_pki.errors import SigningAnswerInvalid
from tests.workflow.holders import telephones
from tests.workflow.offices import ProcessKilled

pytestmark = pytest.mark.django_db
CALL_BACK = "http://localhost/signing/call-backs"
SOON, MINUTE = timedelta(seconds=5), timedelta(minutes=1)


@pytest.fixture
def mobile(office, settings, tmp_path):
    """The signatory's key and the seal are behind telephones."""
    leader = Certificate.objects.of_person(office.signatory.person, at=office.now)
    seal = Certificate.objects.seal_of(office.city, at=office.now)
    with telephones(settings, tmp_path / "tokens", leader, seal) as service:
        yield service


def ask_to_sign(office, draft, **changed):
    given = {
        "shown": draft.signing_copy.shown, "officer": office.signatory, "now": office.now,
        "call_back": CALL_BACK,
    }  # fmt: skip
    return telephone.ask_to_sign(draft, **{**given, **changed})


def ask_to_seal(office, draft):
    return telephone.ask_to_seal(
        draft,
        shown=draft.signing_copy.shown,
        officer=office.clerk,
        now=office.now,
        call_back=CALL_BACK,
    )


def look(office, after=SOON):
    now = office.now + after
    return elsewhere.look_after_next(office.world.at(now), now=now)


def request_of(use):
    use.refresh_from_db()
    return use.response_id


def test_a_signature_confirmed_on_the_telephone_is_embedded_and_verifies(office, mobile):
    draft = office.approved()
    use = ask_to_sign(office, draft)
    assert not look(office, FIRST_LOOK / 2), "not yet due"
    assert look(office)
    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNING, "nobody has confirmed"
    mobile.confirm(request_of(use))
    assert look(office, 2 * SOON)
    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNED
    use.refresh_from_db()
    assert not use.is_pending
    report = assess(store.read(use.result), trust=office.world.at(office.now).trust, at=office.now)
    (signature,) = report.signatures
    assert (signature.field, signature.level) == ("signatory-1", "B-T")
    signed = Act.objects.get(kind="signed", subject_id=draft.pk)
    assert signed.user_id == office.signatory.user_id, "it is the signatory's act"
    assert not look(office, 3 * SOON), "nothing is left to look after"


def test_one_confirmation_seals_a_document_with_its_attachments(office, mobile, a_pdf):
    draft = office.drafted()
    office.attach(draft, "Phụ lục.pdf", io.BytesIO(a_pdf))
    office.attach(draft, "Số liệu.csv", io.BytesIO(b"a,b"))
    draft = office.approved(draft=draft)
    use = ask_to_sign(office, draft)
    mobile.confirm(request_of(use))
    look(office)
    draft.refresh_from_db()
    draft = actions.number_draft(draft, officer=office.clerk, now=office.now)
    use = ask_to_seal(office, draft)
    assert len(mobile.requests) == 2, "one for the signature, one for all that is sealed"
    mobile.confirm(request_of(use))
    assert look(office)
    draft.refresh_from_db()
    assert draft.state == Draft.State.SEALED
    parts = [(file.part, file.name) for file in draft.outgoing.files.order_by("ordinal")]
    assert len(parts) == 4, parts
    report = draft.outgoing.files.order_by("ordinal")[0].report
    assert (report["document"], report["verdict"]) == ("complete", "TOTAL-PASSED")


def test_a_time_stamp_that_does_not_come_is_awaited_as_for_every_signature(office, mobile):
    draft = office.approved()
    use = ask_to_sign(office, draft)
    mobile.confirm(request_of(use))
    office.world.has_tsa = False
    assert look(office)
    use.refresh_from_db()
    assert use.timestamp_pending
    office.world.has_tsa = True
    assert office.complete(office.now + MINUTE)
    use.refresh_from_db()
    assert not use.timestamp_pending


@pytest.mark.parametrize("end", ["time", "refusal", "cancel"])
def test_without_a_confirmation_nothing_is_signed_and_it_can_be_repeated(office, mobile, end):
    draft = office.approved()
    use = ask_to_sign(office, draft)
    request = request_of(use)
    after = SOON
    if end == "time":
        after = timedelta(minutes=5)
        assert look(office, after)
    elif end == "refusal":
        mobile.refuse(request)
        assert look(office, after)
    else:
        elsewhere.cancel(draft, officer=office.signatory, now=office.now + SOON)
    use.refresh_from_db()
    draft.refresh_from_db()
    assert (draft.state, use.result) == (Draft.State.SIGNING, None)
    assert use.settled_at == office.now + after
    assert elsewhere.come_to_nothing(draft) == use
    mobile.confirm(request)  # too late: it belongs to nothing
    assert not look(office, after + MINUTE)
    again = ask_to_sign(office, draft, now=office.now + after)
    mobile.confirm(request_of(again))
    assert look(office, after + SOON)
    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNED


def test_only_who_was_asked_cancels_and_not_after_the_answer(office, mobile):
    draft = office.approved()
    use = ask_to_sign(office, draft)
    with pytest.raises(NotFound):
        elsewhere.cancel(draft, officer=office.author, now=office.now)
    telephone.take_call_back(
        json.dumps(mobile.confirm(request_of(use))).encode(), now=office.now + SOON
    )
    with pytest.raises(NotFound):
        elsewhere.cancel(draft, officer=office.signatory, now=office.now + SOON)


def test_one_use_at_a_time_of_a_copy(office, mobile):
    draft = office.approved()
    ask_to_sign(office, draft)
    with pytest.raises(KeyInUse):
        ask_to_sign(office, Draft.objects.get(pk=draft.pk))
    assert len(mobile.requests) == 1
    with pytest.raises(KeyInUse):
        actions.return_draft(
            draft, comment="Sửa lại", officer=office.signatory, now=office.now + SOON
        )


@pytest.mark.parametrize(
    ("changed", "error"),
    [({"shown": "0" * 64}, PagesChanged), ({"officer": "author"}, StepNotAllowed)],
    ids=["other pages", "another person"],
)
def test_what_must_not_be_signed_is_not_asked_for(office, mobile, changed, error):
    draft = office.approved()
    if "officer" in changed:
        changed = {"officer": office.author}
    with pytest.raises(error):
        ask_to_sign(office, draft, **changed)
    assert not mobile.requests


def test_a_sealed_document_is_not_asked_for_again(office, mobile):
    draft = office.approved()
    mobile.confirm(request_of(ask_to_sign(office, draft)))
    look(office)
    draft.refresh_from_db()
    draft = actions.number_draft(draft, officer=office.clerk, now=office.now)
    office.world.has_revocation = False
    mobile.confirm(request_of(ask_to_seal(office, draft)))
    look(office)
    with pytest.raises(SealHeld):
        ask_to_seal(office, Draft.objects.get(pk=draft.pk))


# After a crash


def test_what_was_confirmed_is_embedded_once_after_a_crash(office, mobile):
    draft = office.approved()
    use = ask_to_sign(office, draft)
    mobile.confirm(request_of(use))
    office.world.dies_at_stamp = 1
    with pytest.raises(ProcessKilled):
        look(office)
    assert not look(office, 2 * SOON), "the dead worker's lease still holds"
    later = LOOK_LEASE + 2 * SOON
    assert look(office, later)
    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNED
    assert not look(office, 2 * later)
    assert KeyUse.objects.filter(result__isnull=False).count() == 1
    assert Act.objects.filter(kind="signed").count() == 1


def test_what_was_confirmed_in_time_is_kept_though_the_worker_was_late(office, mobile):
    draft = office.approved()
    use = ask_to_sign(office, draft)
    message = json.dumps(mobile.confirm(request_of(use))).encode()
    assert telephone.take_call_back(message, now=office.now + SOON)
    assert look(office, timedelta(hours=1))
    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNED


def test_a_service_that_is_away_is_asked_again_until_the_time_is_over(office, mobile, settings):
    draft = office.approved()
    use = ask_to_sign(office, draft)
    there = settings.SIGNING_SERVICES
    settings.SIGNING_SERVICES = {"mobile": "http://127.0.0.1:9/csc/v2"}
    assert look(office)
    use.refresh_from_db()
    assert use.settled_at is None
    assert use.last_problem == "KeyUnavailable"
    settings.SIGNING_SERVICES = there
    mobile.confirm(request_of(use))
    assert look(office, MINUTE)
    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNED


# The call back, which anybody may send


def called(message, client=None):
    content = message if isinstance(message, bytes) else json.dumps(message).encode()
    answer = (client or Client()).post(
        "/signing/call-backs", content, content_type="application/json"
    )
    return answer.status_code


def test_a_call_back_with_the_value_needs_no_poll(office, mobile, monkeypatch):
    draft = office.approved()
    use = ask_to_sign(office, draft)
    message = mobile.confirm(request_of(use))
    monkeypatch.setattr("chauban.workflow.elsewhere_views.timezone.now", lambda: office.now + SOON)
    assert called(message) == 204
    mobile.requests.clear()
    assert look(office)
    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNED


def test_a_call_back_without_a_value_makes_the_worker_ask_at_once(office, mobile):
    use = ask_to_sign(office, office.approved())
    assert telephone.take_call_back(
        json.dumps({"responseID": request_of(use)}).encode(), now=office.now
    )
    assert look(office, timedelta(0))


def test_nobody_signs_or_ends_anything_by_a_made_up_call_back(office, mobile):
    draft = office.approved()
    use = ask_to_sign(office, draft)
    response_id = request_of(use)
    genuine = mobile.confirm(response_id)
    other = ask_to_sign(office, office.approved(subject="Văn bản khác"))
    foreign = mobile.confirm(request_of(other))["signatures"]
    for values in ([], ["AAAA"], [1], foreign, genuine["signatures"] * 2):
        message = json.dumps({"responseID": response_id, "signatures": values}).encode()
        with pytest.raises(SigningAnswerInvalid):
            telephone.take_call_back(message, now=office.now + SOON)
    for message in (b"", b"{", b"[]", b"null", b'{"responseID": 1}', b'{"responseID": "x"}'):
        assert not telephone.take_call_back(message, now=office.now + SOON)
    use.refresh_from_db()
    assert (use.values, use.settled_at) == (None, None)
    good = json.dumps(genuine).encode()
    assert telephone.take_call_back(good, now=office.now + SOON)
    assert not telephone.take_call_back(good, now=office.now + SOON), "it is taken once"


def test_call_backs_about_one_request_are_limited(office, mobile):
    use = ask_to_sign(office, office.approved())
    message = json.dumps({"responseID": request_of(use)}).encode()
    KeyUse.objects.filter(pk=use.pk).update(looks=100)
    assert not telephone.take_call_back(message, now=office.now)


@pytest.mark.parametrize(
    ("message", "status"),
    [({"responseID": "unknown"}, 404), (b"no JSON", 404), (b" " * 70_000, 413)],
    ids=["unknown", "no JSON", "too large"],
)
def test_the_address_of_call_backs_says_nothing_to_strangers(db, message, status):
    assert called(message, Client(enforce_csrf_checks=True)) == status
