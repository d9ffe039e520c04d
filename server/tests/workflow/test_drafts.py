"""Drafts: versions, checks, approval, returns (Nghị định 30/2020/NĐ-CP Điều 10-12)."""

from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest

from chauban.accounts.rights import NotAllowed, NotFound
from chauban.directory.models import IssuingBody, Role
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.actions import Received, register_incoming
from chauban.registers.models import Priority
from chauban.trust.errors import MandateNotForBody, MandateNotForKind, MandateOutsidePeriod
from chauban.trust.models import Mandate
from chauban.workflow import actions, drafting
from chauban.workflow.errors import (
    ChangedMeanwhile,
    CommentMissing,
    FileEmpty,
    FileNameTaken,
    FileTooLarge,
    SecretMarking,
    StepNotAllowed,
)
from chauban.workflow.models import Check, Draft
from chauban.workflow.rules import TURNS, Step, open_steps
from chauban.workflow.steps import standings_of
from chauban_docform.errors import (
    EncryptedPDF,
    KindNotTypeset,
    NotAPDF,
    NotationDoesNotFit,
    SubjectEmpty,
)
from tests.moments import NOW
from tests.workflow.offices import LIMIT

State = Draft.State


def test_a_draft_keeps_its_first_version_with_its_pages(office):
    draft = office.drafted()
    version = draft.versions.get()
    assert (draft.state, version.number, version.by) == (State.DRAFTING, 1, office.author.post)
    assert draft.notation == "UBND-VX"
    act = Act.objects.on(draft).get()
    assert (act.kind, act.digest) == (ActKind.DRAFTED, version.pages.sha256)


def test_the_symbol_is_made_of_kind_and_body(office):
    assert office.drafted(kind="quyet_dinh").notation == "QĐ-UBND"


def test_a_symbol_that_does_not_fit_the_body_is_refused(office):
    with pytest.raises(NotationDoesNotFit):
        office.drafted(notation="STC-NS")
    assert not Draft.objects.exists()


def test_a_subject_is_required(office):
    with pytest.raises(SubjectEmpty):
        office.drafted(subject="  ")


def test_a_kind_without_template_is_refused(office):
    with pytest.raises(KindNotTypeset):
        office.drafted(kind="hop_dong")


def test_a_mandate_for_another_body_is_refused_by_its_rule(office):
    with pytest.raises(MandateNotForBody):
        office.drafted(body=IssuingBody.objects.get(key="vp-ubnd"))


def test_a_mandate_for_other_kinds_is_refused_by_its_rule(office):
    by_order = Mandate.objects.get(body=office.city, capacity="TL.")
    office.drafted(mandate=by_order)
    with pytest.raises(MandateNotForKind):
        office.drafted(mandate=by_order, kind="quyet_dinh")


def test_a_mandate_that_has_ended_is_refused_by_its_rule(office):
    Mandate.objects.filter(pk=office.mandate.pk).update(valid_to=NOW.date())
    office.mandate.refresh_from_db()
    with pytest.raises(MandateOutsidePeriod):
        office.drafted()


def test_nobody_drafts_for_an_agency_that_is_neither_his_nor_the_signatorys(office, officer):
    with pytest.raises(NotAllowed):
        drafting.create_draft(office.written(), officer=officer("chuyen-vien.so-noi-vu"), now=NOW)


def test_the_authorised_agency_drafts_for_the_delegating_body(office, officer):
    authorised = Mandate.objects.get(body=office.city, capacity="TUQ.")
    drafter = officer("chuyen-vien.so-tai-chinh")
    written = office.written(mandate=authorised, notation="UBND-TC")
    draft = drafting.create_draft(written, officer=drafter, now=NOW)
    assert (draft.body.key, draft.agency.key) == ("ubnd-tp", "so-tai-chinh")


def test_every_version_is_kept(office):
    draft = office.drafted()
    written = office.written(subject="Trích yếu đã sửa")
    drafting.revise_draft(draft, written, officer=office.author, now=NOW + timedelta(minutes=1))
    assert [(it.number, it.subject) for it in draft.versions.all()] == [
        (1, "Chuẩn bị Hội nghị triển khai nhiệm vụ năm 2027"),
        (2, "Trích yếu đã sửa"),
    ]
    assert draft.versions.first().pages != draft.versions.last().pages


def test_content_and_layout_are_two_records_by_two_people(office):
    draft = office.approved()
    checks = Check.objects.filter(version__draft=draft)
    assert [(it.aspect, it.passed, it.by) for it in checks] == [
        ("content", True, office.unit_head.post),
        ("layout", True, office.checker.post),
        ("approval", True, office.signatory.post),
    ]


def test_the_office_head_may_approve_in_the_signatorys_place(office):
    draft = office.drafted()
    actions.submit_for_check(draft, officer=office.author, now=NOW)
    actions.check_content(draft, officer=office.unit_head, now=NOW)
    actions.check_layout(draft, officer=office.checker, now=NOW)
    actions.approve(draft, officer=office.office_head, now=NOW)
    assert draft.state == State.SIGNING


def test_approval_fixes_the_approved_version_as_signing_copy(office):
    draft = office.approved()
    copy = draft.signing_copy
    assert copy.version == draft.newest_version
    assert len(copy.page_digests) == 1
    fixed = Act.objects.on(draft).get(kind=ActKind.FIXED_FOR_SIGNING)
    assert fixed.digest == copy.reserved.sha256


def test_any_change_after_approval_needs_checks_and_approval_again(office):
    draft = office.approved()
    before = draft.signing_copy.reserved
    later = NOW + timedelta(hours=1)
    drafting.revise_draft(
        draft, office.written(subject="Sửa sau khi duyệt"), officer=office.author, now=later
    )
    assert draft.state == State.CONTENT_CHECK
    with pytest.raises(StepNotAllowed):
        office.sign(draft, now=later)
    actions.check_content(draft, officer=office.unit_head, now=later)
    actions.check_layout(draft, officer=office.checker, now=later)
    actions.approve(draft, officer=office.signatory, now=later)
    draft.signing_copy.refresh_from_db()
    assert draft.signing_copy.reserved != before
    assert draft.signing_copy.version.number == 2


def test_an_attachment_added_after_approval_needs_approval_again(office, a_pdf):
    draft = office.approved()
    office.attach(draft, "Phụ lục.pdf", a_pdf)
    assert draft.state == State.CONTENT_CHECK


def test_the_unit_head_corrects_the_draft_himself_and_still_holds_it(office):
    draft = office.drafted()
    actions.submit_for_check(draft, officer=office.author, now=NOW)
    drafting.revise_draft(draft, office.written(), officer=office.unit_head, now=NOW)
    assert draft.state == State.CONTENT_CHECK
    assert draft.newest_version.by == office.unit_head.post
    assert draft.unit == office.author.post.unit


@pytest.mark.parametrize("returned_by", ["unit_head", "checker", "signatory"])
def test_a_draft_is_returned_with_a_comment_and_keeps_its_versions(office, returned_by):
    draft = office.drafted()
    actions.submit_for_check(draft, officer=office.author, now=NOW)
    if returned_by != "unit_head":
        actions.check_content(draft, officer=office.unit_head, now=NOW)
    if returned_by == "signatory":
        actions.check_layout(draft, officer=office.checker, now=NOW)
    actions.return_draft(
        draft, comment="Bổ sung căn cứ", officer=getattr(office, returned_by), now=NOW
    )
    assert draft.state == State.DRAFTING
    last = Check.objects.latest("pk")
    assert (last.passed, last.comment) == (False, "Bổ sung căn cứ")
    assert draft.versions.count() == 1


def test_a_return_says_why(office):
    draft = office.drafted()
    actions.submit_for_check(draft, officer=office.author, now=NOW)
    with pytest.raises(CommentMissing):
        actions.return_draft(draft, comment=" ", officer=office.unit_head, now=NOW)


STEPS = {
    "submit_for_check": "author",
    "check_content": "unit_head",
    "check_layout": "checker",
    "approve": "signatory",
}
EVERYONE = {"author", "unit_head", "checker", "signatory", "office_head", "clerk"}
MAY_AS_WELL = {"submit_for_check": {"unit_head"}, "approve": {"office_head"}}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_taken_only_by_those_whose_it_is(office, step):
    draft = office.drafted()
    for earlier, who in STEPS.items():
        if earlier == step:
            break
        getattr(actions, earlier)(draft, officer=getattr(office, who), now=NOW)
    for who in sorted(EVERYONE - {STEPS[step]} - MAY_AS_WELL.get(step, set())):
        with pytest.raises(StepNotAllowed):
            getattr(actions, step)(draft, officer=getattr(office, who), now=NOW)
    getattr(actions, step)(draft, officer=getattr(office, STEPS[step]), now=NOW)


def test_the_head_of_another_unit_does_not_check_the_content(office, officer):
    draft = office.drafted()
    actions.submit_for_check(draft, officer=office.author, now=NOW)
    stranger = replace(office.unit_head, post=officer("truong-phong.so-tai-chinh").post)
    with pytest.raises(StepNotAllowed):
        actions.check_content(draft, officer=stranger, now=NOW)


def test_what_waits_for_a_person_is_exactly_what_he_may_act_on(office, officer):
    """A counter equals its list, and both equal the rights (users' rule 9)."""
    draft = office.drafted()
    people = [getattr(office, who) for who in sorted(EVERYONE)]
    people += [officer(it) for it in ("chuyen-vien.so-tai-chinh", "van-thu.so-tai-chinh")]
    for state in TURNS:
        Draft.objects.filter(pk=draft.pk).update(state=state)
        draft.refresh_from_db()
        for person in people:
            steps = open_steps(draft.state, standings_of(draft, person))
            for step in Step:
                waits = Draft.objects.awaiting(person, step).filter(pk=draft.pk).exists()
                assert waits == (step in steps), (state, step, person.post.title)
            if steps:
                assert Draft.objects.visible_to(person).filter(pk=draft.pk).exists()


def test_the_rules_name_the_states_and_roles_that_there_are():
    assert list(TURNS) == list(State)
    assert {"unit-head", "layout-checker", "office-head", "clerk", "leader"} <= set(Role)


def test_of_two_people_who_act_at_once_one_is_told(office):
    draft = office.drafted()
    actions.submit_for_check(draft, officer=office.author, now=NOW)
    same = Draft.objects.get(pk=draft.pk)
    actions.return_draft(draft, comment="Sửa lại", officer=office.unit_head, now=NOW)
    with pytest.raises(ChangedMeanwhile):
        actions.check_content(same, officer=office.unit_head, now=NOW)
    assert Check.objects.count() == 1


@pytest.mark.parametrize(
    "values",
    [{"subject": "TỐI MẬT"}, {"subject": "mật"}],
)
def test_a_mark_of_secrecy_is_refused_before_anything_is_stored(office, values):
    with pytest.raises(SecretMarking):
        office.drafted(**values)
    assert not Draft.objects.exists()


def test_words_about_secrecy_inside_a_sentence_are_no_mark(office):
    assert office.drafted(subject="Tăng cường bảo mật thông tin cá nhân").pk


def test_a_file_that_bears_a_mark_of_secrecy_is_refused(office, marked_pdf):
    draft = office.drafted()
    office.attach(draft, "a.pdf", marked_pdf("Công khai"))
    with pytest.raises(SecretMarking):
        office.attach(draft, "b.pdf", marked_pdf("TUYỆT MẬT"))
    assert [it.name for it in draft.attachments.kept()] == ["a.pdf"]


def test_an_uploaded_pdf_is_normalised_and_another_file_is_kept_as_it_is(office, scripted_pdf):
    draft = office.drafted()
    pdf = office.attach(draft, "Phụ lục.pdf", scripted_pdf)
    table = office.attach(draft, "So lieu.csv", b"a;b\n")
    from chauban.blobs import store

    assert b"JavaScript" not in store.read(pdf.blob)
    assert store.read(table.blob) == b"a;b\n"
    assert (pdf.media_type, table.media_type) == ("application/pdf", "text/csv")


def test_a_file_over_the_limit_is_refused(office):
    draft = office.drafted()
    office.attach(draft, "vua.txt", b"x" * LIMIT)
    with pytest.raises(FileTooLarge):
        office.attach(draft, "qua.txt", b"x" * (LIMIT + 1))


def test_an_empty_file_is_refused(office):
    with pytest.raises(FileEmpty):
        office.attach(office.drafted(), "rong.txt", b"")


def test_a_pdf_that_is_none_or_is_encrypted_is_refused(office, a_pdf, tmp_path):
    draft = office.drafted()
    with pytest.raises(NotAPDF):
        office.attach(draft, "khong-phai.pdf", b"xin chao")
    locked = tmp_path / "locked.pdf"
    (tmp_path / "plain.pdf").write_bytes(a_pdf)
    with pikepdf.open(tmp_path / "plain.pdf") as document:
        document.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(EncryptedPDF):
        office.attach(draft, "khoa.pdf", locked.read_bytes())
    assert not draft.attachments.exists()


def test_two_attachments_do_not_share_a_name(office):
    draft = office.drafted()
    first = office.attach(draft, "So lieu.csv", b"a")
    with pytest.raises(FileNameTaken):
        office.attach(draft, "So lieu.csv", b"b")
    drafting.remove_attachment(first, officer=office.author, now=NOW)
    draft.refresh_from_db()
    office.attach(draft, "So lieu.csv", b"b")
    assert draft.attachments.count() == 2


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Tài liệu\\Phụ lục.pdf", "Phụ lục.pdf"),
        ("../../etc/passwd", "passwd"),
        ("Phu\u0323 lu\u0323c.pdf", "Phụ lục.pdf"),
        ("a\u0000b\n.txt", "ab.txt"),
        ("", "tep"),
        ("x" * 300 + ".pdf", "x" * 186 + ".pdf"),
    ],
)
def test_a_file_name_is_a_name_and_nothing_else(given, kept):
    assert drafting.clean_file_name(given) == kept


def test_only_an_incoming_document_of_the_own_agency_is_answered(office, officer, body):
    def arrived(where, clerk):
        received = Received(
            sender_name="Sở Xây dựng",
            code_number="15",
            code_notation="SXD-VP",
            kind_name="Công văn",
            subject="Xin ý kiến",
            acceptance="paper",
            arrived_at=NOW,
        )
        return register_incoming(received, body=body(where), officer=officer(clerk), now=NOW)

    ours = arrived("ubnd-tp", "van-thu.vp-ubnd")
    theirs = arrived("so-tai-chinh", "van-thu.so-tai-chinh")
    assert office.drafted(answers=ours).answers == ours
    with pytest.raises(NotFound):
        office.drafted(answers=theirs)


def test_urgency_is_printed_and_kept(office):
    assert office.drafted(priority=Priority.EXPRESS).priority == Priority.EXPRESS
