"""Number, date and seal (Nghị định 30/2020/NĐ-CP Điều 15, 17, 32; PL I II.8)."""

import re
import subprocess
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from chauban.blobs import store
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.errors import ClockBehindSeries
from chauban.registers.models import OutgoingDocument, OutgoingFile, Series
from chauban.trust.actions import store_keystore
from chauban.trust.errors import NoUsableCertificate, WrongPIN
from chauban.trust.models import Certificate
from chauban.workflow import actions
from chauban.workflow.errors import KeyInUse, PagesChanged, SealHeld, StepNotAllowed
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.rules import PENDING_LIMIT, SIGNING_LEASE
from chauban.workflow.sealing import claim_seal
from chauban_pades.assessing import assess
from chauban_pki.errors import CertificateRevoked
from tests.moments import NOW, hanoi
from tests.workflow.offices import PIN, ProcessKilled

State = Draft.State
MINUTE = timedelta(minutes=1)


def stored(draft):
    return Draft.objects.select_related("outgoing").get(pk=draft.pk)


def with_attachments(office, a_pdf):
    draft = office.drafted()
    office.attach(draft, "Phụ lục.pdf", a_pdf)
    office.attach(draft, "So lieu.csv", b"a;b\n1;2\n")
    return office.numbered(draft=office.approved(draft=draft))


def main_file(draft):
    return store.read(draft.outgoing.files.get(part=OutgoingFile.Part.MAIN).blob)


def test_number_date_and_seal_are_one_revision_after_the_signature(office, world):
    draft = office.numbered(now=hanoi("2027-02-05T08:00"))
    signed = store.read(draft.signing_copy.signed)
    draft = office.seal(draft, now=hanoi("2027-02-05T09:00"))
    sealed = main_file(draft)
    assert sealed.startswith(signed)
    report = assess(sealed, trust=world.at(NOW).trust, at=hanoi("2027-02-05T09:01"))
    assert (report.document.value, report.changes_after_signing) == ("complete", ())
    # Signature, then number + seal, then validation data.
    assert sealed[len(signed) :].count(b"%%EOF") == 2


def test_the_printed_number_and_date_are_those_of_the_register(office, tmp_path):
    draft = office.seal(office.numbered())
    (tmp_path / "sealed.pdf").write_bytes(main_file(draft))
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "sealed.pdf", "-"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert re.search(r"Số:\s*01\s*/UBND-VX", text)
    assert re.search(r"ngày\s*23\s*tháng\s*11\s*năm\s*2026", text)


def test_pdfsig_and_qpdf_agree(office, tmp_path):
    draft = office.seal(office.numbered())
    (tmp_path / "sealed.pdf").write_bytes(main_file(draft))
    said = subprocess.run(
        ["pdfsig", "-nocert", tmp_path / "sealed.pdf"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert said.count("Signature is Valid.") == 2
    subprocess.run(["qpdf", "--check", tmp_path / "sealed.pdf"], check=True, capture_output=True)


def test_an_unsigned_document_is_not_sealed(office):
    draft = office.approved()
    with pytest.raises(StepNotAllowed):
        office.seal(draft)
    with pytest.raises(StepNotAllowed):
        actions.number_draft(draft, officer=office.clerk, now=NOW)
    assert not OutgoingDocument.objects.exists()


def test_a_signed_document_without_number_is_not_sealed(office):
    draft = office.sign(office.approved())
    with pytest.raises(StepNotAllowed):
        office.seal(draft)


def test_only_the_clerk_of_the_registry_seals(office, officer):
    draft = office.numbered()
    for other in (office.signatory, office.office_head, officer("van-thu.so-tai-chinh")):
        with pytest.raises(StepNotAllowed):
            office.seal(draft, officer=other)
    assert not KeyUse.objects.filter(purpose="seal").exists()


def test_pages_other_than_those_shown_are_not_sealed(office):
    draft = office.numbered()
    with pytest.raises(PagesChanged):
        office.seal(draft, shown="f" * 64)
    assert stored(draft).state == State.NUMBERED


def test_a_wrong_pin_seals_nothing(office):
    draft = office.numbered()
    with pytest.raises(WrongPIN):
        office.seal(draft, pin="1")
    assert stored(draft).signing_copy.sealed is None
    assert office.seal(stored(draft)).state == State.SEALED


def test_an_expired_seal_is_refused(office):
    draft = office.numbered()
    Certificate.objects.filter(body=office.city).update(not_after=NOW - MINUTE)
    with pytest.raises(NoUsableCertificate):
        office.seal(draft)


def test_a_document_is_sealed_once(office):
    draft = office.seal(office.numbered())
    with pytest.raises(StepNotAllowed):
        office.seal(draft)
    assert Act.objects.on(draft.outgoing).filter(kind=ActKind.SEALED).count() == 1


def test_a_pdf_attachment_bears_number_symbol_and_time_at_its_top_right(office, a_pdf, tmp_path):
    draft = office.seal(with_attachments(office, a_pdf))
    file = draft.outgoing.files.get(name="Phụ lục.pdf")
    (tmp_path / "attachment.pdf").write_bytes(store.read(file.blob))
    text = subprocess.run(
        ["pdftotext", tmp_path / "attachment.pdf", "-"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert text.split() == ["01/UBND-VX", "2026-11-23T09:30:00+07:00"]
    assert file.report["document"] == "attachment"
    assert file.report["signatures"][0]["agency"] == office.city.name


def test_another_file_travels_with_a_detached_signature_that_openssl_verifies(
    office, authority, a_pdf, tmp_path
):
    draft = office.seal(with_attachments(office, a_pdf))
    files = {it.name: store.read(it.blob) for it in draft.outgoing.files.all()}
    assert files["So lieu.csv"] == b"a;b\n1;2\n"
    (tmp_path / "file").write_bytes(files["So lieu.csv"])
    (tmp_path / "p7s").write_bytes(files["So lieu.csv.p7s"])
    (tmp_path / "root").write_bytes(pem(authority.root.certificate))
    command = [
        "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "p7s",
        "-content", tmp_path / "file", "-CAfile", tmp_path / "root", "-purpose", "any",
        "-attime", str(int(NOW.timestamp())), "-out", tmp_path / "out",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    (tmp_path / "file").write_bytes(b"a;b\n1;3\n")
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


# What did not come is held


def test_a_seal_without_time_stamp_is_held_and_not_issued(office, world, a_pdf):
    draft = with_attachments(office, a_pdf)
    world.has_tsa = False
    draft = office.seal(draft)
    assert draft.state == State.NUMBERED
    assert draft.outgoing.state == OutgoingDocument.State.NUMBERED
    assert not draft.outgoing.files.exists()
    assert Act.objects.on(draft).filter(kind=ActKind.SEAL_HELD).count() == 1
    with pytest.raises(SealHeld):
        office.seal(draft)


def test_a_held_seal_is_completed_by_the_worker_as_the_clerks_act(office, world, a_pdf):
    draft = with_attachments(office, a_pdf)
    world.has_tsa = False
    office.seal(draft)
    uses = KeyUse.objects.count()
    world.has_tsa = True
    assert office.complete(NOW + MINUTE)
    draft = stored(draft)
    assert (draft.state, draft.outgoing.state) == (State.SEALED, OutgoingDocument.State.SEALED)
    assert draft.outgoing.files.count() == 4
    assert KeyUse.objects.count() == uses
    sealed = Act.objects.on(draft.outgoing).get(kind=ActKind.SEALED)
    assert sealed.post_id == office.clerk.post_id
    assert not office.complete(NOW + 5 * MINUTE)


def test_a_seal_without_validation_data_is_held_until_they_come(office, world):
    draft = office.numbered()
    world.has_revocation = False
    office.seal(draft)
    use = KeyUse.objects.get(purpose="seal")
    assert (use.timestamp_pending, use.validation_data_pending) == (False, True)
    assert office.complete(NOW)
    assert stored(draft).state == State.NUMBERED
    world.has_revocation = True
    assert office.complete(NOW + MINUTE)
    assert stored(draft).state == State.SEALED
    assert Act.objects.on(draft).filter(kind=ActKind.SEAL_HELD).count() == 1


def test_a_seal_that_waited_too_long_lapses_and_the_clerk_is_asked_again(office, world):
    draft = office.numbered()
    world.has_tsa = False
    office.seal(draft)
    world.has_tsa = True
    late = NOW + PENDING_LIMIT + MINUTE
    assert office.complete(late)
    draft = stored(draft)
    assert (draft.state, draft.signing_copy.sealed) == (State.NUMBERED, None)
    draft = office.seal(draft, now=late)
    assert (draft.state, draft.outgoing.number) == (State.SEALED, 1)


def a_new_seal(office, authority):
    pkcs12 = authority.issue_seal(
        office.city.name,
        office.city.organ_id(NOW.date()),
        password=PIN,
        key="p256",
        valid_from=NOW - MINUTE,
        valid_to=NOW + timedelta(days=365),
    )
    return store_keystore(pkcs12, PIN, holder=office.city, officer=None, now=NOW)


def test_a_seal_whose_certificate_is_revoked_is_dropped(office, authority):
    draft = office.numbered()
    certificate = a_new_seal(office, authority)
    authority.revoke(int(certificate.serial, 16), NOW, x509.ReasonFlags.key_compromise)
    with pytest.raises(CertificateRevoked):
        office.seal(draft, now=NOW + MINUTE)
    draft = stored(draft)
    assert (draft.state, draft.signing_copy.sealed) == (State.NUMBERED, None)
    assert not draft.outgoing.files.exists()


# A crash at each boundary: nothing twice


@pytest.mark.parametrize("stamp", [2, 3, 4])
def test_after_a_crash_while_sealing_the_clerk_seals_again_and_nothing_is_double(
    office, world, a_pdf, stamp
):
    draft = with_attachments(office, a_pdf)
    world.dies_at_stamp = stamp  # the first was the signatory's
    with pytest.raises(ProcessKilled):
        office.seal(draft)
    assert stored(draft).state == State.NUMBERED
    assert not office.complete(NOW + SIGNING_LEASE)
    with pytest.raises(KeyInUse):
        office.seal(stored(draft), now=NOW + MINUTE)
    draft = office.seal(stored(draft), now=NOW + SIGNING_LEASE)
    assert draft.state == State.SEALED
    assert draft.outgoing.files.count() == 4
    assert OutgoingDocument.objects.count() == Series.objects.get().last_number == 1
    assert Act.objects.on(draft.outgoing).filter(kind=ActKind.SEALED).count() == 1


@pytest.mark.parametrize("stamp", [1, 2, 3])
def test_after_a_crash_of_the_worker_the_seal_is_completed_once(office, world, a_pdf, stamp):
    draft = with_attachments(office, a_pdf)
    world.has_tsa = False
    office.seal(draft)
    world.has_tsa = True
    world.dies_at_stamp = world.stamps + stamp
    with pytest.raises(ProcessKilled):
        office.complete(NOW + MINUTE)
    assert stored(draft).state == State.NUMBERED
    assert not office.complete(NOW + MINUTE)  # leased
    assert office.complete(NOW + 3 * MINUTE)
    assert stored(draft).state == State.SEALED
    assert Act.objects.on(stored(draft).outgoing).filter(kind=ActKind.SEALED).count() == 1


def test_of_two_clerks_at_once_only_one_uses_the_seal(office):
    draft = office.numbered()
    shown = draft.signing_copy.shown
    claim_seal(draft, shown=shown, officer=office.clerk, now=NOW)
    with pytest.raises(KeyInUse):
        claim_seal(stored(draft), shown=shown, officer=office.clerk, now=NOW)


def test_a_document_signed_in_the_old_year_and_numbered_in_the_new_begins_the_new_series(office):
    """The year goes by the day of issue (Điều 15.1): the decree is silent, this is our rule."""
    draft = office.sign(office.approved(), now=hanoi("2026-12-31T23:59"))
    draft = actions.number_draft(draft, officer=office.clerk, now=hanoi("2027-01-01T00:00"))
    document = draft.outgoing
    assert (document.year, document.number, str(document.issued_on)) == (2027, 1, "2027-01-01")
    draft = office.seal(draft, now=hanoi("2027-01-01T00:01"))
    assert draft.state == State.SEALED


# A number that is cancelled


def test_a_cancelled_number_frees_the_draft_for_another(office):
    draft = office.numbered()
    first = draft.outgoing
    draft = actions.cancel_number(
        draft, reason="Cấp nhầm ngày", officer=office.office_head, now=NOW
    )
    assert (draft.state, draft.outgoing) == (State.SIGNED, None)
    draft = actions.number_draft(draft, officer=office.clerk, now=NOW)
    draft = office.seal(draft)
    first.refresh_from_db()
    assert (first.state, draft.outgoing.number) == (OutgoingDocument.State.CANCELLED, 2)


def test_the_number_of_a_held_seal_may_be_cancelled(office, world):
    draft = office.numbered()
    world.has_tsa = False
    draft = office.seal(draft)
    draft = actions.cancel_number(draft, reason="Cấp nhầm", officer=office.office_head, now=NOW)
    world.has_tsa = True
    assert not office.complete(NOW + MINUTE)
    draft = actions.number_draft(draft, officer=office.clerk, now=NOW + MINUTE)
    assert office.seal(draft, now=NOW + MINUTE).outgoing.number == 2


def test_a_worker_that_holds_a_seal_whose_number_is_cancelled_drops_it(office, world):
    draft = office.numbered()
    world.has_tsa = False
    draft = office.seal(draft)
    world.has_tsa = True

    def cancel():
        actions.cancel_number(
            stored(draft), reason="Cấp nhầm", officer=office.office_head, now=NOW + MINUTE
        )

    world.meanwhile = cancel
    assert office.complete(NOW + MINUTE)
    now = stored(draft)
    assert (now.state, now.outgoing, now.signing_copy.sealed) == (State.SIGNED, None, None)
    assert not KeyUse.objects.pending().exists()
    assert not OutgoingFile.objects.exists()


def test_a_number_is_not_cancelled_while_it_is_being_sealed(office):
    draft = office.numbered()
    claim_seal(draft, shown=draft.signing_copy.shown, officer=office.clerk, now=NOW)
    with pytest.raises(KeyInUse):
        actions.cancel_number(stored(draft), reason="Cấp nhầm", officer=office.office_head, now=NOW)
    assert stored(draft).state == State.NUMBERED


def test_a_clock_behind_the_series_leaves_the_draft_signed(office):
    office.numbered(now=NOW + timedelta(days=1))
    draft = office.sign(office.approved(now=NOW), now=NOW)
    with pytest.raises(ClockBehindSeries):
        actions.number_draft(draft, officer=office.clerk, now=NOW)
    assert stored(draft).state == State.SIGNED
    assert Series.objects.get().last_number == 1
