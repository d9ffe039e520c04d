"""Every error is put in words, in both languages, with what to do next."""

from datetime import date

import pytest

from chauban.registers import errors as registers
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.registers.words import explain as explain_register
from chauban.workflow import errors as workflow
from chauban.workflow.opinions import errors as opinions
from chauban.workflow.rules import Step
from chauban.workflow.words import STEPS, explain
from chauban_docform.errors import SubjectEmpty
from chauban_pades.errors import SignedOutOfOrder
from chauban_pki.errors import TimestampUnavailable
from tests.moments import NOW

INCOMING = IncomingDocument(
    sender_name="Sở Xây dựng", code_number="15", code_notation="SXD-VP", arrival_number=7, year=2026
)
OUTGOING = OutgoingDocument(number=5, notation="UBND-VX", state="issued")
REGISTERS = [
    registers.ClockBehindSeries("Công văn", last_date=date(2026, 11, 24), today=date(2026, 11, 23)),
    registers.KindWithoutSeries("cong_van", "Ủy ban nhân dân thành phố Huế"),
    registers.KindInTwoSeries("cong_van"),
    registers.SeriesHasBegun("Công văn", 2026),
    registers.NotCancellable(OUTGOING),
    registers.CancellationWithoutReason("05/UBND-VX"),
    registers.NotRecallable(OUTGOING),
    registers.RecallWithoutReason(),
    registers.NotAnnounced("05/UBND-VX"),
    registers.NotReplaceable(OUTGOING),
    registers.DocumentMoved(OUTGOING),
    registers.AlreadyRegistered(INCOMING),
    registers.CodeRepeats(INCOMING),
]
WORKFLOW = [
    workflow.StepNotAllowed("sign", "signed", "Đã ký, chờ cấp số"),
    workflow.ChangedMeanwhile(NOW, "Chờ duyệt"),
    workflow.CommentMissing(),
    workflow.NothingChosen(),
    workflow.CameToNothing("SigningTimedOut"),
    workflow.UndoTooLate(NOW),
    workflow.ActedOnMeanwhile(),
    workflow.TemplateReplaced(),
    workflow.SecretMarking("TUYỆT MẬT", "subject"),
    workflow.FileTooLarge("a.pdf", 60_000_000, 50_000_000),
    workflow.FileEmpty("a.pdf"),
    workflow.FileTooComplex("a.pdf", "time"),
    workflow.PagesUnreadable("broken"),
    workflow.FileNameTaken("a.pdf"),
    workflow.PagesChanged(),
    workflow.KeyInUse(NOW),
    workflow.ClaimLost(),
    workflow.TimestampPending(NOW, "TSA down"),
    workflow.SealHeld(NOW, "TSA down"),
    workflow.AttachmentNotForProgram("a.xlsx"),
    workflow.ReturnedUnreadable("time"),
    workflow.ResultNotValid("a.pdf", "altered", ("digest-mismatch",)),
    workflow.NoAssignment(),
    workflow.LeadMissing(),
    workflow.RecipientRetired("Xã Hồng Hạ", "000.18.32.H57", ("Xã A Lưới 5",)),
    workflow.LeadNamedTwice(),
    workflow.AssigneeNamedTwice("Nguyễn Văn Thử"),
    workflow.AssigneeOutsideAgency("Nguyễn Văn Thử"),
    workflow.DeadlinePast(),
    workflow.TaskNotOpen("Hoàn thành"),
    workflow.DocumentClosed("15/SXD-VP"),
    opinions.NobodyAsked(),
    opinions.AskedHimself(),
    opinions.AskedOutsideAgency("Lê Thị Ánh"),
    opinions.AskedAlready("Lê Thị Ánh"),
    opinions.UnitWithoutHead("Phòng Tổng hợp"),
    opinions.DeadlineBeforeToday(),
    opinions.OpinionGiven(NOW),
    opinions.OpinionNotAwaited(),
    opinions.OpinionWithoutWords(),
    opinions.NothingToSettle(),
    opinions.NothingAwaited(),
    opinions.NoNewerVersion(1),
    opinions.ExplanationMissing(),
]
ROOTS = {
    workflow.WorkflowError,
    workflow.TaskError,
    opinions.OpinionError,
    registers.RegisterError,
}


def leaves(root):
    below = root.__subclasses__()
    return {root, *(leaf for cls in below for leaf in leaves(cls))} - ROOTS


def test_every_error_of_both_apps_is_tried_here():
    assert {type(error) for error in REGISTERS} == leaves(registers.RegisterError)
    assert {type(error) for error in WORKFLOW} == leaves(workflow.WorkflowError)


@pytest.mark.parametrize("error", [*REGISTERS, *WORKFLOW], ids=lambda it: type(it).__name__)
def test_an_error_says_what_to_do_next_in_both_languages(error):
    words = explain(error)
    for text in (words.vi, words.en):
        assert text.endswith(".")
        assert "{" not in text
    assert words.vi != words.en


def test_errors_of_the_libraries_keep_their_own_words():
    assert "trích yếu" in explain(SubjectEmpty()).vi
    assert explain(TimestampUnavailable("no answer")).vi
    assert explain(SignedOutOfOrder("seal-1", "signatory-1")).vi


def test_a_code_that_repeats_says_how_to_register_it_all_the_same():
    assert "Là văn bản khác" in explain_register(registers.CodeRepeats(INCOMING)).vi


def test_an_error_that_is_no_refusal_is_not_explained_away():
    with pytest.raises(TypeError):
        explain(ZeroDivisionError())
    with pytest.raises(TypeError):
        explain_register(ZeroDivisionError())


def test_each_step_has_its_words():
    assert set(STEPS) == set(Step)
