"""Files of other systems: pyHanko stands in for them (reserved-fields.md section 8).

Number and stamps are often written as page content in the revision that the organisation
signs. `altered` only where a digest fails or a change is not covered by a later valid seal.
"""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pikepdf
import pytest
from asn1crypto import cms, keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from chauban_pades import Report, add_validation_data, assess
from chauban_pades.second_leg import assess_with_pyhanko
from chauban_pki.certificates import encoded
from chauban_pki.credentials import KeyCredential
from chauban_pki.reasons import Verdict
from chauban_pki.revocation import ValidationData
from chauban_pki.timestamps import Timestamper
from chauban_pki.trust import Fetch, Trust


class Stamper(TimeStamper):
    """Our time-stamper under pyHanko's name for one."""

    def __init__(self, timestamp: Timestamper) -> None:
        super().__init__()
        self._timestamp = timestamp

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        assert md_algorithm == "sha256"
        return cms.ContentInfo.load(self._timestamp(message_digest))


def signer(credential: KeyCredential) -> signers.SimpleSigner:
    """pyHanko's signer with that key and chain."""
    key = credential.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    chain = [asn1_x509.Certificate.load(encoded(one)) for one in credential.chain]
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(encoded(credential.certificate)),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore.from_certs(chain),
    )


Foreign = Callable[..., bytes]


@pytest.fixture(scope="session")
def foreign(timestamp: Timestamper) -> Foreign:
    """Adds a signature field of its own naming, signs it; `change` edits in that revision."""

    def signed(
        pdf: bytes,
        name: str,
        credential: KeyCredential,
        *,
        box: tuple[int, int, int, int] | None = (300, 100, 500, 160),
        change: Callable[[IncrementalPdfFileWriter], None] = lambda writer: None,
        subfilter: fields.SigSeedSubFilter = fields.SigSeedSubFilter.PADES,
        **how: Any,
    ) -> bytes:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        change(writer)
        pdf_signer = signers.PdfSigner(
            signers.PdfSignatureMetadata(
                field_name=name, md_algorithm="sha256", subfilter=subfilter, **how
            ),
            signer=signer(credential),
            timestamper=Stamper(timestamp),
            stamp_style=TextStampStyle(stamp_text="ky") if box else None,
            new_field_spec=fields.SigFieldSpec(name, box=box),
        )
        return bytes(pdf_signer.sign_pdf(writer, bytes_reserved=16384).getvalue())

    return signed


def number_on_the_page(writer: IncrementalPdfFileWriter) -> None:
    """Writes the number as page content, as other systems do."""
    content = generic.StreamObject(stream_data=b"q BT /F 12 Tf 100 700 Td (05) Tj ET Q")
    page = writer.root["/Pages"]["/Kids"][0]
    contents = page.raw_get("/Contents")
    before = contents.get_object()
    parts = list(before) if isinstance(before, generic.ArrayObject) else [contents]
    page["/Contents"] = generic.ArrayObject([*parts, writer.add_object(content)])
    writer.update_container(page)


def annotation(writer: IncrementalPdfFileWriter) -> None:
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Stamp"),
            generic.pdf_name("/Rect"): generic.ArrayObject(
                [generic.NumberObject(n) for n in (72, 600, 200, 700)]
            ),
        }
    )
    page = writer.root["/Pages"]["/Kids"][0]
    listed = list(page.get("/Annots", ()))
    page["/Annots"] = generic.ArrayObject([*listed, writer.add_object(note)])
    writer.update_container(page)


def written(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The PDF with one more revision that nobody signs."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


Both = Callable[[bytes], tuple[Report, Report]]


@pytest.fixture
def both_legs(trust: Trust, now: datetime, fetch: Fetch, validation_data: ValidationData) -> Both:
    """The reports of both legs, the second with the data that the first may fetch."""

    def assessed(pdf: bytes) -> tuple[Report, Report]:
        first = assess(pdf, trust=trust, at=now, fetch=fetch)
        return first, assess_with_pyhanko(pdf, trust=trust, at=now, data=validation_data)

    return assessed


@pytest.fixture(scope="session")
def by_person(letter: bytes, foreign: Foreign, signatory: KeyCredential) -> bytes:
    return foreign(letter, "Signature1", signatory)


@pytest.fixture(scope="session")
def by_both(by_person: bytes, foreign: Foreign, seal: KeyCredential) -> bytes:
    return foreign(by_person, "Signature2", seal, box=(100, 100, 200, 200))


def test_one_person_and_one_organisation_make_a_foreign_file_complete(
    by_both: bytes, both_legs: Both
) -> None:
    """Design decision 17."""
    for report in both_legs(by_both):
        assert (report.document, report.verdict) == ("complete", Verdict.TOTAL_PASSED)
        assert report.changes_after_signing == ()


def test_one_person_alone_leaves_a_foreign_file_without_seal(
    by_person: bytes, both_legs: Both
) -> None:
    assert [report.document for report in both_legs(by_person)] == ["no-seal", "no-seal"]


def test_one_organisation_alone_leaves_a_foreign_file_without_signature(
    letter: bytes, foreign: Foreign, seal: KeyCredential, both_legs: Both
) -> None:
    pdf = foreign(letter, "Signature1", seal)
    assert [report.document for report in both_legs(pdf)] == ["no-signature", "no-signature"]


def test_an_organisation_alone_at_the_top_right_signs_an_attachment(
    letter: bytes, foreign: Foreign, seal: KeyCredential, both_legs: Both
) -> None:
    """Phụ lục I mục II.8.b: the place tells it, whatever the field is called."""
    pdf = foreign(letter, "Signature1", seal, box=(400, 780, 560, 830))
    assert [report.document for report in both_legs(pdf)] == ["attachment", "attachment"]


@pytest.mark.parametrize("change", [number_on_the_page, annotation])
def test_a_number_written_under_the_seal_is_stamped_by_the_issuer(
    by_person: bytes,
    foreign: Foreign,
    seal: KeyCredential,
    both_legs: Both,
    change: Callable[[IncrementalPdfFileWriter], None],
) -> None:
    pdf = foreign(by_person, "Signature2", seal, box=(100, 100, 200, 200), change=change)
    for report in both_legs(pdf):
        assert (report.document, report.verdict) == ("stamped-by-issuer", Verdict.INDETERMINATE)
        person, organisation = report.signatures
        assert [one.code for one in person.reasons] == ["stamped-by-issuer"]
        assert organisation.verdict is Verdict.TOTAL_PASSED


def test_what_changed_is_named_with_its_page_and_revision(
    by_person: bytes, foreign: Foreign, seal: KeyCredential, both_legs: Both
) -> None:
    pdf = foreign(by_person, "Signature2", seal, change=number_on_the_page)
    changes = both_legs(pdf)[0].changes_after_signing
    assert [(one.what, one.page, one.revision) for one in changes] == [
        ("page-content-changed", 1, 3)
    ]


@pytest.mark.parametrize("change", [number_on_the_page, annotation])
def test_what_no_seal_covers_is_altered(
    by_both: bytes, both_legs: Both, change: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    for report in both_legs(written(by_both, change)):
        assert (report.document, report.verdict) == ("altered", Verdict.TOTAL_FAILED)


def test_a_stamp_under_a_person_s_signature_is_altered(
    by_person: bytes, foreign: Foreign, signatory: KeyCredential, both_legs: Both
) -> None:
    """Only an organisation can stand for what was added after a person signed."""
    pdf = foreign(by_person, "Signature2", signatory, change=number_on_the_page)
    assert both_legs(pdf)[0].document == "altered"


def test_a_seal_that_nothing_proves_covers_nothing_yet(
    by_person: bytes, foreign: Foreign, seal: KeyCredential, trust: Trust, now: datetime
) -> None:
    pdf = foreign(by_person, "Signature2", seal, change=number_on_the_page)
    report = assess(pdf, trust=trust, at=now)
    assert report.document == "not-enough-evidence"
    assert "stamp-not-proved" in [one.code for one in report.signatures[0].reasons]


def test_a_visible_signature_after_the_last_seal_is_altered(
    by_both: bytes, foreign: Foreign, signatory: KeyCredential, both_legs: Both
) -> None:
    """Sneaky signature attack (Rohlmann et al., IEEE S&P 2021): its picture may hide the text."""
    report = both_legs(foreign(by_both, "Signature3", signatory, box=(0, 0, 595, 842)))[0]
    assert report.document == "altered"
    assert [one.what for one in report.changes_after_signing] == ["signature-added"]


def test_a_signature_that_shows_nothing_may_follow_the_seal(
    by_both: bytes, foreign: Foreign, signatory: KeyCredential, both_legs: Both
) -> None:
    pdf = foreign(by_both, "Signature3", signatory, box=None)
    assert [report.document for report in both_legs(pdf)] == ["complete", "complete"]


def test_a_certification_that_forbids_changes_is_obeyed(
    letter: bytes, foreign: Foreign, signatory: KeyCredential, seal: KeyCredential, both_legs: Both
) -> None:
    """ISO 32000-1 clause 12.8.2.2: DocMDP with /P 1."""
    certified = foreign(
        letter,
        "Signature1",
        signatory,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    empty = pikepdf.open(io.BytesIO(certified))
    assert "/Perms" in empty.Root
    pdf = written(certified, annotation)
    assert both_legs(pdf)[0].document == "altered"


def test_a_signature_without_the_signing_certificate_attribute_is_plain_cms(
    letter: bytes, foreign: Foreign, signatory: KeyCredential, both_legs: Both
) -> None:
    """ISO 32000-1 clause 12.8.3.3 asks for no such attribute; PAdES does."""
    pdf = foreign(
        letter,
        "Signature1",
        signatory,
        subfilter=fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
    )
    (signature,) = both_legs(pdf)[0].signatures
    assert signature.verdict is Verdict.TOTAL_PASSED


def stamped(pdf: bytes, timestamp: Timestamper) -> bytes:
    """The PDF with a document time-stamp by pyHanko."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    stamper = signers.PdfTimeStamper(Stamper(timestamp))
    return bytes(stamper.timestamp_pdf(writer, "sha256", bytes_reserved=16384).getvalue())


def test_a_document_time_stamp_over_the_validation_data_makes_lta(
    by_both: bytes, validation_data: ValidationData, timestamp: Timestamper, both_legs: Both
) -> None:
    """ETSI EN 319 142-1 clause 5.4.3: level B-LTA; both signatures stay whole."""
    kept = add_validation_data(by_both, data=validation_data)
    first, second = both_legs(stamped(kept, timestamp))
    assert [one.level for one in first.signatures] == ["B-LTA", "B-LTA"]
    assert (first.document, second.document) == ("complete", "complete")


def test_a_document_time_stamp_over_other_bytes_is_a_fault(
    by_both: bytes, validation_data: ValidationData, timestamp: Timestamper, both_legs: Both
) -> None:
    kept = add_validation_data(by_both, data=validation_data)
    report = both_legs(stamped(kept, lambda digest: timestamp(bytes(32))))[0]
    assert (report.document, report.verdict) == ("invalid", Verdict.TOTAL_FAILED)


# Hybrid cross-references


def hybrid(pdf: bytes, *, shown: bool, word: bool = True) -> bytes:
    """The PDF with a revision whose object only newer readers find; shown: page 1 shows it.

    Word marks the object free in one section and gives it in the hidden part of the next; word
    False: both stand in one section.
    """
    reader = pikepdf.open(io.BytesIO(pdf))
    number, page = int(reader.trailer.Size), reader.pages[0].obj
    out = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    previous = int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])
    trailer = b"/Size %d /Root %d 0 R" % (number + 2, reader.Root.objgen[0])
    page_number = page.objgen[0]
    text = bytes(page.unparse(resolved=True))
    if shown:
        text = text.replace(page.Contents.unparse(), b"[ %b ]" % page.Contents.unparse())
        text = text.replace(b"/Contents [ ", b"/Contents [ %d 0 R " % number)
    hidden_at = len(out)
    out += b"%d 0 obj\n<< /Length 3 >>\nstream\nq Q\nendstream\nendobj\n" % number
    page_at = len(out)
    out += b"%d 0 obj\n%b\nendobj\n" % (page_number, text)
    stream_at = len(out)
    row = b"\x01" + hidden_at.to_bytes(4, "big") + b"\x00"
    out += b"%d 0 obj\n<< /Type /XRef /W [1 4 1] /Index [%d 1] /Size %d /Length %d >>\nstream\n" % (
        number + 1,
        number,
        number + 2,
        len(row),
    )
    out += row + b"\nendstream\nendobj\n"
    table_at = len(out)
    out += b"xref\n%d 1\n%010d 00000 n \n" % (page_number, page_at)
    out += b"%d 1\n0000000000 65535 f \n" % number
    if word:
        out += b"trailer\n<< %b /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
            trailer,
            previous,
            table_at,
        )
        previous, table_at = table_at, len(out)
        out += b"xref\n0 0\n"
    out += b"trailer\n<< %b /Prev %d /XRefStm %d >>\n" % (trailer, previous, stream_at)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table_at)


@pytest.mark.parametrize(
    ("shown", "word", "code"),
    [
        (False, True, "unsigned"),
        (True, True, "hybrid-differs"),
        (False, False, "hybrid-differs"),
        (True, False, "hybrid-differs"),
    ],
)
def test_a_hybrid_file_is_refused_only_where_its_two_readings_differ(
    letter: bytes, trust: Trust, now: datetime, shown: bool, word: bool, code: str
) -> None:
    """ISO 32000-1 clause 7.5.8.4. What is free and given in one section is read by some only."""
    report = assess(hybrid(letter, shown=shown, word=word), trust=trust, at=now)
    assert [one.code for one in report.reasons] == [code]
