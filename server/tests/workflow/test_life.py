"""The life of a document from draft to seal (design, section 2)."""

from chauban.blobs import store
from chauban.registers.models import OutgoingDocument
from chauban.workflow.models import Draft, KeyUse
from chauban_pades.assessing import assess
from tests.moments import NOW

State = Draft.State


def test_a_letter_goes_from_draft_to_seal(office, world, a_pdf):
    draft = office.drafted()
    office.attach(draft, "Phụ lục.pdf", a_pdf)
    office.attach(draft, "So lieu.csv", "tên;số\n".encode())
    draft = office.numbered(draft=office.approved(draft=draft))
    assert draft.state == State.NUMBERED
    draft = office.seal(draft)
    assert draft.state == State.SEALED
    document = draft.outgoing
    assert (document.state, document.code) == (OutgoingDocument.State.SEALED, "01/UBND-VX")
    files = [(it.part, it.name) for it in document.files.all()]
    assert files == [
        ("main", "01_UBND-VX.pdf"),
        ("attachment", "Phụ lục.pdf"),
        ("attachment", "So lieu.csv"),
        ("signature", "So lieu.csv.p7s"),
    ]
    report = assess(store.read(document.files.first().blob), trust=world.at(NOW).trust, at=NOW)
    assert (report.verdict.value, report.document.value) == ("TOTAL-PASSED", "complete")
    assert [it.level for it in report.signatures] == ["B-LT", "B-LT"]
    assert not KeyUse.objects.open().exists()
