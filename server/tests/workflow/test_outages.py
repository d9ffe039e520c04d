"""Each outage alone while a document is being sealed, and what the clerk is told of it.

With real processes, one after the other: processes/test_scenario_outages.py.
"""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.urls import reverse

from chauban.blobs.models import Blob
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import OutgoingDocument
from chauban.trust import keys
from chauban.trust.errors import KeyUnavailable
from chauban.trust.models import Certificate, Custody
from chauban.workflow.errors import SealHeld
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.rows import draft_row
from chauban.workflow.rules import PENDING_LIMIT
from chauban.workflow.waiting import Missing, waiting_of
from chauban_pki.demo.answers import timestamp_response
from chauban_pki.errors import Unreachable
from chauban_pki.timestamps import timestamp_request
from tests.moments import NOW, hanoi

State = Draft.State
MINUTE = timedelta(minutes=1)


def stored(draft):
    return Draft.objects.for_page().get(pk=draft.pk)


def waiting(draft):
    found = waiting_of(stored(draft))
    return found and found.missing


def require_held(draft, missing):
    """Nothing of it is shown, and the clerk is told what it waits for."""
    draft = stored(draft)
    assert draft.state == State.NUMBERED
    assert draft.outgoing.state == OutgoingDocument.State.NUMBERED
    assert draft.signing_copy.sealed is None
    assert not draft.outgoing.files.exists()
    assert Act.objects.on(draft).filter(kind=ActKind.SEAL_HELD).count() == 1
    assert waiting(draft) == missing


def require_completed(office, draft, at):
    """The worker alone brings it to its end: no key is used again."""
    uses = KeyUse.objects.count()
    assert office.complete(at)
    draft = stored(draft)
    assert (draft.state, waiting(draft)) == (State.SEALED, None)
    assert KeyUse.objects.count() == uses
    assert Act.objects.on(draft.outgoing).filter(kind=ActKind.SEALED).count() == 1


# The time-stamping authority


def other_data(authority):
    def post(url, body, content_type):
        request = timestamp_request(bytes(32), bytes(range(1, 9)))
        return timestamp_response(authority, request, now=NOW)

    return post


def silent(url, body, content_type):
    raise Unreachable(url, "down")


@pytest.mark.parametrize(
    "post",
    [
        lambda authority: silent,
        lambda authority: lambda *asked: b"",
        lambda authority: lambda *asked: b"<html>502 Bad Gateway</html>",
        other_data,
    ],
    ids=["silent", "empty", "garbage", "token of other data"],
)
def test_without_a_usable_time_stamp_the_seal_is_held_and_completed_later(
    office, world, authority, post
):
    draft = office.numbered()
    world.post = post(authority)
    office.seal(draft)
    require_held(draft, Missing.TIMESTAMP)
    world.post = None
    require_completed(office, draft, NOW + MINUTE)


# Revocation services


def down(part):
    def answering(url, answer):
        if part in url:
            raise Unreachable(url, "down")
        return answer

    return answering


def test_without_the_ocsp_responder_the_crl_answers_for_it(office, world):
    """RFC 5280 section 6.3: any current source of the status will do."""
    draft = office.numbered()
    world.answering = down("/ocsp")
    assert office.seal(draft).state == State.SEALED


def test_without_crls_the_seal_is_held(office, world):
    """The CA's own status stands in its issuer's CRL alone."""
    draft = office.numbered()
    world.answering = down("/crl")
    office.seal(draft)
    require_held(draft, Missing.REVOCATION)
    world.answering = down("nothing")
    require_completed(office, draft, NOW + MINUTE)


@pytest.mark.parametrize("answer", [b"", b"<html>502 Bad Gateway</html>", b"\x30\x80" + bytes(64)])
def test_answers_that_cannot_be_read_count_as_none(office, world, answer):
    draft = office.numbered()
    world.answering = lambda url, good: answer
    office.seal(draft)
    require_held(draft, Missing.REVOCATION)
    world.answering = lambda url, good: good
    require_completed(office, draft, NOW + MINUTE)


def test_stale_answers_count_as_none(office, world):
    draft = office.numbered()
    world.age = timedelta(days=60)
    office.seal(draft)
    require_held(draft, Missing.REVOCATION)
    world.age = timedelta()
    require_completed(office, draft, NOW + MINUTE)


# The key device


@dataclass
class Unplugged:
    """A credential whose device is pulled out after so many signatures."""

    credential: object
    row: Certificate
    left: int
    asked: int = field(default=0)

    def __getattr__(self, name):
        return getattr(self.credential, name)

    def sign(self, data):
        self.asked += 1
        if self.asked > self.left:
            raise KeyUnavailable(self.row, "token is gone")
        return self.credential.sign(data)


@pytest.fixture
def device(office, monkeypatch):
    """The seal's key in a device; `device(2)`: from now on it is gone after two signatures."""
    Certificate.objects.filter(body=office.city).update(custody=Custody.DEVICE)
    plugged = {"left": 1000}

    def opened(row, pin, **by):
        if plugged["left"] == 0:
            raise KeyUnavailable(row, "token is not there")
        kept = Certificate.objects.filter(pk=row.pk)
        kept.update(custody=Custody.KEYSTORE)
        credential = open_key(row, pin, **by)
        kept.update(custody=Custody.DEVICE)
        return Unplugged(credential, row, plugged["left"])

    open_key = keys.open_key
    monkeypatch.setattr(keys, "open_key", opened)
    return lambda left: plugged.update(left=left)


def three_files(office, a_pdf):
    draft = office.drafted()
    office.attach(draft, "Phụ lục.pdf", a_pdf)
    office.attach(draft, "So lieu.csv", b"a;b\n1;2\n")
    return office.numbered(draft=office.approved(draft=draft))


@pytest.mark.parametrize("signatures", [0, 1, 2])
def test_a_device_that_goes_before_or_while_it_signs_leaves_nothing_behind(
    office, device, a_pdf, signatures
):
    """The document and its two attachments are sealed together or not at all."""
    draft = three_files(office, a_pdf)
    blobs = set(Blob.objects.values_list("pk", flat=True))
    device(signatures)
    with pytest.raises(KeyUnavailable):
        office.seal(draft)
    assert waiting(draft) == Missing.DEVICE
    assert stored(draft).state == State.NUMBERED
    assert not KeyUse.objects.filter(purpose="seal").exclude(result=None).exists()
    assert set(Blob.objects.values_list("pk", flat=True)) == blobs
    assert not office.complete(NOW + MINUTE)  # nothing is ever signed unattended

    device(1000)
    draft = office.seal(stored(draft))  # at once: no claim is left standing
    assert (draft.state, waiting(draft)) == (State.SEALED, None)
    assert draft.outgoing.files.count() == 4
    assert (draft.outgoing.number, OutgoingDocument.objects.count()) == (1, 1)


def test_a_device_that_goes_after_it_has_signed_is_not_missed(office, device, world, a_pdf):
    draft = three_files(office, a_pdf)
    world.has_tsa = False
    office.seal(draft)
    device(0)
    require_held(draft, Missing.TIMESTAMP)
    world.has_tsa = True
    require_completed(office, draft, NOW + MINUTE)


# What the clerk is told


def test_a_held_seal_says_since_when_it_asks_again_and_until_when(office, world):
    draft = office.numbered(now=hanoi("2026-11-23T09:00"))
    world.has_tsa = False
    office.seal(draft, now=hanoi("2026-11-23T09:30"))
    office.complete(hanoi("2026-11-23T09:40"))
    found = waiting_of(stored(draft))
    assert found.is_held
    assert "09:30 23/11/2026" in found.text
    assert "09:41 23/11/2026" in found.next
    assert "09:30 25/11/2026" in found.next  # 48 hours
    row = draft_row(stored(draft))
    assert (row.state, row.tone) == ("Đang giữ: chờ dấu thời gian", "wait")
    assert row.note == "Từ 09:30 23/11/2026 · hỏi lại lúc 09:41:00 · chậm nhất 09:30 25/11/2026"
    with pytest.raises(SealHeld):
        office.seal(stored(draft), now=hanoi("2026-11-23T09:50"))


def test_a_seal_that_lapsed_is_asked_for_again(office, world):
    draft = office.numbered()
    world.has_revocation = False
    office.seal(draft)
    late = NOW + PENDING_LIMIT + MINUTE
    office.complete(late)
    assert waiting(draft) == Missing.LAPSED
    assert "Hãy ký lại" in draft_row(stored(draft)).note
    world.has_revocation = True
    assert office.seal(stored(draft), now=late).state == State.SEALED
    assert waiting(draft) is None


def test_a_signature_that_waits_says_that_no_number_can_be_given(office, world):
    world.has_tsa = False
    draft = office.sign(office.approved())
    found = waiting_of(stored(draft))
    assert (found.missing, found.is_seal) == (Missing.TIMESTAMP, False)
    assert "chưa cấp số được" in found.next


@pytest.mark.parametrize(
    ("missing", "is_held"),
    [(Missing.TIMESTAMP, True), (Missing.REVOCATION, True), (Missing.DEVICE, False)],
)
def test_list_and_page_name_what_is_missing(office, world, device, signed_in, missing, is_held):
    draft = office.numbered()
    world.has_tsa = missing != Missing.TIMESTAMP
    world.has_revocation = missing != Missing.REVOCATION
    if missing == Missing.DEVICE:
        device(0)
        with pytest.raises(KeyUnavailable):
            office.seal(draft)
    else:
        office.seal(draft)
    clerk = signed_in(office.clerk.user.username)
    for address in (reverse("office:home"), reverse("office:place", args=["number"])):
        assert str(missing.label) in clerk.get(address).content.decode()
    page = clerk.get(reverse("workflow:draft", args=[draft.pk])).content.decode()
    assert f'data-waiting="{missing}"' in page
    assert (reverse("workflow:seal", args=[draft.pk]) in page) is not is_held


def test_a_list_asks_no_more_of_the_database_for_many_held_seals_than_for_one(
    office, world, django_assert_max_num_queries
):
    drafts = [office.numbered() for _ in range(3)]
    world.has_tsa = False
    for draft in drafts:
        office.seal(draft)
    with django_assert_max_num_queries(3):
        rows = [draft_row(draft) for draft in Draft.objects.for_page()]
    assert [row.tone for row in rows] == ["wait"] * 3
