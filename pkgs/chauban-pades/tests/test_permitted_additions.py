"""A file that came back signed from another machine: one signature more, and nothing else.

pyHanko plays the program that signs whole files. Each refusal differs from what is accepted in
one thing.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from chauban_pades import (
    add_timestamp,
    add_validation_data,
    assess,
    fill_and_seal,
    reserve,
    sign,
)
from chauban_pades.errors import (
    FieldNotFilled,
    SignatureNotPAdES,
    SignedByAnotherCertificate,
    SignedOutOfOrder,
)
from chauban_pades.filling_before import SealLocksText, fill_before_seal
from chauban_pades.permitted_additions import (
    AdditionNotPermitted,
    FileNotCovered,
    LockAdded,
    MoreAdded,
    NotOneSignatureAdded,
    NotSignedInField,
    NotTheFileSent,
    RevisionsAdded,
    require_only_signature_added,
)
from chauban_pades.second_leg import assess_with_pyhanko
from chauban_pki.credentials import KeyCredential
from chauban_pki.errors import PKIError
from chauban_pki.keystore import write_keystore

pytest.importorskip("pyhanko", reason="pyHanko is not installed")
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner, fields

PADES = fields.SigSeedSubFilter.PADES
TOP_RIGHT = (400, 790, 570, 820)
Program = Callable[..., bytes]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program: signs a file in a field, a new one where there is none of that name."""

    def signed(
        pdf: bytes,
        key: KeyCredential,
        field: str,
        *,
        box: tuple[int, ...] | None = None,
        also: Callable[[IncrementalPdfFileWriter], None] | None = None,
        **options: Any,
    ) -> bytes:
        kept = tmp_path / "key.p12"
        kept.write_bytes(write_keystore(key.key, key.certificate, key.chain, "x"))
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        if also is not None:
            also(writer)
        given = {"md_algorithm": "sha256", "subfilter": PADES, **options}
        signer = PdfSigner(
            PdfSignatureMetadata(field_name=field, **given),
            signer=SimpleSigner.load_pkcs12(kept, passphrase=b"x"),
            new_field_spec=fields.SigFieldSpec(field, box=box) if box else None,
        )
        written: io.BytesIO = signer.sign_pdf(writer, bytes_reserved=32768)
        return written.getvalue()

    return signed


@pytest.fixture(scope="session")
def for_program(letter: bytes) -> bytes:
    """The letter, laid out for a seal that is made elsewhere."""
    return reserve(letter, filled_before_seal=True)


@pytest.fixture
def filled(for_program, signatory, timestamp, now, values) -> bytes:
    """Signed by its signatory, then numbered and dated: what the clerk's program is given."""
    signed = sign(
        for_program, field="signatory-1", credential=signatory, timestamp=timestamp, now=now
    )
    return fill_before_seal(signed, field="seal-1", values=values)


@pytest.fixture(scope="session")
def attachment() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    written = io.BytesIO()
    pdf.save(written)
    return written.getvalue()


# What is accepted


def test_a_signature_in_the_reserved_field_is_accepted(for_program, program, signatory):
    returned = program(for_program, signatory, "signatory-1")
    name = require_only_signature_added(
        for_program, returned, certificate=signatory.certificate, field="signatory-1"
    )
    assert name == "signatory-1"


def test_a_seal_over_number_and_date_filled_before_it_is_complete_to_every_judge(
    filled, program, seal, timestamp, validation_data, trust, now, judge, checked
):
    returned = program(filled, seal, "seal-1")
    require_only_signature_added(filled, returned, certificate=seal.certificate, field="seal-1")
    stamped = add_timestamp(returned, field="seal-1", timestamp=timestamp)
    document = add_validation_data(stamped, data=validation_data)
    checked(document)
    found = judge(document)
    assert all(each["valid"] and each["timestamped"] for each in found.values()), found
    assert found["signatory-1"]["changes"] == "FORM_FILLING"
    assert found["seal-1"]["changes"] == "LTA_UPDATES"
    first = assess(document, trust=trust, at=now)
    second = assess_with_pyhanko(document, trust=trust, at=now, data=validation_data)
    for leg in (first, second):
        assert (leg.document, leg.changes_after_signing) == ("complete", ())
    assert {each.level for each in first.signatures} == {"B-LT"}


def test_a_field_of_the_programs_own_is_accepted_where_none_is_reserved(attachment, program, seal):
    for options in ({}, {"box": TOP_RIGHT}):
        returned = program(attachment, seal, "Signature1", **options)
        name = require_only_signature_added(attachment, returned, certificate=seal.certificate)
        assert name == "Signature1"


def test_a_second_signature_may_be_added_to_an_attachment_signed_before(
    attachment, program, seal, signatory
):
    once = program(attachment, signatory, "Signature1")
    returned = program(once, seal, "Signature2", box=TOP_RIGHT)
    assert (
        require_only_signature_added(once, returned, certificate=seal.certificate) == "Signature2"
    )


# What is refused


def _page(writer: IncrementalPdfFileWriter) -> Any:
    page, _ = writer.find_page_for_modification(0)[:2]
    return page.get_object()


def _annotated(writer: IncrementalPdfFileWriter) -> None:
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Text"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (9, 9, 30, 30))),
            pdf_name("/Contents"): pdf_string("15/QĐ-UBND"),
        }
    )
    page = _page(writer)
    listed = page.get("/Annots", generic.ArrayObject())
    page[pdf_name("/Annots")] = generic.ArrayObject([*listed, writer.add_object(note)])
    writer.update_container(page)


def _drawn(writer: IncrementalPdfFileWriter) -> None:
    content = generic.StreamObject(stream_data=b"0 0 9 9 re f")
    page = _page(writer)
    page[pdf_name("/Contents")] = writer.add_object(content)
    writer.update_container(page)


def _turned(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    page[pdf_name("/Rotate")] = generic.NumberObject(180)
    writer.update_container(page)


def _with_script(writer: IncrementalPdfFileWriter) -> None:
    action = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("0")}
    writer.root[pdf_name("/OpenAction")] = generic.DictionaryObject(action)
    writer.update_root()


def _numbered(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    field = next(one.get_object() for one in form["/Fields"] if one.get_object()["/T"] == "number")
    field[pdf_name("/V")] = pdf_string("99")
    writer.update_container(field)


@pytest.mark.parametrize(
    ("also", "code"),
    [
        (_annotated, "annotation-added"),
        (_drawn, "page-content-changed"),
        (_turned, "page-changed"),
        (_with_script, "action-changed"),
        (_numbered, "field-changed"),
    ],
    ids=["annotation", "page content", "page turned", "script", "number"],
)
def test_nothing_else_may_be_changed_in_the_revision(
    for_program, program, signatory, also, code, judge
):
    returned = program(for_program, signatory, "signatory-1", also=also)
    with pytest.raises(MoreAdded) as refused:
        require_only_signature_added(
            for_program, returned, certificate=signatory.certificate, field="signatory-1"
        )
    assert any(what in (code, "appearance-differs") for what in refused.value.what), refused.value
    assert judge(returned)["signatory-1"]["coverage"] == "ENTIRE_FILE", "a whole signature else"


@pytest.mark.parametrize("also", [_annotated, _drawn], ids=["annotation", "page content"])
def test_nothing_else_may_be_added_to_an_attachment(attachment, program, seal, also):
    returned = program(attachment, seal, "Signature1", box=TOP_RIGHT, also=also)
    with pytest.raises(MoreAdded):
        require_only_signature_added(attachment, returned, certificate=seal.certificate)


def test_another_beginning_is_refused(for_program, program, signatory):
    returned = program(for_program, signatory, "signatory-1")
    for other in (b"\n" + returned, returned.replace(b"%PDF-1.7", b"%PDF-1.6", 1)):
        with pytest.raises(NotTheFileSent):
            require_only_signature_added(
                for_program, other, certificate=signatory.certificate, field="signatory-1"
            )


def test_a_further_revision_is_refused(for_program, program, signatory, seal):
    returned = program(program(for_program, signatory, "signatory-1"), seal, "seal-1")
    for field in ("signatory-1", "seal-1"):
        with pytest.raises(RevisionsAdded) as refused:
            require_only_signature_added(
                for_program, returned, certificate=signatory.certificate, field=field
            )
        assert refused.value.count == 2


def test_the_file_as_it_was_is_refused(for_program, signatory):
    with pytest.raises(RevisionsAdded) as refused:
        require_only_signature_added(
            for_program, for_program, certificate=signatory.certificate, field="signatory-1"
        )
    assert refused.value.count == 0


def test_a_revision_without_a_signature_is_refused(for_program, attachment, signatory):
    for pdf, field, error in (
        (for_program, "signatory-1", NotSignedInField),
        (attachment, None, NotOneSignatureAdded),
    ):
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        _drawn(writer)
        written = io.BytesIO()
        writer.write(written)
        with pytest.raises(error):
            require_only_signature_added(
                pdf, written.getvalue(), certificate=signatory.certificate, field=field
            )


def test_bytes_behind_the_signature_are_refused(for_program, program, signatory):
    returned = program(for_program, signatory, "signatory-1") + b"\n"
    with pytest.raises(FileNotCovered):
        require_only_signature_added(
            for_program, returned, certificate=signatory.certificate, field="signatory-1"
        )


def test_a_field_of_its_own_beside_the_reserved_one_is_refused(for_program, program, signatory):
    returned = program(for_program, signatory, "Signature1", box=TOP_RIGHT)
    with pytest.raises(NotSignedInField):
        require_only_signature_added(
            for_program, returned, certificate=signatory.certificate, field="signatory-1"
        )


def test_the_other_reserved_field_is_refused(for_program, program, signatory):
    returned = program(for_program, signatory, "seal-1")
    with pytest.raises(NotSignedInField):
        require_only_signature_added(
            for_program, returned, certificate=signatory.certificate, field="signatory-1"
        )


def test_a_signature_by_somebody_else_is_refused(for_program, program, signatory, seal):
    returned = program(for_program, seal, "signatory-1")
    with pytest.raises(SignedByAnotherCertificate):
        require_only_signature_added(
            for_program, returned, certificate=signatory.certificate, field="signatory-1"
        )


def test_a_signature_that_does_not_verify_is_refused(for_program, program, signatory):
    returned = bytearray(program(for_program, signatory, "signatory-1"))
    returned[returned.index(b"pyHanko", len(for_program))] ^= 1
    with pytest.raises(PKIError):
        require_only_signature_added(
            for_program, bytes(returned), certificate=signatory.certificate, field="signatory-1"
        )


def test_another_format_than_pades_is_refused(for_program, program, signatory):
    old = fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    returned = program(for_program, signatory, "signatory-1", subfilter=old)
    with pytest.raises(SignatureNotPAdES):
        require_only_signature_added(
            for_program, returned, certificate=signatory.certificate, field="signatory-1"
        )


def test_a_program_that_locks_the_document_is_refused(attachment, program, seal):
    """Certified, the file could take no further signature (ISO 32000-1 clause 12.8.2.2)."""
    none = fields.MDPPerm.NO_CHANGES
    returned = program(attachment, seal, "Signature1", certify=True, docmdp_permissions=none)
    with pytest.raises(LockAdded):
        require_only_signature_added(attachment, returned, certificate=seal.certificate)


def test_every_refusal_says_what_happened_and_what_to_do():
    made = [
        NotTheFileSent(), RevisionsAdded(2), NotSignedInField("seal-1"), NotOneSignatureAdded(0),
        FileNotCovered(), LockAdded(), MoreAdded(("x",), detail_vi="x", detail_en="x"),
        SealLocksText("seal-1"),
    ]  # fmt: skip
    assert {type(each) for each in made} >= set(AdditionNotPermitted.__subclasses__())
    for each in made:
        assert each.vi.endswith(".")
        assert each.en.endswith(".")
        assert "Hãy" in each.vi
    assert len({each.code for each in made}) == len(made)


# Number and date before the seal


def test_number_and_date_are_not_filled_before_a_seal_that_locks_them(signed, values):
    with pytest.raises(SealLocksText):
        fill_before_seal(signed, field="seal-1", values=values)


def test_number_and_date_are_filled_all_at_once_and_after_the_signatory(
    for_program, filled, signatory, timestamp, now, values
):
    with pytest.raises(SignedOutOfOrder):
        fill_before_seal(for_program, field="seal-1", values=values)
    signed = sign(
        for_program, field="signatory-1", credential=signatory, timestamp=timestamp, now=now
    )
    with pytest.raises(FieldNotFilled):
        fill_before_seal(
            signed, field="seal-1", values={k: v for k, v in values.items() if k != "day"}
        )


def test_what_was_filled_before_a_seal_that_did_not_come_is_no_document(filled, trust, now):
    report = assess(filled, trust=trust, at=now)
    assert report.document == "altered"
    assert {each.what for each in report.changes_after_signing} == {"filled-without-seal"}


def test_only_the_revision_right_before_the_seal_may_fill(
    filled, for_program, program, seal, trust, now
):
    writer = IncrementalPdfFileWriter(io.BytesIO(filled))
    writer.update_root()
    between = io.BytesIO()
    writer.write(between)
    returned = program(between.getvalue(), seal, "seal-1")
    assert assess(returned, trust=trust, at=now).document == "altered"


def test_a_document_so_laid_out_may_also_be_filled_in_the_seals_own_revision(
    for_program, signatory, seal, timestamp, now, values, validation_data, judge
):
    signed = sign(
        for_program, field="signatory-1", credential=signatory, timestamp=timestamp, now=now
    )
    sealed = fill_and_seal(
        signed, field="seal-1", values=values, credential=seal, timestamp=timestamp, now=now
    )
    found = judge(add_validation_data(sealed, data=validation_data))
    assert all(each["valid"] for each in found.values()), found
