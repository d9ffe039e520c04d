"""The Government CA's program: what it fetches and brings back, and all that is not taken."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pyhanko.pdf_utils.generic import StreamObject, pdf_name

from chauban.accounts.rights import NotFound
from chauban.blobs import store
from chauban.trust.models import Certificate, Custody
from chauban.workflow import actions, elsewhere, local_program
from chauban.workflow.errors import AttachmentNotForProgram, ClaimLost
from chauban.workflow.models import Draft, PluginTicket
from chauban_pades.errors import SignedByAnotherCertificate
from chauban_pades.filling_before import SealLocksText
from chauban_pades.permitted_additions import FileNotCovered, MoreAdded
from chauban_pades.views import Unreadable
from chauban_pki.errors import SigningAnswerInvalid, SigningRefused, SigningTimedOut
from tests.workflow.holders import keep_elsewhere, program_with

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=5)


@pytest.fixture
def leaders(office, tmp_path):
    return program_with(
        Certificate.objects.of_person(office.signatory.person, at=office.now), tmp_path
    )


@pytest.fixture
def clerks(office, tmp_path):
    return program_with(Certificate.objects.seal_of(office.city, at=office.now), tmp_path)


def handed(office, draft):
    use = local_program.hand_over_to_sign(
        draft, shown=draft.signing_copy.shown, officer=office.signatory, now=office.now
    )
    (one,) = local_program.issue_tickets(use, officer=office.signatory, now=office.now)
    return one


def bring_back(office, one, content, after=SOON):
    now = office.now + after
    ticket = local_program.upload_ticket(one.upload_token)
    return local_program.take_upload(ticket, one.upload_token, content, now=now)


def finish(office, use, after=SOON):
    now = office.now + after
    use.refresh_from_db()
    elsewhere.look_after(use, office.world.at(now), now=now)


def sign(office, draft, program):
    one = handed(office, draft)
    sent = store.read(local_program.fetch_sent(one.fetch_token, now=office.now))
    finish(office, bring_back(office, one, program.sign(sent)))
    draft.refresh_from_db()
    return draft


def test_what_the_programs_sign_becomes_a_complete_document(office, leaders, clerks, a_pdf):
    draft = office.drafted()
    office.attach(draft, "Phụ lục.pdf", io.BytesIO(a_pdf))
    draft = sign(office, office.approved(draft=draft), leaders)
    assert draft.state == Draft.State.SIGNED
    draft = actions.number_draft(draft, officer=office.clerk, now=office.now)
    use = local_program.hand_over_to_seal(
        draft, shown=draft.signing_copy.shown, officer=office.clerk, now=office.now
    )
    files = local_program.issue_tickets(use, officer=office.clerk, now=office.now)
    calls = [one.address.rpartition("/")[2] for one in files]
    assert calls == ["vgca_sign_issued", "vgca_sign_appendix"]
    first, second = (
        clerks.sign(store.read(local_program.fetch_sent(one.fetch_token, now=office.now)), call)
        for one, call in zip(files, calls, strict=True)
    )
    bring_back(office, files[0], first)
    assert not elsewhere.is_answered(use), "the attachment is still at the program"
    finish(office, bring_back(office, files[1], second))
    draft.refresh_from_db()
    assert draft.state == Draft.State.SEALED
    reports = [file.report for file in draft.outgoing.files.order_by("ordinal")]
    assert [report["document"] for report in reports] == ["complete", "attachment"]
    assert {one["level"] for one in reports[0]["signatures"]} == {"B-LT"}


def test_what_a_program_signed_is_sealed_here_as_ever(office, leaders):
    draft = sign(office, office.approved(), leaders)
    draft = actions.number_draft(draft, officer=office.clerk, now=office.now)
    assert office.seal(draft).state == Draft.State.SEALED


def test_the_message_tells_the_program_what_it_needs(office, leaders):
    one = handed(office, office.approved())
    message = one.message(file_address="http://x/f", upload_address="http://x/u")
    assert one.address == "wss://127.0.0.1:8987/vgca_sign_approved"
    assert one.upload_token in message
    assert PluginTicket.objects.get().upload_digest not in message
    assert one.upload_token not in str(PluginTicket.objects.values().get())


def test_a_file_is_fetched_once_and_in_time(office, leaders):
    one = handed(office, office.approved())
    for token, after in (("x" * 40, SOON), (one.fetch_token, timedelta(minutes=10))):
        with pytest.raises(NotFound):
            local_program.fetch_sent(token, now=office.now + after)
    assert local_program.fetch_sent(one.fetch_token, now=office.now + SOON)
    with pytest.raises(NotFound):
        local_program.fetch_sent(one.fetch_token, now=office.now + SOON)


# What is not taken


def test_a_token_works_once_even_if_the_file_was_refused(office, leaders):
    draft = office.approved()
    one = handed(office, draft)
    signed = leaders.sign(store.read(one.use.sent))
    with pytest.raises(SigningAnswerInvalid):
        bring_back(office, one, signed[:100])
    with pytest.raises(SigningRefused, match="used before"):
        bring_back(office, one, signed)
    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNING
    (again,) = local_program.issue_tickets(one.use, officer=office.signatory, now=office.now)
    finish(office, bring_back(office, again, signed))
    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNED


def test_new_tickets_void_the_old_ones(office, leaders):
    one = handed(office, office.approved())
    local_program.issue_tickets(one.use, officer=office.signatory, now=office.now)
    with pytest.raises(NotFound):
        local_program.fetch_sent(one.fetch_token, now=office.now)
    with pytest.raises(SigningRefused):
        bring_back(office, one, leaders.sign(store.read(one.use.sent)))


def test_a_late_upload_is_not_taken(office, leaders):
    one = handed(office, office.approved())
    signed = leaders.sign(store.read(one.use.sent))
    with pytest.raises(SigningTimedOut):
        bring_back(office, one, signed, after=timedelta(minutes=10))
    now = office.now + timedelta(minutes=10)
    assert elsewhere.look_after_next(office.world.at(now), now=now)
    one.use.refresh_from_db()
    assert (one.use.settled_at, one.use.last_problem) == (now, "SigningTimedOut")


def test_an_upload_after_the_person_cancelled_is_not_taken(office, leaders):
    draft = office.approved()
    one = handed(office, draft)
    signed = leaders.sign(store.read(one.use.sent))
    elsewhere.cancel(draft, officer=office.signatory, now=office.now)
    with pytest.raises(ClaimLost):
        bring_back(office, one, signed)
    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNING


def _changed_before(signed):
    at = signed.index(b"/Length") - 3
    return signed[:at] + b"X" + signed[at + 1 :]


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda sent, signed: _changed_before(signed), SigningAnswerInvalid),
        (lambda sent, signed: b"\n" + signed, SigningAnswerInvalid),
        (lambda sent, signed: sent, SigningAnswerInvalid),
        (lambda sent, signed: sent + b"\n% remark\n", Unreadable),
        (lambda sent, signed: signed + b"\n", FileNotCovered),
    ],
    ids=["changed before", "byte before", "unsigned", "remark", "byte behind"],
)
def test_only_the_file_sent_with_a_signature_more_is_taken(office, leaders, spoil, error):
    draft = office.approved()
    one = handed(office, draft)
    sent = store.read(one.use.sent)
    with pytest.raises(error):
        bring_back(office, one, spoil(sent, leaders.sign(sent)))
    one.use.refresh_from_db()
    assert one.use.returned_id is None


def test_the_file_of_another_document_is_not_taken(office, leaders):
    one = handed(office, office.approved())
    other = handed(office, office.approved(subject="Văn bản khác"))
    signed = leaders.sign(store.read(other.use.sent))
    with pytest.raises(SigningAnswerInvalid):
        bring_back(office, one, signed)


def test_a_signature_by_another_person_is_not_taken(office, leaders, clerks):
    one = handed(office, office.approved())
    with pytest.raises(SignedByAnotherCertificate):
        bring_back(office, one, clerks.sign(store.read(one.use.sent)))


def test_number_text_drawn_by_the_program_is_not_taken(office, leaders):
    def draw(writer):
        page = writer.root["/Pages"]["/Kids"][0].get_object()
        content = StreamObject(stream_data=b"BT (05) Tj ET")
        page[pdf_name("/Contents")] = writer.add_object(content)
        writer.update_container(page)

    leaders.also = draw
    one = handed(office, office.approved())
    with pytest.raises(MoreAdded) as refused:
        bring_back(office, one, leaders.sign(store.read(one.use.sent)))
    assert refused.value.what == ("page-content-changed",)


def test_only_who_was_asked_gets_tickets(office, leaders):
    one = handed(office, office.approved())
    with pytest.raises(NotFound):
        local_program.issue_tickets(one.use, officer=office.clerk, now=office.now)


# What cannot be begun


def test_an_attachment_that_is_no_pdf_is_not_for_the_program(office, clerks):
    draft = office.drafted()
    office.attach(draft, "Số liệu.csv", io.BytesIO(b"a,b"))
    draft = office.numbered(draft=office.approved(draft=draft))
    with pytest.raises(AttachmentNotForProgram):
        local_program.hand_over_to_seal(
            draft, shown=draft.signing_copy.shown, officer=office.clerk, now=office.now
        )


def test_a_document_laid_out_for_a_seal_kept_here_is_not_for_the_program(office):
    draft = office.numbered(draft=office.approved())
    keep_elsewhere(Certificate.objects.seal_of(office.city, at=office.now), Custody.PLUGIN)
    with pytest.raises(SealLocksText):
        local_program.hand_over_to_seal(
            draft, shown=draft.signing_copy.shown, officer=office.clerk, now=office.now
        )
    assert elsewhere.asked_of(draft) is None, "it can be sealed otherwise at once"


# After a crash


def test_what_the_program_brought_is_kept_once_after_a_crash(office, leaders):
    draft = office.approved()
    one = handed(office, draft)
    bring_back(office, one, leaders.sign(store.read(one.use.sent)))  # and dies
    now = office.now + SOON
    assert elsewhere.look_after_next(office.world.at(now), now=now)
    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNED
    assert not elsewhere.look_after_next(office.world.at(now), now=now + timedelta(hours=1))


# The addresses, which have no session


@pytest.fixture
def at_work(office, monkeypatch):
    """The views' clock stands at the office's."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: office.now + SOON)
    monkeypatch.setattr(
        "chauban.workflow.elsewhere_views.signing_services", lambda now: office.world.at(now)
    )


def upload(token, content):
    file = SimpleUploadedFile("signed.pdf", content, content_type="application/pdf")
    client = Client(enforce_csrf_checks=True)
    return client.post(reverse("workflow:program-upload", args=[token]), {"uploadfile": file})


def test_the_program_needs_no_session_and_no_form(office, leaders, at_work):
    draft = office.approved()
    one = handed(office, draft)
    path = reverse("workflow:program-file", args=[one.fetch_token])
    fetched = Client().get(path)
    sent = b"".join(fetched.streaming_content)
    assert fetched["Cache-Control"] == "no-store"
    assert Client().get(path).status_code == 404
    answer = upload(one.upload_token, leaders.sign(sent))
    assert answer.json()["Status"] is True, answer.json()
    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNED


def test_the_program_is_told_in_vietnamese_why_a_file_was_not_taken(office, leaders, at_work):
    one = handed(office, office.approved())
    sent = store.read(one.use.sent)
    answer = upload(one.upload_token, sent + b"\n% remark\n")
    assert answer.json()["Status"] is False
    assert "Hãy" in answer.json()["Message"]
    assert upload("x" * 43, sent).status_code == 403


def test_an_upload_is_no_larger_than_the_file_and_a_signature(office, leaders, at_work):
    one = handed(office, office.approved())
    answer = upload(one.upload_token, bytes(one.use.sent.size_bytes + 4_000_001))
    assert (answer.status_code, answer.json()["Status"]) == (413, False)
    assert PluginTicket.objects.get().used_at is None, "it was not read"


def test_only_the_page_of_the_program_may_speak_to_it(office, leaders, at_work, signed_in):
    draft = office.approved()
    handed(office, draft)
    client = signed_in("pho-chu-tich.vp-ubnd")
    page = client.get(reverse("workflow:program", args=[draft.pk]))
    assert "connect-src 'self' wss://127.0.0.1:8987;" in page["Content-Security-Policy"]
    other = client.get(reverse("workflow:draft", args=[draft.pk]))
    assert "wss:" not in other["Content-Security-Policy"]
    author = signed_in("chuyen-vien.vp-ubnd")
    assert author.get(reverse("workflow:program", args=[draft.pk])).status_code == 302
    tickets = reverse("workflow:program-tickets", args=[draft.pk])
    assert author.post(tickets).status_code == 404
    (call,) = client.post(tickets).json()["calls"]
    assert call["address"].endswith("/vgca_sign_approved")
    assert "http://testserver/program/uploads/" in call["message"]


def test_the_page_asks_again_and_is_drawn_anew_when_all_is_over(
    office, leaders, at_work, signed_in
):
    draft = office.approved()
    handed(office, draft)
    client = signed_in("pho-chu-tich.vp-ubnd")
    path = reverse("workflow:asked", args=[draft.pk])
    part = client.get(path)
    assert "còn 10 phút" in part.content.decode()
    assert client.get(path, headers={"If-None-Match": part["ETag"]}).status_code == 304
    client.post(reverse("workflow:cancel-asked", args=[draft.pk]))
    assert client.get(path)["HX-Refresh"] == "true"
    page = client.get(reverse("workflow:draft", args=[draft.pk])).content.decode()
    assert "Lần ký trước đã được hủy; chưa ký gì." in page
    assert "Xem và ký số" in page
